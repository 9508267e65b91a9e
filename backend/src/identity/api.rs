//! Logins of a household in the API.

use super::people::{self, Invitation};
use crate::http::{
    App,
    api::{if_match, json, once},
    body,
    fault::{Fault, Kind},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_core::access::Side;
use hostler_store::users::{Household, LoginRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Whose logins.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct HouseholdQuery {
    /// The customer; without it the house itself, or one's own customer.
    customer: Option<Uuid>,
}

/// A login.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoginItem {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    /// Whether it may log in.
    enabled: bool,
    created_at: String,
    last_login_at: Option<String>,
    /// For `If-Match`: `"r` and this number and `"`.
    revision: i32,
}

/// An invitation that was not taken up yet.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InvitedItem {
    email: String,
    at: String,
    /// `waiting`, `sent`, `failed` or `bounced`.
    mail: String,
}

/// The logins of a household.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoginsBody {
    items: Vec<LoginItem>,
    invited: Vec<InvitedItem>,
}

/// Somebody to be invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InviteBody {
    #[schema(max_length = 254)]
    email: String,
    #[schema(max_length = 100)]
    name: String,
    role: String,
    /// Number of the reseller, for a reseller's login.
    #[serde(default)]
    reseller: String,
}

/// What of a login can be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginPatch {
    #[schema(max_length = 100)]
    name: String,
    role: String,
}

/// Somebody whose invitation is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WithdrawBody {
    #[schema(max_length = 254)]
    email: String,
}

/// On or off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EnabledBody {
    enabled: bool,
}

fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

impl From<LoginRow> for LoginItem {
    fn from(l: LoginRow) -> Self {
        Self {
            id: l.id,
            email: l.email,
            name: l.name,
            role: l.role.as_str().to_owned(),
            enabled: l.disabled_at.is_none(),
            created_at: time(l.created_at),
            last_login_at: l.last_login_at.map(time),
            revision: l.revision,
        }
    }
}

fn household(actor: &Actor, request: &HttpRequest) -> Result<Household, Fault> {
    let query: HouseholdQuery = body::query(request)?;
    match (actor.customer(), query.customer) {
        // A customer's people have their own household; that they named another one is no slip to pass over.
        (Some(own), Some(other)) if own != other => Err(Kind::NotFound.into()),
        (Some(own), _) => Ok(Household::Customer(own)),
        (None, Some(id)) => Ok(Household::Customer(id)),
        (None, None) if actor.side() == Side::Staff => Ok(Household::House),
        (None, None) => Err(Fault::field("customer", "say which of your customers")),
    }
}

/// `GET /api/v1/logins`
///
/// # Errors
/// 404 if there is no such customer for this visitor.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let household = household(&actor, &request)?;
    let mut view = app.context.store.view(&actor.scope).await?;
    if let Household::Customer(id) = household {
        view.customer(id).await?;
    }
    let items = view.logins(household).await?.into_iter().map(Into::into).collect();
    let invited = view
        .invited(household)
        .await?
        .into_iter()
        .map(|i| InvitedItem { email: i.email, at: time(i.at), mail: i.state })
        .collect();
    Ok(json(&LoginsBody { items, invited }))
}

/// `POST /api/v1/logins`
///
/// # Errors
/// 404, 409, 422.
pub(super) async fn invite(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let household = household(&actor, &request)?;
    let wanted: InviteBody = body::parse(&bytes)?;
    let wanted = Invitation { email: wanted.email, name: wanted.name, role: wanted.role, reseller: wanted.reseller };
    let (app_ref, actor_ref): (&App, _) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        people::invite(&app_ref.context, actor_ref, household, &wanted).await?;
        Ok((202, serde_json::json!({})))
    })
    .await
}

/// `POST /api/v1/logins/withdraw`
///
/// # Errors
/// 404 if that address was not invited.
pub(super) async fn withdraw(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let household = household(&actor, &request)?;
    let wanted: WithdrawBody = body::parse(&bytes)?;
    people::withdraw(&app.context, &actor, household, &wanted.email).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `PATCH /api/v1/logins/{id}`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn update(
    app: web::Data<App>,
    actor: Actor,
    login: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let (id, household) = (path::parse(&login)?, household(&actor, &request)?);
    let patch: LoginPatch = body::parse(&bytes)?;
    let revision = if_match(&request)?;
    people::update(&app.context, &actor, household, (id, revision), (&patch.name, &patch.role)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `PUT /api/v1/logins/{id}/enabled`
///
/// # Errors
/// 404, 409.
pub(super) async fn switch(
    app: web::Data<App>,
    actor: Actor,
    login: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let (id, household) = (path::parse(&login)?, household(&actor, &request)?);
    let wanted: EnabledBody = body::parse(&bytes)?;
    people::switch(&app.context, &actor, household, id, wanted.enabled).await?;
    Ok(HttpResponse::NoContent().finish())
}
