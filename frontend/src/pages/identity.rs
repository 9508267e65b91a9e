//! The log-in, the second factor, forgotten passwords, and what mailed links lead to.

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
                {form::completed("email", "email", "username", (lang.t("login-email"), ""), email, errors)}
                {form::text("password", "password", lang.t("login-password"), "", "", errors)}
                <div class="buttons"><button class="primary">{lang.t("login-submit")}</button><a href="/reset">{lang.t("login-forgotten")}</a><a href="/my/login">{lang.t("login-to-portal")}</a></div>
            </form>
        </section>
    }
    .into_any()
}

/// The second factor. `passkey` offers that too.
pub fn second(lang: Lang, next: &str, codes: bool, passkey: bool, errors: &FieldErrors) -> AnyView {
    let passkey = passkey.then(|| {
        view! {
            <div class="buttons" data-passkey="check" data-next=next.to_owned() data-failed=lang.t("passkey-failed")>
                <button type="button" class="primary">{lang.t("passkey-use")}</button>
                <p class="error" role="alert"></p>
            </div>
        }
    });
    let help = if codes { lang.t("second-help") } else { lang.t("second-help-recovery") };
    view! {
        <section class="card narrow">
            <h1>{lang.t("second")}</h1>
            {form::summary(lang, errors)}
            {passkey}
            <form method="post" action="/login/second">
                <input type="hidden" name="next" value=next.to_owned() />
                <div class="field">
                    <label for="f-code">{lang.t("second-code")}</label>
                    <input id="f-code" name="code" inputmode="text" autocomplete="one-time-code" autocapitalize="characters" aria-describedby="h-code" />
                    <p class="help" id="h-code">{help}</p>
                </div>
                <button class="primary">{lang.t("login-submit")}</button>
            </form>
            <form method="post" action="/logout"><button class="plain">{lang.t("cancel")}</button></form>
        </section>
    }
    .into_any()
}

/// Asks for the address of a forgotten password; `sent` says that it was asked for.
pub fn reset(lang: Lang, sent: bool) -> AnyView {
    if sent {
        return view! { <section class="card narrow"><h1>{lang.t("reset")}</h1><p>{lang.t("reset-sent")}</p><p><a href="/login">{lang.t("login")}</a></p></section> }
            .into_any();
    }
    view! {
        <section class="card narrow">
            <h1>{lang.t("reset")}</h1>
            <p>{lang.t("reset-text")}</p>
            <form method="post" action="/reset">
                {form::completed("email", "email", "username", (lang.t("login-email"), ""), "", &FieldErrors::new())}
                <button class="primary">{lang.t("reset-submit")}</button>
            </form>
        </section>
    }
    .into_any()
}

/// Sets a password by a link.
pub fn new_password(lang: Lang, action: String, email: String, invited: bool, errors: &FieldErrors) -> AnyView {
    let title = if invited { lang.t("link-invite") } else { lang.t("link-reset") };
    view! {
        <section class="card narrow">
            <h1>{title}</h1>
            {form::summary(lang, errors)}
            <form method="post" action=action>
                <input type="hidden" name="username" autocomplete="username" value=email.clone() />
                <p class="quiet">{lang.t("login-email")}" "<strong>{email}</strong></p>
                {form::text("new_password", "password", lang.t("password-new"), lang.t("password-help"), "", errors)}
                <button class="primary">{lang.t("password-set")}</button>
            </form>
        </section>
    }
    .into_any()
}

/// Confirms one end of a change of address.
pub fn confirm_address(lang: Lang, action: String, old: String, new: String) -> AnyView {
    view! {
        <section class="card narrow">
            <h1>{lang.t("link-address")}</h1>
            <p>{lang.f("link-address-text", &[("old", &old), ("new", &new)])}</p>
            <form method="post" action=action><button class="primary">{lang.t("link-address-confirm")}</button></form>
        </section>
    }
    .into_any()
}

/// Says what a link has done, or that it no longer works.
pub fn link_done(title: String, text: String, next: &'static str, next_text: &'static str) -> AnyView {
    view! { <section class="card narrow"><h1>{title}</h1><p>{text}</p><p><a href=next>{next_text}</a></p></section> }
        .into_any()
}
