//! One table of hostile values, fed through every way in: form, zone text, CSV, papers.

use crate::{
    support::{ZONE, panel},
    world::World,
};
use actix_web::http::{Method, StatusCode};
use hostler_core::{
    dns::{parse, writer},
    names::Name,
};
use hostler_store::Scope;
use sqlx::PgPool;

/// Values that somebody typed on purpose. Each may be refused or kept as text; none may become a second record, a
/// second row, a path or markup.
pub(crate) fn hostile() -> Vec<String> {
    let mut values: Vec<String> = [
        "x\n@ IN NS evil.example.",
        "x\r\n@ IN NS evil.example.",
        "x\u{85}@ NS evil.",
        "x\u{2028}@ NS evil.",
        "a\"b",
        "\"; @ NS evil.",
        "a;b",
        "a\0b",
        "../../etc/passwd",
        "..",
        "/etc/passwd",
        "$INCLUDE /etc/passwd",
        "$GENERATE 0-9999999 a$ A 192.0.2.1",
        "$ORIGIN evil.",
        "(",
        ")",
        "\\",
        "\\000",
        "\\999",
        "\\# 4 7f000001",
        "@",
        ".",
        "*",
        "-rf",
        "'; drop table zones; --",
        "%s%n",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "😀",
        "\u{202e}ed.elpmaxe",
        "e\u{301}",
        "\u{200b}",
        "ＡＢＣ",
        "a b",
        " ",
        "\t",
        "",
    ]
    .map(str::to_owned)
    .into();
    values.push("a".repeat(64));
    values.push(vec!["a".repeat(63); 5].join("."));
    values.push("x".repeat(100_000));
    values
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn no_value_in_a_form_becomes_more_than_itself(pool: PgPool) {
    let mut browser = panel(pool).await;
    browser.log_in().await;
    browser.import(&[("dns/zones/a.example", ZONE)]).await;
    let path = browser.zone_path("a.example").await;
    let origin = Name::parse("a.example.", None).unwrap();
    let before = parse(ZONE.as_bytes(), &origin).unwrap().zone.records.len();
    let mut expected = before;
    for value in hostile() {
        for (owner, rtype, data) in [
            (value.as_str(), "A", "192.0.2.99"),
            ("h", "TXT", value.as_str()),
            ("h", "MX", &format!("10 {value}")),
            ("h", "CAA", &format!("0 issue {value}")),
            ("h", "TLSA", value.as_str()),
            ("h", value.as_str(), "192.0.2.1"),
            ("h", "TYPE65280", value.as_str()),
        ] {
            let revision = browser.get(&path).await.hidden("revision");
            let answer = browser
                .post(
                    &format!("{path}/records"),
                    &[("revision", &revision), ("owner", owner), ("rtype", rtype), ("data", data)],
                )
                .await;
            match answer.status {
                StatusCode::SEE_OTHER => expected += 1,
                StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => {}
                other => panic!("{rtype} {value:.40?}: {other}"),
            }
            assert!(!answer.text.contains("<script>alert"), "markup comes back");
            let shown = answer.text.split("<main").nth(1).unwrap_or_default();
            assert!(
                !shown.contains("/rustc/") && !shown.contains("backend/src") && !shown.contains("root:"),
                "tells about the machine"
            );
        }
    }
    let scope = Scope::for_machine("test");
    let id = browser.context.store.view(&scope).await.unwrap().zone_id("a.example").await.unwrap().unwrap();
    let records = browser.context.store.view(&scope).await.unwrap().zone_records(id).await.unwrap();
    assert_eq!(records.len(), expected, "one record for each accepted value");
    let zone =
        hostler_core::dns::Zone { origin: origin.clone(), records: records.into_iter().map(|r| r.record).collect() };
    let text = writer::canonical(&zone);
    let again = parse(text.as_bytes(), &origin).unwrap().zone;
    let mut canonical = zone;
    canonical.canonicalise();
    assert_eq!(again.records, canonical.records, "what is written reads back as it was");
    assert!(!again.records.iter().any(|r| r.data.names().iter().any(|n| n.to_string().starts_with("evil"))), "{text}");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn no_value_in_the_papers_becomes_more_than_itself(pool: PgPool) {
    let mut browser = panel(pool.clone()).await;
    browser.log_in().await;
    for value in hostile() {
        let quoted = format!("\"{}\"", value.replace('"', "\"\""));
        let customers = format!("Kundennr;Firma;E-Mail\nK1;{quoted};\n{quoted};Zwei;\nK3;Drei;{quoted}\n");
        let domains = format!("Domain;Kundennr\n{quoted};K1\nb.example;{quoted}\n");
        let zone = format!("{ZONE}t TXT {value}\n");
        let vhost = format!("<VirtualHost *:80>\nServerName {value}\nDocumentRoot {value}\n</VirtualHost>\n");
        let plan = browser
            .import(&[
                ("customers.csv", customers.as_str()),
                ("domains.csv", domains.as_str()),
                ("dns/zones/z.example", zone.as_str()),
                ("web/sites-enabled/v.conf", vhost.as_str()),
                ("mail/vmailbox", &format!("{value}@b.example x/\na@b.example {value}\n")),
                ("mail/virtual", &format!("{value}@b.example a@b.example\nc@b.example {value}\n")),
                ("mail/passwd", &format!("{value}:{value}:{value}\n")),
                ("mail/usage.tsv", &format!("{value}\t{value}\t{value}\n")),
                ("dns/named.conf", &format!("zone \"{value}\" {{ type master; file \"{value}\"; }};")),
            ])
            .await;
        assert!(
            plan.refused.iter().all(|r| !r.reason.is_empty() && r.reason.len() < 2000 && !r.reason.contains('\0')),
            "{:?}",
            plan.refused
        );
    }
    for (table, column) in [
        ("domains", "name"),
        ("zones", "name"),
        ("homepages", "name"),
        ("mailboxes", "address"),
        ("aliases", "address"),
    ] {
        let rows: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(format!("select {column} from {table}")))
            .fetch_all(&pool)
            .await
            .unwrap();
        for (value,) in rows {
            let bare = value.trim_start_matches('@');
            assert!(
                !bare.contains(['\n', '\r', ' ', ';', '"', '\\', '<', ':', '\0']) && !bare.contains(".."),
                "{table}: {value:?}"
            );
        }
    }
    for path in ["/", "/customers", "/domains", "/homepages", "/mail", "/reconciliation"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(!page.text.contains("<script>alert"), "{path}");
    }
    for value in hostile() {
        let q = hostler_web::ui::frame::encode(&value.chars().take(2000).collect::<String>());
        for path in ["/customers", "/domains", "/homepages", "/mail", "/reconciliation"] {
            for name in ["q", "sort", "page", "kind", "zone", "reseller", "customer", "scheme"] {
                let page = browser.get(&format!("{path}?{name}={q}")).await;
                assert_eq!(page.status, StatusCode::OK, "{path}?{name}={value:.30?}");
            }
        }
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_changes_nothing_is_no_change_and_reasons_are_told(pool: PgPool) {
    let world = World::new(pool).await;
    let operator = world.as_("operator@h.example").await;
    let path = format!("/api/v1/customers/{}", world.things(1).await.customer);
    let etag = operator.get(&path).await.header("etag").to_owned();
    let same = operator.json_with(Method::PATCH, &path, &[("if-match", &etag)], &serde_json::json!({})).await;
    assert_eq!((same.status, same.header("etag")), (StatusCode::OK, etag.as_str()));
    let stale = operator.json_with(Method::PATCH, &path, &[("if-match", "\"r99\"")], &serde_json::json!({})).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    let view = operator.post("/views", &[("list", "/nichts"), ("name", "x")]).await;
    assert!(view.text.contains("there is no such list"), "{}", view.text);
    let keyed = |company: &'static str| {
        let operator = &operator;
        async move {
            let body = serde_json::json!({ "name": company, "content": "@ 3600 IN A 192.0.2.1" });
            operator.json_with(Method::POST, "/api/v1/templates", &[("idempotency-key", "k")], &body).await
        }
    };
    assert_eq!(keyed("Eins").await.status, StatusCode::CREATED);
    let other = keyed("Zwei").await;
    assert!(other.status == StatusCode::CONFLICT && other.text.contains("another request"), "{}", other.text);
}
