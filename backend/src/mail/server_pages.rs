//! The page of the mail servers.

use super::{
    forms::Form,
    pages::{crumbs, errors},
    servers::{self, ServerData},
};
use crate::http::{
    App,
    fault::Fault,
    list::ListQuery,
    page::{Page, done, saved},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_store::mail_servers::MailServerRow;
use hostler_web::{
    pages::mail_servers::{self as view, ServerForm, ServerLine},
    ui::{form::FieldErrors, frame::Area},
};
use uuid::Uuid;

fn form(id: String, revision: i32, data: ServerData) -> ServerForm {
    ServerForm {
        id,
        revision,
        name: data.name,
        host_name: data.host_name,
        address: data.address,
        roles: data.roles,
        takes_new: data.takes_new,
    }
}

async fn page(
    app: &App,
    actor: &Actor,
    chosen: &str,
    typed: Option<ServerForm>,
    (status, errors): (StatusCode, FieldErrors),
    request: Option<&HttpRequest>,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let rows = view_of.mail_servers().await?;
    let line = |s: &MailServerRow| ServerLine {
        form: form(s.id.to_string(), s.revision, ServerData::from(&s.data)),
        mailboxes: s.mailboxes,
    };
    let lines: Vec<ServerLine> = rows.iter().map(line).collect();
    let typed =
        typed.or_else(|| lines.iter().find(|l| l.form.id == chosen).map(|l| l.form.clone())).unwrap_or_default();
    let mut page = Page::of(app, &mut view_of, actor, Area::Mail, lang.t("servers")).await?;
    if let Some(request) = request {
        page = page.flash(request);
    }
    Ok(page.crumbs(crumbs(lang)).status(status).body(|lang| view::servers(lang, &lines, &typed, &errors)))
}

/// `GET /mail/servers`
///
/// # Errors
/// When the database fails.
pub(super) async fn show(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query = ListQuery::parse(request.query_string());
    page(&app, &actor, query.get("edit"), None, (StatusCode::OK, FieldErrors::new()), Some(&request)).await
}

/// `POST /mail/servers`
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
    let short = |name: &str| typed.one(name).chars().take(300).collect::<String>();
    let wanted = ServerData {
        name: short("name"),
        host_name: short("host_name"),
        address: short("address"),
        roles: typed.all("roles"),
        takes_new: typed.one("takes_new") == "1",
    };
    match servers::save(&app, &actor, old, &wanted, None).await {
        Ok((_, entry)) => Ok(saved("/mail/servers", lang.t("login-saved"), Some(entry))),
        Err(error) => {
            let said = errors(lang, error)?;
            let again = form(old.map(|(id, _)| id.to_string()).unwrap_or_default(), typed.revision(), wanted);
            page(&app, &actor, "", Some(again), said, None).await
        }
    }
}

/// `POST /mail/servers/{id}/delete`
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
        Ok(()) => Ok(done("/mail/servers", lang.t("server-dropped"))),
        Err(error) => page(&app, &actor, &id.to_string(), None, errors(lang, error)?, None).await,
    }
}
