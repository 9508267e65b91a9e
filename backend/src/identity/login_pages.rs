//! The pages before somebody is inside: log-in, second factor, forgotten password, mailed links.

use super::{
    factors::{self, Second},
    hashing::PasswordError,
    links::{self, LinkError},
    service::{self, Outcome},
};
use crate::http::{
    App,
    fault::{Fault, Kind},
    page::{Page, done, see_other},
    visit::{Actor, LANGUAGE, SESSION, Visit, agent, ended_cookie, session_cookie},
};
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::{StatusCode, header},
    web,
};
use hostler_store::{
    Scope,
    links::{Link, Purpose},
    sessions::State,
};
use hostler_web::{i18n::Lang, pages::identity as view, ui::form::FieldErrors};
use serde::Deserialize;

/// Where to go after the log-in.
#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// The log-in form.
#[derive(Debug, Deserialize)]
pub(super) struct LoginForm {
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

fn welcome(app: &App, token: &str, to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to.to_owned()))
        .cookie(session_cookie(SESSION, token, &app.context.settings))
        .finish()
}

/// `GET /login`
///
/// # Errors
/// When the database fails.
pub(super) async fn login(
    app: web::Data<App>,
    visit: Visit,
    query: web::Query<Next>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let first_run = !app.context.store.has_users().await?;
    let next = own_path(&query.next).to_owned();
    Ok(Page::guest(&app, &visit, visit.lang.t("login"))
        .flash(&request)
        .body(|lang| view::login(lang, "", &next, &FieldErrors::new(), first_run)))
}

/// `POST /login`
///
/// # Errors
/// When the database fails.
pub(super) async fn submit(
    app: web::Data<App>,
    visit: Visit,
    request: HttpRequest,
    form: web::Form<LoginForm>,
) -> Result<HttpResponse, Fault> {
    let outcome =
        service::log_in(&app.context, &app.hasher, (&form.email, &form.password), (&visit.address, &agent(&request)))
            .await?;
    let (status, error) = match outcome {
        Outcome::Welcome(token, state) => {
            let next = own_path(&form.next);
            let to = match state {
                State::Full => next.to_owned(),
                State::Second => format!("/login/second?next={}", hostler_web::ui::frame::encode(next)),
                State::Enrol => "/account/security".to_owned(),
            };
            return Ok(welcome(&app, &token, &to));
        }
        Outcome::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, visit.lang.t("login-wrong").to_owned()),
        Outcome::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, visit.lang.f("login-wait", &[("seconds", &seconds)])),
    };
    let errors = FieldErrors::from([("", error)]);
    let email: String = form.email.chars().take(300).collect();
    let next = own_path(&form.next).to_owned();
    Ok(Page::guest(&app, &visit, visit.lang.t("login"))
        .status(status)
        .body(|lang| view::login(lang, &email, &next, &errors, false)))
}

async fn second_page(
    app: &App,
    actor: &Actor,
    next: &str,
    errors: FieldErrors,
    status: StatusCode,
) -> Result<HttpResponse, Fault> {
    let session = actor.session()?;
    match session.state() {
        State::Full => return Ok(see_other(own_path(next))),
        State::Enrol => return Ok(see_other("/account/security")),
        State::Second => {}
    }
    let found = app.context.store.factors(session.login().id).await?;
    let passkey = app.passkeys.is_some() && !found.passkeys.is_empty();
    let codes = found.totp_secret.is_some();
    let next = own_path(next).to_owned();
    Ok(Page::guest(app, &actor.visit, actor.visit.lang.t("second"))
        .status(status)
        .passkeys()
        .body(|lang| view::second(lang, &next, codes, passkey, &errors)))
}

/// `GET /login/second`
///
/// # Errors
/// When the database fails.
pub(super) async fn second(app: web::Data<App>, actor: Actor, query: web::Query<Next>) -> Result<HttpResponse, Fault> {
    second_page(&app, &actor, &query.next, FieldErrors::new(), StatusCode::OK).await
}

/// The code of the second factor.
#[derive(Debug, Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

/// `POST /login/second`
///
/// # Errors
/// When the database fails.
pub(super) async fn submit_second(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<CodeForm>,
) -> Result<HttpResponse, Fault> {
    let (session, lang) = (actor.session()?, actor.visit.lang);
    if session.state() != State::Second {
        return Ok(see_other(own_path(&form.next)));
    }
    let scope = Scope::for_session(session, &actor.visit.id, &actor.visit.address);
    let (status, error) = match factors::check(&app.context, &scope, session, &form.code, &actor.visit.address).await? {
        Second::Welcome(token) => return Ok(welcome(&app, &token, own_path(&form.next))),
        Second::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, lang.t("second-wrong").to_owned()),
        Second::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, lang.f("login-wait", &[("seconds", &seconds)])),
    };
    second_page(&app, &actor, &form.next, FieldErrors::from([("code", error)]), status).await
}

/// `POST /logout`
///
/// # Errors
/// When the database fails.
pub(super) async fn logout(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Fault> {
    if let Some(cookie) = request.cookie(SESSION) {
        service::log_out(&app.context, cookie.value()).await?;
    }
    let gone = ended_cookie(SESSION);
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, "/login")).cookie(gone).finish())
}

/// An address.
#[derive(Debug, Deserialize)]
pub(super) struct EmailForm {
    #[serde(default)]
    email: String,
}

/// `GET /reset`
pub(super) async fn reset(app: web::Data<App>, visit: Visit) -> HttpResponse {
    Page::guest(&app, &visit, visit.lang.t("reset")).body(|lang| view::reset(lang, false))
}

/// `POST /reset`: the answer is the same whether or not there is such a login.
///
/// # Errors
/// 429 if too many were asked for from there.
pub(super) async fn submit_reset(
    app: web::Data<App>,
    visit: Visit,
    form: web::Form<EmailForm>,
) -> Result<HttpResponse, Fault> {
    if service::throttle(&app.context, "reset", &visit.address, None).await?.is_err() {
        return Err(Kind::TooMany.into());
    }
    let email: String = form.email.chars().take(300).collect();
    let scope = Scope::for_person(None, "(reset)", &visit.id, &visit.address);
    links::ask_reset(&app.context, &email, &scope).await?;
    Ok(Page::guest(&app, &visit, visit.lang.t("reset")).body(|lang| view::reset(lang, true)))
}

fn gone(app: &App, visit: &Visit) -> HttpResponse {
    Page::guest(app, visit, visit.lang.t("link-gone")).status(StatusCode::GONE).body(|lang| {
        let (title, text) = (lang.t("link-gone").to_owned(), lang.t("link-gone-text").to_owned());
        view::link_done(title, text, "/reset", lang.t("reset"))
    })
}

fn link_page(
    app: &App,
    visit: &Visit,
    token: &str,
    link: &Link,
    errors: &FieldErrors,
    status: StatusCode,
) -> HttpResponse {
    let (action, email, purpose) = (format!("/link/{token}"), link.email.clone(), link.purpose);
    let new = link.address.clone().unwrap_or_default();
    Page::guest(app, visit, visit.lang.t("login")).status(status).body(|lang| match purpose {
        Purpose::Invite | Purpose::Reset => view::new_password(lang, action, email, purpose == Purpose::Invite, errors),
        Purpose::AddressOld | Purpose::AddressNew => view::confirm_address(lang, action, email, new),
    })
}

/// `GET /link/{token}`
///
/// # Errors
/// When the database fails.
pub(super) async fn link(app: web::Data<App>, visit: Visit, token: web::Path<String>) -> Result<HttpResponse, Fault> {
    // Looking does not use it up: mail programs look at links before people do.
    match links::find(&app.context, &token).await? {
        Some(link) => Ok(link_page(&app, &visit, &token, &link, &FieldErrors::new(), StatusCode::OK)),
        None => Ok(gone(&app, &visit)),
    }
}

/// A new password.
#[derive(Debug, Deserialize)]
pub(super) struct NewPasswordForm {
    #[serde(default)]
    new_password: String,
}

/// What is wrong with a password, in the visitor's language.
pub(super) fn password_told(lang: Lang, error: &PasswordError) -> String {
    match error {
        PasswordError::Short => lang.t("password-short"),
        PasswordError::Long => lang.t("password-long"),
        PasswordError::Weak => lang.t("password-weak"),
        PasswordError::Hash(_) => lang.t("password-busy"),
    }
    .to_owned()
}

/// `POST /link/{token}`
///
/// # Errors
/// When the database fails.
pub(super) async fn submit_link(
    app: web::Data<App>,
    visit: Visit,
    token: web::Path<String>,
    form: web::Form<NewPasswordForm>,
) -> Result<HttpResponse, Fault> {
    let lang = visit.lang;
    let Some(link) = links::find(&app.context, &token).await? else { return Ok(gone(&app, &visit)) };
    let from = (visit.id.as_str(), visit.address.as_str());
    let result = match link.purpose {
        Purpose::Invite | Purpose::Reset => {
            links::set_password(&app.context, &app.hasher, (&token, &link), &form.new_password, from)
                .await
                .map(|()| done("/login", lang.t("password-was-set")))
        }
        Purpose::AddressOld | Purpose::AddressNew => {
            links::confirm_address(&app.context, (&token, &link), from).await.map(|both| {
                let text = if both { lang.t("link-address-done") } else { lang.t("link-address-half") };
                Page::guest(&app, &visit, lang.t("link-address")).body(|lang| {
                    let title = lang.t("link-address").to_owned();
                    view::link_done(title, text.to_owned(), "/login", lang.t("login"))
                })
            })
        }
    };
    match result {
        Ok(answer) => Ok(answer),
        Err(LinkError::Password(error)) => {
            let errors = FieldErrors::from([("new_password", password_told(lang, &error))]);
            Ok(link_page(&app, &visit, &token, &link, &errors, StatusCode::UNPROCESSABLE_ENTITY))
        }
        Err(LinkError::Gone) => Ok(gone(&app, &visit)),
        Err(LinkError::Taken) => {
            Ok(Page::guest(&app, &visit, lang.t("link-address")).status(StatusCode::CONFLICT).body(|lang| {
                let title = lang.t("link-address").to_owned();
                view::link_done(title, lang.t("address-taken").to_owned(), "/login", lang.t("login"))
            }))
        }
        Err(LinkError::Store(error)) => Err(error.into()),
    }
}

/// Back to where the language was chosen.
#[derive(Debug, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

/// `GET /language/{lang}`
pub(super) async fn language(lang: web::Path<String>, query: web::Query<Back>) -> HttpResponse {
    let lang = Lang::parse(&lang).unwrap_or_default();
    let cookie =
        Cookie::build(LANGUAGE, lang.code()).path("/").same_site(SameSite::Lax).max_age(Duration::days(365)).finish();
    let mut response = see_other(own_path(&query.back));
    if let Err(error) = response.add_cookie(&cookie) {
        tracing::warn!(%error, "the language was not kept");
    }
    response
}
