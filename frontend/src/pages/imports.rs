//! Taking over papers: upload, plan, result; and what does not fit together.

use crate::{
    i18n::Lang,
    pages::lists::{Cell, Column, table},
    ui::{
        form::{self, FieldErrors},
        list::{self, ListState},
    },
};
use leptos::prelude::*;

/// An import in the list: address, source, when, by whom, state.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the column of that name")]
pub struct ImportLine {
    pub href: String,
    pub source: String,
    pub at: String,
    pub by: String,
    pub state: String,
}

/// Upload, and the imports so far.
pub fn imports(lang: Lang, lines: Vec<ImportLine>, errors: &FieldErrors, most_mb: u32) -> AnyView {
    let rows: Vec<Vec<Cell>> = lines
        .into_iter()
        .map(|l| {
            let state = lang.find(&format!("state-{}", l.state)).unwrap_or("?").to_owned();
            vec![Cell::Link(l.href, l.source), Cell::Text(state), Cell::Number(l.at), Cell::Text(l.by)]
        })
        .collect();
    let columns =
        ["col-source", "col-state", "col-when", "col-who"].map(|title| Column { title, sort: None, fields: &[] });
    let list = (!rows.is_empty()).then(|| table(lang, None, "imports", &columns, rows));
    view! {
        <h1>{lang.t("nav-import")}</h1>
        <section class="card">
            <h2>{lang.t("import-upload")}</h2>
            <p>{lang.t("import-upload-text")}</p>
            {form::summary(lang, errors)}
            <form method="post" action="/import" enctype="multipart/form-data">
                <div class="field">
                    <label for="f-papers">{lang.t("import-file")}</label>
                    <input id="f-papers" type="file" name="papers" accept=".zip,.tar,.gz,.tgz" required />
                    <p class="help">{lang.f("import-file-help", &[("mb", &most_mb)])}</p>
                </div>
                <button class="primary">{lang.t("import-submit")}</button>
            </form>
        </section>
        {list}
    }
    .into_any()
}

/// Numbers of a plan: key of the kind, then create, update, identical, conflict.
pub type PlanRow = (&'static str, [usize; 4]);

/// What one import is about to do, or did.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is what it is called")]
pub struct ImportView {
    pub href: String,
    pub source: String,
    pub state: String,
    pub error: Option<String>,
    pub progress: Option<(i64, i64, String)>,
    pub rows: Vec<PlanRow>,
    pub moving: Vec<(String, Option<i32>, String)>,
    /// Rows that changed on both sides.
    pub conflicts: Vec<(String, Option<i32>, String)>,
    pub refused: Vec<(String, Option<i32>, String)>,
}

fn notes(lang: Lang, title: &'static str, notes: Vec<(String, Option<i32>, String)>) -> Option<impl IntoView> {
    (!notes.is_empty()).then(|| {
        let count = notes.len();
        let rows = notes
            .into_iter()
            .take(1000)
            .map(|(file, line, reason)| vec![Cell::Mono(file), line.map_or(Cell::Nothing, |l| Cell::Number(l.to_string())), Cell::Text(reason)])
            .collect();
        let columns = ["col-file", "line", "col-reason"].map(|title| Column { title, sort: None, fields: &[] });
        view! { <section><h2>{lang.t(title)}" "<span class="quiet">{count}</span></h2>{table(lang, None, title, &columns, rows)}</section> }
    })
}

/// One import: its progress, its plan, its result.
pub fn import(lang: Lang, import: ImportView) -> AnyView {
    let cancel = format!("{}/cancel", import.href);
    let progress = import.progress.map(|(done, total, note)| {
        view! {
            <form method="post" action=cancel><button>{lang.t("import-cancel")}</button></form> <p role="status"><progress max=total.max(1).to_string() value=done.to_string()></progress>" "{note}" "{lang.t("import-running")}</p> }
    });
    let error = import.error.map(|e| view! { <div class="errors" role="alert"><p>{e}</p></div> });
    let todo: usize = import.rows.iter().map(|(_, n)| n[0] + n[1]).sum();
    let planned = import.state == "planned";
    let apply = (planned && todo > 0).then(|| {
        view! { <form method="post" action=format!("{}/apply", import.href)><button class="primary">{lang.f("import-apply", &[("n", &todo)])}</button></form> }
    });
    let nothing = (planned && todo == 0).then(|| view! { <p class="good">"● "{lang.t("import-nothing")}</p> });
    let plan = (!import.rows.is_empty()).then(|| {
        let rows = import
            .rows
            .into_iter()
            .map(|(kind, numbers)| {
                let mut row = vec![Cell::Text(lang.t(kind).to_owned())];
                row.extend(numbers.into_iter().map(|n| Cell::Number(n.to_string())));
                row
            })
            .collect();
        let columns = ["col-kind", "plan-create", "plan-update", "plan-identical", "plan-conflict"]
            .map(|title| Column { title, sort: None, fields: &[] });
        table(lang, None, "plan", &columns, rows)
    });
    let state = lang.find(&format!("state-{}", import.state)).unwrap_or("?");
    view! {
        <div class="head"><h1>{import.source}</h1><span class="quiet">{state}</span></div>
        {progress}{error}{plan}{nothing}
        <div class="buttons">{apply}<a href="/reconciliation">{lang.t("nav-reconciliation")}</a></div>
        {notes(lang, "plan-moving", import.moving)}
        {notes(lang, "plan-conflict", import.conflicts)}
        {notes(lang, "plan-refused", import.refused)}
    }
    .into_any()
}

/// A problem: its kind, the sentence, where to look.
#[derive(Debug, Clone)]
pub struct ProblemLine {
    /// Code of the kind.
    pub kind: String,
    /// What it is about, with a link if there is a page.
    pub subject: (Option<String>, String),
    /// The sentence.
    pub text: String,
}

/// What could not be read.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the column of that name")]
pub struct RefusalLine {
    pub id: i64,
    pub file: String,
    pub line: Option<i32>,
    pub reason: String,
    pub size: String,
}

/// Reconciliation: what does not fit together, and what could not be read.
pub fn reconciliation(
    lang: Lang,
    state: &ListState,
    kinds: Vec<(String, i64)>,
    problems: Vec<ProblemLine>,
    refusals: Vec<RefusalLine>,
) -> AnyView {
    let current = state.filter("kind").to_owned();
    let chips = kinds
        .into_iter()
        .map(|(kind, n)| {
            let on = kind == current;
            let href = if on { "/reconciliation".to_owned() } else { format!("/reconciliation?kind={kind}") };
            let text = lang.find(&format!("problem-{kind}")).unwrap_or("?");
            view! { <li><a href=href class="chip" aria-current=on.then_some("true")>{text}" "<span class="num">{n}</span></a></li> }
        })
        .collect_view();
    let rows: Vec<Vec<Cell>> = problems
        .into_iter()
        .map(|p| {
            let kind = lang.find(&format!("problem-{}", p.kind)).unwrap_or("?").to_owned();
            let subject = match p.subject {
                (Some(href), text) => Cell::MonoLink(href, text),
                (None, text) => Cell::Mono(text),
            };
            vec![subject, Cell::Text(kind), Cell::Text(p.text)]
        })
        .collect();
    let columns = ["col-thing", "col-problem", "col-reason"].map(|title| Column { title, sort: None, fields: &[] });
    let problems = (!rows.is_empty()).then(|| table(lang, None, "nav-reconciliation", &columns, rows));
    let fine = (state.total == 0 && current.is_empty() && state.filter("q").is_empty())
        .then(|| view! { <p class="good">"● "{lang.t("nothing-wrong")}</p> });
    let columns = ["col-file", "line", "col-reason", "col-kept"].map(|title| Column { title, sort: None, fields: &[] });
    let kept: Vec<Vec<Cell>> = refusals
        .into_iter()
        .map(|r| {
            vec![
                Cell::Mono(r.file),
                r.line.map_or(Cell::Nothing, |l| Cell::Number(l.to_string())),
                Cell::Text(r.reason),
                Cell::Link(format!("/reconciliation/kept/{}", r.id), r.size),
            ]
        })
        .collect();
    let kept = (!kept.is_empty()).then(|| {
        view! { <section id="kept"><h2>{lang.t("kept")}</h2><p>{lang.t("kept-text")}</p>{table(lang, None, "kept", &columns, kept)}</section> }
    });
    view! {
        <h1>{lang.t("nav-reconciliation")}</h1>
        <ul class="chips">{chips}</ul>
        {list::filters(lang, state, ().into_any(), &[])}
        {fine}
        {problems}
        {list::pages(lang, state)}
        {kept}
    }
    .into_any()
}
