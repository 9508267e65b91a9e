//! The records of a domain's mail: expected, in the zone, and as a real name server answers them.

use crate::{
    name_servers::{free_address, start},
    support::{Browser, panel_with},
};
use actix_web::http::StatusCode;
use hostler_core::dns::server::Flavor;
use hostler_store::Scope;
use serde_json::Value;
use sqlx::PgPool;

const ZONE: &str = "$TTL 3600\n@ SOA ns1.k.example. h.h.example. 1 14400 1800 1209600 3600\n@ NS ns1\nns1 A 192.0.2.53\n\
    @ MX 10 alt.example.\n@ TXT \"v=spf1 ip4:192.0.2.1 -all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n";

/// What the form calls each of the needs, in their order.
const KEYS: [&str; 9] = [
    "k.example. MX",
    "k.example. TXT",
    "_dmarc.k.example. TXT",
    "_smtp._tls.k.example. TXT",
    "_imaps._tcp.k.example. SRV",
    "_pop3s._tcp.k.example. SRV",
    "_submissions._tcp.k.example. SRV",
    "autoconfig.k.example. CNAME",
    "_autodiscover._tcp.k.example. SRV",
];

async fn items(browser: &Browser, path: &str) -> Vec<(String, String, Value)> {
    let answer = browser.get(&format!("/api/v1{path}/mail?dns=true")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let body: Value = serde_json::from_str(&answer.text).unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let items = body["items"].as_array().unwrap();
    items.iter().map(|i| (text(&i["purpose"]), text(&i["zone"]), i["dns"].clone())).collect()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn records_are_offered_and_seen_in_the_world(pool: PgPool) {
    let address = free_address();
    let settings = [("dns.resolvers", address.to_string()), ("mail.host_name", "mx.h.example".to_owned())];
    let mut browser = panel_with(pool, &settings).await;
    browser.import(&[("domains.csv", "Domain;Kundennr\nk.example;\n"), ("dns/zones/k.example", ZONE)]).await;
    browser.log_in().await;
    let zone = browser.zone_path("k.example").await;
    let before = items(&browser, &zone).await;
    let of = |items: &[(String, String, Value)], purpose: &str| {
        items.iter().find(|(p, ..)| p == purpose).map(|(_, zone, _)| zone.clone()).unwrap()
    };
    for (purpose, standing) in [
        ("mx", "differs"),
        ("spf", "differs"),
        ("dmarc", "met"),
        ("tls-reports", "missing"),
        ("service", "missing"),
        ("set-up", "missing"),
    ] {
        assert_eq!(of(&before, purpose), standing, "{purpose}");
    }
    assert!(before.iter().all(|(.., dns)| dns.is_null()), "nobody answers: {before:?}");
    let page = browser.get(&format!("{zone}/mail?dns=true")).await;
    assert!(page.text.contains("mx.h.example.") && page.text.contains("alt.example."), "{}", page.text);
    assert!(page.text.contains("no answer"), "{}", page.text);
    let revision = page.hidden("revision");
    // What is ticked at first is what is missing: what a person wrote stays.
    let ticked: Vec<usize> =
        before.iter().enumerate().filter(|(_, (_, s, _))| s == "missing").map(|(i, _)| i).collect();
    let take = |ticked: Vec<usize>, revision: String| {
        let (browser, zone) = (&browser, &zone);
        async move {
            let ticked: Vec<&str> = ticked.iter().map(|i| KEYS.get(*i).copied().unwrap_or("nonsense")).collect();
            let mut fields = vec![("revision", revision.as_str())];
            fields.extend(ticked.iter().map(|t| ("take", *t)));
            browser.post(&format!("{zone}/mail"), &fields).await
        }
    };
    assert_eq!(take(vec![], revision.clone()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(take(vec![99], revision.clone()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let taken = take(ticked, revision.clone()).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text);
    assert_eq!(take(vec![0], revision).await.status, StatusCode::PRECONDITION_FAILED, "the zone is another by now");
    let text = browser.get(&format!("{zone}/text")).await.text;
    assert!(text.contains("alt.example.") && text.contains("_imaps._tcp"), "{text}");
    let now = items(&browser, &zone).await;
    assert!(now.iter().skip(2).all(|(_, zone, _)| zone == "met") && of(&now, "mx") == "differs", "{now:?}");
    // Ticked, the other one gives way.
    let revision = browser.get(&format!("{zone}/mail")).await.hidden("revision");
    assert_eq!(take(vec![0, 1], revision).await.status, StatusCode::SEE_OTHER);
    let now = items(&browser, &zone).await;
    assert!(now.iter().all(|(_, zone, _)| zone == "met"), "{now:?}");
    // Published and served, the world says the same.
    let publish = format!("{zone}/publish");
    let revision = browser.get(&publish).await.hidden("revision");
    let published = browser.post(&publish, &[("revision", &revision), ("note", "")]).await;
    assert_eq!(published.status, StatusCode::SEE_OTHER, "{}", published.text);
    let folder = tempfile::Builder::new().prefix("hdns").tempdir().unwrap();
    let scope = Scope::for_machine("test");
    let store = &browser.context.store;
    hostler::domains::render::render(store, &scope, Flavor::Knot, folder.path(), Some(address)).await.unwrap();
    let _server = start("knot", folder.path(), address);
    let started = std::time::Instant::now();
    loop {
        let now = items(&browser, &zone).await;
        if now.iter().all(|(.., dns)| dns == "met") {
            break;
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "{now:?}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn the_policy_on_encryption_is_offered_and_answered(pool: PgPool) {
    let mut browser = panel_with(pool, &[("mail.mta_sts", "testing".to_owned())]).await;
    browser
        .import(&[
            ("domains.csv", "Domain;Kundennr\nk.example;\nleer.example;\n"),
            ("dns/zones/k.example", ZONE),
            ("mail/virtual", "info@k.example fern@else.example\n"),
        ])
        .await;
    browser.log_in().await;
    let zone = browser.zone_path("k.example").await;
    let text = browser.get(&format!("/api/v1{zone}/mail")).await.text;
    assert!(
        text.contains("\\\"v=STSv1; id=") && text.contains("mta-sts.k.example.\\t3600\\tIN\\tCNAME\\tpanel.example."),
        "{text}"
    );
    let nobody = browser.with_token("");
    let fetch = async |host: &str| {
        let request = actix_web::test::TestRequest::get().uri("/.well-known/mta-sts.txt");
        nobody.send(request.insert_header(("host", host))).await
    };
    let policy = fetch("MTA-STS.K.example").await;
    assert_eq!(policy.text, "version: STSv1\r\nmode: testing\r\nmx: mx.h.example\r\nmax_age: 604800\r\n");
    assert!(policy.header("content-type").starts_with("text/plain"));
    for host in ["mta-sts.leer.example", "mta-sts.fremd.example", "k.example", "mta-sts.", "mta-sts.a\"b"] {
        assert_eq!(fetch(host).await.status, StatusCode::NOT_FOUND, "{host}");
    }
}
