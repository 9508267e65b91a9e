//! The pages of new zones and of their templates, and the API's operation.

use super::{
    create::{self, CreateError, NewZone},
    zone_api::{DryRun, FindingItem, findings},
};
use crate::http::{
    App,
    api::{json, once},
    body,
    fault::Fault,
    list::ListQuery,
    page::{Page, done},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::dns::writer;
use hostler_store::StoreError;
use hostler_web::{
    pages::templates::{self as view, NewZoneForm, TemplateLine},
    ui::{form::FieldErrors, frame::Area},
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

fn told(actor: &Actor, fields: &[(&'static str, String)]) -> FieldErrors {
    fields.iter().map(|(name, reason)| (*name, actor.visit.lang.reason(reason))).collect()
}

async fn new_page(app: &App, actor: &Actor, typed: NewZone, errors: FieldErrors) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let templates = view_of.zone_templates().await?;
    let chosen = templates.iter().find(|t| t.name == typed.template).or(templates.first());
    let form = NewZoneForm {
        name: typed.name,
        customer: typed.customer,
        template: chosen.map(|t| t.name.clone()).unwrap_or_default(),
        templates: templates.iter().map(|t| t.name.clone()).collect(),
        variables: chosen
            .map(create::variables)
            .unwrap_or_default()
            .into_iter()
            .map(|name| {
                let value = typed.variables.get(&name).cloned().unwrap_or_default();
                (name, value)
            })
            .collect(),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let crumbs = vec![("/domains".to_owned(), lang.t("nav-domains").to_owned())];
    let page =
        Page::of(app, &mut view_of, actor, Area::Domains, lang.t("zone-new")).await?.crumbs(crumbs).status(status);
    Ok(page.body(|lang| view::new_zone(lang, &form, &errors)))
}

fn typed(pairs: Vec<(String, String)>) -> NewZone {
    let mut out = NewZone::default();
    for (name, value) in pairs {
        let value: String = value.chars().take(1000).collect();
        match name.as_str() {
            "name" => out.name = value,
            "customer" => out.customer = value,
            "template" => out.template = value,
            other => {
                if let Some(variable) = other.strip_prefix("var_") {
                    out.variables.insert(variable.chars().take(40).collect(), value);
                }
            }
        }
    }
    out
}

/// `GET /zones/new`
///
/// # Errors
/// When the database fails.
pub(super) async fn form(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query = ListQuery::parse(request.query_string());
    let wanted = NewZone {
        name: query.get("name").to_owned(),
        customer: query.get("customer").to_owned(),
        template: query.get("template").to_owned(),
        variables: BTreeMap::new(),
    };
    new_page(&app, &actor, wanted, FieldErrors::new()).await
}

/// `POST /zones/new`
///
/// # Errors
/// When the database fails.
pub(super) async fn submit(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let wanted = typed(form.into_inner());
    let made = match create::plan(&app.context, &actor, &wanted).await {
        Ok(planned) => create::create(&app.context, &actor, &planned).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(id) => Ok(done(&format!("/zones/{id}/publish"), actor.visit.lang.t("zone-made"))),
        Err(CreateError::Fields(fields)) => new_page(&app, &actor, wanted, told(&actor, &fields)).await,
        Err(CreateError::Store(error)) => Err(error.into()),
    }
}

/// A zone that was made, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CreatedBody {
    dry_run: bool,
    /// The zone; null if it was only tried.
    id: Option<Uuid>,
    name: String,
    /// Its text.
    text: String,
    findings: Vec<FindingItem>,
}

/// `POST /api/v1/zones`
///
/// # Errors
/// 409, 422.
pub(super) async fn api(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let dry: DryRun = body::query(&request)?;
    let wanted: NewZone = body::parse(&bytes)?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    let make = |id: Option<Uuid>, planned: &create::Planned| CreatedBody {
        dry_run: id.is_none(),
        id,
        name: planned.name.as_str().to_owned(),
        text: writer::canonical(&planned.zone),
        findings: findings(&planned.findings, None),
    };
    if dry.dry_run() {
        let planned = create::plan(&app.context, &actor, &wanted).await?;
        return Ok(json(&make(None, &planned)));
    }
    once(&app.context, &actor, &request, &bytes, || async move {
        let planned = create::plan(&app_ref.context, actor_ref, &wanted).await?;
        let id = create::create(&app_ref.context, actor_ref, &planned).await?;
        Ok((201, serde_json::to_value(make(Some(id), &planned)).map_err(Fault::internal)?))
    })
    .await
}

async fn template_page(
    app: &App,
    actor: &Actor,
    chosen: &str,
    typed: Option<TemplateLine>,
    errors: FieldErrors,
    status: StatusCode,
    request: &HttpRequest,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let lines: Vec<TemplateLine> = view_of
        .zone_templates()
        .await?
        .into_iter()
        .map(|t| TemplateLine { id: t.id.to_string(), revision: t.revision, name: t.name, content: t.content })
        .collect();
    let form = typed.or_else(|| lines.iter().find(|l| l.id == chosen).cloned()).unwrap_or_default();
    let crumbs = vec![("/domains".to_owned(), lang.t("nav-domains").to_owned())];
    let page = Page::of(app, &mut view_of, actor, Area::Domains, lang.t("templates")).await?;
    let page = page.crumbs(crumbs).status(status).flash(request);
    Ok(page.body(|lang| view::templates(lang, &lines, &form, &errors)))
}

/// `GET /templates`
///
/// # Errors
/// When the database fails.
pub(super) async fn templates(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query = ListQuery::parse(request.query_string());
    template_page(&app, &actor, query.get("edit"), None, FieldErrors::new(), StatusCode::OK, &request).await
}

/// `POST /templates`
///
/// # Errors
/// When the database fails.
pub(super) async fn save_template(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<BTreeMap<String, String>>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let text = |name: &str| form.get(name).cloned().unwrap_or_default();
    let content = text("content").replace("\r\n", "\n");
    let old = match text("id").as_str() {
        "" => None,
        id => Some((path::parse(id)?, text("revision").parse().unwrap_or(0))),
    };
    let saved = create::save_template(&app.context, &actor, old, (&text("name"), &content)).await;
    let (status, errors) = match saved {
        Ok(_) => return Ok(done("/templates", actor.visit.lang.t("login-saved"))),
        Err(CreateError::Fields(fields)) => (StatusCode::UNPROCESSABLE_ENTITY, told(&actor, &fields)),
        Err(CreateError::Store(StoreError::Stale)) => {
            let stale = actor.visit.lang.t("error-stale-plain").to_owned();
            (StatusCode::PRECONDITION_FAILED, FieldErrors::from([("", stale)]))
        }
        Err(CreateError::Store(error)) => return Err(error.into()),
    };
    let typed = TemplateLine {
        id: text("id"),
        revision: text("revision").parse().unwrap_or(0),
        name: text("name").chars().take(200).collect(),
        content,
    };
    template_page(&app, &actor, "", Some(typed), errors, status, &request).await
}
