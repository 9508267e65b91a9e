//! The page of the web servers.

use super::servers::{self, ServerData};
use crate::http::{
    App,
    fault::Fault,
    form::Form,
    list::ListQuery,
    page::{Page, done, saved},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_store::web_servers::WebServerRow;
use hostler_web::{
    pages::web_servers::{self as view, LearnedLine, ServerForm, ServerLine},
    ui::{form::FieldErrors, frame::Area},
};
use uuid::Uuid;

fn form(id: String, revision: i32, data: ServerData) -> ServerForm {
    ServerForm {
        id,
        revision,
        name: data.name,
        side: data.side,
        addresses: data.addresses.join("\n"),
        php: data.php,
        takes_new: data.takes_new,
    }
}

async fn page(
    app: &App,
    actor: &Actor,
    query: &ListQuery,
    typed: Option<ServerForm>,
    (status, errors): (StatusCode, FieldErrors),
    request: Option<&HttpRequest>,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let rows = view_of.web_servers().await?;
    let (led, moves) = (view_of.led_to().await?, view_of.moves_by_server().await?);
    let ours = crate::observe::ours::learned(&led);
    let line = |s: &WebServerRow| ServerLine {
        form: form(s.id.to_string(), s.revision, ServerData::from(&s.data)),
        homepages: moves.get(&s.id).copied().unwrap_or(0),
    };
    let lines: Vec<ServerLine> = rows.iter().map(line).collect();
    // What the papers say is a server as soon as somebody says what it is called.
    let has_old = rows.iter().any(|s| !s.data.is_new);
    let learned = led
        .iter()
        .filter(|l| !rows.iter().any(|s| s.data.addresses.contains(&l.address)))
        .take(20)
        .map(|l| LearnedLine {
            address: l.address.to_string(),
            homepages: l.homepages,
            ours: !has_old && ours.contains(&l.address),
        })
        .collect();
    let fresh = ServerForm {
        side: if query.get("address").is_empty() { "new" } else { "old" }.to_owned(),
        addresses: query.get("address").to_owned(),
        php: "8.2".to_owned(),
        ..ServerForm::default()
    };
    let chosen = query.get("edit");
    let typed = typed.or_else(|| lines.iter().find(|l| l.form.id == chosen).map(|l| l.form.clone())).unwrap_or(fresh);
    let mut page = Page::of(app, &mut view_of, actor, Area::Homepages, lang.t("web-servers")).await?;
    if let Some(request) = request {
        page = page.flash(request);
    }
    let page = page.crumbs(super::crumbs(lang)).status(status);
    Ok(page.body(|lang| view::servers(lang, &lines, learned, &typed, &errors)))
}

/// `GET /homepages/servers`
///
/// # Errors
/// When the database fails.
pub(super) async fn show(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query = ListQuery::parse(request.query_string());
    page(&app, &actor, &query, None, (StatusCode::OK, FieldErrors::new()), Some(&request)).await
}

/// `POST /homepages/servers`
///
/// # Errors
/// 404 if there is no such server.
pub(super) async fn save(
    app: web::Data<App>,
    actor: Actor,
    fields: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (lang, typed) = (actor.visit.lang, Form(fields.into_inner()));
    let old = match typed.one("id").as_str() {
        "" => None,
        id => Some((path::parse(id)?, typed.revision())),
    };
    let wanted = ServerData {
        name: typed.short("name"),
        side: typed.short("side"),
        addresses: typed.words("addresses"),
        php: typed.short("php"),
        takes_new: typed.one("takes_new") == "1",
    };
    match servers::save(&app, &actor, old, &wanted, None).await {
        Ok((_, entry)) => Ok(saved("/homepages/servers", lang.t("login-saved"), Some(entry))),
        Err(error) => {
            let said = error.told(lang)?;
            let again = form(old.map(|(id, _)| id.to_string()).unwrap_or_default(), typed.revision(), wanted);
            page(&app, &actor, &ListQuery::parse(""), Some(again), said, None).await
        }
    }
}

/// `POST /homepages/servers/{id}/delete`
///
/// # Errors
/// 404 if there is no such server.
pub(super) async fn delete(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    fields: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang): (Uuid, _) = (path::parse(&id)?, actor.visit.lang);
    let revision = Form(fields.into_inner()).revision();
    match servers::drop(&app, &actor, (id, revision), None).await {
        Ok(()) => Ok(done("/homepages/servers", lang.t("web-server-dropped"))),
        Err(error) => page(&app, &actor, &ListQuery::parse(""), None, error.told(lang)?, None).await,
    }
}
