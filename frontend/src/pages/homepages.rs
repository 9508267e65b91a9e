//! What stands around the list of homepages: the look at all of them, triage by keyboard, the picture, the course.

use crate::{
    i18n::Lang,
    ui::state::{Meaning, badge},
};
use leptos::prelude::*;

/// A look at many that goes on.
#[derive(Debug, Clone)]
pub struct Going {
    /// Id of the job.
    pub job: String,
    /// Looked at.
    pub done: i64,
    /// To be looked at.
    pub total: i64,
    /// How many of each class so far.
    pub note: String,
}

/// What staff can do above the list.
#[derive(Debug, Clone)]
pub struct Tools {
    /// The look that goes on or waits.
    pub going: Option<Going>,
    /// Whether this reader may ask for one.
    pub probes: bool,
    /// Whether a web server is named; otherwise the papers say which addresses are ours.
    pub knows_ours: bool,
}

/// Between filters and rows: the look that goes on, or a button for one.
pub fn tools(lang: Lang, tools: Tools) -> AnyView {
    let progress = tools.going.map(|g| {
        let text = lang.f("sweep-progress", &[("done", &g.done), ("total", &g.total)]);
        view! {
            <p class="sweep" role="status" data-job=g.job>
                <progress max=g.total.max(1).to_string() value=g.done.to_string() aria-label=lang.t("sweep-running")></progress>
                " "<span data-text="">{text}</span>" "<span class="quiet" data-note="">{g.note}</span>
            </p>
        }
        .into_any()
    });
    let ask = (tools.probes && progress.is_none()).then(|| {
        view! {
            <form method="post" action="/homepages/sweep" class="buttons"><button>{lang.t("sweep-now")}</button></form>
        }
        .into_any()
    });
    let unknown = (!tools.knows_ours).then(|| {
        view! { <p class="note warning">{lang.t("ours-unknown")}" "<a href="/homepages/servers">{lang.t("web-servers")}</a></p> }
    });
    view! { {unknown}{progress}{ask} }.into_any()
}

/// Decisions that a key makes: key, code, meaning.
pub const DECISIONS: [(&str, &str, Meaning); 5] = [
    ("m", "move", Meaning::Good),
    ("a", "ask", Meaning::Warning),
    ("d", "drop", Meaning::Bad),
    ("e", "elsewhere", Meaning::Notice),
    ("0", "undecided", Meaning::Unknown),
];

/// A decision with its colour.
#[must_use]
pub fn decision(lang: Lang, code: &str) -> (Meaning, String) {
    let meaning = DECISIONS.iter().find(|(_, c, _)| *c == code).map_or(Meaning::Unknown, |(.., m)| *m);
    (meaning, lang.find(&format!("decision-{code}")).unwrap_or("?").to_owned())
}

/// After the rows: what the keys of triage need, and the place where the evidence of the current row is shown.
pub fn triage(lang: Lang, next: Option<String>) -> AnyView {
    let templates = DECISIONS
        .iter()
        .map(|(key, code, meaning)| {
            let (_, text) = decision(lang, code);
            view! { <span data-key=*key data-decision=*code>{badge(*meaning, text)}</span> }
        })
        .collect_view();
    view! {
        <p class="quiet wide-only">{lang.t("triage-help")}</p>
        <div id="triage" hidden=true data-column=lang.t("col-decision") data-failed=lang.t("triage-failed") data-next=next>{templates}</div>
        <p id="triage-said" role="status" class="sr"></p>
        <aside id="evidence" class="evidence" hidden=true tabindex="0" aria-label=lang.t("evidence")></aside>
    }
    .into_any()
}

/// A homepage in the picture of all.
#[derive(Debug, Clone)]
pub struct Dot {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Code of its decision.
    pub decision: String,
}

/// Homepages of one class in the picture.
#[derive(Debug, Clone)]
pub struct Patch {
    /// What it is called.
    pub title: String,
    /// The list of these.
    pub href: String,
    /// Its colour.
    pub meaning: Meaning,
    /// They.
    pub dots: Vec<Dot>,
}

fn glyph(decision: &str) -> &'static str {
    match decision {
        "move" => "→",
        "ask" => "?",
        "drop" => "×",
        "elsewhere" => "↗",
        _ => "",
    }
}

/// All homepages at a glance: one cell each, grouped by class, coloured by it, marked by what is decided.
pub fn map(lang: Lang, patches: Vec<Patch>, list: String, more: bool) -> AnyView {
    let legend = DECISIONS
        .iter()
        .filter(|(_, code, _)| *code != "undecided")
        .map(|(_, code, _)| view! { <li><span class="dot" aria-hidden="true">{glyph(code)}</span>" "{decision(lang, code).1}</li> })
        .collect_view();
    let more = more.then(|| view! { <p class="note">{lang.t("map-more")}</p> });
    let empty = patches.is_empty().then(|| view! { <p class="empty">{lang.t("empty-filtered")}</p> });
    let patches = patches
        .into_iter()
        .map(|patch| {
            let class = format!("dots {}", patch.meaning.class());
            let count = patch.dots.len();
            let dots = patch
                .dots
                .into_iter()
                .map(|d| {
                    let text = format!("{}: {}", d.name, decision(lang, &d.decision).1);
                    let mark = glyph(&d.decision);
                    // The same homepages stand in the list, which the keyboard goes through.
                    view! { <a class="dot" tabindex="-1" href=format!("/homepages/{}", d.id) title=text.clone() aria-label=text>{mark}</a> }
                })
                .collect::<Vec<_>>();
            view! {
                <section class="patch"><h2><a href=patch.href>{patch.title}</a>" "<span class="quiet num">{count}</span></h2>
                <div class=class>{dots}</div></section>
            }
        })
        .collect::<Vec<_>>();
    view! {
        <div class="head"><h1>{lang.t("homepages-map")}</h1><a class="button" href=list>{lang.t("homepages-list")}</a></div>
        <ul class="legend">{legend}</ul>
        {more}{empty}
        {patches}
    }
    .into_any()
}

/// A line of a chart: its name and a number for each day.
#[derive(Debug, Clone)]
pub struct Curve {
    /// What it is.
    pub title: String,
    /// Its colour.
    pub meaning: Meaning,
    /// One number a day.
    pub values: Vec<i32>,
}

/// A chart of days.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// The days.
    pub days: Vec<String>,
    /// The lines, the largest at the end first.
    pub curves: Vec<Curve>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 44.0;
/// Room for the names of the lines.
const RIGHT: f64 = 190.0;

/// Numbers by day as lines over a zero baseline, each with its name at its end, and as a table for those who do not see them.
pub fn chart(lang: Lang, chart: Chart) -> AnyView {
    let most = chart.curves.iter().flat_map(|c| c.values.iter().copied()).max().unwrap_or(0).max(1);
    let (n, scale) = (chart.days.len(), f64::from(most));
    let x = |i: usize| {
        let share = if n > 1 { count(i) / count(n - 1) } else { 1.0 };
        LEFT + share * (WIDTH - LEFT - RIGHT)
    };
    let y = |v: i32| 8.0 + (1.0 - f64::from(v) / scale) * (HEIGHT - 32.0);
    // Names that would stand on each other are pushed apart.
    let mut order: Vec<usize> = (0..chart.curves.len()).collect();
    let last = |i: usize| chart.curves.get(i).and_then(|c| c.values.last().copied()).unwrap_or(0);
    order.sort_by_key(|i| std::cmp::Reverse(last(*i)));
    let mut places = vec![0.0; chart.curves.len()];
    let mut above = f64::MIN;
    for i in order {
        let place = (y(last(i)) + 4.0).max(above + 15.0);
        above = place;
        if let Some(p) = places.get_mut(i) {
            *p = place;
        }
    }
    let lines = chart
        .curves
        .iter()
        .zip(&places)
        .map(|(curve, place)| {
            let points: Vec<String> =
                curve.values.iter().enumerate().map(|(i, v)| format!("{:.1},{:.1}", x(i), y(*v))).collect();
            let dot = curve.values.last().map(
                |v| view! { <circle cx=format!("{:.1}", x(n.saturating_sub(1))) cy=format!("{:.1}", y(*v)) r="3" /> },
            );
            let name = format!("{} {}", curve.title, curve.values.last().copied().unwrap_or(0));
            view! {
                <g class=curve.meaning.class()><polyline points=points.join(" ") />{dot}
                <text x=format!("{:.1}", WIDTH - RIGHT + 10.0) y=format!("{place:.1}")>{name}</text></g>
            }
        })
        .collect::<Vec<_>>();
    let first = chart.days.first().cloned().unwrap_or_default();
    let end = chart.days.last().cloned().unwrap_or_default();
    let heads =
        chart.curves.iter().map(|c| view! { <th scope="col" class="num">{c.title.clone()}</th> }).collect::<Vec<_>>();
    let rows = chart
        .days
        .iter()
        .enumerate()
        .map(|(i, day)| {
            let cells = chart
                .curves
                .iter()
                .map(|c| view! { <td class="num">{c.values.get(i).copied().unwrap_or(0)}</td> })
                .collect::<Vec<_>>();
            view! { <tr><th scope="row">{day.clone()}</th>{cells}</tr> }
        })
        .collect::<Vec<_>>();
    let tall = above.max(HEIGHT - 4.0) + 8.0;
    view! {
        <figure class="card chart">
            <figcaption><h2>{chart.title}</h2></figcaption>
            <div class="scroll" tabindex="0"><svg viewBox=format!("0 0 {WIDTH} {tall:.0}") role="img" aria-label=chart.title>
                <line class="axis" x1=LEFT.to_string() x2=(WIDTH - RIGHT).to_string() y1=y(0).to_string() y2=y(0).to_string() />
                <text class="axis" x=(LEFT - 6.0).to_string() y=(y(0) + 4.0).to_string() text-anchor="end">"0"</text>
                <text class="axis" x=(LEFT - 6.0).to_string() y=(y(most) + 4.0).to_string() text-anchor="end">{most}</text>
                <text class="axis" x=LEFT.to_string() y=(HEIGHT - 6.0).to_string()>{first}</text>
                <text class="axis" x=(WIDTH - RIGHT).to_string() y=(HEIGHT - 6.0).to_string() text-anchor="end">{(n > 1).then_some(end)}</text>
                {lines}
            </svg></div>
            <details><summary>{lang.t("course-table")}</summary><table><thead><tr><th scope="col">{lang.t("moves-day")}</th>{heads}</tr></thead><tbody>{rows}</tbody></table></details>
        </figure>
    }
    .into_any()
}

/// A number of things for a drawing; more than a `u32` of days there are not.
fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// How the work goes on.
pub fn course(lang: Lang, charts: Vec<Chart>) -> AnyView {
    let empty = charts.is_empty().then(|| view! { <p class="empty">{lang.t("course-none")}</p> });
    view! { <h1>{lang.t("homepages-course")}</h1>{empty}{charts.into_iter().map(|c| chart(lang, c)).collect::<Vec<_>>()} }.into_any()
}
