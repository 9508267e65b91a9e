//! The pages of a mailbox and of an alias.

use super::{
    aliases,
    rules::MailboxPatch,
    service::{self, MailError},
};
use crate::http::{
    App,
    fault::Fault,
    list::ListQuery,
    page::{Page, done, done_undoable, saved},
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use chrono::NaiveDate;
use hostler_core::{access::Action, mail::Secret};
use hostler_store::{
    StoreError,
    mailboxes::{MailboxData, MailboxRow},
};
use hostler_web::{
    i18n::Lang,
    pages::mail::{self as view, AliasForm, AppLine, MailboxForm, MailboxPage},
    time::{date_time, size},
    ui::{form::FieldErrors, frame::Area},
};
use uuid::Uuid;

/// Fields of a form, in which one may come several times.
struct Form(Vec<(String, String)>);

impl Form {
    fn one(&self, name: &str) -> String {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default()
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect()
    }

    fn revision(&self) -> i32 {
        self.one("revision").parse().unwrap_or(0)
    }

    /// Addresses, by lines, commas or blanks.
    fn addresses(&self, name: &str) -> Vec<String> {
        let text = self.one(name);
        text.split([',', ';', ' ', '\t', '\r', '\n']).filter(|t| !t.is_empty()).map(str::to_owned).collect()
    }
}

/// `1,5 GB`, `500 MB`, `2 GiB` or octets; nothing: no limit.
fn octets(text: &str) -> Result<Option<i64>, String> {
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return Ok(None);
    }
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (amount, unit) = text.split_at(split);
    let factor: f64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" | "k" => 1e3,
        "mb" | "m" => 1e6,
        "gb" | "g" => 1e9,
        "tb" | "t" => 1e12,
        "kib" => 1024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        _ => return Err("a size such as 500 MB or 2 GB".to_owned()),
    };
    let octets = amount.parse::<f64>().map_err(|_| "a size such as 500 MB or 2 GB".to_owned())? * factor;
    // What is beyond any quota is told so by the rules.
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond an integer becomes the largest")]
    Ok(Some(octets.round() as i64))
}

/// A size as the form has it: exact, in the largest unit that it is a whole number of.
fn exact(octets: i64) -> String {
    let units = [(1_000_000_000, "GB"), (1_073_741_824, "GiB"), (1_000_000, "MB"), (1_048_576, "MiB"), (1024, "KiB")];
    units
        .iter()
        .find(|(size, _)| octets % size == 0)
        .map_or_else(|| octets.to_string(), |(size, unit)| format!("{} {unit}", octets / size))
}

fn typed(address: &str, d: &MailboxData) -> MailboxForm {
    let day = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    MailboxForm {
        address: address.to_owned(),
        name: d.name.clone(),
        protocols: d.protocols.clone(),
        quota: d.quota_bytes.map(exact).unwrap_or_default(),
        quota_messages: d.quota_messages.map(|n| n.to_string()).unwrap_or_default(),
        forward: d.forward.join("\n"),
        keep: d.keep,
        send_as: d.send_as.join("\n"),
        reply_on: d.reply_on,
        reply_from: day(d.reply_from),
        reply_until: day(d.reply_until),
        reply_subject: d.reply_subject.clone(),
        reply_text: d.reply_text.clone(),
        reply_days: d.reply_days.to_string(),
        label: String::new(),
    }
}

/// What the settings' form says, and which of its fields cannot be read.
fn settings(form: &Form) -> (MailboxPatch, Vec<(&'static str, String)>) {
    let mut wrong = Vec::new();
    let quota_bytes = octets(&form.one("quota_bytes")).unwrap_or_else(|reason| {
        wrong.push(("quota_bytes", reason));
        None
    });
    let messages = form.one("quota_messages");
    let quota_messages = match messages.trim() {
        "" => None,
        text => text.parse().map(Some).unwrap_or_else(|_| {
            wrong.push(("quota_messages", "at least 1, or no limit".to_owned()));
            None
        }),
    };
    let patch = MailboxPatch {
        name: Some(form.one("name")),
        protocols: Some(form.all("protocols")),
        quota_bytes: Some(quota_bytes),
        quota_messages: Some(quota_messages),
        forward: Some(form.addresses("forward")),
        keep: Some(form.one("keep") == "1"),
        send_as: Some(form.addresses("send_as")),
        ..MailboxPatch::default()
    };
    (patch, wrong)
}

/// What the out-of-office form says.
fn reply(form: &Form) -> (MailboxPatch, Vec<(&'static str, String)>) {
    let mut wrong = Vec::new();
    let mut day = |name: &'static str| match form.one(name).trim() {
        "" => None,
        text => text.parse::<NaiveDate>().map(Some).unwrap_or_else(|_| {
            wrong.push((name, "a day such as 2026-12-24".to_owned()));
            None
        }),
    };
    let (from, until) = (day("reply_from"), day("reply_until"));
    let patch = MailboxPatch {
        reply_on: Some(form.one("reply_on") == "1"),
        reply_from: Some(from),
        reply_until: Some(until),
        reply_subject: Some(form.one("reply_subject")),
        reply_text: Some(form.one("reply_text")),
        reply_days: Some(form.one("reply_days").trim().parse().unwrap_or(0)),
        ..MailboxPatch::default()
    };
    (patch, wrong)
}

/// What was typed over what there is.
fn over(mut shown: MailboxForm, form: &Form) -> MailboxForm {
    match form.one("part").as_str() {
        "reply" => {
            shown.reply_on = form.one("reply_on") == "1";
            shown.reply_from = form.one("reply_from");
            shown.reply_until = form.one("reply_until");
            shown.reply_subject = form.one("reply_subject");
            shown.reply_text = form.one("reply_text");
            shown.reply_days = form.one("reply_days");
        }
        _ => {
            shown.name = form.one("name");
            shown.protocols = form.all("protocols");
            shown.quota = form.one("quota_bytes");
            shown.quota_messages = form.one("quota_messages");
            shown.forward = form.one("forward");
            shown.keep = form.one("keep") == "1";
            shown.send_as = form.one("send_as");
        }
    }
    shown
}

fn told(lang: Lang, fields: &[(&'static str, String)]) -> FieldErrors {
    fields.iter().map(|(name, reason)| (*name, lang.reason(reason))).collect()
}

/// Errors to show again, or the fault.
fn errors(lang: Lang, error: MailError) -> Result<(StatusCode, FieldErrors), Fault> {
    match error {
        MailError::Fields(fields) => Ok((StatusCode::UNPROCESSABLE_ENTITY, told(lang, &fields))),
        MailError::Store(StoreError::Stale) => {
            let text = lang.t("error-stale-plain").to_owned();
            Ok((StatusCode::PRECONDITION_FAILED, FieldErrors::from([("", text)])))
        }
        other => Err(other.into()),
    }
}

fn crumbs(lang: Lang) -> Vec<(String, String)> {
    vec![("/mail".to_owned(), lang.t("nav-mail").to_owned())]
}

/// What a page shows besides the mailbox itself.
#[derive(Default)]
struct Shown {
    typed: Option<Form>,
    label: String,
    made: Option<(String, String)>,
    errors: FieldErrors,
    status: StatusCode,
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
    let weak = mailbox.password_scheme.as_deref().is_some_and(Secret::scheme_is_weak);
    let warning = match &mailbox.password_scheme {
        None => Some(lang.t("mailbox-no-password").to_owned()),
        Some(scheme) if weak => Some(lang.f("mailbox-weak-password", &[("scheme", scheme)])),
        Some(_) => None,
    };
    let used = mailbox.bytes.map(|b| size(b, lang)).unwrap_or_default();
    let set_at = mailbox.password_at.map(|at| date_time(at, zone, lang)).unwrap_or_default();
    let page = MailboxPage {
        id: id.to_string(),
        address: mailbox.address.clone(),
        revision: mailbox.revision,
        facts: vec![
            ("col-size", used),
            ("col-files", mailbox.files.map(|n| n.to_string()).unwrap_or_default()),
            ("mailbox-seen-at", mailbox.seen_at.map(|at| date_time(at, zone, lang)).unwrap_or_default()),
            ("mailbox-password-at", set_at),
        ],
        warning,
        apps: apps
            .into_iter()
            .map(|a| AppLine {
                id: a.id.to_string(),
                label: a.label,
                protocols: a
                    .protocols
                    .iter()
                    .filter_map(|p| lang.find(&format!("protocol-{p}")))
                    .collect::<Vec<_>>()
                    .join(", "),
                made: date_time(a.created_at, zone, lang),
            })
            .collect(),
        edit: actor.may(Action::EditMail),
        made: shown.made,
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
        service::update(&app, &actor, (id, form.revision()), &patch, None).await
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
    match service::set_password(&app, &actor, id, chosen.as_deref()).await {
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
    match service::add_app_password(&app, &actor, id, &label, &form.all("app_protocols")).await {
        Ok((_, password)) => {
            let made = Some((label.trim().to_owned(), password));
            show(&app, &actor, id, Shown { made, ..Shown::default() }, None).await
        }
        Err(error) => {
            let (status, mut errors) = errors(lang, error)?;
            if let Some(reason) = errors.remove("protocols") {
                errors.insert("app_protocols", reason);
            }
            show(&app, &actor, id, Shown { label, errors, status, ..Shown::default() }, None).await
        }
    }
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
    service::revoke_app_password(&app, &actor, id, app_password).await?;
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

async fn alias_page(
    app: &App,
    actor: &Actor,
    id: Option<Uuid>,
    typed: Option<AliasForm>,
    (status, errors): (StatusCode, FieldErrors),
    request: Option<&HttpRequest>,
) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let Some(id) = id else {
        let typed = typed.unwrap_or_default();
        let page = Page::of(app, &mut view_of, actor, Area::Mail, lang.t("alias-new")).await?;
        return Ok(page.crumbs(crumbs(lang)).status(status).body(|lang| view::new_alias(lang, &typed, &errors)));
    };
    let alias = view_of.alias(id).await?;
    let targets = typed.map_or_else(|| alias.targets.join("\n"), |t| t.targets);
    let form = AliasForm { address: alias.address, targets };
    let revision = actor.may(Action::EditMail).then_some(alias.revision);
    let mut page =
        Page::of(app, &mut view_of, actor, Area::Mail, &form.address).await?.crumbs(crumbs(lang)).status(status);
    if let Some(request) = request {
        page = page.flash(request);
    }
    Ok(page.body(|lang| view::alias(lang, &id.to_string(), revision, &form, &errors)))
}

/// `GET /aliases/new`
///
/// # Errors
/// When the database fails.
pub(super) async fn new_alias(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    alias_page(&app, &actor, None, None, (StatusCode::OK, FieldErrors::new()), None).await
}

/// `GET /aliases/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn one_alias(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    alias_page(&app, &actor, Some(path::parse(&id)?), None, (StatusCode::OK, FieldErrors::new()), Some(&request)).await
}

/// `POST /aliases/new`
///
/// # Errors
/// When the database fails.
pub(super) async fn create_alias(
    app: web::Data<App>,
    actor: Actor,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (lang, form) = (actor.visit.lang, Form(form.into_inner()));
    match aliases::create(&app, &actor, &form.one("address"), &form.addresses("targets")).await {
        Ok(id) => Ok(done(&format!("/aliases/{id}"), lang.t("alias-made"))),
        Err(error) => {
            let typed = AliasForm { address: form.one("address"), targets: form.one("targets") };
            alias_page(&app, &actor, None, Some(typed), errors(lang, error)?, None).await
        }
    }
}

/// `POST /aliases/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn save_alias(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang, form): (Uuid, _, _) = (path::parse(&id)?, actor.visit.lang, Form(form.into_inner()));
    match aliases::update(&app, &actor, (id, form.revision()), &form.addresses("targets"), None).await {
        Ok((_, entry)) => Ok(done_undoable(&format!("/aliases/{id}"), lang.t("login-saved"), entry)),
        Err(error) => {
            let typed = AliasForm { address: String::new(), targets: form.one("targets") };
            alias_page(&app, &actor, Some(id), Some(typed), errors(lang, error)?, None).await
        }
    }
}

/// `POST /aliases/{id}/delete`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn delete_alias(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    form: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang, form): (Uuid, _, _) = (path::parse(&id)?, actor.visit.lang, Form(form.into_inner()));
    match aliases::delete(&app, &actor, id, form.revision()).await {
        Ok(()) => Ok(done("/mail", lang.t("alias-deleted"))),
        Err(error) => alias_page(&app, &actor, Some(id), None, errors(lang, error)?, None).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_written() {
        for (text, value) in [
            ("", None),
            ("2 GB", Some(2_000_000_000)),
            ("1,5gb", Some(1_500_000_000)),
            ("500 MB", Some(500_000_000)),
            ("1 GiB", Some(1_073_741_824)),
            ("1234", Some(1234)),
            ("0", Some(0)),
            ("99999999999999999999 TB", Some(i64::MAX)),
        ] {
            assert_eq!(octets(text), Ok(value), "{text}");
        }
        for text in ["-1 GB", "viel", "1 XB", "1.2.3 GB", "NaN"] {
            assert!(octets(text).is_err(), "{text}");
        }
        for size in [2_000_000_000, 1_500_000_000, 1_073_741_824, 10_485_760, 1234] {
            assert_eq!(octets(&exact(size)), Ok(Some(size)));
        }
    }
}
