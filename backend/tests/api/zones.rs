//! The zone editor: staged edits, lint, diff, publishing, versions.

use crate::support::{ZONE, panel};
use actix_web::http::StatusCode;
use sqlx::PgPool;

async fn with_zone(pool: PgPool) -> (crate::support::Browser, String) {
    let mut browser = panel(pool).await;
    browser.log_in().await;
    browser.import(&[("dns/zones/a.example", ZONE)]).await;
    let path = browser.zone_path("a.example").await;
    (browser, path)
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_edit_is_staged_shown_as_a_difference_published_and_kept_as_a_version(pool: PgPool) {
    let (browser, path) = with_zone(pool).await;
    let page = browser.get(&path).await;
    assert!(page.text.contains("2020010101"), "the serial of the papers");
    let revision = page.hidden("revision");
    let add = browser
        .post(
            &format!("{path}/records"),
            &[("revision", &revision), ("owner", "shop"), ("ttl", "1h"), ("rtype", "A"), ("data", "192.0.2.81")],
        )
        .await;
    assert_eq!(add.status, StatusCode::SEE_OTHER, "{}", add.text);
    let publish = browser.get(&format!("{path}/publish")).await;
    assert!(publish.text.contains("shop") && publish.text.contains("Publish 1 change"), "{}", publish.text);
    let revision = publish.hidden("revision");
    let done = browser.post(&format!("{path}/publish"), &[("revision", &revision), ("note", "Shop <b>neu</b>")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let versions = browser.get(&format!("{path}/versions?from=1&to=2")).await;
    assert!(
        versions.text.contains("shop.a.example.") && versions.text.contains("Shop &lt;b&gt;neu&lt;/b&gt;"),
        "{}",
        versions.text
    );
    let text = browser.get(&format!("{path}/versions/2")).await;
    assert!(text.text.contains("shop.a.example.\t3600\tIN\tA\t192.0.2.81\n"));
    let again = browser.get(&format!("{path}/publish")).await;
    let nothing = browser
        .post(
            &format!("{path}/publish"),
            &[("revision", &again.hidden_or("revision", &path, &browser).await), ("note", "")],
        )
        .await;
    assert!(nothing.header("location").ends_with("/publish"), "unchanged content keeps its version");
    assert_eq!(browser.get(&format!("{path}/versions/3")).await.status, StatusCode::NOT_FOUND);
}

impl crate::support::Answer {
    /// The hidden field, or that of the zone's first page where this one has no form.
    async fn hidden_or(&self, name: &str, path: &str, browser: &crate::support::Browser) -> String {
        if self.text.contains(&format!("name=\"{name}\" value=")) {
            self.hidden(name)
        } else {
            browser.get(path).await.hidden(name)
        }
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn wrong_fields_are_named_and_what_was_typed_is_kept(pool: PgPool) {
    let (browser, path) = with_zone(pool).await;
    let revision = browser.get(&path).await.hidden("revision");
    let wrong = browser
        .post(
            &format!("{path}/records"),
            &[("revision", &revision), ("owner", "a..b"), ("ttl", "never"), ("rtype", "A"), ("data", "192.0.2.<300>")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in [
        "value=\"a..b\"",
        "value=\"never\"",
        "value=\"192.0.2.&lt;300&gt;\"",
        "empty label",
        "not an IPv4 address",
        "href=\"#f-data\"",
    ] {
        assert!(wrong.text.contains(part), "{part} in {}", wrong.text);
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_stale_edit_is_refused_and_overwrites_nothing(pool: PgPool) {
    let (browser, path) = with_zone(pool).await;
    let revision = browser.get(&path).await.hidden("revision");
    let form = |data: &'static str| {
        [
            ("revision", revision.clone()),
            ("owner", "x".to_owned()),
            ("rtype", "A".to_owned()),
            ("data", data.to_owned()),
        ]
    };
    let post = |data: &'static str| {
        let form = form(data);
        let path = format!("{path}/records");
        let browser = &browser;
        async move {
            let pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
            browser.post(&path, &pairs).await
        }
    };
    assert_eq!(post("192.0.2.1").await.status, StatusCode::SEE_OTHER);
    let stale = post("192.0.2.222").await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert!(stale.text.contains("192.0.2.222"), "what was typed is kept");
    assert!(!browser.get(&path).await.text.contains("192.0.2.222"));
    for action in ["discard", "publish", "text"] {
        let answer = browser.post(&format!("{path}/{action}"), &[("revision", &revision), ("text", ZONE)]).await;
        assert_eq!(answer.status, StatusCode::PRECONDITION_FAILED, "{action}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn errors_stop_publishing_until_they_are_mended(pool: PgPool) {
    let (browser, path) = with_zone(pool).await;
    let page = browser.get(&format!("{path}/text")).await;
    let broken = ZONE.replace("www CNAME @", "www CNAME @\nwww A 192.0.2.9");
    let saved = browser
        .post(
            &format!("{path}/text"),
            &[("revision", &page.hidden("revision")), ("text", &broken.replace('\n', "\r\n"))],
        )
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let publish = browser.get(&format!("{path}/publish")).await;
    assert!(
        publish.text.contains("CNAME beside other data") && !publish.text.contains("Publish 1 change"),
        "{}",
        publish.text
    );
    let revision = publish.hidden("revision");
    assert_eq!(
        browser.post(&format!("{path}/publish"), &[("revision", &revision)]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let discard = browser.post(&format!("{path}/discard"), &[("revision", &revision)]).await;
    assert_eq!(discard.status, StatusCode::SEE_OTHER);
    assert!(browser.get(&format!("{path}/publish")).await.text.contains("nothing to publish"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn text_that_cannot_be_read_names_its_lines_and_changes_nothing(pool: PgPool) {
    let (browser, path) = with_zone(pool).await;
    let revision = browser.get(&path).await.hidden("revision");
    let answer = browser
        .post(&format!("{path}/text"), &[("revision", &revision), ("text", "@ A 1.2\n$INCLUDE /etc/passwd\n")])
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.text.contains("line 1: A: `1.2` is not an IPv4 address")
            && answer.text.contains("line 2: $INCLUDE is refused")
    );
    assert!(answer.text.contains("$INCLUDE /etc/passwd"), "what was typed is kept");
    assert!(browser.get(&format!("{path}/publish")).await.text.contains("nothing to publish"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_long_text_without_quotes_is_one_text(pool: PgPool) {
    let (browser, path) = with_zone(pool).await;
    let revision = browser.get(&path).await.hidden("revision");
    let key = format!("v=DKIM1; k=rsa; p={}", "A".repeat(400));
    browser
        .post(
            &format!("{path}/records"),
            &[("revision", &revision), ("owner", "s._domainkey"), ("rtype", "TXT"), ("data", &key)],
        )
        .await;
    let page = browser.get(&path).await;
    assert!(
        page.text.contains("&quot;v=DKIM1; k=rsa; p=AAA") || page.text.contains("\"v=DKIM1; k=rsa; p=AAA"),
        "{}",
        page.text
    );
}

/// Ids of records by what the API shows of them.
async fn ids(browser: &crate::support::Browser, path: &str) -> (serde_json::Value, String) {
    let answer = browser.get(&format!("/api/v1{path}")).await;
    let tag = answer.header("etag").to_owned();
    (serde_json::from_str(&answer.text).unwrap(), tag)
}

fn id(zone: &serde_json::Value, rtype: &str) -> i64 {
    zone["records"].as_array().unwrap().iter().find(|r| r["type"] == rtype).unwrap()["id"].as_i64().unwrap()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn several_changes_happen_together_or_not_at_all(pool: PgPool) {
    let (browser, path) = with_zone(pool.clone()).await;
    let (zone, tag) = ids(&browser, &path).await;
    let count = zone["records"].as_array().unwrap().len();
    let good = serde_json::json!({
        "remove": [id(&zone, "MX")],
        "put": [
            { "id": id(&zone, "A"), "owner": "@", "ttl": "60", "type": "A", "data": "192.0.2.99" },
            { "owner": "neu", "type": "TXT", "data": "v=x; a b" },
        ],
    });
    let url = format!("/api/v1{path}/changes");
    let send = |body: serde_json::Value, query: &str, tag: &str| {
        let request = actix_web::test::TestRequest::post()
            .uri(&format!("{url}{query}"))
            .insert_header(("if-match", tag.to_owned()))
            .insert_header(("origin", "https://panel.example"))
            .set_json(body);
        browser.send(request)
    };
    let dry = send(good.clone(), "?dry_run=true", &tag).await;
    assert_eq!(dry.status, StatusCode::OK, "{}", dry.text);
    assert!(dry.text.contains("192.0.2.99") && dry.header("etag") == tag, "{}", dry.text);
    for (bad, told) in [
        (serde_json::json!({ "put": [{ "owner": "a..b", "type": "A", "data": "x" }] }), "put[0].owner"),
        (
            serde_json::json!({ "put": [{ "owner": "y", "type": "A", "data": "192.0.2.1" }, { "owner": "y", "type": "A", "data": "192.0.2.1" }] }),
            "put[1].data",
        ),
        (serde_json::json!({ "put": [], "role": "admin" }), "role"),
    ] {
        let refused = send(bad, "", &tag).await;
        assert!(refused.status.is_client_error() && refused.text.contains(told), "{told}: {}", refused.text);
    }
    let first = id(&zone, "A");
    for (bad, status) in [
        (serde_json::json!({ "remove": [i64::MAX] }), StatusCode::NOT_FOUND),
        (serde_json::json!({ "remove": [first, first] }), StatusCode::NOT_FOUND),
        (
            serde_json::json!({ "remove": [first], "put": [{ "id": first, "owner": "@", "type": "A", "data": "192.0.2.1" }] }),
            StatusCode::NOT_FOUND,
        ),
    ] {
        assert_eq!(send(bad, "", &tag).await.status, status);
    }
    assert_eq!(send(good.clone(), "", "\"r99\"").await.status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(send(good.clone(), "?dry_run=true", "\"r99\"").await.status, StatusCode::PRECONDITION_FAILED);
    let (unchanged, _) = ids(&browser, &path).await;
    assert_eq!(unchanged, zone, "nothing of all that happened");
    let mut published = good;
    published["publish"] = true.into();
    published["note"] = "Zusammen".into();
    let done = send(published, "", &tag).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let (after, tag) = ids(&browser, &path).await;
    assert_eq!(done.header("etag"), tag, "the state that comes of it");
    assert_eq!((after["records"].as_array().unwrap().len(), after["changed"].as_bool()), (count, Some(false)));
    assert!(browser.get(&format!("{path}/versions")).await.text.contains("Zusammen"));
    // One entry of the log holds all of it, and takes all of it back.
    let entry: serde_json::Value = serde_json::from_str(&done.text).unwrap();
    let undone = browser.post(&format!("/audit/{}/undo", entry["audit_entry"]), &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    let (back, _) = ids(&browser, &path).await;
    let data = |zone: &serde_json::Value| {
        let mut all: Vec<String> = zone["records"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|r| r["type"] != "SOA")
            .map(|r| format!("{} {} {} {}", r["owner"], r["ttl"], r["type"], r["data"]))
            .collect();
        all.sort();
        all
    };
    assert_eq!(data(&back), data(&zone));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_the_editor_sent_and_was_refused_is_in_the_editor_again(pool: PgPool) {
    let (browser, path) = with_zone(pool).await;
    let (zone, _) = ids(&browser, &path).await;
    let page = browser.get(&path).await;
    assert!(page.text.contains("data-zone-editor="));
    let revision = page.hidden("revision");
    let changes = serde_json::json!({
        "remove": [id(&zone, "MX")],
        "put": [{ "owner": "</div><script>", "ttl": "", "type": "A", "data": "192.0.2.300" }],
    })
    .to_string();
    let url = format!("{path}/changes");
    let post = |revision: &str, changes: &str| {
        let fields = [("revision", revision.to_owned()), ("changes", changes.to_owned()), ("then", "stage".to_owned())];
        async {
            let fields = fields;
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            browser.post(&url, &fields).await
        }
    };
    let refused = post(&revision, &changes).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("class=\"errors\"") && !refused.text.contains("</div><script>"), "{}", refused.text);
    assert!(refused.text.contains("192.0.2.300"), "what was typed is kept");
    // Somebody else was quicker: it is said, and what was typed is kept as well.
    let other = [("revision", revision.as_str()), ("owner", "x"), ("ttl", ""), ("rtype", "A"), ("data", "192.0.2.7")];
    assert_eq!(browser.post(&format!("{path}/records"), &other).await.status, StatusCode::SEE_OTHER);
    let stale = post(&revision, &changes).await;
    assert_eq!(stale.status, StatusCode::PRECONDITION_FAILED);
    assert!(stale.text.contains("192.0.2.300"));
    for nonsense in ["", "{\"put\":[{}]}", "{\"remove\":[\"x\"]}", "null"] {
        assert_eq!(post("1", nonsense).await.status, StatusCode::BAD_REQUEST, "{nonsense}");
    }
}
