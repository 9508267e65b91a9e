//! The API's document as a page.

use crate::i18n::Lang;
use leptos::prelude::*;

/// An operation of the API.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Method.
    pub method: String,
    /// Pattern.
    pub path: String,
    /// Heading that it stands under.
    pub tag: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// The action that it needs.
    pub access: Option<&'static str>,
    /// Names of its query's parameters.
    pub query: Vec<String>,
    /// Whether it needs `If-Match`.
    pub versioned: bool,
    /// Whether it takes an `Idempotency-Key`.
    pub idempotent: bool,
}

/// The page. Operations are described in English, as the document is.
pub fn document(lang: Lang, operations: &[Operation]) -> AnyView {
    let mut tags: Vec<&'static str> = operations.iter().map(|o| o.tag).collect();
    tags.sort_unstable();
    tags.dedup();
    let sections = tags
        .into_iter()
        .map(|tag| {
            let rows = operations
                .iter()
                .filter(|o| o.tag == tag)
                .map(|o| {
                    let headers = match (o.versioned, o.idempotent) {
                        (true, true) => "If-Match, Idempotency-Key",
                        (true, false) => "If-Match",
                        (false, true) => "Idempotency-Key",
                        (false, false) => "",
                    };
                    view! {
                        <tr>
                            <th scope="row" class="mono">{o.method.clone()}</th><td class="mono break">{o.path.clone()}</td><td>{o.summary}</td>
                            <td class="mono">{o.access.unwrap_or_default()}</td><td class="mono break">{o.query.join(" ")}</td><td class="mono">{headers}</td>
                        </tr>
                    }
                })
                .collect_view();
            view! {
                <section lang="en">
                    <h2>{tag}</h2>
                    <div class="scroll" tabindex="0" role="region" aria-label=tag>
                        <table>
                            <caption class="sr">{tag}</caption>
                            <thead><tr><th scope="col">"Method"</th><th scope="col">"Path"</th><th scope="col">"What"</th>
                                <th scope="col">"Needs"</th><th scope="col">"Query"</th><th scope="col">"Headers"</th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                </section>
            }
        })
        .collect_view();
    view! {
        <h1>"API"</h1>
        <p>{lang.t("api-text")}</p>
        <p><a href="/api/v1/openapi.json">"openapi.json"</a></p>
        {sections}
    }
    .into_any()
}
