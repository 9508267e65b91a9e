//! One customer: its data, what it has, and the form of its data.

use crate::{
    i18n::Lang,
    ui::{
        facts::facts as list_of,
        form::{self, FieldErrors},
    },
};
use leptos::prelude::*;

/// What can be done with a customer, for this reader.
#[derive(Debug, Clone, Default)]
pub struct Actions {
    /// Address of the form of its data.
    pub edit: Option<String>,
    /// Address of its logins.
    pub logins: Option<String>,
    /// Where "view as" is sent to.
    pub view_as: Option<String>,
}

/// One customer: its data, then what it has.
pub fn customer(
    lang: Lang,
    name: String,
    facts: Vec<(&'static str, String)>,
    actions: Actions,
    sections: Vec<(&'static str, String, AnyView)>,
) -> AnyView {
    let sections = sections
        .into_iter()
        .map(|(key, href, table)| view! { <section><h2><a href=href>{lang.find(key).unwrap_or("?")}</a></h2>{table}</section> })
        .collect_view();
    let edit = actions.edit.map(|href| view! { <a class="button" href=href>{lang.t("customer-edit")}</a> });
    let logins = actions.logins.map(|href| view! { <a class="button" href=href>{lang.t("nav-logins")}</a> });
    let view_as = actions
        .view_as
        .map(|action| view! { <form method="post" action=action><button>{lang.t("view-as")}</button></form> });
    view! {
        <h1>{name}</h1>
        <div class="buttons">{edit}{logins}{view_as}</div>
        {list_of(lang, facts)}
        {sections}
    }
    .into_any()
}

/// What is typed in the form.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name")]
pub struct CustomerForm {
    pub company: String,
    pub contact: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub country: String,
    pub email: String,
    pub vat_id: String,
}

/// The form of a customer's data.
pub fn edit(
    lang: Lang,
    name: String,
    href: String,
    revision: i32,
    typed: &CustomerForm,
    errors: &FieldErrors,
) -> AnyView {
    let action = format!("{href}/edit");
    let field = |name, label: &'static str, value: &str| {
        form::text(name, "text", lang.find(label).unwrap_or("?"), "", value, errors)
    };
    view! {
        <h1>{name}</h1>
        <section class="card form">
            {form::summary(lang, errors)}
            <form method="post" action=action>
                <input type="hidden" name="revision" value=revision.to_string() />
                {field("company", "col-company", &typed.company)}
                {field("contact", "col-contact", &typed.contact)}
                {field("street", "col-street", &typed.street)}
                {field("postcode", "col-postcode", &typed.postcode)}
                {field("city", "col-city", &typed.city)}
                {field("country", "col-country", &typed.country)}
                {field("email", "col-email", &typed.email)}
                {field("vat_id", "col-vat", &typed.vat_id)}
                <div class="buttons"><button class="primary">{lang.t("save")}</button><a href=href>{lang.t("cancel")}</a></div>
            </form>
        </section>
    }
    .into_any()
}
