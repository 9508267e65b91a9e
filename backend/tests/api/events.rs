//! Events: everybody hears of what is theirs, and of nothing else.

use crate::world::World;
use actix_web::{
    body::{BoxBody, MessageBody},
    http::{Method, StatusCode},
};
use serde_json::json;
use sqlx::PgPool;
use std::{future::poll_fn, pin::Pin, time::Duration};
use tokio::{sync::watch, time::timeout};

/// Reads until a text comes; `None` if the answer ends before.
async fn until(body: &mut BoxBody, text: &str) -> Option<String> {
    let mut all = String::new();
    while !all.contains(text) {
        let next = timeout(Duration::from_secs(20), poll_fn(|cx| Pin::new(&mut *body).poll_next(cx)));
        let chunk = next.await.unwrap_or_else(|_| panic!("no {text:?} in time, but {all:?}"))?.unwrap();
        all.push_str(core::str::from_utf8(&chunk).unwrap());
    }
    Some(all)
}

async fn change(world: &World, customer: u8, city: &str) {
    let things = world.things(customer).await;
    let (id, revision) = (things.customer, things.revisions.0);
    let tag = format!("\"r{revision}\"");
    let path = format!("/api/v1/customers/{id}");
    let billing = world.as_("billing@h.example").await;
    let answer = billing.json_with(Method::PATCH, &path, &[("if-match", &tag)], &json!({ "city": city })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn everybody_hears_of_what_is_theirs(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let nobody = world.nobody();
    let (stop, stopped) = watch::channel(false);
    let hub = tokio::spawn(nobody.hub.clone().listen(world.context().clone(), stopped));
    let events = "/api/v1/events";
    let mut staff = world.as_("operator@h.example").await.watch(events, None).await;
    let mut first = world.as_("owner1@k1.example").await.watch(events, None).await;
    let mut second = world.as_("owner2@k2.example").await.watch(events, None).await;
    for body in [&mut staff, &mut first, &mut second] {
        assert!(until(body, "connected").await.unwrap().starts_with("retry: 5000"));
    }
    let (one, two) = (world.things(1).await.customer.to_string(), world.things(2).await.customer.to_string());
    change(&world, 2, "Fürth").await;
    change(&world, 1, "Erlangen").await;
    let heard = until(&mut first, &one).await.unwrap();
    assert!(heard.contains("event: change") && heard.contains("edit-customer"), "{heard}");
    assert!(!heard.contains(&two), "another customer's: {heard}");
    let heard = until(&mut second, &two).await.unwrap();
    assert!(!heard.contains(&one), "another customer's: {heard}");
    let heard = until(&mut staff, &one).await.unwrap();
    assert!(heard.contains(&two), "staff hear of all: {heard}");
    // Whoever comes back is told what they missed, once.
    let last: i64 = sqlx::query_scalar("select max(id) from audit").fetch_one(&pool).await.unwrap();
    let mut back = world.as_("operator@h.example").await.watch(events, Some(last - 1)).await;
    let heard = until(&mut back, "event: change").await.unwrap();
    assert_eq!(heard.matches("event: change").count(), 1, "{heard}");
    assert!(heard.contains(&format!("id: {last}\n")), "{heard}");
    // Whoever was away for too long is told so, and gets the newest: the whole log is never read for one who watches.
    sqlx::query("insert into audit (at, actor, action, entity, entity_id, label) select now(), 'x', 'viel', 'zone', n::text, 'x' from generate_series(1, 1500) n")
        .execute(&pool)
        .await
        .unwrap();
    let mut old = world.as_("operator@h.example").await.watch(events, Some(0)).await;
    let heard = until(&mut old, "\"id\":\"1500\"").await.unwrap();
    assert_eq!((heard.matches("event: missed").count(), heard.matches("event: change").count()), (1, 1000));
    // A session that ended hears nothing more.
    let owner = world.as_("owner1@k1.example").await;
    let mut gone = owner.watch(events, None).await;
    until(&mut gone, "connected").await.unwrap();
    assert_eq!(owner.post("/logout", &[]).await.status, StatusCode::SEE_OTHER);
    change(&world, 1, "Nürnberg").await;
    assert_eq!(until(&mut gone, "event: change").await, None, "the answer ends");
    stop.send(true).unwrap();
    hub.await.unwrap();
}
