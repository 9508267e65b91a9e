//! The page of a mailbox's owner: out-of-office answer, password, forwards, devices, spam.

use super::{
    device,
    forms::{Form, forward, junk, over, reply, typed},
    owner::{COOKIE, Outcome, Owner, log_in, verify},
    pages::{Shown, app_lines, app_password, errors, facts, warning},
    service::{self, By, MailError, field},
};
use crate::{
    http::{
        App,
        fault::Fault,
        page::{Page, done},
        path,
        visit::{Visit, agent, ended_cookie, session_cookie},
    },
    identity::{factors::qr, hashing::Checked, service::throttle},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use hostler_store::Scope;
use hostler_web::{
    pages::portal::{self as view, PortalPage},
    ui::form::FieldErrors,
};
use uuid::Uuid;

/// `GET /my/login`
///
/// # Errors
/// Never.
pub(super) async fn login(app: web::Data<App>, visit: Visit, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let none = FieldErrors::new();
    Ok(Page::guest(&app, &visit, visit.lang.t("portal-login"))
        .flash(&request)
        .body(|lang| view::login(lang, "", &none)))
}

/// `POST /my/login`
///
/// # Errors
/// When the database fails.
pub(super) async fn submit_login(
    app: web::Data<App>,
    visit: Visit,
    request: HttpRequest,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let form = Form(form.into_inner());
    let (address, password) = (form.one("address"), form.one("password"));
    let lang = visit.lang;
    let (status, error) = match log_in(&app, (&address, &password), (&visit.address, &agent(&request))).await? {
        Outcome::Welcome(token) => {
            let cookie = session_cookie(COOKIE, &token, &app.context.settings);
            return Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, "/my")).cookie(cookie).finish());
        }
        Outcome::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, lang.t("login-wrong").to_owned()),
        Outcome::Wait(seconds) => (StatusCode::TOO_MANY_REQUESTS, lang.f("login-wait", &[("seconds", &seconds)])),
    };
    let errors = FieldErrors::from([("", error)]);
    let address: String = address.chars().take(320).collect();
    Ok(Page::guest(&app, &visit, lang.t("portal-login"))
        .status(status)
        .body(|lang| view::login(lang, &address, &errors)))
}

/// `POST /my/logout`
///
/// # Errors
/// When the database fails.
pub(super) async fn logout(app: web::Data<App>, owner: Owner) -> Result<HttpResponse, Fault> {
    app.context.store.close_mailbox_session(&owner.token_hash, app.context.clock.now()).await?;
    let gone = ended_cookie(COOKIE);
    Ok(HttpResponse::SeeOther().insert_header((header::LOCATION, "/my/login")).cookie(gone).finish())
}

async fn show(app: &App, owner: &Owner, shown: Shown, request: Option<&HttpRequest>) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (owner.visit.lang, app.context.settings.time_zone.0);
    let mut view_of = app.context.store.view(&owner.scope).await?;
    let mailbox = view_of.mailbox(owner.session.mailbox()).await?;
    let apps = view_of.app_passwords(mailbox.id).await?;
    let settings = device::settings(app, &mut view_of, &mailbox.address, &mailbox.data.protocols).await?;
    drop(view_of);
    let address = app.context.settings.http.public_url.as_ref().map(|url| format!("{}/my", url.trim_end_matches('/')));
    let page = PortalPage {
        address: mailbox.address.clone(),
        revision: mailbox.revision,
        facts: facts(&mailbox, lang, zone),
        quota: mailbox.data.quota_bytes.zip(mailbox.bytes),
        warning: warning(lang, mailbox.password_scheme.as_deref()),
        apps: app_lines(apps, lang, zone),
        made: shown.made,
        settings: settings.lines(lang),
        qr: address.map(|a| qr(&a)).unwrap_or_default(),
    };
    let mut form = typed(&mailbox.address, &mailbox.data);
    if let Some(typed) = &shown.typed {
        form = over(form, typed);
    }
    form.label = shown.label;
    let errors = shown.errors;
    let mut frame = Page::guest(app, &owner.visit, &mailbox.address).status(shown.status);
    if let Some(request) = request {
        frame = frame.flash(request);
    }
    Ok(frame.body(|lang| view::portal(lang, page, &form, &errors)))
}

/// `GET /my`
///
/// # Errors
/// When the database fails.
pub(super) async fn one(app: web::Data<App>, owner: Owner, request: HttpRequest) -> Result<HttpResponse, Fault> {
    show(&app, &owner, Shown::default(), Some(&request)).await
}

fn by(owner: &Owner) -> By<'_> {
    By { scope: &owner.scope, around: Scope::around_mailbox(&owner.session), own: true }
}

/// `POST /my`: one of its forms.
///
/// # Errors
/// When the database fails.
pub(super) async fn save(
    app: web::Data<App>,
    owner: Owner,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (lang, form) = (owner.visit.lang, Form(form.into_inner()));
    let (patch, wrong) = match form.one("part").as_str() {
        "reply" => reply(&form),
        "junk" => junk(&form),
        _ => forward(&form),
    };
    let result = if wrong.is_empty() {
        service::update(&app, by(&owner), (owner.session.mailbox(), form.revision()), &patch).await
    } else {
        Err(MailError::Fields(wrong))
    };
    match result {
        Ok(_) => Ok(done("/my", lang.t("login-saved"))),
        Err(error) => {
            let (status, errors) = errors(lang, error)?;
            show(&app, &owner, Shown { typed: Some(form), errors, status, ..Shown::default() }, None).await
        }
    }
}

/// `POST /my/password`: another password, by whoever knows the old one.
///
/// # Errors
/// When the database fails.
pub(super) async fn set_password(
    app: web::Data<App>,
    owner: Owner,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (lang, form) = (owner.visit.lang, Form(form.into_inner()));
    let id = owner.session.mailbox();
    match change_password(&app, &owner, &form.one("old_password"), &form.one("new_password")).await {
        Ok(()) => {
            app.context.store.keep_mailbox_session(&owner.token_hash, id, app.context.clock.now()).await?;
            Ok(done("/my", lang.t("mailbox-password-set")))
        }
        Err(error) => {
            let (status, errors) = errors(lang, error)?;
            show(&app, &owner, Shown { errors, status, ..Shown::default() }, None).await
        }
    }
}

async fn change_password(app: &App, owner: &Owner, old: &str, new: &str) -> Result<(), MailError> {
    let context = &app.context;
    let key = format!("mailbox {}", owner.session.address());
    let counted = match throttle(context, &key, &owner.visit.address, None).await? {
        Ok(counted) => counted,
        Err(_) => return Err(field("old_password", "too many tries: please wait a while")),
    };
    let found = context.store.mailbox_credentials(owner.session.address()).await?;
    match verify(&app.hasher, old, found.and_then(|f| f.hash)).await {
        Checked::Fits { .. } => counted.went_well(context).await?,
        Checked::Busy => {
            counted.was_none(context).await?;
            return Err(field("old_password", "too many tries: please wait a while"));
        }
        Checked::Wrong => return Err(field("old_password", "this is not the password that the mailbox has")),
    }
    service::set_password(app, &owner.scope, owner.session.mailbox(), Some(new)).await?;
    Ok(())
}

/// `POST /my/app-passwords`
///
/// # Errors
/// When the database fails.
pub(super) async fn add_app_password(
    app: web::Data<App>,
    owner: Owner,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (lang, form) = (owner.visit.lang, Form(form.into_inner()));
    let label = form.one("label");
    let id = owner.session.mailbox();
    let made = service::add_app_password(&app, &owner.scope, id, &label, &form.all("app_protocols")).await;
    show(&app, &owner, app_password(lang, label, made)?, None).await
}

/// `POST /my/app-passwords/{app}/revoke`
///
/// # Errors
/// 404 if the mailbox has none such.
pub(super) async fn revoke_app_password(
    app: web::Data<App>,
    owner: Owner,
    app_password: web::Path<String>,
) -> Result<HttpResponse, Fault> {
    let app_password: Uuid = path::parse(&app_password)?;
    service::revoke_app_password(&app, &owner.scope, owner.session.mailbox(), app_password).await?;
    Ok(done("/my", owner.visit.lang.t("app-revoked")))
}

/// `GET /my/device.mobileconfig`: a profile for Apple's devices.
///
/// # Errors
/// When the database fails.
pub(super) async fn profile(app: web::Data<App>, owner: Owner) -> Result<HttpResponse, Fault> {
    let mut view_of = app.context.store.view(&owner.scope).await?;
    let mailbox = view_of.mailbox(owner.session.mailbox()).await?;
    let settings = device::settings(&app, &mut view_of, &mailbox.address, &mailbox.data.protocols).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/x-apple-aspen-config"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"mail.mobileconfig\""))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(settings.profile(mailbox.id, &mailbox.data.name)))
}
