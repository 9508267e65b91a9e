//! Reading and writing in somebody's name.

use crate::{Scope, StoreError, held::Held};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Postgres, Transaction};
use std::{collections::BTreeMap, sync::Arc};

/// What a scope may read: one snapshot of the database, for as long as it is held. The queries stand beside their
/// aggregates. It holds a connection, so a handler has one at a time, and none while it holds a [`Tx`].
#[derive(Debug)]
pub struct View {
    pub(crate) tx: Transaction<'static, Postgres>,
    pub(crate) scope: Scope,
    pub(crate) held: Arc<Held>,
}

impl View {
    /// Whose view it is.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// A unit of work: changes, their audit rows and the jobs that they cause, committed together or not at all.
#[derive(Debug)]
pub struct Tx {
    pub(crate) tx: Transaction<'static, Postgres>,
    pub(crate) scope: Scope,
    pub(crate) now: DateTime<Utc>,
    /// Jobs that wait once for each key. They are written last and in the order of their keys: the row of a key is locked
    /// until the end, and whoever held it while waiting for a zone could wait for somebody who waits for it.
    pub(crate) keyed: BTreeMap<String, (String, Value)>,
}

impl Tx {
    /// Makes everything in it happen.
    ///
    /// # Errors
    /// When the database refuses; then nothing happened.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        for (key, (kind, payload)) in std::mem::take(&mut self.keyed) {
            self.insert_job(&kind, &payload, Some(&key)).await?;
        }
        Ok(self.tx.commit().await?)
    }

    /// When this unit of work takes place.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// In whose name it takes place.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// One row, or [`StoreError::NotFound`].
pub(crate) fn ensure_one(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}
