//! The job queue: long work that survives a killed worker.
//!
//! A job waits, is claimed with `for update skip locked`, beats while it runs, and ends. Several processes may share
//! the table. One whose heart stopped for [`DEAD_AFTER`] is taken over, up to its number of attempts.

use crate::{Store, StoreError, Tx, View, new_id};
use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use uuid::Uuid;

/// Channel on which the log says that there is something new.
pub const NEWS: &str = "hostler_news";
const JOBS: &str = "hostler_jobs";
/// After this long without a heartbeat a running job counts as abandoned.
pub const DEAD_AFTER: Duration = Duration::seconds(30);

/// A claimed job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// Which worker it is for.
    pub kind: String,
    /// What the worker needs to know.
    pub payload: Value,
    /// Which attempt this is, from 1.
    pub attempts: i32,
    /// Attempts at the most.
    pub max_attempts: i32,
}

/// A job as people see it.
#[derive(Debug, Clone, serde::Serialize)]
pub struct JobStatus {
    /// Its id.
    pub id: Uuid,
    /// Which worker it is for.
    pub kind: String,
    /// `waiting`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Steps done.
    pub progress_done: i64,
    /// Steps in all; 0 while unknown.
    pub progress_total: i64,
    /// What it is doing.
    pub progress_note: String,
    /// Why it failed last.
    pub error: Option<String>,
}

impl Tx {
    /// Adds a job that starts once this transaction has committed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enqueue(&mut self, kind: &str, payload: &Value) -> Result<Uuid, StoreError> {
        self.insert_job(kind, payload, None).await
    }

    /// As [`Self::enqueue_once`], for a key that is taken last: answers the job that does the work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn enqueue_for(&mut self, kind: &str, payload: &Value, key: &str) -> Result<Uuid, StoreError> {
        self.insert_job(kind, payload, Some(key)).await
    }

    /// Adds a job unless one of that key still waits, which then does this one's work. It is written when this
    /// transaction commits.
    pub fn enqueue_once(&mut self, kind: &str, payload: Value, key: &str) {
        self.keyed.insert(key.to_owned(), (kind.to_owned(), payload));
    }

    pub(crate) async fn insert_job(
        &mut self,
        kind: &str,
        payload: &Value,
        dedup: Option<&str>,
    ) -> Result<Uuid, StoreError> {
        let id = new_id(self.now);
        let id = sqlx::query_scalar!(
            r#"select enqueue_job($1, $2, $3, $4, $5, $6) as "id!""#,
            id,
            kind,
            payload,
            dedup,
            self.now,
            self.scope.actor(),
        )
        .fetch_one(&mut *self.tx)
        .await?;
        sqlx::query!("select pg_notify('hostler_jobs', $1)", kind).execute(&mut *self.tx).await?;
        Ok(id)
    }
}

impl Tx {
    /// Asks a job to stop; one that waits is over at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cancel_job(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!(
            "update jobs set cancel_requested = true, state = case when state = 'waiting' then 'cancelled' else state end,
                 finished_at = case when state = 'waiting' then $2::timestamptz end
             where id = $1 and state in ('waiting', 'running')",
            id,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

impl Store {
    /// Claims the next job that is due, abandoned ones included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_job(&self, now: DateTime<Utc>) -> Result<Option<Job>, StoreError> {
        sqlx::query!(
            "update jobs set state = 'failed', finished_at = $1, error = coalesce(error, 'the worker died')
             where state = 'running' and heartbeat_at < $2 and attempts >= max_attempts",
            now,
            now - DEAD_AFTER,
        )
        .execute(&self.pool)
        .await?;
        Ok(sqlx::query_as!(
            Job,
            "update jobs set state = 'running', attempts = attempts + 1, started_at = $1, heartbeat_at = $1, dedup_key = null
             where id = (
                 select id from jobs
                 where (state = 'waiting' and run_at <= $1)
                    or (state = 'running' and heartbeat_at < $2 and attempts < max_attempts)
                 order by run_at
                 for update skip locked
                 limit 1)
             returning id, kind, payload, attempts, max_attempts",
            now,
            now - DEAD_AFTER,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Says that a job is alive and how far it is; answers whether it should stop.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn beat_job(
        &self,
        id: Uuid,
        now: DateTime<Utc>,
        done: i64,
        total: i64,
        note: &str,
    ) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            "update jobs set heartbeat_at = $2, progress_done = $3, progress_total = $4, progress_note = $5
             where id = $1 and state = 'running' returning cancel_requested",
            id,
            now,
            done,
            total,
            note,
        )
        .fetch_optional(&self.pool)
        .await?
        .unwrap_or(true))
    }

    /// Ends a job well.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_job(&self, id: Uuid, now: DateTime<Utc>, result: &Value) -> Result<(), StoreError> {
        sqlx::query!(
            "update jobs set state = 'done', finished_at = $2, result = $3, error = null,
                 progress_done = greatest(progress_total, progress_done)
             where id = $1 and state = 'running'",
            id,
            now,
            result,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Ends an attempt badly: again at `retry_at`, or never.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fail_job(
        &self,
        id: Uuid,
        now: DateTime<Utc>,
        error: &str,
        retry_at: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update jobs set state = case when $4::timestamptz is null then 'failed' else 'waiting' end,
                 run_at = coalesce($4, run_at), error = $3,
                 finished_at = case when $4::timestamptz is null then $2::timestamptz end
             where id = $1 and state = 'running'",
            id,
            now,
            error,
            retry_at,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Ends a job that was asked to stop.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_cancelled_job(&self, id: Uuid, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query!(
            "update jobs set state = 'cancelled', finished_at = $2 where id = $1 and state = 'running'",
            id,
            now
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Removes what was over before that time: jobs that ended, links and sessions that ran out, and mails that were dealt
    /// with. Answers how many rows. What they did stands in the audit log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let jobs = sqlx::query!("delete from jobs where finished_at < $1", before).execute(&self.pool).await?;
        let links = sqlx::query!("delete from mail_links where expires_at < $1", before).execute(&self.pool).await?;
        let mails = sqlx::query!(
            "delete from outbox where created_at < $1 and (state <> 'waiting' or withdrawn_at is not null)
                 -- Whether somebody was told of an end counts as long as it may come.
                 and (kind <> 'homepages' or created_at < $1::timestamptz - interval '1 year')",
            before
        )
        .execute(&self.pool)
        .await?;
        let sessions = sqlx::query!("delete from sessions where expires_at < $1", before).execute(&self.pool).await?;
        Ok(jobs.rows_affected() + links.rows_affected() + mails.rows_affected() + sessions.rows_affected())
    }

    /// Adds up what changed of the numbers that lists show.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fold_counts(&self) -> Result<(), StoreError> {
        sqlx::query!("select fold_counts()").execute(&self.pool).await?;
        Ok(())
    }

    /// A connection that hears when a job is added.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listen_jobs(&self) -> Result<sqlx::postgres::PgListener, StoreError> {
        let mut listener = sqlx::postgres::PgListener::connect_with(&self.pool).await?;
        listener.listen(JOBS).await?;
        Ok(listener)
    }

    /// A connection that hears of jobs and, on the channel [`NEWS`], that there is something new in the log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listen_news(&self) -> Result<sqlx::postgres::PgListener, StoreError> {
        let mut listener = sqlx::postgres::PgListener::connect_with(&self.pool).await?;
        listener.listen_all([JOBS, NEWS]).await?;
        Ok(listener)
    }
}

impl View {
    /// One job.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn job(&mut self, id: Uuid) -> Result<JobStatus, StoreError> {
        Ok(sqlx::query_as!(
            JobStatus,
            "select id, kind, state, progress_done, progress_total, progress_note, error from jobs where id = $1",
            id,
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }

    /// What a job that ended well has to say.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn job_result(&mut self, id: Uuid) -> Result<Option<Value>, StoreError> {
        Ok(sqlx::query_scalar!("select result from jobs where id = $1", id).fetch_one(&mut *self.tx).await?)
    }

    /// Jobs that run or wait, for the bar at the bottom of every page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn active_jobs(&mut self) -> Result<Vec<JobStatus>, StoreError> {
        Ok(sqlx::query_as!(
            JobStatus,
            "select id, kind, state, progress_done, progress_total, progress_note, error from jobs
             where state in ('waiting', 'running') order by created_at limit 5",
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// The job that works on an import now, or will.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job_of_import(&mut self, import: Uuid) -> Result<Option<JobStatus>, StoreError> {
        Ok(sqlx::query_as!(
            JobStatus,
            "select id, kind, state, progress_done, progress_total, progress_note, error from jobs
             where state in ('waiting', 'running') and payload->>'import' = $1 order by created_at limit 1",
            import.to_string(),
        )
        .fetch_optional(&mut *self.tx)
        .await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;
    use sqlx::PgPool;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    async fn add(store: &Store, dedup: Option<&str>) -> Uuid {
        let mut tx = store.begin(&Scope::for_machine("test"), at(0)).await.unwrap();
        let Some(key) = dedup else {
            let id = tx.enqueue("k", &Value::Null).await.unwrap();
            tx.commit().await.unwrap();
            return id;
        };
        tx.enqueue_once("k", Value::Null, key);
        tx.commit().await.unwrap();
        sqlx::query_scalar("select id from jobs where dedup_key = $1").bind(key).fetch_one(&store.pool).await.unwrap()
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_job_is_claimed_once_and_taken_over_when_its_worker_died(pool: PgPool) {
        let store = Store::from_pool(pool);
        let id = add(&store, None).await;
        assert_eq!(store.claim_job(at(0)).await.unwrap().unwrap().id, id);
        assert!(store.claim_job(at(1)).await.unwrap().is_none(), "claimed twice");
        assert!(!store.beat_job(id, at(20), 1, 2, "half").await.unwrap());
        assert!(store.claim_job(at(45)).await.unwrap().is_none(), "its heart beats");
        let again = store.claim_job(at(51)).await.unwrap().unwrap();
        assert_eq!((again.id, again.attempts), (id, 2));
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_failed_job_waits_for_its_retry_and_ends_in_the_end(pool: PgPool) {
        let store = Store::from_pool(pool);
        let id = add(&store, None).await;
        store.claim_job(at(0)).await.unwrap().unwrap();
        store.fail_job(id, at(1), "no", Some(at(60))).await.unwrap();
        assert!(store.claim_job(at(59)).await.unwrap().is_none());
        store.claim_job(at(60)).await.unwrap().unwrap();
        store.fail_job(id, at(61), "no", None).await.unwrap();
        let scope = Scope::for_machine("test");
        assert_eq!(store.view(&scope).await.unwrap().job(id).await.unwrap().state, "failed");
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn jobs_of_one_key_wait_only_once_and_can_be_cancelled(pool: PgPool) {
        let store = Store::from_pool(pool);
        let scope = Scope::for_machine("test");
        let id = add(&store, Some("x")).await;
        assert_eq!(add(&store, Some("x")).await, id);
        store.claim_job(at(0)).await.unwrap().unwrap();
        let second = add(&store, Some("x")).await;
        assert_ne!(second, id, "one that runs may have read too early");
        let mut tx = store.begin(&scope, at(1)).await.unwrap();
        tx.cancel_job(id).await.unwrap();
        tx.cancel_job(second).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.beat_job(id, at(1), 0, 0, "").await.unwrap(), "asked to stop");
        assert_eq!(store.view(&scope).await.unwrap().job(second).await.unwrap().state, "cancelled");
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_key_is_not_held_while_its_work_goes_on(pool: PgPool) {
        let store = Store::from_pool(pool);
        let scope = Scope::for_machine("test");
        let (mut slow, mut quick) =
            (store.begin(&scope, at(0)).await.unwrap(), store.begin(&scope, at(0)).await.unwrap());
        slow.enqueue_once("k", Value::Null, "x");
        quick.enqueue_once("k", Value::Null, "x");
        tokio::time::timeout(std::time::Duration::from_secs(5), quick.commit()).await.expect("waits").unwrap();
        slow.commit().await.unwrap();
        assert!(store.claim_job(at(0)).await.unwrap().is_some());
        assert!(store.claim_job(at(0)).await.unwrap().is_none(), "one does the work of both");
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn what_is_over_goes_and_what_is_not_stays(pool: PgPool) {
        let store = Store::from_pool(pool);
        let (done, open, dropped) = (add(&store, None).await, add(&store, None).await, add(&store, Some("x")).await);
        let mut tx = store.begin(&Scope::for_machine("test"), at(5)).await.unwrap();
        tx.cancel_job(dropped).await.unwrap();
        tx.commit().await.unwrap();
        store.claim_job(at(0)).await.unwrap().unwrap();
        store.finish_job(done, at(5), &Value::Null).await.unwrap();
        store.finish_job(open, at(5), &Value::Null).await.unwrap();
        assert_eq!(store.sweep(at(5)).await.unwrap(), 0, "not yet");
        assert_eq!(store.sweep(at(6)).await.unwrap(), 2, "what ended and what was dropped, not what waits");
    }
}
