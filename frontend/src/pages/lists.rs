//! Customers, domains, homepages and mailboxes as lists, and one customer.

use crate::{
    i18n::Lang,
    ui::{
        list::{self, ListState, breakable},
        state::{Meaning, badge},
    },
};
use leptos::prelude::*;

/// A cell of a row.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A name, address or record: monospace.
    Mono(String),
    /// A link with its text.
    Link(String, String),
    /// A link to something with a name.
    MonoLink(String, String),
    /// A number, right-aligned.
    Number(String),
    /// A state.
    State(Meaning, String),
    /// Nothing to say.
    Nothing,
}

impl Column {
    /// Its name in the URL.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.title.trim_start_matches("col-")
    }
}

/// Which columns are shown: the first, and those that the reader chose, or all.
fn shown(state: &ListState, columns: &[Column]) -> Vec<bool> {
    let chosen = state.filter(list::COLUMNS);
    columns
        .iter()
        .enumerate()
        .map(|(i, c)| i == 0 || chosen.is_empty() || chosen.split('.').any(|x| x == c.code()))
        .collect()
}

/// The columns as toggles.
fn own_columns(lang: Lang, state: &ListState, columns: &[Column]) -> impl IntoView + use<> {
    let now = shown(state, columns);
    let chips = (1..columns.len())
        .map(|i| {
            let mut next = now.clone();
            if let Some(one) = next.get_mut(i) {
                *one = !*one;
            }
            let codes: Vec<&str> =
                columns.iter().zip(&next).skip(1).filter(|(_, on)| **on).map(|(c, _)| c.code()).collect();
            // None but the first: a name that no column has.
            let value = if codes.len() + 1 == columns.len() {
                String::new()
            } else if codes.is_empty() {
                "-".to_owned()
            } else {
                codes.join(".")
            };
            let on = now.get(i).copied().unwrap_or(true);
            let text = columns.get(i).map_or("", |c| lang.t(c.title));
            view! { <li><a class="chip" href=state.with(list::COLUMNS, &value) aria-current=on.then_some("true")>{text}</a></li> }
        })
        .collect_view();
    view! { <details class="columns" open=!state.filter(list::COLUMNS).is_empty()><summary>{lang.t("columns")}</summary><ul class="chips">{chips}</ul></details> }
}

/// A column: key of its title, and the name to sort by, if it can be.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Key of the title.
    pub title: &'static str,
    /// Name in the URL.
    pub sort: Option<&'static str>,
    /// What the API calls what stands in it, for the file.
    pub fields: &'static [&'static str],
}

/// A select among the filters.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Name in the URL.
    pub name: &'static str,
    /// Key of the label.
    pub label: &'static str,
    /// Codes and texts. A single one without a text is a box to tick.
    pub options: Vec<(String, String)>,
}

impl Choice {
    /// A box to tick, which sends `1`.
    #[must_use]
    pub fn tick(name: &'static str, label: &'static str) -> Self {
        Self { name, label, options: vec![("1".to_owned(), String::new())] }
    }
}

fn cell(cell: Cell, label: &'static str, is_number: bool) -> AnyView {
    match cell {
        Cell::Text(text) => view! { <td data-label=label>{text}</td> }.into_any(),
        Cell::Mono(text) => {
            let class = breakable(&text, true);
            view! { <td data-label=label class=class>{text}</td> }.into_any()
        }
        Cell::Link(href, text) => view! { <td data-label=label><a href=href>{text}</a></td> }.into_any(),
        Cell::MonoLink(href, text) => {
            let class = breakable(&text, true);
            view! { <td data-label=label class=class><a href=href>{text}</a></td> }.into_any()
        }
        Cell::Number(text) => view! { <td data-label=label class="num">{text}</td> }.into_any(),
        Cell::State(meaning, text) => view! { <td data-label=label>{badge(meaning, text)}</td> }.into_any(),
        Cell::Nothing => {
            let class = if is_number { "num quiet" } else { "quiet" };
            view! { <td data-label=label class=class>"—"</td> }.into_any()
        }
    }
}

/// A table of cells; the titles stand over it, and beside each value where the screen is narrow.
pub fn table(
    lang: Lang,
    state: Option<&ListState>,
    title: &'static str,
    columns: &[Column],
    rows: Vec<Vec<Cell>>,
) -> AnyView {
    table_of(lang, state, title, columns, rows, Vec::new())
}

fn table_of(
    lang: Lang,
    state: Option<&ListState>,
    title: &'static str,
    columns: &[Column],
    rows: Vec<Vec<Cell>>,
    ids: Vec<Option<String>>,
) -> AnyView {
    // A title stands over its numbers where they end.
    let numeric: Vec<bool> =
        (0..columns.len()).map(|i| rows.iter().any(|row| matches!(row.get(i), Some(Cell::Number(_))))).collect();
    let heads = columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let class = numeric.get(i).is_some_and(|is| *is).then_some("num");
            match (state, column.sort) {
                (Some(state), Some(sort)) => list::head(state, sort, lang.t(column.title), class).into_any(),
                _ => view! { <th scope="col" class=class>{lang.t(column.title)}</th> }.into_any(),
            }
        })
        .collect_view();
    let labels: Vec<&'static str> = columns.iter().map(|c| lang.t(c.title)).collect();
    let box_head = (!ids.is_empty())
        .then(|| view! { <th scope="col" class="pick"><span class="sr">{lang.t("choose")}</span></th> });
    let rows = rows
        .into_iter()
        .enumerate()
        .map(|(i, row)| {
            let name = match row.first() {
                Some(Cell::Text(t) | Cell::Mono(t) | Cell::Link(_, t) | Cell::MonoLink(_, t)) => t.clone(),
                _ => String::new(),
            };
            let pick = ids.get(i).map(|id| {
                let one = id.clone().map(|id| view! { <input type="checkbox" form="chosen" name="pick" value=id aria-label=format!("{} {name}", lang.t("choose")) /> });
                view! { <td class="pick">{one}</td> }
            });
            let cells = row
                .into_iter()
                .zip(labels.iter().zip(&numeric))
                .map(|(c, (label, is_number))| cell(c, label, *is_number))
                .collect_view();
            view! { <tr>{pick}{cells}</tr> }
        })
        .collect_view();
    view! {
        <table class="list">
            <caption class="sr">{lang.t(title)}</caption>
            <thead><tr>{box_head}{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// A facet: its name in the URL, its code, its text, and how many rows it has.
#[derive(Debug, Clone)]
pub struct Facet {
    /// Name in the URL.
    pub name: &'static str,
    /// Code; chosen again it is cleared.
    pub code: String,
    /// Text.
    pub text: String,
    /// Rows.
    pub count: i64,
}

/// A view that somebody keeps.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub href: String,
    /// Whether it is the one that is shown.
    pub current: bool,
}

/// The views of a list that somebody keeps, and the one that could be kept now.
#[derive(Debug, Clone, Default)]
pub struct Views {
    /// Path of the list.
    pub list: &'static str,
    /// The query that is shown.
    pub query: String,
    /// Those that are kept.
    pub kept: Vec<Kept>,
}

fn kept_views(lang: Lang, views: Views) -> impl IntoView {
    let current = views.kept.iter().find(|v| v.current).cloned();
    let chips = views
        .kept
        .into_iter()
        .map(|v| view! { <li><a class="chip" href=v.href aria-current=v.current.then_some("true")>"★ "{v.name}</a></li> })
        .collect::<Vec<_>>();
    let chips = (!chips.is_empty()).then(|| view! { <ul class="chips" aria-label=lang.t("views")>{chips}</ul> });
    let form = match current {
        Some(v) => view! {
            <form method="post" action=format!("/views/{}/forget", v.id)>
                <input type="hidden" name="list" value=views.list /><button>{lang.t("view-forget")}</button>
            </form>
        }
        .into_any(),
        None if !views.query.is_empty() => view! {
            <form method="post" action="/views" class="inline">
                <input type="hidden" name="list" value=views.list /><input type="hidden" name="query" value=views.query />
                <input name="name" maxlength="60" required=true aria-label=lang.t("view-name") placeholder=lang.t("view-name") />
                <button>{lang.t("view-keep")}</button>
            </form>
        }
        .into_any(),
        None => ().into_any(),
    };
    view! { {chips}{form} }
}

/// What stands around a list besides its filters.
#[derive(Default)]
pub struct Around {
    /// Facets as toggles with their counts.
    pub facets: Vec<Facet>,
    /// The list in the API, for the file: filters of the same names are taken along.
    pub csv: Option<&'static str>,
    /// Something to do with all rows that match: path and key of its text.
    pub action: Option<(&'static str, &'static str)>,
    /// Ids of the rows, where the same can be done with chosen ones; a row without one cannot be chosen.
    pub ids: Vec<Option<String>>,
    /// Views that the reader keeps.
    pub views: Views,
    /// Where new ones are made: path and key of the text.
    pub new: Vec<(&'static str, &'static str)>,
    /// Something between filters and rows.
    pub note: Option<AnyView>,
    /// Something after the rows.
    pub after: Option<AnyView>,
}

/// A sentence between filters and rows.
pub fn note(text: String) -> AnyView {
    view! { <p class="note">{text}</p> }.into_any()
}

/// A list with its filters and pages.
pub fn list(
    lang: Lang,
    title: &'static str,
    state: &ListState,
    choices: Vec<Choice>,
    columns: &[Column],
    rows: Vec<Vec<Cell>>,
    around: Around,
) -> AnyView {
    let csv = around.csv.map(|path| {
        let own = if state.filter(list::COLUMNS).is_empty() {
            String::new()
        } else {
            let now = shown(state, columns);
            let fields: Vec<&str> =
                columns.iter().zip(now).filter(|(_, on)| *on).flat_map(|(c, _)| c.fields).copied().collect();
            format!("&columns={}", fields.join(","))
        };
        let href = format!("{path}?format=csv{}{own}", state.query(&["records", list::COLUMNS]));
        let sheet = href.replacen("format=csv", "format=xlsx", 1);
        view! { <a class="button" href=href download="">"CSV"</a><a class="button" href=sheet download="">"XLSX"</a> }
    });
    let action = around.action.filter(|_| state.total != 0).map(|(path, key)| {
        let query = state.query(&["records", list::COLUMNS]);
        let href = format!("{path}?{}", query.trim_start_matches('&'));
        view! { <a class="button" href=href>{lang.find(key).unwrap_or("?")}</a> }
    });
    let new = around
        .new
        .into_iter()
        .map(|(href, key)| view! { <a class="button" href=href>{lang.find(key).unwrap_or("?")}</a> })
        .collect_view();
    // One line for each of what they are about.
    let mut groups: Vec<Vec<Facet>> = Vec::new();
    for facet in around.facets {
        match groups.last_mut() {
            Some(group) if group.first().is_some_and(|f| f.name == facet.name) => group.push(facet),
            _ => groups.push(vec![facet]),
        }
    }
    let group = |facets: Vec<Facet>| {
        let chips = facets
            .into_iter()
            .map(|facet| {
                let on = state.filter(facet.name) == facet.code;
                let href = state.with(facet.name, if on { "" } else { &facet.code });
                view! { <li><a class="chip" href=href aria-current=on.then_some("true")>{facet.text}" "<span class="num">{facet.count.to_string()}</span></a></li> }
            })
            .collect_view();
        view! { <ul class="chips" aria-label=lang.t("facets")>{chips}</ul> }
    };
    let facets = groups.into_iter().map(group).collect::<Vec<_>>();
    let (note, after) = (around.note, around.after);
    let asked: Vec<&'static str> = choices.iter().map(|c| c.name).collect();
    let choices = choices
        .into_iter()
        .map(|c| list::choice(c.name, lang.t(c.label), lang.t("all"), state.filter(c.name), c.options))
        .collect_view()
        .into_any();
    let choose = around.action.filter(|_| around.ids.iter().any(Option::is_some)).map(|(path, _)| {
        view! {
            <form id="chosen" class="chosen" method="get" action=path>
                // With nothing ticked it is about nothing, not about everything.
                <input type="hidden" name="pick" value="-" />
                <label class="check" hidden=true><input type="checkbox" data-all="pick" />{lang.t("choose-page")}</label>
                <button>{lang.t("choose-change")}</button>
            </form>
        }
    });
    let now = shown(state, columns);
    let columns_chosen = own_columns(lang, state, columns);
    let rest: Vec<Column> = columns.iter().zip(&now).filter(|(_, on)| **on).map(|(c, _)| *c).collect();
    let rows: Vec<Vec<Cell>> = rows
        .into_iter()
        .map(|row| row.into_iter().zip(&now).filter(|(_, on)| **on).map(|(cell, _)| cell).collect())
        .collect();
    let ids = if choose.is_some() { around.ids } else { Vec::new() };
    let table = (!rows.is_empty()).then(|| table_of(lang, Some(state), title, &rest, rows, ids));
    view! {
        <div class="head"><h1>{lang.t(title)}</h1>{new}{action}{csv}</div>
        {facets}
        {list::filters(lang, state, choices, &asked)}
        {kept_views(lang, around.views)}
        {note}
        {choose}
        {table}
        {list::empty(lang, state)}
        {list::pages(lang, state)}
        {columns_chosen}
        {after}
    }
    .into_any()
}

/// Something under a title of its own.
pub fn titled(lang: Lang, title: &'static str, body: AnyView) -> AnyView {
    view! { <section class="card"><h2>{lang.t(title)}</h2>{body}</section> }.into_any()
}

/// What a search in everything found: title, address of the whole list, number of hits, and the first of them.
pub fn search(lang: Lang, q: &str, sections: Vec<(&'static str, String, String, AnyView)>) -> AnyView {
    let none = sections.is_empty().then(|| view! { <p class="empty">{lang.t("search-none")}</p> });
    let sections = sections
        .into_iter()
        .map(|(title, href, total, table)| {
            let title = lang.find(title).unwrap_or("?");
            view! { <section><h2><a href=href>{title}</a>" "<span class="quiet">{total}</span></h2>{table}</section> }
        })
        .collect_view();
    view! {
        <h1>{lang.t("search")}" "<span class="mono">{q.to_owned()}</span></h1>
        {none}
        {sections}
    }
    .into_any()
}
