//! A change over many zones: what, preview, and what became of each.

use crate::{
    i18n::Lang,
    ui::{
        diff,
        form::{self, FieldErrors},
        state::{Meaning, badge},
    },
};
use hostler_core::{dns::diff::Change, names::Name};
use leptos::prelude::*;

/// Zones that the preview shows one by one.
const SHOWN: usize = 100;

/// What is typed.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name")]
pub struct BulkForm {
    pub operation: String,
    pub from: String,
    pub to: String,
    pub rtype: String,
    pub ttl: String,
    pub owner: String,
    pub data: String,
    pub publish: bool,
    pub filters: Vec<(&'static str, String)>,
}

/// What would happen to a zone.
#[derive(Debug, Clone)]
pub struct PreviewLine {
    /// Address of the zone.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its apex.
    pub origin: Name,
    /// What changes.
    pub changes: Vec<Change>,
    /// Why nothing does.
    pub refused: Option<String>,
}

/// What became of a zone.
#[derive(Debug, Clone)]
pub struct OutcomeLine {
    /// Address of the zone.
    pub href: String,
    /// Its name.
    pub name: String,
    /// `changed`, `published`, `unchanged` or `refused`.
    pub outcome: String,
    /// Why.
    pub reason: Option<String>,
}

fn hidden(form: &BulkForm) -> impl IntoView + use<> {
    form.filters
        .iter()
        .map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone() /> })
        .collect_view()
}

fn fields(lang: Lang, form: &BulkForm, errors: &FieldErrors) -> AnyView {
    match form.operation.as_str() {
        "set_ttl" => view! {
            {form::text("rtype", "text", lang.t("col-type"), lang.t("bulk-type-help"), &form.rtype, errors)}
            {form::text("ttl", "text", "TTL", "", &form.ttl, errors)}
        }
        .into_any(),
        "add_record" => view! {
            {form::text("owner", "text", lang.t("col-owner"), lang.t("bulk-owner-help"), &form.owner, errors)}
            {form::text("ttl", "text", "TTL", lang.t("ttl-help"), &form.ttl, errors)}
            {form::text("rtype", "text", lang.t("col-type"), "", &form.rtype, errors)}
            {form::text("data", "text", lang.t("col-data"), "", &form.data, errors)}
        }
        .into_any(),
        _ => view! {
            {form::text("from", "text", lang.t("bulk-from"), "", &form.from, errors)}
            {form::text("to", "text", lang.t("bulk-to"), "", &form.to, errors)}
        }
        .into_any(),
    }
}

fn preview(lang: Lang, form: &BulkForm, lines: Vec<PreviewLine>, untouched: usize) -> impl IntoView + use<> {
    let changing = lines.iter().filter(|l| l.refused.is_none()).count();
    let refused = lines.len() - changing;
    let more = lines.len().saturating_sub(SHOWN);
    let rows = lines
        .into_iter()
        .take(SHOWN)
        .map(|line| {
            let what = match line.refused {
                Some(reason) => view! { <p class="bad">"✕ "{reason}</p> }.into_any(),
                None => diff::changes(lang, &line.origin, &line.changes).into_any(),
            };
            view! { <section><h3 class="mono"><a href=line.href>{line.name}</a></h3>{what}</section> }
        })
        .collect_view();
    let sum = lang.f("bulk-sum", &[("changing", &changing), ("refused", &refused), ("untouched", &untouched)]);
    let typed = [
        ("do", form.operation.clone()),
        ("from", form.from.clone()),
        ("to", form.to.clone()),
        ("rtype", form.rtype.clone()),
        ("ttl", form.ttl.clone()),
        ("owner", form.owner.clone()),
        ("data", form.data.clone()),
        ("publish", if form.publish { "1".to_owned() } else { String::new() }),
    ]
    .into_iter()
    .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
    .collect_view();
    let submit = (changing > 0).then(|| {
        view! {
            <form method="post" action="/zones/bulk">
                {hidden(form)}{typed}
                <button class="primary">{lang.f("bulk-submit", &[("n", &changing)])}</button>
            </form>
        }
    });
    view! {
        <h2>{lang.t("bulk-preview")}</h2>
        <p>{sum}</p>
        {submit}
        {rows}
        {(more > 0).then(|| view! { <p class="quiet">{lang.f("bulk-more", &[("n", &more)])}</p> })}
    }
}

/// What to do to how many zones, `None` for too many; then what would happen.
pub fn bulk(
    lang: Lang,
    form: &BulkForm,
    zones: Option<usize>,
    previewed: Option<(Vec<PreviewLine>, usize)>,
    errors: &FieldErrors,
) -> AnyView {
    let kinds = [("replace_address", "bulk-replace"), ("set_ttl", "bulk-ttl"), ("add_record", "bulk-add")]
        .into_iter()
        .map(|(code, key)| {
            let query: String =
                form.filters.iter().map(|(n, v)| format!("&{n}={}", crate::ui::frame::encode(v))).collect();
            let href = format!("/zones/bulk?do={code}{query}");
            view! { <li><a class="chip" href=href aria-current=(code == form.operation).then_some("page")>{lang.find(key).unwrap_or("?")}</a></li> }
        })
        .collect_view();
    let what = form.filters.iter().map(|(_, v)| v.clone()).collect::<Vec<_>>().join(", ");
    view! {
        <h1>{lang.t("bulk")}</h1>
        <p>{zones.map(|n| lang.f("bulk-zones", &[("n", &n)]))}{(!what.is_empty()).then(|| view! { " "<span class="mono">{what}</span> })}</p>
        <ul class="chips">{kinds}</ul>
        <section class="card form">
            {form::summary(lang, errors)}
            <form method="get" action="/zones/bulk">
                {hidden(form)}
                <input type="hidden" name="do" value=form.operation.clone() />
                <input type="hidden" name="preview" value="1" />
                {fields(lang, form, errors)}
                <label class="check"><input type="checkbox" name="publish" value="1" checked=form.publish />{lang.t("bulk-publish")}</label>
                <div class="buttons"><button class="primary">{lang.t("bulk-preview")}</button></div>
            </form>
        </section>
        {previewed.map(|(lines, untouched)| preview(lang, form, lines, untouched))}
    }
    .into_any()
}

/// How far a job is, and what became of each zone.
pub fn job(
    lang: Lang,
    title: String,
    state: &str,
    (done, total): (i64, i64),
    error: Option<String>,
    lines: Vec<OutcomeLine>,
    undo: Option<i64>,
) -> AnyView {
    let running = matches!(state, "waiting" | "running");
    let bar = running.then(|| {
        view! { <p><progress max=total.max(1).to_string() value=done.to_string()></progress>" "{done}" / "{total}</p><p class="quiet">{lang.t("import-running")}</p> }
    });
    let state = match state {
        "done" => badge(Meaning::Good, lang.t("job-state-done")).into_any(),
        "failed" => badge(Meaning::Bad, lang.t("job-state-failed")).into_any(),
        "cancelled" => badge(Meaning::Unknown, lang.t("job-state-cancelled")).into_any(),
        _ => badge(Meaning::Notice, lang.t("job-state-running")).into_any(),
    };
    let rows = lines
        .into_iter()
        .map(|line| {
            let meaning = match line.outcome.as_str() {
                "published" => Meaning::Good,
                "changed" => Meaning::Notice,
                "unchanged" => Meaning::Unknown,
                _ => Meaning::Bad,
            };
            let text = lang.find(&format!("outcome-{}", line.outcome)).unwrap_or("?");
            view! {
                <tr><th scope="row" class="mono break" data-label=lang.t("col-name")><a href=line.href>{line.name}</a></th>
                    <td data-label=lang.t("col-state")>{badge(meaning, text)}</td><td data-label=lang.t("col-reason")>{line.reason.unwrap_or_default()}</td></tr>
            }
        })
        .collect::<Vec<_>>();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <table class="list"><caption class="sr">{lang.t("bulk")}</caption>
                <thead><tr><th scope="col">{lang.t("col-name")}</th><th scope="col">{lang.t("col-state")}</th><th scope="col">{lang.t("col-reason")}</th></tr></thead>
                <tbody>{rows}</tbody></table>
        }
    });
    let undo = undo.map(|entry| {
        view! { <form method="post" action=format!("/audit/{entry}/undo")><button>{lang.t("bulk-undo")}</button></form> }
    });
    view! {
        <div class="head"><h1>{title}</h1>{state}</div>
        {bar}
        {error.map(|e| view! { <p class="bad">"✕ "{e}</p> })}
        {undo}
        {table}
    }
    .into_any()
}
