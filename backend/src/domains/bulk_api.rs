//! A change over many zones in the API.

use super::{
    bulk::{self, Operation},
    zone_api::{ChangeItem, changes},
};
use crate::http::{
    App,
    api::{json, once},
    body,
    fault::Fault,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::domains::{DomainFilter, ZoneState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which zones, as the list of domains filters them. All must fit.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Selection {
    /// Text in the name.
    #[serde(default)]
    #[schema(max_length = 300)]
    q: String,
    /// Of this customer.
    customer: Option<Uuid>,
    /// Number of the reseller.
    reseller: Option<String>,
    /// State of the zone: `errors`, `warnings`, `changed`, `fine`.
    zone: Option<String>,
    /// Only these zones.
    ids: Option<Vec<Uuid>>,
}

/// What to do, and to which zones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkBody {
    selection: Selection,
    operation: Operation,
    /// Publish each zone at once.
    #[serde(default)]
    publish: bool,
}

/// What would happen to a zone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PreviewItem {
    zone: Uuid,
    name: String,
    changes: Vec<ChangeItem>,
    /// Why nothing would.
    refused: Option<String>,
}

/// What would happen, or the job that does it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BulkAnswer {
    dry_run: bool,
    /// The job: `GET /api/v1/jobs/{id}` says how far it is.
    job: Option<Uuid>,
    /// Zones that change or are refused.
    items: Vec<PreviewItem>,
    /// Zones that stay as they are.
    untouched: usize,
}

/// More zones than one change may be about: none is left out silently.
pub(super) fn too_many() -> Fault {
    Fault::field("selection", format!("more than {} zones fit: narrow it", bulk::MOST))
}

/// `POST /api/v1/zones/bulk`
///
/// # Errors
/// 409, 422.
pub(super) async fn bulk(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let dry: super::zone_api::DryRun = body::query(&request)?;
    let wanted: BulkBody = body::parse(&bytes)?;
    wanted.operation.check().map_err(|(name, reason)| Fault::field(name, reason))?;
    let zone = match wanted.selection.zone.as_deref() {
        None => None,
        Some(text) => {
            Some(ZoneState::parse(text).ok_or_else(|| Fault::field("zone", "errors, warnings, changed or fine"))?)
        }
    };
    if wanted.selection.q.contains('\0') || (!wanted.selection.q.is_empty() && wanted.selection.q.trim().is_empty()) {
        return Err(Fault::field("selection.q", "a text that names can hold"));
    }
    let filter = DomainFilter {
        q: wanted.selection.q,
        customer: wanted.selection.customer,
        reseller: wanted.selection.reseller,
        zone,
        picked: wanted.selection.ids,
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let zones = bulk::selected(&mut view, &filter).await?.ok_or_else(too_many)?;
    let (rows, untouched) = bulk::preview(&mut view, &zones, &wanted.operation).await?;
    drop(view);
    let zones: Vec<Uuid> = rows.iter().filter(|r| r.refused.is_none()).map(|r| r.id).collect();
    let items = rows
        .into_iter()
        .map(|r| PreviewItem { zone: r.id, name: r.name, changes: changes(&r.changes), refused: r.refused })
        .collect();
    let mut answer = BulkAnswer { dry_run: dry.dry_run(), job: None, items, untouched };
    if dry.dry_run() {
        return Ok(json(&answer));
    }
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let job = bulk::begin(&app_ref.context, &actor_ref.scope, wanted.operation, zones, wanted.publish).await?;
        answer.job = Some(job);
        Ok((202, serde_json::to_value(&answer).map_err(Fault::internal)?))
    })
    .await
}
