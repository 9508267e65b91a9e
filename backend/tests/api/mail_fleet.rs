//! Several mail servers: one at the door, two on which mailboxes live, each started from what is rendered for its name. A mailbox
//! goes from one to the other.

use crate::{
    mail_stack::{Dialog, FarEnd, PATIENCE, Stack, done, root},
    support::{Browser, panel},
};
use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

const PASSWORD: &str = "vier Worte ohne Sinn 47";

async fn make(browser: &Browser, path: &str, body: Value) -> Value {
    let answer = browser.json(Method::POST, path, &body).await;
    assert!(answer.status.is_success(), "{body}: {} {}", answer.status, answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

async fn mailbox(browser: &Browser, address: &str, data: Value) -> String {
    let body = json!({ "address": address, "password": PASSWORD, "data": data });
    make(browser, "/api/v1/mailboxes", body).await["id"].as_str().unwrap().to_owned()
}

async fn server(browser: &Browser, stack: &Stack, name: &str, roles: &[&str]) {
    let address = stack.address.to_string();
    let body = json!({ "name": name, "host_name": format!("{name}.h.example"), "address": address, "roles": roles });
    make(browser, "/api/v1/mail-servers", body).await;
}

async fn change(browser: &Browser, ids: &[&str], change: Value) -> Value {
    make(browser, "/api/v1/mailboxes/change", json!({ "selection": { "ids": ids }, "change": change })).await
}

/// Whether a mailbox has a folder on a server.
fn lies_on(stack: &Stack, address: &str) -> bool {
    let (local, domain) = address.split_once('@').unwrap();
    let path = stack.folder().join("mail").join(domain).join(local);
    root("test").arg("-d").arg(path).status().unwrap().success()
}

struct Fleet {
    door: Stack,
    old: Stack,
    new: Stack,
}

impl Fleet {
    async fn renew(&self, browser: &Browser) {
        for stack in [&self.door, &self.old, &self.new] {
            assert_eq!(stack.renew(browser).await, [], "nothing is left out");
        }
    }

    fn log(&self) -> String {
        format!("door: {}\nold: {}\nnew: {}", self.door.log(), self.old.log(), self.new.log())
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_mailbox_goes_from_one_server_to_another(pool: PgPool) {
    let mut browser = panel(pool.clone()).await;
    browser.import(&[("domains.csv", "Domain;Kundennr\nk.example;\nneu.example;\n")]).await;
    browser.log_in().await;
    let chef = mailbox(&browser, "chef@k.example", json!({})).await;
    let far = FarEnd::start();
    let named = |name| Stack::named(far.port, name);
    let mut fleet = Fleet { door: named("door"), old: named("old"), new: named("new") };
    // What was there before lives on the first that keeps mail.
    server(&browser, &fleet.old, "old", &["store"]).await;
    server(&browser, &fleet.door, "door", &["mx", "submission", "proxy"]).await;
    server(&browser, &fleet.new, "new", &["store"]).await;
    let neu = mailbox(&browser, "neu@k.example", json!({ "forward": ["fern@else.example"] })).await;
    let voll = mailbox(&browser, "voll@k.example", json!({})).await;
    let away = json!({ "reply_on": true, "reply_subject": "Bin weg", "reply_text": "Bald zurück." });
    mailbox(&browser, "weg@k.example", away).await;
    let done_ = change(&browser, &[&neu], json!({ "server": "new" })).await;
    assert_eq!(done_["items"][0]["differs"]["server"], json!({ "before": "old", "after": "new" }));
    browser.context.clock.advance(120);
    make(
        &browser,
        "/api/v1/aliases",
        json!({ "address": "alle@k.example", "targets": ["chef@k.example", "neu@k.example"] }),
    )
    .await;
    let app = json!({ "label": "Telefon", "protocols": ["imap"] });
    let app = make(&browser, &format!("/api/v1/mailboxes/{chef}/app-passwords"), app).await;

    fleet.renew(&browser).await;
    fleet.old.start_with(&[143, 110, 4190], &[10026]);
    fleet.new.start_with(&[143, 110, 4190], &[10026]);
    fleet.door.start_with(&[143, 110, 4190], &[25, 587]);
    arrives(&fleet, &far);
    reads(&fleet, app["password"].as_str().unwrap());
    sends(&fleet, &far);
    strangers(&fleet);
    full(&fleet, &browser, &voll).await;
    ahead(&fleet, &browser).await;
    moves(&fleet, &browser, &chef).await;
}

fn arrives(fleet: &Fleet, far: &FarEnd) {
    let mut smtp = fleet.door.smtp();
    let from = "kunde@else.example";
    for (to, subject) in [("chef+laden@k.example", "eins"), ("alle@k.example", "zwei")] {
        let said = smtp.mail(from, &[to], &format!("To: {to}\r\nSubject: {subject}"));
        assert!(said.starts_with("250"), "{to}: {said}");
    }
    assert!(fleet.old.arrived("chef@k.example", PASSWORD, "eins"), "{}", fleet.log());
    for (stack, user) in [(&fleet.old, "chef@k.example"), (&fleet.new, "neu@k.example")] {
        assert!(stack.arrived(user, PASSWORD, "zwei"), "{user}: {}", fleet.log());
        assert!(fleet.door.arrived(user, PASSWORD, "zwei"), "{user} through the door: {}", fleet.log());
    }
    for (stack, user) in [
        (&fleet.new, "chef@k.example"),
        (&fleet.door, "chef@k.example"),
        (&fleet.old, "neu@k.example"),
        (&fleet.door, "neu@k.example"),
    ] {
        assert!(!lies_on(stack, user), "{user} lies in one place");
    }
    // Followed at the door, forwards are not followed again at home.
    assert!(smtp.mail(from, &["neu@k.example"], "To: neu@k.example\r\nSubject: drei").starts_with("250"));
    assert!(fleet.new.arrived("neu@k.example", PASSWORD, "drei"), "{}", fleet.log());
    assert_eq!(far.wait("Subject: drei", 1).len(), 1, "{}", fleet.log());
    assert!(smtp.say(&format!("MAIL FROM:<{from}>")).starts_with("250"));
    for (to, code) in [("niemand@k.example", "550"), ("x@gmail.example", "554")] {
        assert!(smtp.say(&format!("RCPT TO:<{to}>")).starts_with(code), "{to}");
    }
    // An answer comes from where the mailbox lives.
    let mut smtp = fleet.door.smtp();
    assert!(
        smtp.mail("fragt@else.example", &["weg@k.example"], "To: weg@k.example\r\nSubject: Frage").starts_with("250")
    );
    assert_eq!(far.wait("Subject: Bin weg", 1).len(), 1, "{}", fleet.log());
}

fn reads(fleet: &Fleet, app: &str) {
    assert!(fleet.door.pop3("chef@k.example", PASSWORD), "{}", fleet.log());
    assert!(fleet.door.imap("Chef@K.example", PASSWORD).is_some(), "{}", fleet.log());
    assert!(fleet.door.imap("chef@k.example", "falsch").is_none());
    assert!(fleet.door.imap("chef@k.example", app).is_some(), "a device's own: {}", fleet.log());
    assert!(!fleet.door.pop3("chef@k.example", app), "for IMAP only");
    assert!(fleet.new.imap("chef@k.example", PASSWORD).is_none(), "nobody leads on from there");
    // The home knows where its reader really is, and whom it was that he asked.
    let from = format!("rip=127.0.0.1, lip={}", fleet.door.address);
    let log = done(root("cat").arg(fleet.old.folder().join("run/dovecot/dovecot.log")));
    assert!(
        log.lines().any(|l| l.contains("imap-login: Info: Login: user=<chef@k.example>") && l.contains(&from)),
        "{log}"
    );
}

fn sends(fleet: &Fleet, far: &FarEnd) {
    let mut smtp = Dialog::smtp(fleet.door.address, 587);
    assert!(smtp.plain_login("neu@k.example", PASSWORD).starts_with("235"), "{}", fleet.log());
    let said = smtp.mail("neu@k.example", &["fern@else.example", "chef@k.example"], "Subject: hinaus");
    assert!(said.starts_with("250"), "{said}");
    assert_eq!(far.wait("Subject: hinaus", 1).len(), 1, "{}", fleet.log());
    assert!(fleet.old.arrived("chef@k.example", PASSWORD, "hinaus"), "{}", fleet.log());
    assert!(smtp.say("MAIL FROM:<chef@k.example>").starts_with("250"));
    assert!(smtp.say("RCPT TO:<fern@else.example>").starts_with("553"), "not in somebody else's name");
}

/// The door of a home opens to the other servers only.
fn strangers(fleet: &Fleet) {
    let mut smtp = Dialog::smtp(fleet.old.address, 10026);
    assert!(smtp.say("MAIL FROM:<x@else.example>").starts_with("250"));
    for to in ["chef@k.example", "x@gmail.example"] {
        let said = smtp.say(&format!("RCPT TO:<{to}>"));
        assert!(said.starts_with("554"), "{to}: {said}");
    }
    assert!(std::net::TcpStream::connect((fleet.old.address, 25)).is_err(), "it is no MX");
    assert!(std::net::TcpStream::connect((fleet.old.address, 587)).is_err(), "nobody sends from there");
}

/// What is full at home is refused at the door.
async fn full(fleet: &Fleet, browser: &Browser, voll: &str) {
    let mail = fleet.old.folder().join("gross.eml");
    fs::write(&mail, format!("From: a@b.example\r\nSubject: gross\r\n\r\n{}\r\n", "x".repeat(900).repeat(10))).unwrap();
    let conf = fleet.old.out().join("dovecot/dovecot.conf");
    let mut save = root("doveadm");
    save.arg("-c").arg(conf).args(["save", "-u", "voll@k.example"]).stdin(Stdio::from(fs::File::open(&mail).unwrap()));
    done(&mut save);
    change(browser, &[voll], json!({ "data": { "quota_bytes": 5000 } })).await;
    fleet.renew(browser).await;
    let started = Instant::now();
    loop {
        let mut smtp = fleet.door.smtp();
        assert!(smtp.say("MAIL FROM:<kunde@else.example>").starts_with("250"));
        let said = smtp.say("RCPT TO:<voll@k.example>");
        if said.starts_with("550") {
            assert!(said.contains("5.2.2") && said.contains("full"), "{said}");
            return;
        }
        // Until the probe has come back, mail is taken.
        assert!(said.starts_with("250") && started.elapsed() < PATIENCE, "{said}: {}", fleet.log());
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The door knows a mailbox and a domain before their home does: senders come again, and nothing goes round or back.
async fn ahead(fleet: &Fleet, browser: &Browser) {
    mailbox(browser, "jung@k.example", json!({})).await;
    mailbox(browser, "erste@neu.example", json!({})).await;
    assert_eq!(fleet.door.renew(browser).await, []);
    for to in ["jung@k.example", "erste@neu.example"] {
        let mut smtp = fleet.door.smtp();
        assert!(smtp.say("MAIL FROM:<kunde@else.example>").starts_with("250"));
        let said = smtp.say(&format!("RCPT TO:<{to}>"));
        assert!(said.starts_with("450"), "{to}: {said} {}", fleet.log());
    }
    assert!(!fleet.door.log().contains("too many hops"));
    fleet.renew(browser).await;
}

async fn moves(fleet: &Fleet, browser: &Browser, chef: &str) {
    // While it is copied, its mail waits at the door.
    change(browser, &[chef], json!({ "held": true })).await;
    fleet.renew(browser).await;
    let mut smtp = fleet.door.smtp();
    assert!(smtp.mail("kunde@else.example", &["alle@k.example"], "Subject: unterwegs").starts_with("250"));
    assert!(fleet.new.arrived("neu@k.example", PASSWORD, "unterwegs"), "{}", fleet.log());
    let queue = || done(root("postqueue").arg("-c").arg(fleet.door.out().join("postfix")).arg("-p"));
    let started = Instant::now();
    while !queue().contains("this mailbox is being moved") {
        assert!(started.elapsed() < PATIENCE, "{}", queue());
        std::thread::sleep(Duration::from_millis(100));
    }
    let copy = |stack: &Stack| stack.out().join("dovecot/dovecot.conf").display().to_string();
    // Its own folder is there as soon as the new home knows it.
    let there = change(browser, &[chef], json!({ "server": "new" })).await;
    let entry = there["audit"].as_i64().unwrap();
    fleet.renew(browser).await;
    let source = done(root("doveadm").args(["-c", &copy(&fleet.new), "user", "-f", "home", "chef@k.example"]));
    let old_home = source.trim().replace(fleet.new.folder().to_str().unwrap(), fleet.old.folder().to_str().unwrap());
    done(root("mkdir").args(["-p", source.trim()]));
    done(root("cp").args(["-a", &format!("{old_home}/."), source.trim()]));
    done(root("chown").args(["-R", "5000:5000", source.trim()]));

    // Whoever logs in meanwhile waits at the door.
    let mut early = Dialog::open(fleet.door.address, 143);
    early.line();
    early.stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    std::io::Write::write_all(&mut early.stream, format!("a LOGIN chef@k.example \"{PASSWORD}\"\r\n").as_bytes())
        .unwrap();
    let mut octet = [0u8; 1];
    let waited = std::io::Read::read(&mut early.stream, &mut octet);
    assert!(waited.is_err(), "no answer yet: {waited:?} {}", fleet.door.log());
    drop(early);
    browser.context.clock.advance(120);
    change(browser, &[chef], json!({ "held": false })).await;
    fleet.renew(browser).await;
    done(root("postqueue").arg("-c").arg(fleet.door.out().join("postfix")).arg("-f"));
    for subject in ["eins", "unterwegs"] {
        assert!(fleet.new.arrived("chef@k.example", PASSWORD, subject), "{subject}: {}", fleet.log());
        assert!(fleet.door.arrived("chef@k.example", PASSWORD, subject), "{subject}: {}", fleet.log());
    }
    assert!(fleet.old.imap("chef@k.example", PASSWORD).is_none(), "the old home knows it no more");

    // Taken back, it is read where it was.
    assert_eq!(make_status(browser, &format!("/api/v1/audit/{entry}/undo")).await, StatusCode::CONFLICT, "held since");
}

async fn make_status(browser: &Browser, path: &str) -> StatusCode {
    browser.json(Method::POST, path, &json!({})).await.status
}
