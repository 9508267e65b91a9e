//! The pages of all homepages: the list, the picture, the course.

use super::query::{self, FILTERS, KINDS};
use crate::http::{App, fault::Fault, list::ListQuery, page::Page, visit::Actor};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Duration, NaiveDate};
use hostler_core::{
    access::Action,
    web::{Class, Decision},
};
use hostler_store::{
    View,
    course::DayRow,
    homepages::{Facet as Counted, HomepageCounts, HomepageRow},
    jobs::JobStatus,
    web_servers::WebServerRow,
};
use hostler_web::{
    i18n::Lang,
    pages::{
        homepages::{self as view, Chart, Curve, Dot, Going, Patch, Tools},
        lists::{Around, Cell, Choice, Column, Facet, list as list_view},
    },
    time::{Tz, date_time, day},
    ui::{frame::Area, list::ListState, state::Meaning},
};
use std::collections::BTreeMap;

/// Columns of a list of homepages, as everybody sees it.
pub const COLUMNS: &[Column] = &[
    Column { title: "col-name", sort: Some("name"), fields: &["name", "unicode"] },
    Column { title: "col-class", sort: Some("class"), fields: &["class", "doubt", "class_since"] },
    Column {
        title: "col-decision",
        sort: Some("decision"),
        fields: &["decision", "proposal", "decided_at", "moves_on"],
    },
    Column { title: "col-kind", sort: Some("kind"), fields: &["kind", "php"] },
    Column { title: "col-root", sort: Some("root"), fields: &["root", "target"] },
    Column { title: "col-aliases", sort: None, fields: &["aliases"] },
    Column { title: "col-customer", sort: None, fields: &["customer_number", "reseller"] },
    Column { title: "col-looked", sort: Some("looked"), fields: &["looked_at"] },
];
/// Names to sort by, in the order of the store's columns.
pub(super) const SORTS: [&str; 6] = ["name", "kind", "root", "class", "decision", "looked"];
/// Homepages in the picture.
const MOST_DOTS: i64 = 3000;
/// Days in the course.
const DAYS: i64 = 120;

pub(super) fn kind(lang: Lang, code: &str) -> String {
    lang.find(&format!("kind-{code}")).unwrap_or("?").to_owned()
}

pub(super) fn class_text(lang: Lang, code: &str) -> String {
    lang.find(&format!("class-{}", code.replace('_', "-"))).unwrap_or("?").to_owned()
}

pub(super) fn meaning(class: Class) -> Meaning {
    match class {
        Class::Alive => Meaning::Good,
        Class::AliveTlsBroken | Class::Stale | Class::RedirectElsewhere | Class::DnsBroken => Meaning::Warning,
        Class::MovedAway | Class::Placeholder | Class::Parked | Class::ServerDefault => Meaning::Notice,
        Class::Error | Class::Unreachable | Class::NoAddress | Class::Nxdomain => Meaning::Bad,
    }
}

/// What it is held to be, and whether the last look says otherwise.
fn class(lang: Lang, code: Option<&str>, doubt: Option<&str>) -> Cell {
    let Some(class) = code.and_then(Class::parse) else { return Cell::Nothing };
    let text = class_text(lang, class.as_str());
    let text = match doubt {
        Some(doubt) => lang.f("class-doubted", &[("class", &text), ("doubt", &class_text(lang, doubt))]),
        None => text,
    };
    Cell::State(meaning(class), text)
}

/// What is decided, or proposed as long as nothing is.
fn decision(lang: Lang, h: &HomepageRow) -> Cell {
    let proposal = h.inside.proposal.as_deref().filter(|_| h.decision == Decision::Undecided.as_str());
    if let Some(proposal) = proposal {
        let text = view::decision(lang, proposal).1;
        return Cell::State(Meaning::Unknown, lang.f("decision-proposed", &[("decision", &text)]));
    }
    let (meaning, text) = view::decision(lang, &h.decision);
    match h.moves_on.filter(|_| h.decision == Decision::Move.as_str()) {
        Some(on) => Cell::State(meaning, lang.f("decision-on", &[("decision", &text), ("day", &day(on, lang))])),
        None => Cell::State(meaning, text),
    }
}

/// A homepage as a row.
#[must_use]
pub fn row(lang: Lang, zone: Tz, h: HomepageRow) -> Vec<Cell> {
    vec![
        Cell::MonoLink(format!("/homepages/{}", h.id), h.unicode.clone()),
        class(lang, h.class.as_deref(), h.doubt.as_deref()),
        decision(lang, &h),
        Cell::Text(kind(lang, &h.kind)),
        Cell::Mono(if h.root.is_empty() { h.target } else { h.root }),
        if h.aliases.is_empty() { Cell::Nothing } else { Cell::Mono(h.aliases.join(" ")) },
        match (h.customer_id, h.customer_number) {
            (Some(id), Some(number)) => Cell::MonoLink(format!("/customers/{id}"), number),
            (_, Some(number)) => Cell::Text(lang.f("customer-unknown", &[("number", &number)])),
            _ => Cell::Nothing,
        },
        h.looked_at.map_or(Cell::Nothing, |at| Cell::Text(date_time(at, zone, lang))),
    ]
}

/// The look that goes on or waits, for who may see jobs.
async fn going(view_of: &mut View, actor: &Actor) -> Result<Option<Going>, Fault> {
    if !actor.may(Action::ReadPapers) {
        return Ok(None);
    }
    let found: Option<JobStatus> = view_of.active_jobs().await?.into_iter().find(|j| j.kind == super::SWEEP);
    Ok(found.map(|j| Going {
        job: j.id.to_string(),
        done: j.progress_done,
        total: j.progress_total,
        note: j.progress_note,
    }))
}

fn facets(lang: Lang, counts: &HomepageCounts) -> Vec<Facet> {
    let [classes, decisions, kinds] = [Counted::Class, Counted::Decision, Counted::Kind].map(|facet| counts.of(facet));
    let of = |counts: &BTreeMap<String, i64>, code: &str| counts.get(code).copied().unwrap_or(0);
    let facet = |name, code: &str, text, count: i64| Facet { name, code: code.to_owned(), text, count };
    let mut all = Vec::new();
    for class in Class::ALL {
        let n = of(&classes, class.as_str());
        if n > 0 {
            all.push(facet("class", class.as_str(), class_text(lang, class.as_str()), n));
        }
    }
    for decision in Decision::ALL {
        let n = of(&decisions, decision.as_str());
        if n > 0 {
            all.push(facet("decision", decision.as_str(), view::decision(lang, decision.as_str()).1, n));
        }
    }
    all.extend(KINDS.iter().map(|code| facet("kind", code, kind(lang, code), of(&kinds, code))));
    all
}

/// What staff choose from besides.
async fn choices(view_of: &mut View, servers: &[WebServerRow], lang: Lang) -> Result<Vec<Choice>, Fault> {
    let resellers = view_of.resellers().await?.into_iter().map(|r| (r.clone(), r)).collect::<Vec<_>>();
    let servers =
        servers.iter().filter(|s| s.data.is_new).map(|s| (s.data.name.clone(), s.data.name.clone())).collect();
    let tags: Vec<(String, String)> =
        view_of.homepage_tags().await?.into_iter().map(|(t, n)| (t.clone(), format!("{t} ({n})"))).collect();
    let decided = Decision::ALL.iter().filter(|d| **d != Decision::Undecided);
    let proposals = decided.map(|d| (d.as_str().to_owned(), view::decision(lang, d.as_str()).1)).collect();
    let archived = vec![("1".to_owned(), lang.t("homepages-archived").to_owned())];
    let all = [
        Choice { name: "proposal", label: "col-proposal", options: proposals },
        Choice { name: "reseller", label: "col-reseller", options: resellers },
        Choice { name: "server", label: "web-server-to", options: servers },
        Choice { name: "tag", label: "col-tag", options: tags },
        Choice { name: "archived", label: "homepages-which", options: archived },
    ];
    Ok(all.into_iter().filter(|c| !c.options.is_empty()).collect())
}

/// `GET /homepages`
///
/// # Errors
/// When the database fails.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let query = ListQuery::parse(request.query_string());
    let views = crate::overview::views(&app, &actor, "/homepages", request.query_string()).await?;
    let filter = query::filter(&query, &actor);
    let staff = actor.scope.is_everything();
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let (found, counts) = view_of.homepages_with_counts(&filter, query.sort(&SORTS), query.page()).await?;
    let state = query.state("/homepages", &FILTERS, found.total);
    let ids = found.items.iter().map(|h| Some(h.id.to_string())).collect();
    let rows = found.items.into_iter().map(|h| row(lang, zone, h)).collect();
    let facets = facets(lang, &counts);
    let (mut around, mut selects) =
        (Around { views, facets, csv: Some("/api/v1/homepages"), ..Around::default() }, Vec::new());
    if staff {
        let servers = view_of.web_servers().await?;
        selects = choices(&mut view_of, &servers, lang).await?;
        if actor.may(Action::EditHomepages) {
            around.new.push(("/homepages/new", "homepage-new"));
        }
        around.new.extend([
            ("/homepages/map", "homepages-map"),
            ("/homepages/course", "homepages-course"),
            ("/homepages/servers", "web-servers"),
        ]);
        let networks = !app.context.settings.probe.our_networks.is_empty();
        let knows_ours = networks || !servers.is_empty();
        let going = going(&mut view_of, &actor).await?;
        let probes = actor.may(Action::ProbeHomepages);
        around.note = Some(view::tools(lang, Tools { going, probes, knows_ours }));
        if actor.may(Action::DecideHomepages) {
            around.action = Some(("/homepages/decide", "decide"));
            around.ids = ids;
            around.after = Some(view::triage(lang, next(&state)));
        }
    }
    let page = Page::of(&app, &mut view_of, &actor, Area::Homepages, lang.t("nav-homepages")).await?.flash(&request);
    let page = if staff { page.triage() } else { page };
    Ok(page.body(|lang| list_view(lang, "nav-homepages", &state, selects, COLUMNS, rows, around)))
}

/// The page after this one, if there is one.
fn next(state: &ListState) -> Option<String> {
    (state.page * state.limit < state.total).then(|| state.href(&state.sort, state.page + 1))
}

/// `GET /homepages/map`
///
/// # Errors
/// When the database fails.
pub(super) async fn map(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let query = ListQuery::parse(request.query_string());
    let filter = query::filter(&query, &actor);
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let mut cells = view_of.homepage_map(&filter, MOST_DOTS + 1).await?;
    let more = cells.len() > usize::try_from(MOST_DOTS).unwrap_or(usize::MAX);
    cells.truncate(usize::try_from(MOST_DOTS).unwrap_or(usize::MAX));
    let state = query.state("/homepages", &FILTERS, 0);
    let mut by_class: BTreeMap<Option<Class>, Vec<Dot>> = BTreeMap::new();
    for cell in cells {
        let class = cell.class.as_deref().and_then(Class::parse);
        let dot = Dot { id: cell.id.to_string(), name: cell.unicode, decision: cell.decision };
        by_class.entry(class).or_default().push(dot);
    }
    // Those that nobody looked at come last.
    let unseen = by_class.remove(&None).map(|dots| Patch {
        title: lang.t("class-none").to_owned(),
        href: state.href("", 1),
        meaning: Meaning::Unknown,
        dots,
    });
    let seen = by_class.into_iter().filter_map(|(class, dots)| {
        let class = class?;
        let href = state.with("class", class.as_str());
        Some(Patch { title: class_text(lang, class.as_str()), href, meaning: meaning(class), dots })
    });
    let patches = seen.chain(unseen).collect();
    let page = Page::of(&app, &mut view_of, &actor, Area::Homepages, lang.t("homepages-map")).await?;
    let list = state.href("", 1);
    Ok(page.crumbs(super::crumbs(lang)).body(|lang| view::map(lang, patches, list, more)))
}

/// A chart of what there is of a kind, by day; a day on which nothing was noted is as the one before.
fn chart(
    title: &'static str,
    rows: &[DayRow],
    days: &[NaiveDate],
    curves: Vec<(String, Meaning, Vec<&str>)>,
    lang: Lang,
) -> Chart {
    let curves = curves
        .into_iter()
        .map(|(title, meaning, codes)| {
            let mut known = 0;
            let values = days
                .iter()
                .map(|day| {
                    let of_day: Vec<&DayRow> = rows.iter().filter(|r| r.day == *day).collect();
                    if !of_day.is_empty() {
                        known = of_day.iter().filter(|r| codes.contains(&r.code.as_str())).map(|r| r.n).sum();
                    }
                    known
                })
                .collect();
            Curve { title, meaning, values }
        })
        .filter(|c: &Curve| c.values.iter().any(|v| *v > 0))
        .collect();
    Chart { title, days: days.iter().map(|d| day(*d, lang)).collect(), curves }
}

/// `GET /homepages/course`
///
/// # Errors
/// When the database fails.
pub(super) async fn course(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let today = app.context.clock.now().with_timezone(&app.context.settings.time_zone.0).date_naive();
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let rows = view_of.homepage_days(today - Duration::days(DAYS)).await?;
    let (classes, decisions): (Vec<DayRow>, Vec<DayRow>) = rows.into_iter().partition(|r| r.kind == "class");
    let days = |rows: &[DayRow]| -> Vec<NaiveDate> {
        let Some(first) = rows.first() else { return Vec::new() };
        first.day.iter_days().take_while(|d| *d <= today).collect()
    };
    let mut charts = Vec::new();
    if !classes.is_empty() {
        let dead = |c: &Class| c.is_dead() && *c != Class::MovedAway;
        let codes = |keep: &dyn Fn(&Class) -> bool| Class::ALL.iter().filter(|c| keep(c)).map(|c| c.as_str()).collect();
        let curves = vec![
            (
                lang.t("course-alive").to_owned(),
                Meaning::Good,
                codes(&|c| matches!(c, Class::Alive | Class::AliveTlsBroken)),
            ),
            (
                lang.t("course-unclear").to_owned(),
                Meaning::Warning,
                codes(&|c| matches!(c, Class::Stale | Class::RedirectElsewhere | Class::DnsBroken)),
            ),
            (class_text(lang, "moved_away"), Meaning::Notice, codes(&|c| *c == Class::MovedAway)),
            (lang.t("course-dead").to_owned(), Meaning::Bad, codes(&dead)),
        ];
        charts.push(chart(lang.t("course-by-class"), &classes, &days(&classes), curves, lang));
    }
    if !decisions.is_empty() {
        let curves = view::DECISIONS
            .iter()
            .map(|(_, code, meaning)| (view::decision(lang, code).1, *meaning, vec![*code]))
            .collect();
        charts.push(chart(lang.t("course-by-decision"), &decisions, &days(&decisions), curves, lang));
    }
    let page = Page::of(&app, &mut view_of, &actor, Area::Homepages, lang.t("homepages-course")).await?;
    Ok(page.crumbs(super::crumbs(lang)).body(|lang| view::course(lang, charts)))
}
