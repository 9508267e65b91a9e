//! Customers in the API.

use super::service::{self, CustomerPatch};
use crate::http::{
    App,
    api::{Item, Listing, if_match, tagged},
    body,
    fault::Fault,
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::customers::{Customer, CustomerFilter, CustomerRow};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

crate::list_query! {
    /// Filters of the list.
    CustomersQuery {
        /// Number of the reseller.
        reseller: String,
    }
}

/// A customer in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerItem)]
pub(super) struct CustomerItem {
    id: Uuid,
    number: String,
    company: String,
    contact: String,
    city: String,
    email: String,
    reseller: Option<String>,
    domains: i64,
}

impl Item for CustomerItem {
    const COLUMNS: &'static [&'static str] =
        &["id", "number", "company", "contact", "city", "email", "reseller", "domains"];
}

impl From<CustomerRow> for CustomerItem {
    fn from(c: CustomerRow) -> Self {
        Self {
            id: c.id,
            number: c.number,
            company: c.company,
            contact: c.contact,
            city: c.city,
            email: c.email,
            reseller: c.reseller,
            domains: c.domains,
        }
    }
}

/// All of one customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Customer)]
pub(super) struct CustomerBody {
    id: Uuid,
    number: String,
    company: String,
    contact: String,
    street: String,
    postcode: String,
    city: String,
    country: String,
    email: String,
    vat_id: String,
    reseller: Option<String>,
}

fn answer(c: Customer) -> HttpResponse {
    let revision = c.revision;
    tagged(
        revision,
        &CustomerBody {
            id: c.id,
            number: c.number,
            company: c.company,
            contact: c.contact,
            street: c.street,
            postcode: c.postcode,
            city: c.city,
            country: c.country,
            email: c.email,
            vat_id: c.vat_id,
            reseller: c.reseller,
        },
    )
}

/// `GET /api/v1/customers`
///
/// # Errors
/// The parameter that is wrong.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query: CustomersQuery = body::query(&request)?;
    let listing = Listing::read(&request, query.part(), &["number", "company", "city"])?;
    let filter = CustomerFilter { q: query.q.clone().unwrap_or_default(), reseller: query.reseller.clone() };
    let mut view = app.context.store.view(&actor.scope).await?;
    let found = view.customers(&filter, listing.sort, listing.page).await?;
    let items: Vec<CustomerItem> = found.items.into_iter().map(Into::into).collect();
    let facets = BTreeMap::from([("reseller", view.customer_facets(&filter).await?.into_iter().collect())]);
    listing.answer("customers", items, found.total, facets).await
}

/// `GET /api/v1/customers/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn one(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    Ok(answer(app.context.store.view(&actor.scope).await?.customer(id).await?))
}

/// `PATCH /api/v1/customers/{id}`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn update(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    let patch: CustomerPatch = body::parse(&bytes)?;
    let (customer, _) = service::update(&app.context, &actor, (id, if_match(&request)?), &patch, None).await?;
    Ok(answer(customer))
}
