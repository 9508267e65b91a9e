//! Changes of customers and logins are taken back, by whom they could be made, as long as nobody has changed them since.

use crate::{support::Answer, world::World};
use actix_web::http::{Method, StatusCode};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

async fn last(pool: &PgPool, action: &str) -> i64 {
    sqlx::query_scalar("select max(id) from audit where action = $1").bind(action).fetch_one(pool).await.unwrap()
}

async fn company(pool: &PgPool, id: Uuid) -> (String, String) {
    sqlx::query_as("select company, city from customers where id = $1").bind(id).fetch_one(pool).await.unwrap()
}

async fn undo(world: &World, who: &str, entry: i64) -> Answer {
    world.as_(who).await.post(&format!("/audit/{entry}/undo"), &[]).await
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_customers_data_comes_back_field_by_field(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let id = world.things(1).await.customer;
    let billing = world.as_("billing@h.example").await;
    let before = company(&pool, id).await;
    let form = billing.get(&format!("/customers/{id}/edit")).await;
    let fields = [("revision", form.hidden("revision")), ("company", "Neu GmbH".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let saved = billing.post(&format!("/customers/{id}/edit"), &fields).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let entry = last(&pool, "edit-customer").await;
    assert!(saved.header("set-cookie").contains(&entry.to_string()), "the note has the way back");
    for (who, status) in [
        ("member1@k1.example", StatusCode::FORBIDDEN),
        ("owner1@k1.example", StatusCode::FORBIDDEN),
        ("owner3@k3.example", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(undo(&world, who, entry).await.status, status, "{who}");
    }
    // Another field that was changed since is no hindrance, and stays.
    let (revision,): (i32,) =
        sqlx::query_as("select revision from customers where id = $1").bind(id).fetch_one(&pool).await.unwrap();
    let patch = actix_web::test::TestRequest::patch()
        .uri(&format!("/api/v1/customers/{id}"))
        .insert_header(("if-match", format!("\"r{revision}\"")))
        .insert_header(("origin", "https://panel.example"))
        .set_json(json!({ "contact": "Frau Neu" }));
    assert_eq!(billing.send(patch).await.status, StatusCode::OK);
    assert_eq!(undo(&world, "operator@h.example", entry).await.status, StatusCode::SEE_OTHER);
    assert_eq!(company(&pool, id).await.0, before.0);
    let (contact,): (String,) =
        sqlx::query_as("select contact from customers where id = $1").bind(id).fetch_one(&pool).await.unwrap();
    assert_eq!(contact, "Frau Neu");
    assert_eq!(undo(&world, "operator@h.example", entry).await.status, StatusCode::CONFLICT, "once");
    // The way back has a way back.
    assert_eq!(undo(&world, "operator@h.example", last(&pool, "undo").await).await.status, StatusCode::SEE_OTHER);
    assert_eq!(company(&pool, id).await.0, "Neu GmbH");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_login_becomes_what_it_was_unless_it_was_changed_since(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    let (member, revision): (Uuid, i32) =
        sqlx::query_as("select id, revision from users where email = 'member1@k1.example'")
            .fetch_one(&pool)
            .await
            .unwrap();
    let role = || async {
        sqlx::query_as::<_, (String, bool)>("select role, disabled_at is null from users where id = $1")
            .bind(member)
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    let revision = revision.to_string();
    let edit = [("revision", revision.as_str()), ("name", "Anders"), ("role", "owner")];
    assert_eq!(owner.post(&format!("/logins/{member}"), &edit).await.status, StatusCode::SEE_OTHER);
    let entry = last(&pool, "edit-login").await;
    assert_eq!(role().await.0, "owner");
    assert_eq!(undo(&world, "owner3@k3.example", entry).await.status, StatusCode::NOT_FOUND, "another household's");
    assert_eq!(undo(&world, "owner1@k1.example", entry).await.status, StatusCode::SEE_OTHER);
    assert_eq!(role().await.0, "member");
    let off = owner.json(Method::PUT, &format!("/api/v1/logins/{member}/enabled"), &json!({ "enabled": false })).await;
    assert_eq!(off.status, StatusCode::NO_CONTENT, "{}", off.text);
    let entry = last(&pool, "disable-login").await;
    assert!(!role().await.1);
    assert_eq!(undo(&world, "owner1@k1.example", entry).await.status, StatusCode::SEE_OTHER);
    assert!(role().await.1);
    assert_eq!(owner.post(&format!("/logins/{member}/switch"), &[("on", "")]).await.status, StatusCode::SEE_OTHER);
    let again = last(&pool, "disable-login").await;
    assert_eq!(owner.post(&format!("/logins/{member}/switch"), &[("on", "1")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(undo(&world, "owner1@k1.example", again).await.status, StatusCode::CONFLICT, "it is on already");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_new_zone_is_taken_back_as_long_as_nothing_came_of_it(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let operator = world.as_("operator@h.example").await;
    let make = |name: &'static str, dry: &'static str| {
        let operator = &operator;
        async move {
            let variables = json!({"ns1": "ns1.h.example.", "ns2": "ns2.h.example.", "hostmaster": "h.h.example.", "ipv4": "192.0.2.80", "mx": "mail.h.example."});
            let body = json!({"name": name, "customer": "K1", "template": "Standard", "variables": variables});
            operator.json(Method::POST, &format!("/api/v1/zones{dry}"), &body).await
        }
    };
    let left = || async {
        let sql = "select (select count(*) from zones where name = 'neu.example'), (select count(*) from domains where name = 'neu.example')";
        sqlx::query_as::<_, (i64, i64)>(sql).fetch_one(&pool).await.unwrap()
    };
    assert_eq!(make("neu.example", "").await.status, StatusCode::CREATED);
    // Trying says what doing would.
    for name in ["neu.example", "k2-geheim.example"] {
        let tried = make(name, "?dry_run=true").await;
        assert_eq!(tried.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", tried.text);
        assert!(tried.text.contains("\"name\""), "{}", tried.text);
    }
    let entry = last(&pool, "create-zone").await;
    assert_eq!(undo(&world, "owner1@k1.example", entry).await.status, StatusCode::FORBIDDEN, "plan or role");
    let gone = undo(&world, "operator@h.example", entry).await;
    assert_eq!((gone.status, gone.header("location")), (StatusCode::SEE_OTHER, "/audit"), "{}", gone.text);
    assert_eq!(left().await, (0, 0));
    let again = last(&pool, "unmake-zone").await;
    assert_eq!(
        undo(&world, "operator@h.example", again).await.status,
        StatusCode::NOT_FOUND,
        "it is made anew instead"
    );
    // One that was changed since stays, and the refusal names it.
    assert_eq!(make("neu.example", "").await.status, StatusCode::CREATED);
    let entry = last(&pool, "create-zone").await;
    let zone: Uuid =
        sqlx::query_scalar("select id from zones where name = 'neu.example'").fetch_one(&pool).await.unwrap();
    let (revision,): (i32,) =
        sqlx::query_as("select revision from zones where id = $1").bind(zone).fetch_one(&pool).await.unwrap();
    let tag = format!("\"r{revision}\"");
    let record = json!({"owner": "x", "ttl": "", "type": "A", "data": "192.0.2.9"});
    let added = operator
        .json_with(Method::POST, &format!("/api/v1/zones/{zone}/records"), &[("if-match", &tag)], &record)
        .await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text);
    let kept = undo(&world, "operator@h.example", entry).await;
    assert_eq!(kept.status, StatusCode::CONFLICT);
    assert!(kept.text.contains("neu.example") && kept.text.contains("changed again since"), "{}", kept.text);
    assert_eq!(left().await, (1, 1));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn templates_and_invitations_are_taken_back(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let operator = world.as_("operator@h.example").await;
    let body = |content: &str| json!({"name": "Klein", "content": content});
    let made = operator.json(Method::POST, "/api/v1/templates", &body("$TTL 60\n@ A 192.0.2.1\n")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let create = last(&pool, "save-template").await;
    let id = serde_json::from_str::<serde_json::Value>(&made.text).unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/templates/{id}");
    let put =
        operator.json_with(Method::PUT, &path, &[("if-match", "\"r1\"")], &body("$TTL 60\n@ A 192.0.2.2\n")).await;
    assert_eq!(put.status, StatusCode::NO_CONTENT, "{}", put.text);
    let content = || async {
        let sql = "select content from zone_templates where name = 'Klein'";
        sqlx::query_scalar::<_, String>(sql).fetch_optional(&pool).await.unwrap()
    };
    assert_eq!(undo(&world, "operator@h.example", create).await.status, StatusCode::CONFLICT, "it was changed since");
    assert_eq!(
        undo(&world, "owner1@k1.example", last(&pool, "save-template").await).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        undo(&world, "operator@h.example", last(&pool, "save-template").await).await.status,
        StatusCode::SEE_OTHER
    );
    assert!(content().await.unwrap().contains("192.0.2.1"));
    assert_eq!(undo(&world, "operator@h.example", create).await.status, StatusCode::SEE_OTHER);
    assert_eq!(content().await, None);
    // An invitation that is taken back leads nowhere.
    let owner = world.as_("owner1@k1.example").await;
    let invite = [("email", "neu@k1.example"), ("name", "Neu"), ("role", "member")];
    assert_eq!(owner.post("/logins/invite", &invite).await.status, StatusCode::SEE_OTHER);
    let entry = last(&pool, "invite").await;
    assert_eq!(undo(&world, "owner3@k3.example", entry).await.status, StatusCode::NOT_FOUND, "another household's");
    assert_eq!(undo(&world, "owner1@k1.example", entry).await.status, StatusCode::SEE_OTHER);
    let withdrawn: bool =
        sqlx::query_scalar("select withdrawn_at is not null from outbox where recipient = 'neu@k1.example'")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert!(withdrawn);
    assert_eq!(undo(&world, "owner1@k1.example", entry).await.status, StatusCode::CONFLICT, "once");
}
