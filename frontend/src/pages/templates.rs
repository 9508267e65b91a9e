//! New zones, and the templates that they are made from.

use crate::{
    i18n::Lang,
    islands::textarea,
    ui::form::{self, FieldErrors},
};
use leptos::prelude::*;

/// What is typed for a new zone.
#[derive(Debug, Clone, Default)]
pub struct NewZoneForm {
    /// Name.
    pub name: String,
    /// Number of the customer.
    pub customer: String,
    /// The chosen template.
    pub template: String,
    /// All templates.
    pub templates: Vec<String>,
    /// Variables of the chosen one with their values.
    pub variables: Vec<(String, String)>,
}

/// A template.
#[derive(Debug, Clone, Default)]
pub struct TemplateLine {
    /// Id; empty for a new one.
    pub id: String,
    /// Revision.
    pub revision: i32,
    /// Its name.
    pub name: String,
    /// Its text.
    pub content: String,
}

/// The form of a new zone.
pub fn new_zone(lang: Lang, typed: &NewZoneForm, errors: &FieldErrors) -> AnyView {
    let chips = typed
        .templates
        .iter()
        .map(|name| {
            let encode = crate::ui::frame::encode;
            let href = format!(
                "/zones/new?template={}&name={}&customer={}",
                encode(name),
                encode(&typed.name),
                encode(&typed.customer)
            );
            view! { <li><a class="chip" href=href aria-current=(*name == typed.template).then_some("true")>{name.clone()}</a></li> }
        })
        .collect_view();
    let variables = typed
        .variables
        .iter()
        .map(|(name, value)| {
            let id = format!("f-var_{name}");
            view! { <div class="field"><label for=id.clone() class="mono">{name.clone()}</label><input id=id name=format!("var_{name}") value=value.clone() autocomplete="off" /></div> }
        })
        .collect_view();
    view! {
        <div class="head"><h1>{lang.t("zone-new")}</h1><a class="button" href="/templates">{lang.t("templates")}</a></div>
        <section class="card form">
            {form::summary(lang, errors)}
            <p id="f-template">{lang.t("template")}</p>
            {form::error(errors, "template")}
            <ul class="chips">{chips}</ul>
            <form method="post" action="/zones/new">
                <input type="hidden" name="template" value=typed.template.clone() />
                {form::text("name", "text", lang.t("col-name"), "", &typed.name, errors)}
                {form::text("customer", "text", lang.t("customer-number"), lang.t("customer-number-help"), &typed.customer, errors)}
                <div id="f-variables">{form::error(errors, "variables")}{variables}</div>
                <button class="primary">{lang.t("zone-create")}</button>
            </form>
        </section>
    }
    .into_any()
}

/// All templates, and the form of one.
pub fn templates(lang: Lang, lines: &[TemplateLine], typed: &TemplateLine, errors: &FieldErrors) -> AnyView {
    let chips = lines
        .iter()
        .map(|line| {
            let current = (line.id == typed.id).then_some("true");
            view! { <li><a class="chip" href=format!("/templates?edit={}", line.id) aria-current=current>{line.name.clone()}</a></li> }
        })
        .collect_view();
    let new = typed.id.is_empty();
    view! {
        <div class="head"><h1>{lang.t("templates")}</h1><a class="button" href="/zones/new">{lang.t("zone-new")}</a></div>
        <ul class="chips">{chips}<li><a class="chip" href="/templates" aria-current=new.then_some("true")>{lang.t("template-new")}</a></li></ul>
        <section class="card form">
            {form::summary(lang, errors)}
            <form method="post" action="/templates">
                <input type="hidden" name="id" value=typed.id.clone() />
                <input type="hidden" name="revision" value=typed.revision.to_string() />
                {form::text("name", "text", lang.t("col-name"), "", &typed.name, errors)}
                <div class="field">
                    <label for="f-content">{lang.t("template-text")}</label>
                    <textarea id="f-content" name="content" class="mono" rows="14" spellcheck="false" autocomplete="off" aria-describedby="h-content">{textarea(typed.content.clone())}</textarea>
                    <p class="help" id="h-content">{form::error(errors, "content")}{lang.t("template-help")}</p>
                </div>
                <button class="primary">{lang.t("save")}</button>
            </form>
        </section>
    }
    .into_any()
}
