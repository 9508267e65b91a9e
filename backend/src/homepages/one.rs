//! One homepage: what it is, what is held to be true of it, what was seen, and what becomes of it.

use super::{
    api::HomepageItem,
    crumbs,
    evidence::evidence,
    letter_pages::plainly,
    plan::{self, Patch},
    sweep::ask,
};
use crate::http::{
    App,
    api::json,
    fault::Fault,
    form::{Form, Refused},
    page::{Page, done, saved},
    path,
    visit::Actor,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use chrono::{DateTime, Utc};
use hostler_core::access::Action;
use hostler_store::{
    homepages::HomepageRow,
    letters::LetterLine,
    looks::{KeptLook, Which},
};
use hostler_web::{
    i18n::Lang,
    pages::{
        homepage::{self as view, CustomersView, PlanForm, WrittenLine},
        homepages::decision,
    },
    render,
    time::{date_time, day},
    ui::{form::FieldErrors, frame::Area},
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Looks that are shown.
const SHOWN: i64 = 30;

/// A look at a homepage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HomepageLook)]
pub(super) struct LookItem {
    at: DateTime<Utc>,
    /// By this look alone.
    class: String,
    /// How sure, from 0 to 100.
    confidence: i16,
    /// What speaks for the class (`supports`) and against it.
    #[schema(value_type = Vec<Object>)]
    signals: Value,
    /// What was seen: the DNS, each hop, the pages; of the newest look, and for the staff only.
    #[schema(value_type = Option<Object>)]
    seen: Option<Value>,
}

/// One homepage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HomepageDetail)]
pub(super) struct HomepageBody {
    #[serde(flatten)]
    homepage: HomepageItem,
    /// The last looks, the newest first.
    looks: Vec<LookItem>,
}

struct Found {
    row: HomepageRow,
    looks: Vec<KeptLook>,
    letters: Vec<LetterLine>,
    servers: Vec<String>,
    picture: Option<DateTime<Utc>>,
}

async fn found(app: &App, actor: &Actor, id: Uuid) -> Result<Found, Fault> {
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let row = view_of.homepage(id).await?;
    let looks = view_of.looks_at(id, SHOWN).await?;
    let staff = actor.scope.is_everything();
    let letters = if staff { view_of.letters_about(id).await? } else { Vec::new() };
    let servers = if staff { plan::new_servers(&mut view_of).await? } else { Vec::new() };
    let picture = if staff { view_of.picture_at(id).await? } else { None };
    Ok(Found { row, looks, letters, servers, picture })
}

/// `GET /api/v1/homepages/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn api(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let found = found(&app, &actor, path::parse(&id)?).await?;
    let look =
        |l: KeptLook| LookItem { at: l.at, class: l.class, confidence: l.confidence, signals: l.signals, seen: l.seen };
    let revision = found.row.revision;
    let body = HomepageBody { homepage: found.row.into(), looks: found.looks.into_iter().map(look).collect() };
    let mut answer = json(&body);
    let tag = header::HeaderValue::from_str(&format!("\"r{revision}\"")).map_err(Fault::internal)?;
    answer.headers_mut().insert(header::ETAG, tag);
    Ok(answer)
}

fn plan_form(row: &HomepageRow, servers: Vec<String>) -> PlanForm {
    let inside = &row.inside;
    PlanForm {
        id: row.id.to_string(),
        revision: row.revision,
        decision: row.decision.clone(),
        reason: inside.decision_reason.clone(),
        moves_on: row.moves_on.map(|d| d.to_string()).unwrap_or_default(),
        server: inside.new_server.clone().unwrap_or_default(),
        tags: inside.tags.join(", "),
        notes: inside.notes.clone(),
        php: row.php.clone(),
        servers,
    }
}

/// For customers: in plain words what is seen, what was decided, when it moves.
fn for_customers(lang: Lang, row: &HomepageRow) -> CustomersView {
    CustomersView {
        name: row.unicode.clone(),
        class: plainly(lang, row.class.as_deref()),
        decision: match (row.decision.as_str(), row.archived_at) {
            (_, Some(_)) => lang.t("plain-archived").to_owned(),
            ("move", _) => match row.moves_on {
                Some(on) => lang.f("plain-moves-on", &[("day", &day(on, lang))]),
                None => lang.t("plain-moves").to_owned(),
            },
            ("ask", _) => lang.t("plain-ask").to_owned(),
            ("drop", _) => lang.t("plain-drop").to_owned(),
            ("elsewhere", _) => lang.t("plain-elsewhere").to_owned(),
            _ => lang.t("plain-undecided").to_owned(),
        },
        aliases: row.aliases.clone(),
    }
}

async fn shown(
    app: &App,
    actor: &Actor,
    id: Uuid,
    typed: Option<PlanForm>,
    (status, errors): (StatusCode, FieldErrors),
    request: Option<&HttpRequest>,
) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let found = found(app, actor, id).await?;
    let name = found.row.unicode.clone();
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let mut page =
        Page::of(app, &mut view_of, actor, Area::Homepages, &name).await?.crumbs(crumbs(lang)).status(status);
    if let Some(request) = request {
        page = page.flash(request);
    }
    if !actor.scope.is_everything() {
        let shown = for_customers(lang, &found.row);
        return Ok(page.body(|lang| view::customers(lang, shown)));
    }
    let row = &found.row;
    let seen = evidence(lang, zone, row, &found.looks, found.picture);
    let written = |l: &LetterLine| WrittenLine {
        at: date_time(l.at, zone, lang),
        what: lang.find(&format!("letters-{}", l.kind)).unwrap_or("?").to_owned(),
        recipient: l.recipient.clone(),
        state: l.state.as_deref().and_then(|s| lang.find(&format!("mail-state-{s}"))).unwrap_or_default().to_owned(),
        answer: match (l.answer.as_deref(), l.answered_at) {
            (Some(answer), Some(at)) => {
                let key = if answer == "keep" { "answer-keep" } else { "answer-let-go" };
                format!("{} ({})", lang.t(key), date_time(at, zone, lang))
            }
            _ => String::new(),
        },
    };
    let letters = found.letters.iter().map(written).collect();
    let (meaning, text) = decision(lang, &row.decision);
    let decided = match (&row.inside.decided_by, row.decided_at) {
        (Some(by), Some(at)) => lang.f("decided-by", &[("who", by), ("at", &date_time(at, zone, lang))]),
        _ => String::new(),
    };
    let proposal = row.inside.proposal.as_deref().map(|p| decision(lang, p).1);
    let form = typed.unwrap_or_else(|| plan_form(row, found.servers));
    let may = actor.may(Action::DecideHomepages);
    let archived = row.archived_at.map(|at| date_time(at, zone, lang));
    let head = view::Head {
        meaning,
        decision: text,
        decided,
        proposal,
        archived,
        history: format!("/audit?entity=homepage&id={id}"),
        edit: (actor.may(Action::EditHomepages) && row.archived_at.is_none()).then(|| format!("/homepages/{id}/edit")),
    };
    Ok(page.body(|lang| view::homepage(lang, seen, head, may.then_some(form), letters, &errors)))
}

/// `GET /homepages/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn page(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    shown(&app, &actor, id, None, (StatusCode::OK, FieldErrors::new()), Some(&request)).await
}

/// `GET /homepages/{id}/evidence`: what stands beside the list.
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn fragment(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let found = found(&app, &actor, path::parse(&id)?).await?;
    let seen = evidence(lang, zone, &found.row, &found.looks, found.picture);
    let html = render::fragment(lang, |lang| view::panel(lang, seen));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(html))
}

/// `POST /homepages/{id}`
///
/// # Errors
/// 404 if there is none.
pub(super) async fn save(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    fields: web::Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Fault> {
    let (id, lang): (Uuid, _) = (path::parse(&id)?, actor.visit.lang);
    let form = Form(fields.into_inner());
    let servers = plan::new_servers(&mut app.context.store.view(&actor.scope).await?).await?;
    let tags = form.short("tags").split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect();
    let moves_on = Some(form.short("moves_on")).filter(|d| !d.is_empty());
    let day =
        moves_on.as_deref().map(|d| d.parse().map_err(|_| Refused::field("moves_on", "a day such as 2026-12-24")));
    let patch = Patch {
        decision: Some(form.short("decision")),
        reason: Some(form.one("reason")),
        server: Some(Some(form.short("server")).filter(|s| !s.is_empty())),
        tags: Some(tags),
        notes: Some(form.one("notes").replace("\r\n", "\n")),
        php: Some(form.short("php")),
        ..Patch::default()
    };
    let changed = match day.transpose() {
        Ok(moves_on) => {
            let patch = Patch { moves_on: Some(moves_on), ..patch };
            let done = plan::change(&app, &actor, (&[id], Some(form.revision())), &patch, false).await;
            done.and_then(|mut done| match done.rows.pop() {
                None => Err(hostler_store::StoreError::NotFound.into()),
                Some(row) if !row.wrong.is_empty() => Err(Refused::Fields(row.wrong)),
                Some(_) => Ok(done.entry),
            })
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(entry) => Ok(saved(&format!("/homepages/{id}"), lang.t("login-saved"), entry)),
        Err(error) => {
            let said = error.told(lang)?;
            let typed = PlanForm {
                id: id.to_string(),
                revision: form.revision(),
                decision: form.short("decision"),
                reason: form.short("reason"),
                moves_on: form.short("moves_on"),
                server: form.short("server"),
                tags: form.short("tags"),
                notes: form.one("notes").chars().take(6000).collect(),
                php: form.short("php"),
                servers,
            };
            shown(&app, &actor, id, Some(typed), said, None).await
        }
    }
}

/// `POST /homepages/{id}/look`
///
/// # Errors
/// 404 if there is none.
pub(super) async fn look(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let id = path::parse(&id)?;
    let row = app.context.store.view(&actor.scope).await?.homepage(id).await?;
    ask(&app, &actor, Which::Ids(vec![id])).await?;
    Ok(done(&format!("/homepages/{id}"), &actor.visit.lang.f("sweep-asked-one", &[("name", &row.unicode)])))
}

/// `POST /homepages/sweep`
///
/// # Errors
/// When the database fails.
pub(super) async fn sweep(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    ask(&app, &actor, Which::Named(String::new())).await?;
    Ok(done("/homepages", actor.visit.lang.t("sweep-asked")))
}
