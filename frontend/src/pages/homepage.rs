//! One homepage with the evidence of what it is.

use crate::{i18n::Lang, ui::facts::facts};
use leptos::prelude::*;

/// A visit: each hop, and how it ended.
#[derive(Debug, Clone)]
pub struct VisitLine {
    /// `HTTP` or `HTTPS`.
    pub scheme: &'static str,
    /// Status, address and host of each hop.
    pub hops: Vec<String>,
    /// How it ended.
    pub end: String,
    /// The page's title.
    pub title: String,
    /// Beginning of what one sees there.
    pub text: String,
}

/// A look among others.
#[derive(Debug, Clone)]
pub struct LookLine {
    /// When.
    pub at: String,
    /// The class by this look alone.
    pub class: String,
    /// How sure.
    pub confidence: i16,
}

/// Everything about a homepage that a page shows.
#[derive(Debug, Clone)]
pub struct HomepagePage {
    /// Its main name.
    pub name: String,
    /// What it is held to be; none: nobody has looked.
    pub class: Option<String>,
    /// What was seen last, and once.
    pub doubt: Option<String>,
    /// Facts: key of the name, text.
    pub facts: Vec<(&'static str, String)>,
    /// What speaks for the class of the last look.
    pub signals: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
    /// The last look's visits.
    pub visits: Vec<VisitLine>,
    /// The looks, the newest first.
    pub looks: Vec<LookLine>,
}

fn list(title: &'static str, lines: Vec<String>) -> Option<AnyView> {
    (!lines.is_empty()).then(|| {
        let items = lines.into_iter().map(|l| view! { <li class="break">{l}</li> }).collect_view();
        view! { <h3>{title}</h3><ul>{items}</ul> }.into_any()
    })
}

/// The page.
pub fn homepage(lang: Lang, page: HomepagePage) -> AnyView {
    let Some(class) = page.class else {
        return view! {
            <h1 class="break">{page.name}</h1>
            {facts(lang, page.facts)}
            <p class="empty">{lang.t("look-none")}</p>
        }
        .into_any();
    };
    let doubt = page.doubt.map(|d| view! { <p class="note warning">{lang.f("look-doubt", &[("class", &d)])}</p> });
    let last = (!page.visits.is_empty()).then(|| view! { <h2>{lang.t("look-last")}</h2> });
    let visits = page
        .visits
        .into_iter()
        .map(|v| {
            let hops = v.hops.into_iter().map(|h| view! { <li class="mono break">{h}</li> }).collect_view();
            let title = (!v.title.is_empty()).then(|| view! { <p class="break"><strong>{v.title}</strong></p> });
            let text = (!v.text.is_empty()).then(|| view! { <p class="quiet break">{v.text}</p> });
            view! { <section class="card"><h3>{v.scheme}</h3><ol>{hops}</ol><p>{v.end}</p>{title}{text}</section> }
        })
        .collect_view();
    let rows = page
        .looks
        .into_iter()
        .map(|l| {
            view! {
                <tr><th scope="row" data-label=lang.t("look-at")>{l.at}</th><td data-label=lang.t("col-class")>{l.class}</td>
                    <td class="num" data-label=lang.t("look-confidence")>{l.confidence}" %"</td></tr>
            }
        })
        .collect_view();
    view! {
        <div class="head"><h1 class="break">{page.name}</h1></div>
        <p>{lang.f("look-held", &[("class", &class)])}</p>
        {doubt}
        {facts(lang, page.facts)}
        <section class="card">
            <h2>{lang.t("look-why")}</h2>
            {list(lang.t("look-for"), page.signals)}
            {list(lang.t("look-against"), page.against)}
        </section>
        {last}
        {visits}
        <h2>{lang.t("look-history")}</h2>
        <table class="list">
            <caption class="sr">{lang.t("look-history")}</caption>
            <thead><tr><th scope="col">{lang.t("look-at")}</th><th scope="col">{lang.t("col-class")}</th><th scope="col" class="num">{lang.t("look-confidence")}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}
