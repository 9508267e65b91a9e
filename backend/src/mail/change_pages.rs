//! The pages of one change of chosen mailboxes: what, preview, and what became of each.

use super::{
    change::{self, MOST, Outcome, Wanted},
    forms::{Form, junk, octets},
    list,
    pages::{crumbs, errors},
    rules::{MailboxPatch, Wrong},
    service::MailError,
};
use crate::http::{App, fault::Fault, list::ListQuery, page::Page, visit::Actor};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::access::Action;
use hostler_store::{View, mail::MailFilter};
use hostler_web::{
    i18n::Lang,
    pages::mail_change::{self as view, ChangeForm, ChangeLine},
    time::size,
    ui::{form::FieldErrors, frame::Area},
};
use serde_json::Value;
use uuid::Uuid;

/// What a form says of where mailboxes live, if it says anything.
pub(super) fn placed(form: &Form) -> Option<Wanted> {
    let server = Some(form.one("to_server")).filter(|s| !s.is_empty()).map(|s| s.chars().take(100).collect());
    let held = match form.one("held").as_str() {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    };
    (server.is_some() || held.is_some()).then(|| Wanted { server, held, ..Wanted::default() })
}

/// What is to be done, or what cannot be read of it.
fn wanted(form: &Form) -> Result<Wanted, Wrong> {
    let data = |data: MailboxPatch| Wanted { data, ..Wanted::default() };
    match form.one("do").as_str() {
        "protocols" => Ok(data(MailboxPatch { protocols: Some(form.all("protocols")), ..MailboxPatch::default() })),
        "junk" => {
            let (patch, wrong) = junk(form);
            if wrong.is_empty() { Ok(data(patch)) } else { Err(wrong) }
        }
        "place" => placed(form).ok_or_else(|| vec![("server", "nothing is to be changed".to_owned())]),
        "give-up" => Ok(Wanted { give_up: true, ..Wanted::default() }),
        _ => {
            let quota_bytes = octets(&form.one("quota_bytes")).map_err(|reason| vec![("quota_bytes", reason)])?;
            Ok(data(MailboxPatch { quota_bytes: Some(quota_bytes), ..MailboxPatch::default() }))
        }
    }
}

/// Names of what the list is filtered by.
const FILTERS: [&str; 6] = ["q", "kind", "scheme", "unused", "customer", "server"];

fn typed(query: &ListQuery, form: &Form, servers: Vec<String>, staff: bool) -> ChangeForm {
    let operation = match form.one("do").as_str() {
        known @ ("protocols" | "junk" | "place" | "give-up") => known.to_owned(),
        _ => "quota".to_owned(),
    };
    let short = |name: &str| form.one(name).chars().take(300).collect::<String>();
    ChangeForm {
        operation,
        quota: short("quota_bytes"),
        protocols: form.all("protocols"),
        junk_at: short("junk_at"),
        server: short("to_server"),
        held: short("held"),
        filters: FILTERS
            .iter()
            .map(|name| (*name, query.whole(name).to_owned()))
            .chain([("pick", query.carried_pick())])
            .filter(|(_, v)| !v.is_empty())
            .collect(),
        servers,
        staff,
    }
}

/// The mailboxes that are meant; `None` for more than one change may be about.
async fn meant(view: &mut View, query: &ListQuery, filter: &MailFilter) -> Result<Option<Vec<Uuid>>, Fault> {
    match query.picked() {
        Some(ids) => Ok((ids.len() <= MOST).then_some(ids)),
        None => Ok(change::selected(view, filter).await?),
    }
}

fn words(lang: Lang, name: &str, value: &Value) -> String {
    match (name, value) {
        ("quota_bytes", Value::Number(n)) => n.as_i64().map(|n| size(n, lang)).unwrap_or_default(),
        ("quota_bytes", Value::Null) => lang.t("no-limit").to_owned(),
        ("junk_at", Value::Null) => lang.t("junk-never").to_owned(),
        ("protocols", Value::Array(list)) => {
            let names = list.iter().filter_map(Value::as_str).filter_map(|p| lang.find(&format!("protocol-{p}")));
            names.collect::<Vec<_>>().join(", ")
        }
        (_, Value::Bool(true)) => lang.t("held-yes").to_owned(),
        (_, Value::Bool(false)) => lang.t("held-no").to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Null) => "–".to_owned(),
        (_, other) => other.to_string(),
    }
}

fn line(lang: Lang, row: Outcome) -> ChangeLine {
    let differs = |(name, was, is): (String, Value, Value)| {
        let key = match name.as_str() {
            "quota_bytes" => "mailbox-quota",
            "protocols" => "mail-protocols",
            "junk_at" => "mailbox-junk-at",
            "server" => "mailbox-server",
            "held" => "mailbox-held",
            "give_up" => return (lang.t("mailbox-delete").to_owned(), lang.t("held-yes").to_owned()),
            _ => "mailbox-settings",
        };
        (lang.t(key).to_owned(), format!("{} → {}", words(lang, &name, &was), words(lang, &name, &is)))
    };
    let wrong: Vec<String> = row.wrong.iter().map(|(_, reason)| lang.reason(reason)).collect();
    ChangeLine {
        href: format!("/mailboxes/{}", row.id),
        address: row.address,
        differs: row.differs.into_iter().map(differs).collect(),
        refused: (!wrong.is_empty()).then(|| wrong.join("; ")),
    }
}

async fn page(
    app: &App,
    actor: &Actor,
    query: &ListQuery,
    form: &Form,
    (mut status, mut said): (StatusCode, FieldErrors),
) -> Result<HttpResponse, Fault> {
    let (lang, staff) = (actor.visit.lang, actor.may(Action::ServeMail));
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let names = if staff { change::homes(&mut view_of).await? } else { Vec::new() };
    let ids = meant(&mut view_of, query, &list::filter(app, query)).await?;
    drop(view_of);
    let mut previewed = None;
    match &ids {
        None => {
            said.insert("", lang.f("change-too-many", &[("most", &MOST)]));
        }
        Some(ids) if ids.is_empty() => {
            said.insert("", lang.t("change-none-chosen").to_owned());
        }
        Some(ids) if query.get("preview") == "1" && said.is_empty() => {
            let looked = match wanted(form) {
                Ok(wanted) => change::change(app, actor, ids, &wanted, true).await,
                Err(wrong) => Err(MailError::Fields(wrong)),
            };
            match looked {
                Ok(done) => previewed = Some(done.rows.into_iter().map(|row| line(lang, row)).collect()),
                Err(error) => (status, said) = errors(lang, error)?,
            }
        }
        Some(_) => {}
    }
    let mut typed = typed(query, form, names, staff);
    if let (Some(ids), true) = (&ids, previewed.is_some()) {
        // What is done is done to what was shown, whatever fits by then.
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        typed.filters = vec![("pick", ids.join(","))];
    }
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let page = Page::of(app, &mut view_of, actor, Area::Mail, lang.t("mail-change")).await?;
    let count = ids.map(|ids| ids.len());
    Ok(page.crumbs(crumbs(lang)).status(status).body(|lang| view::change(lang, &typed, count, previewed, &said)))
}

fn pairs(text: &str) -> Form {
    Form(serde_urlencoded::from_str(text).unwrap_or_default())
}

/// `GET /mailboxes/change`: what to do; with `preview=1` what would happen. Nothing is changed by looking.
///
/// # Errors
/// When the database fails.
pub(super) async fn form(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query = ListQuery::parse(request.query_string());
    let form = pairs(request.query_string());
    page(&app, &actor, &query, &form, (StatusCode::OK, FieldErrors::new())).await
}

/// `POST /mailboxes/change`
///
/// # Errors
/// When the database fails.
pub(super) async fn submit(app: web::Data<App>, actor: Actor, bytes: web::Bytes) -> Result<HttpResponse, Fault> {
    let (lang, text) = (actor.visit.lang, String::from_utf8_lossy(&bytes));
    let (query, form) = (ListQuery::parse(&text), pairs(&text));
    let mut view_of = app.context.store.view(&actor.scope).await?;
    // A form that names nothing means nothing, not everything.
    let ids = match query.picked().is_some() || FILTERS.iter().any(|name| !query.whole(name).is_empty()) {
        true => meant(&mut view_of, &query, &list::filter(&app, &query)).await?,
        false => Some(Vec::new()),
    };
    drop(view_of);
    let done = match (ids, wanted(&form)) {
        (Some(ids), Ok(wanted)) if !ids.is_empty() => change::change(&app, &actor, &ids, &wanted, false).await,
        (_, Err(wrong)) => Err(MailError::Fields(wrong)),
        // The page says which of both it is.
        (_, Ok(_)) => Err(MailError::Fields(Wrong::new())),
    };
    match done {
        Ok(done) => {
            let lines = done.rows.into_iter().map(|row| line(lang, row)).collect();
            let mut view_of = app.context.store.view(&actor.scope).await?;
            let page = Page::of(&app, &mut view_of, &actor, Area::Mail, lang.t("mail-change")).await?;
            Ok(page.crumbs(crumbs(lang)).body(|lang| view::changed(lang, lines, done.entry)))
        }
        Err(error) => {
            let said = errors(lang, error)?;
            page(&app, &actor, &query, &form, said).await
        }
    }
}
