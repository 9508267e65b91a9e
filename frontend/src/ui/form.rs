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

/// What is wrong with a field, where the field is not one of ours.
pub fn error(errors: &FieldErrors, name: &str) -> Option<impl IntoView + use<>> {
    errors.get(name).cloned().map(|e| view! { <strong class="error">{e}</strong>" " })
}

/// A field of one line. Passwords are left to the browser's keeper, everything else is not filled in by it.
pub fn text(
    name: &'static str,
    kind: &'static str,
    label: &'static str,
    help: &'static str,
    value: &str,
    errors: &FieldErrors,
) -> impl IntoView + use<> {
    let complete = match (name, kind) {
        ("new_password", _) => "new-password",
        (_, "password") => "current-password",
        _ => "off",
    };
    completed(name, kind, complete, (label, help), value, errors)
}

/// Label, control and help of a field. The control has the id `f-NAME` and is described by `h-NAME`.
fn framed(
    name: &'static str,
    (label, help): (&'static str, &'static str),
    errors: &FieldErrors,
    control: impl IntoView + 'static,
) -> AnyView {
    let error = error(errors, name);
    view! {
        <div class="field">
            <label for=format!("f-{name}")>{label}</label>
            {control}
            <p id=format!("h-{name}") class="help">{error}{help}</p>
        </div>
    }
    .into_any()
}

/// A field of one line that the browser may fill in with what `complete` names (HTML, autofill detail tokens).
pub fn completed(
    name: &'static str,
    kind: &'static str,
    complete: &'static str,
    texts: (&'static str, &'static str),
    value: &str,
    errors: &FieldErrors,
) -> impl IntoView + use<> {
    let invalid = errors.contains_key(name).then_some("true");
    framed(
        name,
        texts,
        errors,
        view! {
            <input id=format!("f-{name}") name=name type=kind value=value.to_owned() autocomplete=complete aria-describedby=format!("h-{name}")
                aria-invalid=invalid />
        },
    )
}

/// A field of several lines.
pub fn area(
    name: &'static str,
    rows: u32,
    texts: (&'static str, &'static str),
    value: &str,
    errors: &FieldErrors,
) -> impl IntoView + use<> {
    let invalid = errors.contains_key(name).then_some("true");
    framed(
        name,
        texts,
        errors,
        view! {
            <textarea id=format!("f-{name}") name=name class="wrap" rows=rows.to_string() autocomplete="off" aria-describedby=format!("h-{name}")
                aria-invalid=invalid>{crate::islands::textarea(value.to_owned())}</textarea>
        },
    )
}

/// Boxes of which any can be ticked: value, label, whether it is.
pub fn boxes(
    name: &'static str,
    legend: &'static str,
    choices: Vec<(&'static str, &'static str, bool)>,
    errors: &FieldErrors,
) -> impl IntoView + use<> {
    let error = errors.get(name).cloned().map(|e| view! { <p class="error">{e}</p> });
    let boxes = choices
        .into_iter()
        .map(|(value, label, on)| view! { <label class="check"><input type="checkbox" name=name value=value checked=on />{label}</label> })
        .collect_view();
    view! { <fieldset id=format!("f-{name}")><legend>{legend}</legend>{error}<div class="checks">{boxes}</div></fieldset> }
}

/// One box.
pub fn check(name: &'static str, label: &'static str, on: bool) -> impl IntoView + use<> {
    view! { <label class="check"><input id=format!("f-{name}") type="checkbox" name=name value="1" checked=on />{label}</label> }
}
