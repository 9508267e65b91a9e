//! The first page of one's own account: password and address.

use super::{hashing::Checked, links, login_pages::password_told, service::throttle};
use crate::http::{
    App,
    fault::{Fault, Kind},
    page::{Page, done},
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::names::EmailAddress;
use hostler_store::{audit::Change, links::Purpose};
use hostler_web::{
    i18n::Lang,
    pages::account as view,
    ui::{form::FieldErrors, frame::Area},
};
use serde::Deserialize;

/// A page of one's own account.
pub(super) async fn page(app: &App, actor: &Actor) -> Result<Page, Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    Page::of(app, &mut view, actor, Area::Account, actor.visit.lang.t("nav-account")).await
}

/// Whether the password is this person's. Failures slow down who guesses in an open browser.
pub(super) async fn knows_password(app: &App, actor: &Actor, password: &str) -> Result<bool, Fault> {
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

async fn shown(app: &App, actor: &Actor, page: Page, typed: &str, errors: &FieldErrors) -> Result<HttpResponse, Fault> {
    let email = actor.login().email.clone();
    let mails = app.context.store.find_user(&email).await?.map(|(_, lang)| lang).unwrap_or_default();
    Ok(page.body(|lang| view::account(lang, email, Lang::parse(&mails).unwrap_or(lang), typed, errors)))
}

/// The language of mails.
#[derive(Debug, Deserialize)]
pub(super) struct LanguageForm {
    #[serde(default)]
    lang: String,
}

/// `POST /account/language`
///
/// # Errors
/// 422 if it is none that is spoken here.
pub(super) async fn language(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<LanguageForm>,
) -> Result<HttpResponse, Fault> {
    let lang = [Lang::De, Lang::En].into_iter().find(|lang| lang.code() == form.lang);
    let lang = lang.ok_or_else(|| Fault::field("lang", "de or en"))?;
    let mut tx = app.context.store.begin_identity(&actor.own(), app.context.clock.now()).await?;
    tx.set_mail_language(actor.login().id, lang.code()).await?;
    tx.commit().await?;
    Ok(done("/account", actor.visit.lang.t("login-saved")))
}

/// `GET /account`
///
/// # Errors
/// When the database fails.
pub(super) async fn account(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let page = page(&app, &actor).await?.flash(&request);
    shown(&app, &actor, page, "", &FieldErrors::new()).await
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
    let page = page(&app, &actor).await?.status(StatusCode::UNPROCESSABLE_ENTITY);
    shown(&app, &actor, page, "", &errors).await
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
    let typed: String = form.new_email.chars().take(300).collect();
    let page = page(&app, &actor).await?.status(StatusCode::UNPROCESSABLE_ENTITY);
    shown(&app, &actor, page, &typed, &errors).await
}
