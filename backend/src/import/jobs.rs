//! An upload's way: planned by a job, looked at by a person, applied by another job.

use super::{plan::Plan, service};
use crate::platform::{
    context::Context,
    jobs::{JobError, Progress},
};
use hostler_papers::{
    Papers,
    files::{FilesError, PaperFiles},
};
use hostler_store::{Scope, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Reads an upload and makes its plan.
pub const PLAN: &str = "import-plan";
/// Applies a plan.
pub const APPLY: &str = "import-apply";
/// Finds the problems anew.
pub const RECONCILE: &str = "reconcile";

/// Which import.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    /// Id of the import.
    pub import: Uuid,
    /// Who asked for it; stands in the audit log.
    pub actor: String,
}

async fn load(context: &Context, payload: &Value, progress: &Progress) -> Result<(Payload, String, Papers), JobError> {
    let payload = Payload::deserialize(payload).map_err(|e| JobError::Final(e.to_string()))?;
    let scope = Scope::for_machine("import");
    let mut view = context.store.view(&scope).await?;
    let import = view.import(payload.import).await?;
    let upload = view.import_upload(payload.import).await;
    drop(view);
    let bytes = match upload {
        Err(StoreError::NotFound) => return Err(JobError::Final("the upload is no longer there".to_owned())),
        other => other?,
    };
    progress.set(0, 0, &import.source);
    let profiles = context.settings.dns.profiles.clone();
    let step = progress.clone();
    let read = tokio::task::spawn_blocking(move || {
        let files = PaperFiles::from_archive(&bytes)?;
        Ok(Papers::read(&files, &profiles, &mut |done, total, note| step.set(done, total, note)))
    });
    match read.await {
        Ok(Ok(papers)) => Ok((payload, import.source, papers)),
        Ok(Err(error)) => fail(context, payload.import, &error).await,
        Err(error) => Err(JobError::Retry(error.to_string())),
    }
}

async fn fail<T>(context: &Context, import: Uuid, error: &FilesError) -> Result<T, JobError> {
    let mut tx = context.store.begin(&Scope::for_machine("import"), context.clock.now()).await?;
    tx.set_import(import, "failed", None, Some(&error.to_string())).await?;
    tx.commit().await?;
    Err(JobError::Final(error.to_string()))
}

async fn run(context: &Context, payload: &Value, progress: &Progress, dry_run: bool) -> Result<Value, JobError> {
    let (payload, source, papers) = load(context, payload, progress).await?;
    if progress.cancelled() {
        return Err(JobError::Cancelled);
    }
    let scope = Scope::for_machine(&format!("import for {}", payload.actor));
    let own = context.settings.mail.hosts.clone();
    let plan: Plan = service::run(
        &context.store,
        &scope,
        context.clock.clone(),
        papers,
        service::Target { source: &source, import: Some(payload.import), own_mail_hosts: &own },
        dry_run,
    )
    .await?;
    let value = serde_json::to_value(&plan).map_err(|e| JobError::Final(e.to_string()))?;
    let mut tx = context.store.begin(&scope, context.clock.now()).await?;
    tx.set_import(payload.import, if dry_run { "planned" } else { "applied" }, Some(&value), None).await?;
    tx.commit().await?;
    Ok(value)
}

/// Reads an upload and makes its plan.
///
/// # Errors
/// When the upload cannot be read, or the database fails.
pub async fn plan(context: &Context, payload: &Value, progress: &Progress) -> Result<Value, JobError> {
    run(context, payload, progress, true).await
}

/// Applies an import.
///
/// # Errors
/// As [`plan`].
pub async fn apply(context: &Context, payload: &Value, progress: &Progress) -> Result<Value, JobError> {
    run(context, payload, progress, false).await
}

/// Notes that an import's job will not be tried again.
///
/// # Errors
/// When the database fails.
pub async fn given_up(context: &Context, payload: &Value, reason: &str) -> Result<(), StoreError> {
    let Ok(payload) = Payload::deserialize(payload) else { return Ok(()) };
    let mut tx = context.store.begin(&Scope::for_machine("import"), context.clock.now()).await?;
    tx.set_import(payload.import, "failed", None, Some(reason)).await?;
    tx.commit().await
}

/// Finds the problems anew.
///
/// # Errors
/// When the database fails.
pub async fn reconcile(context: &Context) -> Result<Value, JobError> {
    let mut tx = context.store.begin(&Scope::for_machine("reconcile"), context.clock.now()).await?;
    let count = service::refresh_problems(&mut tx, &context.settings.mail.hosts).await?;
    tx.commit().await?;
    Ok(Value::from(count))
}
