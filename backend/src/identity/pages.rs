//! The log-in page.

use super::service::{self, Outcome};
use crate::http::{
    App,
    fault::Fault,
    page::{Page, see_other},
    visit::{LANGUAGE, SESSION, Visit, agent, peer},
};
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::{StatusCode, header},
    web,
};
use hostler_web::{i18n::Lang, pages::identity::login as view, ui::form::FieldErrors};
use serde::Deserialize;

/// Where to go after the log-in.
#[derive(Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// The log-in form.
#[derive(Debug, Deserialize)]
pub struct LoginForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// A path of ours: `//host` and `/\host` are somebody else's.
fn own_path(path: &str) -> &str {
    let fine =
        path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') && !path.chars().any(char::is_control);
    if fine { path } else { "/" }
}

/// `GET /login`
///
/// # Errors
/// When the database fails.
pub async fn login(app: web::Data<App>, visit: Visit, query: web::Query<Next>) -> Result<HttpResponse, Fault> {
    let first_run = !app.context.store.has_users().await?;
    let next = own_path(&query.next).to_owned();
    Ok(Page::guest(&app, &visit, visit.lang.t("login"))
        .body(|lang| view(lang, "", &next, &FieldErrors::new(), first_run)))
}

/// `POST /login`
///
/// # Errors
/// When the database fails.
pub async fn submit(
    app: web::Data<App>,
    visit: Visit,
    request: HttpRequest,
    form: web::Form<LoginForm>,
) -> Result<HttpResponse, Fault> {
    let outcome =
        service::log_in(&app.context, &app.hasher, (&form.email, &form.password), (&peer(&request), &agent(&request)))
            .await?;
    let (status, error) = match outcome {
        Outcome::Welcome(token) => {
            let cookie = Cookie::build(SESSION, token)
                .path("/")
                .secure(true)
                .http_only(true)
                .same_site(SameSite::Lax)
                .max_age(Duration::days(i64::from(app.context.settings.session.max_days)))
                .finish();
            let to = own_path(&form.next).to_owned();
            return Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, to)).cookie(cookie).finish());
        }
        Outcome::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, visit.lang.t("login-wrong").to_owned()),
        Outcome::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, visit.lang.f("login-wait", &[("seconds", &seconds)])),
    };
    let errors = FieldErrors::from([("", error)]);
    let email: String = form.email.chars().take(300).collect();
    let next = own_path(&form.next).to_owned();
    Ok(Page::guest(&app, &visit, visit.lang.t("login"))
        .status(status)
        .body(|lang| view(lang, &email, &next, &errors, false)))
}

/// `POST /logout`
///
/// # Errors
/// When the database fails.
pub async fn logout(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Fault> {
    if let Some(cookie) = request.cookie(SESSION) {
        service::log_out(&app.context, cookie.value()).await?;
    }
    let mut gone = Cookie::build(SESSION, "").path("/").secure(true).http_only(true).finish();
    gone.make_removal();
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, "/login")).cookie(gone).finish())
}

/// Back to where the language was chosen.
#[derive(Debug, Deserialize)]
pub struct Back {
    #[serde(default)]
    back: String,
}

/// `GET /language/{lang}`
pub async fn language(lang: web::Path<String>, query: web::Query<Back>) -> HttpResponse {
    let lang = Lang::parse(&lang).unwrap_or_default();
    let cookie =
        Cookie::build(LANGUAGE, lang.code()).path("/").same_site(SameSite::Lax).max_age(Duration::days(365)).finish();
    let mut response = see_other(own_path(&query.back));
    if let Err(error) = response.add_cookie(&cookie) {
        tracing::warn!(%error, "the language was not kept");
    }
    response
}
