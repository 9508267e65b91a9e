//! Where one is logged in.

use super::account_pages::page;
use crate::http::{App, fault::Fault, page::done, path, visit::Actor};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_web::{
    pages::account::{self as view, SessionLine},
    time::date_time,
};

/// `GET /account/sessions`
///
/// # Errors
/// When the database fails.
pub(super) async fn sessions(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let this = actor.session()?.id();
    let found = app.context.store.sessions_of(actor.login().id, app.context.clock.now()).await?;
    let lines = found
        .into_iter()
        .map(|s| SessionLine {
            id: s.id.to_string(),
            began: date_time(s.created_at, zone, lang),
            seen: date_time(s.last_seen_at, zone, lang),
            address: s.address,
            agent: s.agent,
            this: s.id == this,
        })
        .collect();
    Ok(page(&app, &actor).await?.flash(&request).body(|lang| view::sessions(lang, lines)))
}

/// `POST /account/sessions/{id}/end`
///
/// # Errors
/// 404 if there is none.
pub(super) async fn end_session(
    app: web::Data<App>,
    actor: Actor,
    other: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let mut tx = app.context.store.begin_identity(&actor.own(), app.context.clock.now()).await?;
    tx.end_session(actor.login().id, path::parse(&other)?).await?;
    tx.commit().await?;
    Ok(done("/account/sessions", actor.visit.lang.t("session-ended")))
}

/// `POST /account/sessions/end-others`
///
/// # Errors
/// When the database fails.
pub(super) async fn end_other_sessions(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let this = actor.session()?.id();
    let mut tx = app.context.store.begin_identity(&actor.own(), app.context.clock.now()).await?;
    tx.end_sessions(actor.login().id, Some(this)).await?;
    tx.commit().await?;
    Ok(done("/account/sessions", actor.visit.lang.t("session-ended")))
}
