//! The provider's web servers, and the form of one.

use crate::{
    i18n::Lang,
    ui::{
        form::{self, FieldErrors},
        frame::encode,
    },
};
use leptos::prelude::*;

/// What is typed of a web server.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name; without an id it is a new one")]
pub struct ServerForm {
    pub id: String,
    pub revision: i32,
    pub name: String,
    /// `old` or `new`.
    pub side: String,
    /// One in each line.
    pub addresses: String,
    pub php: String,
    pub takes_new: bool,
}

/// A web server as a line.
#[derive(Debug, Clone)]
pub struct ServerLine {
    /// What is said of it.
    pub form: ServerForm,
    /// How many homepages are to move to it.
    pub homepages: i64,
}

/// An address that the papers name.
#[derive(Debug, Clone)]
pub struct LearnedLine {
    /// The address.
    pub address: String,
    /// How many homepages lead to it.
    pub homepages: i64,
    /// Whether it is taken for ours.
    pub ours: bool,
}

fn side(lang: Lang, code: &str) -> &'static str {
    lang.t(if code == "old" { "web-server-old" } else { "web-server-new" })
}

fn table(lang: Lang, lines: &[ServerLine]) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="empty">{lang.t("web-servers-none")}</p> }.into_any();
    }
    let rows = lines
        .iter()
        .map(|line| {
            let form = &line.form;
            let new = form.takes_new.then(|| view! { " "<span class="quiet">{lang.t("web-server-takes-new-short")}</span> });
            let count = (form.side == "new").then(|| view! { <a href=format!("/homepages?decision=move&server={}", form.name)>{line.homepages}</a> });
            view! {
                <tr><th scope="row" class="mono" data-label=lang.t("col-name")><a href=format!("/homepages/servers?edit={}", form.id)>{form.name.clone()}</a></th>
                    <td data-label=lang.t("web-server-side")>{side(lang, &form.side)}{new}</td>
                    <td class="mono break" data-label=lang.t("web-server-addresses")>{form.addresses.replace('\n', " ")}</td>
                    <td class="mono" data-label="PHP">{form.php.clone()}</td>
                    <td class="num" data-label=lang.t("web-server-homepages")>{count}</td></tr>
            }
        })
        .collect::<Vec<_>>();
    view! {
        <table class="list">
            <caption class="sr">{lang.t("web-servers")}</caption>
            <thead><tr><th scope="col">{lang.t("col-name")}</th><th scope="col">{lang.t("web-server-side")}</th><th scope="col">{lang.t("web-server-addresses")}</th>
                <th scope="col">"PHP"</th><th scope="col" class="num">{lang.t("web-server-homepages")}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn learned(lang: Lang, lines: Vec<LearnedLine>) -> Option<AnyView> {
    (!lines.is_empty()).then(|| {
        let rows = lines
            .into_iter()
            .map(|l| {
                let ours = l.ours.then(|| view! { <span class="quiet">{lang.t("learned-ours")}</span> });
                let href = format!("/homepages/servers?address={}", encode(&l.address));
                view! {
                    <tr><th scope="row" class="mono" data-label=lang.t("server-address")>{l.address}</th>
                        <td class="num" data-label=lang.t("nav-homepages")>{l.homepages}</td><td>{ours}</td>
                        <td><a href=href>{lang.t("learned-name")}</a></td></tr>
                }
            })
            .collect::<Vec<_>>();
        view! {
            <section class="card"><h2>{lang.t("learned")}</h2><p class="help">{lang.t("learned-help")}</p>
            <table class="list"><caption class="sr">{lang.t("learned")}</caption>
                <thead><tr><th scope="col">{lang.t("server-address")}</th><th scope="col" class="num">{lang.t("nav-homepages")}</th><td></td><td></td></tr></thead>
                <tbody>{rows}</tbody></table></section>
        }
        .into_any()
    })
}

/// All web servers, what the papers say of others, and the form of one.
pub fn servers(
    lang: Lang,
    lines: &[ServerLine],
    known: Vec<LearnedLine>,
    typed: &ServerForm,
    errors: &FieldErrors,
) -> AnyView {
    let new = typed.id.is_empty();
    let title = if new { lang.t("web-server-add").to_owned() } else { typed.name.clone() };
    let delete = (!new).then(|| {
        view! {
            <details><summary>{lang.t("server-drop")}</summary>
            <p>{lang.t("web-server-drop-help")}</p>
            <form method="post" action=format!("/homepages/servers/{}/delete", typed.id)>
                <input type="hidden" name="revision" value=typed.revision.to_string() />
                <button class="danger">{lang.t("server-drop")}</button>
            </form></details>
        }
    });
    let other = (!new).then(|| view! { <a href="/homepages/servers">{lang.t("web-server-add")}</a> });
    let radio = |code: &'static str| {
        let on = typed.side == code;
        view! { <label class="check"><input type="radio" name="side" value=code checked=on />{side(lang, code)}</label> }
    };
    view! {
        <h1>{lang.t("web-servers")}</h1>
        <p>{lang.t("web-servers-help")}</p>
        {table(lang, lines)}
        {learned(lang, known)}
        <section class="card form">
            <h2>{title}</h2>
            {form::summary(lang, errors)}
            <form method="post" action="/homepages/servers">
                <input type="hidden" name="id" value=typed.id.clone() />
                <input type="hidden" name="revision" value=typed.revision.to_string() />
                {form::text("name", "text", lang.t("col-name"), lang.t("web-server-name-help"), &typed.name, errors)}
                <fieldset id="f-side"><legend>{lang.t("web-server-side")}</legend>{form::error(errors, "side")}<div class="checks">{radio("old")}{radio("new")}</div></fieldset>
                {form::area("addresses", 3, (lang.t("web-server-addresses"), lang.t("web-server-addresses-help")), &typed.addresses, errors)}
                {form::text("php", "text", "PHP", lang.t("web-server-php-help"), &typed.php, errors)}
                {form::error(errors, "takes_new")}
                {form::check("takes_new", lang.t("web-server-takes-new"), typed.takes_new)}
                <div class="buttons"><button class="primary">{lang.t("save")}</button>{other}</div>
            </form>
            {delete}
        </section>
    }
    .into_any()
}
