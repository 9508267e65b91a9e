//! One's own account: password, address, second factors, sessions, tokens.

use crate::{
    i18n::Lang,
    ui::form::{self, FieldErrors},
};
use leptos::prelude::*;

/// A passkey in the list.
#[derive(Debug, Clone)]
pub struct Key {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// When it was set up.
    pub made: String,
    /// When it was used last.
    pub used: String,
}

/// A session in the list.
#[derive(Debug, Clone)]
pub struct SessionLine {
    /// Id.
    pub id: String,
    /// When it began.
    pub began: String,
    /// When it was used last.
    pub seen: String,
    /// From where.
    pub address: String,
    /// The browser's name for itself.
    pub agent: String,
    /// Whether it is this one.
    pub this: bool,
}

/// A token in the list.
#[derive(Debug, Clone)]
pub struct TokenLine {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it may do.
    pub actions: String,
    /// From where it works.
    pub networks: String,
    /// When it ends.
    pub ends: String,
    /// When and from where it was used last.
    pub used: String,
}

/// Everything that the page of second factors shows.
#[derive(Debug, Clone, Default)]
pub struct Factors {
    /// Whether codes are set up.
    pub totp: bool,
    /// A secret that waits to be confirmed, and its QR code.
    pub pending: Option<(String, String)>,
    /// Recovery codes that are left.
    pub recovery_left: i64,
    /// Passkeys.
    pub keys: Vec<Key>,
    /// Whether passkeys can be set up here.
    pub passkeys_possible: bool,
    /// Whether a second factor must be set up before anything else.
    pub required: bool,
}

/// The pages of one's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the page of that name")]
pub enum Tab {
    Account,
    Security,
    Sessions,
    Tokens,
}

fn header(lang: Lang, tab: Tab) -> impl IntoView + use<> {
    let tabs = [
        (Tab::Account, "/account", "account-tab"),
        (Tab::Security, "/account/security", "security-tab"),
        (Tab::Sessions, "/account/sessions", "sessions-tab"),
        (Tab::Tokens, "/account/tokens", "tokens-tab"),
    ]
    .into_iter()
    .map(|(item, href, key)| {
        view! { <li><a href=href aria-current=(item == tab).then_some("page")>{lang.t(key)}</a></li> }
    })
    .collect_view();
    view! { <h1>{lang.t("nav-account")}</h1><nav class="tabs" aria-label=lang.t("account-pages")><ul>{tabs}</ul></nav> }
}

/// Password, address, and the language of mails.
pub fn account(lang: Lang, email: String, mails: Lang, new_email: &str, errors: &FieldErrors) -> AnyView {
    let languages = [(Lang::De, "Deutsch"), (Lang::En, "English")].map(
        |(code, name)| view! { <option value=code.code() lang=code.code() selected=code == mails>{name}</option> },
    );
    view! {
        {header(lang, Tab::Account)}
        {form::summary(lang, errors)}
        <section class="card form">
            <h2>{lang.t("password-change")}</h2>
            <form method="post" action="/account/password">
                <input type="hidden" name="username" autocomplete="username" value=email.clone() />
                {form::text("password", "password", lang.t("password-current"), "", "", errors)}
                {form::text("new_password", "password", lang.t("password-new"), lang.t("password-help"), "", errors)}
                <button class="primary">{lang.t("password-set")}</button>
            </form>
        </section>
        <section class="card form">
            <h2>{lang.t("address-change")}</h2>
            <p class="quiet">{lang.t("login-email")}" "<strong>{email}</strong></p>
            <form method="post" action="/account/address">
                {form::text("new_email", "email", lang.t("address-new"), lang.t("address-help"), new_email, errors)}
                {form::text("address_password", "password", lang.t("password-current"), "", "", errors)}
                <button class="primary">{lang.t("address-submit")}</button>
            </form>
        </section>
        <section class="card form">
            <h2>{lang.t("mail-language")}</h2>
            <form method="post" action="/account/language" class="inline">
                <select name="lang" aria-label=lang.t("mail-language")>{languages}</select>
                <button>{lang.t("save")}</button>
            </form>
        </section>
    }
    .into_any()
}

fn totp(lang: Lang, factors: &Factors, errors: &FieldErrors) -> AnyView {
    if let Some((secret, qr)) = factors.pending.clone() {
        return view! {
            <p>{lang.t("totp-scan")}</p>
            <div class="qr" role="img" aria-label=lang.t("totp-qr") inner_html=qr></div>
            <p>{lang.t("totp-secret")}" "<code class="break">{secret}</code></p>
            <form method="post" action="/account/totp/confirm">
                {form::completed("code", "text", "one-time-code", (lang.t("second-code"), ""), "", errors)}
                <button class="primary">{lang.t("totp-confirm")}</button>
            </form>
        }
        .into_any();
    }
    if factors.totp {
        return view! {
            <p class="good">"● "{lang.t("totp-on")}</p>
            <form method="post" action="/account/totp/disable">
                {form::text("password", "password", lang.t("password-current"), "", "", errors)}
                <button>{lang.t("totp-disable")}</button>
            </form>
        }
        .into_any();
    }
    view! { <p>{lang.t("totp-off")}</p><form method="post" action="/account/totp"><button class="primary">{lang.t("totp-begin")}</button></form> }
        .into_any()
}

/// Second factors.
pub fn security(lang: Lang, factors: &Factors, errors: &FieldErrors) -> AnyView {
    let required =
        factors.required.then(|| view! { <p class="flash notice" role="status">{lang.t("second-required")}</p> });
    let keys = factors
        .keys
        .iter()
        .map(|key| {
            view! {
                <tr>
                    <th scope="row" data-label=lang.t("col-name")>{key.name.clone()}</th><td data-label=lang.t("col-made")>{key.made.clone()}</td>
                    <td data-label=lang.t("col-used")>{key.used.clone()}</td>
                    <td><form method="post" action=format!("/account/passkeys/{}/remove", key.id) class="inline">
                        <input type="password" name="password" autocomplete="current-password" aria-label=lang.t("password-current") placeholder=lang.t("password-current") />
                        <button>{lang.t("passkey-remove")}</button></form></td>
                </tr>
            }
        })
        .collect_view();
    let table = (!factors.keys.is_empty()).then(|| {
        view! {
            <table class="list">
                <caption class="sr">{lang.t("passkeys")}</caption>
                <thead><tr><th scope="col">{lang.t("col-name")}</th><th scope="col">{lang.t("col-made")}</th><th scope="col">{lang.t("col-used")}</th>
                    <th scope="col"><span class="sr">{lang.t("col-action")}</span></th></tr></thead>
                <tbody>{keys}</tbody>
            </table>
        }
    });
    let add = if factors.passkeys_possible {
        view! {
            <div class="buttons" data-passkey="register" data-failed=lang.t("passkey-failed")>
                <input name="name" maxlength="60" aria-label=lang.t("passkey-name") placeholder=lang.t("passkey-name") />
                <button type="button" class="primary">{lang.t("passkey-add")}</button>
                <p class="error" role="alert"></p>
            </div>
        }
        .into_any()
    } else {
        view! { <p class="quiet">{lang.t("passkey-impossible")}</p> }.into_any()
    };
    let recovery = (factors.totp || !factors.keys.is_empty()).then(|| {
        view! {
            <section class="card form">
                <h2>{lang.t("recovery")}</h2>
                <p>{lang.f("recovery-left", &[("n", &factors.recovery_left)])}</p>
                <form method="post" action="/account/recovery" class="inline">
                    <input type="password" name="password" autocomplete="current-password" aria-label=lang.t("password-current") placeholder=lang.t("password-current") />
                    <button>{lang.t("recovery-renew")}</button></form>
            </section>
        }
    });
    view! {
        {header(lang, Tab::Security)}
        {required}
        {form::summary(lang, errors)}
        <section class="card form"><h2>{lang.t("totp")}</h2>{totp(lang, factors, errors)}</section>
        <section class="card form"><h2>{lang.t("passkeys")}</h2><p class="quiet">{lang.t("passkey-text")}</p>{table}{add}</section>
        {recovery}
    }
    .into_any()
}

/// Recovery codes, shown once.
pub fn recovery(lang: Lang, codes: Vec<String>) -> AnyView {
    let codes = codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view();
    view! {
        {header(lang, Tab::Security)}
        <section class="card form">
            <h2>{lang.t("recovery")}</h2>
            <p>{lang.t("recovery-text")}</p>
            <ul class="codes">{codes}</ul>
            <p><a class="button primary" href="/">{lang.t("recovery-done")}</a></p>
        </section>
    }
    .into_any()
}

/// Sessions.
pub fn sessions(lang: Lang, lines: Vec<SessionLine>) -> AnyView {
    let several = lines.len() > 1;
    let rows = lines
        .into_iter()
        .map(|line| {
            let end = if line.this {
                view! { <td data-label=lang.t("col-state") class="good">"● "{lang.t("session-this")}</td> }.into_any()
            } else {
                view! { <td data-label=lang.t("col-state")><form method="post" action=format!("/account/sessions/{}/end", line.id)><button>{lang.t("session-end")}</button></form></td> }
                    .into_any()
            };
            view! {
                <tr>
                    <td data-label=lang.t("col-browser") class="break">{line.agent}</td><td data-label=lang.t("col-address") class="mono">{line.address}</td>
                    <td data-label=lang.t("col-began")>{line.began}</td><td data-label=lang.t("col-used")>{line.seen}</td>{end}
                </tr>
            }
        })
        .collect_view();
    let all = several.then(|| {
        view! { <form method="post" action="/account/sessions/end-others"><button>{lang.t("sessions-end-others")}</button></form> }
    });
    view! {
        {header(lang, Tab::Sessions)}
        <table class="list">
            <caption class="sr">{lang.t("sessions-tab")}</caption>
            <thead><tr><th scope="col">{lang.t("col-browser")}</th><th scope="col">{lang.t("col-address")}</th><th scope="col">{lang.t("col-began")}</th>
                <th scope="col">{lang.t("col-used")}</th><th scope="col">{lang.t("col-state")}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {all}
    }
    .into_any()
}

/// What is typed in the form of a new token.
#[derive(Debug, Clone, Default)]
pub struct TokenForm {
    /// Name.
    pub name: String,
    /// Actions that are chosen.
    pub actions: Vec<String>,
    /// Networks, one a line.
    pub networks: String,
    /// Days.
    pub days: String,
}

/// Tokens for automation. `made` is a new one, shown this once.
pub fn tokens(
    lang: Lang,
    lines: Vec<TokenLine>,
    offered: Vec<&'static str>,
    typed: &TokenForm,
    made: Option<String>,
    errors: &FieldErrors,
) -> AnyView {
    let made = made.map(|token| {
        view! { <section class="flash good" role="status"><div><p>"● "{lang.t("token-made")}</p><p><code class="break" id="token">{token}</code></p></div></section> }
    });
    let rows = lines
        .into_iter()
        .map(|line| {
            view! {
                <tr>
                    <th scope="row" data-label=lang.t("col-name")>{line.name}</th><td data-label=lang.t("col-actions") class="mono break">{line.actions}</td>
                    <td data-label=lang.t("col-networks") class="mono">{line.networks}</td><td data-label=lang.t("col-ends")>{line.ends}</td>
                    <td data-label=lang.t("col-used")>{line.used}</td>
                    <td><form method="post" action=format!("/account/tokens/{}/revoke", line.id)><button>{lang.t("token-revoke")}</button></form></td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    let table = if rows.is_empty() {
        view! { <p class="empty">{lang.t("tokens-none")}</p> }.into_any()
    } else {
        view! {
            <table class="list">
                <caption class="sr">{lang.t("tokens-tab")}</caption>
                <thead><tr><th scope="col">{lang.t("col-name")}</th><th scope="col">{lang.t("col-actions")}</th><th scope="col">{lang.t("col-networks")}</th>
                    <th scope="col">{lang.t("col-ends")}</th><th scope="col">{lang.t("col-used")}</th><th scope="col"><span class="sr">{lang.t("col-action")}</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let boxes = offered
        .into_iter()
        .map(|action| {
            let chosen = typed.actions.iter().any(|a| a == action);
            view! { <label class="check"><input type="checkbox" name="actions" value=action checked=chosen />{lang.find(&format!("may-{}", action.replace(['.', '_'], "-"))).unwrap_or(action)}</label> }
        })
        .collect_view();
    let actions_error = errors.get("actions").cloned().map(|e| view! { <p class="error">{e}</p> });
    view! {
        {header(lang, Tab::Tokens)}
        {made}
        {table}
        <section class="card form">
            <h2>{lang.t("token-new")}</h2>
            {form::summary(lang, errors)}
            <form method="post" action="/account/tokens">
                {form::text("name", "text", lang.t("col-name"), "", &typed.name, errors)}
                <fieldset id="f-actions"><legend>{lang.t("col-actions")}</legend>{actions_error}<div class="checks">{boxes}</div></fieldset>
                {form::text("networks", "text", lang.t("col-networks"), lang.t("token-networks-help"), &typed.networks, errors)}
                {form::text("days", "number", lang.t("token-days"), "", &typed.days, errors)}
                <button class="primary">{lang.t("token-create")}</button>
            </form>
        </section>
    }
    .into_any()
}
