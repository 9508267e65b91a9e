//! The pages of a mailbox.

use super::{
    change, change_pages,
    forms::{Form, over, reply, settings, typed},
    service::{self, MailError},
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
use hostler_core::{access::Action, mail::Secret};
use hostler_store::{
    StoreError, View,
    app_passwords::AppPasswordRow,
    mailboxes::{MailboxData, MailboxRow},
};
use hostler_web::{
    i18n::Lang,
    pages::mail::{self as view, AppLine, MailboxForm, MailboxPage, Place},
    time::{Tz, date_time, size},
    ui::{form::FieldErrors, frame::Area},
};
use uuid::Uuid;

/// Errors to show again, or the fault.
pub(super) fn errors(lang: Lang, error: MailError) -> Result<(StatusCode, FieldErrors), Fault> {
    // The field of a new password has the name by which browsers know it.
    let name = |name: &'static str| match name {
        "password" => "new_password",
        "server" => "to_server",
        other => other,
    };
    let (status, told) = error.told(lang)?;
    Ok((status, told.into_iter().map(|(field, reason)| (name(field), reason)).collect()))
}

/// The way to a page of this feature.
pub(super) fn crumbs(lang: Lang) -> Vec<(String, String)> {
    vec![("/mail".to_owned(), lang.t("nav-mail").to_owned())]
}

/// What is known of a mailbox: key of the name, text.
pub(super) fn facts(mailbox: &MailboxRow, lang: Lang, zone: Tz) -> Vec<(&'static str, String)> {
    vec![
        ("col-size", mailbox.bytes.map(|b| size(b, lang)).unwrap_or_default()),
        ("col-files", mailbox.files.map(|n| n.to_string()).unwrap_or_default()),
        ("mailbox-seen-at", mailbox.seen_at.map(|at| date_time(at, zone, lang)).unwrap_or_default()),
        ("col-last-login", mailbox.last_login_at.map(|at| date_time(at, zone, lang)).unwrap_or_default()),
        ("mailbox-password-at", mailbox.password_at.map(|at| date_time(at, zone, lang)).unwrap_or_default()),
    ]
}

/// What is wrong with a password of that scheme, or with none.
pub(super) fn warning(lang: Lang, scheme: Option<&str>) -> Option<String> {
    match scheme {
        None => Some(lang.t("mailbox-no-password").to_owned()),
        Some(scheme) if Secret::scheme_is_weak(scheme) => Some(lang.f("mailbox-weak-password", &[("scheme", &scheme)])),
        Some(_) => None,
    }
}

/// Passwords of devices as lines.
pub(super) fn app_lines(apps: Vec<AppPasswordRow>, lang: Lang, zone: Tz) -> Vec<AppLine> {
    let line = |a: AppPasswordRow| {
        let names: Vec<&str> = a.protocols.iter().filter_map(|p| lang.find(&format!("protocol-{p}"))).collect();
        AppLine {
            id: a.id.to_string(),
            label: a.label,
            protocols: names.join(", "),
            made: date_time(a.created_at, zone, lang),
        }
    };
    apps.into_iter().map(line).collect()
}

/// What a page shows besides the mailbox itself.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) typed: Option<Form>,
    pub(super) label: String,
    pub(super) made: Option<(String, String)>,
    pub(super) errors: FieldErrors,
    pub(super) status: StatusCode,
}

/// What a page shows after a device's password was made, or was not.
///
/// # Errors
/// What is no fault of the form's.
pub(super) fn app_password(lang: Lang, label: String, made: Result<(Uuid, String), MailError>) -> Result<Shown, Fault> {
    match made {
        Ok((_, password)) => Ok(Shown { made: Some((label.trim().to_owned(), password)), ..Shown::default() }),
        Err(error) => {
            let (status, mut errors) = errors(lang, error)?;
            if let Some(reason) = errors.remove("protocols") {
                errors.insert("app_protocols", reason);
            }
            Ok(Shown { label, errors, status, ..Shown::default() })
        }
    }
}

/// Where a mailbox lives, for its form.
async fn place(view: &mut View, id: Uuid) -> Result<Place, Fault> {
    let servers = change::homes(view).await?;
    let placed = view.placements(&[id]).await?.pop().ok_or(StoreError::NotFound)?.placement;
    let held = if placed.held { "1" } else { "0" }.to_owned();
    Ok(Place { servers, server: placed.server.unwrap_or_default(), held })
}

async fn show(
    app: &App,
    actor: &Actor,
    id: Uuid,
    shown: Shown,
    request: Option<&HttpRequest>,
) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let mailbox: MailboxRow = view_of.mailbox(id).await?;
    let apps = view_of.app_passwords(id).await?;
    let page = MailboxPage {
        id: id.to_string(),
        address: mailbox.address.clone(),
        revision: mailbox.revision,
        facts: facts(&mailbox, lang, zone),
        warning: warning(lang, mailbox.password_scheme.as_deref()),
        apps: app_lines(apps, lang, zone),
        edit: actor.may(Action::EditMail),
        made: shown.made,
        place: if actor.may(Action::ServeMail) { Some(place(&mut view_of, id).await?) } else { None },
    };
    let mut form = typed(&mailbox.address, &mailbox.data);
    if let Some(typed) = &shown.typed {
        form = over(form, typed);
    }
    form.label = shown.label;
    let errors = shown.errors;
    let mut frame = Page::of(app, &mut view_of, actor, Area::Mail, &mailbox.address)
        .await?
        .crumbs(crumbs(lang))
        .status(shown.status);
    if let Some(request) = request {
        frame = frame.flash(request);
    }
    Ok(frame.body(|lang| view::mailbox(lang, page, &form, &errors)))
}

/// `GET /mailboxes/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn one(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    show(&app, &actor, path::parse(&id)?, Shown::default(), Some(&request)).await
}

/// `POST /mailboxes/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn save(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang, form): (Uuid, _, _) = (path::parse(&id)?, actor.visit.lang, Form(form.into_inner()));
    let (patch, wrong) = if form.one("part") == "reply" { reply(&form) } else { settings(&form) };
    let result = if wrong.is_empty() {
        service::update(&app, (&actor).into(), (id, form.revision()), &patch).await
    } else {
        Err(MailError::Fields(wrong))
    };
    match result {
        Ok((_, entry)) => Ok(saved(&format!("/mailboxes/{id}"), lang.t("login-saved"), entry)),
        Err(error) => {
            let (status, errors) = errors(lang, error)?;
            show(&app, &actor, id, Shown { typed: Some(form), errors, status, ..Shown::default() }, None).await
        }
    }
}

/// `POST /mailboxes/{id}/place`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn set_place(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang, form): (Uuid, _, _) = (path::parse(&id)?, actor.visit.lang, Form(form.into_inner()));
    let done = match change_pages::placed(&form) {
        Some(wanted) => change::change_at(&app, &actor, (&[id], Some(form.revision())), &wanted, false).await,
        None => Ok(change::Outcomes::default()),
    };
    let (status, errors) = match done {
        Ok(done) => match done.rows.into_iter().find(|row| !row.wrong.is_empty()) {
            None => return Ok(saved(&format!("/mailboxes/{id}"), lang.t("login-saved"), done.entry)),
            Some(row) => errors(lang, MailError::Fields(row.wrong))?,
        },
        Err(error) => errors(lang, error)?,
    };
    show(&app, &actor, id, Shown { errors, status, ..Shown::default() }, None).await
}

/// `POST /mailboxes/{id}/password`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn set_password(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang, form): (Uuid, _, _) = (path::parse(&id)?, actor.visit.lang, Form(form.into_inner()));
    let chosen = Some(form.one("new_password")).filter(|p| !p.is_empty());
    match service::set_password(&app, &actor.scope, id, chosen.as_deref()).await {
        Ok(_) if chosen.is_some() => Ok(done(&format!("/mailboxes/{id}"), lang.t("mailbox-password-set"))),
        Ok(password) => {
            let made = Some((lang.t("mailbox-password").to_owned(), password));
            show(&app, &actor, id, Shown { made, ..Shown::default() }, None).await
        }
        Err(error) => {
            let (status, errors) = errors(lang, error)?;
            show(&app, &actor, id, Shown { errors, status, ..Shown::default() }, None).await
        }
    }
}

/// `POST /mailboxes/{id}/app-passwords`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn add_app_password(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang, form): (Uuid, _, _) = (path::parse(&id)?, actor.visit.lang, Form(form.into_inner()));
    let label = form.one("label");
    let made = service::add_app_password(&app, &actor.scope, id, &label, &form.all("app_protocols")).await;
    show(&app, &actor, id, app_password(lang, label, made)?, None).await
}

/// `POST /mailboxes/{id}/app-passwords/{app}/revoke`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn revoke_app_password(
    app: web::Data<App>,
    actor: Actor,
    ids: web::Path<(String, String)>,
) -> Result<HttpResponse, Fault> {
    let (id, app_password) = ids.into_inner();
    let (id, app_password): (Uuid, Uuid) = (path::parse(&id)?, path::parse(&app_password)?);
    service::revoke_app_password(&app, &actor.scope, id, app_password).await?;
    Ok(done(&format!("/mailboxes/{id}"), actor.visit.lang.t("app-revoked")))
}

/// `POST /mailboxes/{id}/delete`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn delete(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang, form): (Uuid, _, _) = (path::parse(&id)?, actor.visit.lang, Form(form.into_inner()));
    match service::delete(&app, &actor, id, form.revision()).await {
        Ok(()) => Ok(done("/mail", lang.t("mailbox-deleted"))),
        Err(error) => {
            let (status, errors) = errors(lang, error)?;
            show(&app, &actor, id, Shown { errors, status, ..Shown::default() }, None).await
        }
    }
}

async fn new_page(
    app: &App,
    actor: &Actor,
    typed: MailboxForm,
    errors: FieldErrors,
    status: StatusCode,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let page = Page::of(app, &mut view_of, actor, Area::Mail, lang.t("mailbox-new"))
        .await?
        .crumbs(crumbs(lang))
        .status(status);
    Ok(page.body(|lang| view::new_mailbox(lang, &typed, &errors)))
}

/// `GET /mailboxes/new`
///
/// # Errors
/// When the database fails.
pub(super) async fn new_form(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query = ListQuery::parse(request.query_string());
    let form = typed(query.get("address"), &MailboxData::default());
    new_page(&app, &actor, form, FieldErrors::new(), StatusCode::OK).await
}

/// `POST /mailboxes/new`
///
/// # Errors
/// When the database fails.
pub(super) async fn create(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (lang, form) = (actor.visit.lang, Form(form.into_inner()));
    let (patch, wrong) = settings(&form);
    let chosen = Some(form.one("new_password")).filter(|p| !p.is_empty());
    let address = form.one("address");
    let result = if wrong.is_empty() {
        service::create(&app, &actor, &address, chosen.as_deref(), &patch).await
    } else {
        Err(MailError::Fields(wrong))
    };
    match result {
        Ok((id, _)) if chosen.is_some() => Ok(done(&format!("/mailboxes/{id}"), lang.t("mailbox-made"))),
        Ok((id, password)) => {
            let made = Some((lang.t("mailbox-password").to_owned(), password));
            show(&app, &actor, id, Shown { made, ..Shown::default() }, None).await
        }
        Err(error) => {
            let (status, errors) = errors(lang, error)?;
            new_page(&app, &actor, over(typed(&address, &MailboxData::default()), &form), errors, status).await
        }
    }
}
