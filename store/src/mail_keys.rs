//! Which addresses a page of their list has, and how many there are: of who sees everything out of memory ([`crate::held`]), of others
//! by going through what is theirs.

use crate::{
    StoreError, View,
    list::{Page, Sort, searched},
    mail::{MailCounts, MailFilter},
};
use sqlx::{Postgres, QueryBuilder};

/// What a mailbox is sorted by before its address, for each column of [`crate::mail::MAIL_SORT`]; an alias has none of it.
const SORT_KEYS: &[&str] = &[
    "null::bigint",
    "coalesce(seen_bytes, bytes)",
    "coalesce(seen_mails, files)",
    // Nobody has ever logged in: before everybody else.
    "coalesce(last_login_at, '-infinity')",
];

impl MailFilter {
    /// The text that is looked for, in small letters as addresses are kept.
    pub(crate) fn text(&self) -> String {
        searched(&self.q).to_lowercase()
    }

    /// Whether it asks for what only mailboxes have.
    pub(crate) fn is_of_mailboxes(&self) -> bool {
        self.scheme.is_some() || self.unused_since.is_some() || self.server.is_some()
    }

    /// Which kinds are listed: mailboxes (`false`), aliases (`true`).
    pub(crate) fn kinds(&self) -> impl Iterator<Item = bool> + use<> {
        let (only, mailboxes) = (self.alias, self.is_of_mailboxes());
        [false, true].into_iter().filter(move |alias| only.is_none_or(|o| o == *alias) && !(*alias && mailboxes))
    }

    /// What it asks for, of the addresses of a kind.
    fn narrow(&self, query: &mut QueryBuilder<Postgres>, alias: bool, text: &str) {
        if !text.is_empty() {
            query.push(if alias { " and strpos(search, " } else { " and strpos(address, " });
            query.push_bind(text.to_owned()).push(") > 0");
        }
        if let Some(customer) = self.customer {
            query.push(" and domain_id in (select id from domains where customer_id = ").push_bind(customer).push(")");
        }
        if alias {
            query.push(if self.is_of_mailboxes() { " and false" } else { "" });
            return;
        }
        if let Some(scheme) = &self.scheme {
            query.push(" and password_scheme = ").push_bind(scheme.clone());
        }
        if let Some(since) = self.unused_since {
            query.push(" and coalesce(last_login_at, '-infinity') < ").push_bind(since);
            // One that was made here since has had no time to be used; what came with papers was there before.
            query.push(" and (password_at is null or created_at < ").push_bind(since).push(")");
        }
        if let Some(server) = &self.server {
            query.push(" and server_id = (select id from mail_servers where name = ");
            query.push_bind(server.clone()).push(")");
        }
    }
}

/// By address, or by something else before it, which aliases lack; a search in the usual order has those first that begin with its text.
fn order(query: &mut QueryBuilder<Postgres>, sort: Sort, text: &str) {
    query.push(match (sort.column, sort.descending) {
        (0, false) => " order by ",
        (0, true) => " order by address desc, ",
        (_, false) => " order by by, ",
        (_, true) => " order by by desc nulls last, ",
    });
    if sort.column == 0 && !sort.descending && !text.is_empty() {
        query.push("not starts_with(address, ").push_bind(text.to_owned()).push("), ");
    }
    query.push("address, alias");
}

impl View {
    /// A page of the addresses that a filter leaves, and how many of each kind it leaves.
    pub(crate) async fn mail_keys(
        &mut self,
        filter: &MailFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Vec<(String, bool)>, MailCounts), StoreError> {
        match self.scope.is_everything() && filter.customer.is_none() {
            true => self.held_addresses(filter, sort, page).await,
            false => self.own_keys(filter, sort, page).await,
        }
    }

    /// The same of what a customer or a reseller has, for them or for the staff: found by whose domains they are, and gone through once.
    async fn own_keys(
        &mut self,
        filter: &MailFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Vec<(String, bool)>, MailCounts), StoreError> {
        let text = filter.text();
        let by = SORT_KEYS.get(sort.column).copied().unwrap_or("null::bigint");
        let mut query = QueryBuilder::new("with f as materialized (select address, false as alias, ");
        query.push(by).push(" as by from mailboxes where archived_at is null");
        filter.narrow(&mut query, false, &text);
        query.push(" union all select address, true, null from aliases where archived_at is null");
        filter.narrow(&mut query, true, &text);
        query.push(
            ") select c.boxes, c.aliases, p.address, p.alias
             from (select count(*) filter (where not alias) as boxes, count(*) filter (where alias) as aliases from f) c
             left join (select address, alias, row_number() over (",
        );
        order(&mut query, sort, &text);
        query.push(") as n from f where alias = any(");
        query.push_bind(filter.kinds().collect::<Vec<bool>>()).push(") order by n limit ").push_bind(page.limit);
        query.push(" offset ").push_bind(page.offset).push(") p on true order by p.n");
        let rows: Vec<(i64, i64, Option<String>, Option<bool>)> =
            query.build_query_as().fetch_all(&mut *self.tx).await?;
        let counts = rows.first().map_or((0, 0), |r| (r.0, r.1));
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

    /// Both kinds stand in the order that sorting all of them would give, on every page.
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
            // However little it is: in an address, or in a target.
            (MailFilter { q: "1".to_owned(), ..MailFilter::default() }, (13, 16)),
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
                    let total = i64::try_from(whole.items.len()).unwrap();
                    assert_eq!((found, whole.total), (counts, total), "{filter:?}");
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

    /// Searches and filters of all kinds answer from memory as from the database.
    async fn hold_what_is_there(store: &Store, change: &str) {
        let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
        let narrowed = [
            MailFilter::default(),
            MailFilter { alias: Some(true), ..MailFilter::default() },
            MailFilter { scheme: Some("CRYPT".to_owned()), ..MailFilter::default() },
            MailFilter { unused_since: DateTime::from_timestamp(1000, 0), alias: Some(false), ..MailFilter::default() },
            MailFilter { server: Some("mx1".to_owned()), ..MailFilter::default() },
            MailFilter { server: Some("mx2".to_owned()), ..MailFilter::default() },
        ];
        let texts = ["", "anna-1", "NNA-", "7", "d4", "@d49.de", "q1", "hanna@x", "niemand"];
        for (n, q) in texts.into_iter().enumerate() {
            for filter in narrowed.iter().skip(n % 2).step_by(2) {
                let filter = MailFilter { q: q.to_owned(), ..filter.clone() };
                for n in n % 2..9 {
                    let sort = Sort { column: n / 2 % 4, descending: n % 2 > 0 };
                    let page = if n % 3 > 0 { Page { limit: 50, offset: 0 } } else { Page { limit: 300, offset: 170 } };
                    let held = view.held_addresses(&filter, sort, page).await.unwrap();
                    let own = view.own_keys(&filter, sort, page).await.unwrap();
                    assert_eq!(held, own, "{change}: {filter:?} {sort:?}");
                }
            }
        }
    }

    /// What is held in memory answers like the database, whatever was changed, by whomever, in however many steps.
    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn what_is_held_follows_every_change(pool: PgPool) {
        let (store, other) = (Store::from_pool(pool.clone()), Store::from_pool(pool.clone()));
        for (change, is_followed) in [
            ("insert into mail_servers (id, name, host_name, address, roles, created_at, updated_at)
              values (gen_random_uuid(), 'mx1', 'mx1.a.de', '192.0.2.1', array['store'], now(), now())", true),
            // So many that all are read.
            ("insert into mailboxes (id, address, bytes, files, password_scheme, password_at, created_at, updated_at)
              select gen_random_uuid(), case when n % 3 = 0 then 'anna-' else 'hanna-' end || n || '@d' || n % 50 || '.de', n * 7 % 530, n % 9,
                  case when n % 2 = 0 then 'SSHA' end, case when n % 5 = 0 then now() end, to_timestamp(n), now() from generate_series(1, 3000) n", true),
            ("insert into aliases (id, address, targets, created_at, updated_at)
              select gen_random_uuid(), 'q' || n || '@a.de', array['anna-' || n || '@a.de'], now(), now() from generate_series(1, 300) n", true),
            ("update mailboxes set bytes = 999, last_login_at = to_timestamp(n) from (select id, row_number() over () as n from mailboxes limit 40) m
              where mailboxes.id = m.id", true),
            ("update mailboxes set archived_at = now() where address like '%anna-17%'", true),
            ("update mailboxes set archived_at = null, password_scheme = 'CRYPT' where address like 'hanna-17%'", true),
            ("update mailboxes set address = 'new-' || address where address like '%-2_@%'", true),
            ("delete from aliases where address like 'q2%'", true),
            ("update aliases set targets = array['hanna@x.de'] where address like 'q1%'", true),
            ("update mailboxes set server_id = (select id from mail_servers) where address like '%-1_@%'", true),
            ("update mailboxes set files = 1001", true),
            // What was noted is forgotten.
            ("insert into list_changes (kind, name) select 'mailboxes', 'x' || n from generate_series(1, 10001) n", true),
            ("delete from mailboxes where address like 'hanna-5%'", false),
            ("select fold_counts()", true),
            ("update mailboxes set bytes = null where address like '%7@%'", true),
            ("truncate aliases", true),
            // Another one was put into the place of the database: nothing is noted of that.
            ("alter table mailboxes disable trigger user", false),
            ("delete from mailboxes where address like 'anna-2%'", false),
            ("alter table mailboxes enable trigger user", false),
            ("create table restored (like list_changes including all)", false),
            ("drop table list_changes", false),
            ("alter table restored rename to list_changes", false),
            ("grant select on list_changes to hostler_staff", true),
        ] {
            sqlx::query(change).execute(&pool).await.unwrap();
            if !is_followed {
                continue;
            }
            hold_what_is_there(&store, change).await;
            // It follows at times only.
            if ["update aliases", "select", "truncate", "grant"].iter().any(|begin| change.starts_with(begin)) {
                hold_what_is_there(&other, change).await;
            }
        }
    }

    /// What no list tells is not noted: whatever reads the servers' figures again would make everybody read all.
    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn only_what_is_listed_is_noted(pool: PgPool) {
        let mut noted: Vec<i64> = Vec::new();
        for sql in [
            "insert into mailboxes (id, address, files, created_at, updated_at)
             select gen_random_uuid(), n || '@a.de', n, now(), now() from generate_series(1, 2000) n",
            "update mailboxes set reply_text = 'weg', seen_at = now(), files = files, revision = 2",
            "update mailboxes set files = 7 where files in (7, 8, 9)",
            "update mailboxes set address = 'z@a.de' where files = 1",
        ] {
            sqlx::query(sql).execute(&pool).await.unwrap();
            let count = sqlx::query_scalar("select count(*) from list_changes").fetch_one(&pool);
            noted.push(count.await.unwrap());
        }

        assert_eq!(noted, [1001, 1001, 1003, 1005]);
    }

    /// A change that is not committed is in no memory, and one that commits behind others is.
    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn changes_are_followed_in_the_order_of_their_ends(pool: PgPool) {
        let insert = "insert into mailboxes (id, address, files, created_at, updated_at)
             select gen_random_uuid(), n || '@a.de', n, now(), now() from generate_series(1, 3) n";
        sqlx::query(insert).execute(&pool).await.unwrap();
        let store = Store::from_pool(pool.clone());
        let most = |n: i64| sqlx::query("update mailboxes set files = 10 - $1 where address = $1 || '@a.de'").bind(n);
        let listed = async || {
            let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
            let (page, sort) = (Page { limit: 50, offset: 0 }, Sort { column: 2, descending: true });
            let keys = view.held_addresses(&MailFilter::default(), sort, page).await.unwrap().0;
            keys.into_iter().map(|k| k.0).collect::<String>()
        };
        assert_eq!(listed().await, "3@a.de2@a.de1@a.de");
        let mut slow = pool.begin().await.unwrap();
        most(1).execute(&mut *slow).await.unwrap();
        let mut undone = pool.begin().await.unwrap();
        most(2).execute(&mut *undone).await.unwrap();
        most(3).execute(&pool).await.unwrap();
        assert_eq!(listed().await, "3@a.de2@a.de1@a.de");
        undone.rollback().await.unwrap();
        slow.commit().await.unwrap();
        assert_eq!(listed().await, "1@a.de3@a.de2@a.de");
    }
}
