//! The pages of one's own account.

use super::{
    factors,
    hashing::Checked,
    links,
    login_pages::{password_told, session_cookie},
    passkeys::PasskeyError,
    service::{person_name, throttle},
    tokens::{self, TokenError, Wanted},
};
use crate::http::{
    App, body,
    fault::{Fault, Kind},
    page::{Page, done},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::{access::Action, names::EmailAddress};
use hostler_store::{
    audit::Change,
    links::Purpose,
    sessions::{Session, State},
};
use hostler_web::{
    pages::account::{self as view, Factors, Key, SessionLine, TokenForm, TokenLine},
    time::date_time,
    ui::{form::FieldErrors, frame::Area},
};
use serde::Deserialize;

async fn page(app: &App, actor: &Actor) -> Result<Page, Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    Page::of(app, &mut view, actor, Area::Account, actor.visit.lang.t("nav-account")).await
}

/// Whether the password is this person's. Failures slow down who guesses in an open browser.
async fn knows_password(app: &App, actor: &Actor, password: &str) -> Result<bool, Fault> {
    let login = actor.login();
    let Ok(counted) = throttle(&app.context, &format!("own {}", login.id), &actor.visit.address, None).await? else {
        return Err(Kind::TooMany.into());
    };
    let known = app.context.store.credentials(&login.email).await?;
    match app.hasher.verify(password, known.and_then(|k| k.password_hash)).await {
        Checked::Fits { .. } => {
            counted.went_well(&app.context).await?;
            Ok(true)
        }
        Checked::Wrong => Ok(false),
        Checked::Busy => {
            counted.was_none(&app.context).await?;
            Err(Kind::TooMany.into())
        }
    }
}

/// `GET /account`
///
/// # Errors
/// When the database fails.
pub(super) async fn account(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let email = actor.login().email.clone();
    Ok(page(&app, &actor).await?.flash(&request).body(|lang| view::account(lang, email, "", &FieldErrors::new())))
}

/// Another password.
#[derive(Debug, Deserialize)]
pub(super) struct PasswordForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    new_password: String,
}

/// `POST /account/password`
///
/// # Errors
/// When the database fails.
pub(super) async fn password(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<PasswordForm>,
) -> Result<HttpResponse, Fault> {
    let (lang, login) = (actor.visit.lang, actor.login());
    let mut errors = FieldErrors::new();
    if !knows_password(&app, &actor, &form.password).await? {
        errors.insert("password", lang.t("password-wrong").to_owned());
    } else {
        match app.hasher.make(&form.new_password, &[&login.email, &login.name]).await {
            Ok(hash) => {
                let mut tx = app.context.store.begin_identity(&actor.own(), app.context.clock.now()).await?;
                tx.set_password(login.id, &hash, Some(actor.session()?.id())).await?;
                tx.audit(Change::new("set-password", ("login", login.id), &login.email).customer(login.customer_id))
                    .await?;
                tx.commit().await?;
                return Ok(done("/account", lang.t("password-changed")));
            }
            Err(error) => {
                errors.insert("new_password", password_told(lang, &error));
            }
        }
    }
    let email = login.email.clone();
    let page = page(&app, &actor).await?.status(StatusCode::UNPROCESSABLE_ENTITY);
    Ok(page.body(|lang| view::account(lang, email, "", &errors)))
}

/// Another address.
#[derive(Debug, Deserialize)]
pub(super) struct AddressForm {
    #[serde(default)]
    new_email: String,
    #[serde(default)]
    address_password: String,
}

/// `POST /account/address`
///
/// # Errors
/// When the database fails.
pub(super) async fn address(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<AddressForm>,
) -> Result<HttpResponse, Fault> {
    let (lang, session) = (actor.visit.lang, actor.session()?);
    let mut errors = FieldErrors::new();
    let new = EmailAddress::parse(form.new_email.trim());
    match (&new, &app.context.settings.http.public_url) {
        (Err(reason), _) => {
            errors.insert("new_email", lang.reason(&reason.to_string()));
        }
        (Ok(_), None) => {
            errors.insert("", lang.t("no-public-url").to_owned());
        }
        (Ok(new), Some(url)) => {
            if knows_password(&app, &actor, &form.address_password).await? {
                let hour_ago = app.context.clock.now() - chrono::Duration::hours(1);
                let asked = app.context.store.links_since(actor.login().id, Purpose::AddressNew, hour_ago).await?;
                if asked >= links::MOST_AN_HOUR {
                    return Err(Kind::TooMany.into());
                }
                links::ask_address(&app.context, &actor.own(), session, new, url, lang).await?;
                return Ok(done("/account", lang.t("address-asked")));
            }
            errors.insert("address_password", lang.t("password-wrong").to_owned());
        }
    }
    let (email, typed) = (actor.login().email.clone(), form.new_email.chars().take(300).collect::<String>());
    let page = page(&app, &actor).await?.status(StatusCode::UNPROCESSABLE_ENTITY);
    Ok(page.body(|lang| view::account(lang, email, &typed, &errors)))
}

async fn security_page(
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
fn setting_up(actor: &Actor) -> Result<&Session, Fault> {
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
        answer.add_cookie(&session_cookie(app, token)).map_err(Fault::internal)?;
    }
    Ok(answer)
}

/// A password.
#[derive(Debug, Deserialize)]
pub(super) struct ConfirmForm {
    #[serde(default)]
    password: String,
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

fn passkey_fault(error: PasskeyError) -> Fault {
    match error {
        PasskeyError::Store(error) => error.into(),
        PasskeyError::Refused(cause) => Fault { kind: Kind::Invalid, cause, fields: Vec::new() },
    }
}

/// What the browser says of a passkey.
#[derive(Debug, Deserialize)]
pub(super) struct PasskeyAnswer<C> {
    #[serde(default)]
    name: String,
    credential: C,
}

/// `POST /account/passkeys/begin`: JSON for the page's own script.
///
/// # Errors
/// 422 where passkeys cannot be set up.
pub(super) async fn begin_passkey(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let session = setting_up(&actor)?;
    let passkeys = app.passkeys.as_ref().ok_or(Kind::Invalid)?;
    let challenge = passkeys.begin_registration(&app.context, &actor.own(), session).await.map_err(passkey_fault)?;
    Ok(HttpResponse::Ok().json(challenge))
}

/// `POST /account/passkeys`
///
/// # Errors
/// 422 if the browser's answer is not good.
pub(super) async fn finish_passkey(app: web::Data<App>, actor: Actor, body: web::Bytes) -> Result<HttpResponse, Fault> {
    let answer: PasskeyAnswer<webauthn_rs::prelude::RegisterPublicKeyCredential> = body::parse(&body)?;
    let session = setting_up(&actor)?;
    let passkeys = app.passkeys.as_ref().ok_or(Kind::Invalid)?;
    let name = if answer.name.trim().is_empty() { "Passkey" } else { answer.name.as_str() };
    let name = person_name(name).map_err(|_| Kind::Invalid)?;
    let token = passkeys
        .finish_registration(&app.context, &actor.own(), session, name, &answer.credential)
        .await
        .map_err(passkey_fault)?;
    Ok(HttpResponse::Ok().cookie(session_cookie(&app, &token)).json(serde_json::json!({})))
}

/// `POST /login/passkey/begin`
///
/// # Errors
/// 422 if there is no passkey to be checked.
pub(super) async fn begin_check(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let session = actor.session()?;
    let passkeys = app.passkeys.as_ref().ok_or(Kind::Invalid)?;
    let challenge = passkeys.begin_check(&app.context, &actor.own(), session).await.map_err(passkey_fault)?;
    Ok(HttpResponse::Ok().json(challenge))
}

/// `POST /login/passkey`
///
/// # Errors
/// 422 if the browser's answer is not good.
pub(super) async fn finish_check(app: web::Data<App>, actor: Actor, body: web::Bytes) -> Result<HttpResponse, Fault> {
    let answer: PasskeyAnswer<webauthn_rs::prelude::PublicKeyCredential> = body::parse(&body)?;
    let session = actor.session()?;
    let passkeys = app.passkeys.as_ref().ok_or(Kind::Invalid)?;
    let token =
        passkeys.finish_check(&app.context, &actor.own(), session, &answer.credential).await.map_err(passkey_fault)?;
    Ok(HttpResponse::Ok().cookie(session_cookie(&app, &token)).json(serde_json::json!({})))
}

/// `POST /account/passkeys/{id}/remove`
///
/// # Errors
/// 404 if there is none.
pub(super) async fn remove_passkey(
    app: web::Data<App>,
    actor: Actor,
    key: web::Path<String>,
    form: web::Form<ConfirmForm>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    if !knows_password(&app, &actor, &form.password).await? {
        let errors = FieldErrors::from([("", actor.visit.lang.t("password-wrong").to_owned())]);
        return security_page(&app, &actor, errors, &request).await;
    }
    let login = actor.login();
    let mut tx = app.context.store.begin_identity(&actor.own(), app.context.clock.now()).await?;
    let name = tx.remove_passkey(login.id, path::parse(&key)?).await?;
    let change = Change::new("remove-passkey", ("login", login.id), &login.email);
    tx.audit(change.customer(login.customer_id).before(Some(&name))).await?;
    tx.commit().await?;
    Ok(done("/account/security", actor.visit.lang.t("passkey-removed")))
}

/// `GET /account/sessions`
///
/// # Errors
/// When the database fails.
pub(super) async fn sessions(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let this = actor.session()?.id();
    let found = app.context.store.sessions_of(actor.login().id, app.context.clock.now()).await?;
    let lines = found
        .into_iter()
        .map(|s| SessionLine {
            id: s.id.to_string(),
            began: date_time(s.created_at, zone, lang),
            seen: date_time(s.last_seen_at, zone, lang),
            address: s.address,
            agent: s.agent,
            this: s.id == this,
        })
        .collect();
    Ok(page(&app, &actor).await?.flash(&request).body(|lang| view::sessions(lang, lines)))
}

/// `POST /account/sessions/{id}/end`
///
/// # Errors
/// 404 if there is none.
pub(super) async fn end_session(
    app: web::Data<App>,
    actor: Actor,
    other: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let mut tx = app.context.store.begin_identity(&actor.own(), app.context.clock.now()).await?;
    tx.end_session(actor.login().id, path::parse(&other)?).await?;
    tx.commit().await?;
    Ok(done("/account/sessions", actor.visit.lang.t("session-ended")))
}

/// `POST /account/sessions/end-others`
///
/// # Errors
/// When the database fails.
pub(super) async fn end_other_sessions(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let this = actor.session()?.id();
    let mut tx = app.context.store.begin_identity(&actor.own(), app.context.clock.now()).await?;
    tx.end_sessions(actor.login().id, Some(this)).await?;
    tx.commit().await?;
    Ok(done("/account/sessions", actor.visit.lang.t("session-ended")))
}

fn empty_form() -> TokenForm {
    TokenForm { days: "90".to_owned(), ..TokenForm::default() }
}

async fn token_page(
    app: &App,
    actor: &Actor,
    typed: TokenForm,
    made: Option<String>,
    errors: FieldErrors,
    request: &HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let at = |time| date_time(time, zone, lang);
    let lines = app
        .context
        .store
        .tokens_of(actor.login().id)
        .await?
        .into_iter()
        .map(|t| TokenLine {
            id: t.id.to_string(),
            name: t.name,
            actions: t.actions.join(" "),
            networks: t.networks.join(" "),
            ends: at(t.expires_at),
            used: t
                .last_used_at
                .map_or_else(|| "—".to_owned(), |time| format!("{} {}", at(time), t.last_address.unwrap_or_default())),
        })
        .collect();
    let role = actor.login().role;
    let offered: Vec<&'static str> =
        Action::ALL.into_iter().filter(|a| role.may(*a) && *a != Action::OwnAccount).map(Action::as_str).collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = page(app, actor).await?.status(status).flash(request);
    Ok(page.body(|lang| view::tokens(lang, lines, offered, &typed, made, &errors)))
}

/// `GET /account/tokens`
///
/// # Errors
/// When the database fails.
pub(super) async fn tokens(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    token_page(&app, &actor, empty_form(), None, FieldErrors::new(), &request).await
}

/// `POST /account/tokens`
///
/// # Errors
/// When the database fails.
pub(super) async fn create_token(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<Vec<(String, String)>>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let all = |name: &str| -> Vec<String> { form.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect() };
    let one = |name: &str| all(name).pop().unwrap_or_default();
    let wanted = Wanted {
        name: one("name"),
        actions: all("actions"),
        networks: one("networks").split([',', ' ']).map(str::to_owned).collect(),
        days: one("days").trim().parse().unwrap_or(0),
    };
    match tokens::create(&app.context, &actor.own(), actor.login(), &wanted).await {
        Ok(token) => token_page(&app, &actor, empty_form(), Some(token), FieldErrors::new(), &request).await,
        Err(TokenError::Fields(wrong)) => {
            let typed =
                TokenForm { name: wanted.name, actions: wanted.actions, networks: one("networks"), days: one("days") };
            token_page(&app, &actor, typed, None, super::people::told(lang, &wrong), &request).await
        }
        Err(TokenError::Store(error)) => Err(error.into()),
    }
}

/// `POST /account/tokens/{id}/revoke`
///
/// # Errors
/// 404 if there is none.
pub(super) async fn revoke_token(
    app: web::Data<App>,
    actor: Actor,
    token: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let (login, token) = (actor.login(), path::parse(&token)?);
    let mut tx = app.context.store.begin_identity(&actor.own(), app.context.clock.now()).await?;
    let name = tx.revoke_token(login.id, token).await?;
    tx.audit(Change::new("revoke-token", ("token", token), &name).customer(login.customer_id)).await?;
    tx.commit().await?;
    Ok(done("/account/tokens", actor.visit.lang.t("token-revoked")))
}
