//! Zones in the API: records, text, publishing, versions.

use super::{
    editor::read_text,
    service::{self, EditError, Loaded},
    zone_editor,
};
use crate::http::{
    App,
    api::{if_match, once, tagged},
    body,
    fault::{Fault, Kind},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use hostler_core::dns::{
    diff::{Change, diff},
    lint::{self, Severity},
    typed::{RecordInput, Wrong},
    writer,
};
use hostler_store::View;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A record of a zone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecordItem {
    id: i64,
    /// Owner: absolute, with its final dot.
    owner: String,
    /// Time to live, in seconds.
    ttl: u32,
    /// Type.
    #[serde(rename = "type")]
    rtype: String,
    /// Data as in a zone file.
    data: String,
}

/// What the lint says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FindingItem {
    /// `error` or `warning`.
    severity: String,
    /// Name of the rule.
    code: String,
    /// The record that it is about.
    record: Option<i64>,
    message: String,
    /// The RFC or other source.
    source: String,
}

/// A zone as it is edited.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ZoneBody {
    id: Uuid,
    name: String,
    unicode: String,
    customer_id: Option<Uuid>,
    /// Whether there are changes that are not published.
    changed: bool,
    /// Number of the version that is served.
    version: Option<i32>,
    /// Its serial.
    serial: Option<i64>,
    records: Vec<RecordItem>,
    findings: Vec<FindingItem>,
}

/// A record to be put into a zone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordBody {
    /// `@`, a name in the zone, or an absolute one with its final dot.
    #[schema(max_length = 300)]
    owner: String,
    /// Seconds, or with units such as `1h`; without it the SOA's.
    #[serde(default)]
    #[schema(max_length = 20)]
    ttl: String,
    /// Type.
    #[serde(rename = "type")]
    #[schema(max_length = 20)]
    rtype: String,
    /// Data as in a zone file.
    #[schema(max_length = 70000)]
    data: String,
}

/// A zone as text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TextBody {
    /// Master file format (RFC 1035); `$INCLUDE` is refused.
    text: String,
}

/// Why a version is published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishBody {
    /// Stands beside the version.
    #[serde(default)]
    #[schema(max_length = 300)]
    note: String,
}

/// Whether something is only tried.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DryRun {
    /// Nothing is changed; the answer says what would be.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
}

impl DryRun {
    /// Whether it is only tried.
    pub(super) fn dry_run(&self) -> bool {
        self.dry_run
    }
}

/// A changed record in words of a zone file.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangeItem {
    /// The line that goes.
    before: Option<String>,
    /// The line that comes.
    after: Option<String>,
}

/// What was changed, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangesBody {
    /// Whether it was only tried.
    dry_run: bool,
    changes: Vec<ChangeItem>,
    findings: Vec<FindingItem>,
    /// The place in the log, to take it back.
    audit_entry: Option<i64>,
}

impl ChangesBody {
    pub(super) fn new(
        dry_run: bool,
        changes: Vec<ChangeItem>,
        findings: Vec<FindingItem>,
        audit_entry: Option<i64>,
    ) -> Self {
        Self { dry_run, changes, findings, audit_entry }
    }
}

/// What was published.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PublishedBody {
    /// Whether it was only tried.
    dry_run: bool,
    /// The version; without a change there is no new one.
    version: Option<i32>,
    serial: Option<u32>,
    changes: Vec<ChangeItem>,
}

/// A version of a zone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VersionItem {
    number: i32,
    serial: i64,
    created_at: String,
    created_by: String,
    note: String,
}

/// The versions of a zone, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VersionsBody {
    items: Vec<VersionItem>,
}

/// Fields by their names in the API.
fn named(fields: Wrong) -> impl Iterator<Item = (String, String)> {
    fields.into_iter().map(|(name, reason)| (if name == "rtype" { "type" } else { name }.to_owned(), reason))
}

/// Whether the zone is still as the request says, also where it is only tried.
///
/// # Errors
/// 412 if not.
pub(super) fn fresh(revision: i32, loaded: &Loaded) -> Result<(), Fault> {
    if loaded.row.revision == revision { Ok(()) } else { Err(Kind::Stale.into()) }
}

pub(super) fn fault(error: EditError) -> Fault {
    match error {
        EditError::Store(error) => error.into(),
        EditError::HasErrors => Fault::field("zone", "it has errors, so it is not published"),
        EditError::Overtaken => Kind::Conflict.into(),
        EditError::Fields(fields) => Fault::invalid(named(fields).collect()),
        EditError::Changes(wrong) => Fault::invalid(
            wrong
                .into_iter()
                .flat_map(|(i, fields)| named(fields).map(move |(name, reason)| (format!("put[{i}].{name}"), reason)))
                .collect(),
        ),
    }
}

pub(super) fn findings(found: &[lint::Finding], loaded: Option<&Loaded>) -> Vec<FindingItem> {
    found
        .iter()
        .map(|f| FindingItem {
            severity: if f.rule.severity() == Severity::Error { "error" } else { "warning" }.to_owned(),
            code: f.rule.code().to_owned(),
            record: f.record.and_then(|i| loaded?.records.get(i)).map(|r| r.id),
            message: f.message(),
            source: f.rule.source().to_owned(),
        })
        .collect()
}

pub(super) fn changes(list: &[Change]) -> Vec<ChangeItem> {
    let line = |record| Some(writer::line(record));
    list.iter()
        .map(|change| match change {
            Change::Added(new) => ChangeItem { before: None, after: line(new) },
            Change::Removed(old) => ChangeItem { before: line(old), after: None },
            Change::Changed { old, new } => ChangeItem { before: line(old), after: line(new) },
        })
        .collect()
}

fn shown(loaded: &Loaded) -> ZoneBody {
    let row = &loaded.row;
    ZoneBody {
        id: row.id,
        name: row.name.clone(),
        unicode: row.unicode.clone(),
        customer_id: row.customer_id,
        changed: row.changed,
        version: row.published_number,
        serial: row.published_serial,
        records: loaded
            .records
            .iter()
            .map(|r| RecordItem {
                id: r.id,
                owner: r.record.owner.to_string(),
                ttl: r.record.ttl,
                rtype: r.record.rtype().to_string(),
                data: r.record.data.to_string(),
            })
            .collect(),
        findings: findings(&loaded.findings, Some(loaded)),
    }
}

pub(super) async fn load(app: &App, view: &mut View, zone: Uuid) -> Result<Loaded, Fault> {
    Ok(service::load(view, zone, &app.context.settings.dns.profiles).await?)
}

async fn answer(app: &App, actor: &Actor, zone: Uuid) -> Result<HttpResponse, Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = load(app, &mut view, zone).await?;
    Ok(tagged(loaded.row.revision, &shown(&loaded)))
}

/// `GET /api/v1/zones/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn one(app: web::Data<App>, actor: Actor, zone: web::Path<String>) -> Result<HttpResponse, Fault> {
    answer(&app, &actor, path::parse(&zone)?).await
}

fn input(record: RecordBody) -> RecordInput {
    RecordInput { owner: record.owner, ttl: record.ttl, rtype: record.rtype, data: record.data }
}

/// `POST /api/v1/zones/{id}/records`
///
/// # Errors
/// 404, 409, 412, 422, 428.
pub(super) async fn add_record(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let zone = path::parse(&zone)?;
    let record = input(body::parse(&bytes)?);
    let revision = if_match(&request)?;
    let app_ref: &App = &app;
    let actor_ref = &actor;
    once(&app.context, &actor, &request, &bytes, || async move {
        zone_editor(app_ref, actor_ref).put_record(zone, revision, None, &record).await.map_err(fault)?;
        let mut view = app_ref.context.store.view(&actor_ref.scope).await?;
        let loaded = load(app_ref, &mut view, zone).await?;
        Ok((201, serde_json::to_value(shown(&loaded)).map_err(Fault::internal)?))
    })
    .await
}

/// `PUT /api/v1/zones/{id}/records/{record}`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn put_record(
    app: web::Data<App>,
    actor: Actor,
    path: web::Path<(String, String)>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let (zone, record) = (path::parse(&path.0)?, path::parse(&path.1)?);
    let input = input(body::parse(&bytes)?);
    let revision = if_match(&request)?;
    zone_editor(&app, &actor).put_record(zone, revision, Some(record), &input).await.map_err(fault)?;
    answer(&app, &actor, zone).await
}

/// `DELETE /api/v1/zones/{id}/records/{record}`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn delete_record(
    app: web::Data<App>,
    actor: Actor,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (zone, record) = (path::parse(&path.0)?, path::parse(&path.1)?);
    let revision = if_match(&request)?;
    zone_editor(&app, &actor).delete_record(zone, revision, record).await.map_err(fault)?;
    answer(&app, &actor, zone).await
}

/// `PUT /api/v1/zones/{id}/text`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn put_text(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let (zone, dry): (Uuid, DryRun) = (path::parse(&zone)?, body::query(&request)?);
    let text: TextBody = body::parse(&bytes)?;
    let revision = if_match(&request)?;
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = load(&app, &mut view, zone).await?;
    drop(view);
    fresh(revision, &loaded)?;
    let new = read_text(&text.text, &loaded.origin).map_err(fault)?;
    let editor = zone_editor(&app, &actor);
    let audit_entry = editor.put_text(zone, revision, &text.text, dry.dry_run).await.map_err(fault)?;
    let found = lint::lint(&new, &app.context.settings.dns.profiles);
    let body = ChangesBody {
        dry_run: dry.dry_run,
        changes: changes(&diff(&loaded.zone(), &new)),
        findings: findings(&found, None),
        audit_entry,
    };
    let now = if dry.dry_run || audit_entry.is_none() { loaded.row.revision } else { loaded.row.revision + 1 };
    Ok(tagged(now, &body))
}

/// `POST /api/v1/zones/{id}/publish`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn publish(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let (zone, dry): (Uuid, DryRun) = (path::parse(&zone)?, body::query(&request)?);
    let wanted: PublishBody = body::parse(&bytes)?;
    let revision = if_match(&request)?;
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = load(&app, &mut view, zone).await?;
    let pending = service::pending(&mut view, &loaded).await?;
    drop(view);
    fresh(revision, &loaded)?;
    let mut published = None;
    if dry.dry_run {
        if lint::has_errors(&loaded.findings) {
            return Err(fault(EditError::HasErrors));
        }
    } else {
        published = zone_editor(&app, &actor).publish(zone, revision, wanted.note.trim()).await.map_err(fault)?;
    }
    let body = PublishedBody {
        dry_run: dry.dry_run,
        version: published.map(|(number, _)| number),
        serial: published.map(|(_, serial)| serial),
        changes: changes(&pending),
    };
    Ok(tagged(loaded.row.revision + i32::from(published.is_some()), &body))
}

/// `POST /api/v1/zones/{id}/discard`
///
/// # Errors
/// 404, 412, 428.
pub(super) async fn discard(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let zone = path::parse(&zone)?;
    zone_editor(&app, &actor).discard(zone, if_match(&request)?).await.map_err(fault)?;
    answer(&app, &actor, zone).await
}

/// `GET /api/v1/zones/{id}/versions`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub(super) async fn versions(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let zone = path::parse(&zone)?;
    let mut view = app.context.store.view(&actor.scope).await?;
    view.zone(zone).await?;
    let items = view
        .zone_versions(zone)
        .await?
        .into_iter()
        .map(|v| VersionItem {
            number: v.number,
            serial: v.serial,
            created_at: v.created_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            created_by: v.created_by,
            note: v.note,
        })
        .collect();
    Ok(crate::http::api::json(&VersionsBody { items }))
}

/// `GET /api/v1/zones/{id}/versions/{number}`: the text, as the name servers get it.
///
/// # Errors
/// 404 if there is no such version for this visitor.
pub(super) async fn version(
    app: web::Data<App>,
    actor: Actor,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Fault> {
    let number = path::parse(&path.1)?;
    let text = app.context.store.view(&actor.scope).await?.zone_version(path::parse(&path.0)?, number).await?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8")).body(text))
}

/// `POST /api/v1/zones/{id}/versions/{number}/restore`
///
/// # Errors
/// 404, 412, 428.
pub(super) async fn restore(
    app: web::Data<App>,
    actor: Actor,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (zone, number) = (path::parse(&path.0)?, path::parse(&path.1)?);
    zone_editor(&app, &actor).restore(zone, if_match(&request)?, number).await.map_err(fault)?;
    answer(&app, &actor, zone).await
}
