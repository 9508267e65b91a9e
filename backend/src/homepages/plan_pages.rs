//! The pages of one decision about chosen homepages: what, preview, and what became of each.

use super::{
    crumbs,
    plan::{self, MOST, Outcome, Patch},
    query,
};
use crate::http::{
    App,
    fault::Fault,
    form::{Form, Refused, Wrong},
    list::ListQuery,
    page::Page,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_store::{View, homepages::HomepageFilter};
use hostler_web::{
    i18n::Lang,
    pages::{
        decide::{self as view, DecideForm, DecideLine},
        homepages::decision as decision_text,
    },
    ui::{form::FieldErrors, frame::Area},
};
use serde_json::Value;
use uuid::Uuid;

/// What the list is filtered by, as these pages carry it: the decision that is filtered by is another than the one that is made.
const CARRIED: [&str; 10] =
    ["q", "class", "was", "proposal", "kind", "customer", "reseller", "server", "tag", "archived"];

/// What the list was filtered by, or which were picked, for the next form.
pub(super) fn kept(query: &ListQuery) -> Vec<(&'static str, String)> {
    CARRIED
        .iter()
        .map(|name| (*name, query.whole(name).to_owned()))
        .chain([("pick", query.carried_pick())])
        .filter(|(_, v)| !v.is_empty())
        .collect()
}

/// The homepages that are meant; `None` for more than one change may be about.
///
/// # Errors
/// When the database fails.
pub(super) async fn meant(
    view_of: &mut View,
    query: &ListQuery,
    filter: &HomepageFilter,
) -> Result<Option<Vec<Uuid>>, Fault> {
    match query.picked() {
        Some(ids) => Ok((ids.len() <= MOST).then_some(ids)),
        None => Ok(plan::selected(view_of, filter).await?),
    }
}

/// The list's query as the pages after it carry it: there `decision` is what is decided.
pub(super) fn filter_of(query: &ListQuery, actor: &Actor) -> HomepageFilter {
    let mut filter = query::filter(query, actor);
    filter.decision = query.some("was").filter(|d| hostler_core::web::Decision::parse(d).is_some());
    filter
}

/// Whether it names homepages at all: a form that names nothing means nothing, not everything.
pub(super) fn names_some(query: &ListQuery) -> bool {
    query.picked().is_some() || !kept(query).is_empty()
}

fn wanted(form: &Form) -> Result<Patch, Wrong> {
    let some = |name: &str| Some(form.short(name)).filter(|v| !v.is_empty());
    let words = |name: &str| -> Vec<String> {
        form.short(name).split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()
    };
    let moves_on = match some("moves_on") {
        None => None,
        Some(text) => Some(Some(text.parse().map_err(|_| vec![("moves_on", "a day such as 2026-12-24".to_owned())])?)),
    };
    let decision = some("decision");
    let as_proposed = decision.as_deref() == Some("proposed");
    Ok(Patch {
        as_proposed,
        decision: decision.filter(|_| !as_proposed),
        reason: some("reason"),
        moves_on,
        server: some("to_server").map(Some),
        add_tags: words("add_tags"),
        remove_tags: words("remove_tags"),
        ..Patch::default()
    })
}

fn typed(query: &ListQuery, form: &Form, servers: Vec<String>) -> DecideForm {
    DecideForm {
        decision: form.short("decision"),
        reason: form.short("reason"),
        moves_on: form.short("moves_on"),
        server: form.short("to_server"),
        add_tags: form.short("add_tags"),
        remove_tags: form.short("remove_tags"),
        filters: kept(query),
        servers,
    }
}

pub(super) fn words(lang: Lang, name: &str, value: &Value) -> String {
    match (name, value) {
        ("decision", Value::String(code)) => decision_text(lang, code).1,
        (_, Value::String(text)) if text.is_empty() => "–".to_owned(),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Array(list)) if list.is_empty() => "–".to_owned(),
        (_, Value::Array(list)) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        (_, Value::Null) => "–".to_owned(),
        (_, other) => other.to_string(),
    }
}

fn label(lang: Lang, name: &str) -> &'static str {
    lang.t(match name {
        "decision" => "col-decision",
        "reason" => "decision-reason",
        "moves_on" => "moves-on",
        "server" => "web-server-to",
        "tags" => "col-tag",
        "notes" => "homepage-notes",
        _ => "homepage-php",
    })
}

fn line(lang: Lang, row: Outcome) -> DecideLine {
    let differs = |(name, was, is): (&'static str, Value, Value)| {
        (label(lang, name).to_owned(), format!("{} → {}", words(lang, name, &was), words(lang, name, &is)))
    };
    let wrong: Vec<String> = row.wrong.iter().map(|(_, reason)| lang.reason(reason)).collect();
    DecideLine {
        href: format!("/homepages/{}", row.id),
        name: row.name,
        differs: row.differs.into_iter().map(differs).collect(),
        warning: row.drops_used.then(|| lang.t("warning-mail-used").to_owned()),
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
    let lang = actor.visit.lang;
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let servers = plan::new_servers(&mut view_of).await?;
    let ids = meant(&mut view_of, query, &filter_of(query, actor)).await?;
    drop(view_of);
    let mut previewed = None;
    match &ids {
        None => {
            said.insert("", lang.f("decide-too-many", &[("most", &MOST)]));
        }
        Some(ids) if ids.is_empty() => {
            said.insert("", lang.t("decide-none-chosen").to_owned());
        }
        Some(ids) if query.get("preview") == "1" && said.is_empty() => {
            let looked = match wanted(form) {
                Ok(wanted) => plan::change(app, actor, (ids, None), &wanted, true).await,
                Err(wrong) => Err(Refused::Fields(wrong)),
            };
            match looked {
                Ok(done) => previewed = Some(done.rows.into_iter().map(|row| line(lang, row)).collect()),
                Err(error) => (status, said) = error.told(lang)?,
            }
        }
        Some(_) => {}
    }
    let mut typed = typed(query, form, servers);
    if let (Some(ids), true) = (&ids, previewed.is_some()) {
        // What is done is done to what was shown, whatever fits by then.
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        typed.filters = vec![("pick", ids.join(","))];
    }
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let page = Page::of(app, &mut view_of, actor, Area::Homepages, lang.t("decide")).await?;
    let count = ids.map(|ids| ids.len());
    Ok(page.crumbs(crumbs(lang)).status(status).body(|lang| view::decide(lang, &typed, count, previewed, &said)))
}

/// The list's own query, in which `decision` is a filter, as these pages carry it.
fn carried(text: &str) -> String {
    let form = Form::parse(text);
    // Only these pages say so; what comes from the list does not.
    if form.has("preview") || form.has("was") || form.has("reason") {
        return text.to_owned();
    }
    let pairs: Vec<(String, String)> =
        form.0.into_iter().map(|(n, v)| (if n == "decision" { "was".to_owned() } else { n }, v)).collect();
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// `GET /homepages/decide`: what to decide; with `preview=1` what would happen. Nothing is changed by looking.
///
/// # Errors
/// When the database fails.
pub(super) async fn form(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let text = carried(request.query_string());
    page(&app, &actor, &ListQuery::parse(&text), &Form::parse(&text), (StatusCode::OK, FieldErrors::new())).await
}

/// `POST /homepages/decide`
///
/// # Errors
/// When the database fails.
pub(super) async fn submit(app: web::Data<App>, actor: Actor, bytes: web::Bytes) -> Result<HttpResponse, Fault> {
    let (lang, text) = (actor.visit.lang, String::from_utf8_lossy(&bytes));
    let (query, form) = (ListQuery::parse(&text), Form::parse(&text));
    let ids = match names_some(&query) {
        true => meant(&mut app.context.store.view(&actor.scope).await?, &query, &filter_of(&query, &actor)).await?,
        false => Some(Vec::new()),
    };
    let done = match (ids, wanted(&form)) {
        (Some(ids), Ok(wanted)) if !ids.is_empty() => plan::change(&app, &actor, (&ids, None), &wanted, false).await,
        (_, Err(wrong)) => Err(Refused::Fields(wrong)),
        (Some(_), Ok(_)) => Err(Refused::field("", "no homepage is chosen")),
        // The page says so.
        (None, Ok(_)) => Err(Refused::Fields(Wrong::new())),
    };
    match done {
        Ok(done) => {
            let lines = done.rows.into_iter().map(|row| line(lang, row)).collect();
            let mut view_of = app.context.store.view(&actor.scope).await?;
            let page = Page::of(&app, &mut view_of, &actor, Area::Homepages, lang.t("decide")).await?;
            Ok(page.crumbs(crumbs(lang)).body(|lang| view::decided(lang, lines, done.entry)))
        }
        Err(error) => {
            let said = error.told(lang)?;
            page(&app, &actor, &query, &form, said).await
        }
    }
}
