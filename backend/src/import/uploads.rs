//! Uploads: taken, planned, applied, cancelled, by page and by API.

use super::jobs::{APPLY, PLAN, Payload};
use crate::{
    http::{
        fault::{Fault, Kind},
        visit::Actor,
    },
    platform::context::Context,
};
use hostler_store::Tx;
use uuid::Uuid;

/// A file's name as it is shown: without folders and control characters.
pub(super) fn shown_name(given: &str) -> String {
    let base = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = base.chars().filter(|c| !c.is_control()).take(100).collect();
    if name.is_empty() { "upload".to_owned() } else { name }
}

fn enqueue(tx: &mut Tx, kind: &str, import: Uuid, actor: &Actor) -> Result<(), Fault> {
    let payload =
        serde_json::to_value(Payload { import, actor: actor.login().email.clone() }).map_err(Fault::internal)?;
    tx.enqueue_once(kind, payload, &format!("{kind}-{import}"));
    Ok(())
}

/// Takes an archive; a job makes its plan.
///
/// # Errors
/// When the database fails.
pub(super) async fn begin(context: &Context, actor: &Actor, name: &str, bytes: &[u8]) -> Result<Uuid, Fault> {
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    let id = tx.create_import(name, Some(bytes), "reading").await?;
    enqueue(&mut tx, PLAN, id, actor)?;
    tx.commit().await?;
    Ok(id)
}

/// Has a job do what was planned.
///
/// # Errors
/// 404 if there is no such import, 412 if it has no plan, or was applied already.
pub(super) async fn apply(context: &Context, actor: &Actor, id: Uuid) -> Result<(), Fault> {
    let row = context.store.view(&actor.scope).await?.import(id).await?;
    if row.state != "planned" {
        return Err(Kind::Stale.into());
    }
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    enqueue(&mut tx, APPLY, id, actor)?;
    tx.commit().await?;
    Ok(())
}

/// Stops a plan or an import that is still running, and gives up a plan that waits; what was applied stays applied.
///
/// # Errors
/// 404 if there is no such import, 409 if it is over.
pub(super) async fn cancel(context: &Context, actor: &Actor, id: Uuid) -> Result<(), Fault> {
    let mut view = context.store.view(&actor.scope).await?;
    let (import, job) = (view.import(id).await?, view.job_of_import(id).await?);
    drop(view);
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    if let Some(job) = &job {
        tx.cancel_job(job.id).await?;
    }
    let applying = job.as_ref().is_some_and(|job| job.kind == APPLY);
    match import.state.as_str() {
        "reading" | "planned" => {}
        _ => return Err(Kind::Conflict.into()),
    }
    if !applying {
        tx.set_import(id, "failed", None, Some("the plan was cancelled")).await?;
    }
    tx.commit().await?;
    Ok(())
}
