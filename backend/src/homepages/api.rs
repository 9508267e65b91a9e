//! Homepages in the API.

use super::{
    list::SORTS,
    query::{self, KINDS},
};
use crate::http::{
    App,
    api::{Item, Listing},
    body,
    fault::Fault,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use hostler_store::homepages::{Facet, HomepageFilter, HomepageRow};
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
        /// What becomes of it: `undecided`, `move`, `ask`, `drop` or `elsewhere`.
        decision: String,
        /// What the looks at it speak for; for the staff.
        proposal: String,
        /// Of the customers of the reseller of this number; for the staff.
        reseller: String,
        /// Going to the new web server of this name; for the staff.
        server: String,
        /// With this tag; for the staff.
        tag: String,
        /// `1`: those that are archived, in place of the others.
        archived: u8,
    }
}

macro_rules! item {
    ($($(#[$meta:meta])* $field:ident: $type:ty = $from:expr;)+) => {
        /// A homepage.
        #[derive(Debug, Serialize, ToSchema)]
        pub(super) struct HomepageItem { $($(#[$meta])* $field: $type),+ }

        impl From<HomepageRow> for HomepageItem {
            fn from(h: HomepageRow) -> Self {
                Self { $($field: $from(&h)),+ }
            }
        }

        impl Item for HomepageItem {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];
        }
    };
}

item! {
    id: Uuid = |h: &HomepageRow| h.id;
    name: String = |h: &HomepageRow| h.name.clone();
    unicode: String = |h: &HomepageRow| h.unicode.clone();
    aliases: Vec<String> = |h: &HomepageRow| h.aliases.clone();
    kind: String = |h: &HomepageRow| h.kind.clone();
    root: String = |h: &HomepageRow| h.root.clone();
    target: String = |h: &HomepageRow| h.target.clone();
    tls: bool = |h: &HomepageRow| h.tls;
    /// The PHP that it needs; empty: its server's.
    php: String = |h: &HomepageRow| h.php.clone();
    /// The web server that the papers' virtual host was written for.
    server: String = |h: &HomepageRow| h.server.clone();
    source: String = |h: &HomepageRow| h.source.clone();
    customer_id: Option<Uuid> = |h: &HomepageRow| h.customer_id;
    customer_number: Option<String> = |h: &HomepageRow| h.customer_number.clone();
    /// Number of the reseller; for the staff.
    reseller: Option<String> = |h: &HomepageRow| h.inside.reseller.clone();
    zone_id: Option<Uuid> = |h: &HomepageRow| h.zone_id;
    /// What it is held to be; null: nobody has looked.
    class: Option<String> = |h: &HomepageRow| h.class.clone();
    /// Another class that was seen last, and only once.
    doubt: Option<String> = |h: &HomepageRow| h.doubt.clone();
    /// Since when it is held to be that.
    class_since: Option<DateTime<Utc>> = |h: &HomepageRow| h.class_since;
    looked_at: Option<DateTime<Utc>> = |h: &HomepageRow| h.looked_at;
    /// What becomes of it.
    decision: String = |h: &HomepageRow| h.decision.clone();
    decided_at: Option<DateTime<Utc>> = |h: &HomepageRow| h.decided_at;
    /// The day on which it moves, if it is known.
    moves_on: Option<NaiveDate> = |h: &HomepageRow| h.moves_on;
    /// Who decided; for the staff.
    decided_by: Option<String> = |h: &HomepageRow| h.inside.decided_by.clone();
    /// Why; for the staff.
    reason: String = |h: &HomepageRow| h.inside.decision_reason.clone();
    /// What the looks at it speak for; for the staff.
    proposal: Option<String> = |h: &HomepageRow| h.inside.proposal.clone();
    /// The server that it goes to; null: the one that takes new homepages. For the staff.
    new_server: Option<String> = |h: &HomepageRow| h.inside.new_server.clone();
    /// Words to find it by; for the staff.
    tags: Vec<String> = |h: &HomepageRow| h.inside.tags.clone();
    /// What the staff should know.
    notes: String = |h: &HomepageRow| h.inside.notes.clone();
    /// People's visits in the last 90 days of the logs; null: no log was read. For the staff.
    hits: Option<i32> = |h: &HomepageRow| h.inside.hits;
    last_hit_at: Option<DateTime<Utc>> = |h: &HomepageRow| h.inside.last_hit_at;
    uploaded_at: Option<DateTime<Utc>> = |h: &HomepageRow| h.inside.uploaded_at;
    archived_at: Option<DateTime<Utc>> = |h: &HomepageRow| h.archived_at;
    /// State, for `If-Match` as `"r1"`.
    revision: i32 = |h: &HomepageRow| h.revision;
}

/// `GET /api/v1/homepages`
///
/// # Errors
/// The parameter that is wrong.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query: HomepagesQuery = body::query(&request)?;
    let listing = Listing::read(&request, query.part(), &SORTS)?;
    if query.kind.as_deref().is_some_and(|k| !KINDS.contains(&k)) {
        return Err(Fault::field("kind", format!("one of {}", KINDS.join(", "))));
    }
    query::known(query.class.as_deref(), query.decision.as_deref(), query.proposal.as_deref())
        .map_err(|(name, reason)| Fault::field(name, reason))?;
    let filter = HomepageFilter {
        q: query.q.clone().unwrap_or_default(),
        kind: query.kind.clone(),
        customer: query.customer,
        class: query.class.clone(),
        decision: query.decision.clone(),
        proposal: query.proposal.clone(),
        reseller: query.reseller.clone(),
        server: query.server.clone(),
        tag: query.tag.clone(),
        archived: query.archived == Some(1),
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let (found, counts) = view.homepages_with_counts(&filter, listing.sort, listing.page).await?;
    let items: Vec<HomepageItem> = found.items.into_iter().map(HomepageItem::from).collect();
    let mut facets = BTreeMap::new();
    for (name, facet) in [("kind", Facet::Kind), ("class", Facet::Class), ("decision", Facet::Decision)] {
        facets.insert(name, counts.of(facet));
    }
    listing.answer("homepages", items, found.total, facets).await
}
