//! Keys that make a creation happen once, however often it is sent.

use crate::{Store, StoreError};
use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is new: do the work, then [`Store::settle_key`].
    New,
    /// The work was done: this was the answer.
    Done(u16, String),
    /// The same key came with another request.
    Other,
    /// The work is being done at this moment.
    Running,
}

impl Store {
    /// Claims a key of a login for a request. One that was claimed and never settled is free again after five minutes;
    /// a settled one is forgotten after a day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_key(
        &self,
        user: Uuid,
        key: &str,
        request: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Claim, StoreError> {
        sqlx::query!(
            "delete from idempotency_keys where created_at < $1 or (status is null and created_at < $2)",
            now - Duration::days(1),
            now - Duration::minutes(5)
        )
        .execute(&self.pool)
        .await?;
        let made = sqlx::query!(
            "insert into idempotency_keys (user_id, key, request_hash, created_at) values ($1, $2, $3, $4) on conflict do nothing",
            user,
            key,
            request,
            now
        )
        .execute(&self.pool)
        .await?;
        if made.rows_affected() == 1 {
            return Ok(Claim::New);
        }
        let row = sqlx::query!(
            "select request_hash, status, body from idempotency_keys where user_id = $1 and key = $2",
            user,
            key
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(match row {
            Some(row) if row.request_hash != request => Claim::Other,
            Some(row) => match (row.status.and_then(|s| u16::try_from(s).ok()), row.body) {
                (Some(status), Some(body)) => Claim::Done(status, body),
                _ => Claim::Running,
            },
            // Given back between both statements.
            None => Claim::Running,
        })
    }

    /// Keeps the answer of a key's work, or gives the key back if there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_key(&self, user: Uuid, key: &str, answer: Option<(u16, &str)>) -> Result<(), StoreError> {
        match answer {
            Some((status, body)) => {
                sqlx::query!(
                    "update idempotency_keys set status = $3, body = $4 where user_id = $1 and key = $2",
                    user,
                    key,
                    i32::from(status),
                    body
                )
                .execute(&self.pool)
                .await?;
            }
            None => {
                sqlx::query!("delete from idempotency_keys where user_id = $1 and key = $2", user, key)
                    .execute(&self.pool)
                    .await?;
            }
        }
        Ok(())
    }
}
