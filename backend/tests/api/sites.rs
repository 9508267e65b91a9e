//! What homepages are: made here, changed, taken back, and what papers make of it later.

use crate::support::{Browser, panel};
use actix_web::http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

const HOSTS: &str = "<VirtualHost 192.0.2.10:80>\nServerName brot.example\nServerAlias www.brot.example\nDocumentRoot /srv/brot\n</VirtualHost>\n\
    <VirtualHost 192.0.2.10:80>\nServerName rad.example\nDocumentRoot /srv/rad\n</VirtualHost>\n";

async fn import(browser: &Browser, hosts: &str) {
    let files = [
        ("customers.csv", "Kundennr;Firma\nK1;Mehl\nK2;Räder\n"),
        ("domains.csv", "Domain;Kundennr\nbrot.example;K1\nrad.example;K2\n"),
        ("web/sites-enabled/alle.conf", hosts),
    ];
    browser.import(&files).await;
}

async fn provider(pool: &PgPool) -> Browser {
    let mut browser = panel(pool.clone()).await;
    import(&browser, HOSTS).await;
    browser.log_in().await;
    browser
}

async fn one(pool: &PgPool, name: &str) -> (Uuid, i32) {
    sqlx::query_as("select id, revision from homepages where name = $1").bind(name).fetch_one(pool).await.unwrap()
}

async fn names(pool: &PgPool, name: &str) -> (Vec<String>, String, String) {
    sqlx::query_as("select aliases, kind, target from homepages where name = $1")
        .bind(name)
        .fetch_one(pool)
        .await
        .unwrap()
}

async fn put(browser: &Browser, (id, revision): (Uuid, i32), body: &Value) -> crate::support::Answer {
    let tag = format!("\"r{revision}\"");
    browser.json_with(Method::PUT, &format!("/api/v1/homepages/{id}"), &[("if-match", &tag)], body).await
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_homepage_is_made_changed_and_taken_back(pool: PgPool) {
    let browser = provider(&pool).await;
    let body = json!({ "name": "Neu.Brot.example", "aliases": ["*.neu.brot.example", "WWW.müller.example", "neu.brot.example"], "kind": "php", "tls": true });
    let made = browser.json(Method::POST, "/api/v1/homepages", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let of: (Uuid, Vec<String>, String, i64) = sqlx::query_as(
        "select h.id, h.aliases, d.customer_number, (select n from row_counts where entity = 'homepages') from homepages h
         join domains d on d.id = h.domain_id where h.name = 'neu.brot.example'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(of.1, ["*.neu.brot.example", "www.xn--mller-kva.example"], "once each, as A-labels");
    assert_eq!((of.2.as_str(), of.3), ("K1", 3), "its domain's customer has it");
    // Changed by the page, and taken back from there.
    let page = browser.get(&format!("/homepages/{}/edit", of.0)).await;
    assert!(page.text.contains("*.neu.brot.example"), "{}", page.text);
    let form =
        [("revision", "1"), ("aliases", ""), ("kind", "redirect"), ("target", "https://brot.example$request_uri")];
    let saved = browser.post(&format!("/homepages/{}/edit", of.0), &form).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let redirect = (Vec::new(), "redirect".to_owned(), "https://brot.example$request_uri".to_owned());
    assert_eq!(names(&pool, "neu.brot.example").await, redirect);
    let entries: Vec<(i64, String)> =
        sqlx::query_as("select id, action from audit where entity = 'homepage' order by id")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(entries.iter().map(|e| e.1.as_str()).collect::<Vec<_>>(), ["create-homepage", "edit-homepage"]);
    let undo = |entry: i64| {
        let browser = &browser;
        async move { browser.json(Method::POST, &format!("/api/v1/audit/{entry}/undo"), &Value::Null).await }
    };
    // The making is not taken back while something was done with it since.
    assert_eq!(undo(entries[0].0).await.status, 409);
    assert!(undo(entries[1].0).await.status.is_success());
    assert_eq!(names(&pool, "neu.brot.example").await.0, of.1);
    // What was made by mistake and never touched is gone.
    let body = json!({ "name": "irrtum.rad.example", "kind": "static" });
    browser.json(Method::POST, "/api/v1/homepages", &body).await;
    let entry: i64 = sqlx::query_scalar("select max(id) from audit where action = 'create-homepage'")
        .fetch_one(&pool)
        .await
        .unwrap();
    let undone = undo(entry).await;
    assert!(undone.status.is_success(), "{}", undone.text);
    let left: i64 = sqlx::query_scalar("select count(*) from homepages where name = 'irrtum.rad.example'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(left, 0);
    let again = browser.json(Method::POST, "/api/v1/homepages", &body).await;
    assert_eq!(again.status, 201, "{}", again.text);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn what_cannot_be_served_is_refused_by_its_field(pool: PgPool) {
    let browser = provider(&pool).await;
    let brot = one(&pool, "brot.example").await;
    let with = |field: &str, value: Value| {
        let mut body = json!({ "name": "brot.example", "kind": "static" });
        body[field] = value;
        body
    };
    let many: Vec<String> = (0..201).map(|n| format!("n{n}.brot.example")).collect();
    for (body, field) in [
        (with("name", json!("anders.example")), "name"),
        (with("name", json!("../x")), "name"),
        (with("aliases", json!(["rad.example"])), "aliases"),
        (with("aliases", json!(["a b"])), "aliases"),
        (with("aliases", json!(["a.example\n}"])), "aliases"),
        (with("aliases", json!(["*"])), "aliases"),
        (with("aliases", json!(["\u{1f4a9}\u{0}.example"])), "aliases"),
        (with("aliases", json!(many)), "aliases"),
        (with("kind", json!("perl")), "kind"),
        (with("kind", json!("redirect")), "target"),
        (with("target", json!("https://x.example")), "target"),
        (json!({ "name": "brot.example", "kind": "proxy", "target": "http://app.example" }), "target"),
        (json!({ "name": "brot.example", "kind": "redirect", "target": "https://x.example/;}" }), "target"),
        (with("root", json!("srv")), "root"),
        (with("root", json!("/a\nb")), "root"),
        (with("root", json!(format!("/{}", "x".repeat(500)))), "root"),
    ] {
        let answer = put(&browser, brot, &body).await;
        assert_eq!(answer.status, 422, "{body} {}", answer.text);
        let problem: Value = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(problem["errors"][0]["field"], field, "{body} {}", answer.text);
    }
    let (aliases, ..) = names(&pool, "brot.example").await;
    assert_eq!(aliases, ["www.brot.example"], "nothing of it was written");
    let stale = put(&browser, (brot.0, 7), &json!({ "name": "brot.example", "kind": "static" })).await;
    assert_eq!(stale.status, 412);
    // The form comes again with what was typed.
    let again =
        browser.post("/homepages/new", &[("name", "www.brot.example"), ("kind", "static"), ("root", "/srv/\"x")]).await;
    assert_eq!(again.status, 422);
    assert!(
        again.text.contains("is served already by brot.example") && again.text.contains("/srv/&quot;x"),
        "{}",
        again.text
    );
    // A name that an archived homepage has is not given anew, as that one may come back.
    sqlx::query("update homepages set archived_at = now() where name = 'rad.example'").execute(&pool).await.unwrap();
    let taken =
        browser.json(Method::POST, "/api/v1/homepages", &json!({ "name": "rad.example", "kind": "static" })).await;
    assert!(taken.status == 422 && taken.text.contains("archived"), "{}", taken.text);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn of_two_who_take_a_name_at_once_one_has_it(pool: PgPool) {
    let browser = provider(&pool).await;
    let bodies = ["a.example", "b.example", "c.example"]
        .map(|name| json!({ "name": name, "aliases": ["gleich.example"], "kind": "static" }));
    let made =
        futures_util::future::join_all(bodies.iter().map(|body| browser.json(Method::POST, "/api/v1/homepages", body)))
            .await;
    let statuses: Vec<u16> = made.iter().map(|a| a.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|s| **s == 422).count(), 2, "{statuses:?}");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn papers_leave_what_was_changed_here(pool: PgPool) {
    let browser = provider(&pool).await;
    let brot = one(&pool, "brot.example").await;
    let body = json!({ "name": "brot.example", "aliases": ["brot-neu.example"], "kind": "php", "root": "/srv/brot" });
    assert_eq!(put(&browser, brot, &body).await.status, 204);
    import(&browser, HOSTS).await;
    let (aliases, kind, _) = names(&pool, "brot.example").await;
    assert_eq!(
        (aliases, kind.as_str()),
        (vec!["brot-neu.example".to_owned()], "php"),
        "the papers say what they said before"
    );
    // They say something else by now: somebody has to decide, and nothing is overwritten.
    import(&browser, &HOSTS.replace("/srv/brot", "/srv/brot2")).await;
    assert_eq!(names(&pool, "brot.example").await.0, ["brot-neu.example"]);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn names_that_are_anothers_by_now_do_not_come_back(pool: PgPool) {
    let browser = provider(&pool).await;
    let brot = one(&pool, "brot.example").await;
    // As the hourly job archives it.
    sqlx::query("update homepages set archived_at = now() where id = $1").bind(brot.0).execute(&pool).await.unwrap();
    let entry: i64 = sqlx::query_scalar(
        "insert into audit (at, actor, action, entity, entity_id, label, before, after)
         values (now(), '(archive)', 'archive-homepage', 'homepage', $1::text, 'brot.example', '{\"archived\": false}', '{\"archived\": true}') returning id",
    )
    .bind(brot.0.to_string())
    .fetch_one(&pool)
    .await
    .unwrap();
    let other = json!({ "name": "www.brot.example", "kind": "static" });
    assert_eq!(
        browser.json(Method::POST, "/api/v1/homepages", &other).await.status,
        201,
        "an alias of what is archived is free"
    );
    let undo = browser.json(Method::POST, &format!("/api/v1/audit/{entry}/undo"), &Value::Null).await;
    assert!(undo.status == 409 && undo.text.contains("www.brot.example"), "{}", undo.text);
    // What papers have for a main name stays, and the rest is changed.
    sqlx::query("update homepages set name = '*.rad.example' where name = 'rad.example'").execute(&pool).await.unwrap();
    let rad = one(&pool, "*.rad.example").await;
    let changed = put(&browser, rad, &json!({ "name": "*.rad.example", "kind": "php" })).await;
    assert_eq!(changed.status, 204, "{}", changed.text);
}
