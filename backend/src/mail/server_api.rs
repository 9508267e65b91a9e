//! Mail servers in the API.

use super::servers::{self, ServerData};
use crate::http::{
    App,
    api::{if_match, json, made, once},
    body,
    fault::Fault,
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::mail_servers::MailServerRow;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A mail server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailServer)]
pub(super) struct ServerItem {
    id: Uuid,
    #[serde(flatten)]
    data: ServerData,
    /// How many mailboxes live on it.
    mailboxes: i64,
    /// State, for `If-Match` as `"r1"`.
    revision: i32,
}

/// All mail servers, by name. None: there is one, without a name, that does everything.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailServers)]
pub(super) struct ServersBody {
    items: Vec<ServerItem>,
}

/// `GET /api/v1/mail-servers`
///
/// # Errors
/// When the database fails.
pub(super) async fn list(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let rows = app.context.store.view(&actor.scope).await?.mail_servers().await?;
    let item = |s: MailServerRow| ServerItem {
        id: s.id,
        data: ServerData::from(&s.data),
        mailboxes: s.mailboxes,
        revision: s.revision,
    };
    Ok(json(&ServersBody { items: rows.into_iter().map(item).collect() }))
}

/// `POST /api/v1/mail-servers`
///
/// # Errors
/// 409, 422.
pub(super) async fn add(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let wanted: ServerData = body::parse(&bytes)?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let (id, _) = servers::save(app_ref, actor_ref, None, &wanted, None).await?;
        Ok(made(id))
    })
    .await
}

/// `PUT /api/v1/mail-servers/{id}`
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
    let wanted: ServerData = body::parse(&bytes)?;
    servers::save(&app, &actor, Some((id, if_match(&request)?)), &wanted, None).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /api/v1/mail-servers/{id}`
///
/// # Errors
/// 404, 412, 422 if mailboxes live on it, 428.
pub(super) async fn delete(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    servers::drop(&app, &actor, (path::parse(&id)?, if_match(&request)?), None).await?;
    Ok(HttpResponse::NoContent().finish())
}
