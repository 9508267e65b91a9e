//! What homepages are, in the API.

use super::site::{self, SiteBody};
use crate::http::{
    App,
    api::{if_match, made, once},
    body,
    fault::Fault,
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};

/// `POST /api/v1/homepages`
///
/// # Errors
/// 409, 422.
pub(super) async fn create(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let wanted: SiteBody = body::parse(&bytes)?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let (id, _) = site::create(app_ref, actor_ref, &wanted).await?;
        Ok(made(id))
    })
    .await
}

/// `PUT /api/v1/homepages/{id}`
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
    let wanted: SiteBody = body::parse(&bytes)?;
    site::update(&app, &actor, (id, if_match(&request)?), &wanted).await?;
    Ok(HttpResponse::NoContent().finish())
}
