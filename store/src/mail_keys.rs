//! Which addresses a page of their list has, and how many there are: two tables, searched, merged and counted as one.

use crate::{
    StoreError, View,
    list::{Page, Sort, pattern},
    mail::{MailCounts, MailFilter},
    mail_search::{Search, begins, contains, is_found},
};
use hostler_core::count::Count;
use sqlx::{Postgres, QueryBuilder};
use std::collections::HashMap;

/// A search that finds more than so many addresses of a kind counts no further.
const MOST_COUNTED: i64 = 1000;

/// Addresses that are gone through in order for the first ones of a search that finds very many.
const NEAR: i64 = 5000;

/// What is sorted by before the address, for each column of [`crate::mail::MAIL_SORT`]: of a mailbox, and of an alias, which has none of it.
const SORT_KEYS: &[(&str, &str)] = &[
    ("null::bigint", "null::bigint"),
    ("coalesce(seen_bytes, bytes)", "null::bigint"),
    ("coalesce(seen_mails, files)", "null::bigint"),
    ("coalesce(last_login_at, '-infinity'::timestamptz)", "null::timestamptz"),
];

impl MailFilter {
    /// Whether nothing but the kind narrows it.
    pub(crate) fn is_bare(&self) -> bool {
        self.q.trim().is_empty() && self.customer.is_none() && !self.of_mailboxes()
    }

    /// Whether it asks for what only mailboxes have.
    fn of_mailboxes(&self) -> bool {
        self.scheme.is_some() || self.unused_since.is_some() || self.server.is_some()
    }

    /// Whether those that begin with what is searched for come first: in the usual order, of a search.
    fn is_ranked(&self, sort: Sort) -> bool {
        sort.column == 0 && !sort.descending && !self.q.trim().is_empty()
    }

    /// Which kinds are looked through: mailboxes (`false`), aliases (`true`). An alias has no password, and nobody logs in to it.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = bool> + use<> {
        let (only, mailboxes) = (self.alias, self.of_mailboxes());
        [false, true].into_iter().filter(move |alias| only.is_none_or(|o| o == *alias) && !(*alias && mailboxes))
    }
}

/// The order of a kind: among themselves aliases are in that of their addresses, whatever is sorted by.
fn own(sort: Sort, alias: bool) -> Sort {
    if alias { Sort { column: 0, descending: sort.descending && sort.column == 0 } } else { sort }
}

/// Where the addresses that a search finds are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// Everywhere, by indexes that know what is in a text but no order.
    All,
    /// Among those that begin with its text, which stand together in the order of addresses.
    Beginning,
    /// Among the first ones in the order of the list, but for those that begin with its text if these come first.
    Near,
}

/// What is asked for besides the text.
fn narrow(query: &mut QueryBuilder<Postgres>, filter: &MailFilter, alias: bool) {
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

/// The keys of a kind: address, whether it is an alias, what is sorted by, whether it comes late since the text that is searched for
/// stands elsewhere than at its beginning.
fn keys(
    query: &mut QueryBuilder<Postgres>,
    filter: &MailFilter,
    (alias, found): (bool, Found),
    sort: Sort,
    everything: bool,
) {
    let (of_mailbox, of_alias) = SORT_KEYS.get(sort.column).copied().unwrap_or(("null::bigint", "null::bigint"));
    let (table, by) = if alias { ("aliases", of_alias) } else { ("mailboxes", of_mailbox) };
    let search = Search::of(&filter.q, everything);
    let ranked = filter.is_ranked(sort);
    let text = if alias { "x.search" } else { "x.address" };
    if found == Found::Near {
        query.push(format!("select address, {alias} as alias, by, {ranked} as late from"));
        query.push(format!(
            " (select x.address, {text} as search, {by} as by from {table} x where x.archived_at is null"
        ));
        narrow(query, filter, alias);
        order(query, own(sort, alias), false, (NEAR, 0));
        query.push(") x where ");
        contains(query, &search, "x.search");
        if ranked {
            query.push(" and not ");
            begins(query, &search.text);
        }
        return;
    }
    query.push(format!("select address, {alias} as alias, {by} as by, "));
    if ranked && found == Found::All {
        query.push("not ");
        begins(query, &search.text);
    } else {
        query.push("false");
    }
    query.push(format!(" as late from {table} x where x.archived_at is null"));
    if !search.text.is_empty() {
        query.push(" and ");
        match found {
            Found::Beginning => begins(query, &search.text),
            _ if everything => is_found(query, &search, alias),
            // The few that others have are found by whose they are.
            _ => contains(query, &search, text),
        }
    }
    narrow(query, filter, alias);
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
    /// A page of all addresses: each kind gives its first ones, read in order on an index of its own.
    pub(crate) async fn all_keys(
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
            order(&mut query, own(sort, alias), false, (page.offset.saturating_add(page.limit), 0));
            query.push(")");
        }
        query.push(") k");
        order(&mut query, sort, false, (page.limit, page.offset));
        Ok((query.build_query_as().fetch_all(&mut *self.tx).await?, counts))
    }

    /// How many of some kinds are found in one of the ways, counted up to `most`.
    async fn counted(
        &mut self,
        filter: &MailFilter,
        (kinds, found): (&[bool], Found),
        sort: Sort,
        most: i64,
    ) -> Result<HashMap<bool, i64>, StoreError> {
        if kinds.is_empty() {
            return Ok(HashMap::new());
        }
        let mut query = QueryBuilder::new("");
        for (i, alias) in kinds.iter().enumerate() {
            query.push(if i > 0 { " union all " } else { "" });
            query.push(format!("select {alias}, count(*) from ("));
            keys(&mut query, filter, (*alias, found), sort, self.scope.is_everything());
            query.push(" limit ").push_bind(most).push(") k");
        }
        let counted: Vec<(bool, i64)> = query.build_query_as().fetch_all(&mut *self.tx).await?;
        Ok(counted.into_iter().collect())
    }

    /// Which of these kinds have more than `most` addresses that a text finds, where nothing else is asked for: then the first ones are
    /// near. What is kept of hosts is asked before the addresses themselves, which would be gone through in vain.
    async fn many(&mut self, filter: &MailFilter, kinds: &[bool], most: i64) -> Result<Vec<bool>, StoreError> {
        let search = Search::of(&filter.q, self.scope.is_everything());
        let only_text = filter.customer.is_none() && !filter.of_mailboxes();
        if search.text.is_empty() || !only_text || !self.scope.is_everything() || kinds.is_empty() {
            return Ok(Vec::new());
        }
        let like = pattern(&search.text);
        let mut query = QueryBuilder::new("");
        for (i, alias) in kinds.iter().enumerate() {
            query.push(if i > 0 { " union all " } else { "" });
            query.push(format!("select {alias} where (select "));
            if *alias || search.text.contains('@') {
                let table = if *alias { "aliases" } else { "mailboxes" };
                query.push(format!("count(*) from (select 1 from {table} x where x.archived_at is null and "));
                is_found(&mut query, &search, *alias);
            } else if search.is_short {
                query.push("sum(n) from mailbox_hosts where starts_with(host, ").push_bind(search.host().to_owned());
                query.push(")) > ").push_bind(most);
                continue;
            } else {
                query.push("sum(n) from mailbox_hosts where host like ").push_bind(like.clone());
                query.push(") > ").push_bind(most);
                query.push(" or (select count(*) from (select 1 from mailboxes x where x.archived_at is null");
                query.push(" and split_part(x.address, '@', 1) like ").push_bind(like.clone());
            }
            query.push(" limit ").push_bind(most + 1).push(") k) > ").push_bind(most);
        }
        Ok(query.build_query_scalar().fetch_all(&mut *self.tx).await?)
    }

    /// In which ways the addresses of each kind are found that stand before `end`; of those that are not all found so, that there are more
    /// than `most`.
    async fn ways(
        &mut self,
        filter: &MailFilter,
        sort: Sort,
        (end, most): (i64, i64),
    ) -> Result<Vec<(bool, Vec<Found>)>, StoreError> {
        let mut rest: Vec<bool> = (MailFilter { alias: None, ..filter.clone() }).kinds().collect();
        let mut ways = Vec::new();
        let mut begun = HashMap::new();
        if filter.is_ranked(sort) {
            begun = self.counted(filter, (&rest, Found::Beginning), sort, most + 1).await?;
            ways.extend(
                rest.extract_if(.., |k| begun.get(k).is_some_and(|n| *n > most)).map(|k| (k, vec![Found::Beginning])),
            );
        }
        let many = self.many(filter, &rest, most).await?;
        let near = self.counted(filter, (&many, Found::Near), sort, end).await?;
        let enough = |k: &bool| near.get(k).is_some_and(|n| n + begun.get(k).unwrap_or(&0) >= end);
        for kind in rest.extract_if(.., |k| enough(k)) {
            let first = filter.is_ranked(sort).then_some(Found::Beginning);
            ways.push((kind, first.into_iter().chain([Found::Near]).collect()));
        }
        ways.extend(rest.into_iter().map(|kind| (kind, vec![Found::All])));
        Ok(ways)
    }

    /// A page of those that a filter leaves, gone through once for the page and for the numbers.
    pub(crate) async fn found_keys(
        &mut self,
        filter: &MailFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Vec<(String, bool)>, MailCounts), StoreError> {
        let end = page.offset.saturating_add(page.limit);
        let most = end.max(MOST_COUNTED);
        let ways = self.ways(filter, sort, (end, most)).await?;
        let mut query = QueryBuilder::new("with f as materialized (");
        let parts = ways.iter().flat_map(|(alias, found)| found.iter().map(move |found| (*alias, *found)));
        for (i, (alias, found)) in parts.enumerate() {
            query.push(if i > 0 { " union all (" } else { "(" });
            keys(&mut query, filter, (alias, found), sort, self.scope.is_everything());
            if found != Found::All {
                order(&mut query, own(sort, alias), false, (end, 0));
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
        let count =
            |kind: bool, n: i64| match ways.iter().any(|(alias, found)| *alias == kind && *found != [Found::All]) {
                true => Count { n: most, more: true },
                false => n.into(),
            };
        let counts = rows.first().map_or((Count::NONE, Count::NONE), |r| (count(false, r.0), count(true, r.1)));
        Ok((rows.into_iter().filter_map(|r| r.2.zip(r.3)).collect(), counts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Scope, Store,
        mail::{MAIL_SORT, MailRow},
    };
    use chrono::DateTime;
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
            (MailFilter { q: "11@a".to_owned(), ..MailFilter::default() }, (1, 1)),
            // Little is looked for at beginnings alone.
            (MailFilter { q: "1".to_owned(), ..MailFilter::default() }, (0, 0)),
            (MailFilter { q: "@A".to_owned(), ..MailFilter::default() }, (40, 20)),
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

    /// Whatever a search finds, and in which way, its pages are those of all that it finds, in their order.
    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn thousands_are_paged_without_being_counted(pool: PgPool) {
        for sql in [
            "insert into mailboxes (id, address, bytes, created_at, updated_at)
             select gen_random_uuid(), 'aaa' || n || '@z.de', n * 7 % 5300, now(), now() from generate_series(1, 5300) n",
            "insert into mailboxes (id, address, bytes, created_at, updated_at)
             select gen_random_uuid(), case when n <= 1500 then 'anna-' else 'hanna-' end || n || '@a.de', 6000 + n, now(), now()
             from generate_series(1, 1600) n",
            "insert into aliases (id, address, targets, created_at, updated_at)
             select gen_random_uuid(), 'q' || n || '@a.de', array['anna-' || n || '@a.de'], now(), now() from generate_series(1, 30) n",
        ] {
            sqlx::query(sql).execute(&pool).await.unwrap();
        }
        let store = Store::from_pool(pool);
        let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
        let every = Page { limit: 10_000, offset: 0 };
        let default = Sort { column: 0, descending: false };
        let all = view.mail(&MailFilter::default(), default, every).await.unwrap().items;
        assert_eq!(all.len(), 6930);
        for (q, counts) in [
            // Those that begin with it are enough.
            ("ANNA-", "1000+ 30"),
            ("aaa", "1000+ 0"),
            // The first ones of the list are.
            ("z.de", "1000+ 0"),
            ("a", "1000+ 30"),
            // They are not: what is found comes behind them.
            ("nna-", "1600 30"),
            ("hanna-15", "99 0"),
            ("zz", "0 0"),
        ] {
            let filter = MailFilter { q: q.to_owned(), ..MailFilter::default() };
            let text = q.to_lowercase();
            let short = text.len() < 3;
            let is_found = |m: &&MailRow| match short {
                true => m.address.starts_with(&text) || m.address.contains(&format!("@{text}")),
                false => m.address.contains(&text) || m.targets.iter().any(|t| t.contains(&text)),
            };
            for sort in [default, Sort { column: 0, descending: true }, Sort { column: 1, descending: true }] {
                let mut expected: Vec<MailRow> = all.iter().filter(is_found).cloned().collect();
                match (sort.column, sort.descending) {
                    (0, false) => expected.sort_by_key(|m| (!m.address.starts_with(&text), m.address.clone())),
                    (0, true) => expected.reverse(),
                    _ => expected.sort_by_key(|m| (m.alias, std::cmp::Reverse(m.bytes), m.address.clone())),
                }
                let (first, found) = view.mail_with_facets(&filter, sort, Page { limit: 50, offset: 0 }).await.unwrap();
                if sort == default {
                    assert_eq!(format!("{} {}", found.0, found.1), counts, "{q}");
                }
                assert_eq!(first.items.len(), expected.len().min(50), "{q} {sort:?}");
                let mut seen = Vec::new();
                loop {
                    let page = Page { limit: 470, offset: i64::try_from(seen.len()).unwrap() };
                    let found = view.mail(&filter, sort, page).await.unwrap();
                    seen.extend(found.items.into_iter().map(|m| m.address));
                    if !found.total.goes_on_after(i64::try_from(seen.len()).unwrap()) {
                        assert_eq!(found.total, Count::from(i64::try_from(expected.len()).unwrap()), "{q} {sort:?}");
                        break;
                    }
                }
                let expected: Vec<String> = expected.into_iter().map(|m| m.address).collect();
                assert!(seen == expected, "{q} {sort:?}: {} of {}", seen.len(), expected.len());
            }
        }
    }
}
