//! What a list of addresses is asked for, and the statements that answer it for one kind of address.

use crate::{
    list::Sort,
    mail::MailFilter,
    mail_search::{Place, Search},
};
use sqlx::{Postgres, QueryBuilder};

/// Addresses that are gone through in order for the first ones of a search that finds very many.
const NEAR: i64 = 2000;

/// What is sorted by before the address, for each column of [`crate::mail::MAIL_SORT`]: of a mailbox, and of an alias, which has none of it.
const SORT_KEYS: &[(&str, &str)] = &[
    ("null::bigint", "null::bigint"),
    ("coalesce(seen_bytes, bytes)", "null::bigint"),
    ("coalesce(seen_mails, files)", "null::bigint"),
    ("coalesce(last_login_at, '-infinity'::timestamptz)", "null::timestamptz"),
];

/// The order of a kind: among themselves aliases are in that of their addresses, whatever is sorted by.
fn own(sort: Sort, alias: bool) -> Sort {
    if alias { Sort { column: 0, descending: sort.descending && sort.column == 0 } } else { sort }
}

/// Which of the addresses of a kind a page is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// All that are found, in no order.
    All,
    /// The first ones that begin with the text, which stand together in the order of addresses.
    Beginning,
    /// The first ones that are found near the beginning of the list, but for those that begin with the text if these come first.
    Near,
    /// The first ones that are found anywhere, but for those that begin with the text if these come first.
    Far,
}

/// How many addresses of a kind a search may find, told before it is made.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
pub(crate) struct Likely {
    /// Those that begin with its text, counted no further than needed.
    pub(crate) begun: i64,
    /// Those whose host is found by it.
    pub(crate) of_hosts: i64,
}

/// What is read of the addresses of a kind.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) alias: bool,
    pub(crate) found: Vec<Found>,
    pub(crate) likely: Likely,
}

/// What a list of addresses is asked for.
pub(crate) struct Asked<'a> {
    pub(crate) filter: &'a MailFilter,
    pub(crate) search: Search,
    pub(crate) sort: Sort,
    /// Whether those that begin with the text come first: in the usual order, of a search.
    pub(crate) is_ranked: bool,
    /// Whether what is found is counted to a limit only: of everything. Others have few, which are counted.
    pub(crate) is_limited: bool,
}

impl<'a> Asked<'a> {
    pub(crate) fn of(filter: &'a MailFilter, sort: Sort, everything: bool) -> Self {
        let search = Search::of(&filter.q, everything);
        let is_ranked = sort.column == 0 && !sort.descending && !search.text.is_empty();
        Self { filter, search, sort, is_ranked, is_limited: everything }
    }

    /// What is asked for besides the text.
    fn narrow(&self, query: &mut QueryBuilder<Postgres>, alias: bool) {
        let filter = self.filter;
        if let (Some(scheme), false) = (&filter.scheme, alias) {
            query.push(" and x.password_scheme = ").push_bind(scheme.clone());
        }
        if let (Some(since), false) = (filter.unused_since, alias) {
            query.push(" and coalesce(x.last_login_at, '-infinity'::timestamptz) < ").push_bind(since);
            // One that was made here since has had no time to be used; what came with papers was there before.
            query.push(" and (x.password_at is null or x.created_at < ").push_bind(since).push(")");
        }
        if let (Some(server), false) = (&filter.server, alias) {
            query.push(" and x.server_id = (select id from mail_servers where name = ");
            query.push_bind(server.clone()).push(")");
        }
        if let Some(customer) = filter.customer {
            query.push(" and x.domain_id in (select id from domains where customer_id = ");
            query.push_bind(customer).push(")");
        }
    }

    /// The places where the text of what is found may stand.
    fn places(&self, way: &Way, found: Found) -> Vec<Place> {
        let is_looked_at = |place: &Place| match place {
            // Nothing is found by its host, as is known before.
            Place::Host | Place::HostBeginning => !self.is_limited || way.likely.of_hosts > 0,
            Place::Beginning => found == Found::All || !self.is_ranked,
            _ => true,
        };
        match found {
            Found::Beginning => vec![Place::Beginning],
            _ => self.search.places(way.alias).iter().copied().filter(is_looked_at).collect(),
        }
    }

    /// The keys of a kind, of each place a statement of its own: address, whether it is an alias, what is sorted by, whether it comes
    /// late since the text stands elsewhere than at its beginning. Of each place all, or at most `limit`.
    pub(crate) fn keys(&self, query: &mut QueryBuilder<Postgres>, way: &Way, found: Found, limit: Option<i64>) {
        let (alias, ranked) = (way.alias, self.is_ranked);
        let (of_mailbox, of_alias) =
            SORT_KEYS.get(self.sort.column).copied().unwrap_or(("null::bigint", "null::bigint"));
        let (table, by) = if alias { ("aliases", of_alias) } else { ("mailboxes", of_mailbox) };
        let ordered = |query: &mut QueryBuilder<Postgres>, limit: i64| {
            order(query, own(self.sort, alias), limit);
        };
        let not_begun = |query: &mut QueryBuilder<Postgres>| {
            if ranked && way.likely.begun > 0 {
                query.push(" and not ");
                self.search.begins(query);
            }
        };
        if found == Found::Near {
            let text = if alias { "x.search" } else { "x.address" };
            query.push(format!("(select address, {alias} as alias, by, {ranked} as late from"));
            query.push(format!(
                " (select x.address, {text} as search, {by} as by from {table} x where x.archived_at is null"
            ));
            self.narrow(query, alias);
            ordered(query, NEAR);
            query.push(") x where ");
            self.search.contained(query, "x.search");
            not_begun(query);
            ordered(query, limit.unwrap_or(NEAR));
            query.push(")");
            return;
        }
        for (i, place) in self.places(way, found).into_iter().enumerate() {
            // Found first and ordered then: planned as one, all addresses would be read in order and each looked at.
            let is_apart = found == Found::Far && !matches!(place, Place::Any | Place::Beginning);
            query.push(if i > 0 { " union all (" } else { "(" });
            query.push(if is_apart { "select * from (" } else { "" });
            query.push(format!("select x.address, {alias} as alias, {by} as by, "));
            match (found, place) {
                (Found::All, Place::Any | Place::Beginning) | (Found::Beginning, _) => {
                    query.push("false");
                }
                (Found::All, _) if ranked && way.likely.begun > 0 => {
                    query.push("not ");
                    self.search.begins(query);
                }
                _ => {
                    query.push(format!("{ranked}"));
                }
            }
            query.push(format!(" as late from {table} x where x.archived_at is null and "));
            self.search.stands(query, place, alias);
            if found == Found::Far {
                not_begun(query);
            }
            self.narrow(query, alias);
            query.push(if is_apart { " offset 0) k" } else { "" });
            match limit {
                Some(limit) if found != Found::All => ordered(query, limit),
                limit => {
                    query.push(" limit ").push_bind(limit);
                }
            }
            query.push(")");
        }
    }
}

/// By address, or by something else before it; a search has what comes `late` behind the others.
fn by(query: &mut QueryBuilder<Postgres>, sort: Sort, late: bool) {
    query.push(match (sort.column, sort.descending) {
        (0, false) if late => " order by late, address",
        (0, false) => " order by address",
        (0, true) => " order by address desc",
        (_, false) => " order by by, address",
        (_, true) => " order by by desc nulls last, address",
    });
}

/// The first ones of one kind.
fn order(query: &mut QueryBuilder<Postgres>, sort: Sort, limit: i64) {
    by(query, sort, false);
    query.push(" limit ").push_bind(limit);
}

/// Some of both kinds; papers may have a mailbox and an alias of one address.
pub(crate) fn merged(query: &mut QueryBuilder<Postgres>, sort: Sort, late: bool, (limit, offset): (i64, i64)) {
    by(query, sort, late);
    query.push(", alias limit ").push_bind(limit).push(" offset ").push_bind(offset);
}
