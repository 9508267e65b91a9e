//! Papers and reconciliation in the API.

use super::{plan::Plan, uploads};
use crate::{
    http::{
        App,
        api::{Item, Listing, json, once},
        body,
        fault::{Fault, Kind},
        path,
        visit::Actor,
    },
    list_query,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use futures_util::StreamExt as _;
use hostler_core::{access::Action, reconcile::Kind as ProblemKind};
use hostler_store::imports::ImportRow;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An import of papers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportItem {
    id: Uuid,
    /// Name of the archive or folder.
    source: String,
    created_at: String,
    created_by: String,
    /// `reading`, `planned`, `applied` or `failed`.
    state: String,
    /// Why it failed.
    error: Option<String>,
}

/// The latest imports, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportsBody {
    items: Vec<ImportItem>,
}

/// One import with its plan.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportBody {
    #[serde(flatten)]
    import: ImportItem,
    /// What it would do, or did: numbers to `create`, `update`, `identical` and in `conflict`, and each line that is not taken over.
    #[schema(value_type = Option<Object>)]
    plan: Option<serde_json::Value>,
    /// The job that works on it, if one does.
    job: Option<Uuid>,
}

/// What an upload is called.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct UploadQuery {
    /// Name of the archive, for people.
    #[param(max_length = 100)]
    source: Option<String>,
}

/// An upload that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UploadedBody {
    id: Uuid,
}

impl From<ImportRow> for ImportItem {
    fn from(row: ImportRow) -> Self {
        Self {
            id: row.id,
            source: row.source,
            created_at: row.created_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            created_by: row.created_by,
            state: row.state,
            error: row.error,
        }
    }
}

/// `GET /api/v1/imports`
///
/// # Errors
/// When the database fails.
pub(super) async fn list(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let rows = app.context.store.view(&actor.scope).await?.imports().await?;
    Ok(json(&ImportsBody { items: rows.into_iter().map(Into::into).collect() }))
}

/// `POST /api/v1/imports`: a zip or tar as the body; a job makes the plan.
///
/// # Errors
/// 400 without one, 413 if it is larger than `import.max_upload_mb`.
pub(super) async fn upload(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    mut payload: web::Payload,
) -> Result<HttpResponse, Fault> {
    actor.must(Action::ImportPapers)?;
    let query: UploadQuery = body::query(&request)?;
    let most = usize::try_from(app.context.settings.import.max_upload_mb).unwrap_or(64) << 20;
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Kind::BadRequest)?;
        if bytes.len() + chunk.len() > most {
            return Err(Kind::TooLarge.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    if bytes.is_empty() {
        return Err(Fault::field("body", "a zip or tar of the papers"));
    }
    let bytes = bytes.freeze();
    let name = uploads::shown_name(query.source.as_deref().unwrap_or_default());
    let (context, actor_ref, bytes_ref) = (&app.context, &actor, &bytes);
    once(context, &actor, &request, &bytes, || async move {
        let id = uploads::begin(context, actor_ref, &name, bytes_ref).await?;
        Ok((202, serde_json::to_value(UploadedBody { id }).map_err(Fault::internal)?))
    })
    .await
}

/// `GET /api/v1/imports/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn one(app: web::Data<App>, actor: Actor, import: web::Path<String>) -> Result<HttpResponse, Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    let mut row = view.import(path::parse(&import)?).await?;
    let job = view.job_of_import(row.id).await?.map(|job| job.id);
    // What is read here is what a command prints: the same names, whatever an older program has kept.
    let plan: Option<Plan> = row.plan.take().and_then(|plan| serde_json::from_value(plan).ok());
    let plan = plan.map(serde_json::to_value).transpose().map_err(Fault::internal)?;
    Ok(json(&ImportBody { import: row.into(), plan, job }))
}

/// `POST /api/v1/imports/{id}/apply`
///
/// # Errors
/// 404, 412 if there is no plan, or it was applied already.
pub(super) async fn apply(app: web::Data<App>, actor: Actor, import: web::Path<String>) -> Result<HttpResponse, Fault> {
    actor.must(Action::ImportPapers)?;
    uploads::apply(&app.context, &actor, path::parse(&import)?).await?;
    Ok(HttpResponse::build(StatusCode::ACCEPTED).finish())
}

/// `POST /api/v1/imports/{id}/cancel`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn cancel(
    app: web::Data<App>,
    actor: Actor,
    import: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    actor.must(Action::ImportPapers)?;
    uploads::cancel(&app.context, &actor, path::parse(&import)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

list_query! {
    /// What of the problems.
    ProblemsQuery {
        /// Code of the kind.
        kind: String,
    }
}

/// Something in which two papers do not agree.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaperProblem)]
pub(super) struct ProblemItem {
    /// Code of its kind.
    kind: String,
    /// What it is about.
    subject: String,
    detail: String,
}

impl Item for ProblemItem {
    const COLUMNS: &'static [&'static str] = &["kind", "subject", "detail"];
}

/// `GET /api/v1/problems`
///
/// # Errors
/// The parameter that is wrong.
pub(super) async fn problems(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query: ProblemsQuery = body::query(&request)?;
    let listing = Listing::read(&request, query.part(), &["kind"])?;
    let kind = match query.kind.as_deref() {
        None => None,
        Some(code) => {
            let codes = || ProblemKind::ALL.iter().map(|k| k.code()).collect::<Vec<_>>().join(", ");
            Some(ProblemKind::parse(code).ok_or_else(|| Fault::field("kind", format!("one of {}", codes())))?)
        }
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let found = view.problems(kind, query.q.as_deref().unwrap_or_default(), listing.page).await?;
    let facets = BTreeMap::from([("kind", view.problem_counts().await?.into_iter().collect())]);
    let item =
        |p: hostler_store::problems::ProblemRow| ProblemItem { kind: p.kind, subject: p.subject, detail: p.detail };
    listing.answer("problems", found.items.into_iter().map(item).collect(), found.total, facets).await
}
