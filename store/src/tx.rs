//! Reading and writing in somebody's name.

use crate::{Scope, StoreError};
use chrono::{DateTime, Utc};
use sqlx::{PgPool, Postgres, Transaction};

/// What a scope may read. The queries stand beside their aggregates.
#[derive(Debug, Clone, Copy)]
pub struct View<'s> {
    pub(crate) pool: &'s PgPool,
    pub(crate) scope: &'s Scope,
}

impl View<'_> {
    /// Whose view it is.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        self.scope
    }
}

/// A unit of work: changes, their audit rows and the jobs that they cause, committed together or not at all.
#[derive(Debug)]
pub struct Tx {
    pub(crate) tx: Transaction<'static, Postgres>,
    pub(crate) scope: Scope,
    pub(crate) now: DateTime<Utc>,
}

impl Tx {
    /// Makes everything in it happen.
    ///
    /// # Errors
    /// When the database refuses; then nothing happened.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }

    /// When this unit of work takes place.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

/// One row, or [`StoreError::NotFound`].
pub(crate) fn ensure_one(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}
