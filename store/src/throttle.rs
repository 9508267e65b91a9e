//! Tries of passwords and codes, counted for a while.

use crate::{Store, StoreError};
use chrono::{DateTime, Duration, Utc};

/// By what tries are counted, and how many there may be.
#[derive(Debug, Clone)]
pub struct Brake {
    /// An account from an address, an address, or an account.
    pub key: String,
    /// So many tries count as one: a key may stand for many people.
    pub per: i32,
    /// Tries within an hour; after that none, whatever the pause.
    pub most: i32,
}

impl Store {
    /// Counts a try ahead of it, in one statement, so that a thousand at once do not all find the count at nothing.
    /// Answers the seconds to wait if there were too many; then nothing is counted. An hour without a try, and all is
    /// forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_try(&self, brake: &Brake, now: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        let hour_ago = now - Duration::hours(1);
        sqlx::query!("delete from login_failures where last_at < $1", hour_ago).execute(&self.pool).await?;
        let counted = sqlx::query_scalar!(
            "insert into login_failures as f (key, failures, last_at) values ($1, 1, $2)
             on conflict (key) do update set failures = f.failures + 1, last_at = $2
             where f.failures < $4 and f.last_at + login_pause(f.failures / $3) <= $2
             returning failures",
            brake.key,
            now,
            brake.per,
            brake.most,
        )
        .fetch_optional(&self.pool)
        .await?;
        if counted.is_some() {
            return Ok(None);
        }
        let free_at = sqlx::query_scalar!(
            r#"select case when failures < $3 then last_at + login_pause(failures / $2) else last_at + interval '1 hour' end as "at!"
             from login_failures where key = $1"#,
            brake.key,
            brake.per,
            brake.most,
        )
        .fetch_optional(&self.pool)
        .await?;
        // Whole seconds, rounded up: who comes then is not sent away again.
        let left = free_at.map_or(1, |at| ((at - now).num_milliseconds() + 999).div_euclid(1000).max(1));
        Ok(Some(left))
    }

    /// Takes back the one that was counted, or all of that key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_try_back(&self, brake: &Brake, all: bool) -> Result<(), StoreError> {
        sqlx::query!(
            "update login_failures set failures = case when $2 then 0 else greatest(failures - 1, 0) end where key = $1",
            brake.key,
            all,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::PgPool;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn pauses_grow_and_end(pool: PgPool) {
        let pauses: Vec<f64> = sqlx::query_scalar(
            "select extract(epoch from login_pause(n))::float8 from unnest(array[0, 4, 5, 6, 8, 100]) with ordinality as t (n, i) order by i",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        assert_eq!(pauses, [0.0, 0.0, 1.0, 2.0, 8.0, 512.0]);
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn tries_at_once_are_counted_one_by_one(pool: PgPool) {
        let store = Store::from_pool(pool);
        let brake = Brake { key: "a".to_owned(), per: 1, most: i32::MAX };
        let tries = (0..40).map(|_| {
            let (store, brake) = (store.clone(), brake.clone());
            tokio::spawn(async move { store.count_try(&brake, at(0)).await.unwrap() })
        });
        let mut passed = 0;
        for one in tries.collect::<Vec<_>>() {
            match one.await.unwrap() {
                None => passed += 1,
                Some(left) => assert_eq!(left, 1),
            }
        }
        assert_eq!(passed, 5);
        assert_eq!(store.count_try(&brake, at(1)).await.unwrap(), None, "the pause is over");
        assert_eq!(store.count_try(&brake, at(2)).await.unwrap(), Some(1));
        store.take_try_back(&brake, true).await.unwrap();
        assert_eq!(store.count_try(&brake, at(2)).await.unwrap(), None);
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_bound_holds_for_an_hour(pool: PgPool) {
        let store = Store::from_pool(pool);
        let brake = Brake { key: "a".to_owned(), per: i32::MAX, most: 2 };
        assert_eq!(store.count_try(&brake, at(0)).await.unwrap(), None);
        assert_eq!(store.count_try(&brake, at(0)).await.unwrap(), None);
        assert_eq!(store.count_try(&brake, at(60)).await.unwrap(), Some(3540));
        assert_eq!(store.count_try(&brake, at(3601)).await.unwrap(), None);
    }
}
