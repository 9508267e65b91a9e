//! Domains, each beside its zone.

use crate::{
    StoreError, View,
    list::{Listed, Page, Sort, in_order, searched},
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

    /// Where it stands among all.
    pub(crate) fn place(self) -> Option<usize> {
        Self::ALL.iter().position(|(_, state)| *state == self)
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
    /// Whether it is about all domains, whosever they are.
    fn is_of_all(&self) -> bool {
        self.customer.is_none() && self.reseller.is_none() && self.picked.is_none()
    }
}

/// Columns that the list can be sorted by: name, customer, errors, records.
pub const DOMAIN_SORT: &[&str] = &["d.name", "d.customer_number", "d.zone_errors", "d.zone_records"];

// By names alone: a statement that is always the same, since planning these joins takes longer than they do.
const DOMAIN_ROWS: &str = "select d.name, d.unicode, d.customer_id, d.customer_number, c.company, r.number as reseller,
         d.zone_id, d.zone_errors as errors, d.zone_warnings as warnings, d.zone_records as records, d.zone_changed as changed,
         d.zone_serial as published_serial
     from domains d left join customers c on c.id = d.customer_id left join resellers r on r.id = d.reseller_id
     where d.name = any($1)";

const STATES: &str = "count(*) as n, count(*) filter (where d.zone_errors > 0) as errors,
         count(*) filter (where d.zone_warnings > 0) as warnings, count(*) filter (where d.zone_changed) as changed,
         count(*) filter (where d.zone_errors = 0 and not d.zone_changed) as fine,
         count(*) filter (where d.zone_errors is null) as none";

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &DomainFilter) {
    query.push(" where d.archived_at is null");
    if !filter.q.trim().is_empty() {
        // As the database lowers what it is compared with, and once.
        query.push(" and strpos(d.search, (select lower(").push_bind(searched(&filter.q)).push("))) > 0");
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
        Some(ZoneState::None) => " and d.zone_errors is null",
        Some(ZoneState::Errors) => " and d.zone_errors > 0",
        Some(ZoneState::Warnings) => " and d.zone_warnings > 0",
        Some(ZoneState::Changed) => " and d.zone_changed",
        Some(ZoneState::Fine) => " and d.zone_errors = 0 and not d.zone_changed",
    });
}

/// By a column and then the name, in the same direction. What has none of it comes first, from the largest last.
fn order(query: &mut QueryBuilder<Postgres>, sort: Sort, (limit, offset): (i64, i64)) {
    let column = DOMAIN_SORT.get(sort.column).filter(|_| sort.column > 0);
    query.push(" order by ");
    if let Some(column) = column {
        query.push(*column).push(if sort.descending { " desc nulls last, " } else { " nulls first, " });
    }
    query.push("d.name").push(if sort.descending { " desc" } else { "" });
    query.push(" limit ").push_bind(limit).push(" offset ").push_bind(offset);
}

/// Domains, and how many of them have a zone in each state.
#[derive(sqlx::FromRow)]
struct Counts {
    n: i64,
    errors: i64,
    warnings: i64,
    changed: i64,
    fine: i64,
    none: i64,
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
        Ok(self.domains_with_facets(filter, sort, page).await?.0)
    }

    /// A page of domains with the numbers of all that the other filters leave.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domains_with_facets(
        &mut self,
        filter: &DomainFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Listed<DomainRow>, ZoneCounts), StoreError> {
        let (names, (all, counts)) = match self.scope.is_everything() && filter.is_of_all() {
            true => self.held_domains(filter, sort, page).await?,
            false => self.own_domains(filter, sort, page).await?,
        };
        let total = filter.zone.and_then(ZoneState::place).and_then(|i| counts.get(i)).copied().unwrap_or(all);
        Ok((Listed { items: self.domain_rows(&names).await?, total }, counts))
    }

    /// The names of a page, how many domains the other filters leave, and how many of these have a zone in each state: of what a
    /// customer or a reseller has, found by whose they are.
    async fn own_domains(
        &mut self,
        filter: &DomainFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Vec<String>, (i64, ZoneCounts)), StoreError> {
        let mut query = QueryBuilder::new("select d.name from domains d");
        narrow(&mut query, filter);
        order(&mut query, sort, (page.limit, page.offset));
        let names = query.build_query_scalar().fetch_all(&mut *self.tx).await?;
        let mut query = QueryBuilder::new(format!("select {STATES} from domains d"));
        narrow(&mut query, &DomainFilter { zone: None, ..filter.clone() });
        let c: Counts = query.build_query_as().fetch_one(&mut *self.tx).await?;
        Ok((names, (c.n, [c.errors, c.warnings, c.changed, c.fine, c.none])))
    }

    async fn domain_rows(&mut self, names: &[String]) -> Result<Vec<DomainRow>, StoreError> {
        let mut rows: Vec<DomainRow> = sqlx::query_as(DOMAIN_ROWS).bind(names).fetch_all(&mut *self.tx).await?;
        in_order(&mut rows, names, |row| row.name.clone());
        Ok(rows)
    }

    /// The zones of the domains that a filter leaves, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn matching_zones(&mut self, filter: &DomainFilter, most: i64) -> Result<Vec<Uuid>, StoreError> {
        let mut query = QueryBuilder::new("select d.zone_id from domains d");
        narrow(&mut query, filter);
        query.push(" and d.zone_id is not null order by d.name limit ").push_bind(most);
        Ok(query.build_query_scalar().fetch_all(&mut *self.tx).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scope, Store};
    use sqlx::PgPool;

    /// What a domain keeps of its zone is what the zone has, whichever comes first, and nothing once it is gone.
    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_domain_keeps_what_its_zone_has(pool: PgPool) {
        let domain = "insert into domains (id, name, unicode, created_at, updated_at) values (gen_random_uuid(), $1, $1, now(), now())";
        let zone = "insert into zones (id, name, unicode, domain_id, errors, records, created_at, updated_at)
             select gen_random_uuid(), $1, $1, (select id from domains where name = $1), 2, 7, now(), now()";
        for (name, first, second) in [("vorher.de", domain, zone), ("nachher.de", zone, domain)] {
            for sql in [first, second] {
                sqlx::query(sql).bind(name).execute(&pool).await.unwrap();
            }
        }
        sqlx::query(domain).bind("ohne.de").execute(&pool).await.unwrap();
        let store = Store::from_pool(pool.clone());
        let list = async |filter: DomainFilter, column: usize, descending: bool| {
            let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
            let (sort, whole) = (Sort { column, descending }, Page { limit: 50, offset: 0 });
            let (found, counts) = view.domains_with_facets(&filter, sort, whole).await.unwrap();
            // The database tells the same.
            let (names, (all, counted)) = view.own_domains(&filter, sort, whole).await.unwrap();
            assert_eq!(names, found.items.iter().map(|d| d.name.clone()).collect::<Vec<_>>());
            assert_eq!(counted, counts);
            assert!(filter.zone.is_some() || all == found.total);
            let rows = found
                .items
                .into_iter()
                .map(|d| format!("{} {:?} {:?} {:?} {:?}", d.name, d.errors, d.records, d.changed, d.published_serial));
            (rows.collect::<Vec<_>>(), counts)
        };
        let all = || DomainFilter { q: ".DE".to_owned(), ..DomainFilter::default() };
        let (rows, counts) = list(all(), 0, true).await;
        let zone = "Some(2) Some(7) Some(true) None";
        assert_eq!(
            rows,
            [format!("vorher.de {zone}"), "ohne.de None None None None".to_owned(), format!("nachher.de {zone}")]
        );
        assert_eq!(counts, [2, 0, 2, 0, 1]);

        let change = "update zones set errors = 0, warnings = 1, records = 9, changed = false, published_serial = 4294967295 where name = 'vorher.de'";
        sqlx::query(change).execute(&pool).await.unwrap();
        sqlx::query("delete from zones where name = 'nachher.de'").execute(&pool).await.unwrap();
        let (rows, counts) = list(all(), 3, true).await;
        let changed = "vorher.de Some(0) Some(9) Some(false) Some(4294967295)";
        assert_eq!(rows, [changed, "ohne.de None None None None", "nachher.de None None None None"]);
        assert_eq!(counts, [0, 1, 0, 1, 2]);
        for (state, names) in
            [(ZoneState::Warnings, "vorher.de"), (ZoneState::Fine, "vorher.de"), (ZoneState::None, "nachher.de")]
        {
            let (rows, _) = list(DomainFilter { zone: Some(state), ..all() }, 0, false).await;
            assert!(rows[0].starts_with(names), "{state:?}: {rows:?}");
        }
        let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
        assert_eq!(view.matching_zones(&all(), 10).await.unwrap().len(), 1);
    }

    /// Many are found as few are: every page has what it must have, in three orders.
    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn many_domains_are_paged(pool: PgPool) {
        for sql in [
            "insert into domains (id, name, unicode, created_at, updated_at)
             select gen_random_uuid(), 'k' || n || case when n % 7 = 0 then '.de' else '.example' end, 'k' || n, now(), now()
             from generate_series(1, 1500) n",
            "insert into zones (id, name, unicode, records, warnings, changed, created_at, updated_at)
             select gen_random_uuid(), name, unicode, length(name) % 5, length(name) % 2, false, now(), now()
             from domains where name like '%3%'",
        ] {
            sqlx::query(sql).execute(&pool).await.unwrap();
        }
        let store = Store::from_pool(pool);
        let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
        let whole = Page { limit: 5000, offset: 0 };
        let by_name = Sort { column: 0, descending: false };
        let all = view.domains(&DomainFilter::default(), by_name, whole).await.unwrap().items;
        for (q, zone) in
            [("k", None), (".EXAMPLE", None), (".de", None), ("k1", Some(ZoneState::Warnings)), ("", None), ("q", None)]
        {
            let filter = DomainFilter { q: q.to_owned(), zone, ..DomainFilter::default() };
            let is_found =
                |d: &&DomainRow| d.name.contains(&q.to_lowercase()) && (zone.is_none() || d.warnings > Some(0));
            let found: Vec<DomainRow> = all.iter().filter(is_found).cloned().collect();
            let n = i64::try_from(found.len()).unwrap();
            for sort in [by_name, Sort { column: 0, descending: true }, Sort { column: 3, descending: true }] {
                let mut expected = found.clone();
                match (sort.column, sort.descending) {
                    (0, false) => expected.sort_by(|a, b| a.name.cmp(&b.name)),
                    (0, true) => expected.sort_by(|a, b| b.name.cmp(&a.name)),
                    _ => expected.sort_by(|a, b| b.records.cmp(&a.records).then(b.name.cmp(&a.name))),
                }
                let names = |rows: &[DomainRow]| rows.iter().map(|d| d.name.clone()).collect::<Vec<_>>();
                let mut paged = Vec::new();
                for offset in (0..=n).step_by(400) {
                    let page = Page { limit: 400, offset };
                    let (rows, counts) = view.domains_with_facets(&filter, sort, page).await.unwrap();
                    assert_eq!(rows.total, n, "{filter:?} {sort:?}");
                    let none = i64::try_from(found.iter().filter(|d| d.zone_id.is_none()).count()).unwrap();
                    assert!(zone.is_some() || counts[4] == none, "{filter:?} {sort:?}: {counts:?}");
                    let own = view.own_domains(&filter, sort, page).await.unwrap();
                    assert_eq!((names(&rows.items), counts), (own.0, own.1.1), "{filter:?} {sort:?}");
                    paged.extend(rows.items);
                }
                assert!(names(&paged) == names(&expected), "{filter:?} {sort:?}");
            }
        }
    }
}
