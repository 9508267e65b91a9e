//! Homepages in the API.

use super::KINDS;
use crate::http::{
    App,
    api::{Item, Listing},
    body,
    fault::Fault,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use hostler_core::web::Class;
use hostler_store::homepages::{HomepageFilter, HomepageRow};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

crate::list_query! {
    /// Filters of the list.
    HomepagesQuery {
        /// Only of this customer.
        customer: Uuid,
        /// `static`, `php`, `redirect` or `proxy`.
        kind: String,
        /// What it is held to be, such as `alive` or `parked`.
        class: String,
    }
}

/// A homepage.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HomepageItem {
    id: Uuid,
    name: String,
    unicode: String,
    aliases: Vec<String>,
    kind: String,
    root: String,
    target: String,
    tls: bool,
    server: String,
    source: String,
    customer_id: Option<Uuid>,
    customer_number: Option<String>,
    zone_id: Option<Uuid>,
    /// What it is held to be; null: nobody has looked.
    class: Option<String>,
    /// Another class that was seen last, and only once.
    doubt: Option<String>,
    /// Since when it is held to be that.
    class_since: Option<DateTime<Utc>>,
    looked_at: Option<DateTime<Utc>>,
}

impl From<HomepageRow> for HomepageItem {
    fn from(h: HomepageRow) -> Self {
        Self {
            id: h.id,
            name: h.name,
            unicode: h.unicode,
            aliases: h.aliases,
            kind: h.kind,
            root: h.root,
            target: h.target,
            tls: h.tls,
            server: h.server,
            source: h.source,
            customer_id: h.customer_id,
            customer_number: h.customer_number,
            zone_id: h.zone_id,
            class: h.class,
            doubt: h.doubt,
            class_since: h.class_since,
            looked_at: h.looked_at,
        }
    }
}

impl Item for HomepageItem {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "name",
        "unicode",
        "aliases",
        "kind",
        "root",
        "target",
        "tls",
        "server",
        "source",
        "customer_id",
        "customer_number",
        "zone_id",
        "class",
        "doubt",
        "class_since",
        "looked_at",
    ];
}

/// `GET /api/v1/homepages`
///
/// # Errors
/// The parameter that is wrong.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query: HomepagesQuery = body::query(&request)?;
    let listing = Listing::read(&request, query.part(), &["name", "kind", "root", "class"])?;
    if query.kind.as_deref().is_some_and(|k| !KINDS.contains(&k)) {
        return Err(Fault::field("kind", format!("one of {}", KINDS.join(", "))));
    }
    if query.class.as_deref().is_some_and(|c| Class::parse(c).is_none()) {
        return Err(Fault::field("class", format!("one of {}", Class::names())));
    }
    let filter = HomepageFilter {
        q: query.q.clone().unwrap_or_default(),
        kind: query.kind.clone(),
        customer: query.customer,
        class: query.class.clone(),
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let found = view.homepages(&filter, listing.sort, listing.page).await?;
    let items: Vec<HomepageItem> = found.items.into_iter().map(HomepageItem::from).collect();
    let kinds = view.homepage_facets(&filter).await?.into_iter().collect();
    let classes = view.homepage_classes(&filter).await?.into_iter().collect();
    let facets = BTreeMap::from([("kind", kinds), ("class", classes)]);
    listing.answer("homepages", items, found.total, facets).await
}
