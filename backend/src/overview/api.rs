//! One search for everything, in the API.

use crate::http::{
    App,
    api::{MOST_LETTERS, json},
    body,
    fault::Fault,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_core::access::Action;
use hostler_store::{
    customers::CustomerFilter,
    domains::DomainFilter,
    list::{Page, Sort},
    mail::MailFilter,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Hits of each kind.
const MOST: i64 = 10;

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
    let (sort, page) = (Sort { column: 0, descending: false }, Page { limit: MOST, offset: 0 });
    let mut view = app.context.store.view(&actor.scope).await?;
    let mut items = Vec::new();
    if actor.may(Action::ReadCustomers) {
        let found = view.customers(&CustomerFilter { q: q.clone(), reseller: None }, sort, page).await?;
        items.extend(found.items.into_iter().map(|c| HitItem {
            kind: "customer",
            name: c.number,
            text: c.company,
            id: Some(c.id),
        }));
    }
    if actor.may(Action::ReadHosting) {
        let found = view.domains(&DomainFilter { q: q.clone(), ..DomainFilter::default() }, sort, page).await?;
        items.extend(found.items.into_iter().map(|d| HitItem {
            kind: "domain",
            name: d.name,
            text: d.customer_number.unwrap_or_default(),
            id: d.zone_id,
        }));
        let found = view.mail(&MailFilter { q: q.clone(), ..MailFilter::default() }, sort, page).await?;
        items.extend(found.items.into_iter().map(|m| HitItem {
            kind: "address",
            name: m.address,
            text: m.targets.join(", "),
            id: m.customer_id,
        }));
        if q.chars().count() > 2 {
            let found = view.search_records(&q, MOST).await?;
            items.extend(found.into_iter().map(|r| HitItem {
                kind: "record",
                name: r.owner,
                text: format!("{} {}", r.rtype, r.data),
                id: Some(r.zone_id),
            }));
        }
    }
    Ok(json(&HitsBody { items }))
}
