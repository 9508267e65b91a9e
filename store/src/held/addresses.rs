//! All addresses: which a page of their list has, in every order, and how many there are.

use super::{
    Followed,
    names::{Entry, Key, Names, page_of},
    places::Places,
};
use crate::{
    StoreError, View,
    list::{Page, Sort},
    mail::{MailCounts, MailFilter},
};
use chrono::{DateTime, Utc};
use std::{cmp::Ordering, collections::HashMap, hash::Hash};
use uuid::Uuid;

/// Sorts behind all others, in both directions.
const MISSING: i64 = i64::MAX;
/// Nobody has ever logged in: before everybody else.
const NEVER: i64 = i64::MIN;

/// What is known of an address.
#[derive(Debug)]
pub(crate) struct Address {
    alias: bool,
    /// What is sorted by: octets, files, last log-in in microseconds.
    keys: [i64; 3],
    /// Unused is what has this before the time that is asked for, in microseconds.
    used: i64,
    scheme: Option<u32>,
    server: Option<u32>,
}

impl Address {
    fn key(&self, column: usize) -> i64 {
        column.checked_sub(1).and_then(|n| self.keys.get(n)).copied().unwrap_or(MISSING)
    }
}

impl Entry for Address {
    const COLUMNS: usize = 4;

    fn kind(&self) -> bool {
        self.alias
    }

    fn compare(&self, other: &Self, column: usize) -> Ordering {
        self.key(column).cmp(&other.key(column))
    }
}

/// Values that many have, each by a number.
#[derive(Debug)]
struct Values<T>(HashMap<T, u32>);

impl<T: Hash + Eq> Values<T> {
    fn number(&mut self, value: T) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(value).or_insert(next)
    }
}

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

/// All addresses.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    names: Names<Address>,
    aliases: Places,
    schemes: Values<String>,
    servers: Values<Uuid>,
}

/// An address as the database has it.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    address: String,
    alias: bool,
    /// What is searched: the address, of an alias its targets behind it.
    search: String,
    bytes: Option<i64>,
    files: Option<i64>,
    last_login_at: Option<DateTime<Utc>>,
    /// Since when it could have been used, where that is known.
    made_at: Option<DateTime<Utc>>,
    scheme: Option<String>,
    server: Option<Uuid>,
}

impl Followed for Addresses {
    type Row = Row;
    type Entry = Address;
    const KINDS: &[&str] = &["mailboxes", "aliases"];
    const ALL: &[&str] = &[
        "select address, false as alias, address as search, coalesce(seen_bytes, bytes) as bytes,
             coalesce(seen_mails, files) as files, last_login_at, password_scheme as scheme, server_id as server,
             -- One that was made here has had no time to be used before; what came with papers was there before.
             case when password_at is not null then created_at end as made_at
         from mailboxes where archived_at is null",
        "select address, true, search, null, null, null, null, null, null from aliases where archived_at is null",
    ];
    const NAME: &str = "address";

    fn names(&mut self) -> &mut Names<Address> {
        &mut self.names
    }

    fn add(&mut self, row: Row) -> usize {
        let micros = |at: DateTime<Utc>| at.timestamp_micros();
        let login = row.last_login_at.map_or(NEVER, micros);
        let login_key = if row.alias { MISSING } else { login };
        let address = Address {
            alias: row.alias,
            keys: [row.bytes.unwrap_or(MISSING), row.files.unwrap_or(MISSING), login_key],
            used: login.max(row.made_at.map_or(NEVER, micros)),
            scheme: row.scheme.map(|scheme| self.schemes.number(scheme)),
            server: row.server.map(|server| self.servers.number(server)),
        };
        let place = self.names.push(&row.address, &row.search, address);
        if row.alias {
            self.aliases.insert(place);
        }
        place
    }
}

impl Addresses {
    /// All places in an order; what is missing comes last in both directions, and equals in the order of their addresses.
    fn in_order(&self, sort: Sort) -> Box<dyn Iterator<Item = usize> + '_> {
        let names = &self.names;
        let order = names.order(sort.column);
        if !sort.descending {
            return Box::new(order.iter().copied());
        }
        if sort.column == 0 {
            return Box::new(order.chunk_by(|a, b| names.name(*a) == names.name(*b)).rev().flatten().copied());
        }
        let key = move |place: &usize| names.known(*place).map_or(MISSING, |known| known.key(sort.column));
        let (there, missing) = order.split_at(order.partition_point(|place| key(place) != MISSING));
        let groups = there.chunk_by(move |a, b| key(a) == key(b));
        Box::new(groups.rev().flatten().chain(missing).copied())
    }

    /// The same with those first whose address begins with a text; in the order of addresses.
    fn beginning_first(&self, text: &str) -> impl Iterator<Item = usize> + '_ {
        let order = self.names.order(0);
        let (before, rest) = order.split_at(order.partition_point(|place| self.names.name(*place) < text));
        let (begun, behind) = rest.split_at(rest.partition_point(|place| self.names.name(*place).starts_with(text)));
        begun.iter().chain(before).chain(behind).copied()
    }

    /// Those of both kinds that a filter leaves, but for its customer. `server` is the id of the one that it names.
    fn found(&self, filter: &MailFilter, text: &str, server: Option<Uuid>) -> Places {
        let mut found = self.names.containing(text);
        if filter.is_of_mailboxes() {
            found = found.without(&self.aliases);
        }
        let mut keep = |fits: &dyn Fn(&Address) -> bool| {
            found.retain(|place| self.names.known(place).is_some_and(fits));
        };
        if let Some(scheme) = &filter.scheme {
            let scheme = self.schemes.0.get(scheme).copied();
            keep(&|a| scheme.is_some() && a.scheme == scheme);
        }
        if filter.server.is_some() {
            let server = server.and_then(|id| self.servers.0.get(&id)).copied();
            keep(&|a| server.is_some() && a.server == server);
        }
        if let Some(since) = filter.unused_since.map(|at| at.timestamp_micros()) {
            keep(&|a| a.used < since);
        }
        found
    }

    /// A page of those that a filter leaves, and how many of each kind it leaves.
    fn page(&self, filter: &MailFilter, server: Option<Uuid>, sort: Sort, page: Page) -> (Vec<Key>, MailCounts) {
        let text = filter.text();
        let found = self.found(filter, &text, server);
        let boxes = found.without(&self.aliases);
        let counts = (boxes.len(), found.len() - boxes.len());
        let shown = match filter.alias {
            None => found,
            Some(false) => boxes,
            Some(true) => found.and(&self.aliases),
        };
        let order: Box<dyn Iterator<Item = usize>> = match sort {
            Sort { column: 0, descending: false } if !text.is_empty() => Box::new(self.beginning_first(&text)),
            _ => self.in_order(sort),
        };
        let key = |place| (self.names.name(place).to_owned(), self.aliases.contains(place));
        (page_of(order, &shown, page).map(key).collect(), counts)
    }
}

impl View {
    /// A page of all addresses that a filter leaves, but for its customer, and how many of each kind it leaves.
    pub(crate) async fn held_addresses(
        &mut self,
        filter: &MailFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Vec<Key>, MailCounts), StoreError> {
        let server = match &filter.server {
            Some(name) => {
                let id = sqlx::query_scalar!("select id from mail_servers where name = $1", name);
                id.fetch_optional(&mut *self.tx).await?
            }
            None => None,
        };
        let held = self.held.clone();
        self.in_step(&held.addresses, |addresses| addresses.page(filter, server, sort, page)).await
    }
}
