//! From how many points on mail for a domain is spam.

use crate::{
    i18n::Lang,
    ui::form::{self, FieldErrors},
};
use leptos::prelude::*;

/// What is set; nothing: as everywhere.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name")]
pub struct SpamForm {
    pub mark_at: String,
    pub refuse_at: String,
}

/// The form, or what it says to whoever may not change it.
pub(super) fn levels(lang: Lang, href: &str, editable: bool, set: &SpamForm) -> AnyView {
    let none = FieldErrors::new();
    let body = if editable {
        view! {
            <form method="post" action=format!("{href}/mail/spam")>
                {form::text("mark_at", "number", lang.t("spam-mark-at"), lang.t("spam-mark-at-help"), &set.mark_at, &none)}
                {form::text("refuse_at", "number", lang.t("spam-refuse-at"), lang.t("spam-refuse-at-help"), &set.refuse_at, &none)}
                <div class="buttons"><button>{lang.t("save")}</button></div>
            </form>
        }
        .into_any()
    } else {
        let shown =
            |text: &str| if text.is_empty() { lang.t("spam-as-everywhere").to_owned() } else { text.to_owned() };
        view! {
            <dl class="facts"><dt>{lang.t("spam-mark-at")}</dt><dd>{shown(&set.mark_at)}</dd>
                <dt>{lang.t("spam-refuse-at")}</dt><dd>{shown(&set.refuse_at)}</dd></dl>
        }
        .into_any()
    };
    view! { <section class="card form"><h2>{lang.t("spam-title")}</h2><p>{lang.t("spam-help")}</p>{body}</section> }
        .into_any()
}
