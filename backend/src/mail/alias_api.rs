//! Aliases one by one in the API.

use super::aliases;
use crate::http::{
    App,
    api::{if_match, made, once, tagged},
    body,
    fault::Fault,
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::aliases::AliasRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An alias.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alias)]
pub(super) struct AliasBody {
    id: Uuid,
    /// `local@domain`, or `@domain` for a catch-all.
    address: String,
    customer_id: Option<Uuid>,
    targets: Vec<String>,
}

/// An alias to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAliasBody {
    #[schema(max_length = 320)]
    address: String,
    #[schema(max_items = 200)]
    targets: Vec<String>,
}

/// Other targets for an alias.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetsBody {
    #[schema(max_items = 200)]
    targets: Vec<String>,
}

fn alias(a: AliasRow) -> HttpResponse {
    tagged(a.revision, &AliasBody { id: a.id, address: a.address, customer_id: a.customer_id, targets: a.targets })
}

/// `GET /api/v1/aliases/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn one(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    Ok(alias(app.context.store.view(&actor.scope).await?.alias(id).await?))
}

/// `POST /api/v1/aliases`
///
/// # Errors
/// 409, 422.
pub(super) async fn create(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let wanted: NewAliasBody = body::parse(&bytes)?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let id = aliases::create(app_ref, actor_ref, &wanted.address, &wanted.targets).await?;
        Ok(made(id))
    })
    .await
}

/// `PATCH /api/v1/aliases/{id}`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn update(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    let wanted: TargetsBody = body::parse(&bytes)?;
    let (row, _) = aliases::update(&app, &actor, (id, if_match(&request)?), &wanted.targets, None).await?;
    Ok(alias(row))
}

/// `DELETE /api/v1/aliases/{id}`
///
/// # Errors
/// 404, 412, 428.
pub(super) async fn delete(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    aliases::delete(&app, &actor, path::parse(&id)?, if_match(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
