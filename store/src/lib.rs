//! All SQL of Hostler.
//!
//! Rows that belong to customers are reached through a [`View`] (reading) or a [`Tx`] (writing), and both exist only
//! for a [`Scope`]: whoever has none cannot ask. One file for each aggregate; the macros check every fixed query
//! against `.sqlx` (`cargo xtask sqlx` renews it), lists with free filters are built with `QueryBuilder`.
//!
//! # Adding an aggregate
//! 1. A migration with named constraints. 2. A file here with the row struct and `impl View` / `impl Tx`. 3. `cargo
//! xtask sqlx`. 4. Tests at the bottom of the file with `#[sqlx::test]`, a database each.

pub mod audit;
pub mod customers;
pub mod dashboard;
pub mod domains;
pub mod embedded;
mod error;
pub mod homepages;
pub mod imports;
pub mod jobs;
pub mod list;
pub mod mail;
pub mod papers;
pub mod problems;
mod scope;
mod tx;
pub mod users;
pub mod zones;

pub use error::StoreError;
pub use scope::Scope;
/// How to reach a database.
pub use sqlx::postgres::PgConnectOptions as ConnectOptions;
pub use tx::{Tx, View};

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use std::time::Duration;
use uuid::Uuid;

/// All migrations, forward only.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// A pool of connections to one database.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
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
        Ok(Self { pool })
    }

    /// Brings the schema up to this program. Needs the owner of the database, not the server's role.
    ///
    /// # Errors
    /// When a migration fails, or the database was migrated by a newer program.
    pub async fn migrate(options: PgConnectOptions) -> Result<(), StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options.application_name("hostler migrate"))
            .await?;
        let result = MIGRATOR.run(&pool).await;
        pool.close().await;
        Ok(result?)
    }

    /// Over a pool that is there already.
    #[must_use]
    pub fn from_pool(pool: PgPool) -> Self {
        Self { pool }
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

    /// Everything that `scope` may see.
    #[must_use]
    pub fn view<'s>(&'s self, scope: &'s Scope) -> View<'s> {
        View { pool: &self.pool, scope }
    }

    /// A transaction in the name of `scope`. What is not committed did not happen.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn begin(&self, scope: &Scope, now: DateTime<Utc>) -> Result<Tx, StoreError> {
        Ok(Tx { tx: self.pool.begin().await?, scope: scope.clone(), now })
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
