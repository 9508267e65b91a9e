//! Runs the jobs of the queue: claims, beats, retries with growing pauses, stops when asked.

use super::context::Context;
use hostler_store::{Scope, StoreError, jobs::Job};
use serde_json::Value;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;

/// How often a running job says that it lives.
const BEAT: Duration = Duration::from_millis(500);
/// How often the queue is looked at without being told.
const POLL: Duration = Duration::from_secs(5);

/// Why an attempt failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Trying again will not help: the reason is for people.
    #[error("{0}")]
    Final(String),
    /// Trying again may help.
    #[error("{0}")]
    Retry(String),
    /// The job was asked to stop, and did.
    #[error("cancelled")]
    Cancelled,
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// What a running job tells and is told.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    state: Arc<Mutex<(i64, i64, String)>>,
    cancelled: Arc<AtomicBool>,
}

impl Progress {
    /// Says how far the job is.
    pub fn set(&self, done: usize, total: usize, note: &str) {
        if let Ok(mut state) = self.state.lock() {
            *state =
                (i64::try_from(done).unwrap_or(i64::MAX), i64::try_from(total).unwrap_or(i64::MAX), note.to_owned());
        }
    }

    /// Whether it should stop.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    fn get(&self) -> (i64, i64, String) {
        self.state.lock().map(|s| s.clone()).unwrap_or_default()
    }
}

/// Runs one job.
async fn perform(context: &Context, job: &Job, progress: &Progress) -> Result<Value, JobError> {
    match job.kind.as_str() {
        crate::import::jobs::PLAN => crate::import::jobs::plan(context, &job.payload, progress).await,
        crate::import::jobs::APPLY => crate::import::jobs::apply(context, &job.payload, progress).await,
        crate::import::jobs::RECONCILE => crate::import::jobs::reconcile(context).await,
        crate::identity::links::RESET => crate::identity::links::reset(context, &job.payload).await,
        crate::domains::bulk::BULK => crate::domains::bulk::run(context, &job.payload, progress).await,
        crate::mail::dkim::ROUND => crate::mail::dkim::round(context).await,
        crate::homepages::SWEEP => crate::homepages::sweep::run(context, &job.payload, progress).await,
        crate::homepages::pictures::PICTURES => crate::homepages::pictures::run(context, &job.payload, progress).await,
        super::mailer::SEND => super::mailer::send(context, progress).await,
        other => Err(JobError::Final(format!("this program has no worker for {other}"))),
    }
}

/// Claims and runs the next job that is due; answers whether there was one.
///
/// # Errors
/// When the database fails.
pub async fn run_next(context: &Context) -> Result<bool, StoreError> {
    let Some(job) = context.store.claim_job(context.clock.now()).await? else { return Ok(false) };
    let progress = Progress::default();
    let work = perform(context, &job, &progress);
    tokio::pin!(work);
    let mut beat = tokio::time::interval(BEAT);
    let result = loop {
        tokio::select! {
            result = &mut work => break result,
            _ = beat.tick() => {
                let (done, total, note) = progress.get();
                if context.store.beat_job(job.id, context.clock.now(), done, total, &note).await? {
                    progress.cancelled.store(true, Ordering::Relaxed);
                }
            }
        }
    };
    let now = context.clock.now();
    let (done, total, note) = progress.get();
    context.store.beat_job(job.id, now, done, total, &note).await?;
    match result {
        Ok(value) => context.store.finish_job(job.id, now, &value).await?,
        Err(JobError::Cancelled) => context.store.end_cancelled_job(job.id, now).await?,
        Err(JobError::Final(reason)) => {
            tracing::warn!(job = %job.id, kind = job.kind, reason, "job failed");
            context.store.fail_job(job.id, now, &reason, None).await?;
        }
        Err(JobError::Retry(reason)) => {
            tracing::warn!(job = %job.id, kind = job.kind, attempt = job.attempts, reason, "job failed");
            let again = job.attempts < job.max_attempts;
            let pause = chrono::Duration::seconds(5 * i64::from(job.attempts).pow(2));
            if !again {
                crate::import::jobs::given_up(context, &job.payload, &reason).await?;
            }
            context.store.fail_job(job.id, now, &reason, again.then_some(now + pause)).await?;
        }
    }
    Ok(true)
}

/// Queues the sending of mails that had to wait and are due now.
///
/// # Errors
/// When the database fails.
pub async fn wake_mailer(context: &Context) -> Result<(), StoreError> {
    let now = context.clock.now();
    if context.store.next_mail().await?.is_some_and(|at| at <= now) {
        let mut tx = context.store.begin_identity(&Scope::for_machine("mailer"), now).await?;
        tx.enqueue_once(super::mailer::SEND, Value::Null, super::mailer::SEND);
        tx.commit().await?;
    }
    Ok(())
}

/// What is over is kept for so long, for people who look back.
const KEEP: chrono::Duration = chrono::Duration::days(90);

/// Runs jobs until `stop` says so. A job that runs then is finished first.
pub async fn work(context: Context, mut stop: watch::Receiver<bool>) {
    let mut listener = None;
    let mut sweep_at = context.clock.now();
    while !*stop.borrow() {
        let now = context.clock.now();
        if now >= sweep_at {
            sweep_at = now + chrono::Duration::hours(1);
            if let Err(error) = context.store.sweep(now - KEEP).await {
                tracing::warn!(%error, "what is over cannot be removed");
            }
            if let Err(error) = context.store.fold_counts().await {
                tracing::warn!(%error, "the numbers of the lists cannot be added up");
            }
            if let Err(error) = crate::mail::dkim::wake(&context).await {
                tracing::warn!(%error, "the keys of the mail cannot be read");
            }
            if let Err(error) = crate::homepages::wake(&context).await {
                tracing::warn!(%error, "the homepages cannot be read");
            }
        }
        if listener.is_none() {
            listener = context.store.listen_jobs().await.ok();
        }
        if let Err(error) = wake_mailer(&context).await {
            tracing::warn!(%error, "the outbox cannot be read");
        }
        match run_next(&context).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the job queue cannot be read"),
        }
        let heard = async {
            match &mut listener {
                Some(listener) => listener.recv().await.is_ok(),
                None => std::future::pending().await,
            }
        };
        let lost = tokio::select! {
            heard = heard => !heard,
            () = tokio::time::sleep(POLL) => false,
            _ = stop.changed() => false,
        };
        if lost {
            listener = None;
        }
    }
}
