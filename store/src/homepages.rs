//! Homepages as imported.

use crate::{
    StoreError, View,
    list::{Listed, Page, Sort, finish, pattern},
};
use chrono::{DateTime, Utc};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// A homepage in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct HomepageRow {
    /// Id.
    pub id: Uuid,
    /// Main name, A-labels.
    pub name: String,
    /// Main name, U-labels.
    pub unicode: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// `static`, `php`, `redirect` or `proxy`.
    pub kind: String,
    /// Document root.
    pub root: String,
    /// Where a redirect or proxy leads.
    pub target: String,
    /// Whether it answers on 443 too.
    pub tls: bool,
    /// The web server that the vhost was written for.
    pub server: String,
    /// File that it was read from.
    pub source: String,
    /// Customer, through the domain.
    pub customer_id: Option<Uuid>,
    /// The customer's number.
    pub customer_number: Option<String>,
    /// Whether its name lies in a zone here.
    pub zone_id: Option<Uuid>,
    /// What it is held to be; none: nobody has looked.
    pub class: Option<String>,
    /// Another class that was seen last, and once.
    pub doubt: Option<String>,
    /// Since when it is held to be that.
    pub class_since: Option<DateTime<Utc>>,
    /// When somebody looked last.
    pub looked_at: Option<DateTime<Utc>>,
}

/// Which homepages.
#[derive(Debug, Clone, Default)]
pub struct HomepageFilter {
    /// Text in a name or the document root.
    pub q: String,
    /// Kind.
    pub kind: Option<String>,
    /// Only of this customer.
    pub customer: Option<Uuid>,
    /// What it is held to be.
    pub class: Option<String>,
}

/// Columns that the list can be sorted by: name, kind, document root, class.
pub const HOMEPAGE_SORT: &[&str] = &["h.name", "h.kind", "h.root", "h.class"];

const SELECT: &str = "select h.id, h.name, h.unicode, h.aliases, h.kind, h.root, h.target, h.tls, h.server, h.source,
         d.customer_id, d.customer_number, z.id as zone_id, h.class, h.doubt, h.class_since, h.looked_at
     from homepages h left join domains d on d.id = h.domain_id left join zones z on z.name = d.name";

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &HomepageFilter) {
    query.push(" where h.archived_at is null");
    if !filter.q.trim().is_empty() {
        let like = pattern(&filter.q);
        query
            .push(" and ((h.name || ' ' || h.unicode || ' ' || h.root) ilike ")
            .push_bind(like.clone())
            .push(" or array_to_string(h.aliases, ' ') ilike ")
            .push_bind(like)
            .push(")");
    }
    if let Some(kind) = &filter.kind {
        query.push(" and h.kind = ").push_bind(kind.clone());
    }
    if let Some(class) = &filter.class {
        query.push(" and h.class = ").push_bind(class.clone());
    }
    if let Some(customer) = filter.customer {
        query.push(" and h.domain_id in (select id from domains where customer_id = ").push_bind(customer).push(")");
    }
}

impl View {
    /// A page of homepages.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepages(
        &mut self,
        filter: &HomepageFilter,
        sort: Sort,
        page: Page,
    ) -> Result<Listed<HomepageRow>, StoreError> {
        let bare =
            filter.q.trim().is_empty() && filter.kind.is_none() && filter.customer.is_none() && filter.class.is_none();
        let total: i64 = if bare {
            self.count_of("homepages").await?
        } else {
            let mut count = QueryBuilder::new("select count(*) from homepages h");
            narrow(&mut count, filter);
            count.build_query_scalar().fetch_one(&mut *self.tx).await?
        };
        let mut rows = QueryBuilder::new(SELECT);
        narrow(&mut rows, filter);
        finish(&mut rows, HOMEPAGE_SORT, "h.name", sort, page);
        Ok(Listed { items: rows.build_query_as().fetch_all(&mut *self.tx).await?, total })
    }

    /// One homepage.
    ///
    /// # Errors
    /// `NotFound` if there is none for this scope.
    pub async fn homepage(&mut self, id: Uuid) -> Result<HomepageRow, StoreError> {
        let mut query = QueryBuilder::new(SELECT);
        query.push(" where h.archived_at is null and h.id = ").push_bind(id);
        Ok(query.build_query_as().fetch_one(&mut *self.tx).await?)
    }

    /// How many of the homepages that the other filters leave are of each kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepage_facets(&mut self, filter: &HomepageFilter) -> Result<Vec<(String, i64)>, StoreError> {
        let mut query = QueryBuilder::new("select h.kind, count(*) from homepages h");
        narrow(&mut query, &HomepageFilter { kind: None, ..filter.clone() });
        query.push(" group by 1 order by 1");
        Ok(query.build_query_as().fetch_all(&mut *self.tx).await?)
    }

    /// How many of the homepages that the other filters leave are of each class.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepage_classes(&mut self, filter: &HomepageFilter) -> Result<Vec<(String, i64)>, StoreError> {
        let mut query = QueryBuilder::new("select h.class, count(*) from homepages h");
        narrow(&mut query, &HomepageFilter { class: None, ..filter.clone() });
        query.push(" and h.class is not null group by 1 order by 1");
        Ok(query.build_query_as().fetch_all(&mut *self.tx).await?)
    }
}
