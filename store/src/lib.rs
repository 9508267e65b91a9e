//! All SQL of Hostler.
//!
//! Rows that belong to customers are reached through a [`View`] (reading) or a [`Tx`] (writing), and both exist only
//! for a [`Scope`]: whoever has none cannot ask. One file for each aggregate; the macros check every fixed query
//! against `.sqlx` (`cargo xtask sqlx` renews it), lists with free filters are built with `QueryBuilder`.
//!
//! # Adding an aggregate
//! 1. A migration with named constraints. 2. A file here with the row struct and `impl View` / `impl Tx`. 3. `cargo
//! xtask sqlx`. 4. Tests at the bottom of the file with `#[sqlx::test]`, a database each.

pub mod aliases;
pub mod app_passwords;
pub mod audit;
pub mod course;
pub mod customers;
pub mod dashboard;
pub mod decisions;
pub mod dkim;
pub mod domains;
pub mod embedded;
mod error;
pub mod factors;
mod held;
mod homepage_counts;
pub mod homepages;
pub mod idempotency;
pub mod imports;
pub mod invitations;
pub mod jobs;
pub mod letters;
pub mod links;
pub mod list;
pub mod looks;
pub mod mail;
mod mail_intent;
mod mail_keys;
pub mod mail_servers;
pub mod mailbox_batch;
pub mod mailbox_owner;
pub mod mailboxes;
pub mod outbox;
pub mod papers;
pub mod pictures;
pub mod problems;
pub mod saved_views;
mod scope;
pub mod sessions;
pub mod sites;
pub mod spam;
pub mod templates;
pub mod throttle;
pub mod tokens;
mod tx;
pub mod users;
pub mod web_servers;
pub mod zones;

pub use error::StoreError;
pub use scope::{JobScope, Reach, Scope};
/// How to reach a database.
pub use sqlx::postgres::PgConnectOptions as ConnectOptions;
pub use tx::{Tx, View};

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// All migrations, forward only.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// A pool of connections to one database.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
    held: Arc<held::Held>,
}

impl Store {
    /// Connects. `most` is the number of connections at the most.
    ///
    /// # Errors
    /// When the database cannot be reached within ten seconds.
    pub async fn connect(options: PgConnectOptions, most: u32) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_with(options.application_name("hostler"))
            .await?;
        Ok(Self::from_pool(pool))
    }

    /// Brings the schema up to this program. Needs the owner of the database, not the server's role.
    ///
    /// # Errors
    /// When a migration fails, the database was migrated by a newer program, or it sorts texts by a language: what is
    /// held in memory is ordered by code points, and a list is the same from wherever it is answered.
    pub async fn migrate(options: PgConnectOptions) -> Result<(), StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options.application_name("hostler migrate"))
            .await?;
        let (provider, collation): (String, String) = sqlx::query_as(
            "select datlocprovider::text, datcollate from pg_database where datname = current_database()",
        )
        .fetch_one(&pool)
        .await?;
        let by_code_points =
            provider == "b" || provider == "c" && ["C", "POSIX", "C.UTF-8", "C.utf8"].contains(&collation.as_str());
        let result = match by_code_points {
            true => MIGRATOR.run(&pool).await.map_err(StoreError::from),
            false => Err(StoreError::Collation(if provider == "i" { "a locale of ICU".to_owned() } else { collation })),
        };
        pool.close().await;
        result
    }

    /// Over a pool that is there already.
    #[must_use]
    pub fn from_pool(pool: PgPool) -> Self {
        Self { pool, held: Arc::default() }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Connections in use and idle, for the metrics.
    #[must_use]
    pub fn connections(&self) -> (u32, usize) {
        (self.pool.size(), self.pool.num_idle())
    }

    /// Everything that `scope` may see, as it is at this moment.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn view(&self, scope: &Scope) -> Result<View, StoreError> {
        let tx = self.pool.begin_with(sqlx::AssertSqlSafe(scope.begin(false))).await?;
        Ok(View { tx, scope: scope.clone(), held: self.held.clone() })
    }

    /// A transaction in the name of `scope`. What is not committed did not happen.
    ///
    /// # Errors
    /// `ReadOnly` if the scope may only look, or when the database cannot be reached.
    pub async fn begin(&self, scope: &Scope, now: DateTime<Utc>) -> Result<Tx, StoreError> {
        if scope.read_only() {
            return Err(StoreError::ReadOnly);
        }
        let tx = self.pool.begin_with(sqlx::AssertSqlSafe(scope.begin(true))).await?;
        Ok(Tx { tx, scope: scope.clone(), now, keyed: Default::default() })
    }

    /// A transaction on people, sessions, links and mails only: it reaches no row that belongs to a customer.
    ///
    /// # Errors
    /// `ReadOnly` if the scope may only look, or when the database cannot be reached.
    pub async fn begin_identity(&self, scope: &Scope, now: DateTime<Utc>) -> Result<Tx, StoreError> {
        if scope.read_only() {
            return Err(StoreError::ReadOnly);
        }
        Ok(Tx { tx: self.pool.begin().await?, scope: scope.clone(), now, keyed: Default::default() })
    }

    /// Whether the role that this process connects as is bound by row-level security.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_bound(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select not (rolsuper or rolbypassrls) as "bound!" from pg_roles where rolname = session_user"#
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// A new id (RFC 9562 UUIDv7): sorts by time of making.
#[must_use]
pub fn new_id(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.timestamp_subsec_nanos()))
}
