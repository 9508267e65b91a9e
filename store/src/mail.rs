//! Mailboxes and aliases as imported.

use crate::{
    StoreError, View,
    list::{Listed, Page, Sort, pattern, searched},
};
use chrono::{DateTime, Utc};
use hostler_core::count::Count;
use sqlx::{Postgres, QueryBuilder};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A mailbox or an alias in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MailRow {
    /// Of the mailbox or of the alias.
    pub id: Uuid,
    /// `local@domain`, or `@domain` for a catch-all.
    pub address: String,
    /// Where it leads; empty for a mailbox.
    pub targets: Vec<String>,
    /// Whether it is an alias.
    pub alias: bool,
    /// Scheme of the old password hash.
    pub password_scheme: Option<String>,
    /// Whether vmailbox has a place for it.
    pub has_path: bool,
    /// Octets of mail.
    pub bytes: Option<i64>,
    /// Number of files.
    pub files: Option<i64>,
    /// When its owner logged in last, as far as logs were read.
    pub last_login_at: Option<DateTime<Utc>>,
    /// Customer, through the domain.
    pub customer_id: Option<Uuid>,
    /// The customer's number.
    pub customer_number: Option<String>,
}

/// Which addresses.
#[derive(Debug, Clone, Default)]
pub struct MailFilter {
    /// Text in the address or a target.
    pub q: String,
    /// Only mailboxes (`false`) or only aliases (`true`).
    pub alias: Option<bool>,
    /// Only with a hash of this scheme.
    pub scheme: Option<String>,
    /// Only of this customer.
    pub customer: Option<Uuid>,
    /// Only mailboxes whose owner has not logged in since, or never did.
    pub unused_since: Option<DateTime<Utc>>,
    /// Only mailboxes that live on the server of this name.
    pub server: Option<String>,
}

/// An address that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Of the mailbox or the alias.
    pub id: Uuid,
    /// Whether it is an alias.
    pub alias: bool,
    /// Its revision.
    pub revision: i32,
}

/// How many addresses are mailboxes, and how many aliases.
pub type MailCounts = (Count, Count);

/// A search that finds more than so many addresses that begin with its text counts no further.
const MOST_COUNTED: i64 = 1000;

/// Columns that the list can be sorted by: address, size, number of files, last log-in.
pub const MAIL_SORT: &[&str] = &["address", "bytes", "files", "last_login"];

/// What is sorted by before the address, for each column of [`MAIL_SORT`]: of a mailbox, and of an alias, which has none of it.
const SORT_KEYS: &[(&str, &str)] = &[
    ("null::bigint", "null::bigint"),
    ("coalesce(seen_bytes, bytes)", "null::bigint"),
    ("coalesce(seen_mails, files)", "null::bigint"),
    ("coalesce(last_login_at, '-infinity'::timestamptz)", "null::timestamptz"),
];

// By their addresses alone, which every planner reads on the index; joined to a list of keys it may read both tables.
const ROWS: &str = "select m.*, d.customer_id, d.customer_number
    from (select id, address, array[]::text[] as targets, false as alias, password_scheme, path is not null as has_path,
              coalesce(seen_bytes, bytes) as bytes, coalesce(seen_mails, files) as files, last_login_at, domain_id
          from mailboxes where address = any($1) and archived_at is null
          union all
          select id, address, targets, true, null, false, null, null, null, domain_id
          from aliases where address = any($2) and archived_at is null) m
    left join domains d on d.id = m.domain_id";

impl MailFilter {
    /// Whether nothing but the kind narrows it.
    fn is_bare(&self) -> bool {
        self.q.trim().is_empty() && self.customer.is_none() && !self.of_mailboxes()
    }

    /// Whether it asks for what only mailboxes have.
    fn of_mailboxes(&self) -> bool {
        self.scheme.is_some() || self.unused_since.is_some() || self.server.is_some()
    }

    /// What is searched for, as an address would begin with it.
    fn beginning(&self) -> String {
        searched(&self.q).to_lowercase()
    }

    /// Whether those that begin with what is searched for come first: in the usual order, of a search.
    fn is_ranked(&self, sort: Sort) -> bool {
        sort.column == 0 && !sort.descending && !self.q.trim().is_empty()
    }

    /// Which kinds are looked through: mailboxes (`false`), aliases (`true`). An alias has no password, and nobody logs in to it.
    fn kinds(&self) -> impl Iterator<Item = bool> + use<> {
        let (only, mailboxes) = (self.alias, self.of_mailboxes());
        [false, true].into_iter().filter(move |alias| only.is_none_or(|o| o == *alias) && !(*alias && mailboxes))
    }
}

/// Which of the addresses that a search finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// All of them.
    All,
    /// Those that begin with its text, which stand together in the order of addresses.
    Beginning,
}

/// That an address begins with a text: by the place where such stand in an index of addresses, and by itself, since that place is
/// exact only where texts are ordered by code points. Not by LIKE: it would be looked up in an index that knows no order.
fn begins(query: &mut QueryBuilder<Postgres>, text: String) {
    query.push("x.address >= ").push_bind(text.clone());
    query.push(" and x.address < ").push_bind(format!("{text}\u{10ffff}"));
    query.push(" and starts_with(x.address, ").push_bind(text).push(")");
}

/// The keys of a kind: address, whether it is an alias, what is sorted by, whether it comes late since the text that is searched for
/// stands elsewhere than at its beginning. Who has `everything` may see which hosts there are.
fn keys(
    query: &mut QueryBuilder<Postgres>,
    filter: &MailFilter,
    (alias, found): (bool, Found),
    sort: Sort,
    everything: bool,
) {
    let (of_mailbox, of_alias) = SORT_KEYS.get(sort.column).copied().unwrap_or(("null::bigint", "null::bigint"));
    let (table, by) = if alias { ("aliases", of_alias) } else { ("mailboxes", of_mailbox) };
    query.push(format!("select address, {alias} as alias, {by} as by, "));
    let beginning = filter.beginning();
    if filter.is_ranked(sort) && found == Found::All {
        query.push("not (");
        begins(query, beginning.clone());
        query.push(")");
    } else {
        query.push("false");
    }
    query.push(format!(" as late from {table} x where x.archived_at is null"));
    if !beginning.is_empty() {
        // Addresses are kept in small letters, and comparing exactly takes half as long.
        let like = pattern(&filter.q).to_lowercase();
        if found == Found::Beginning {
            query.push(" and ");
            begins(query, beginning);
        } else if alias {
            query.push(" and x.search like ").push_bind(like);
        } else if everything && !like.contains('@') {
            // It lies before the @ or behind it, never around it.
            query.push(" and (split_part(x.address, '@', 1) like ").push_bind(like.clone());
            query.push(" or split_part(x.address, '@', 2) = any(array(select host from mailbox_hosts where host like ");
            query.push_bind(like).push(" group by 1 having sum(n) > 0)))");
        } else {
            query.push(" and x.address like ").push_bind(like);
        }
    }
    if let (Some(scheme), false) = (&filter.scheme, alias) {
        query.push(" and x.password_scheme = ").push_bind(scheme.clone());
    }
    if let (Some(since), false) = (filter.unused_since, alias) {
        query.push(" and coalesce(x.last_login_at, '-infinity'::timestamptz) < ").push_bind(since);
        // One that was made here since has had no time to be used; what came with papers was there before.
        query.push(" and (x.password_at is null or x.created_at < ").push_bind(since).push(")");
    }
    if let (Some(server), false) = (&filter.server, alias) {
        query.push(" and x.server_id = (select id from mail_servers where name = ").push_bind(server.clone()).push(")");
    }
    if let Some(customer) = filter.customer {
        query.push(" and x.domain_id in (select id from domains where customer_id = ").push_bind(customer).push(")");
    }
}

/// By address, or by something else before it; a search has what comes `late` behind the others.
fn order(query: &mut QueryBuilder<Postgres>, sort: Sort, late: bool, (limit, offset): (i64, i64)) {
    query.push(match (sort.column, sort.descending) {
        (0, false) if late => " order by late, address",
        (0, false) => " order by address",
        (0, true) => " order by address desc",
        (_, false) => " order by by, address",
        (_, true) => " order by by desc nulls last, address",
    });
    query.push(" limit ").push_bind(limit).push(" offset ").push_bind(offset);
}

impl View {
    /// A page of mailboxes and aliases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail(&mut self, filter: &MailFilter, sort: Sort, page: Page) -> Result<Listed<MailRow>, StoreError> {
        Ok(self.mail_with_facets(filter, sort, page).await?.0)
    }

    /// A page of mailboxes and aliases, with the numbers of both that the other filters leave.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_with_facets(
        &mut self,
        filter: &MailFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Listed<MailRow>, MailCounts), StoreError> {
        let (found, counts) = match filter.is_bare() {
            true => self.all_keys(filter, sort, page).await?,
            false => self.found_keys(filter, sort, page).await?,
        };
        let total = filter.kinds().map(|alias| if alias { counts.1 } else { counts.0 }).sum();
        let of = |kind: bool| found.iter().filter(|k| k.1 == kind).map(|k| k.0.clone()).collect::<Vec<_>>();
        let mut items: Vec<MailRow> =
            sqlx::query_as(ROWS).bind(of(false)).bind(of(true)).fetch_all(&mut *self.tx).await?;
        let places: HashMap<(&str, bool), usize> =
            found.iter().enumerate().map(|(i, (address, alias))| ((address.as_str(), *alias), i)).collect();
        items.sort_by_key(|m| places.get(&(m.address.as_str(), m.alias)).copied());
        Ok((Listed { items, total }, counts))
    }

    /// A page of all addresses: each kind gives its first ones, read in order on an index of its own.
    async fn all_keys(
        &mut self,
        filter: &MailFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Vec<(String, bool)>, MailCounts), StoreError> {
        let counts = (self.count_of("mailboxes").await?.into(), self.count_of("aliases").await?.into());
        let mut query = QueryBuilder::new("select address, alias from (");
        for (i, alias) in filter.kinds().enumerate() {
            query.push(if i > 0 { " union all (" } else { "(" });
            keys(&mut query, filter, (alias, Found::All), sort, self.scope.is_everything());
            // Among themselves aliases are in the order of their addresses, whatever is sorted by.
            let own = Sort { column: 0, descending: sort.descending && sort.column == 0 };
            order(&mut query, if alias { own } else { sort }, false, (page.offset.saturating_add(page.limit), 0));
            query.push(")");
        }
        query.push(") k");
        order(&mut query, sort, false, (page.limit, page.offset));
        Ok((query.build_query_as().fetch_all(&mut *self.tx).await?, counts))
    }

    /// Of which kinds so many addresses begin with what is searched for that neither more of them nor others are needed.
    async fn full_of(&mut self, filter: &MailFilter, sort: Sort, most: i64) -> Result<Vec<bool>, StoreError> {
        if !filter.is_ranked(sort) {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new("");
        for (i, alias) in (MailFilter { alias: None, ..filter.clone() }).kinds().enumerate() {
            query.push(if i > 0 { " union all " } else { "" });
            query.push(format!("select {alias}, count(*) from ("));
            keys(&mut query, filter, (alias, Found::Beginning), sort, self.scope.is_everything());
            query.push(" limit ").push_bind(most).push(") k");
        }
        let counted: Vec<(bool, i64)> = query.build_query_as().fetch_all(&mut *self.tx).await?;
        Ok(counted.into_iter().filter(|(_, n)| *n == most).map(|(alias, _)| alias).collect())
    }

    /// A page of those that a filter leaves, gone through once for the page and for the numbers.
    async fn found_keys(
        &mut self,
        filter: &MailFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Vec<(String, bool)>, MailCounts), StoreError> {
        // One more than is told or shown tells that there are more.
        let most = page.offset.saturating_add(page.limit).max(MOST_COUNTED).saturating_add(1);
        let full = self.full_of(filter, sort, most).await?;
        let mut query = QueryBuilder::new("with f as materialized (");
        for (i, alias) in (MailFilter { alias: None, ..filter.clone() }).kinds().enumerate() {
            query.push(if i > 0 { " union all (" } else { "(" });
            if full.contains(&alias) {
                keys(&mut query, filter, (alias, Found::Beginning), sort, self.scope.is_everything());
                order(&mut query, sort, false, (page.offset.saturating_add(page.limit), 0));
            } else {
                keys(&mut query, filter, (alias, Found::All), sort, self.scope.is_everything());
            }
            query.push(")");
        }
        query.push(
            ") select c.boxes, c.aliases, p.address, p.alias
             from (select count(*) filter (where not alias) as boxes, count(*) filter (where alias) as aliases from f) c
             left join (select address, alias, by, late from f where alias = any(",
        );
        query.push_bind(filter.kinds().collect::<Vec<bool>>()).push(")");
        let ranked = filter.is_ranked(sort);
        order(&mut query, sort, ranked, (page.limit, page.offset));
        query.push(") p on true");
        order(&mut query, sort, ranked, (page.limit.max(1), 0));
        let rows: Vec<(i64, i64, Option<String>, Option<bool>)> =
            query.build_query_as().fetch_all(&mut *self.tx).await?;
        let count = |alias: bool, n: i64| match full.contains(&alias) {
            true => Count { n: most - 1, more: true },
            false => n.into(),
        };
        let counts = rows.first().map_or((Count::NONE, Count::NONE), |r| (count(false, r.0), count(true, r.1)));
        Ok((rows.into_iter().filter_map(|r| r.2.zip(r.3)).collect(), counts))
    }

    /// Which of these names are domains that this scope has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domains_here(&mut self, names: &[String]) -> Result<HashSet<String>, StoreError> {
        let rows = sqlx::query_scalar!("select name from domains where name = any($1) and archived_at is null", names);
        Ok(rows.fetch_all(&mut *self.tx).await?.into_iter().collect())
    }

    /// What these addresses are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_of(&mut self, addresses: &[String]) -> Result<HashMap<String, Known>, StoreError> {
        let rows = sqlx::query!(
            r#"select address as "address!", id as "id!", false as "alias!", revision as "revision!"
             from mailboxes where address = any($1) and archived_at is null
             union all select address, id, true, revision from aliases where address = any($1) and archived_at is null"#,
            addresses,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.into_iter().map(|r| (r.address, Known { id: r.id, alias: r.alias, revision: r.revision })).collect())
    }

    /// Schemes of the password hashes with their numbers, the most frequent first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn password_schemes(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        if self.scope.is_everything() {
            let rows = sqlx::query!("select scheme, n from scheme_counts where n > 0 order by n desc, scheme limit 30")
                .fetch_all(&mut *self.tx)
                .await?;
            return Ok(rows.into_iter().map(|r| (r.scheme, r.n)).collect());
        }
        let rows = sqlx::query!(
            r#"select password_scheme as "scheme!", count(*) as "n!" from mailboxes
             where password_scheme is not null and archived_at is null group by 1 order by 2 desc, 1 limit 30"#,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.into_iter().map(|r| (r.scheme, r.n)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scope, Store};
    use sqlx::PgPool;

    /// Both kinds read in order and merged are what sorting all of them would be, on every page.
    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn pages_follow_each_other_in_every_order(pool: PgPool) {
        for sql in [
            "insert into mailboxes (id, address, bytes, seen_bytes, files, last_login_at, created_at, updated_at)
             select gen_random_uuid(), 'm' || (n * 7 % 40) || '@a.de', case when n % 3 > 0 then n * 13 % 17 end, case when n % 5 = 0 then n end, n % 4,
                 case when n % 4 > 0 then to_timestamp(n % 6 * 86400) end, now(), now()
             from generate_series(1, 40) n",
            "insert into aliases (id, address, targets, created_at, updated_at)
             select gen_random_uuid(), 'k' || (n * 3 % 20) || '@a.de', array['ziel' || n || '@b.de'], now(), now() from generate_series(1, 20) n",
        ] {
            sqlx::query(sql).execute(&pool).await.unwrap();
        }
        let store = Store::from_pool(pool);
        let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
        for (filter, counts) in [
            (MailFilter::default(), (40, 20)),
            (MailFilter { alias: Some(true), ..MailFilter::default() }, (40, 20)),
            (MailFilter { alias: Some(false), ..MailFilter::default() }, (40, 20)),
            (MailFilter { q: "ZIEL1".to_owned(), ..MailFilter::default() }, (0, 11)),
            (MailFilter { q: "1@a".to_owned(), ..MailFilter::default() }, (4, 2)),
            // Before the @, behind it, and in neither.
            (MailFilter { q: "m1".to_owned(), ..MailFilter::default() }, (11, 0)),
            (MailFilter { q: "a.D".to_owned(), ..MailFilter::default() }, (40, 20)),
            (MailFilter { q: "ma.d".to_owned(), ..MailFilter::default() }, (0, 0)),
            (MailFilter { unused_since: DateTime::from_timestamp(2 * 86_400, 0), ..MailFilter::default() }, (20, 0)),
            (MailFilter { scheme: Some("SSHA".to_owned()), alias: Some(true), ..MailFilter::default() }, (0, 0)),
        ] {
            for column in 0..MAIL_SORT.len() {
                for descending in [false, true] {
                    let sort = Sort { column, descending };
                    let key = |m: &MailRow| match column {
                        0 => None,
                        1 => m.bytes,
                        2 => m.files,
                        // Nobody has ever logged in: before everybody else, while an alias has nobody who could.
                        _ if m.alias => None,
                        _ => Some(m.last_login_at.map_or(i64::MIN, |at| at.timestamp())),
                    };
                    let all = Page { limit: 1000, offset: 0 };
                    let (whole, found) = view.mail_with_facets(&filter, sort, all).await.unwrap();
                    let counted = (Count::from(counts.0), Count::from(counts.1));
                    let total = i64::try_from(whole.items.len()).unwrap();
                    assert_eq!((found, whole.total), (counted, total.into()), "{filter:?}");
                    let q = filter.q.to_lowercase();
                    let late = |m: &MailRow| column == 0 && !descending && !m.address.starts_with(&q);
                    let mut sorted = whole.items.clone();
                    sorted.sort_by(|a, b| {
                        let none = key(a).is_none().cmp(&key(b).is_none());
                        let by = if descending { key(b).cmp(&key(a)) } else { key(a).cmp(&key(b)) };
                        let name = a.address.cmp(&b.address);
                        late(a).cmp(&late(b)).then(none).then(by).then(if column == 0 && descending {
                            name.reverse()
                        } else {
                            name
                        })
                    });
                    let addresses = |rows: &[MailRow]| rows.iter().map(|m| m.address.clone()).collect::<Vec<_>>();
                    assert_eq!(addresses(&whole.items), addresses(&sorted), "{filter:?} {sort:?}");
                    let mut paged = Vec::new();
                    for offset in (0..total).step_by(7) {
                        paged.extend(view.mail(&filter, sort, Page { limit: 7, offset }).await.unwrap().items);
                    }
                    assert_eq!(addresses(&paged), addresses(&whole.items), "{filter:?} {sort:?}");
                }
            }
        }
    }

    /// Of a search that finds thousands the first pages are right, and everything behind them is still there.
    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn thousands_that_begin_alike_are_paged_without_being_counted(pool: PgPool) {
        for sql in [
            "insert into mailboxes (id, address, created_at, updated_at)
             select gen_random_uuid(), case when n <= 1500 then 'anna-' else 'hanna-' end || n || '@a.de', now(), now() from generate_series(1, 1600) n",
            "insert into aliases (id, address, targets, created_at, updated_at)
             select gen_random_uuid(), 'a' || n || '@a.de', array['anna-' || n || '@a.de'], now(), now() from generate_series(1, 30) n",
        ] {
            sqlx::query(sql).execute(&pool).await.unwrap();
        }
        let store = Store::from_pool(pool);
        let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
        let filter = MailFilter { q: "ANNA-".to_owned(), ..MailFilter::default() };
        let sort = Sort { column: 0, descending: false };
        let mut expected: Vec<String> = (1..=1500).map(|n| format!("anna-{n}@a.de")).collect();
        expected.sort();
        let mut others: Vec<String> =
            (1501..=1600).map(|n| format!("hanna-{n}@a.de")).chain((1..=30).map(|n| format!("a{n}@a.de"))).collect();
        others.sort();
        expected.extend(others);
        let (first, counts) = view.mail_with_facets(&filter, sort, Page { limit: 50, offset: 0 }).await.unwrap();
        assert_eq!(counts, (Count { n: 1000, more: true }, Count::from(30)));
        assert_eq!(first.total.to_string(), "1030+");
        let mut seen = Vec::new();
        loop {
            let page = Page { limit: 130, offset: i64::try_from(seen.len()).unwrap() };
            let found = view.mail(&filter, sort, page).await.unwrap();
            seen.extend(found.items.into_iter().map(|m| m.address));
            if !found.total.goes_on_after(i64::try_from(seen.len()).unwrap()) {
                assert_eq!(found.total, Count::from(1630));
                break;
            }
        }
        assert_eq!(seen, expected);
        let only = MailFilter { alias: Some(true), ..filter };
        assert_eq!(view.mail(&only, sort, Page { limit: 7, offset: 0 }).await.unwrap().total, Count::from(30));
    }
}
