//! Logins of a household: the provider's own, or a customer's.

use crate::{
    i18n::Lang,
    ui::{
        form::{self, FieldErrors},
        state::{Meaning, badge},
    },
};
use leptos::prelude::*;

/// A login in a row.
#[derive(Debug, Clone)]
pub struct LoginLine {
    /// Id.
    pub id: String,
    /// Revision.
    pub revision: i32,
    /// Name.
    pub name: String,
    /// Address.
    pub email: String,
    /// Role.
    pub role: &'static str,
    /// When it was used last.
    pub used: String,
    /// Whether it is switched off.
    pub off: bool,
    /// Whether it is the reader's own.
    pub own: bool,
}

/// An invitation that was not taken up yet.
#[derive(Debug, Clone)]
pub struct InvitedLine {
    /// Address.
    pub email: String,
    /// When.
    pub at: String,
    /// What became of the mail.
    pub state: String,
    /// What the mail server said, if it refused.
    pub reply: Option<String>,
}

/// Everything that the page shows.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// The logins.
    pub logins: Vec<LoginLine>,
    /// Invitations.
    pub invited: Vec<InvitedLine>,
    /// The customer whose they are: its id.
    pub customer: Option<String>,
    /// Roles to choose from.
    pub roles: Vec<&'static str>,
    /// Whether the reader may change them.
    pub manages: bool,
}

/// What is typed in the form of an invitation.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name")]
pub struct InviteForm {
    pub email: String,
    pub name: String,
    pub role: String,
    pub reseller: String,
}

fn role_text(lang: Lang, role: &str) -> &'static str {
    lang.find(&format!("role-{role}")).unwrap_or("?")
}

fn roles(lang: Lang, name: &'static str, id: String, roles: &[&'static str], chosen: &str) -> impl IntoView + use<> {
    let options = roles
        .iter()
        .map(|role| view! { <option value=*role selected=*role == chosen>{role_text(lang, role)}</option> })
        .collect_view();
    view! { <select name=name id=id aria-label=lang.t("col-role")>{options}</select> }
}

fn row(lang: Lang, people: &People, line: &LoginLine) -> impl IntoView + use<> {
    let household = people.customer.clone().unwrap_or_default();
    let state = if line.off {
        badge(Meaning::Unknown, lang.t("login-off")).into_any()
    } else {
        badge(Meaning::Good, lang.t("login-on")).into_any()
    };
    let manage = (people.manages && !line.own).then(|| {
        // A reseller's login stays one: the choice is then of one role.
        let choice: Vec<&'static str> = if line.role == "reseller" {
            vec!["reseller"]
        } else {
            people.roles.iter().copied().filter(|r| *r != "reseller").collect()
        };
        let (on, text) = if line.off { ("1", lang.t("login-enable")) } else { ("", lang.t("login-disable")) };
        view! {
            <form method="post" action=format!("/logins/{}", line.id) class="inline">
                <input type="hidden" name="revision" value=line.revision.to_string() />
                <input type="hidden" name="customer" value=household.clone() />
                <input name="name" value=line.name.clone() aria-label=lang.t("col-name") />
                {roles(lang, "role", format!("role-{}", line.id), &choice, line.role)}
                <button>{lang.t("save")}</button>
            </form>
            <form method="post" action=format!("/logins/{}/switch", line.id) class="inline">
                <input type="hidden" name="customer" value=household />
                <input type="hidden" name="on" value=on />
                <button>{text}</button>
            </form>
        }
    });
    view! {
        <tr>
            <th scope="row" data-label=lang.t("col-name")>{line.name.clone()}</th>
            <td data-label=lang.t("col-email") class="break">{line.email.clone()}</td>
            <td data-label=lang.t("col-role")>{role_text(lang, line.role)}</td>
            <td data-label=lang.t("col-used")>{line.used.clone()}</td>
            <td data-label=lang.t("col-state")>{state}</td>
            <td>{manage}</td>
        </tr>
    }
}

/// The page.
pub fn people(lang: Lang, title: String, people: &People, typed: &InviteForm, errors: &FieldErrors) -> AnyView {
    let rows = people.logins.iter().map(|line| row(lang, people, line)).collect_view();
    let none = people.logins.is_empty().then(|| view! { <p class="empty">{lang.t("logins-none")}</p> });
    let invited = (!people.invited.is_empty()).then(|| {
        let rows = people
            .invited
            .iter()
            .map(|line| {
                let meaning = match line.state.as_str() {
                    "sent" => Meaning::Good,
                    "waiting" => Meaning::Notice,
                    _ => Meaning::Bad,
                };
                let state = lang.find(&format!("mail-state-{}", line.state)).unwrap_or("?");
                let household = people.customer.clone().unwrap_or_default();
                let withdraw = people.manages.then(|| view! {
                    <form method="post" action="/logins/withdraw" class="inline">
                        <input type="hidden" name="customer" value=household />
                        <input type="hidden" name="email" value=line.email.clone() />
                        <button>{lang.t("invite-withdraw")}</button>
                    </form>
                });
                view! {
                    <tr><th scope="row" data-label=lang.t("col-email") class="break">{line.email.clone()}</th><td data-label=lang.t("col-when")>{line.at.clone()}</td>
                        <td data-label=lang.t("col-state")>{badge(meaning, state)}{line.reply.clone().map(|r| view! { <span class="quiet break">" "{r}</span> })}</td>
                        <td>{withdraw}</td></tr>
                }
            })
            .collect_view();
        view! {
            <section><h2>{lang.t("invited")}</h2>
                <table class="list"><caption class="sr">{lang.t("invited")}</caption>
                    <thead><tr><th scope="col">{lang.t("col-email")}</th><th scope="col">{lang.t("col-when")}</th><th scope="col">{lang.t("col-state")}</th>
                        <th scope="col"><span class="sr">{lang.t("col-action")}</span></th></tr></thead>
                    <tbody>{rows}</tbody></table>
            </section>
        }
    });
    let invite = people.manages.then(|| {
        let reseller = people.roles.contains(&"reseller").then(|| {
            form::text("reseller", "text", lang.t("col-reseller"), lang.t("reseller-help"), &typed.reseller, errors)
        });
        let role_error = errors.get("role").cloned().map(|e| view! { <strong class="error">{e}</strong> });
        view! {
            <section class="card form">
                <h2>{lang.t("invite")}</h2>
                {form::summary(lang, errors)}
                <form method="post" action="/logins/invite">
                    <input type="hidden" name="customer" value=people.customer.clone().unwrap_or_default() />
                    {form::text("email", "email", lang.t("login-email"), "", &typed.email, errors)}
                    {form::text("name", "text", lang.t("col-name"), "", &typed.name, errors)}
                    <div class="field"><label for="f-role">{lang.t("col-role")}</label>{roles(lang, "role", "f-role".to_owned(), &people.roles, &typed.role)}<p class="help">{role_error}</p></div>
                    {reseller}
                    <button class="primary">{lang.t("invite-submit")}</button>
                </form>
            </section>
        }
    });
    view! {
        <h1>{title}</h1>
        {none}
        {(!people.logins.is_empty()).then(|| view! { <table class="list">
            <caption class="sr">{lang.t("nav-logins")}</caption>
            <thead><tr><th scope="col">{lang.t("col-name")}</th><th scope="col">{lang.t("col-email")}</th><th scope="col">{lang.t("col-role")}</th>
                <th scope="col">{lang.t("col-used")}</th><th scope="col">{lang.t("col-state")}</th><th scope="col"><span class="sr">{lang.t("col-action")}</span></th></tr></thead>
            <tbody>{rows}</tbody>
        </table> })}
        {invited}
        {invite}
    }
    .into_any()
}
