//! The handbook's pages.

use super::{IMAGES, PAGES, render::render};
use crate::http::{
    App,
    fault::{Fault, Kind},
    page::Page,
    visit::Actor,
};
use actix_web::{HttpResponse, http::header, web};
use hostler_web::{i18n::Lang, pages::handbook::handbook, ui::frame::Area};

async fn show(app: &App, actor: &Actor, name: &str) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let (_, de, en) = PAGES.iter().find(|(n, ..)| *n == name).ok_or(Kind::NotFound)?;
    let text = if lang == Lang::De { de } else { en };
    let (title, html) = render(text);
    let mut view = app.context.store.view(&actor.scope).await?;
    let crumbs = if name == "index" { Vec::new() } else { vec![("/help".to_owned(), lang.t("nav-help").to_owned())] };
    let page = Page::of(app, &mut view, actor, Area::Help, &title).await?.crumbs(crumbs);
    Ok(page.body(|_| handbook(html)))
}

/// `GET /help`
///
/// # Errors
/// When the database fails.
pub(super) async fn index(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    show(&app, &actor, "index").await
}

/// `GET /help/{page}`
///
/// # Errors
/// 404 if there is no such page.
pub(super) async fn page(app: web::Data<App>, actor: Actor, name: web::Path<String>) -> Result<HttpResponse, Fault> {
    show(&app, &actor, &name).await
}

/// `GET /help/images/{file}`
///
/// # Errors
/// 404 if there is no such picture.
pub(super) async fn image(_: Actor, file: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (_, octets) = IMAGES.iter().find(|(name, _)| *name == file.as_str()).ok_or(Kind::NotFound)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/png"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600"))
        .body(*octets))
}
