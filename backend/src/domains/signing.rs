//! The keys of a zone's mail, as pages and in the API. What a key may do stands in [`crate::mail::dkim`].

use super::{mail_records::refused, pages::load};
use crate::{
    http::{
        App,
        api::{json, once},
        body,
        fault::{Fault, Kind},
        page::done,
        path,
        visit::Actor,
    },
    mail::dkim,
};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use hostler_core::mail::dkim::Algorithm;
use hostler_store::{View, dkim::KeyRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A key with which a domain's mail is signed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DkimKey {
    id: Uuid,
    /// Its name below `_domainkey`.
    selector: String,
    /// `rsa2048` or `ed25519`.
    algorithm: String,
    /// `waiting` for its record, `signing`, `retiring` (its record is still needed) or `retired`.
    state: String,
    /// The text of its record.
    record: String,
    created_at: DateTime<Utc>,
    /// When its record was first answered.
    seen_at: Option<DateTime<Utc>>,
    signing_at: Option<DateTime<Utc>>,
    retiring_at: Option<DateTime<Utc>>,
    retired_at: Option<DateTime<Utc>>,
}

/// The keys of a domain.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DkimKeys {
    items: Vec<DkimKey>,
}

/// Keys to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDkimKeys {
    /// `rsa2048`, `ed25519` or both.
    #[schema(min_items = 1, max_items = 2)]
    algorithms: Vec<String>,
    /// A name of one's own, for one key: letters, digits and hyphens.
    #[serde(default)]
    #[schema(max_length = 63, nullable, required = false)]
    selector: Option<String>,
}

/// Whether a key signs although its record was not seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignBody {
    /// Sign although the DNS does not answer with it: receivers will call the mail forged until it does.
    #[serde(default)]
    #[schema(required = false)]
    force: bool,
}

fn item(row: KeyRow) -> Result<DkimKey, Fault> {
    Ok(DkimKey {
        record: row.public()?.text(),
        state: row.state().as_str().to_owned(),
        id: row.id,
        selector: row.selector,
        algorithm: row.algorithm,
        created_at: row.created_at,
        seen_at: row.seen_at,
        signing_at: row.signing_at,
        retiring_at: row.retiring_at,
        retired_at: row.retired_at,
    })
}

/// The domain of a zone that this visitor sees.
pub(super) async fn domain_of(app: &App, actor: &Actor, zone: Uuid) -> Result<Uuid, Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    let domain = view.zone_domain(zone).await?;
    domain.ok_or_else(|| Fault::field("zone", "the zone belongs to no domain here"))
}

/// A key of a zone that this visitor sees.
async fn key_of(app: &App, actor: &Actor, zone: Uuid, key: Uuid) -> Result<KeyRow, Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    let domain = view.zone_domain(zone).await?;
    let row = view.dkim_key(key).await?;
    if domain == Some(row.domain_id) { Ok(row) } else { Err(Kind::NotFound.into()) }
}

/// The keys of a zone's domain; none if it has no domain here.
///
/// # Errors
/// 404 if there is no such zone for this view.
pub(super) async fn keys(view: &mut View, zone: Uuid) -> Result<Vec<KeyRow>, Fault> {
    Ok(match view.zone_domain(zone).await? {
        Some(domain) => view.dkim_keys(domain).await?,
        None => Vec::new(),
    })
}

async fn listed(app: &App, actor: &Actor, zone: Uuid) -> Result<DkimKeys, Fault> {
    let keys = keys(&mut app.context.store.view(&actor.scope).await?, zone).await?;
    Ok(DkimKeys { items: keys.into_iter().map(item).collect::<Result<_, _>>()? })
}

/// `GET /api/v1/zones/{id}/mail/keys`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub(super) async fn list(app: web::Data<App>, actor: Actor, zone: web::Path<String>) -> Result<HttpResponse, Fault> {
    Ok(json(&listed(&app, &actor, path::parse(&zone)?).await?))
}

/// `POST /api/v1/zones/{id}/mail/keys`
///
/// # Errors
/// 404, 409, 422.
pub(super) async fn create(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let zone: Uuid = path::parse(&zone)?;
    let wanted: NewDkimKeys = body::parse(&bytes)?;
    let algorithms = wanted.algorithms.iter().map(|a| {
        Algorithm::parse(a).ok_or_else(|| Fault::field("algorithms", format!("`{a}` is none of rsa2048 and ed25519")))
    });
    let algorithms = algorithms.collect::<Result<Vec<_>, _>>()?;
    let domain = domain_of(&app, &actor, zone).await?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let made = dkim::make(app_ref, actor_ref, domain, &algorithms, wanted.selector.as_deref()).await?;
        let mut keys = listed(app_ref, actor_ref, zone).await?;
        keys.items.retain(|k| made.contains(&k.id));
        Ok((201, serde_json::to_value(keys).map_err(Fault::internal)?))
    })
    .await
}

type KeyPath = web::Path<(String, String)>;

fn ids(path: &KeyPath) -> Result<(Uuid, Uuid), Fault> {
    Ok((path::parse(&path.0)?, path::parse(&path.1)?))
}

/// `POST /api/v1/zones/{id}/mail/keys/{key}/sign`
///
/// # Errors
/// 404, 422.
pub(super) async fn sign(
    app: web::Data<App>,
    actor: Actor,
    path: KeyPath,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let (zone, key) = ids(&path)?;
    let wanted: SignBody = body::parse(&bytes)?;
    dkim::sign(&app, &actor, &key_of(&app, &actor, zone, key).await?, wanted.force).await?;
    Ok(json(&item(key_of(&app, &actor, zone, key).await?)?))
}

/// `POST /api/v1/zones/{id}/mail/keys/{key}/retire`
///
/// # Errors
/// 404, 422 for a key that does not sign.
pub(super) async fn retire(app: web::Data<App>, actor: Actor, path: KeyPath) -> Result<HttpResponse, Fault> {
    let (zone, key) = ids(&path)?;
    dkim::retire(&app, &actor, &key_of(&app, &actor, zone, key).await?).await?;
    Ok(json(&item(key_of(&app, &actor, zone, key).await?)?))
}

/// `DELETE /api/v1/zones/{id}/mail/keys/{key}`
///
/// # Errors
/// 404, 422 for a key that has signed.
pub(super) async fn delete(app: web::Data<App>, actor: Actor, path: KeyPath) -> Result<HttpResponse, Fault> {
    let (zone, key) = ids(&path)?;
    dkim::drop_key(&app, &actor, &key_of(&app, &actor, zone, key).await?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /zones/{id}/mail/keys`: one of each kind.
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub(super) async fn submit_new(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let (zone, lang): (Uuid, _) = (path::parse(&zone)?, actor.visit.lang);
    load(&app, &mut app.context.store.view(&actor.scope).await?, zone).await?;
    let made = match domain_of(&app, &actor, zone).await {
        Ok(domain) => dkim::make(&app, &actor, domain, &Algorithm::ALL, None).await.map_err(Fault::from),
        Err(fault) => Err(fault),
    };
    answer(&app, &actor, zone, made.map(|_| lang.t("dkim-made"))).await
}

/// `POST /zones/{id}/mail/keys/{key}/sign`
///
/// # Errors
/// 404.
pub(super) async fn submit_sign(app: web::Data<App>, actor: Actor, path: KeyPath) -> Result<HttpResponse, Fault> {
    let (zone, key) = ids(&path)?;
    let row = key_of(&app, &actor, zone, key).await?;
    let signed = dkim::sign(&app, &actor, &row, false).await.map_err(Fault::from);
    answer(&app, &actor, zone, signed.map(|()| actor.visit.lang.t("dkim-signs"))).await
}

/// `POST /zones/{id}/mail/keys/{key}/retire`
///
/// # Errors
/// 404.
pub(super) async fn submit_retire(app: web::Data<App>, actor: Actor, path: KeyPath) -> Result<HttpResponse, Fault> {
    let (zone, key) = ids(&path)?;
    let row = key_of(&app, &actor, zone, key).await?;
    let retired = dkim::retire(&app, &actor, &row).await.map_err(Fault::from);
    answer(&app, &actor, zone, retired.map(|()| actor.visit.lang.t("dkim-retires"))).await
}

/// `POST /zones/{id}/mail/keys/{key}/delete`
///
/// # Errors
/// 404.
pub(super) async fn submit_delete(app: web::Data<App>, actor: Actor, path: KeyPath) -> Result<HttpResponse, Fault> {
    let (zone, key) = ids(&path)?;
    let row = key_of(&app, &actor, zone, key).await?;
    let dropped = dkim::drop_key(&app, &actor, &row).await.map_err(Fault::from);
    answer(&app, &actor, zone, dropped.map(|()| actor.visit.lang.t("dkim-deleted"))).await
}

/// The page once more with the reasons of a fault, where it has some.
pub(super) async fn explained(app: &App, actor: &Actor, zone: Uuid, fault: Fault) -> Result<HttpResponse, Fault> {
    if fault.fields.is_empty() {
        return Err(fault);
    }
    refused(app, actor, zone, fault.fields.into_iter().map(|(_, reason)| reason)).await
}

/// Back to the page with a note, or the page with what is wrong.
async fn answer(app: &App, actor: &Actor, zone: Uuid, done_or: Result<&str, Fault>) -> Result<HttpResponse, Fault> {
    match done_or {
        Ok(text) => Ok(done(&format!("/zones/{zone}/mail#keys"), text)),
        Err(fault) => explained(app, actor, zone, fault).await,
    }
}
