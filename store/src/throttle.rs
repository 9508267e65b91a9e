//! Failed log-ins, counted for a while.

use crate::{Store, StoreError};
use chrono::{DateTime, Duration, Utc};

impl Store {
    /// Failed log-ins of a key (an account from an address, or an address) and when the last one was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn login_failures(&self, key: &str) -> Result<Option<(i32, DateTime<Utc>)>, StoreError> {
        let row = sqlx::query!("select failures, last_at from login_failures where key = $1", key)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|r| (r.failures, r.last_at)))
    }

    /// Counts a failed log-in; failures older than an hour are forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_login_failure(&self, key: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let hour_ago = now - Duration::hours(1);
        sqlx::query!("delete from login_failures where last_at < $1", hour_ago).execute(&self.pool).await?;
        sqlx::query!(
            "insert into login_failures (key, failures, last_at) values ($1, 1, $2)
             on conflict (key) do update set failures = login_failures.failures + 1, last_at = $2",
            key,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes back the one that was counted for a log-in that went well, or all of that key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forgive_login_failure(&self, key: &str, all: bool) -> Result<(), StoreError> {
        sqlx::query!(
            "update login_failures set failures = case when $2 then 0 else greatest(failures - 1, 0) end where key = $1",
            key,
            all,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
