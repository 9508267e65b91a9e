//! A page of the handbook. Its HTML is made from our own files, with everything foreign shown as text.

use leptos::prelude::*;

/// A page.
pub fn handbook(html: String) -> AnyView {
    view! { <article class="handbook" inner_html=html></article> }.into_any()
}
