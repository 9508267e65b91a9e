//! What is known of a thing, as names and values.

use crate::i18n::Lang;
use leptos::prelude::*;

/// Facts by the key of their name; what is not known is left out.
pub fn facts(lang: Lang, facts: impl IntoIterator<Item = (&'static str, String)>) -> AnyView {
    let lines = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| view! { <dt>{lang.find(key).unwrap_or("?")}</dt><dd class="break">{value}</dd> })
        .collect_view();
    view! { <dl class="facts">{lines}</dl> }.into_any()
}
