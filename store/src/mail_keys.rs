//! Which addresses a page of their list has, and how many there are: two tables, searched, merged and counted as one.

use crate::{
    StoreError, View,
    list::{Page, Sort},
    mail::{MailCounts, MailFilter},
    mail_asked::{Asked, Found, Likely, Way, merged},
};
use hostler_core::count::Count;
use sqlx::QueryBuilder;

impl MailFilter {
    /// Whether nothing but the kind narrows it.
    pub(crate) fn is_bare(&self) -> bool {
        self.q.trim().is_empty() && !self.is_narrowed()
    }

    /// Whether something is asked for besides a text and the kind.
    pub(crate) fn is_narrowed(&self) -> bool {
        self.customer.is_some() || self.of_mailboxes()
    }

    /// Whether it asks for what only mailboxes have.
    pub(crate) fn of_mailboxes(&self) -> bool {
        self.scheme.is_some() || self.unused_since.is_some() || self.server.is_some()
    }

    /// Which kinds are looked through: mailboxes (`false`), aliases (`true`). An alias has no password, and nobody logs in to it.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = bool> + use<> {
        let (only, mailboxes) = (self.alias, self.of_mailboxes());
        [false, true].into_iter().filter(move |alias| only.is_none_or(|o| o == *alias) && !(*alias && mailboxes))
    }
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
        let asked = Asked::of(filter, sort, self.scope.is_everything());
        let mut query = QueryBuilder::new("select address, alias from (");
        for (i, alias) in filter.kinds().enumerate() {
            query.push(if i > 0 { " union all " } else { "" });
            let way = Way { alias, found: Vec::new(), likely: Likely::default() };
            asked.keys(&mut query, &way, Found::Far, Some(page.end()));
        }
        query.push(") k");
        merged(&mut query, sort, false, (page.limit, page.offset));
        Ok((query.build_query_as().fetch_all(&mut *self.tx).await?, counts))
    }

    /// How many of some kinds are likely to be found: those that begin with the text are counted up to `most`.
    async fn likely(&mut self, asked: &Asked<'_>, kinds: &[bool], most: i64) -> Result<Vec<Likely>, StoreError> {
        let mut query = QueryBuilder::new("with h as materialized (select ");
        if asked.is_limited {
            query.push(
                "coalesce(sum(n) filter (where not alias), 0)::bigint as boxes,
                 coalesce(sum(n) filter (where alias), 0)::bigint as aliases from address_hosts where ",
            );
            asked.search.host_is_found(&mut query);
        } else {
            query.push("0::bigint as boxes, 0::bigint as aliases");
        }
        query.push(") ");
        for (i, alias) in kinds.iter().enumerate() {
            let way = Way { alias: *alias, found: Vec::new(), likely: Likely::default() };
            query.push(if i > 0 { " union all select (" } else { "select (" });
            if asked.is_ranked {
                query.push("select count(*) from (");
                asked.keys(&mut query, &way, Found::Beginning, Some(most));
                query.push(") k");
            } else {
                query.push("0::bigint");
            }
            query.push(if *alias {
                ") as begun, aliases as of_hosts from h"
            } else {
                ") as begun, boxes as of_hosts from h"
            });
        }
        Ok(query.build_query_as().fetch_all(&mut *self.tx).await?)
    }

    /// Where the first ones of these kinds are, each of which has more than is counted.
    async fn first_ones(&mut self, asked: &Asked<'_>, ways: &mut [&mut Way], end: i64) -> Result<(), StoreError> {
        if asked.search.text.is_empty() {
            // Where nothing is searched for they are read in order as far as needed.
            ways.iter_mut().for_each(|way| way.found = vec![Found::Far]);
            return Ok(());
        }
        if ways.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new("");
        for (i, way) in ways.iter().enumerate() {
            query.push(if i > 0 { " union all select (" } else { "select (" });
            query.push("select count(*) from (");
            asked.keys(&mut query, way, Found::Near, Some(end));
            query.push(") k)");
        }
        let near: Vec<i64> = query.build_query_scalar().fetch_all(&mut *self.tx).await?;
        for (way, near) in ways.iter_mut().zip(near) {
            let begun = asked.is_ranked && way.likely.begun > 0;
            let rest = if near + way.likely.begun >= end { Found::Near } else { Found::Far };
            way.found = begun.then_some(Found::Beginning).into_iter().chain([rest]).collect();
        }
        Ok(())
    }

    /// A page of what is read in these ways, gone through once for the page and for the numbers of both kinds.
    async fn page_of(
        &mut self,
        asked: &Asked<'_>,
        ways: &[Way],
        (page, most): (Page, i64),
    ) -> Result<(Vec<(String, bool)>, [i64; 2]), StoreError> {
        let end = page.end();
        let mut query = QueryBuilder::new("with f as materialized (");
        let parts = ways.iter().flat_map(|way| way.found.iter().map(move |found| (way, *found)));
        for (i, (way, found)) in parts.enumerate() {
            query.push(if i > 0 { " union all " } else { "" });
            let limit = if found == Found::All { asked.is_limited.then_some(most + 1) } else { Some(end) };
            asked.keys(&mut query, way, found, limit);
        }
        query.push(
            ") select c.boxes, c.aliases, p.address, p.alias
             from (select count(*) filter (where not alias) as boxes, count(*) filter (where alias) as aliases from f) c
             left join (select address, alias, by, late from f where alias = any(",
        );
        query.push_bind(asked.filter.kinds().collect::<Vec<bool>>()).push(")");
        merged(&mut query, asked.sort, asked.is_ranked, (page.limit, page.offset));
        query.push(") p on true");
        merged(&mut query, asked.sort, asked.is_ranked, (page.limit.max(1), 0));
        let rows: Vec<(i64, i64, Option<String>, Option<bool>)> =
            query.build_query_as().fetch_all(&mut *self.tx).await?;
        let counts = rows.first().map_or([0, 0], |r| [r.0, r.1]);
        Ok((rows.into_iter().filter_map(|r| r.2.zip(r.3)).collect(), counts))
    }

    /// A page of those that a filter leaves, and how many there are. What is few is read whole; of what turns out to be many, the first
    /// ones.
    pub(crate) async fn found_keys(
        &mut self,
        filter: &MailFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Vec<(String, bool)>, MailCounts), StoreError> {
        let asked = Asked::of(filter, sort, self.scope.is_everything());
        let end = page.end();
        let most = page.most_counted();
        let kinds: Vec<bool> = (MailFilter { alias: None, ..filter.clone() }).kinds().collect();
        let likely = match asked.search.text.is_empty() {
            true => vec![Likely::default(); kinds.len()],
            false => self.likely(&asked, &kinds, most + 1).await?,
        };
        let first = |likely: &Likely| if likely.begun > most { Found::Beginning } else { Found::All };
        let mut ways: Vec<Way> = kinds
            .into_iter()
            .zip(likely)
            .map(|(alias, likely)| Way { alias, found: vec![first(&likely)], likely })
            .collect();
        let mut many: Vec<&mut Way> = ways
            .iter_mut()
            .filter(|way| !filter.is_narrowed() && way.found == [Found::All] && way.likely.of_hosts > most)
            .collect();
        self.first_ones(&asked, &mut many, end).await?;
        let mut found = self.page_of(&asked, &ways, (page, most)).await?;
        let count = |found: &[i64; 2], way: &Way| found[usize::from(way.alias)];
        let mut many: Vec<&mut Way> = ways
            .iter_mut()
            .filter(|way| asked.is_limited && way.found == [Found::All] && count(&found.1, way) > most)
            .collect();
        if !many.is_empty() {
            self.first_ones(&asked, &mut many, end).await?;
            found = self.page_of(&asked, &ways, (page, most)).await?;
        }
        let counted = |kind: bool| {
            ways.iter().find(|way| way.alias == kind).map_or(Count::NONE, |way| match way.found == [Found::All] {
                true => count(&found.1, way).into(),
                false => Count { n: most, more: true },
            })
        };
        let counts = (counted(false), counted(true));
        Ok((found.0, counts))
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
            // Papers may have both of one address.
            "insert into aliases (id, address, targets, created_at, updated_at)
             select gen_random_uuid(), 'm' || n || '@a.de', array['x@y.z'], now(), now() from generate_series(1, 5) n",
        ] {
            sqlx::query(sql).execute(&pool).await.unwrap();
        }
        let store = Store::from_pool(pool);
        let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
        for (filter, counts) in [
            (MailFilter::default(), (40, 25)),
            (MailFilter { alias: Some(true), ..MailFilter::default() }, (40, 25)),
            (MailFilter { alias: Some(false), ..MailFilter::default() }, (40, 25)),
            (MailFilter { q: "ZIEL1".to_owned(), ..MailFilter::default() }, (0, 11)),
            (MailFilter { q: "11@a".to_owned(), ..MailFilter::default() }, (1, 1)),
            // Little is looked for at beginnings alone.
            (MailFilter { q: "1".to_owned(), ..MailFilter::default() }, (0, 0)),
            (MailFilter { q: "@A".to_owned(), ..MailFilter::default() }, (40, 25)),
            // Before the @, behind it, and in neither.
            (MailFilter { q: "m1".to_owned(), ..MailFilter::default() }, (11, 1)),
            (MailFilter { q: "a.D".to_owned(), ..MailFilter::default() }, (40, 25)),
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
            "insert into mailboxes (id, address, bytes, password_scheme, created_at, updated_at)
             select gen_random_uuid(), 'aaa' || n || '@z.de', n * 7 % 5300, case when n % 2 = 0 then 'SSHA' end, now(), now()
             from generate_series(1, 5300) n",
            "insert into mailboxes (id, address, bytes, password_scheme, created_at, updated_at)
             select gen_random_uuid(), case when n <= 1500 then 'anna-' else 'hanna-' end || n || '@a.de', 6000 + n,
                 case when n > 1500 then 'CRYPT' end, now(), now()
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
        for (q, scheme, counts) in [
            // Those that begin with it are enough.
            ("ANNA-", None, "1000+ 30"),
            ("aaa", None, "1000+ 0"),
            // The first ones of the list are.
            ("z.de", None, "1000+ 0"),
            ("a", None, "1000+ 30"),
            // They are not: what is found comes behind them.
            ("nna-", None, "1000+ 30"),
            ("hanna-15", None, "99 0"),
            ("zz", None, "0 0"),
            // What is asked for besides leaves many, few, or none of what a host has.
            ("", Some("SSHA"), "1000+ 0"),
            ("z.de", Some("SSHA"), "1000+ 0"),
            ("nna-", Some("CRYPT"), "100 0"),
            ("z.de", Some("CRYPT"), "0 0"),
        ] {
            let filter = MailFilter { q: q.to_owned(), scheme: scheme.map(str::to_owned), ..MailFilter::default() };
            let text = q.to_lowercase();
            let short = text.len() < 3;
            let is_found = |m: &&MailRow| {
                let by_text = match short {
                    true => m.address.starts_with(&text) || m.address.contains(&format!("@{text}")),
                    false => m.address.contains(&text) || m.targets.iter().any(|t| t.contains(&text)),
                };
                by_text && scheme.is_none_or(|s| m.password_scheme.as_deref() == Some(s))
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
                assert_eq!(first.items.len(), expected.len().min(50), "{q} {scheme:?} {sort:?}");
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
