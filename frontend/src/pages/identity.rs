//! The log-in.

use crate::{
    i18n::Lang,
    ui::form::{self, FieldErrors},
};
use leptos::prelude::*;

/// The log-in form. The password is never given back.
pub fn login(lang: Lang, email: &str, next: &str, errors: &FieldErrors, first_run: bool) -> AnyView {
    let hint = first_run.then(
        || view! { <p class="notice">{lang.t("login-first-run")}" "<code>"hostler admin create --email …"</code></p> },
    );
    view! {
        <section class="card narrow">
            <h1>{lang.t("login")}</h1>
            {hint}
            {form::summary(lang, errors)}
            <form method="post" action="/login">
                <input type="hidden" name="next" value=next.to_owned() />
                {form::text("email", "email", lang.t("login-email"), "", email, errors)}
                {form::text("password", "password", lang.t("login-password"), "", "", errors)}
                <button class="primary">{lang.t("login-submit")}</button>
            </form>
        </section>
    }
    .into_any()
}
