//! One homepage: what it is, what is held to be true of it, and what was seen.

use super::{api::HomepageItem, class_text};
use crate::http::{App, api::json, fault::Fault, page::Page, path, visit::Actor};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use hostler_core::web::{Dns, End, Look, Signal, Visit};
use hostler_store::{homepages::HomepageRow, looks::KeptLook};
use hostler_web::{
    i18n::Lang,
    pages::homepage::{self as view, HomepagePage, LookLine, VisitLine},
    time::date_time,
    ui::frame::Area,
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

async fn found(app: &App, actor: &Actor, id: Uuid) -> Result<(HomepageRow, Vec<KeptLook>), Fault> {
    let mut view = app.context.store.view(&actor.scope).await?;
    let row = view.homepage(id).await?;
    let looks = view.looks_at(id, SHOWN).await?;
    Ok((row, looks))
}

/// `GET /api/v1/homepages/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn api(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (h, looks) = found(&app, &actor, path::parse(&id)?).await?;
    let look =
        |l: KeptLook| LookItem { at: l.at, class: l.class, confidence: l.confidence, signals: l.signals, seen: l.seen };
    Ok(json(&HomepageBody { homepage: h.into(), looks: looks.into_iter().map(look).collect() }))
}

/// What a signal says, in words.
fn told(lang: Lang, signal: &Signal) -> String {
    let name = lang.find(&format!("signal-{}", signal.name.replace('_', "-"))).unwrap_or("?");
    format!("{name}: {}", signal.value)
}

fn ended(lang: Lang, visit: &Visit) -> String {
    match &visit.end {
        End::Page { page } => {
            let size = hostler_web::time::size(i64::try_from(page.size).unwrap_or(i64::MAX), lang);
            lang.f("look-page", &[("status", &page.status), ("size", &size), ("words", &page.words)])
        }
        End::Refused => lang.t("look-refused").to_owned(),
        End::TimedOut => lang.t("look-timed-out").to_owned(),
        End::Garbled { reason } | End::NoSight { reason } => lang.f("look-garbled", &[("reason", reason)]),
        End::TooManyRedirects => lang.t("look-round").to_owned(),
        End::Forbidden { to } => lang.f("look-forbidden", &[("to", to)]),
    }
}

fn visit(lang: Lang, scheme: &'static str, visit: Option<&Visit>) -> Option<VisitLine> {
    let visit = visit?;
    let hop = |h: &hostler_core::web::Hop| {
        let problem = h.certificate.as_ref().and_then(|c| c.problem.clone());
        let problem =
            problem.map(|p| format!(" – {}", lang.f("look-certificate", &[("problem", &p)]))).unwrap_or_default();
        format!("{} · {} · {}{problem}", h.status, h.url, h.address)
    };
    Some(VisitLine {
        scheme,
        hops: visit.hops.iter().map(hop).collect(),
        end: ended(lang, visit),
        title: visit.page().map(|p| p.title.clone()).unwrap_or_default(),
        text: visit.page().map(|p| p.text.chars().take(400).collect()).unwrap_or_default(),
    })
}

fn dns(lang: Lang, dns: &Dns) -> String {
    match dns {
        Dns::NoName => "NXDOMAIN".to_owned(),
        Dns::NoAddress => lang.t("class-no-address").to_owned(),
        Dns::Failed { reason } => reason.clone(),
        Dns::Addresses { addresses } => addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

/// `GET /homepages/{id}`
///
/// # Errors
/// 404 if there is none for this visitor.
pub(super) async fn page(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let (h, looks) = found(&app, &actor, path::parse(&id)?).await?;
    let at = |at: Option<DateTime<Utc>>| at.map(|at| date_time(at, zone, lang)).unwrap_or_default();
    let last: Option<Look> = looks.first().and_then(|l| serde_json::from_value(l.seen.clone()?).ok());
    let signals: Vec<Signal> =
        looks.first().and_then(|l| serde_json::from_value(l.signals.clone()).ok()).unwrap_or_default();
    let side =
        |supports: bool| signals.iter().filter(|s| s.supports == supports).map(|s| told(lang, s)).collect::<Vec<_>>();
    let line = |l: &KeptLook| LookLine {
        at: date_time(l.at, zone, lang),
        class: class_text(lang, &l.class),
        confidence: l.confidence,
    };
    let shown = HomepagePage {
        name: h.unicode.clone(),
        class: h.class.as_deref().map(|c| class_text(lang, c)),
        doubt: h.doubt.as_deref().map(|d| class_text(lang, d)),
        facts: vec![
            ("col-kind", super::kind(lang, &h.kind)),
            ("col-root", if h.root.is_empty() { h.target.clone() } else { h.root.clone() }),
            ("col-aliases", h.aliases.join(", ")),
            ("col-customer", h.customer_number.clone().unwrap_or_default()),
            ("look-since", at(h.class_since)),
            ("look-at", at(h.looked_at)),
            ("look-dns", last.as_ref().map(|look| dns(lang, &look.dns)).unwrap_or_default()),
        ],
        signals: side(true),
        against: side(false),
        visits: last
            .iter()
            .flat_map(|look| [("HTTP", look.http.as_ref()), ("HTTPS", look.https.as_ref())])
            .filter_map(|(scheme, v)| visit(lang, scheme, v))
            .collect(),
        looks: looks.iter().map(line).collect(),
    };
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let crumbs = vec![("/homepages".to_owned(), lang.t("nav-homepages").to_owned())];
    let page = Page::of(&app, &mut view_of, &actor, Area::Homepages, &h.unicode).await?.crumbs(crumbs);
    Ok(page.body(|lang| view::homepage(lang, shown)))
}
