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

/// A step of the first days.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Key of its text, and with `-text` of why.
    pub key: &'static str,
    /// Where it is done.
    pub href: &'static str,
    /// Whether it is.
    pub done: bool,
}

fn first_steps(lang: Lang, steps: Vec<Step>) -> impl IntoView {
    let items = steps
        .into_iter()
        .map(|step| {
            let (class, glyph, word) = if step.done { ("good", "●", "step-done") } else { ("notice", "◐", "step-open") };
            let text = lang.find(step.key).unwrap_or("?");
            let why = lang.find(&format!("{}-text", step.key)).unwrap_or_default();
            view! {
                <li><span class=class aria-hidden="true">{glyph}</span><span class="sr">{lang.find(word).unwrap_or("?")}</span>
                    <div><a href=step.href>{text}</a><p class="quiet">{why}</p></div></li>
            }
        })
        .collect_view();
    view! { <section class="card"><h2>{lang.t("start-here")}</h2><ol class="steps">{items}</ol></section> }
}

/// The first page. `steps` are those of the first days, as long as one is open.
pub fn dashboard(
    lang: Lang,
    tiles: Vec<Tile>,
    wrong: Vec<(String, String, i64)>,
    events: Vec<Event>,
    steps: Vec<Step>,
) -> AnyView {
    let empty = tiles.iter().all(|t| t.value == "0");
    let start = (!steps.is_empty()).then(|| first_steps(lang, steps));
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
            let what = super::audit::action_text(lang, &e.action);
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
