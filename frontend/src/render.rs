//! From a view to a whole page. The only place that touches Leptos' owner and islands context.

use crate::{
    i18n::Lang,
    ui::frame::{Frame, shell},
};
use leptos::prelude::*;
use std::sync::Arc;

/// Renders a page inside the frame. Nothing is awaited: the handler has loaded everything.
#[must_use]
pub fn page(frame: &Frame, body: impl FnOnce(Lang) -> AnyView) -> String {
    let owner = Owner::new_root(Some(Arc::new(hydration_context::SsrSharedContext::new_islands())));
    let html = owner.with(|| {
        let inner = body(frame.lang);
        shell(frame, inner).to_html()
    });
    owner.unset_with_forced_cleanup();
    let mut out = String::with_capacity(html.len() + 16);
    out.push_str("<!DOCTYPE html>");
    out.push_str(&html);
    out
}

/// Renders a part of a page, for a script that puts it into one.
#[must_use]
pub fn fragment(lang: Lang, body: impl FnOnce(Lang) -> AnyView) -> String {
    let owner = Owner::new_root(Some(Arc::new(hydration_context::SsrSharedContext::new_islands())));
    let html = owner.with(|| body(lang).to_html());
    owner.unset_with_forced_cleanup();
    html
}

pub use leptos::prelude::AnyView;
