//! The provider's mail servers, and the form of one.

use crate::{
    i18n::Lang,
    ui::form::{self, FieldErrors},
};
use leptos::prelude::*;

/// What is typed of a mail server.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name; without an id it is a new one")]
pub struct ServerForm {
    pub id: String,
    pub revision: i32,
    pub name: String,
    pub host_name: String,
    pub address: String,
    pub roles: Vec<String>,
    pub takes_new: bool,
}

/// A mail server as a line.
#[derive(Debug, Clone)]
pub struct ServerLine {
    /// What is said of it.
    pub form: ServerForm,
    /// How many mailboxes live on it.
    pub mailboxes: i64,
}

const ROLES: [&str; 4] = ["store", "mx", "submission", "proxy"];

fn role(lang: Lang, code: &str) -> &'static str {
    lang.find(&format!("server-role-{code}")).unwrap_or("?")
}

fn table(lang: Lang, lines: &[ServerLine]) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="empty">{lang.t("servers-none")}</p> }.into_any();
    }
    let rows = lines
        .iter()
        .map(|line| {
            let form = &line.form;
            let roles: Vec<&str> = form.roles.iter().map(|r| role(lang, r)).collect();
            let new = form.takes_new.then(|| view! { " "<span class="quiet">{lang.t("server-takes-new-short")}</span> });
            view! {
                <tr><th scope="row" class="mono" data-label=lang.t("col-name")><a href=format!("/mail/servers?edit={}", form.id)>{form.name.clone()}</a></th>
                    <td class="mono break" data-label=lang.t("server-host-name")>{form.host_name.clone()}</td>
                    <td class="mono" data-label=lang.t("server-address")>{form.address.clone()}</td>
                    <td data-label=lang.t("server-roles")>{roles.join(", ")}</td>
                    <td class="number" data-label=lang.t("server-mailboxes")><a href=format!("/mail?kind=mailbox&server={}", form.name)>{line.mailboxes}</a>{new}</td></tr>
            }
        })
        .collect::<Vec<_>>();
    view! {
        <table class="list">
            <caption class="sr">{lang.t("servers")}</caption>
            <thead><tr><th scope="col">{lang.t("col-name")}</th><th scope="col">{lang.t("server-host-name")}</th><th scope="col">{lang.t("server-address")}</th>
                <th scope="col">{lang.t("server-roles")}</th><th scope="col" class="number">{lang.t("server-mailboxes")}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// All mail servers, and the form of one.
pub fn servers(lang: Lang, lines: &[ServerLine], typed: &ServerForm, errors: &FieldErrors) -> AnyView {
    let new = typed.id.is_empty();
    let choices = ROLES.iter().map(|r| (*r, role(lang, r), typed.roles.iter().any(|c| c == r))).collect();
    let title = if new { lang.t("server-new").to_owned() } else { typed.name.clone() };
    let first = lines.is_empty().then(|| view! { <p class="help">{lang.t("server-first-help")}</p> });
    let delete = (!new).then(|| {
        view! {
            <details><summary>{lang.t("server-drop")}</summary>
            <p>{lang.t("server-drop-help")}</p>
            {form::error(errors, "to_server")}
            <form method="post" action=format!("/mail/servers/{}/delete", typed.id)>
                <input type="hidden" name="revision" value=typed.revision.to_string() />
                <button class="danger">{lang.t("server-drop")}</button>
            </form></details>
        }
    });
    let other = (!new).then(|| view! { <a href="/mail/servers">{lang.t("server-new")}</a> });
    view! {
        <h1>{lang.t("servers")}</h1>
        <p>{lang.t("servers-help")}</p>
        {table(lang, lines)}
        <section class="card form">
            <h2>{title}</h2>
            {first}
            {form::summary(lang, errors)}
            <form method="post" action="/mail/servers">
                <input type="hidden" name="id" value=typed.id.clone() />
                <input type="hidden" name="revision" value=typed.revision.to_string() />
                {form::text("name", "text", lang.t("col-name"), lang.t("server-name-help"), &typed.name, errors)}
                {form::text("host_name", "text", lang.t("server-host-name"), lang.t("server-host-name-help"), &typed.host_name, errors)}
                {form::text("address", "text", lang.t("server-address"), lang.t("server-address-help"), &typed.address, errors)}
                {form::boxes("roles", lang.t("server-roles"), choices, errors)}
                {form::error(errors, "takes_new")}
                {form::check("takes_new", lang.t("server-takes-new"), typed.takes_new)}
                <div class="buttons"><button class="primary">{lang.t("save")}</button>{other}</div>
            </form>
            {delete}
        </section>
    }
    .into_any()
}
