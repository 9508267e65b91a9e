//! The pages of an alias.

use super::{
    aliases,
    forms::Form,
    pages::{crumbs, errors},
};
use crate::http::{
    App,
    fault::Fault,
    page::{Page, done, saved},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::access::Action;
use hostler_web::{
    pages::mail::{self as view, AliasForm},
    ui::{form::FieldErrors, frame::Area},
};
use uuid::Uuid;

async fn alias_page(
    app: &App,
    actor: &Actor,
    id: Option<Uuid>,
    typed: Option<AliasForm>,
    (status, errors): (StatusCode, FieldErrors),
    request: Option<&HttpRequest>,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let Some(id) = id else {
        let typed = typed.unwrap_or_default();
        let page = Page::of(app, &mut view_of, actor, Area::Mail, lang.t("alias-new")).await?;
        return Ok(page.crumbs(crumbs(lang)).status(status).body(|lang| view::new_alias(lang, &typed, &errors)));
    };
    let alias = view_of.alias(id).await?;
    let targets = typed.map_or_else(|| alias.targets.join("\n"), |t| t.targets);
    let form = AliasForm { address: alias.address, targets };
    let revision = actor.may(Action::EditMail).then_some(alias.revision);
    let mut page =
        Page::of(app, &mut view_of, actor, Area::Mail, &form.address).await?.crumbs(crumbs(lang)).status(status);
    if let Some(request) = request {
        page = page.flash(request);
    }
    Ok(page.body(|lang| view::alias(lang, &id.to_string(), revision, &form, &errors)))
}

/// `GET /aliases/new`
///
/// # Errors
/// When the database fails.
pub(super) async fn new_alias(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    alias_page(&app, &actor, None, None, (StatusCode::OK, FieldErrors::new()), None).await
}

/// `GET /aliases/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn one_alias(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    alias_page(&app, &actor, Some(path::parse(&id)?), None, (StatusCode::OK, FieldErrors::new()), Some(&request)).await
}

/// `POST /aliases/new`
///
/// # Errors
/// When the database fails.
pub(super) async fn create_alias(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (lang, form) = (actor.visit.lang, Form(form.into_inner()));
    match aliases::create(&app, &actor, &form.one("address"), &form.words("targets")).await {
        Ok(id) => Ok(done(&format!("/aliases/{id}"), lang.t("alias-made"))),
        Err(error) => {
            let typed = AliasForm { address: form.one("address"), targets: form.one("targets") };
            alias_page(&app, &actor, None, Some(typed), errors(lang, error)?, None).await
        }
    }
}

/// `POST /aliases/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn save_alias(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang, form): (Uuid, _, _) = (path::parse(&id)?, actor.visit.lang, Form(form.into_inner()));
    match aliases::update(&app, &actor, (id, form.revision()), &form.words("targets"), None).await {
        Ok((_, entry)) => Ok(saved(&format!("/aliases/{id}"), lang.t("login-saved"), entry)),
        Err(error) => {
            let typed = AliasForm { address: String::new(), targets: form.one("targets") };
            alias_page(&app, &actor, Some(id), Some(typed), errors(lang, error)?, None).await
        }
    }
}

/// `POST /aliases/{id}/delete`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn delete_alias(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang, form): (Uuid, _, _) = (path::parse(&id)?, actor.visit.lang, Form(form.into_inner()));
    match aliases::delete(&app, &actor, id, form.revision()).await {
        Ok(()) => Ok(done("/mail", lang.t("alias-deleted"))),
        Err(error) => alias_page(&app, &actor, Some(id), None, errors(lang, error)?, None).await,
    }
}
