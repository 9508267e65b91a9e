//! Second factors of one's own account: codes of an app, recovery codes, and the list of passkeys.

use super::{
    account_pages::{knows_password, page},
    factors,
};
use crate::http::{
    App,
    fault::{Fault, Kind},
    page::{Page, done},
    visit::{Actor, SESSION, session_cookie},
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_store::sessions::{Session, State};
use hostler_web::{
    pages::account::{self as view, Factors, Key},
    time::date_time,
    ui::form::FieldErrors,
};
use serde::Deserialize;

pub(super) async fn security_page(
    app: &App,
    actor: &Actor,
    errors: FieldErrors,
    request: &HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (session, lang) = (actor.session()?, actor.visit.lang);
    let zone = app.context.settings.time_zone.0;
    let found = app.context.store.factors(session.login().id).await?;
    let pending = factors::pending_totp(session).filter(|_| found.totp_secret.is_none());
    let shown = Factors {
        totp: found.totp_secret.is_some(),
        pending: pending.map(|secret| {
            let svg = factors::qr(&factors::otpauth(&secret, &session.login().email));
            (secret, svg)
        }),
        recovery_left: found.recovery_left,
        keys: found
            .passkeys
            .iter()
            .map(|key| Key {
                id: key.id.to_string(),
                name: key.name.clone(),
                made: date_time(key.created_at, zone, lang),
                used: key.last_used_at.map_or_else(|| "—".to_owned(), |at| date_time(at, zone, lang)),
            })
            .collect(),
        passkeys_possible: app.passkeys.is_some(),
        required: session.state() == State::Enrol,
    };
    // Who must set a factor up first sees the page without the areas that are still closed.
    let page = if session.state() == State::Enrol {
        Page::guest(app, &actor.visit, lang.t("nav-account"))
    } else {
        page(app, actor).await?
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(page.status(status).flash(request).passkeys().body(|lang| view::security(lang, &shown, &errors)))
}

/// The session of a person who may set up factors: inside, or sent here to do so.
pub(super) fn setting_up(actor: &Actor) -> Result<&Session, Fault> {
    let session = actor.session()?;
    match session.state() {
        State::Second => Err(Kind::SecondFactor.into()),
        _ if session.acting().is_some() => Err(Kind::ReadOnly.into()),
        State::Full | State::Enrol => Ok(session),
    }
}

/// `GET /account/security`
///
/// # Errors
/// When the database fails.
pub(super) async fn security(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    setting_up(&actor)?;
    security_page(&app, &actor, FieldErrors::new(), &request).await
}

/// `POST /account/totp`
///
/// # Errors
/// When the database fails.
pub(super) async fn begin_totp(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let session = setting_up(&actor)?;
    if app.context.store.factors(session.login().id).await?.totp_secret.is_none() {
        factors::begin_totp(&app.context, &actor.own(), session).await?;
    }
    Ok(crate::http::page::see_other("/account/security"))
}

/// A code.
#[derive(Debug, Deserialize)]
pub(super) struct CodeForm {
    #[serde(default)]
    code: String,
}

/// `POST /account/totp/confirm`
///
/// # Errors
/// When the database fails.
pub(super) async fn confirm_totp(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<CodeForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (session, lang) = (setting_up(&actor)?, actor.visit.lang);
    match factors::confirm_totp(&app.context, &actor.own(), session, &form.code).await? {
        Some((token, codes)) => recovery_page(&app, &actor, codes, Some(&token)).await,
        None => {
            let errors = FieldErrors::from([("code", lang.t("second-wrong").to_owned())]);
            security_page(&app, &actor, errors, &request).await
        }
    }
}

async fn recovery_page(
    app: &App,
    actor: &Actor,
    codes: Vec<String>,
    token: Option<&str>,
) -> Result<HttpResponse, Fault> {
    let mut answer = page(app, actor).await?.body(|lang| view::recovery(lang, codes));
    if let Some(token) = token {
        answer.add_cookie(&session_cookie(SESSION, token, &app.context.settings)).map_err(Fault::internal)?;
    }
    Ok(answer)
}

/// A password.
#[derive(Debug, Deserialize)]
pub(super) struct ConfirmForm {
    #[serde(default)]
    pub(super) password: String,
}

/// `POST /account/totp/disable`
///
/// # Errors
/// When the database fails.
pub(super) async fn disable_totp(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<ConfirmForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    if !knows_password(&app, &actor, &form.password).await? {
        let errors = FieldErrors::from([("password", lang.t("password-wrong").to_owned())]);
        return security_page(&app, &actor, errors, &request).await;
    }
    factors::disable_totp(&app.context, &actor.own(), actor.session()?).await?;
    Ok(done("/account/security", lang.t("totp-disabled")))
}

/// `POST /account/recovery`
///
/// # Errors
/// When the database fails.
pub(super) async fn renew_recovery(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<ConfirmForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    if !knows_password(&app, &actor, &form.password).await? {
        let errors = FieldErrors::from([("", actor.visit.lang.t("password-wrong").to_owned())]);
        return security_page(&app, &actor, errors, &request).await;
    }
    let codes = factors::renew_recovery(&app.context, &actor.own(), actor.session()?).await?;
    recovery_page(&app, &actor, codes, None).await
}
