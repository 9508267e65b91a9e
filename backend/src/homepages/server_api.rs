//! Web servers in the API.

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
use hostler_store::web_servers::WebServerRow;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A web server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebServer)]
pub(super) struct ServerItem {
    id: Uuid,
    #[serde(flatten)]
    data: ServerData,
    /// How many homepages are to move to it.
    homepages: i64,
    /// State, for `If-Match` as `"r1"`.
    revision: i32,
}

/// An address that homepages are led to by our zones, or that virtual hosts of the papers answer at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LearnedAddress)]
pub(super) struct LearnedItem {
    address: String,
    homepages: i64,
    /// Whether it is taken for an old server of ours as long as no old server is named.
    ours: bool,
}

/// All web servers, by name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebServers)]
pub(super) struct ServersBody {
    items: Vec<ServerItem>,
    /// What the papers say.
    learned: Vec<LearnedItem>,
}

/// `GET /api/v1/web-servers`
///
/// # Errors
/// When the database fails.
pub(super) async fn list(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    let rows = view.web_servers().await?;
    let (led, moves) = (view.led_to().await?, view.moves_by_server().await?);
    let learned = crate::observe::ours::learned(&led);
    let item = |s: WebServerRow| ServerItem {
        id: s.id,
        data: ServerData::from(&s.data),
        homepages: moves.get(&s.id).copied().unwrap_or(0),
        revision: s.revision,
    };
    let of = |l: &hostler_store::web_servers::LedTo| LearnedItem {
        address: l.address.to_string(),
        homepages: l.homepages,
        ours: learned.contains(&l.address),
    };
    Ok(json(&ServersBody {
        items: rows.into_iter().map(item).collect(),
        learned: led.iter().take(100).map(of).collect(),
    }))
}

/// `POST /api/v1/web-servers`
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

/// `PUT /api/v1/web-servers/{id}`
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

/// `DELETE /api/v1/web-servers/{id}`
///
/// # Errors
/// 404, 412, 428.
pub(super) async fn delete(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    servers::drop(&app, &actor, (path::parse(&id)?, if_match(&request)?), None).await?;
    Ok(HttpResponse::NoContent().finish())
}
