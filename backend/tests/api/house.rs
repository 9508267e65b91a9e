//! What every answer has: headers, languages, health, assets.

use crate::support::panel;
use actix_web::{
    http::{StatusCode, header},
    test::TestRequest,
};
use sqlx::PgPool;

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn machines_are_told_how_it_is(pool: PgPool) {
    let browser = panel(pool).await;
    assert_eq!(browser.get("/healthz").await.text, "ok\n");
    assert_eq!(browser.get("/readyz").await.text, "ready\n");
    let metrics = browser.get("/metrics").await.text;
    assert!(
        metrics.contains("hostler_http_requests_total{route=\"/healthz\",method=\"GET\",status=\"200\"} 1"),
        "{metrics}"
    );
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn without_its_database_it_is_alive_and_not_ready(pool: PgPool) {
    let browser = panel(pool).await;
    browser.context.store.close().await;
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(browser.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let page = browser.get("/login").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.text.contains(page.header("x-request-id")), "the number to quote");
    assert!(!page.text.to_lowercase().contains("pool"), "no word about the machine: {}", page.text);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn every_page_has_a_strict_policy_with_its_own_nonce(pool: PgPool) {
    let browser = panel(pool).await;
    let (one, two) = (browser.get("/login").await, browser.get("/login").await);
    assert_ne!(one.header("content-security-policy"), two.header("content-security-policy"));
    for answer in [&one, &browser.get("/nothing").await] {
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert!(!one.text.contains(" style=\"") && !one.text.contains(" onclick"), "no inline style or script");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn german_is_the_first_language_and_english_is_complete(pool: PgPool) {
    let browser = panel(pool).await;
    let bare = browser.send(TestRequest::get().uri("/login")).await;
    assert!(bare.text.contains("<html lang=\"de\">") && bare.text.contains("Anmelden"));
    assert!(browser.get("/login").await.text.contains("Log in"));
    let chosen = browser.send(TestRequest::get().uri("/login").insert_header((header::COOKIE, "lang=en"))).await;
    assert!(chosen.text.contains("<html lang=\"en\">"));
    let switch = browser.get("/language/de?back=//evil.example").await;
    assert_eq!((switch.status, switch.header("location")), (StatusCode::SEE_OTHER, "/"));
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn assets_are_named_by_their_hash_and_kept_for_ever(pool: PgPool) {
    let browser = panel(pool).await;
    // The first page brings the style along; from the second on the browser has the file.
    let first = browser.get("/login").await;
    assert!(first.text.contains("<style nonce=\"") && !first.text.contains("rel=\"stylesheet\""));
    let known = first.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = browser.send(TestRequest::get().uri("/login").insert_header((header::COOKIE, known))).await.text;
    assert!(!page.contains("<style"));
    let css = page.split("href=\"/assets/").nth(1).unwrap().split('"').next().unwrap();
    let plain = browser.get(&format!("/assets/{css}")).await;
    assert!(plain.header("cache-control").contains("immutable") && plain.text.contains("@layer"));
    let packed = browser
        .send(TestRequest::get().uri(&format!("/assets/{css}")).insert_header(("accept-encoding", "gzip, br")))
        .await;
    assert_eq!(packed.header("content-encoding"), "br");
    assert_eq!(browser.get("/assets/../Cargo.toml").await.status, StatusCode::NOT_FOUND);
}
