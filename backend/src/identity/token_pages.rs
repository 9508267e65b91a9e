//! Tokens of one's own.

use super::{
    account_pages::page,
    tokens::{self, TokenError, Wanted},
};
use crate::http::{App, fault::Fault, page::done, path, visit::Actor};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::access::Action;
use hostler_store::audit::Change;
use hostler_web::{
    pages::account::{self as view, TokenForm, TokenLine},
    time::date_time,
    ui::form::FieldErrors,
};

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
        .tokens_of(actor.login().id, app.context.clock.now())
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
        Action::ALL.into_iter().filter(|a| role.may(*a) && a.for_tokens()).map(Action::as_str).collect();
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
