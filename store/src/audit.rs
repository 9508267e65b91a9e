//! Who changed what: written in the transaction of the change itself.

use crate::{StoreError, Tx, View};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// A change as the log has it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, as [`crate::Scope::actor`].
    pub actor: String,
    /// What was done, such as `publish`.
    pub action: String,
    /// What it was done to, for people.
    pub label: String,
}

impl Tx {
    /// Notes a change. `before` and `after` must not hold secrets.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit<B: Serialize + Sync, A: Serialize + Sync>(
        &mut self,
        action: &str,
        (entity, id): (&str, &str),
        label: &str,
        before: Option<&B>,
        after: Option<&A>,
    ) -> Result<(), StoreError> {
        let json = |error: serde_json::Error| StoreError::Inconsistent { table: "audit", reason: error.to_string() };
        let before = before.map(serde_json::to_value).transpose().map_err(json)?;
        let after = after.map(serde_json::to_value).transpose().map_err(json)?;
        sqlx::query!(
            "insert into audit (at, actor, request_id, action, entity, entity_id, label, before, after)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            self.now,
            self.scope.actor(),
            self.scope.request_id(),
            action,
            entity,
            id,
            label,
            before,
            after,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

impl View<'_> {
    /// The latest changes, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_latest(&self, limit: i64) -> Result<Vec<Entry>, StoreError> {
        Ok(sqlx::query_as!(Entry, "select at, actor, action, label from audit order by id desc limit $1", limit)
            .fetch_all(self.pool)
            .await?)
    }

    /// The changes of one thing, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_of(&self, entity: &str, id: &str, limit: i64) -> Result<Vec<Entry>, StoreError> {
        Ok(sqlx::query_as!(
            Entry,
            "select at, actor, action, label from audit
             where entity = $1 and entity_id = $2 order by id desc limit $3",
            entity,
            id,
            limit,
        )
        .fetch_all(self.pool)
        .await?)
    }
}
