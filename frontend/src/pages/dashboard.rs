//! What is there, what is wrong.

use crate::i18n::Lang;
use leptos::prelude::*;

/// A number that leads to its list.
#[derive(Debug, Clone)]
pub struct Tile {
    /// Key of its name.
    pub key: &'static str,
    /// The number, ready to read.
    pub value: String,
    /// Where it leads.
    pub href: &'static str,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// When, for people.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What: code of the action.
    pub action: String,
    /// To what.
    pub label: String,
}

/// The first page.
pub fn dashboard(
    lang: Lang,
    tiles: Vec<Tile>,
    wrong: Vec<(String, String, i64)>,
    events: Vec<Event>,
    importing: bool,
) -> AnyView {
    let empty = tiles.iter().all(|t| t.value == "0");
    let start = (empty && importing).then(|| {
        view! { <section class="card"><h2>{lang.t("start-here")}</h2><p>{lang.t("start-here-text")}</p>
        <p><a class="button primary" href="/import">{lang.t("start-import")}</a></p></section> }
    });
    let tiles = tiles
        .into_iter()
        .map(|tile| view! { <a class="tile" href=tile.href><span class="value">{tile.value}</span><span>{lang.t(tile.key)}</span></a> })
        .collect_view();
    let fine = (wrong.is_empty() && !empty).then(|| view! { <p class="good">"● "{lang.t("nothing-wrong")}</p> });
    let wrong = wrong
        .into_iter()
        .map(|(href, text, n)| view! { <li><a href=href><span class="num">{n}</span><span>{text}</span></a></li> })
        .collect_view();
    let happened = !events.is_empty();
    let events = events
        .into_iter()
        .map(|e| {
            let what = lang.find(&format!("action-{}", e.action)).unwrap_or("?");
            view! { <tr><td class="time" data-label=lang.t("col-when")>{e.at}</td><td data-label=lang.t("col-action")>{what}</td>
                <td class="break" data-label=lang.t("col-thing")>{e.label}</td><td class="break" data-label=lang.t("col-who")>{e.actor}</td></tr> }
        })
        .collect_view();
    view! {
        <h1>{lang.t("nav-overview")}</h1>
        {start}
        <section class="tiles" aria-label=lang.t("what-is-there")>{tiles}</section>
        <section><h2>{lang.t("what-is-wrong")}</h2>{fine}<ul class="wrong">{wrong}</ul></section>
        {happened.then(|| view! { <section>
            <h2>{lang.t("what-happened")}</h2>
                <table class="list">
                    <thead><tr><th scope="col">{lang.t("col-when")}</th><th scope="col">{lang.t("col-action")}</th>
                        <th scope="col">{lang.t("col-thing")}</th><th scope="col">{lang.t("col-who")}</th></tr></thead>
                    <tbody>{events}</tbody>
                </table>
        </section> })}
    }
    .into_any()
}
