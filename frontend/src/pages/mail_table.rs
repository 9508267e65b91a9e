//! A table of mailboxes and aliases: pasted or as a file, its plan, and what became of it.

use crate::{
    i18n::Lang,
    ui::{
        form::{self, FieldErrors},
        state::{Meaning, badge},
    },
};
use leptos::prelude::*;

/// A row and what becomes of it.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its line in the table.
    pub number: String,
    /// Its address.
    pub address: String,
    /// How it is to be taken.
    pub meaning: Meaning,
    /// Key of the text that says what becomes of it.
    pub outcome: &'static str,
    /// The password that was made for it, shown this once.
    pub password: Option<String>,
    /// Why nothing becomes of it.
    pub reasons: Vec<String>,
}

/// What the page shows.
#[derive(Debug, Clone, Default)]
pub struct TablePage {
    /// The table as it was given.
    pub text: String,
    /// Its rows; none before there is a plan.
    pub lines: Vec<Line>,
    /// Whether it was put into effect.
    pub done: bool,
}

fn sum(lang: Lang, lines: &[Line]) -> String {
    let of = |key: &str| lines.iter().filter(|l| l.outcome == key).count();
    let counts = ["table-create", "table-update", "table-identical", "table-refused"].map(of);
    lang.f(
        "table-sum",
        &[("create", &counts[0]), ("update", &counts[1]), ("same", &counts[2]), ("refused", &counts[3])],
    )
}

/// The page.
pub fn table(lang: Lang, page: TablePage, errors: &FieldErrors) -> AnyView {
    let TablePage { text, lines, done } = page;
    let planned = !lines.is_empty();
    let changing = lines.iter().any(|l| matches!(l.outcome, "table-create" | "table-update"));
    let sum = planned.then(|| {
        let key = if done { "table-done" } else { "table-plan" };
        view! { <h2>{lang.t(key)}</h2><p role="status">{sum(lang, &lines)}</p> }
    });
    let secrets = lines.iter().any(|l| l.password.is_some());
    let once = secrets.then(|| view! { <p class="note warning">{lang.t("table-once")}</p> });
    let password_head = secrets.then(|| view! { <th scope="col">{lang.t("col-password")}</th> });
    let rows = lines
        .into_iter()
        .map(|line| {
            let told = done.then(|| lang.find(&format!("{}-done", line.outcome))).flatten();
            let told = told.or_else(|| lang.find(line.outcome)).unwrap_or("?");
            let reasons = line.reasons.into_iter().map(|r| view! { <div>{r}</div> }).collect_view();
            let password = secrets.then(|| {
                view! { <td class="mono" data-label=lang.t("col-password")>{line.password.unwrap_or_default()}</td> }
            });
            view! {
                <tr>
                    <td class="number" data-label=lang.t("col-line")>{line.number}</td>
                    <th scope="row" class="mono break" data-label=lang.t("col-address")>{line.address}</th>
                    <td data-label=lang.t("col-state")>{badge(line.meaning, told)}{reasons}</td>
                    {password}
                </tr>
            }
        })
        .collect_view();
    let listed = planned.then(|| {
        view! {
            <table class="list">
                <caption class="sr">{lang.t("table-title")}</caption>
                <thead><tr><th scope="col" class="number">{lang.t("col-line")}</th><th scope="col">{lang.t("col-address")}</th><th scope="col">{lang.t("col-state")}</th>{password_head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    let apply = (planned && !done && changing).then(|| {
        view! {
            <form method="post" action="/mailboxes/table" enctype="multipart/form-data">
                <input type="hidden" name="step" value="apply" />
                <textarea name="text" hidden="" aria-label=lang.t("table-text")>{text.clone()}</textarea>
                <div class="buttons"><button class="primary">{lang.t("table-apply")}</button></div>
            </form>
        }
    });
    let form = (!done).then(|| {
        view! {
            <form method="post" action="/mailboxes/table" enctype="multipart/form-data" class="card form">
                <input type="hidden" name="step" value="plan" />
                {form::area("text", 8, (lang.t("table-text"), lang.t("table-text-help")), &text, errors)}
                <div class="field">
                    <label for="f-file">{lang.t("table-file")}</label>
                    <input id="f-file" type="file" name="file" accept=".csv,.tsv,.txt,text/csv" />
                </div>
                <div class="buttons"><button class=if planned { "" } else { "primary" }>{lang.t("table-look")}</button></div>
            </form>
        }
    });
    let again =
        done.then(|| view! { <div class="buttons"><a class="button" href="/mail">{lang.t("nav-mail")}</a></div> });
    view! {
        <div class="head"><h1>{lang.t("table-title")}</h1></div>
        {form::summary(lang, errors)}
        {sum}
        {once}
        {listed}
        {apply}
        {form}
        {again}
    }
    .into_any()
}
