//! Customers, domains, homepages and mailboxes as lists, and one customer.

use crate::{
    i18n::Lang,
    ui::{
        list::{self, ListState},
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

/// A column: key of its title, and the name to sort by, if it can be.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Key of the title.
    pub title: &'static str,
    /// Name in the URL.
    pub sort: Option<&'static str>,
}

/// A select among the filters.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Name in the URL.
    pub name: &'static str,
    /// Key of the label.
    pub label: &'static str,
    /// Codes and texts.
    pub options: Vec<(String, String)>,
}

fn cell(cell: Cell, label: &'static str) -> AnyView {
    match cell {
        Cell::Text(text) => view! { <td data-label=label>{text}</td> }.into_any(),
        Cell::Mono(text) => view! { <td data-label=label class="mono break">{text}</td> }.into_any(),
        Cell::Link(href, text) => view! { <td data-label=label><a href=href>{text}</a></td> }.into_any(),
        Cell::MonoLink(href, text) => {
            view! { <td data-label=label class="mono break"><a href=href>{text}</a></td> }.into_any()
        }
        Cell::Number(text) => view! { <td data-label=label class="num">{text}</td> }.into_any(),
        Cell::State(meaning, text) => view! { <td data-label=label>{badge(meaning, text)}</td> }.into_any(),
        Cell::Nothing => view! { <td data-label=label class="quiet">"—"</td> }.into_any(),
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
    // A title stands over its numbers where they end.
    let numeric = |i: usize| rows.iter().any(|row| matches!(row.get(i), Some(Cell::Number(_))));
    let heads = columns
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let class = numeric(i).then_some("num");
            match (state, column.sort) {
                (Some(state), Some(sort)) => list::head(state, sort, lang.t(column.title), class).into_any(),
                _ => view! { <th scope="col" class=class>{lang.t(column.title)}</th> }.into_any(),
            }
        })
        .collect_view();
    let labels: Vec<&'static str> = columns.iter().map(|c| lang.t(c.title)).collect();
    let rows = rows
        .into_iter()
        .map(|row| {
            let cells = row.into_iter().zip(&labels).map(|(c, label)| cell(c, label)).collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <table class="list">
            <caption class="sr">{lang.t(title)}</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// A list with its filters and pages. `note` stands between them.
pub fn list(
    lang: Lang,
    title: &'static str,
    state: &ListState,
    choices: Vec<Choice>,
    columns: &[Column],
    rows: Vec<Vec<Cell>>,
    note: Option<AnyView>,
) -> AnyView {
    let choices = choices
        .into_iter()
        .map(|c| list::choice(c.name, lang.t(c.label), lang.t("all"), state.filter(c.name), c.options))
        .collect_view()
        .into_any();
    let table = (!rows.is_empty()).then(|| table(lang, Some(state), title, columns, rows));
    view! {
        <h1>{lang.t(title)}</h1>
        {list::filters(lang, state, choices)}
        {note}
        {table}
        {list::empty(lang, state)}
        {list::pages(lang, state)}
    }
    .into_any()
}

/// Something under a title of its own.
pub fn titled(lang: Lang, title: &'static str, body: AnyView) -> AnyView {
    view! { <section class="card"><h2>{lang.t(title)}</h2>{body}</section> }.into_any()
}

/// What a search in everything found: title, address of the whole list, number of hits, and the first of them.
pub fn search(lang: Lang, q: &str, sections: Vec<(&'static str, String, i64, AnyView)>) -> AnyView {
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
