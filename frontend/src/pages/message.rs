//! Errors as pages: what happened, why, what to do, and a number to quote.

use crate::i18n::Lang;
use leptos::prelude::*;

/// A page that says one thing.
pub fn message(lang: Lang, title: String, text: String, reasons: Vec<String>, request_id: Option<String>) -> AnyView {
    let reasons = (!reasons.is_empty()).then(|| {
        view! { <ul>{reasons.into_iter().map(|reason| view! { <li>{reason}</li> }).collect_view()}</ul> }
    });
    view! {
        <h1>{title}</h1>
        <p>{text}</p>
        {reasons}
        {request_id.map(|id| view! { <p class="quiet">{lang.t("error-number")}" "<code>{id}</code></p> })}
        <p><a href="/">{lang.t("nav-overview")}</a></p>
    }
    .into_any()
}
