//! One search for everything, in the API.

use super::service::{MOST, find};
use crate::http::{
    App,
    api::{MOST_LETTERS, json},
    body,
    fault::Fault,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchQuery {
    /// At least three letters are searched in records as well.
    #[param(max_length = 300)]
    q: String,
}

/// Something that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HitItem {
    /// `customer`, `domain`, `address` or `record`.
    kind: &'static str,
    /// Its number or name.
    name: String,
    /// What else tells it from others: the company, the targets, type and data.
    text: String,
    /// Id of the customer, or of the zone that it is in.
    id: Option<Uuid>,
}

/// The first hits of each kind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HitsBody {
    items: Vec<HitItem>,
}

/// `GET /api/v1/search`
///
/// # Errors
/// The parameter that is wrong.
pub(super) async fn search(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query: SearchQuery = body::query(&request)?;
    let q = query.q.split('\0').next().unwrap_or_default().trim().to_owned();
    if q.is_empty() || q.chars().count() > MOST_LETTERS {
        return Err(Fault::field("q", format!("from 1 to {MOST_LETTERS} characters")));
    }
    let mut view = app.context.store.view(&actor.scope).await?;
    let found = find(&mut view, &actor, &q).await?;
    let customers = found.customers.into_iter().flat_map(|list| list.items).map(|c| HitItem {
        kind: "customer",
        name: c.number,
        text: c.company,
        id: Some(c.id),
    });
    let domains = found.domains.into_iter().flat_map(|list| list.items).map(|d| HitItem {
        kind: "domain",
        name: d.name,
        text: d.customer_number.unwrap_or_default(),
        id: d.zone_id,
    });
    let addresses = found.addresses.into_iter().flat_map(|list| list.items).map(|m| HitItem {
        kind: "address",
        name: m.address,
        text: m.targets.join(", "),
        id: m.customer_id,
    });
    let records = found.records.into_iter().take(MOST).map(|r| HitItem {
        kind: "record",
        name: r.owner,
        text: format!("{} {}", r.rtype, r.data),
        id: Some(r.zone_id),
    });
    let items = customers.chain(domains).chain(addresses).chain(records).collect();
    Ok(json(&HitsBody { items }))
}
