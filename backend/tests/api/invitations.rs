//! Invitations claim nothing, end, and can be taken back; the provider reaches what a household cannot.

use crate::{
    people::{NEW, link as link_in, mail},
    world::World,
};
use actix_web::http::{Method, StatusCode};
use hostler::identity::service;
use sqlx::PgPool;

/// The link of the latest mail to an address; empty if there is none in it.
async fn link(pool: &PgPool, to: &str) -> String {
    let body = mail(pool, to).await;
    if body.contains("/link/") { link_in(&body) } else { String::new() }
}

async fn invite(world: &World, who: &str, email: &str, role: &str) {
    let answer =
        world.as_(who).await.post("/logins/invite", &[("email", email), ("name", "Neu"), ("role", role)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{who}: {}", answer.text);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_address_belongs_to_the_household_whose_invitation_is_taken_up(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    // Another tenant was first; neither the household nor the provider is kept out by that.
    invite(&world, "owner2@k2.example", "neu@k1.example", "member").await;
    let squatters = link(&pool, "neu@k1.example").await;
    invite(&world, "owner1@k1.example", "neu@k1.example", "member").await;
    let right = link(&pool, "neu@k1.example").await;
    assert!(squatters.starts_with("/link/") && right.starts_with("/link/") && squatters != right);
    let guest = world.nobody();
    assert_eq!(guest.post(&right, &[("new_password", NEW)]).await.header("location"), "/login");
    let late = guest.post(&squatters, &[("new_password", "vier blaue Fähren im Nebel")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    let (customer,): (String,) = sqlx::query_as(
        "select c.number from users u join customers c on c.id = u.customer_id where u.email = 'neu@k1.example' and u.accepted_at is not null",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(customer, "K1");
    let answer = guest.post("/login", &[("email", "neu@k1.example"), ("password", NEW)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_invitation_that_was_not_taken_up_is_no_login(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    invite(&world, "owner1@k1.example", "fremd@x.example", "owner").await;
    world.context().clock.advance(8 * 86_400);
    world.nobody().post("/reset", &[("email", "fremd@x.example")]).await;
    world.run_jobs().await;
    let (resets,): (i64,) =
        sqlx::query_as("select count(*) from mail_links where purpose = 'reset'").fetch_one(&pool).await.unwrap();
    assert_eq!(resets, 0, "an invitation that is over does not come back as a forgotten password");
    let now = world.context().clock.now();
    let made = service::create_admin(world.context(), "fremd@x.example", None, NEW, now).await;
    assert_eq!(made, Ok(true), "nor does it stand in the way of a login of the staff");
    let taken = service::create_admin(world.context(), "owner1@k1.example", None, NEW, now).await;
    assert!(taken.unwrap_err().contains("a customer or a reseller"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn an_invitation_is_taken_back(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    invite(&world, "owner1@k1.example", "vertippt@x.example", "owner").await;
    let old = link(&pool, "vertippt@x.example").await;
    assert!(owner.get("/logins").await.text.contains("vertippt@x.example"));
    // Of others' invitations nobody takes one back.
    let other = world.as_("owner2@k2.example").await;
    let fields = [("email", "vertippt@x.example")];
    assert_eq!(other.post("/logins/withdraw", &fields).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.nobody().get(&old).await.status, StatusCode::OK);
    assert_eq!(owner.post("/logins/withdraw", &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.nobody().get(&old).await.status, StatusCode::GONE);
    assert!(!owner.get("/logins").await.text.contains("vertippt@x.example"));
    world.run_jobs().await;
    let (sent,): (i64,) =
        sqlx::query_as("select count(*) from outbox where state = 'sent'").fetch_one(&pool).await.unwrap();
    assert_eq!(sent, 0, "its mail is not sent any more");
    assert_eq!(owner.post("/logins/withdraw", &fields).await.status, StatusCode::NOT_FOUND, "once");
    // One that was taken up is a login, and no invitation any more.
    invite(&world, "owner1@k1.example", "da@x.example", "member").await;
    sqlx::query("update users set accepted_at = now() where email = 'da@x.example'").execute(&pool).await.unwrap();
    assert_eq!(owner.post("/logins/withdraw", &[("email", "da@x.example")]).await.status, StatusCode::NOT_FOUND);
    // One that is known elsewhere looks the same to the end.
    invite(&world, "owner1@k1.example", "owner3@k3.example", "member").await;
    let body = serde_json::json!({ "email": "owner3@k3.example" });
    let answer = owner.json(Method::POST, "/api/v1/logins/withdraw", &body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
    assert!(!owner.get("/logins").await.text.contains("owner3@k3.example"));
    invite(&world, "owner1@k1.example", "vertippt@x.example", "member").await;
    assert_eq!(world.nobody().get(&link(&pool, "vertippt@x.example").await).await.status, StatusCode::OK, "anew");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn invitations_at_once_stay_within_their_bounds(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let owner = world.as_("owner1@k1.example").await;
    let fields = [("email", "flood@x.example"), ("name", "X"), ("role", "member")];
    let all = (0..20).map(|_| owner.post("/logins/invite", &fields));
    let answers = futures_util::future::join_all(all).await;
    let sent = answers.iter().filter(|a| a.status == StatusCode::SEE_OTHER).count();
    assert_eq!(sent, 3);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn the_provider_switches_off_an_only_owner_who_was_taken_over(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let things = world.things(1).await;
    let switch = format!("/logins/{}/switch", things.login);
    let customer = things.customer.to_string();
    let fields = [("on", ""), ("customer", customer.as_str())];
    assert_eq!(world.as_("r1@r1.example").await.post(&switch, &fields).await.status, StatusCode::SEE_OTHER);
    let (off,): (bool,) = sqlx::query_as("select disabled_at is not null from users where email = 'owner1@k1.example'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(off);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_link_that_ended_while_its_password_was_hashed_does_nothing(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    invite(&world, "owner1@k1.example", "neu@k1.example", "member").await;
    let path = link(&pool, "neu@k1.example").await;
    let token = path.trim_start_matches("/link/");
    let found = hostler::identity::links::find(world.context(), token).await.unwrap().unwrap();
    sqlx::query("update users set disabled_at = now() where email = 'neu@k1.example'").execute(&pool).await.unwrap();
    let hasher = hostler::identity::hashing::Hasher::new().unwrap();
    let late =
        hostler::identity::links::set_password(world.context(), &hasher, (token, &found), NEW, ("r", "192.0.2.1"))
            .await;
    assert!(matches!(late, Err(hostler::identity::links::LinkError::Gone)), "{late:?}");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn whose_entry_it_is_does_not_change_hands_with_an_address(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let zone = world.things(1).await.zone;
    let operator = world.as_("operator@h.example").await;
    let publish = [("revision", "1"), ("note", "n")];
    assert_eq!(
        operator.post(&format!("/zones/{zone}/discard"), &[("revision", "1")]).await.status,
        StatusCode::SEE_OTHER
    );
    let add = [("revision", "1"), ("owner", "neu"), ("rtype", "A"), ("data", "192.0.2.7")];
    assert_eq!(operator.post(&format!("/zones/{zone}/records"), &add).await.status, StatusCode::SEE_OTHER);
    let publish = [("revision", "2"), publish[1]];
    assert_eq!(operator.post(&format!("/zones/{zone}/publish"), &publish).await.status, StatusCode::SEE_OTHER);
    let owner = world.as_("owner1@k1.example").await;
    let seen = |text: &str| text.contains("operator@h.example");
    assert!(!seen(&owner.get("/api/v1/audit?action=publish").await.text));
    let versions = owner.get(&format!("/api/v1/zones/{zone}/versions")).await.text;
    assert!(!seen(&versions) && versions.contains("(provider)"), "{versions}");
    assert!(!seen(&owner.get(&format!("/zones/{zone}/versions")).await.text));
    assert!(seen(&operator.get(&format!("/zones/{zone}/versions")).await.text), "the staff reads it");
    // The operator leaves that address, and the customer gets it: what was done under it stays the provider's.
    sqlx::query("update users set email = 'weg@h.example' where email = 'operator@h.example'")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("update users set email = 'operator@h.example' where email = 'member1@k1.example'")
        .execute(&pool)
        .await
        .unwrap();
    let log: serde_json::Value = serde_json::from_str(&owner.get("/api/v1/audit?action=publish").await.text).unwrap();
    assert_eq!(log["items"][0]["actor"], "(provider)");
    assert_eq!(log["items"][0]["address"], serde_json::Value::Null);
}
