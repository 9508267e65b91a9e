//! The pages of one zone.

use super::{
    service::{self, EditError, Loaded},
    zone_editor,
};
use crate::http::{
    App,
    fault::{Fault, Kind},
    page::{Page, done, saved},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::{
    access::Action,
    dns::{
        lint::Severity,
        profile::RegistryProfile,
        typed::{RecordInput, Wrong},
    },
};
use hostler_store::{StoreError, View};
use hostler_web::{
    i18n::Lang,
    islands::Staged,
    pages::zone::{self as zone_view, EditorDesk, RecordForm, RecordRow, Version, ZoneHead},
    render::AnyView,
    time::date_time,
    ui::{form::FieldErrors, frame::Area},
};
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

pub(super) fn head(loaded: &Loaded, actor: &Actor) -> ZoneHead {
    let row = &loaded.row;
    ZoneHead {
        href: format!("/zones/{}", row.id),
        unicode: row.unicode.clone(),
        origin: loaded.origin.clone(),
        customer: row.customer_id.map(|id| (format!("/customers/{id}"), row.customer.clone().unwrap_or_default())),
        revision: row.revision,
        faults: (row.errors, row.warnings),
        changed: row.changed,
        serial: row.published_serial,
        editable: actor.may(Action::EditZones),
    }
}

fn field_errors(lang: Lang, fields: &Wrong) -> FieldErrors {
    fields.iter().map(|(name, reason)| (*name, lang.reason(reason))).collect()
}

pub(super) async fn load(app: &App, view: &mut View, id: Uuid) -> Result<Loaded, Fault> {
    Ok(service::load(view, id, &app.context.settings.dns.profiles).await?)
}

pub(super) async fn page(app: &App, view: &mut View, actor: &Actor, loaded: &Loaded) -> Result<Page, Fault> {
    let crumbs = vec![("/domains".to_owned(), actor.visit.lang.t("nav-domains").to_owned())];
    Ok(Page::of(app, view, actor, Area::Domains, &loaded.row.unicode).await?.crumbs(crumbs))
}

/// Which record is in the form.
#[derive(Debug, Deserialize)]
pub struct RecordsQuery {
    edit: Option<String>,
}

/// Changes of the editor that the server refused, and why.
#[derive(Default)]
pub(super) struct Refused {
    pub(super) staged: Staged,
    pub(super) errors: FieldErrors,
}

/// The records once more, with what was refused.
///
/// # Errors
/// When the database fails.
pub(super) async fn refused(
    app: &App,
    mut view: View,
    actor: &Actor,
    loaded: &Loaded,
    refused: Refused,
    status: StatusCode,
) -> Result<HttpResponse, Fault> {
    let profiles = &app.context.settings.dns.profiles;
    let page = page(app, &mut view, actor, loaded).await?.status(status).islands();
    Ok(page
        .body(|lang| records_body(lang, actor, (loaded, profiles), &RecordForm::new(), &FieldErrors::new(), refused)))
}

fn records_body(
    lang: Lang,
    actor: &Actor,
    (loaded, profiles): (&Loaded, &[RegistryProfile]),
    typed: &RecordForm,
    errors: &FieldErrors,
    refused: Refused,
) -> AnyView {
    let sentence =
        |f: &hostler_core::dns::lint::Finding| (f.rule.severity() == Severity::Error, zone_view::sentence(lang, f));
    let mut faults: HashMap<usize, Vec<(bool, String)>> = HashMap::new();
    for finding in &loaded.findings {
        if let Some(i) = finding.record {
            faults.entry(i).or_default().push(sentence(finding));
        }
    }
    let rows = loaded
        .records
        .iter()
        .enumerate()
        .map(|(i, stored)| RecordRow {
            id: stored.id,
            owner: stored.record.owner.relative_to(&loaded.origin),
            ttl: stored.record.ttl,
            rtype: stored.record.rtype().to_string(),
            data: stored.record.data.to_string(),
            faults: faults.remove(&i).unwrap_or_default(),
        })
        .collect();
    let general = loaded.findings.iter().filter(|f| f.record.is_none()).map(sentence).collect();
    let desk = EditorDesk {
        default_ttl: loaded.default_ttl(),
        profiles: profiles.to_vec(),
        staged: refused.staged,
        errors: refused.errors,
    };
    zone_view::records(lang, &head(loaded, actor), rows, general, (typed, errors), desk)
}

/// `GET /zones/{id}`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub async fn records(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    query: web::Query<RecordsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = load(&app, &mut view, path::parse(&zone)?).await?;
    let edited =
        query.edit.as_ref().and_then(|e| e.parse().ok()).and_then(|id: i64| loaded.records.iter().find(|r| r.id == id));
    let typed = match edited {
        Some(stored) => RecordForm {
            id: Some(stored.id),
            owner: stored.record.owner.relative_to(&loaded.origin),
            ttl: stored.record.ttl.to_string(),
            rtype: stored.record.rtype().to_string(),
            data: stored.record.data.to_string(),
        },
        None => RecordForm::new(),
    };
    let page = page(&app, &mut view, &actor, &loaded).await?.flash(&request).islands();
    let desk = (&loaded, app.context.settings.dns.profiles.as_slice());
    Ok(page.body(|lang| records_body(lang, &actor, desk, &typed, &FieldErrors::new(), Refused::default())))
}

/// The form of one record.
#[derive(Debug, Deserialize)]
pub struct RecordPost {
    revision: i32,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    ttl: String,
    #[serde(default)]
    rtype: String,
    #[serde(default)]
    data: String,
}

async fn put_record(
    app: &App,
    actor: &Actor,
    zone: Uuid,
    record: Option<i64>,
    form: RecordPost,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let input = RecordInput { owner: form.owner, ttl: form.ttl, rtype: form.rtype, data: form.data };
    let result = zone_editor(app, actor).put_record(zone, form.revision, record, &input).await;
    let (status, errors) = match result {
        Ok(entry) => return Ok(saved(&format!("/zones/{zone}"), lang.t("record-noted"), entry)),
        Err(EditError::Fields(fields)) => (StatusCode::UNPROCESSABLE_ENTITY, field_errors(lang, &fields)),
        Err(EditError::Store(StoreError::Stale)) => {
            (StatusCode::PRECONDITION_FAILED, FieldErrors::from([("", lang.t("error-stale-text").to_owned())]))
        }
        Err(error) => return Err(plain(error)),
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = load(app, &mut view, zone).await?;
    let typed = RecordForm { id: record, owner: input.owner, ttl: input.ttl, rtype: input.rtype, data: input.data };
    let page = page(app, &mut view, actor, &loaded).await?.status(status);
    let desk = (&loaded, app.context.settings.dns.profiles.as_slice());
    Ok(page.body(|lang| records_body(lang, actor, desk, &typed, &errors, Refused::default())))
}

/// `POST /zones/{id}/records`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub async fn add_record(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    form: web::Form<RecordPost>,
) -> Result<HttpResponse, Fault> {
    put_record(&app, &actor, path::parse(&zone)?, None, form.into_inner()).await
}

/// `POST /zones/{id}/records/{record}`
///
/// # Errors
/// 404 if there is no such record for this visitor.
pub async fn update_record(
    app: web::Data<App>,
    actor: Actor,
    path: web::Path<(String, String)>,
    form: web::Form<RecordPost>,
) -> Result<HttpResponse, Fault> {
    let record = path::parse(&path.1)?;
    put_record(&app, &actor, path::parse(&path.0)?, Some(record), form.into_inner()).await
}

/// A form that only says which revision it was made on.
#[derive(Debug, Deserialize)]
pub struct RevisionPost {
    revision: i32,
}

/// An error that no form can show.
pub(super) fn plain(error: EditError) -> Fault {
    match error {
        EditError::Store(error) => error.into(),
        EditError::Fields(_) | EditError::Changes(_) | EditError::HasErrors => Kind::Invalid.into(),
        EditError::Overtaken => Kind::Conflict.into(),
    }
}

/// `POST /zones/{id}/records/{record}/delete`
///
/// # Errors
/// 404 if there is no such record for this visitor, 412 if the zone was changed since.
pub async fn delete_record(
    app: web::Data<App>,
    actor: Actor,
    path: web::Path<(String, String)>,
    form: web::Form<RevisionPost>,
) -> Result<HttpResponse, Fault> {
    let (zone, record) = (path::parse(&path.0)?, path::parse(&path.1)?);
    let deleted = zone_editor(&app, &actor).delete_record(zone, form.revision, record).await;
    let path = format!("/zones/{zone}");
    match deleted {
        Ok(entry) => Ok(saved(&path, actor.visit.lang.t("record-noted"), entry)),
        Err(EditError::Fields(fields)) => {
            let errors = field_errors(actor.visit.lang, &fields);
            let mut view = app.context.store.view(&actor.scope).await?;
            let loaded = load(&app, &mut view, zone).await?;
            let page = page(&app, &mut view, &actor, &loaded).await?.status(StatusCode::UNPROCESSABLE_ENTITY);
            let desk = (&loaded, app.context.settings.dns.profiles.as_slice());
            Ok(page.body(|lang| records_body(lang, &actor, desk, &RecordForm::new(), &errors, Refused::default())))
        }
        Err(error) => Err(plain(error)),
    }
}

/// `GET /zones/{id}/text`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub async fn text(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = load(&app, &mut view, path::parse(&zone)?).await?;
    let text = service::pretty(&loaded.zone());
    let page = page(&app, &mut view, &actor, &loaded).await?.flash(&request).islands();
    Ok(page.body(|lang| zone_view::text(lang, &head(&loaded, &actor), text, &FieldErrors::new())))
}

/// The zone as text.
#[derive(Debug, Deserialize)]
pub struct TextPost {
    revision: i32,
    #[serde(default)]
    text: String,
}

/// `POST /zones/{id}/text`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub async fn save_text(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    form: web::Form<TextPost>,
) -> Result<HttpResponse, Fault> {
    let (zone, lang) = (path::parse(&zone)?, actor.visit.lang);
    // Browsers send CRLF; a zone has LF.
    let typed = form.text.replace("\r\n", "\n");
    let (status, errors) = match zone_editor(&app, &actor).put_text(zone, form.revision, &typed, false).await {
        Ok(entry) => return Ok(saved(&format!("/zones/{zone}/publish"), lang.t("record-noted"), entry)),
        Err(EditError::Fields(fields)) => (StatusCode::UNPROCESSABLE_ENTITY, field_errors(lang, &fields)),
        Err(EditError::Store(StoreError::Stale)) => {
            (StatusCode::PRECONDITION_FAILED, FieldErrors::from([("", lang.t("error-stale-text").to_owned())]))
        }
        Err(error) => return Err(plain(error)),
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = load(&app, &mut view, zone).await?;
    let page = page(&app, &mut view, &actor, &loaded).await?.status(status).islands();
    Ok(page.body(|lang| zone_view::text(lang, &head(&loaded, &actor), typed, &errors)))
}

async fn publish_page(
    app: &App,
    actor: &Actor,
    zone: Uuid,
    errors: FieldErrors,
) -> Result<(Page, impl FnOnce(Lang) -> AnyView), Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = load(app, &mut view, zone).await?;
    let changes = service::pending(&mut view, &loaded).await?;
    let page = page(app, &mut view, actor, &loaded).await?;
    let body = move |lang: Lang| {
        let stops = loaded
            .findings
            .iter()
            .map(|f| (f.rule.severity() == Severity::Error, zone_view::sentence(lang, f)))
            .collect();
        zone_view::publish(lang, &head(&loaded, actor), &changes, stops, &errors)
    };
    Ok((page, body))
}

/// `GET /zones/{id}/publish`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub async fn publish(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (page, body) = publish_page(&app, &actor, path::parse(&zone)?, FieldErrors::new()).await?;
    Ok(page.flash(&request).body(body))
}

/// What is published, and why.
#[derive(Debug, Deserialize)]
pub struct PublishPost {
    revision: i32,
    #[serde(default)]
    note: String,
}

/// `POST /zones/{id}/publish`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub async fn submit_publish(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    form: web::Form<PublishPost>,
) -> Result<HttpResponse, Fault> {
    let (zone, lang) = (path::parse(&zone)?, actor.visit.lang);
    let (status, errors) = match zone_editor(&app, &actor).publish(zone, form.revision, form.note.trim()).await {
        Ok(Some((number, serial))) => {
            // Numbers as text: a serial is read digit by digit, not with thousands marked.
            let told = lang
                .f("published", &[("number", &number), ("serial", &format!("\u{2060}{serial}"))])
                .replace('\u{2060}', "");
            return Ok(done(&format!("/zones/{zone}/versions"), &told));
        }
        Ok(None) => return Ok(done(&format!("/zones/{zone}/publish"), lang.t("publish-nothing"))),
        Err(EditError::Fields(fields)) => (StatusCode::UNPROCESSABLE_ENTITY, field_errors(lang, &fields)),
        Err(EditError::HasErrors) => {
            (StatusCode::UNPROCESSABLE_ENTITY, FieldErrors::from([("", lang.t("publish-stopped").to_owned())]))
        }
        Err(EditError::Store(StoreError::Stale)) => {
            (StatusCode::PRECONDITION_FAILED, FieldErrors::from([("", lang.t("error-stale-text").to_owned())]))
        }
        Err(error) => return Err(plain(error)),
    };
    let (page, body) = publish_page(&app, &actor, zone, errors).await?;
    Ok(page.status(status).body(body))
}

/// `POST /zones/{id}/discard`
///
/// # Errors
/// 404 if there is no such zone for this visitor, 412 if it was changed since.
pub async fn discard(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    form: web::Form<RevisionPost>,
) -> Result<HttpResponse, Fault> {
    let zone = path::parse(&zone)?;
    let entry = zone_editor(&app, &actor).discard(zone, form.revision).await.map_err(plain)?;
    Ok(saved(&format!("/zones/{zone}"), actor.visit.lang.t("discarded"), entry))
}

/// Which versions to compare.
#[derive(Debug, Deserialize)]
pub struct VersionsQuery {
    from: Option<String>,
    to: Option<String>,
}

/// `GET /zones/{id}/versions`
///
/// # Errors
/// 404 if there is no such zone or version for this visitor.
pub async fn versions(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    query: web::Query<VersionsQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let zone = path::parse(&zone)?;
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = load(&app, &mut view, zone).await?;
    let list = view.zone_versions(zone).await?;
    let number = |text: &Option<String>| text.as_ref().and_then(|t| t.parse::<i32>().ok());
    let compared = match (number(&query.from), number(&query.to)) {
        (Some(from), Some(to)) => {
            Some((from, to, view.zone_version(zone, from).await?, view.zone_version(zone, to).await?))
        }
        _ => None,
    };
    let at = app.context.settings.time_zone.0;
    let page = page(&app, &mut view, &actor, &loaded).await?.flash(&request);
    Ok(page.body(|lang| {
        let list: Vec<Version> = list
            .into_iter()
            .map(|v| Version {
                number: v.number,
                serial: v.serial,
                at: date_time(v.created_at, at, lang),
                by: v.created_by,
                note: v.note,
            })
            .collect();
        zone_view::versions(lang, &head(&loaded, &actor), &list, compared)
    }))
}

/// `GET /zones/{id}/versions/{number}`: the text, as the name servers get it.
///
/// # Errors
/// 404 if there is no such version for this visitor.
pub async fn version(
    app: web::Data<App>,
    actor: Actor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Fault> {
    let number = path::parse(&path.1)?;
    let text = app.context.store.view(&actor.scope).await?.zone_version(path::parse(&path.0)?, number).await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}

/// `POST /zones/{id}/versions/{number}/restore`
///
/// # Errors
/// 404 if there is no such version for this visitor, 412 if the zone was changed since.
pub async fn restore(
    app: web::Data<App>,
    actor: Actor,
    path: web::Path<(String, String)>,
    form: web::Form<RevisionPost>,
) -> Result<HttpResponse, Fault> {
    let (zone, number) = (path::parse(&path.0)?, path::parse(&path.1)?);
    let entry = zone_editor(&app, &actor).restore(zone, form.revision, number).await.map_err(plain)?;
    Ok(saved(&format!("/zones/{zone}/publish"), actor.visit.lang.t("restored"), entry))
}
