//! The form of what a homepage is.

use crate::{
    i18n::Lang,
    ui::form::{self, FieldErrors},
};
use leptos::prelude::*;

/// What is typed of a homepage.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name; without an id it is a new one")]
pub struct SiteForm {
    pub id: String,
    pub revision: i32,
    pub name: String,
    /// One in each line.
    pub aliases: String,
    pub kind: String,
    pub root: String,
    pub target: String,
    pub tls: bool,
}

/// The form, of a new homepage or of one that is there.
pub fn site(lang: Lang, typed: &SiteForm, kinds: &[&'static str], errors: &FieldErrors) -> AnyView {
    let new = typed.id.is_empty();
    let (title, action, back) = if new {
        (lang.t("homepage-new"), "/homepages/new".to_owned(), "/homepages".to_owned())
    } else {
        (lang.t("homepage-edit"), format!("/homepages/{}/edit", typed.id), format!("/homepages/{}", typed.id))
    };
    let name = if new {
        form::text("name", "text", lang.t("col-name"), lang.t("homepage-name-help"), &typed.name, errors).into_any()
    } else {
        let wrong = form::error(errors, "name");
        view! { <p id="f-name">{wrong}<strong class="mono break">{typed.name.clone()}</strong></p> }.into_any()
    };
    let radios = kinds
        .iter()
        .map(|code| {
            let text = lang.find(&format!("kind-{code}")).unwrap_or("?");
            view! { <label class="check"><input type="radio" name="kind" value=*code checked=*code == typed.kind />{text}</label> }
        })
        .collect_view();
    view! {
        <h1>{title}</h1>
        <section class="card form">
            {form::summary(lang, errors)}
            <form method="post" action=action>
                <input type="hidden" name="revision" value=typed.revision.to_string() />
                {name}
                {form::area("aliases", 3, (lang.t("col-aliases"), lang.t("homepage-aliases-help")), &typed.aliases, errors)}
                <fieldset id="f-kind"><legend>{lang.t("col-kind")}</legend>{form::error(errors, "kind")}<div class="checks">{radios}</div></fieldset>
                {form::text("target", "text", lang.t("homepage-target"), lang.t("homepage-target-help"), &typed.target, errors)}
                {form::text("root", "text", lang.t("homepage-root"), lang.t("homepage-root-help"), &typed.root, errors)}
                {form::check("tls", lang.t("homepage-tls"), typed.tls)}
                <div class="buttons"><button class="primary">{lang.t("save")}</button><a href=back>{lang.t("cancel")}</a></div>
            </form>
        </section>
    }
    .into_any()
}
