//! The page of a mailbox's owner: one page, a card for each thing.

use super::mail::{AppLine, MailboxForm, PROTOCOLS, apps_table, reply_fields, secret};
use crate::{
    i18n::Lang,
    time::size,
    ui::{
        facts::facts as list_of,
        form::{self, FieldErrors},
    },
};
use leptos::prelude::*;

/// Everything that the page shows.
#[derive(Debug, Clone)]
pub struct PortalPage {
    /// The mailbox's address.
    pub address: String,
    /// State that forms are sent on.
    pub revision: i32,
    /// Facts: key of the name, text.
    pub facts: Vec<(&'static str, String)>,
    /// Most octets, and those that are there.
    pub quota: Option<(i64, i64)>,
    /// What is wrong with it, such as an old password.
    pub warning: Option<String>,
    /// Passwords of devices.
    pub apps: Vec<AppLine>,
    /// A password that was just made, shown this once: for what, and which.
    pub made: Option<(String, String)>,
    /// What a mail program has to know: key of the name, text.
    pub settings: Vec<(&'static str, String)>,
    /// This page's address as a picture; empty where it is not known.
    pub qr: String,
}

/// The log-in form. The password is never given back.
pub fn login(lang: Lang, address: &str, errors: &FieldErrors) -> AnyView {
    view! {
        <section class="card narrow">
            <h1>{lang.t("portal-login")}</h1>
            <p>{lang.t("portal-login-help")}</p>
            {form::summary(lang, errors)}
            <form method="post" action="/my/login">
                {form::completed("address", "email", "username", (lang.t("col-address"), ""), address, errors)}
                {form::text("password", "password", lang.t("login-password"), "", "", errors)}
                <div class="buttons"><button class="primary">{lang.t("login-submit")}</button><a href="/login">{lang.t("portal-to-login")}</a></div>
            </form>
        </section>
    }
    .into_any()
}

fn card(lang: Lang, title: &'static str, part: &'static str, revision: i32, fields: AnyView) -> AnyView {
    view! {
        <section class="card form" id=part>
            <h2>{lang.t(title)}</h2>
            <form method="post" action="/my">
                <input type="hidden" name="revision" value=revision.to_string() />
                <input type="hidden" name="part" value=part />
                {fields}
                <div class="buttons"><button class="primary">{lang.t("save")}</button></div>
            </form>
        </section>
    }
    .into_any()
}

fn used(lang: Lang, quota: Option<(i64, i64)>) -> Option<AnyView> {
    quota.map(|(most, used)| {
        let text = lang.f("portal-used", &[("used", &size(used, lang)), ("most", &size(most, lang))]);
        view! { <p><progress max=most.to_string() value=used.to_string() aria-label=text.clone()></progress><br />{text}</p> }.into_any()
    })
}

fn devices(lang: Lang, page: &PortalPage, typed: &MailboxForm, errors: &FieldErrors) -> AnyView {
    let qr = (!page.qr.is_empty())
        .then(|| view! { <p>{lang.t("portal-qr")}</p><div class="qr" inner_html=page.qr.clone()></div> });
    let chosen = |p: &str| p == "imap" || p == "smtp";
    let label = |p: &str| lang.find(&format!("protocol-{p}")).unwrap_or("?");
    let choices: Vec<_> = PROTOCOLS.iter().map(|p| (*p, label(p), chosen(p))).collect();
    view! {
        <section class="card form" id="device">
            <h2>{lang.t("portal-device")}</h2>
            {list_of(lang, page.settings.clone())}
            <div class="buttons"><a class="button" href="/my/device.mobileconfig" download="">{lang.t("portal-apple")}</a></div>
            {qr}
        </section>
        <section class="card form" id="apps">
            <h2>{lang.t("app-title")}</h2>
            <p>{lang.t("app-help")}</p>
            {apps_table(lang, &page.apps, Some("/my"))}
            <form method="post" action="/my/app-passwords">
                {form::text("label", "text", lang.t("app-label"), lang.t("app-label-help"), &typed.label, errors)}
                {form::boxes("app_protocols", lang.t("mail-protocols"), choices, errors)}
                <div class="buttons"><button class="primary">{lang.t("app-add")}</button></div>
            </form>
        </section>
    }
    .into_any()
}

/// The page.
pub fn portal(lang: Lang, page: PortalPage, typed: &MailboxForm, errors: &FieldErrors) -> AnyView {
    let warning = page.warning.clone().map(|text| view! { <p class="note warning">{text}</p> });
    let away = reply_fields(lang, typed, errors).into_any();
    let forward = view! {
        {form::area("forward", 2, (lang.t("mailbox-forward"), lang.t("mailbox-forward-help")), &typed.forward, errors)}
        {form::check("keep", lang.t("mailbox-keep"), typed.keep)}
    }
    .into_any();
    let junk = form::text(
        "junk_at",
        "number",
        lang.t("mailbox-junk-at"),
        lang.t("mailbox-junk-at-help"),
        &typed.junk_at,
        errors,
    )
    .into_any();
    view! {
        <div class="head"><h1 class="break">{page.address.clone()}</h1><form method="post" action="/my/logout"><button>{lang.t("logout")}</button></form></div>
        {secret(lang, page.made.clone())}
        {warning}
        {form::summary(lang, errors)}
        {used(lang, page.quota)}
        {list_of(lang, page.facts.clone())}
        {card(lang, "reply-title", "reply", page.revision, away)}
        <section class="card form" id="password">
            <h2>{lang.t("mailbox-password")}</h2>
            <form method="post" action="/my/password">
                <input type="hidden" autocomplete="username" name="address" value=page.address.clone() />
                {form::text("old_password", "password", lang.t("portal-old-password"), "", "", errors)}
                {form::text("new_password", "password", lang.t("mailbox-new-password"), lang.t("portal-new-password-help"), "", errors)}
                <div class="buttons"><button class="primary">{lang.t("mailbox-set-password")}</button></div>
            </form>
        </section>
        {card(lang, "portal-forward", "forward", page.revision, forward)}
        {devices(lang, &page, typed, errors)}
        {card(lang, "portal-junk", "junk", page.revision, junk)}
    }
    .into_any()
}
