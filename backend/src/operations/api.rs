//! Oneself, and jobs, in the API.

use crate::http::{App, api::json, fault::Fault, path, visit::Actor};
use actix_web::{HttpResponse, web};
use hostler_core::access::Action;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who is asking.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MeBody {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    customer_id: Option<Uuid>,
    reseller_id: Option<Uuid>,
    /// What may be done, by this token or session.
    actions: Vec<String>,
}

/// `GET /api/v1/me`
pub(super) async fn me(actor: Actor) -> HttpResponse {
    let login = actor.login();
    json(&MeBody {
        id: login.id,
        email: login.email.clone(),
        name: login.name.clone(),
        role: actor.role().as_str().to_owned(),
        customer_id: actor.customer(),
        reseller_id: login.reseller_id,
        actions: Action::ALL.into_iter().filter(|a| actor.may(*a)).map(|a| a.as_str().to_owned()).collect(),
    })
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct JobBody {
    id: Uuid,
    kind: String,
    /// `waiting`, `running`, `done`, `failed` or `cancelled`.
    state: String,
    progress_done: i64,
    /// 0 while unknown.
    progress_total: i64,
    progress_note: String,
    /// Why it failed last.
    error: Option<String>,
}

/// `GET /api/v1/jobs/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn job(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    let job = app.context.store.view(&actor.scope).await?.job(id).await?;
    Ok(json(&JobBody {
        id: job.id,
        kind: job.kind,
        state: job.state,
        progress_done: job.progress_done,
        progress_total: job.progress_total,
        progress_note: job.progress_note,
        error: job.error,
    }))
}
