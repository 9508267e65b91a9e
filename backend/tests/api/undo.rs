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
