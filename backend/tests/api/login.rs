//! Logging in, and everything that is closed without it.

use crate::support::{EMAIL, PASSWORD, panel};
use actix_web::{
    http::{StatusCode, header},
    test::TestRequest,
};
use sqlx::PgPool;

const CLOSED: &[&str] = &[
    "/",
    "/customers",
    "/customers/0193e0a0-0000-7000-8000-000000000000",
    "/domains",
    "/homepages",
    "/mail",
    "/import",
    "/import/0193e0a0-0000-7000-8000-000000000000",
    "/reconciliation",
    "/reconciliation/kept/1",
    "/zones/0193e0a0-0000-7000-8000-000000000000",
    "/zones/0193e0a0-0000-7000-8000-000000000000/text",
    "/zones/0193e0a0-0000-7000-8000-000000000000/publish",
    "/zones/0193e0a0-0000-7000-8000-000000000000/versions",
    "/zones/0193e0a0-0000-7000-8000-000000000000/versions/1",
];

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn nobody_sees_anything_without_a_session(pool: PgPool) {
    let browser = panel(pool).await;
    for path in CLOSED {
        let answer = browser.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header("location").starts_with("/login"), "{path}");
    }
    for path in [
        "/import",
        "/import/x/apply",
        "/import/x/cancel",
        "/zones/x/records",
        "/zones/x/records/1",
        "/zones/x/records/1/delete",
        "/zones/x/text",
        "/zones/x/publish",
        "/zones/x/discard",
    ] {
        let answer = browser.post(path, &[("revision", "1")]).await;
        assert_eq!(
            (answer.status, answer.header("location").starts_with("/login")),
            (StatusCode::SEE_OTHER, true),
            "{path}"
        );
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn with_a_session_every_page_answers_and_what_is_not_there_is_404(pool: PgPool) {
    let mut browser = panel(pool).await;
    browser.log_in().await;
    for path in CLOSED {
        let answer = browser.get(path).await;
        let there = !path.contains("0193e0a0") && !path.contains("kept");
        assert_eq!(answer.status, if there { StatusCode::OK } else { StatusCode::NOT_FOUND }, "{path}");
        assert!(answer.text.contains("</html>"), "{path}");
    }
    for path in
        ["/customers/../../etc/passwd", "/zones/%00", "/zones/1'%20or%201=1", "/nothing", "/customers/%F0%9F%98%80"]
    {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn the_cookie_is_bound_to_this_host_and_out_of_reach_of_scripts(pool: PgPool) {
    let mut browser = panel(pool).await;
    browser.log_in().await;
    let answer = browser.post("/login", &[("email", EMAIL), ("password", PASSWORD), ("next", "/domains?q=x")]).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert_eq!(answer.header("location"), "/domains?q=x");
    let answer = browser.post("/login", &[("email", EMAIL), ("password", PASSWORD), ("next", "//evil.example")]).await;
    assert_eq!(answer.header("location"), "/");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike(pool: PgPool) {
    let mut browser = panel(pool).await;
    browser.log_in().await;
    let wrong = browser.post("/login", &[("email", EMAIL), ("password", "not the password")]).await;
    let unknown =
        browser.post("/login", &[("email", "nobody@frankenhost.example"), ("password", "not the password")]).await;
    assert_eq!((wrong.status, unknown.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    let body = |text: &str| text.split("</style>").nth(1).unwrap().to_owned();
    let bare = |text: &str| body(text).replace(EMAIL, "").replace("nobody@frankenhost.example", "");
    assert_eq!(bare(&wrong.text), bare(&unknown.text));
    assert!(!wrong.text.contains("not the password"), "a password is never given back");
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn guessing_slows_down_who_guesses(pool: PgPool) {
    let mut browser = panel(pool).await;
    browser.log_in().await;
    for _ in 0..6 {
        browser.post("/login", &[("email", EMAIL), ("password", "guess guess guess")]).await;
        browser.context.clock.advance(2);
    }
    browser.post("/login", &[("email", EMAIL), ("password", "guess guess guess")]).await;
    let refused = browser.post("/login", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    // Somebody else, from elsewhere, is not held up.
    let request = TestRequest::post()
        .uri("/login")
        .insert_header(("sec-fetch-site", "same-origin"))
        .set_form([("email", EMAIL), ("password", PASSWORD)]);
    let elsewhere = browser.send_from(request, "198.51.100.9:1").await;
    assert_eq!(elsewhere.status, StatusCode::SEE_OTHER);
    browser.context.clock.advance(600);
    let answer = browser.post("/login", &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn requests_from_other_sites_are_refused(pool: PgPool) {
    let browser = panel(pool).await;
    let form = [("email", EMAIL), ("password", PASSWORD)];
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let answer = browser.send(TestRequest::post().uri("/login").insert_header((name, value)).set_form(form)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let own = TestRequest::post()
        .uri("/login")
        .insert_header((header::HOST, "panel.example"))
        .insert_header((header::ORIGIN, "https://panel.example"));
    assert_eq!(browser.send(own.set_form(form)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[sqlx::test(migrator = "hostler_store::MIGRATOR")]
async fn a_session_ends_by_log_out_by_idleness_and_by_a_new_password(pool: PgPool) {
    let mut browser = panel(pool).await;
    browser.log_in().await;
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    browser.context.clock.advance(13 * 3600);
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "idle");
    browser.log_in().await;
    browser.post("/logout", &[]).await;
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "logged out");
    browser.log_in().await;
    let now = browser.context.clock.now();
    hostler::identity::service::create_admin(&browser.context, EMAIL, None, "another long password", now)
        .await
        .unwrap();
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "new password");
}
