//! From how many points on mail for a zone's domain is spam, as a form and in the API.

use super::{
    pages::load,
    signing::{domain_of, explained},
};
use crate::http::{App, api::json, body, fault::Fault, page::saved, path, visit::Actor};
use actix_web::{HttpResponse, web};
use hostler_core::mail::SpamLevel;
use hostler_store::{View, audit::Change, spam::SpamRow};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// From how many points of the filter on mail for a domain is spam; null: as everywhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SpamLevels)]
pub(super) struct SpamBody {
    /// It is marked, and sorted into Junk by programs that heed that: 6 where nothing is set.
    #[schema(minimum = 2, maximum = 15)]
    pub(super) mark_at: Option<i16>,
    /// It is refused: 15 where nothing is set.
    #[schema(minimum = 8, maximum = 30)]
    pub(super) refuse_at: Option<i16>,
}

fn judged(body: SpamBody) -> Result<SpamRow, Fault> {
    let mut wrong = Vec::new();
    // A mail to people of several domains is judged by one of them, so no domain may let all through or nothing.
    if body.mark_at.is_some_and(|n| !(2..=15).contains(&n)) {
        wrong.push(("mark_at", "from 2 to 15 points, or as everywhere".to_owned()));
    }
    if body.refuse_at.is_some_and(|n| !(8..=30).contains(&n)) {
        wrong.push(("refuse_at", "from 8 to 30 points, or as everywhere".to_owned()));
    }
    let mark = body.mark_at.unwrap_or(SpamLevel::MARK_AT);
    if wrong.is_empty() && body.refuse_at.unwrap_or(SpamLevel::REFUSE_AT) < mark {
        wrong.push(("refuse_at", format!("mail would be refused before it is marked, at {mark} points")));
    }
    let row = SpamRow { mark_at: body.mark_at, refuse_at: body.refuse_at };
    if wrong.is_empty() { Ok(row) } else { Err(Fault::named(wrong)) }
}

impl From<SpamRow> for SpamBody {
    fn from(row: SpamRow) -> Self {
        Self { mark_at: row.mark_at, refuse_at: row.refuse_at }
    }
}

/// What is set for a zone's domain; nothing if it has none here.
///
/// # Errors
/// 404 if there is no such zone for this view.
pub(super) async fn of_zone(view: &mut View, zone: Uuid) -> Result<SpamRow, Fault> {
    Ok(match view.zone_domain(zone).await? {
        Some(domain) => view.spam_level(domain).await?,
        None => SpamRow::default(),
    })
}

/// Sets it; answers the place in the log, if something differs.
async fn set(app: &App, actor: &Actor, zone: Uuid, wanted: SpamBody) -> Result<Option<i64>, Fault> {
    let domain = domain_of(app, actor, zone).await?;
    let row = judged(wanted)?;
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    let old = tx.set_spam_level(domain, row).await?;
    if old.set == row {
        return Ok(None);
    }
    let change = Change::new("set-spam-levels", ("zone", zone), &old.name).customer(old.customer_id);
    let entry = tx.audit(change.before(Some(&SpamBody::from(old.set))).after(Some(&SpamBody::from(row)))).await?;
    tx.commit().await?;
    Ok(Some(entry))
}

/// `GET /api/v1/zones/{id}/mail/spam`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub(super) async fn show(app: web::Data<App>, actor: Actor, zone: web::Path<String>) -> Result<HttpResponse, Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    Ok(json(&SpamBody::from(of_zone(&mut view, path::parse(&zone)?).await?)))
}

/// `PUT /api/v1/zones/{id}/mail/spam`
///
/// # Errors
/// 404, 422.
pub(super) async fn put(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let zone: Uuid = path::parse(&zone)?;
    let wanted: SpamBody = body::parse(&bytes)?;
    set(&app, &actor, zone, wanted).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /zones/{id}/mail/spam`
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub(super) async fn submit(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    form: web::Form<BTreeMap<String, String>>,
) -> Result<HttpResponse, Fault> {
    let (zone, lang): (Uuid, _) = (path::parse(&zone)?, actor.visit.lang);
    load(&app, &mut app.context.store.view(&actor.scope).await?, zone).await?;
    let points = |name: &str| match form.get(name).map_or("", |v| v.trim()) {
        "" => None,
        // What is no number is out of bounds, and told so.
        text => Some(text.parse().unwrap_or(0)),
    };
    let wanted = SpamBody { mark_at: points("mark_at"), refuse_at: points("refuse_at") };
    match set(&app, &actor, zone, wanted).await {
        Ok(entry) => Ok(saved(&format!("/zones/{zone}/mail"), lang.t("login-saved"), entry)),
        Err(fault) => explained(&app, &actor, zone, fault).await,
    }
}
