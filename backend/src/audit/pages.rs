//! The log's pages.

use super::service::{self, filter, text, undoable};
use crate::http::{
    App,
    fault::Fault,
    list::ListQuery,
    page::{Page, done},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::audit::Entry;
use hostler_web::{
    i18n::Lang,
    pages::audit::{self as view, EntryLine},
    time::{Tz, date_time},
    ui::frame::Area,
};

/// Where the thing of an entry is.
fn href(entry: &Entry) -> Option<String> {
    match entry.entity.as_str() {
        // What was unmade has no page.
        "zone" if entry.action == "unmake-zone" || (entry.undone && entry.action == "create-zone") => None,
        "zone" => Some(format!("/zones/{}", entry.entity_id)),
        "customer" => Some(format!("/customers/{}", entry.entity_id)),
        "template" => Some("/templates".to_owned()),
        "homepage" if entry.after.is_none() || (entry.undone && entry.action == "create-homepage") => None,
        "homepage" => Some(format!("/homepages/{}", entry.entity_id)),
        "web-server" => Some("/homepages/servers".to_owned()),
        "login" => Some(entry.customer_id.map_or("/logins".to_owned(), |id| format!("/logins?customer={id}"))),
        _ => None,
    }
}

fn line(entry: Entry, actor: &Actor, zone: Tz, lang: Lang) -> EntryLine {
    EntryLine {
        id: entry.id,
        at: date_time(entry.at, zone, lang),
        href: href(&entry),
        before: text(entry.before.as_ref()),
        after: text(entry.after.as_ref()),
        undoable: undoable(&entry).is_some_and(|action| actor.may(action)),
        actor: entry.actor,
        via: entry.via,
        address: entry.address,
        action: entry.action,
        label: entry.label,
        undone: entry.undone,
        request: entry.request_id,
    }
}

/// `GET /audit`
///
/// # Errors
/// When the database fails.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let query = ListQuery::parse(request.query_string());
    let mut view = app.context.store.view(&actor.scope).await?;
    let found = view.audit(&filter(&query, zone), query.page()).await?;
    let actions = view.audit_actions().await?;
    let state = query.state("/audit", &["q", "action", "from", "until", "entity", "id", "batch"], found.total);
    let lines = found.items.into_iter().map(|e| line(e, &actor, zone, lang)).collect();
    let csv = format!("/audit.csv?{}", request.query_string());
    let page = Page::of(&app, &mut view, &actor, Area::Audit, lang.t("nav-audit")).await?.flash(&request);
    Ok(page.body(|lang| view::log(lang, &state, actions, lines, csv)))
}

/// `GET /audit/{entry}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn one(
    app: web::Data<App>,
    actor: Actor,
    entry: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let mut view = app.context.store.view(&actor.scope).await?;
    let found = line(view.audit_entry(path::parse(&entry)?).await?, &actor, zone, lang);
    let title = view::action_text(lang, &found.action);
    let crumbs = vec![("/audit".to_owned(), lang.t("nav-audit").to_owned())];
    let page = Page::of(&app, &mut view, &actor, Area::Audit, &title).await?.crumbs(crumbs).flash(&request);
    Ok(page.body(|lang| view::entry(lang, &found)))
}

/// `POST /audit/{entry}/undo`
///
/// # Errors
/// 404 if there is none for this visitor, 409 if it cannot be taken back any more.
pub(super) async fn undo(app: web::Data<App>, actor: Actor, entry: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (mut found, several) = service::undo(&app, &actor, path::parse(&entry)?).await?;
    found.undone = true;
    // What was about many is looked at where all of them are.
    let all = (several && found.entity == "homepage").then(|| "/homepages".to_owned());
    Ok(done(&all.or_else(|| href(&found)).unwrap_or_else(|| "/audit".to_owned()), actor.visit.lang.t("undone")))
}
