//! Templates of new zones in the API.

use super::create::{self, CreateError};
use crate::http::{
    App,
    api::{if_match, json, made, once},
    body,
    fault::Fault,
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A template.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateItem {
    id: Uuid,
    name: String,
    /// A zone text with variables such as `{{ipv4}}`.
    content: String,
    /// Its variables.
    variables: Vec<String>,
    /// State, for `If-Match` as `"r1"`.
    revision: i32,
}

/// All templates, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplatesBody {
    items: Vec<TemplateItem>,
}

/// A template to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateBody {
    #[schema(max_length = 60)]
    name: String,
    #[schema(max_length = 65536)]
    content: String,
}

impl From<CreateError> for Fault {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Store(error) => error.into(),
            CreateError::Fields(fields) => Self::named(fields),
        }
    }
}

/// `GET /api/v1/templates`
///
/// # Errors
/// When the database fails.
pub(super) async fn list(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let rows = app.context.store.view(&actor.scope).await?.zone_templates().await?;
    let item = |t: hostler_store::templates::TemplateRow| TemplateItem {
        variables: create::variables(&t),
        id: t.id,
        name: t.name,
        content: t.content,
        revision: t.revision,
    };
    Ok(json(&TemplatesBody { items: rows.into_iter().map(item).collect() }))
}

/// `POST /api/v1/templates`
///
/// # Errors
/// 409, 422.
pub(super) async fn add(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let wanted: TemplateBody = body::parse(&bytes)?;
    let (context, actor_ref) = (&app.context, &actor);
    once(context, &actor, &request, &bytes, || async move {
        let id = create::save_template(context, actor_ref, None, (&wanted.name, &wanted.content)).await?;
        Ok(made(id))
    })
    .await
}

/// `PUT /api/v1/templates/{id}`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn update(
    app: web::Data<App>,
    actor: Actor,
    template: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let id = path::parse(&template)?;
    let wanted: TemplateBody = body::parse(&bytes)?;
    let old = Some((id, if_match(&request)?));
    create::save_template(&app.context, &actor, old, (&wanted.name, &wanted.content)).await?;
    Ok(HttpResponse::NoContent().finish())
}
