//! Mailboxes and aliases as their owners manage them: by the API and by the pages.

use crate::{support::Browser, world::World};
use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

async fn post(browser: &Browser, path: &str, body: Value) -> (StatusCode, Value) {
    let answer = browser.json(Method::POST, path, &body).await;
    (answer.status, serde_json::from_str(&answer.text).unwrap_or(Value::Null))
}

/// The fields that a problem document names.
fn fields(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().filter_map(|e| e["field"].as_str().map(str::to_owned)).collect()
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn one_address_is_one_thing(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    let (status, made) = post(&owner, "/api/v1/mailboxes", json!({ "address": "Chef@K1-Geheim.example" })).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let password = made["password"].as_str().unwrap();
    assert_eq!(password.len(), 23, "it gets a password, shown this once");
    let path = format!("/api/v1/mailboxes/{}", made["id"].as_str().unwrap());
    let mailbox = owner.get(&path).await;
    assert!(mailbox.text.contains("chef@k1-geheim.example") && !mailbox.text.contains(password), "{}", mailbox.text);
    assert!(!mailbox.text.contains("argon2"), "a hash never comes out");
    for path in ["/api/v1/mailboxes", "/api/v1/aliases"] {
        for address in ["chef@k1-geheim.example", "CHEF@K1-GEHEIM.EXAMPLE.", "info@k1-geheim.example"] {
            let (status, problem) =
                post(&owner, path, json!({ "address": address, "targets": ["post@k1-geheim.example"] })).await;
            // Each takes what is its own only.
            let (status, problem) = if path.ends_with("mailboxes") {
                assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "no targets in a mailbox");
                post(&owner, path, json!({ "address": address })).await
            } else {
                (status, problem)
            };
            assert_eq!(
                (status, fields(&problem)),
                (StatusCode::UNPROCESSABLE_ENTITY, vec!["address".to_owned()]),
                "{address}"
            );
        }
    }
    // What is wrong is said by the names that the body has.
    for (body, name) in [
        (json!({ "address": "x@k1-geheim.example", "password": "passwordpassword" }), "password"),
        (json!({ "address": "x@k1-geheim.example", "data": { "quota_bytes": 0 } }), "data.quota_bytes"),
        (
            json!({ "address": "x@k1-geheim.example", "data": { "forward": ["niemand@k1-geheim.example"] } }),
            "data.forward",
        ),
    ] {
        let (status, problem) = post(&owner, "/api/v1/mailboxes", body).await;
        assert_eq!((status, fields(&problem)), (StatusCode::UNPROCESSABLE_ENTITY, vec![name.to_owned()]), "{problem}");
    }
    // Somebody else's domain is none, and so is one that nobody has.
    for address in ["x@k2-geheim.example", "x@nirgends.example"] {
        let (status, problem) = post(&owner, "/api/v1/mailboxes", json!({ "address": address })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(problem.to_string().contains("none of yours"), "{problem}");
    }
    // Given up, it can be made again, and nothing of it is left but its place.
    let revision = mailbox.header("etag").to_owned();
    assert_eq!(
        owner.json_with(Method::DELETE, &path, &[("if-match", "\"r99\"")], &Value::Null).await.status,
        StatusCode::PRECONDITION_FAILED
    );
    assert_eq!(
        owner.json_with(Method::DELETE, &path, &[("if-match", &revision)], &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(owner.get(&path).await.status, StatusCode::NOT_FOUND);
    // Taken back, it is there again; taken back once more there is nothing to take back.
    let undo = |action: &'static str| {
        let (owner, pool) = (&owner, &pool);
        async move {
            let (entry,): (i64,) = sqlx::query_as("select max(id) from audit where action = $1")
                .bind(action)
                .fetch_one(pool)
                .await
                .unwrap();
            owner.post(&format!("/audit/{entry}/undo"), &[]).await.status
        }
    };
    assert_eq!(undo("delete-mailbox").await, StatusCode::SEE_OTHER);
    let back = owner.get(&path).await;
    assert_eq!(back.status, StatusCode::OK);
    assert_eq!(undo("delete-mailbox").await, StatusCode::CONFLICT);
    assert_eq!(undo("undo").await, StatusCode::NOT_FOUND);
    // What is set to what it is already changes nothing, and is not in the log.
    let same = [("if-match", back.header("etag"))];
    let answer = owner.json_with(Method::PATCH, &path, &same, &json!({ "keep": true })).await;
    assert_eq!((answer.status, answer.header("etag")), (StatusCode::OK, back.header("etag")));
    assert_eq!(undo("create-mailbox").await, StatusCode::SEE_OTHER);
    assert_eq!(owner.get(&path).await.status, StatusCode::NOT_FOUND);
    let (status, _) = post(
        &owner,
        "/api/v1/aliases",
        json!({ "address": "chef@k1-geheim.example", "targets": ["post@k1-geheim.example"] }),
    )
    .await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(undo("create-alias").await, StatusCode::SEE_OTHER);
    let (left,): (i64,) =
        sqlx::query_as("select count(*) from aliases where address like 'chef@%' and archived_at is null")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(left, 0);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn twenty_at_once_make_one_mailbox_of_an_address(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    let makes = (0..20).map(|n| {
        let path = if n % 2 == 0 { "/api/v1/mailboxes" } else { "/api/v1/aliases" };
        let body = if n % 2 == 0 {
            json!({ "address": "eins@k1-geheim.example", "password": "vier Worte ohne Sinn 47" })
        } else {
            json!({ "address": "eins@k1-geheim.example", "targets": ["post@k1-geheim.example"] })
        };
        let owner = &owner;
        async move { post(owner, path, body).await.0 }
    });
    let made = futures_util::future::join_all(makes).await.into_iter().filter(|s| *s == StatusCode::CREATED).count();
    assert_eq!(made, 1);
    let (rows,): (i64,) = sqlx::query_as("select (select count(*) from mailboxes where address like 'eins@%') + (select count(*) from aliases where address like 'eins@%')")
        .fetch_one(&pool).await.unwrap();
    assert_eq!(rows, 1);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_plan_holds_however_many_come_at_once(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    sqlx::query("update plans set max_mailboxes = 3, max_mail_bytes = 10000").execute(&pool).await.unwrap();
    sqlx::query("update mailboxes set quota_bytes = 1000").execute(&pool).await.unwrap();
    let owner = world.as_("owner1@k1.example").await;
    let makes = (0..8).map(|n| {
        let body = json!({ "address": format!("n{n}@k1-geheim.example"), "data": { "quota_bytes": 3000 } });
        let owner = &owner;
        async move { post(owner, "/api/v1/mailboxes", body).await.0 }
    });
    let made = futures_util::future::join_all(makes).await.into_iter().filter(|s| *s == StatusCode::CREATED).count();
    assert_eq!(made, 2, "post@ is the third");
    let (status, problem) = post(&owner, "/api/v1/mailboxes", json!({ "address": "x@k1-geheim.example" })).await;
    assert_eq!((status, fields(&problem)), (StatusCode::UNPROCESSABLE_ENTITY, vec!["address".to_owned()]));
    // A customer beyond the plan comes back into it step by step.
    sqlx::query("update plans set max_mail_bytes = 100").execute(&pool).await.unwrap();
    let list: Value = serde_json::from_str(&owner.get("/api/v1/addresses?q=post@k1&kind=mailbox").await.text).unwrap();
    let path = format!("/api/v1/mailboxes/{}", list["items"][0]["id"].as_str().unwrap());
    for (quota, fine) in [(json!(900), true), (json!(901), false), (json!(null), false)] {
        let etag = owner.get(&path).await.header("etag").to_owned();
        let answer =
            owner.json_with(Method::PATCH, &path, &[("if-match", &etag)], &json!({ "quota_bytes": quota })).await;
        assert_eq!(answer.status == StatusCode::OK, fine, "{quota}: {}", answer.text);
    }
    sqlx::query("update plans set max_mail_bytes = 10000").execute(&pool).await.unwrap();
    sqlx::query("update mailboxes set quota_bytes = 1000 where address like 'post@%'").execute(&pool).await.unwrap();
    sqlx::query("update plans set max_mailboxes = null").execute(&pool).await.unwrap();
    for (quota, fine) in [(json!(3001), false), (json!(null), false), (json!(3000), true)] {
        let body = json!({ "address": "x@k1-geheim.example", "data": { "quota_bytes": quota } });
        let (status, problem) = post(&owner, "/api/v1/mailboxes", body).await;
        assert_eq!(status == StatusCode::CREATED, fine, "{quota}: {problem}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn mail_goes_in_no_circle_and_to_nobodys_address(pool: PgPool) {
    let world = World::new(pool).await;
    let owner = world.as_("owner1@k1.example").await;
    let alias = |address: &str, targets: &[&str]| {
        let (owner, body) = (&owner, json!({ "address": format!("{address}@k1-geheim.example"), "targets": targets }));
        async move { post(owner, "/api/v1/aliases", body).await }
    };
    for (targets, reason) in [
        (&["a@k1-geheim.example"][..], "cannot lead to itself"),
        (&["A@K1-geheim.EXAMPLE"], "cannot lead to itself"),
        (&["niemand@k1-geheim.example"], "which nobody has"),
        (&["|/bin/sh"], "targets"),
        (&[":include:/etc/passwd"], "targets"),
        (&["/var/mail/x"], "targets"),
        (&["post@k1-geheim.example\nx@y.example"], "targets"),
        (&["@k2-geheim.example"], "only a catch-all"),
        (&[], "leads nowhere"),
    ] {
        let (status, problem) = alias("a", targets).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{targets:?}");
        assert!(problem.to_string().contains(reason), "{targets:?}: {problem}");
    }
    assert_eq!(alias("b", &["post@k1-geheim.example", "fern@else.example"]).await.0, StatusCode::CREATED);
    assert_eq!(alias("c", &["b@k1-geheim.example"]).await.0, StatusCode::CREATED);
    // post → c → b → post
    let list = owner.get("/api/v1/addresses?q=post@k1").await;
    let list: Value = serde_json::from_str(&list.text).unwrap();
    let id = list["items"].as_array().unwrap().iter().find(|i| i["kind"] == "mailbox").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/v1/mailboxes/{id}");
    let etag = owner.get(&path).await.header("etag").to_owned();
    let change = |body: Value| {
        let (owner, path, etag) = (&owner, &path, &etag);
        async move { owner.json_with(Method::PATCH, path, &[("if-match", etag)], &body).await }
    };
    let circle = change(json!({ "forward": ["c@k1-geheim.example"] })).await;
    assert!(
        circle.status == StatusCode::UNPROCESSABLE_ENTITY && circle.text.contains("in a circle"),
        "{}",
        circle.text
    );
    let foreign = change(json!({ "send_as": ["chef@k2-geheim.example"] })).await;
    assert!(foreign.text.contains("not one of the same customer"), "{}", foreign.text);
    for hostile in
        [json!({ "customer_id": "x" }), json!({ "password_hash": "x" }), json!({ "address": "y@k1-geheim.example" })]
    {
        assert_eq!(change(hostile.clone()).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{hostile}");
    }
    let way = owner.get("/api/v1/mail/route?address=c%2Bx@k1-geheim.example").await;
    let way: Value = serde_json::from_str(&way.text).unwrap();
    assert_eq!(way["delivers"], true);
    let ends: Vec<_> =
        way["ends"].as_array().unwrap().iter().map(|e| format!("{} {}", e["kind"], e["address"])).collect();
    assert_eq!(ends, ["\"mailbox\" \"post@k1-geheim.example\"", "\"elsewhere\" \"fern@else.example\""]);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_mailbox_is_kept_by_its_page(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    let form = owner.get("/mailboxes/new").await;
    assert!(form.text.contains("name=\"address\""));
    let weak = owner
        .post(
            "/mailboxes/new",
            &[("address", "laden@k1-geheim.example"), ("new_password", "passwordpassword"), ("quota_bytes", "1,5 GB")],
        )
        .await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.text.contains("easy to guess") && weak.text.contains("1,5 GB"), "what was typed is kept");
    let all = [("protocols", "imap"), ("protocols", "smtp")];
    let mut fields = vec![
        ("address", "laden@k1-geheim.example"),
        ("quota_bytes", "1,5 GB"),
        ("keep", "1"),
        ("name", "<b>Läden</b>"),
    ];
    fields.extend(all);
    let made = owner.post("/mailboxes/new", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let password = made.text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let path = made
        .text
        .split("action=\"")
        .find(|t| t.starts_with("/mailboxes/"))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let page = owner.get(&path).await;
    assert!(!page.text.contains(&password), "only once");
    assert!(page.text.contains("&lt;b&gt;Läden") && page.text.contains("1500 MB"), "{}", page.text);
    let revision = page.text.split("name=\"revision\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let away = [
        ("part", "reply"),
        ("revision", revision.as_str()),
        ("reply_on", "1"),
        ("reply_from", "2026-12-24"),
        ("reply_until", "2026-12-01"),
        ("reply_text", "Bin weg."),
        ("reply_days", "2"),
    ];
    let wrong = owner.post(&path, &away).await;
    assert!(
        wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("before the first"),
        "{}",
        wrong.text
    );
    let mut away = away;
    away[4].1 = "2027-01-06";
    assert_eq!(owner.post(&path, &away).await.status, StatusCode::SEE_OTHER);
    assert_eq!(owner.post(&path, &away).await.status, StatusCode::PRECONDITION_FAILED, "on an old state");
    let app = owner.post(&format!("{path}/app-passwords"), &[("label", "Telefon"), ("app_protocols", "imap")]).await;
    assert!(app.text.contains("Telefon") && app.text.contains("class=\"secret\""), "{}", app.text);
    for n in 1..8 {
        owner
            .post(&format!("{path}/app-passwords"), &[("label", &format!("Gerät {n}")), ("app_protocols", "imap")])
            .await;
    }
    let many = owner.post(&format!("{path}/app-passwords"), &[("label", "zu viel"), ("app_protocols", "imap")]).await;
    assert!(many.status == StatusCode::UNPROCESSABLE_ENTITY && many.text.contains("at most 8"), "{}", many.text);
    // The log has it all, and no secret.
    let (log,): (String,) = sqlx::query_as("select string_agg(action || coalesce(before::text, '') || coalesce(after::text, ''), ' ') from audit where entity = 'mailbox'")
        .fetch_one(&pool).await.unwrap();
    assert!(
        log.contains("create-mailbox")
            && log.contains("add-app-password")
            && !log.contains("argon2")
            && !log.contains(&password),
        "{log}"
    );
    // Taken back from the log, the answer is off again.
    let (entry,): (i64,) =
        sqlx::query_as("select max(id) from audit where action = 'edit-mailbox'").fetch_one(&pool).await.unwrap();
    assert_eq!(owner.post(&format!("/audit/{entry}/undo"), &[]).await.status, StatusCode::SEE_OTHER);
    let (on,): (bool,) =
        sqlx::query_as("select reply_on from mailboxes where address like 'laden@%'").fetch_one(&pool).await.unwrap();
    assert!(!on);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn many_mailboxes_in_one_call(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    let set = "with p as (insert into plans (id, name, max_mailboxes, max_mail_bytes, record_types, max_records, min_ttl) values (gen_random_uuid(), 'klein', 4, 3000, '{A}', 100, 60) returning id)
        update customers set plan_id = (select id from p) where number = 'K1'";
    sqlx::query(set).execute(&pool).await.unwrap();
    let count = || async {
        let sql = "select count(*) from mailboxes where address like 'n%@k1-geheim.example'";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap()
    };
    let one = |address: &str, quota: i64| json!({ "address": address, "data": { "quota_bytes": quota } });
    let items = json!({ "items": [
        one("n1@k1-geheim.example", 1000), one("N1@K1-Geheim.example", 1000), one("n2@k2-geheim.example", 1000),
        one("n3@k1-geheim.example", 0), one("n4@k1-geheim.example", 9000), one("n5@k1-geheim.example", 2000),
        { "address": "n6@k1-geheim.example", "password": "passwordpassword", "data": { "quota_bytes": 1 } },
    ]});
    let expected = [
        vec![],
        vec!["address"],
        vec!["address"],
        vec!["data.quota_bytes"],
        vec!["data.quota_bytes"],
        vec![],
        vec!["password"],
    ];
    let told = |answer: &Value| -> Vec<Vec<String>> {
        let items = answer["items"].as_array().unwrap();
        items.iter().map(fields).collect()
    };
    let (status, tried) = post(&owner, "/api/v1/mailboxes/bulk?dry_run=true", items.clone()).await;
    assert_eq!((status, &tried["made"]), (StatusCode::OK, &json!(2)), "{tried}");
    assert_eq!(told(&tried), expected);
    assert_eq!(count().await, 0, "it was only tried");
    let headers = [("idempotency-key", "viele")];
    let done = owner.json_with(Method::POST, "/api/v1/mailboxes/bulk", &headers, &items).await;
    let made: Value = serde_json::from_str(&done.text).unwrap();
    assert_eq!(done.status, StatusCode::OK, "{made}");
    assert_eq!(told(&made), expected);
    assert_eq!(count().await, 2, "what is refused leaves the others");
    assert_eq!(made["items"][0]["password"].as_str().unwrap().len(), 23);
    let again = owner.json_with(Method::POST, "/api/v1/mailboxes/bulk", &headers, &items).await;
    assert!(again.status == StatusCode::OK && !again.text.contains("password\":\""), "shown once: {}", again.text);
    assert_eq!(count().await, 2);
    let (status, _) = post(&owner, "/api/v1/mailboxes/bulk", json!({ "items": [] })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    // One that was given up starts anew, with nothing of what it was.
    let id = made["items"][0]["id"].as_str().unwrap();
    let gone = owner
        .json_with(Method::DELETE, &format!("/api/v1/mailboxes/{id}"), &[("if-match", "\"r1\"")], &Value::Null)
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
    let again = json!({ "items": [one("n1@k1-geheim.example", 10), one("n7@k1-geheim.example", 10)] });
    let (status, again) = post(&owner, "/api/v1/mailboxes/bulk", again).await;
    assert_eq!((status, &again["made"]), (StatusCode::OK, &json!(2)), "{again}");
    assert_eq!(again["items"][0]["id"], made["items"][0]["id"]);
    let (incarnation,): (i32,) =
        sqlx::query_as("select incarnation from mailboxes where address = 'n1@k1-geheim.example'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(incarnation, 1);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_domain_that_goes_takes_the_right_to_send_from_it_along(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    for sql in [
        "update domains set customer_id = (select id from customers where number = 'K1') where name = 'k2-geheim.example'",
        "update mailboxes set send_as = '{post@k2-geheim.example,wer@k1-geheim.example}' where address = 'post@k1-geheim.example'",
    ] {
        sqlx::query(sql).execute(&pool).await.unwrap();
    }
    let out = tempfile::tempdir().unwrap();
    let server = crate::mail_stack::server();
    let context = world.context();
    let senders = async || {
        let scope = hostler_store::Scope::for_machine("test");
        let mail = &context.settings.mail;
        let made =
            hostler::mail::render::render(&context.store, &scope, &server, mail, out.path(), context.clock.now())
                .await
                .unwrap();
        (std::fs::read_to_string(out.path().join("postfix/senders")).unwrap(), made.withheld)
    };
    let own = "post@k2-geheim.example post@k1-geheim.example, post@k2-geheim.example";
    assert!(senders().await.0.contains(own));
    sqlx::query("update domains set customer_id = (select id from customers where number = 'K2') where name = 'k2-geheim.example'")
        .execute(&pool)
        .await
        .unwrap();
    let (map, withheld) = senders().await;
    assert!(!map.contains(own) && map.contains("wer@k1-geheim.example post@k1-geheim.example"), "{map}");
    assert!(
        withheld.iter().any(|(what, _)| what == "post@k1-geheim.example as post@k2-geheim.example"),
        "{withheld:?}"
    );
}
