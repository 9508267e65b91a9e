//! The form of what a homepage is.

use super::{
    crumbs,
    query::KINDS,
    site::{self, SiteBody},
};
use crate::http::{
    App,
    fault::Fault,
    form::Form,
    list::ListQuery,
    page::{Page, saved},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_store::homepages::HomepageRow;
use hostler_web::{
    pages::site::{self as view, SiteForm},
    ui::{form::FieldErrors, frame::Area},
};
use uuid::Uuid;

fn wanted(form: &Form) -> SiteBody {
    SiteBody {
        name: form.short("name"),
        aliases: form.words("aliases"),
        kind: form.short("kind"),
        root: form.short("root"),
        target: form.one("target").chars().take(1100).collect(),
        tls: form.one("tls") == "1",
    }
}

fn typed(body: SiteBody, old: Option<(Uuid, i32)>) -> SiteForm {
    SiteForm {
        id: old.map(|(id, _)| id.to_string()).unwrap_or_default(),
        revision: old.map_or(0, |(_, revision)| revision),
        name: body.name,
        aliases: body.aliases.join("\n"),
        kind: body.kind,
        root: body.root,
        target: body.target,
        tls: body.tls,
    }
}

fn known(row: HomepageRow) -> SiteForm {
    let HomepageRow { name, aliases, kind, root, target, tls, .. } = row;
    typed(SiteBody { name, aliases, kind, root, target, tls }, Some((row.id, row.revision)))
}

async fn page(
    app: &App,
    actor: &Actor,
    form: SiteForm,
    (status, errors): (StatusCode, FieldErrors),
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let title = if form.id.is_empty() { lang.t("homepage-new") } else { lang.t("homepage-edit") };
    let mut way = crumbs(lang);
    if !form.id.is_empty() {
        way.push((format!("/homepages/{}", form.id), form.name.clone()));
    }
    let page = Page::of(app, &mut view_of, actor, Area::Homepages, title).await?.crumbs(way).status(status);
    Ok(page.body(|lang| view::site(lang, &form, &KINDS, &errors)))
}

/// `GET /homepages/new`
///
/// # Errors
/// When the database fails.
pub(super) async fn new_form(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query = ListQuery::parse(request.query_string());
    let fresh =
        SiteBody { name: query.get("name").to_owned(), kind: "php".to_owned(), tls: true, ..SiteBody::default() };
    page(&app, &actor, typed(fresh, None), (StatusCode::OK, FieldErrors::new())).await
}

/// `POST /homepages/new`
///
/// # Errors
/// When the database fails.
pub(super) async fn create(
    app: web::Data<App>,
    actor: Actor,
    fields: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (lang, wanted) = (actor.visit.lang, wanted(&Form(fields.into_inner())));
    match site::create(&app, &actor, &wanted).await {
        Ok((id, entry)) => Ok(saved(&format!("/homepages/{id}"), lang.t("homepage-made"), Some(entry))),
        Err(error) => page(&app, &actor, typed(wanted, None), error.told(lang)?).await,
    }
}

/// `GET /homepages/{id}/edit`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn edit_form(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let row = app.context.store.view(&actor.scope).await?.homepage(path::parse(&id)?).await?;
    page(&app, &actor, known(row), (StatusCode::OK, FieldErrors::new())).await
}

/// `POST /homepages/{id}/edit`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn edit(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    fields: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang): (Uuid, _) = (path::parse(&id)?, actor.visit.lang);
    let form = Form(fields.into_inner());
    let row = app.context.store.view(&actor.scope).await?.homepage(id).await?;
    // The main name is shown and not typed.
    let wanted = SiteBody { name: row.name, ..wanted(&form) };
    match site::update(&app, &actor, (id, form.revision()), &wanted).await {
        Ok(entry) => Ok(saved(&format!("/homepages/{id}"), lang.t("login-saved"), entry)),
        Err(error) => page(&app, &actor, typed(wanted, Some((id, form.revision()))), error.told(lang)?).await,
    }
}
