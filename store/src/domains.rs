//! Domains, each beside its zone.

use crate::{
    StoreError, View,
    list::{Listed, Page, Sort, finish, pattern},
};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// A name in the list of domains: a domain, a zone, or both.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DomainRow {
    /// Name with U-labels.
    pub unicode: String,
    /// Name with A-labels.
    pub name: String,
    /// Customer, if one is known.
    pub customer_id: Option<Uuid>,
    /// Number that the papers give, also where no such customer exists.
    pub customer_number: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Number of the reseller.
    pub reseller: Option<String>,
    /// The zone of that name.
    pub zone_id: Option<Uuid>,
    /// Errors in it.
    pub errors: Option<i32>,
    /// Warnings in it.
    pub warnings: Option<i32>,
    /// Number of its records.
    pub records: Option<i32>,
    /// Whether it has changes that are not published.
    pub changed: Option<bool>,
    /// Serial that is served.
    pub published_serial: Option<i64>,
}

/// What the zone of a domain must be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneState {
    /// There is none.
    None,
    /// With errors.
    Errors,
    /// With warnings.
    Warnings,
    /// With changes that are not published.
    Changed,
    /// Published and without errors.
    Fine,
}

impl ZoneState {
    /// All, with their names in URLs.
    pub const ALL: [(&'static str, Self); 5] = [
        ("errors", Self::Errors),
        ("warnings", Self::Warnings),
        ("changed", Self::Changed),
        ("fine", Self::Fine),
        ("none", Self::None),
    ];

    /// The state of that name.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == code).map(|(_, state)| *state)
    }
}

/// How many domains have a zone in each state, as [`ZoneState::ALL`] has them. One may count in several.
pub type ZoneCounts = [i64; 5];

/// Which domains.
#[derive(Debug, Clone, Default)]
pub struct DomainFilter {
    /// Text in the name, in either form.
    pub q: String,
    /// Only of this customer.
    pub customer: Option<Uuid>,
    /// Number of the reseller.
    pub reseller: Option<String>,
    /// State of the zone.
    pub zone: Option<ZoneState>,
    /// Only of these zones.
    pub picked: Option<Vec<Uuid>>,
}

impl DomainFilter {
    /// Whether it leaves all domains, but for the state of their zones.
    fn is_bare(&self) -> bool {
        self.q.trim().is_empty() && self.customer.is_none() && self.reseller.is_none() && self.picked.is_none()
    }
}

/// Columns that the list can be sorted by: name, customer, errors, records.
pub const DOMAIN_SORT: &[&str] = &["n.name", "n.customer_number", "n.errors", "n.records"];

const DOMAIN_ROWS: &str = "select n.*, c.company, r.number as reseller from (
     select d.name, d.unicode, d.customer_id, d.customer_number, d.reseller_id,
         z.id as zone_id, z.errors, z.warnings, z.records, z.changed, z.published_serial
     from domains d left join zones z on z.name = d.name";
const DOMAIN_JOINS: &str =
    ") n left join customers c on c.id = n.customer_id left join resellers r on r.id = n.reseller_id";

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &DomainFilter) {
    query.push(" where d.archived_at is null");
    if !filter.q.trim().is_empty() {
        let like = pattern(&filter.q);
        query.push(" and ((d.name || ' ' || d.unicode) ilike ").push_bind(like);
        query.push(")");
    }
    if let Some(customer) = filter.customer {
        query.push(" and d.customer_id = ").push_bind(customer);
    }
    if let Some(number) = &filter.reseller {
        query
            .push(" and d.reseller_id = (select id from resellers where number = ")
            .push_bind(number.clone())
            .push(")");
    }
    if let Some(picked) = &filter.picked {
        query.push(" and d.name in (select z.name from zones z where z.id = any(").push_bind(picked.clone()).push("))");
    }
    query.push(match filter.zone {
        None => "",
        Some(ZoneState::None) => " and not exists (select from zones z where z.name = d.name)",
        Some(ZoneState::Errors) => " and d.name in (select z.name from zones z where z.errors > 0)",
        Some(ZoneState::Warnings) => " and d.name in (select z.name from zones z where z.warnings > 0)",
        Some(ZoneState::Changed) => " and d.name in (select z.name from zones z where z.changed)",
        Some(ZoneState::Fine) => {
            " and exists (select from zones z where z.name = d.name and z.errors = 0 and not z.changed)"
        }
    });
}

impl View {
    /// A page of domains.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domains(
        &mut self,
        filter: &DomainFilter,
        sort: Sort,
        page: Page,
    ) -> Result<Listed<DomainRow>, StoreError> {
        let total: i64 = if filter.is_bare() && filter.zone.is_none() {
            self.count_of("domains").await?
        } else {
            let mut count = QueryBuilder::new("select count(*) from domains d");
            narrow(&mut count, filter);
            count.build_query_scalar().fetch_one(&mut *self.tx).await?
        };
        Ok(Listed { items: self.domain_rows(filter, sort, page).await?, total: total.into() })
    }

    /// A page of domains with the numbers of all that the other filters leave, counted once for both.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domains_with_facets(
        &mut self,
        filter: &DomainFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Listed<DomainRow>, ZoneCounts), StoreError> {
        let (all, counts) = self.domain_facets(filter).await?;
        let state = filter.zone.and_then(|state| ZoneState::ALL.iter().position(|(_, s)| *s == state));
        let total = state.and_then(|i| counts.get(i)).copied().unwrap_or(all);
        Ok((Listed { items: self.domain_rows(filter, sort, page).await?, total: total.into() }, counts))
    }

    async fn domain_rows(
        &mut self,
        filter: &DomainFilter,
        sort: Sort,
        page: Page,
    ) -> Result<Vec<DomainRow>, StoreError> {
        let mut rows = QueryBuilder::new(DOMAIN_ROWS);
        if sort.column == 0 {
            // The page's names are found on the narrow index first, and only they are joined: by a statement that is
            // always the same, since planning these joins takes longer than they do.
            let mut names = QueryBuilder::new("select d.name from domains d");
            narrow(&mut names, filter);
            names.push(if sort.descending { " order by d.name desc" } else { " order by d.name" });
            names.push(" limit ").push_bind(page.limit).push(" offset ").push_bind(page.offset);
            let names: Vec<String> = names.build_query_scalar().fetch_all(&mut *self.tx).await?;
            rows.push(" where d.name = any(").push_bind(names).push(")");
            rows.push(DOMAIN_JOINS).push(if sort.descending { " order by n.name desc" } else { " order by n.name" });
        } else {
            narrow(&mut rows, filter);
            rows.push(DOMAIN_JOINS);
            finish(&mut rows, DOMAIN_SORT, "n.name", sort, page);
        }
        Ok(rows.build_query_as().fetch_all(&mut *self.tx).await?)
    }

    /// How many domains the other filters leave, and how many of them have a zone in each state.
    async fn domain_facets(&mut self, filter: &DomainFilter) -> Result<(i64, ZoneCounts), StoreError> {
        if filter.is_bare() && self.scope.is_everything() {
            // Of all of them the few that are not fine stand in indexes of their own, and the rest is kept in numbers.
            let few = sqlx::query!(
                r#"select (select count(*) from zones where errors > 0) as "errors!", (select count(*) from zones where warnings > 0) as "warnings!",
                     (select count(*) from zones where changed) as "changed!",
                     (select count(*) from zones where errors > 0 and not changed) as "only_errors!""#
            )
            .fetch_one(&mut *self.tx)
            .await?;
            let (zones, domains) = (self.count_of("zones").await?, self.count_of("domains").await?);
            let fine = zones - few.changed - few.only_errors;
            return Ok((domains, [few.errors, few.warnings, few.changed, fine, domains - zones]));
        }
        let mut query = QueryBuilder::new("with m as materialized (select d.name from domains d");
        narrow(&mut query, &DomainFilter { zone: None, ..filter.clone() });
        query.push(
            ") select count(*) filter (where z.errors > 0), count(*) filter (where z.warnings > 0), count(*) filter (where z.changed),
                 count(*) filter (where z.errors = 0 and not z.changed), count(*) filter (where z.id is null), count(*)
             from m left join zones z on z.name = m.name",
        );
        let row: (i64, i64, i64, i64, i64, i64) = query.build_query_as().fetch_one(&mut *self.tx).await?;
        Ok((row.5, [row.0, row.1, row.2, row.3, row.4]))
    }

    /// The zones of the domains that a filter leaves, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn matching_zones(&mut self, filter: &DomainFilter, most: i64) -> Result<Vec<Uuid>, StoreError> {
        let mut query = QueryBuilder::new("select z.id from domains d join zones z on z.name = d.name");
        narrow(&mut query, filter);
        query.push(" order by d.name limit ").push_bind(most);
        Ok(query.build_query_scalar().fetch_all(&mut *self.tx).await?)
    }
}
