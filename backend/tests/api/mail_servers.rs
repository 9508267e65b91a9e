//! Postfix and Dovecot start from the rendered folder, without an edit, and do what the panel says. They need root: where the tests
//! run as somebody else, `sudo` starts them.

use crate::{
    mail_stack::{Dialog, FarEnd, PATIENCE, Stack, done, output, root},
    support::{Browser, panel},
};
use actix_web::http::{Method, StatusCode};
use hostler_store::Scope;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{fs, path::Path, time::Instant};

async fn make(browser: &Browser, path: &str, body: Value) -> Value {
    let answer = browser.json(Method::POST, path, &body).await;
    assert!(answer.status.is_success(), "{body}: {} {}", answer.status, answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

async fn mailbox(browser: &Browser, address: &str, data: Value) -> String {
    let body = json!({ "address": address, "password": PASSWORD, "data": data });
    make(browser, "/api/v1/mailboxes", body).await["id"].as_str().unwrap().to_owned()
}

const PASSWORD: &str = "vier Worte ohne Sinn 47";

/// A provider with old passwords, and what its people have set since.
async fn provider(pool: &PgPool) -> (Browser, String) {
    let mut browser = panel(pool.clone()).await;
    let mut passwd = String::new();
    for scheme in OLD {
        let hash = done(root("doveadm").args(["pw", "-s", scheme, "-p", "altes-passwort"]));
        // Old files often have none.
        let hash = if scheme == "MD5-CRYPT" {
            hash.trim().trim_start_matches("{MD5-CRYPT}").to_owned()
        } else {
            hash.trim().to_owned()
        };
        passwd.push_str(&format!(
            "{}@alt.example:{hash}:5000:5000::/x::userdb_quota_rule=*:storage=1G\n",
            scheme.to_lowercase()
        ));
    }
    let plan = browser
        .import(&[
            ("customers.csv", "Kundennr;Firma\nK1;Eins\n"),
            ("domains.csv", "Domain;Kundennr\nkunde.example;K1\nzweite.example;K1\nalt.example;K1\n"),
            ("mail/passwd", &passwd),
        ])
        .await;
    assert!(plan.refused.is_empty(), "{:?}", plan.refused);
    browser.log_in().await;
    let chef = mailbox(&browser, "chef@kunde.example", json!({})).await;
    mailbox(&browser, "mitte@kunde.example", json!({ "protocols": ["imap", "smtp"] })).await;
    mailbox(&browser, "voll@kunde.example", json!({ "quota_bytes": 20_000 })).await;
    mailbox(&browser, "fort@kunde.example", json!({ "forward": ["fern@else.example"], "keep": false })).await;
    mailbox(&browser, "echt@zweite.example", json!({ "storage": "mdbox" })).await;
    let away = json!({ "reply_on": true, "reply_from": "2020-01-01", "reply_subject": "Bin weg", "reply_text": "Zurück am \"Montag\".\n\\ Gruß" });
    mailbox(&browser, "weg@kunde.example", away).await;
    let gone = json!({ "reply_on": true, "reply_until": "2020-01-01", "reply_text": "Längst vorbei.", "junk_at": 5 });
    mailbox(&browser, "wieder@kunde.example", gone).await;
    for (address, targets) in [
        ("alle@kunde.example", &["chef@kunde.example", "mitte@kunde.example", "echt@zweite.example"][..]),
        ("@zweite.example", &["chef@kunde.example"]),
        ("o'brien+x@kunde.example", &["mitte@kunde.example"]),
    ] {
        make(&browser, "/api/v1/aliases", json!({ "address": address, "targets": targets })).await;
    }
    (browser, chef)
}

const OLD: [&str; 5] = ["SSHA", "MD5-CRYPT", "SHA512-CRYPT", "PLAIN-MD5", "CRYPT"];

/// Every map answers every key as its source has it, and nothing for others.
fn maps_answer(out: &Path) {
    for map in ["domains", "mailboxes", "aliases", "senders", "frozen"] {
        let source = fs::read_to_string(out.join("postfix").join(map)).unwrap();
        let spec = format!("lmdb:{}", out.join("postfix").join(map).display());
        let conf = out.join("postfix");
        for line in source.lines() {
            let (key, value) = line.split_once(' ').unwrap();
            assert_eq!(
                done(root("postmap").arg("-c").arg(&conf).args(["-q", key, &spec])).trim_end(),
                value,
                "{map} {key}"
            );
        }
        for key in ["niemand@kunde.example", "fremd.example", "@", "*", "kunde.exampl"] {
            let out = output(root("postmap").arg("-c").arg(&conf).args(["-q", key, &spec]));
            assert!(!out.status.success() && out.stdout.is_empty(), "{map} {key}");
        }
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn postfix_and_dovecot_do_what_the_panel_says(pool: PgPool) {
    let (browser, chef) = provider(&pool).await;
    let app = json!({ "label": "Telefon", "protocols": ["imap"] });
    let app = make(&browser, &format!("/api/v1/mailboxes/{chef}/app-passwords"), app).await;
    let (app_id, app) = (app["id"].as_str().unwrap().to_owned(), app["password"].as_str().unwrap().to_owned());
    let far = FarEnd::start();
    let mut stack = Stack::new(far.port);
    // An operator's own lines win over what is rendered.
    fs::create_dir_all(stack.out().join("postfix")).unwrap();
    fs::write(
        stack.out().join("postfix/local.cf"),
        "# eigenes\nsmtpd_peername_lookup = no\nmessage_size_limit = 20000000\n",
    )
    .unwrap();
    assert_eq!(stack.renew(&browser).await, [], "nothing is left out");
    let conf = stack.out().join("postfix");
    assert!(done(root("postconf").arg("-c").arg(conf).args(["-h", "message_size_limit"])).contains("20000000"));
    maps_answer(&stack.out());
    stack.start();
    receives(&stack, &far);
    people_log_in(&stack, &app);
    people_send(&stack, &far, &app);
    out_of_office(&stack, &far);
    sizes(&stack, &browser).await;
    log_ins(&stack, &browser, &pool).await;
    changes(&stack, &browser, &pool, (&chef, &app_id, &app)).await;
}

fn receives(stack: &Stack, far: &FarEnd) {
    let mut smtp = stack.smtp();
    let from = "kunde@else.example";
    for (to, subject) in [
        ("CHEF@Kunde.Example", "eins"),
        ("chef+laden@kunde.example", "zwei"),
        ("alle@kunde.example", "drei"),
        ("irgendwer@zweite.example", "vier"),
        ("echt@zweite.example", "fuenf"),
        ("fort@kunde.example", "sechs"),
        ("postmaster@alt.example", "sieben"),
        ("postmaster", "neun"),
        ("o'brien+x@kunde.example", "acht"),
    ] {
        assert!(smtp.mail(from, &[to], &format!("To: {to}\r\nSubject: {subject}")).starts_with("250"), "{to}");
    }
    for (user, subjects) in [
        ("chef@kunde.example", &["eins", "zwei", "drei", "vier", "sieben", "neun"][..]),
        ("mitte@kunde.example", &["drei", "acht"]),
        ("echt@zweite.example", &["drei", "fuenf"]),
    ] {
        for subject in subjects {
            assert!(stack.arrived(user, PASSWORD, subject), "{subject} to {user}: {}", stack.log());
        }
    }
    assert_eq!(far.wait("Subject: sechs", 1).len(), 1, "forwarded: {}", stack.log());
    let mut fort = stack.imap("fort@kunde.example", PASSWORD).unwrap();
    assert!(fort.all("SELECT INBOX").contains("* 0 EXISTS"), "and not kept");
    // The catch-all does not take what a mailbox has.
    let mut chef = stack.imap("chef@kunde.example", PASSWORD).unwrap();
    chef.say("SELECT INBOX");
    assert!(!chef.all("SEARCH SUBJECT fuenf").lines().any(|l| l.starts_with("* SEARCH ")));

    assert!(smtp.say(&format!("MAIL FROM:<{from}>")).starts_with("250"));
    for (to, code) in
        [("niemand@kunde.example", "550"), ("x@gmail.example", "554"), ("x%gmail.example@kunde.example", "5")]
    {
        let answer = smtp.say(&format!("RCPT TO:<{to}>"));
        assert!(answer.starts_with(code), "{to}: {answer}");
    }
    assert!(smtp.say("RSET").starts_with("250"));
    assert!(smtp.say(&format!("MAIL FROM:<{from}> SIZE=30000")).starts_with("250"));
    let full = smtp.say("RCPT TO:<voll@kunde.example>");
    assert!(full.starts_with("552"), "over quota is said at once: {full}");
}

fn people_log_in(stack: &Stack, app: &str) {
    for scheme in OLD {
        let user = format!("{}@alt.example", scheme.to_lowercase());
        assert!(stack.imap(&user, "altes-passwort").is_some(), "{scheme}: {}", stack.log());
        assert!(stack.pop3(&user, "altes-passwort"), "{scheme}");
    }
    assert!(stack.pop3("chef@kunde.example", PASSWORD));
    assert!(!stack.pop3("mitte@kunde.example", PASSWORD), "POP3 is switched off for it");
    assert!(stack.imap("Mitte@Kunde.example", PASSWORD).is_some());
    assert!(stack.imap("chef@kunde.example", "ein anderes Passwort").is_none());
    assert!(stack.imap("chef@kunde.example", app).is_some(), "the device's own: {}", stack.log());
    assert!(!stack.pop3("chef@kunde.example", app), "for IMAP only");
    let mut imap = stack.imap("ssha@alt.example", "altes-passwort").unwrap();
    assert!(imap.all("GETQUOTAROOT INBOX").contains(" 1048576)"), "the quota of the old system, in kilobytes");
}

fn people_send(stack: &Stack, far: &FarEnd, app: &str) {
    let mut smtp = Dialog::smtp(stack.address, 587);
    assert!(smtp.say("MAIL FROM:<chef@kunde.example>").starts_with("250"));
    assert!(smtp.say("RCPT TO:<fern@else.example>").starts_with('5'), "not without logging in");
    let mut smtp = Dialog::smtp(stack.address, 587);
    assert!(smtp.plain_login("chef@kunde.example", app).starts_with("535"), "a password for IMAP sends nothing");
    let mut smtp = Dialog::smtp(stack.address, 587);
    assert!(smtp.plain_login("chef@kunde.example", PASSWORD).starts_with("235"));
    for (from, fine) in [
        ("chef@kunde.example", true),
        ("alle@kunde.example", true),
        ("mitte@kunde.example", false),
        ("irgendwer@zweite.example", false),
        ("x@gmail.example", false),
    ] {
        assert!(smtp.say(&format!("MAIL FROM:<{from}>")).starts_with("250"));
        let answer = smtp.say("RCPT TO:<fern@else.example>");
        assert_eq!(answer.starts_with("250"), fine, "{from}: {answer}");
        assert!(smtp.say("RSET").starts_with("250"));
    }
    assert!(smtp.say("MAIL FROM:<>").starts_with("250"));
    assert!(smtp.say("RCPT TO:<fern@else.example>").starts_with("553"), "the empty sender is nobody's own");
    assert!(smtp.say("RSET").starts_with("250"));
    assert!(smtp.mail("chef@kunde.example", &["fern@else.example"], "Subject: hinaus").starts_with("250"));
    assert_eq!(far.wait("Subject: hinaus", 1).len(), 1, "{}", stack.log());
}

fn out_of_office(stack: &Stack, far: &FarEnd) {
    let mut smtp = stack.smtp();
    let to = "To: weg@kunde.example\r\nSubject: Frage";
    assert!(smtp.mail("fragt@else.example", &["weg@kunde.example"], to).starts_with("250"));
    assert!(
        smtp.mail("wieder@else.example", &["wieder@kunde.example"], "To: wieder@kunde.example\r\nSubject: Frage")
            .starts_with("250")
    );
    let answers = far.wait("Subject: Bin weg", 1);
    assert_eq!(answers.len(), 1, "{}", stack.log());
    assert!(
        answers[0].contains("Auto-Submitted: auto-replied") && answers[0].contains("RCPT TO:<fragt@else.example>"),
        "{}",
        answers[0]
    );
    // Again, from a list, and as a bounce: no second one. What is known to have come last tells that the others are through.
    assert!(smtp.mail("fragt@else.example", &["weg@kunde.example"], to).starts_with("250"));
    assert!(
        smtp.mail("liste@else.example", &["weg@kunde.example"], &format!("{to}\r\nList-Id: <liste.else.example>"))
            .starts_with("250")
    );
    assert!(smtp.mail("", &["weg@kunde.example"], to).starts_with("250"));
    assert!(smtp.mail("zweite@else.example", &["weg@kunde.example"], to).starts_with("250"));
    assert_eq!(far.wait("RCPT TO:<zweite@else.example>", 1).len(), 1);
    assert_eq!(far.wait("Subject: Bin weg", 2).len(), 2);
    // What the filter calls spam goes into its folder, by what its reader bears.
    for (level, subject, folder) in [("*****", "billig", "Junk"), ("****", "halbwegs", "INBOX")] {
        let headers = format!("X-Spam-Level: {level}\r\nTo: wieder@kunde.example\r\nSubject: {subject}");
        assert!(smtp.mail("werbung@else.example", &["wieder@kunde.example"], &headers).starts_with("250"));
        assert!(stack.arrived_in(folder, "wieder@kunde.example", PASSWORD, subject), "{subject}: {}", stack.log());
    }
    assert!(far.wait("vorbei", 0).is_empty(), "an answer ends with its last day");
}

/// What doveadm says of the mailboxes is what the panel shows.
async fn sizes(stack: &Stack, browser: &Browser) {
    let conf = stack.out().join("dovecot/dovecot.conf");
    let table = done(root("doveadm").arg("-f").arg("tab").arg("-c").arg(conf).args(["quota", "get", "-A"]));
    let seen = hostler::mail::facts::read(&table).unwrap_or_else(|e| panic!("{e}: {table}"));
    let rows: Vec<_> = seen.into_iter().map(|(address, seen)| (address, seen.bytes, seen.mails)).collect();
    let now = browser.context.clock.now();
    let mut tx = browser.context.store.begin(&Scope::for_machine("test"), now).await.unwrap();
    assert_eq!(tx.see_mailboxes(&rows).await.unwrap(), 12, "every mailbox is known: {table}");
    tx.commit().await.unwrap();
    let list: Value = serde_json::from_str(&browser.get("/api/v1/addresses?q=chef@&sort=-bytes").await.text).unwrap();
    let chef = &list["items"][0];
    assert!(chef["bytes"].as_i64().unwrap() > 0 && chef["files"] == 6, "{chef}");
}

/// Who logged in by the servers' own logs, and who never did.
async fn log_ins(stack: &Stack, browser: &Browser, pool: &PgPool) {
    let page = browser.get("/mail?unused=30").await.text;
    assert!(page.contains("No log of the mail servers was read yet"), "{page}");
    let log = |path: &str| done(root("cat").arg(stack.folder().join("run").join(path)));
    // The servers write the machine's own time.
    let zone = "UTC".parse().unwrap();
    let now = browser.context.clock.now();
    let both = [log("dovecot/dovecot.log"), log("postfix/mail.log")].concat();
    let found = hostler::mail::logins::read(both.as_bytes(), now, zone).unwrap();
    assert!(found.last.contains_key("chef@kunde.example"), "{:?}: {both}", found.last);
    assert!(!found.last.contains_key("voll@kunde.example"), "nobody logged in there");
    let rows: Vec<_> = found.last.into_iter().collect();
    let mut tx = browser.context.store.begin(&Scope::for_machine("test"), now).await.unwrap();
    assert_eq!(tx.see_logins(&rows, found.span.unwrap()).await.unwrap(), rows.len() as u64);
    tx.commit().await.unwrap();
    let unused = "/api/v1/addresses?unused=30&q=kunde.example&limit=500";
    assert!(!browser.get(unused).await.text.contains("voll@"), "made just now, it had no time to be used");
    sqlx::query("update mailboxes set created_at = created_at - interval '31 days'").execute(pool).await.unwrap();
    let list = browser.get(unused).await.text;
    assert!(list.contains("voll@kunde.example") && !list.contains("chef@kunde.example"), "{list}");
    assert!(!list.contains("alle@kunde.example"), "an alias is not used or unused: {list}");
    let list = browser.get("/api/v1/addresses?q=chef@").await.text;
    assert!(list.contains(&format!("\"last_login_at\":\"{}", now.format("%Y-%m-%d"))), "{list}");
    let page = browser.get("/mail?unused=30&sort=-last_login").await.text;
    assert!(page.contains("Log-ins are known from") && page.contains("voll@kunde.example"), "{page}");
}

async fn changes(stack: &Stack, browser: &Browser, pool: &PgPool, (chef, app_id, app): (&str, &str, &str)) {
    let new = "noch vier andere Worte 12";
    make(browser, &format!("/api/v1/mailboxes/{chef}/password"), json!({ "password": new })).await;
    let revoke = format!("/api/v1/mailboxes/{chef}/app-passwords/{app_id}");
    assert_eq!(browser.json_with(Method::DELETE, &revoke, &[], &Value::Null).await.status, StatusCode::NO_CONTENT);
    sqlx::query("update mailboxes set frozen_at = now() where address = 'mitte@kunde.example'")
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("update mailboxes set reply_on = false").execute(pool).await.unwrap();
    stack.renew(browser).await;
    let replaced = Instant::now();
    while stack.imap("chef@kunde.example", new).is_none() {
        assert!(replaced.elapsed() < PATIENCE, "the new password works: {}", stack.log());
    }
    assert!(stack.imap("chef@kunde.example", PASSWORD).is_none(), "the old one does not");
    assert!(stack.imap("chef@kunde.example", app).is_none(), "nor that of the device");
    assert!(!stack.out().join("dovecot/replies/kunde.example/weg.sieve").exists());
    assert!(stack.out().join("dovecot/replies/kunde.example/wieder.sieve").exists(), "spam goes on being sorted");
    let mut smtp = stack.smtp();
    assert!(smtp.say("MAIL FROM:<a@else.example>").starts_with("250"));
    let later = smtp.say("RCPT TO:<mitte@kunde.example>");
    assert!(later.starts_with("450"), "while it is moved, senders come again later: {later}");
    // By an alias, too: the others get it, and what is for the one waits in the queue.
    assert!(smtp.say("RSET").starts_with("250"));
    assert!(smtp.mail("a@else.example", &["alle@kunde.example"], "Subject: umzug").starts_with("250"));
    assert!(stack.arrived("chef@kunde.example", new, "umzug"), "{}", stack.log());
    let mut mitte = stack.imap("mitte@kunde.example", PASSWORD).unwrap();
    mitte.say("SELECT INBOX");
    assert!(
        !mitte.all("SEARCH SUBJECT umzug").lines().any(|l| l.starts_with("* SEARCH ")),
        "nothing arrives while it is moved"
    );
    let queue = done(root("postqueue").arg("-c").arg(stack.out().join("postfix")).arg("-p"));
    assert!(queue.contains("mitte@kunde.example"), "{queue}");
    maps_answer(&stack.out());
    // When a check fails, nothing of what was rendered is in force.
    let local = stack.out().join("postfix/local.cf");
    fs::write(&local, "smptd_helo_required = yes\n").unwrap();
    make(browser, "/api/v1/aliases", json!({ "address": "neu@kunde.example", "targets": ["chef@kunde.example"] }))
        .await;
    stack.render(browser).await;
    let refused = output(root("sh").arg(stack.out().join("activate")));
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("smptd_helo_required"));
    let mut smtp = stack.smtp();
    assert!(smtp.say("MAIL FROM:<a@else.example>").starts_with("250"));
    assert!(smtp.say("RCPT TO:<neu@kunde.example>").starts_with("550"));
}
