//! Looks at many homepages: by the command line, or as a job that tells how far it is.

use crate::{
    http::{App, visit::Actor},
    observe::{
        ours::Ours,
        sweep::{Prober, Seen},
    },
    platform::{
        context::Context,
        jobs::{JobError, Progress},
        random::hex,
    },
};
use chrono::{DateTime, Duration, Utc};
use futures_util::StreamExt as _;
use hostler_core::web::{Class, Decision, Held, Known, propose, settle};
use hostler_store::{
    Scope, StoreError,
    looks::{LookRow, ToLook, Which},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The job that looks at homepages.
pub const SWEEP: &str = "homepages-sweep";
/// Looks that are written together.
const TOGETHER: usize = 200;

/// Why homepages were not looked at.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// Nothing can be seen from here, or the settings are wrong.
    #[error("{0}")]
    Blind(String),
    /// Somebody looks already.
    #[error("homepages are being looked at already")]
    Taken,
    /// It was asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// The database failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// What is to be looked at, as the job keeps it.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    which: Which,
}

/// What is held to be true after a look; nothing, if it failed here: that says nothing of who is there.
#[must_use]
pub fn held(seen: &Seen) -> Option<Held> {
    (!seen.look.is_blind()).then(|| settle(seen.target.held, seen.verdict.class))
}

/// What is proposed for a homepage after a look.
fn proposed(seen: &Seen, held: Held, now: i64) -> Option<Decision> {
    propose(&Known {
        class: held.class,
        in_doubt: held.doubt.is_some(),
        signals: &seen.verdict.signals,
        is_redirect: seen.target.is_redirect,
        mail_is_used: seen.target.mail_is_used,
        hits: seen.target.hits,
        uploaded: seen.target.uploaded_at.map(|at| at.timestamp()),
        now,
    })
}

fn row(seen: &Seen, at: DateTime<Utc>) -> Option<LookRow<'_>> {
    let held = held(seen)?;
    let proposal = proposed(seen, held, at.timestamp());
    Some(LookRow { homepage: seen.target.id, look: &seen.look, verdict: &seen.verdict, held, proposal })
}

async fn keep(context: &Context, scope: &Scope, seen: &[Seen], at: DateTime<Utc>) -> Result<(), StoreError> {
    let rows: Vec<LookRow<'_>> = seen.iter().filter_map(|s| row(s, at)).collect();
    let mut tx = context.store.begin(scope, at).await?;
    tx.keep_looks(&rows, at).await?;
    tx.commit().await
}

/// Looks at homepages, keeps what was seen, and hands it on; answers how many there are of each class.
///
/// # Errors
/// See [`SweepError`]; what was seen until then is kept.
pub async fn sweep(
    context: &Context,
    scope: &Scope,
    which: &Which,
    progress: &Progress,
    mut told: impl FnMut(Seen, DateTime<Utc>),
) -> Result<BTreeMap<Class, usize>, SweepError> {
    // Held until the end, and let go of when this process dies. Who wants to know of a few does not wait for all.
    let mut place = context.store.view(scope).await?;
    if !matches!(which, Which::Ids(_)) && !place.begin_sweep().await? {
        return Err(SweepError::Taken);
    }
    let targets: Vec<ToLook> = place.homepages_to_look_at(which).await?;
    let ours = Ours::find(&mut place, &context.settings.probe).await?;
    let prober = Prober::new(&context.settings, ours, context.clock.now()).map_err(SweepError::Blind)?;
    prober.can_see().await.map_err(SweepError::Blind)?;
    let total = targets.len();
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    let mut done = 0;
    let note = |counts: &BTreeMap<Class, usize>| {
        counts.iter().map(|(class, n)| format!("{} {n}", class.as_str())).collect::<Vec<_>>().join(", ")
    };
    progress.set(0, total, "");
    let mut chunks = std::pin::pin!(prober.sweep(targets).ready_chunks(TOGETHER));
    while let Some(seen) = chunks.next().await {
        let at = context.clock.now();
        keep(context, scope, &seen, at).await?;
        done += seen.len();
        for one in seen {
            *counts.entry(one.verdict.class).or_default() += 1;
            told(one, at);
        }
        progress.set(done, total, &note(&counts));
        if progress.cancelled() {
            return Err(SweepError::Cancelled);
        }
    }
    drop(place);
    note_day(context, scope).await?;
    Ok(counts)
}

/// Notes how many homepages there are of each class and decision today, as people here have it.
///
/// # Errors
/// When the database fails.
pub async fn note_day(context: &Context, scope: &Scope) -> Result<(), StoreError> {
    let now = context.clock.now();
    let mut tx = context.store.begin(scope, now).await?;
    tx.note_day(now.with_timezone(&context.settings.time_zone.0).date_naive()).await?;
    tx.commit().await
}

/// The job.
///
/// # Errors
/// When nothing can be seen, or the database fails.
pub async fn run(context: &Context, payload: &Value, progress: &Progress) -> Result<Value, JobError> {
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(|e| JobError::Final(e.to_string()))?;
    // What is seen is the panel's to keep, whoever asked.
    let scope = Scope::for_machine("probe");
    match sweep(context, &scope, &payload.which, progress, |_, _| {}).await {
        Ok(counts) => {
            let mut tx = context.store.begin(&scope, context.clock.now()).await?;
            super::pictures::ask(context, &mut tx, &payload.which);
            tx.commit().await?;
            let counts: BTreeMap<&str, usize> = counts.into_iter().map(|(c, n)| (c.as_str(), n)).collect();
            Ok(serde_json::to_value(counts).unwrap_or_default())
        }
        Err(SweepError::Cancelled) => Err(JobError::Cancelled),
        Err(SweepError::Blind(reason)) => Err(JobError::Final(reason)),
        Err(error @ (SweepError::Taken | SweepError::Store(_))) => Err(JobError::Retry(error.to_string())),
    }
}

/// A list of homepages as a part of a key, which an index holds.
pub(super) fn listed(ids: &[Uuid]) -> String {
    hex(&ids.iter().fold(Sha256::new(), Sha256::chain_update).finalize())
}

/// Asks for a look at homepages; one that waits already does the work of both.
///
/// # Errors
/// When the database fails.
pub async fn ask(app: &App, actor: &Actor, which: Which) -> Result<Uuid, StoreError> {
    let key = match &which {
        Which::Named(text) if text.is_empty() => format!("{SWEEP} all"),
        Which::InDoubt => format!("{SWEEP} in doubt"),
        // An index holds no key of any length.
        Which::Named(text) => format!("{SWEEP} named {}", hex(&Sha256::digest(text))),
        Which::Ids(ids) => format!("{SWEEP} of {}", listed(ids)),
    };
    let payload = Payload { which };
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    let id = tx.enqueue_for(SWEEP, &serde_json::to_value(payload).unwrap_or_default(), &key).await?;
    tx.commit().await?;
    Ok(id)
}

/// Whether it is time to look at all homepages again, or at those that were doubted.
///
/// # Errors
/// When the database fails.
pub async fn wake(context: &Context) -> Result<(), StoreError> {
    let scope = Scope::for_machine("probe");
    let now = context.clock.now();
    note_day(context, &scope).await?;
    let every = context.settings.probe.every_hours;
    if every == 0 {
        return Ok(());
    }
    let all = format!("{SWEEP} all");
    let of_all = serde_json::to_value(Payload { which: Which::Named(String::new()) }).unwrap_or_default();
    let last = context.store.view(&scope).await?.last_sweep(SWEEP, &of_all).await?;
    // This is asked once an hour, and a look takes a while.
    let due = last.is_none_or(|at| now - at >= Duration::hours(i64::from(every)) - Duration::minutes(30));
    let which = if due { Which::Named(String::new()) } else { Which::InDoubt };
    let mut tx = context.store.begin(&scope, now).await?;
    let key = if due { all } else { format!("{SWEEP} in doubt") };
    let payload = Payload { which };
    tx.enqueue_once(SWEEP, serde_json::to_value(payload).unwrap_or_default(), &key);
    tx.commit().await
}
