//! Homepages: lists of them, and one.

pub use crate::homepage_counts::{Facet, HomepageCounts};
use crate::{
    Scope, StoreError, View,
    list::{Listed, Page, Sort, finish, in_order, pattern},
};
use chrono::{DateTime, NaiveDate, Utc};
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
    /// What becomes of it.
    pub decision: String,
    /// When that was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// The day on which it moves, if it is known.
    pub moves_on: Option<NaiveDate>,
    /// The PHP that it needs; empty: its server's.
    pub php: String,
    /// When it was archived.
    pub archived_at: Option<DateTime<Utc>>,
    /// Changes with every edit.
    pub revision: i32,
    /// What only the staff sees; none for others.
    #[sqlx(flatten)]
    pub inside: Inside,
}

/// What of a homepage only the staff sees; empty for others.
#[derive(Debug, Clone, Default, sqlx::FromRow)]
pub struct Inside {
    /// Who decided.
    pub decided_by: Option<String>,
    /// Why.
    pub decision_reason: String,
    /// What the looks at it speak for.
    pub proposal: Option<String>,
    /// The server that it goes to, by name; none: the one that takes new ones.
    pub new_server: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What the staff should know.
    pub notes: String,
    /// People's visits in the last 90 days of the logs.
    pub hits: Option<i32>,
    /// The last of them.
    pub last_hit_at: Option<DateTime<Utc>>,
    /// Until when the logs were read.
    pub logs_until: Option<DateTime<Utc>>,
    /// When something was uploaded last.
    pub uploaded_at: Option<DateTime<Utc>>,
    /// Number of the reseller of its domain.
    pub reseller: Option<String>,
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
    /// What becomes of it.
    pub decision: Option<String>,
    /// What is proposed; for the staff.
    pub proposal: Option<String>,
    /// Of the customers of the reseller of this number; for the staff.
    pub reseller: Option<String>,
    /// Of those that move, those that go to the server of this name; for the staff.
    pub server: Option<String>,
    /// With this tag; for the staff.
    pub tag: Option<String>,
    /// Those that are archived, in place of the others.
    pub archived: bool,
}

impl HomepageFilter {
    /// Whether nothing but kind, class and decision narrows it.
    pub(crate) fn is_bare(&self) -> bool {
        let texts = [&self.proposal, &self.reseller, &self.server, &self.tag];
        self.q.trim().is_empty() && texts.iter().all(|t| t.is_none()) && self.customer.is_none() && !self.archived
    }
}

/// Columns that the list can be sorted by: name, kind, document root, class, decision, when it was looked at.
pub const HOMEPAGE_SORT: &[&str] = &["h.name", "h.kind", "h.root", "h.class", "h.decision", "h.looked_at"];

const SELECT: &str = "select h.id, h.name, h.unicode, h.aliases, h.kind, h.root, h.target, h.tls, h.server, h.source,
         d.customer_id, d.customer_number, z.id as zone_id, h.class, h.doubt, h.class_since, h.looked_at, h.decision, h.decided_at,
         h.moves_on, h.php, h.archived_at, h.revision, ";
/// Tenants may not name the columns.
const INSIDE: &str =
    "h.decided_by, h.decision_reason, h.proposal, s.name as new_server, h.tags, h.notes, h.hits, h.last_hit_at,
         h.logs_until, h.uploaded_at, r.number as reseller
     from homepages h left join domains d on d.id = h.domain_id left join zones z on z.name = d.name
         left join web_servers s on s.id = h.new_server_id left join resellers r on r.id = d.reseller_id";
const OUTSIDE: &str = "null::text as decided_by, '' as decision_reason, null::text as proposal, null::text as new_server, '{}'::text[] as tags,
         '' as notes, null::integer as hits, null::timestamptz as last_hit_at, null::timestamptz as logs_until,
         null::timestamptz as uploaded_at, null::text as reseller
     from homepages h left join domains d on d.id = h.domain_id left join zones z on z.name = d.name";

fn select(query: &mut QueryBuilder<Postgres>, scope: &Scope) {
    query.push(SELECT).push(if scope.is_everything() { INSIDE } else { OUTSIDE });
}

pub(crate) fn narrow(query: &mut QueryBuilder<Postgres>, filter: &HomepageFilter, scope: &Scope) {
    query.push(if filter.archived { " where h.archived_at is not null" } else { " where h.archived_at is null" });
    if !filter.q.trim().is_empty() {
        query.push(" and h.search like ").push_bind(pattern(&filter.q).to_lowercase());
    }
    if let Some(kind) = &filter.kind {
        query.push(" and h.kind = ").push_bind(kind.clone());
    }
    if let Some(class) = &filter.class {
        query.push(" and h.class = ").push_bind(class.clone());
    }
    if let Some(decision) = &filter.decision {
        query.push(" and h.decision = ").push_bind(decision.clone());
    }
    if let Some(customer) = filter.customer {
        query.push(" and h.domain_id in (select id from domains where customer_id = ").push_bind(customer).push(")");
    }
    if !scope.is_everything() {
        return;
    }
    if let Some(proposal) = &filter.proposal {
        query.push(" and h.proposal = ").push_bind(proposal.clone());
    }
    if let Some(reseller) = &filter.reseller {
        let number = " (select id from resellers where number = ";
        query
            .push(" and h.domain_id in (select id from domains where reseller_id =")
            .push(number)
            .push_bind(reseller.clone());
        query.push(") or customer_id in (select id from customers where reseller_id =").push(number);
        query.push_bind(reseller.clone()).push(")))");
    }
    if let Some(server) = &filter.server {
        query
            .push(" and coalesce(h.new_server_id, (select id from web_servers where takes_new)) = (select id from web_servers where name = ")
            .push_bind(server.clone())
            .push(")");
    }
    if let Some(tag) = &filter.tag {
        query.push(" and h.tags @> array[").push_bind(tag.clone()).push("::text]");
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
        Ok(self.homepages_with_counts(filter, sort, page).await?.0)
    }

    /// A page of homepages, with the numbers of all that a filter leaves.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepages_with_counts(
        &mut self,
        filter: &HomepageFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Listed<HomepageRow>, HomepageCounts), StoreError> {
        let counts = self.homepage_counts(filter).await?;
        // The page first: what is only passed over is joined to nothing, and the joins need not be planned anew each time.
        let mut query = QueryBuilder::new("select h.id from homepages h");
        narrow(&mut query, filter, &self.scope);
        finish(&mut query, HOMEPAGE_SORT, "h.name", sort, page);
        let ids: Vec<Uuid> = query.build_query_scalar().fetch_all(&mut *self.tx).await?;
        let mut query = QueryBuilder::default();
        select(&mut query, &self.scope);
        query.push(" where h.id = any(").push_bind(&ids).push(")");
        let mut items: Vec<HomepageRow> = query.build_query_as().fetch_all(&mut *self.tx).await?;
        in_order(&mut items, &ids, |h| h.id);
        Ok((Listed { items, total: counts.total() }, counts))
    }

    /// Ids of the homepages that a filter leaves, in the order of their names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepage_ids(&mut self, filter: &HomepageFilter, most: i64) -> Result<Vec<Uuid>, StoreError> {
        let mut query = QueryBuilder::new("select h.id from homepages h");
        narrow(&mut query, filter, &self.scope);
        query.push(" order by h.name limit ").push_bind(most);
        Ok(query.build_query_scalar().fetch_all(&mut *self.tx).await?)
    }

    /// One homepage, also one that is archived.
    ///
    /// # Errors
    /// `NotFound` if there is none for this scope.
    pub async fn homepage(&mut self, id: Uuid) -> Result<HomepageRow, StoreError> {
        let mut query = QueryBuilder::default();
        select(&mut query, &self.scope);
        query.push(" where h.id = ").push_bind(id);
        Ok(query.build_query_as().fetch_one(&mut *self.tx).await?)
    }

    /// Names, classes and ids of the homepages that a filter leaves, by class, for a picture of all of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepage_map(&mut self, filter: &HomepageFilter, most: i64) -> Result<Vec<MapCell>, StoreError> {
        let mut query = QueryBuilder::new("select h.id, h.unicode, h.class, h.decision from homepages h");
        narrow(&mut query, filter, &self.scope);
        query.push(" order by h.name limit ").push_bind(most);
        Ok(query.build_query_as().fetch_all(&mut *self.tx).await?)
    }

    /// The tags in use with how many homepages have each, the most used first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepage_tags(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        let query =
            "select tag, sum(n)::bigint from homepage_tags group by 1 having sum(n) > 0 order by 2 desc, 1 limit 30";
        Ok(sqlx::query_as(query).fetch_all(&mut *self.tx).await?)
    }
}

/// A homepage in a picture of all of them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MapCell {
    /// Id.
    pub id: Uuid,
    /// Main name, U-labels.
    pub unicode: String,
    /// What it is held to be.
    pub class: Option<String>,
    /// What becomes of it.
    pub decision: String,
}
