//! Who changed what: the log, and one entry with its difference.

use crate::{
    i18n::Lang,
    ui::{
        diff,
        facts::facts as list_of,
        list::{self, ListState, breakable},
    },
};
use leptos::prelude::*;

/// An entry of the log.
#[derive(Debug, Clone)]
pub struct EntryLine {
    /// Its place in the log.
    pub id: i64,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// Through whom or what.
    pub via: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// Code of what was done.
    pub action: String,
    /// To what.
    pub label: String,
    /// Where that is.
    pub href: Option<String>,
    /// How it was, as text.
    pub before: String,
    /// How it is, as text.
    pub after: String,
    /// Whether it was taken back.
    pub undone: bool,
    /// Whether the reader may take it back.
    pub undoable: bool,
    /// Number of the request.
    pub request: Option<String>,
}

/// What was done, in words.
#[must_use]
pub fn action_text(lang: Lang, action: &str) -> String {
    lang.find(&format!("action-{action}")).map_or_else(|| action.to_owned(), str::to_owned)
}

fn who(lang: Lang, line: &EntryLine) -> String {
    match &line.via {
        Some(via) => lang.f("audit-via", &[("actor", &line.actor), ("via", via)]),
        None => line.actor.clone(),
    }
}

/// The log. `csv` is the address of the same entries as a table.
pub fn log(lang: Lang, state: &ListState, actions: Vec<String>, lines: Vec<EntryLine>, csv: String) -> AnyView {
    let options = actions.into_iter().map(|a| (a.clone(), action_text(lang, &a))).collect();
    let from = view! { <label>{lang.t("audit-from")}<input type="date" name="from" value=state.filter("from").to_owned() /></label> };
    let until = view! { <label>{lang.t("audit-until")}<input type="date" name="until" value=state.filter("until").to_owned() /></label> };
    let more = view! { {list::choice("action", lang.t("col-action"), lang.t("all"), state.filter("action"), options)}{from}{until} }.into_any();
    let rows = lines
        .iter()
        .map(|line| {
            let undone = line.undone.then(|| view! { <span class="quiet">" "{lang.t("audit-undone")}</span> });
            let label = match &line.href {
                Some(href) => view! { <a href=href.clone()>{line.label.clone()}</a> }.into_any(),
                None => line.label.clone().into_any(),
            };
            view! {
                <tr>
                    <td class="time" data-label=lang.t("col-when")>{line.at.clone()}</td>
                    <td data-label=lang.t("col-action")><a href=format!("/audit/{}", line.id)>{action_text(lang, &line.action)}</a>{undone}</td>
                    <td class=breakable(&line.label, false) data-label=lang.t("col-thing")>{label}</td>
                    <td class=breakable(&who(lang, line), false) data-label=lang.t("col-who")>{who(lang, line)}</td>
                    <td class="mono" data-label=lang.t("col-from")>{line.address.clone().unwrap_or_default()}</td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <table class="list">
                <caption class="sr">{lang.t("nav-audit")}</caption>
                <thead><tr><th scope="col">{lang.t("col-when")}</th><th scope="col">{lang.t("col-action")}</th><th scope="col">{lang.t("col-thing")}</th>
                    <th scope="col">{lang.t("col-who")}</th><th scope="col">{lang.t("col-from")}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    let none = (state.total == 0).then(|| view! { <p class="empty">{lang.t("audit-none")}</p> });
    view! {
        <div class="head"><h1>{lang.t("nav-audit")}</h1><a class="button" href=csv download="">"CSV"</a></div>
        {list::filters(lang, state, more, &["action", "from", "until"])}
        {table}{none}
        {list::pages(lang, state)}
    }
    .into_any()
}

/// One entry.
pub fn entry(lang: Lang, line: &EntryLine) -> AnyView {
    let undo = line.undoable.then(|| {
        view! { <form method="post" action=format!("/audit/{}/undo", line.id)><button class="primary">{lang.t("audit-undo")}</button></form> }
    });
    let undone = line.undone.then(|| view! { <p class="notice">"◐ "{lang.t("audit-undone")}</p> });
    let label = match &line.href {
        Some(href) => view! { <a href=href.clone()>{line.label.clone()}</a> }.into_any(),
        None => line.label.clone().into_any(),
    };
    let facts = [
        ("col-when", line.at.clone()),
        ("col-who", who(lang, line)),
        ("col-from", line.address.clone().unwrap_or_default()),
        ("col-request", line.request.clone().unwrap_or_default()),
    ];
    let changed = line.before != line.after;
    let difference =
        changed.then(|| view! { <h2>{lang.t("diff")}</h2>{diff::unified(lang, &line.before, &line.after)} });
    view! {
        <div class="head"><h1>{action_text(lang, &line.action)}</h1><span>{label}</span></div>
        {undone}
        {list_of(lang, facts)}
        {difference}
        {undo}
    }
    .into_any()
}
