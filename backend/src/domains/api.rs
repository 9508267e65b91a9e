//! Domains in the API.

use crate::http::{
    App,
    api::{Item, Listing},
    body,
    fault::Fault,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::domains::{DomainFilter, DomainRow, ZoneState};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

crate::list_query! {
    /// Filters of the list.
    DomainsQuery {
        /// Only of this customer.
        customer: Uuid,
        /// Number of the reseller.
        reseller: String,
        /// State of the zone: `errors`, `warnings`, `changed`, `fine` or `none`.
        zone: String,
    }
}

/// A domain beside its zone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DomainItem {
    name: String,
    unicode: String,
    customer_id: Option<Uuid>,
    customer_number: Option<String>,
    reseller: Option<String>,
    zone_id: Option<Uuid>,
    errors: Option<i32>,
    warnings: Option<i32>,
    records: Option<i32>,
    /// Whether there are changes that are not published.
    changed: Option<bool>,
    /// Serial that is served.
    serial: Option<i64>,
}

impl Item for DomainItem {
    const COLUMNS: &'static [&'static str] = &[
        "name",
        "unicode",
        "customer_id",
        "customer_number",
        "reseller",
        "zone_id",
        "errors",
        "warnings",
        "records",
        "changed",
        "serial",
    ];
}

impl From<DomainRow> for DomainItem {
    fn from(d: DomainRow) -> Self {
        Self {
            name: d.name,
            unicode: d.unicode,
            customer_id: d.customer_id,
            customer_number: d.customer_number,
            reseller: d.reseller,
            zone_id: d.zone_id,
            errors: d.errors,
            warnings: d.warnings,
            records: d.records,
            changed: d.changed,
            serial: d.published_serial,
        }
    }
}

/// `GET /api/v1/domains`
///
/// # Errors
/// The parameter that is wrong.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query: DomainsQuery = body::query(&request)?;
    let listing = Listing::read(&request, query.part(), &["name", "customer", "errors", "records"])?;
    let zone = match query.zone.as_deref() {
        None => None,
        Some(text) => {
            let state = ZoneState::parse(text);
            Some(state.ok_or_else(|| Fault::field("zone", "errors, warnings, changed, fine or none"))?)
        }
    };
    let filter = DomainFilter {
        q: query.q.clone().unwrap_or_default(),
        customer: query.customer,
        reseller: query.reseller.clone(),
        zone,
        picked: None,
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let (found, counts) = view.domains_with_facets(&filter, listing.sort, listing.page).await?;
    let states = ZoneState::ALL.iter().zip(counts).map(|((code, _), n)| ((*code).to_owned(), n)).collect();
    let facets = BTreeMap::from([("zone", states)]);
    let items: Vec<DomainItem> = found.items.into_iter().map(Into::into).collect();
    listing.answer("domains", items, found.total, facets).await
}
