//! Passkeys: set up, checked and removed by the page's own script.

use super::{
    account_pages::knows_password,
    factor_pages::{ConfirmForm, security_page, setting_up},
    passkeys::PasskeyError,
    service::person_name,
};
use crate::http::{
    App, body,
    fault::{Fault, Kind},
    page::done,
    path,
    visit::{Actor, SESSION, session_cookie},
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::audit::Change;
use hostler_web::ui::form::FieldErrors;
use serde::Deserialize;

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
    Ok(HttpResponse::Ok().cookie(session_cookie(SESSION, &token, &app.context.settings)).json(serde_json::json!({})))
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
    Ok(HttpResponse::Ok().cookie(session_cookie(SESSION, &token, &app.context.settings)).json(serde_json::json!({})))
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
