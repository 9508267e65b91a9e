//! The log in the API.

use super::service::{self, midnight};
use crate::http::{
    App,
    api::{MOST_LETTERS, json},
    body,
    fault::Fault,
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::audit::{AuditFilter, Entry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Filters of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditQuery {
    /// Text in the thing's name or the actor.
    #[param(max_length = 300)]
    q: Option<String>,
    /// Kind of thing, such as `zone`.
    entity: Option<String>,
    /// Id of the thing.
    id: Option<String>,
    /// What was done, such as `publish`.
    action: Option<String>,
    /// First day, such as 2026-11-25.
    from: Option<String>,
    /// Last day.
    until: Option<String>,
    /// The larger change that it is part of.
    batch: Option<Uuid>,
    /// Only entries before this one.
    before: Option<i64>,
    /// Entries at the most.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// An entry of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntryItem {
    id: i64,
    at: String,
    actor: String,
    /// Through whom or what.
    via: Option<String>,
    address: Option<String>,
    request_id: Option<String>,
    action: String,
    entity: String,
    entity_id: String,
    label: String,
    customer_id: Option<Uuid>,
    before: Option<serde_json::Value>,
    after: Option<serde_json::Value>,
    batch_id: Option<Uuid>,
    undoes: Option<i64>,
    undone: bool,
    /// Whether it can be taken back.
    undoable: bool,
}

impl From<Entry> for EntryItem {
    fn from(e: Entry) -> Self {
        Self {
            undoable: service::undoable(&e).is_some(),
            id: e.id,
            at: e.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
            actor: e.actor,
            via: e.via,
            address: e.address,
            request_id: e.request_id,
            action: e.action,
            entity: e.entity,
            entity_id: e.entity_id,
            label: e.label,
            customer_id: e.customer_id,
            before: e.before,
            after: e.after,
            batch_id: e.batch_id,
            undoes: e.undoes,
            undone: e.undone,
        }
    }
}

/// Entries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EntriesBody {
    items: Vec<EntryItem>,
    /// Send it as `before` for those that are older; null at the end.
    next_before: Option<i64>,
}

/// `GET /api/v1/audit`
///
/// # Errors
/// The parameter that is wrong.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query: AuditQuery = body::query(&request)?;
    let limit = query.limit.unwrap_or(50);
    if !(1..=500).contains(&limit) {
        return Err(Fault::field("limit", "from 1 to 500"));
    }
    if query.q.as_ref().is_some_and(|q| q.chars().count() > MOST_LETTERS) {
        return Err(Fault::field("q", format!("at most {MOST_LETTERS} characters")));
    }
    let zone = app.context.settings.time_zone.0;
    let day = |name: &'static str, text: Option<String>, later| match text {
        None => Ok(None),
        Some(text) => {
            midnight(&text, zone, later).map(Some).ok_or_else(|| Fault::field(name, "a day such as 2026-11-25"))
        }
    };
    let filter = AuditFilter {
        q: query.q.unwrap_or_default(),
        entity: query.entity,
        id: query.id,
        action: query.action,
        from: day("from", query.from, 0)?,
        until: day("until", query.until, 1)?,
        batch: query.batch,
    };
    let entries = app.context.store.view(&actor.scope).await?.audit_below(&filter, query.before, limit).await?;
    let full = i64::try_from(entries.len()).is_ok_and(|n| n == limit);
    let next_before = if full { entries.last().map(|e| e.id) } else { None };
    Ok(json(&EntriesBody { items: entries.into_iter().map(Into::into).collect(), next_before }))
}

/// `POST /api/v1/audit/{entry}/undo`
///
/// # Errors
/// 404 if there is none for this visitor, 409 if it cannot be taken back any more.
pub(super) async fn undo(app: web::Data<App>, actor: Actor, entry: web::Path<String>) -> Result<HttpResponse, Fault> {
    let number = path::parse(&entry)?;
    service::undo(&app, &actor, number).await?;
    Ok(HttpResponse::NoContent().finish())
}
