//! What the lists of all addresses and domains are answered from: held in memory, and in step with the database at every look.
//!
//! Who sees everything has a hundred thousand addresses, in four orders, and looks for any text in them. No index of the database
//! answers all of that within a page's time, while going through them in memory takes a millisecond or two. Others have few, which
//! the database finds by whose they are. What a row shows is read from the database in any case.
//!
//! Triggers write down which names a transaction changes (`list_changes`). Who looks asks for the changes that its snapshot sees and that
//! of the memory did not, and takes them in; so every process follows, and what was changed before a look is in it; what
//! is changed during it may be. Where the changes are very many, or were forgotten, all is read again.
//!
//! # Adding a list
//! 1. A file beside `domains` that implements [`Followed`]. 2. Triggers that note its table's changes, as in migration 0029. 3. A test that
//!    holds it against the database. A column that is newly told has to be among those that the trigger compares.

mod addresses;
mod domains;
mod names;
mod places;
mod texts;

use crate::{StoreError, View};
use futures_util::TryStreamExt;
use names::{Entry, Key, Names};
use sqlx::{AssertSqlSafe, FromRow, postgres::PgRow};
use std::sync::{PoisonError, RwLock};
use tokio::sync::Mutex;

/// Changes that are taken in one by one; of more, all is read. A trigger notes one more of a statement at the most.
const MOST_CHANGES: usize = 1000;

/// Held by a process.
#[derive(Debug, Default)]
pub(crate) struct Held {
    addresses: Memory<addresses::Addresses>,
    domains: Memory<domains::Domains>,
}

/// What is held of one list.
#[derive(Debug, Default)]
struct Memory<T> {
    moment: RwLock<Option<Moment<T>>>,
    /// Whoever reads all of it: one at a time.
    reading: Mutex<()>,
}

/// What a snapshot of the database saw.
#[derive(Debug)]
struct Moment<T> {
    seen: Seen,
    list: T,
}

/// A snapshot, by which others tell what it did not see.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
struct Seen {
    /// `pg_snapshot` as text.
    snapshot: String,
    /// Which start of which server, and which table of changes. In a database that was restored, or of a server that had lost its last
    /// transactions, the numbers of transactions tell nothing.
    database: String,
}

/// [`Seen::database`] of now.
const DATABASE: &str = "pg_postmaster_start_time()::text || ' ' || 'list_changes'::regclass::oid";

impl<T> Memory<T> {
    fn seen(&self) -> Option<Seen> {
        let moment = self.moment.read().unwrap_or_else(PoisonError::into_inner);
        moment.as_ref().map(|m| m.seen.clone())
    }

    fn change<R>(&self, change: impl FnOnce(&mut Option<Moment<T>>) -> R) -> R {
        change(&mut self.moment.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A list that is held.
trait Followed: Default + Send + 'static {
    /// A row of it.
    type Row: for<'r> FromRow<'r, PgRow> + Send + Unpin;
    /// What is known of a name.
    type Entry: Entry;
    /// The tables that it is made of, one or two.
    const KINDS: &[&str];
    /// Of each the statement that gives its rows, which ends with a condition.
    const ALL: &[&str];
    /// The column that has their names.
    const NAME: &str;

    /// Its names, in their orders.
    fn names(&mut self) -> &mut Names<Self::Entry>;

    /// Adds a name and answers its place; it stands in the lists as soon as they are sorted.
    fn add(&mut self, row: Self::Row) -> usize;
}

impl View {
    /// What a list that is in step with this view answers.
    async fn in_step<T: Followed, R>(&mut self, memory: &Memory<T>, ask: impl Fn(&T) -> R) -> Result<R, StoreError> {
        loop {
            let in_step = self.follow(memory).await?;
            let moment = memory.moment.read().unwrap_or_else(PoisonError::into_inner);
            if let (true, Some(m)) = (in_step, moment.as_ref()) {
                return Ok(ask(&m.list));
            }
        }
    }

    /// Takes in what was changed since the memory's moment. Where somebody else did so meanwhile, it is to be looked again: `false`.
    async fn follow<T: Followed>(&mut self, memory: &Memory<T>) -> Result<bool, StoreError> {
        let Some(seen) = memory.seen() else { return self.read_all(memory, None).await };
        let changes: Vec<(Option<String>, Option<String>)> = sqlx::query_as(AssertSqlSafe(format!(
            "select null, null where $4 <> {DATABASE} union all
             (select distinct kind, name from list_changes
             where xact >= pg_snapshot_xmin($1::text::pg_snapshot) and not pg_visible_in_snapshot(xact, $1::text::pg_snapshot)
                 -- Others are of a cluster that this database was copied from.
                 and xact < pg_snapshot_xmax(pg_current_snapshot())
                 and (kind = any($2) or kind is null)
             limit $3)"
        )))
        .bind(&seen.snapshot)
        .bind(T::KINDS)
        .bind(i64::try_from(MOST_CHANGES + 1).unwrap_or(i64::MAX))
        .bind(&seen.database)
        .fetch_all(&mut *self.tx)
        .await?;
        if changes.is_empty() {
            return Ok(true);
        }
        let is_known = changes.len() <= MOST_CHANGES && changes.iter().all(|(kind, _)| kind.is_some());
        if !is_known {
            return self.read_all(memory, Some(&seen)).await;
        }
        let names = |kind: &str| {
            let of_kind = changes.iter().filter(|c| c.0.as_deref() == Some(kind));
            of_kind.filter_map(|c| c.1.clone()).collect::<Vec<_>>()
        };
        let sql = T::ALL.iter().enumerate().map(|(n, all)| format!("{all} and {} = any(${})", T::NAME, n + 1));
        let sql = sql.collect::<Vec<_>>().join(" union all ");
        let mut rows = sqlx::query_as(AssertSqlSafe(sql));
        let mut gone: Vec<Key> = Vec::new();
        for (n, kind) in T::KINDS.iter().enumerate() {
            gone.extend(names(kind).into_iter().map(|name| (name, n > 0)));
            rows = rows.bind(names(kind));
        }
        let rows: Vec<T::Row> = rows.fetch_all(&mut *self.tx).await?;
        let now = self.seen().await?;
        Ok(memory.change(|moment| {
            let Some(m) = moment.as_mut().filter(|m| m.seen == seen) else { return false };
            gone.iter().for_each(|key| m.list.names().remove(key));
            let added: Vec<usize> = rows.into_iter().map(|row| m.list.add(row)).collect();
            m.list.names().sort(&added);
            m.seen = now;
            if m.list.names().is_worn() {
                *moment = None;
            }
            moment.is_some()
        }))
    }

    /// Reads all, unless the memory is no longer that of `known`.
    async fn read_all<T: Followed>(&mut self, memory: &Memory<T>, known: Option<&Seen>) -> Result<bool, StoreError> {
        let _one = memory.reading.lock().await;
        if memory.seen().as_ref() != known {
            return Ok(false);
        }
        let seen = self.seen().await?;
        let sql = T::ALL.join(" union all ");
        let mut rows = sqlx::query_as(AssertSqlSafe(sql)).fetch(&mut *self.tx);
        let (mut list, mut added) = (T::default(), Vec::new());
        while let Some(row) = rows.try_next().await? {
            added.push(list.add(row));
        }
        // A quarter of a second for a hundred thousand, in which others are to be answered.
        let sorted = tokio::task::spawn_blocking(move || {
            list.names().sort(&added);
            list
        });
        let list = sorted.await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        memory.change(|moment| *moment = Some(Moment { seen, list }));
        Ok(true)
    }

    /// The snapshot that this view reads by.
    async fn seen(&mut self) -> Result<Seen, StoreError> {
        let sql = format!("select pg_current_snapshot()::text as snapshot, {DATABASE} as database");
        Ok(sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut *self.tx).await?)
    }
}
