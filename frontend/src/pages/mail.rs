//! A mailbox, an alias, and the forms that make them.

use crate::{
    i18n::Lang,
    ui::{
        facts::facts as list_of,
        form::{self, FieldErrors},
    },
};
use leptos::prelude::*;

/// What is typed in the forms of a mailbox.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name")]
pub struct MailboxForm {
    pub address: String,
    pub name: String,
    pub protocols: Vec<String>,
    pub quota: String,
    pub quota_messages: String,
    pub forward: String,
    pub keep: bool,
    pub send_as: String,
    pub reply_on: bool,
    pub reply_from: String,
    pub reply_until: String,
    pub reply_subject: String,
    pub reply_text: String,
    pub reply_days: String,
    pub junk_at: String,
    pub label: String,
}

/// A device's password as a line.
#[derive(Debug, Clone)]
pub struct AppLine {
    /// Id.
    pub id: String,
    /// The device.
    pub label: String,
    /// What it opens.
    pub protocols: String,
    /// When it was made.
    pub made: String,
}

/// Everything about a mailbox that a page shows.
#[derive(Debug, Clone)]
pub struct MailboxPage {
    /// Id.
    pub id: String,
    /// Its address.
    pub address: String,
    /// State that forms are sent on.
    pub revision: i32,
    /// Facts: key of the name, text.
    pub facts: Vec<(&'static str, String)>,
    /// What is wrong with it, such as an old password.
    pub warning: Option<String>,
    /// Passwords of devices.
    pub apps: Vec<AppLine>,
    /// Whether this reader may change it.
    pub edit: bool,
    /// A password that was just made, shown this once: for what, and which.
    pub made: Option<(String, String)>,
    /// Where it lives, for whoever may move it.
    pub place: Option<Place>,
}

/// Where a mailbox lives, and what is typed about it.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Names of the servers that mailboxes can live on.
    pub servers: Vec<String>,
    /// The server.
    pub server: String,
    /// `1` if its mail waits, otherwise `0`.
    pub held: String,
}

pub(super) const PROTOCOLS: [&str; 4] = ["imap", "pop3", "smtp", "sieve"];

pub(super) fn protocols(lang: Lang, chosen: &[String], errors: &FieldErrors) -> impl IntoView + use<> {
    let label = |p: &str| lang.find(&format!("protocol-{p}")).unwrap_or("?");
    let choices = PROTOCOLS.iter().map(|p| (*p, label(p), chosen.iter().any(|c| c == p))).collect();
    form::boxes("protocols", lang.t("mail-protocols"), choices, errors)
}

/// A password that is shown once.
pub(super) fn secret(lang: Lang, made: Option<(String, String)>) -> Option<AnyView> {
    made.map(|(what, password)| {
        view! {
            <section class="card" role="status">
                <p>{lang.f("mail-password-made", &[("what", &what)])}</p>
                <p><code class="secret">{password}</code></p>
            </section>
        }
        .into_any()
    })
}

/// One mailbox: facts, then a form for each thing that can be set.
pub fn mailbox(lang: Lang, page: MailboxPage, typed: &MailboxForm, errors: &FieldErrors) -> AnyView {
    let warning = page.warning.clone().map(|text| view! { <p class="note warning">{text}</p> });
    let href = format!("/mailboxes/{}", page.id);
    let forms = page.edit.then(|| {
        view! {
            {settings(lang, &href, page.revision, typed, errors)}
            {reply(lang, &href, page.revision, typed, errors)}
            {password(lang, &href, errors)}
        }
    });
    let place = page.place.clone().map(|place| {
        view! {
            <section class="card form">
                <h2>{lang.t("mailbox-place")}</h2>
                <form method="post" action=format!("{href}/place")>
                    <input type="hidden" name="revision" value=page.revision.to_string() />
                    {super::mail_change::place_fields(lang, &place.servers, &place.server, &place.held, errors)}
                    <div class="buttons"><button>{lang.t("save")}</button></div>
                </form>
            </section>
        }
    });
    let apps = apps(lang, &page, &href, typed, errors);
    let delete = page.edit.then(|| {
        view! {
            <section class="card form">
                <details><summary>{lang.t("mailbox-delete")}</summary>
                <p>{lang.t("mailbox-delete-help")}</p>
                <form method="post" action=format!("{href}/delete")>
                    <input type="hidden" name="revision" value=page.revision.to_string() />
                    <button class="danger">{lang.t("mailbox-delete")}</button>
                </form></details>
            </section>
        }
    });
    view! {
        <h1 class="break">{page.address.clone()}</h1>
        {secret(lang, page.made.clone())}
        {warning}
        {form::summary(lang, errors)}
        {list_of(lang, page.facts.clone())}
        {forms}
        {place}
        {apps}
        {delete}
    }
    .into_any()
}

fn settings(lang: Lang, href: &str, revision: i32, typed: &MailboxForm, errors: &FieldErrors) -> impl IntoView + use<> {
    view! {
        <section class="card form">
            <h2>{lang.t("mailbox-settings")}</h2>
            <form method="post" action=href.to_owned()>
                <input type="hidden" name="revision" value=revision.to_string() />
                <input type="hidden" name="part" value="settings" />
                {fields(lang, typed, errors)}
                <div class="buttons"><button class="primary">{lang.t("save")}</button></div>
            </form>
        </section>
    }
}

fn fields(lang: Lang, typed: &MailboxForm, errors: &FieldErrors) -> impl IntoView + use<> {
    view! {
        {form::text("name", "text", lang.t("mailbox-name"), "", &typed.name, errors)}
        {form::text("quota_bytes", "text", lang.t("mailbox-quota"), lang.t("mailbox-quota-help"), &typed.quota, errors)}
        {form::text("quota_messages", "text", lang.t("mailbox-quota-messages"), lang.t("mailbox-quota-messages-help"), &typed.quota_messages, errors)}
        {protocols(lang, &typed.protocols, errors)}
        {form::area("forward", 2, (lang.t("mailbox-forward"), lang.t("mailbox-forward-help")), &typed.forward, errors)}
        {form::check("keep", lang.t("mailbox-keep"), typed.keep)}
        {form::text("junk_at", "number", lang.t("mailbox-junk-at"), lang.t("mailbox-junk-at-help"), &typed.junk_at, errors)}
        {form::area("send_as", 2, (lang.t("mailbox-send-as"), lang.t("mailbox-send-as-help")), &typed.send_as, errors)}
    }
}

fn reply(lang: Lang, href: &str, revision: i32, typed: &MailboxForm, errors: &FieldErrors) -> impl IntoView + use<> {
    view! {
        <section class="card form">
            <h2>{lang.t("reply-title")}</h2>
            <form method="post" action=href.to_owned()>
                <input type="hidden" name="revision" value=revision.to_string() />
                <input type="hidden" name="part" value="reply" />
                {reply_fields(lang, typed, errors)}
                <div class="buttons"><button class="primary">{lang.t("save")}</button></div>
            </form>
        </section>
    }
}

/// The fields of the out-of-office answer.
pub(super) fn reply_fields(lang: Lang, typed: &MailboxForm, errors: &FieldErrors) -> impl IntoView + use<> {
    view! {
        {form::check("reply_on", lang.t("reply-on"), typed.reply_on)}
        {form::text("reply_from", "date", lang.t("reply-from"), lang.t("reply-from-help"), &typed.reply_from, errors)}
        {form::text("reply_until", "date", lang.t("reply-until"), lang.t("reply-until-help"), &typed.reply_until, errors)}
        {form::text("reply_subject", "text", lang.t("reply-subject"), "", &typed.reply_subject, errors)}
        {form::area("reply_text", 6, (lang.t("reply-text"), lang.t("reply-text-help")), &typed.reply_text, errors)}
        {form::text("reply_days", "number", lang.t("reply-days"), lang.t("reply-days-help"), &typed.reply_days, errors)}
    }
}

fn password(lang: Lang, href: &str, errors: &FieldErrors) -> impl IntoView + use<> {
    view! {
        <section class="card form">
            <h2>{lang.t("mailbox-password")}</h2>
            <form method="post" action=format!("{href}/password")>
                {form::text("new_password", "password", lang.t("mailbox-new-password"), lang.t("mailbox-new-password-help"), "", errors)}
                <div class="buttons"><button class="primary">{lang.t("mailbox-set-password")}</button></div>
            </form>
        </section>
    }
}

fn apps(
    lang: Lang,
    page: &MailboxPage,
    href: &str,
    typed: &MailboxForm,
    errors: &FieldErrors,
) -> impl IntoView + use<> {
    let table = apps_table(lang, &page.apps, page.edit.then_some(href));
    let chosen = |p: &str| p == "imap" || p == "smtp";
    let label = |p: &str| lang.find(&format!("protocol-{p}")).unwrap_or("?");
    let choices: Vec<_> = PROTOCOLS.iter().map(|p| (*p, label(p), chosen(p))).collect();
    let add = page.edit.then(|| {
        view! {
            <form method="post" action=format!("{href}/app-passwords")>
                {form::text("label", "text", lang.t("app-label"), lang.t("app-label-help"), &typed.label, errors)}
                {form::boxes("app_protocols", lang.t("mail-protocols"), choices, errors)}
                <div class="buttons"><button>{lang.t("app-add")}</button></div>
            </form>
        }
    });
    view! { <section class="card form"><h2>{lang.t("app-title")}</h2><p>{lang.t("app-help")}</p>{table}{add}</section> }
}

/// The passwords of devices; those can be revoked below `href`.
pub(super) fn apps_table(lang: Lang, apps: &[AppLine], href: Option<&str>) -> AnyView {
    let rows = apps
        .iter()
        .map(|app| {
            let revoke = href.map(|href| {
                view! { <form method="post" action=format!("{href}/app-passwords/{}/revoke", app.id)><button>{lang.t("app-revoke")}</button></form> }
            });
            view! {
                <tr><th scope="row" data-label=lang.t("app-label") class="break">{app.label.clone()}</th><td data-label=lang.t("mail-protocols")>{app.protocols.clone()}</td>
                    <td data-label=lang.t("app-made")>{app.made.clone()}</td><td>{revoke}</td></tr>
            }
        })
        .collect::<Vec<_>>();
    if rows.is_empty() {
        view! { <p class="empty">{lang.t("app-none")}</p> }.into_any()
    } else {
        view! {
            <table class="list">
                <caption class="sr">{lang.t("app-title")}</caption>
                <thead><tr><th scope="col">{lang.t("app-label")}</th><th scope="col">{lang.t("mail-protocols")}</th><th scope="col">{lang.t("app-made")}</th>
                    <th scope="col"><span class="sr">{lang.t("col-action")}</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    }
}

/// The form of a new mailbox.
pub fn new_mailbox(lang: Lang, typed: &MailboxForm, errors: &FieldErrors) -> AnyView {
    view! {
        <h1>{lang.t("mailbox-new")}</h1>
        <section class="card form">
            {form::summary(lang, errors)}
            <form method="post" action="/mailboxes/new">
                {form::text("address", "text", lang.t("col-address"), lang.t("mailbox-address-help"), &typed.address, errors)}
                {form::text("new_password", "password", lang.t("mailbox-new-password"), lang.t("mailbox-new-password-help"), "", errors)}
                {fields(lang, typed, errors)}
                <div class="buttons"><button class="primary">{lang.t("mailbox-make")}</button><a href="/mail">{lang.t("cancel")}</a></div>
            </form>
        </section>
    }
    .into_any()
}

/// What is typed in the form of an alias.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name")]
pub struct AliasForm {
    pub address: String,
    pub targets: String,
}

/// The form of a new alias.
pub fn new_alias(lang: Lang, typed: &AliasForm, errors: &FieldErrors) -> AnyView {
    view! {
        <h1>{lang.t("alias-new")}</h1>
        <section class="card form">
            {form::summary(lang, errors)}
            <form method="post" action="/aliases/new">
                {form::text("address", "text", lang.t("col-address"), lang.t("alias-address-help"), &typed.address, errors)}
                {form::area("targets", 4, (lang.t("col-targets"), lang.t("alias-targets-help")), &typed.targets, errors)}
                <div class="buttons"><button class="primary">{lang.t("alias-make")}</button><a href="/mail">{lang.t("cancel")}</a></div>
            </form>
        </section>
    }
    .into_any()
}

/// One alias.
pub fn alias(lang: Lang, id: &str, revision: Option<i32>, typed: &AliasForm, errors: &FieldErrors) -> AnyView {
    let href = format!("/aliases/{id}");
    let targets = typed.targets.lines().map(|t| view! { <li class="mono break">{t.to_owned()}</li> }).collect_view();
    let body = match revision {
        None => view! { <ul>{targets}</ul> }.into_any(),
        Some(revision) => view! {
            <section class="card form">
                {form::summary(lang, errors)}
                <form method="post" action=href.clone()>
                    <input type="hidden" name="revision" value=revision.to_string() />
                    {form::area("targets", 6, (lang.t("col-targets"), lang.t("alias-targets-help")), &typed.targets, errors)}
                    <div class="buttons"><button class="primary">{lang.t("save")}</button></div>
                </form>
            </section>
            <section class="card form">
                <details><summary>{lang.t("alias-delete")}</summary>
                <form method="post" action=format!("{href}/delete")>
                    <input type="hidden" name="revision" value=revision.to_string() />
                    <button class="danger">{lang.t("alias-delete")}</button>
                </form></details>
            </section>
        }
        .into_any(),
    };
    view! { <h1 class="break">{typed.address.clone()}</h1>{body} }.into_any()
}
