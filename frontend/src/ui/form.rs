//! Forms: labels above, errors at the field and summed up on top, what was typed is kept.

use crate::i18n::Lang;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Errors by the name of their field; the empty name is the form itself.
pub type FieldErrors = BTreeMap<&'static str, String>;

/// The errors of a form on top of it, each with a link to its field.
pub fn summary(lang: Lang, errors: &FieldErrors) -> Option<impl IntoView + use<>> {
    (!errors.is_empty()).then(|| {
        let items = errors
            .iter()
            .map(|(field, text)| {
                let text = text.clone();
                if field.is_empty() {
                    view! { <li>{text}</li> }.into_any()
                } else {
                    view! { <li><a href=format!("#f-{field}")>{text}</a></li> }.into_any()
                }
            })
            .collect_view();
        view! { <div class="errors" role="alert"><p>{lang.t("form-errors")}</p><ul>{items}</ul></div> }
    })
}

/// A field of one line.
pub fn text(
    name: &'static str,
    kind: &'static str,
    label: &'static str,
    help: &'static str,
    value: &str,
    errors: &FieldErrors,
) -> impl IntoView + use<> {
    let error = errors.get(name).cloned();
    let (id, described) = (format!("f-{name}"), format!("h-{name}"));
    let complete = match (name, kind) {
        ("email", _) => "username",
        ("new_password", _) => "new-password",
        (_, "password") => "current-password",
        _ => "off",
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input id=id name=name type=kind value=value.to_owned() autocomplete=complete aria-describedby=described.clone()
                aria-invalid=error.is_some().then_some("true") />
            <p id=described class="help">{error.map(|e| view! { <strong class="error">{e}</strong>" " })}{help}</p>
        </div>
    }
}
