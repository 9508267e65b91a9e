//! What is sent is signed, by real rspamd, and the signatures fit the records that a real name server answers; what arrives is
//! judged, and nobody else has his mail signed.

use crate::{
    mail_stack::{FarEnd, Stack, output, root},
    name_servers::{Server, free_address, start},
    support::{Browser, panel_with},
};
use actix_web::http::{Method, StatusCode};
use hostler::mail::dkim;
use hostler_core::dns::server::Flavor;
use hostler_store::Scope;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{io::Write, net::SocketAddr, process::Stdio, time::Instant};

const PASSWORD: &str = "vier Worte ohne Sinn 47";
const ZONE: &str =
    "$TTL 3600\n@ SOA ns1.k.example. h.h.example. 1 14400 1800 1209600 3600\n@ NS ns1\nns1 A 192.0.2.53\n";

async fn make(browser: &Browser, path: &str, body: Value) -> Value {
    let answer = browser.json(Method::POST, path, &body).await;
    assert!(answer.status.is_success(), "{path} {body}: {} {}", answer.status, answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

/// State of each key, by its selector.
async fn states(browser: &Browser, zone: &str) -> Vec<(String, String)> {
    let list: Value = serde_json::from_str(&browser.get(&format!("/api/v1{zone}/mail/keys")).await.text).unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let mut states: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|k| (text(&k["selector"]), text(&k["state"]))).collect();
    states.sort();
    states
}

/// Takes every missing record into the zone, publishes it, and serves it.
async fn publish(browser: &Browser, zone: &str, address: SocketAddr, folder: &std::path::Path) {
    let items: Value = serde_json::from_str(&browser.get(&format!("/api/v1{zone}/mail")).await.text).unwrap();
    let missing = items["items"].as_array().unwrap().iter().filter(|i| i["zone"] == "missing");
    let keys: Vec<String> = missing
        .map(|i| {
            let line = i["expected"].as_str().unwrap();
            let mut words = line.split_whitespace();
            let owner = words.next().unwrap();
            format!("{owner} {}", words.find(|w| ["TXT", "MX", "SRV", "CNAME"].contains(w)).unwrap())
        })
        .collect();
    let revision = browser.get(&format!("{zone}/mail")).await.hidden("revision");
    let mut fields = vec![("revision", revision.as_str())];
    fields.extend(keys.iter().map(|k| ("take", k.as_str())));
    let taken = browser.post(&format!("{zone}/mail"), &fields).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{keys:?}: {}", taken.text);
    let path = format!("{zone}/publish");
    let revision = browser.get(&path).await.hidden("revision");
    let published = browser.post(&path, &[("revision", &revision), ("note", "")]).await;
    assert_eq!(published.status, StatusCode::SEE_OTHER, "{}", published.text);
    let scope = Scope::for_machine("test");
    let store = &browser.context.store;
    hostler::domains::render::render(store, &scope, Flavor::Knot, folder, Some(address)).await.unwrap();
}

async fn serve(browser: &Browser, zone: &str, address: SocketAddr, folder: &std::path::Path) -> Server {
    publish(browser, zone, address, folder).await;
    start("knot", folder, address)
}

/// The selectors of a mail's signatures, each verified against what the name server answers.
fn verified(mail: &str, dns: SocketAddr) -> Vec<String> {
    const CHECK: &str = r#"
import dkim, dns.resolver, re, sys
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port, resolver.lifetime = [sys.argv[1]], int(sys.argv[2]), 10
def ask(name, timeout=5):
    return b"".join(resolver.resolve(name.decode(), "TXT")[0].strings)
raw = sys.stdin.buffer.read()
for i, found in enumerate(re.findall(rb"(?im)^dkim-signature:.*\r\n(?:[ \t].*\r\n)*", raw)):
    assert dkim.DKIM(raw).verify(idx=i, dnsfunc=ask), i
    print(re.search(rb"[;\s]s=([^;\s]+)", found).group(1).decode())
"#;
    let raw: String = mail
        .lines()
        .skip_while(|l| l.starts_with("MAIL") || l.starts_with("RCPT"))
        .map(|l| format!("{l}\r\n"))
        .collect();
    let mut command = std::process::Command::new("/usr/bin/python3");
    command.args(["-c", CHECK, &dns.ip().to_string(), &dns.port().to_string()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(raw.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{raw}\n{}", String::from_utf8_lossy(&out.stderr));
    let mut selectors: Vec<String> = String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect();
    selectors.sort();
    selectors
}

/// Now, as a mail has it. One of yesterday is suspicious.
fn date() -> String {
    hostler::platform::clock::Clock::default().now().to_rfc2822()
}

/// Sends a mail as somebody who is logged in, and answers it as it came to the far end.
fn sent(stack: &Stack, far: &FarEnd, from: &str, header: &str, subject: &str) -> String {
    let mut smtp = crate::mail_stack::Dialog::smtp(stack.address, 587);
    assert!(smtp.plain_login("chef@k.example", PASSWORD).starts_with("235"), "{}", stack.log());
    assert!(smtp.say(&format!("MAIL FROM:<{from}>")).starts_with("250"));
    assert!(smtp.say("RCPT TO:<fern@else.example>").starts_with("250"));
    assert!(smtp.say("DATA").starts_with("354"));
    let date = date();
    let answer = smtp.say(&format!(
        "From: {header}\r\nTo: fern@else.example\r\nDate: {date}\r\nMessage-Id: <{subject}@k.example>\r\n\
         Subject: {subject}\r\n\r\nGuten Tag.\r\n."
    ));
    assert!(answer.starts_with("250"), "{answer} {}", stack.log());
    let found = far.wait(&format!("Subject: {subject}"), 1);
    assert_eq!(found.len(), 1, "{}", stack.log());
    found.into_iter().next().unwrap()
}

async fn round(browser: &Browser) -> Value {
    dkim::round(&browser.context).await.unwrap()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_is_sent_is_signed(pool: PgPool) {
    let dns = free_address();
    let settings = [("dns.resolvers", dns.to_string()), ("mail.rspamd", "true".to_owned())];
    let mut browser = panel_with(pool.clone(), &settings).await;
    let domains = "Domain;Kundennr\nk.example;\nohne.example;\n";
    browser.import(&[("domains.csv", domains), ("dns/zones/k.example", ZONE)]).await;
    browser.log_in().await;
    let zone = browser.zone_path("k.example").await;
    for (address, data) in [("chef@k.example", json!({ "junk_at": 5, "send_as": [] })), ("wer@ohne.example", json!({}))]
    {
        make(&browser, "/api/v1/mailboxes", json!({ "address": address, "password": PASSWORD, "data": data })).await;
    }
    // Nothing signs before its record is answered.
    let keys = format!("/api/v1{zone}/mail/keys");
    let made = make(&browser, &keys, json!({ "algorithms": ["rsa2048", "ed25519"] })).await;
    let id = |algorithm: &str| {
        let found = made["items"].as_array().unwrap().iter().find(|k| k["algorithm"] == algorithm).unwrap();
        (found["id"].as_str().unwrap().to_owned(), found["selector"].as_str().unwrap().to_owned())
    };
    let ((rsa, rsa_name), (_, ed_name)) = (id("rsa2048"), id("ed25519"));
    let sign = format!("{keys}/{rsa}/sign");
    assert_eq!(browser.json(Method::POST, &sign, &json!({})).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    round(&browser).await;
    let waiting = |name: &String| (name.clone(), "waiting".to_owned());
    assert_eq!(states(&browser, &zone).await, [waiting(&ed_name), waiting(&rsa_name)]);
    let folder = tempfile::Builder::new().prefix("hdns").tempdir().unwrap();
    let server = serve(&browser, &zone, dns, folder.path()).await;
    // One is put to use by hand, the other by itself once it was seen for an hour.
    let signing = |name: &String| (name.clone(), "signing".to_owned());
    assert_eq!(make(&browser, &sign, json!({})).await["state"], "signing");
    assert_eq!(round(&browser).await["signing"], 0);
    browser.context.clock.advance(3599);
    assert_eq!(round(&browser).await["signing"], 0);
    browser.context.clock.advance(2);
    assert_eq!(round(&browser).await["signing"], 1);
    assert_eq!(states(&browser, &zone).await, [signing(&ed_name), signing(&rsa_name)]);

    // Another customer's domain has a key that signs.
    sqlx::query(
        "insert into dkim_keys (id, domain_id, selector, algorithm, public_key, private_key, created_at, signing_at)
         select gen_random_uuid(), n.id, 'nachbar', k.algorithm, k.public_key, k.private_key, now(), now()
         from domains n, dkim_keys k where n.name = 'ohne.example' and k.algorithm = 'ed25519'",
    )
    .execute(&pool)
    .await
    .unwrap();
    let far = FarEnd::start();
    let mut stack = Stack::signing(far.port);
    stack.renew(&browser).await;
    stack.start();
    let mail = sent(&stack, &far, "chef@k.example", "Chef <Chef@K.example>", "signiert");
    assert_eq!(verified(&mail, dns), [ed_name.clone(), rsa_name.clone()], "{mail}\n{}", stack.log());
    // Somebody else's name in the header is nobody's to sign, be it another customer's, and mail that comes in is not ours.
    for (header, subject) in [("bank@else.example", "fremd"), ("wer@ohne.example", "nachbar")] {
        let mail = sent(&stack, &far, "chef@k.example", header, subject);
        assert!(!mail.to_lowercase().contains("dkim-signature"), "{mail}");
    }
    let mut smtp = stack.smtp();
    assert!(smtp.mail("chef@k.example", &["wer@ohne.example"], "Subject: herein").starts_with("250"));
    assert!(stack.arrived("wer@ohne.example", PASSWORD, "herein"), "{}", stack.log());
    let mut imap = stack.imap("wer@ohne.example", PASSWORD).unwrap();
    imap.say("SELECT INBOX");
    assert!(!imap.all("FETCH 1 BODY[HEADER]").to_lowercase().contains("dkim-signature"));

    judged(&stack);
    strict(&browser, &stack, &zone).await;
    rotated(&mut browser, &stack, &far, (&zone, dns, folder.path(), server), &rsa_name).await;

    // While it is away, mail waits at the sender's.
    stack.stop_rspamd();
    let mut smtp = stack.smtp();
    let answer = smtp.say("MAIL FROM:<a@else.example>");
    assert!(answer.starts_with("451"), "{answer}");
    // A key that rspamd could not read is a mistake before anything changes.
    if rustix::process::geteuid().is_root() {
        let script = format!("chmod 600 {0}/*.key && chown root {0}/*.key", stack.out().join("rspamd/dkim").display());
        crate::mail_stack::done(root("sh").args(["-c", &script]));
        let refused = output(root("sh").arg(stack.out().join("activate")));
        assert!(!refused.status.success(), "activated with keys that nobody can read");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("rspamd cannot read"));
    }
}

/// A domain refuses what others only mark.
async fn strict(browser: &Browser, stack: &Stack, zone: &str) {
    let path = format!("/api/v1{zone}/mail/spam");
    for (bad, field) in [
        (json!({ "mark_at": 0 }), "mark_at"),
        (json!({ "refuse_at": 3 }), "refuse_at"),
        (json!({ "mark_at": 12, "refuse_at": 9 }), "refuse_at"),
    ] {
        let answer = browser.json(Method::PUT, &path, &bad).await;
        assert!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.text.contains(field), "{}", answer.text);
    }
    let set = json!({ "mark_at": 3, "refuse_at": 8 });
    assert_eq!(browser.json(Method::PUT, &path, &set).await.status, StatusCode::NO_CONTENT);
    assert!(browser.get(&path).await.text.contains("\"refuse_at\":8"));
    stack.renew(browser).await;
    let started = Instant::now();
    loop {
        let spam = "To: chef@k.example\r\nSubject: HEUTE BILLIG";
        let said = stack.smtp().mail("a@else.example", &["chef@k.example"], spam);
        if said.starts_with("554") {
            break;
        }
        assert!(started.elapsed() < crate::mail_stack::PATIENCE, "{said}: {}", stack.log());
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
}

/// What the filter finds, mailboxes sort by; what a sender claims of it does not count.
fn judged(stack: &Stack) {
    let mut smtp = stack.smtp();
    let forged = format!(
        "X-Spam-Level: *********\r\nx-spam-level: ********\r\nX-Spam-Flag: YES\r\nTo: chef@k.example\r\n\
         Date: {}\r\nMessage-Id: <1@else.example>\r\nSubject: harmlos",
        date()
    );
    assert!(smtp.mail("a@else.example", &["chef@k.example"], &forged).starts_with("250"), "{}", stack.log());
    let arrived = stack.arrived("chef@k.example", PASSWORD, "harmlos");
    assert!(arrived, "what a sender writes of his mail sorts nothing: {}", stack.log());
    let spam = "To: chef@k.example\r\nSubject: HEUTE BILLIG";
    assert!(smtp.mail("a@else.example", &["chef@k.example"], spam).starts_with("250"));
    assert!(stack.arrived_in("Junk", "chef@k.example", PASSWORD, "HEUTE BILLIG"), "{}", stack.log());
    let test = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
    let refused = smtp.mail("a@else.example", &["chef@k.example"], &format!("Subject: x\r\n\r\n{test}"));
    assert!(refused.starts_with("554"), "{refused}");
}

/// A new key takes the old one's place; the old one's record stays until nobody asks any more.
async fn rotated(
    browser: &mut Browser,
    stack: &Stack,
    far: &FarEnd,
    (zone, dns, folder, server): (&str, SocketAddr, &std::path::Path, Server),
    old: &str,
) {
    let keys = format!("/api/v1{zone}/mail/keys");
    let made = make(browser, &keys, json!({ "algorithms": ["rsa2048"], "selector": "neu" })).await;
    assert_eq!(made["items"][0]["selector"], "neu");
    drop(server);
    let _server = serve(browser, zone, dns, folder).await;
    let started = Instant::now();
    let sign = format!("{keys}/{}/sign", made["items"][0]["id"].as_str().unwrap());
    while browser.json(Method::POST, &sign, &json!({})).await.status != StatusCode::OK {
        assert!(started.elapsed() < crate::mail_stack::PATIENCE, "the new record is not answered");
    }
    let state = |states: &[(String, String)], name: &str| states.iter().find(|s| s.0 == name).unwrap().1.clone();
    assert_eq!(state(&states(browser, zone).await, old), "retiring");
    let log = browser.get("/api/v1/audit?action=retire-dkim-key").await.text;
    assert!(log.contains(&format!("{old}._domainkey.k.example")), "{log}");
    stack.renew(browser).await;
    let key = |name: &str| stack.out().join(format!("rspamd/dkim/k.example.{name}.key"));
    // Until the signer has read that it signs no more, the old key stays where it is.
    assert!(key("neu").exists() && key(old).exists());
    // Reading its configuration anew takes a moment, in which the old workers answer.
    let started = Instant::now();
    let mut n = 0;
    loop {
        n += 1;
        let mail = sent(stack, far, "chef@k.example", "chef@k.example", &format!("danach-{n}"));
        if verified(&mail, dns).iter().any(|s| s == "neu") {
            break;
        }
        assert!(started.elapsed() < crate::mail_stack::PATIENCE, "{mail}\n{}", stack.log());
        // Postfix allows thirty logins a minute.
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    stack.renew(browser).await;
    assert!(key("neu").exists() && !key(old).exists(), "a key that signs no more is gone from the server");
    browser.context.clock.advance(13 * 86_400);
    browser.log_in_again().await;
    round(browser).await;
    assert_eq!(state(&states(browser, zone).await, old), "retiring", "mail of the old key is still on its way");
    browser.context.clock.advance(2 * 86_400);
    browser.log_in_again().await;
    assert_eq!(round(browser).await["retired"], 1);
    assert_eq!(state(&states(browser, zone).await, old), "retired");
    let expected = browser.get(&format!("/api/v1{zone}/mail")).await.text;
    assert!(expected.contains("neu._domainkey") && !expected.contains(&format!("{old}._domainkey")), "{expected}");
    // Its name is not given again: receivers may still know it.
    let again = json!({ "algorithms": ["ed25519"], "selector": old });
    assert_eq!(browser.json(Method::POST, &keys, &again).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// Without the signer its keys lie nowhere, and a key that nobody publishes is not asked for for ever.
#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_nobody_uses_is_not_kept(pool: PgPool) {
    let mut browser = panel_with(pool.clone(), &[("dns.resolvers", free_address().to_string())]).await;
    browser.import(&[("domains.csv", "Domain;Kundennr\nk.example;\n"), ("dns/zones/k.example", ZONE)]).await;
    browser.log_in().await;
    let zone = browser.zone_path("k.example").await;
    let keys = format!("/api/v1{zone}/mail/keys");
    let made = make(&browser, &keys, json!({ "algorithms": ["ed25519"], "selector": "eins" })).await;
    let sign = format!("{keys}/{}/sign", made["items"][0]["id"].as_str().unwrap());
    make(&browser, &sign, json!({ "force": true })).await;

    let out = tempfile::tempdir().unwrap();
    let render = async |rspamd: bool| {
        let server = hostler_core::mail::Server { rspamd, ..crate::mail_stack::server() };
        let (store, mail) = (&browser.context.store, &browser.context.settings.mail);
        let scope = Scope::for_machine("test");
        hostler::mail::render::render(store, &scope, &server, mail, out.path(), browser.context.clock.now())
            .await
            .unwrap();
        ["rspamd/dkim/k.example.eins.key", "rspamd/local.d/dkim_signing.conf"].map(|f| out.path().join(f).exists())
    };
    assert_eq!(render(true).await, [true, true]);
    assert_eq!(render(false).await, [false, false]);

    let queued = async || -> i64 {
        sqlx::query("delete from jobs where kind = 'mail.dkim'").execute(&pool).await.unwrap();
        dkim::wake(&browser.context).await.unwrap();
        sqlx::query_scalar("select count(*) from jobs where kind = 'mail.dkim'").fetch_one(&pool).await.unwrap()
    };
    assert_eq!(queued().await, 0, "one that signs waits for nothing");
    make(&browser, &keys, json!({ "algorithms": ["ed25519"], "selector": "zwei" })).await;
    assert_eq!(queued().await, 1);
    browser.context.clock.advance(31 * 86_400);
    assert_eq!(queued().await, 0, "nobody has published it for a month");
}
