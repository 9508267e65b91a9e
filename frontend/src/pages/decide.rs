//! One decision about chosen homepages: what, preview, what became of each; and the letters to their customers.

use super::homepages::{DECISIONS, decision};
use crate::{
    i18n::Lang,
    ui::{
        form::{self, FieldErrors},
        list,
        state::{Meaning, badge},
    },
};
use leptos::prelude::*;

/// What is typed.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name; empty: as it is")]
pub struct DecideForm {
    /// A decision, or `proposed`.
    pub decision: String,
    pub reason: String,
    pub moves_on: String,
    pub server: String,
    pub add_tags: String,
    pub remove_tags: String,
    /// Which homepages, as the list was filtered.
    pub filters: Vec<(&'static str, String)>,
    /// Names of the servers that homepages can go to.
    pub servers: Vec<String>,
}

/// What becomes of a homepage.
#[derive(Debug, Clone)]
pub struct DecideLine {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// What differs: as it was and as it is, in words.
    pub differs: Vec<(String, String)>,
    /// What speaks against it.
    pub warning: Option<String>,
    /// Why nothing is done.
    pub refused: Option<String>,
}

/// Rows that a page shows.
const SHOWN: usize = 200;

fn hidden(form: &DecideForm) -> AnyView {
    let typed = [
        ("decision", &form.decision),
        ("reason", &form.reason),
        ("moves_on", &form.moves_on),
        ("to_server", &form.server),
        ("add_tags", &form.add_tags),
        ("remove_tags", &form.remove_tags),
    ];
    let typed = typed.map(|(name, value)| view! { <input type="hidden" name=name value=value.clone() /> });
    view! { {filters(&form.filters)}{typed.into_iter().collect_view()} }.into_any()
}

fn filters(all: &[(&'static str, String)]) -> AnyView {
    all.iter()
        .map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone() /> })
        .collect_view()
        .into_any()
}

fn lines(lang: Lang, lines: Vec<DecideLine>) -> AnyView {
    let more = lines.len().saturating_sub(SHOWN);
    let rows = lines
        .into_iter()
        .take(SHOWN)
        .map(|line| {
            let warning = line.warning.map(|w| view! { <div>{badge(Meaning::Warning, w)}</div> });
            let what = match line.refused {
                Some(reason) => view! { {badge(Meaning::Bad, lang.t("outcome-refused"))}" "{reason} }.into_any(),
                None if line.differs.is_empty() => view! { <span class="quiet">{lang.t("outcome-unchanged")}</span> }.into_any(),
                None => {
                    let one = |(name, values): (String, String)| view! { <div>{name}": "{values}</div> };
                    view! { {line.differs.into_iter().map(one).collect_view()}{warning} }.into_any()
                }
            };
            view! { <tr><th scope="row" class="mono break" data-label=lang.t("col-name")><a href=line.href>{line.name}</a></th><td data-label=lang.t("change-what")>{what}</td></tr> }
        })
        .collect::<Vec<_>>();
    view! {
        <table class="list">
            <caption class="sr">{lang.t("decide")}</caption>
            <thead><tr><th scope="col">{lang.t("col-name")}</th><th scope="col">{lang.t("change-what")}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="quiet">{lang.f("change-more", &[("n", &more)])}</p> })}
    }
    .into_any()
}

fn sum(lang: Lang, key: &'static str, lines: &[DecideLine]) -> (usize, String) {
    let refused = lines.iter().filter(|l| l.refused.is_some()).count();
    let changing = lines.iter().filter(|l| l.refused.is_none() && !l.differs.is_empty()).count();
    let untouched = lines.len() - changing - refused;
    (changing, lang.f(key, &[("changing", &changing), ("refused", &refused), ("untouched", &untouched)]))
}

fn choices(lang: Lang, chosen: &str) -> AnyView {
    let options: Vec<(String, String)> = DECISIONS
        .iter()
        .map(|(_, code, _)| ((*code).to_owned(), decision(lang, code).1))
        .chain([("proposed".to_owned(), lang.t("decide-as-proposed").to_owned())])
        .collect();
    list::choice("decision", lang.t("col-decision"), lang.t("as-it-is"), chosen, options).into_any()
}

/// What to decide about how many homepages, `None` for too many; then what would happen.
pub fn decide(
    lang: Lang,
    form: &DecideForm,
    homepages: Option<usize>,
    previewed: Option<Vec<DecideLine>>,
    errors: &FieldErrors,
) -> AnyView {
    let servers = (!form.servers.is_empty()).then(|| {
        let names = form.servers.iter().map(|s| (s.clone(), s.clone())).collect();
        view! { <div class="field" id="f-server">{form::error(errors, "server")}{list::choice("to_server", lang.t("web-server-to"), lang.t("as-it-is"), &form.server, names)}</div> }
    });
    let preview = previewed.map(|found| {
        let (changing, text) = sum(lang, "change-sum", &found);
        let submit = (changing > 0).then(|| {
            view! {
                <form method="post" action="/homepages/decide">
                    {hidden(form)}
                    <button class="primary">{lang.f("decide-submit", &[("n", &changing)])}</button>
                </form>
            }
        });
        view! { <h2>{lang.t("bulk-preview")}</h2><p>{text}</p>{submit}{lines(lang, found)} }
    });
    let letters = ["ask", "drop"].map(|kind| {
        view! {
            <form method="get" action="/homepages/letters" class="inline">{filters(&form.filters)}
                <input type="hidden" name="letter" value=kind /><button>{lang.find(&format!("letters-{kind}")).unwrap_or("?")}</button></form>
        }
    });
    view! {
        <h1>{lang.t("decide")}</h1>
        <p>{homepages.map(|n| lang.f("decide-homepages", &[("n", &n)]))}</p>
        <div class="buttons">{letters.into_iter().collect_view()}</div>
        <section class="card form">
            {form::summary(lang, errors)}
            <form method="get" action="/homepages/decide">
                {filters(&form.filters)}
                <input type="hidden" name="preview" value="1" />
                <div class="field" id="f-decision">{form::error(errors, "decision")}{choices(lang, &form.decision)}</div>
                {form::text("reason", "text", lang.t("decision-reason"), lang.t("decision-reason-help"), &form.reason, errors)}
                {form::text("moves_on", "date", lang.t("moves-on"), lang.t("moves-on-help"), &form.moves_on, errors)}
                {servers}
                {form::text("add_tags", "text", lang.t("tags-add"), lang.t("tags-help"), &form.add_tags, errors)}
                {form::text("remove_tags", "text", lang.t("tags-remove"), "", &form.remove_tags, errors)}
                <div class="buttons"><button class="primary">{lang.t("bulk-preview")}</button></div>
            </form>
        </section>
        {preview}
    }
    .into_any()
}

/// What became of each, and the way back.
pub fn decided(lang: Lang, found: Vec<DecideLine>, undo: Option<i64>) -> AnyView {
    let (_, text) = sum(lang, "change-done", &found);
    let undo = undo.map(|entry| {
        view! { <form method="post" action=format!("/audit/{entry}/undo")><button>{lang.t("bulk-undo")}</button></form> }
    });
    view! {
        <h1>{lang.t("decide")}</h1>
        <p role="status">{text}</p>
        <div class="buttons">{undo}<a class="button" href="/homepages">{lang.t("nav-homepages")}</a></div>
        {lines(lang, found)}
    }
    .into_any()
}

/// What letters say, as it is typed.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the field of that name")]
pub struct LetterForm {
    /// `ask` or `drop`.
    pub kind: String,
    pub subject_de: String,
    pub body_de: String,
    pub subject_en: String,
    pub body_en: String,
    pub again: bool,
    /// Which homepages.
    pub filters: Vec<(&'static str, String)>,
}

/// A letter as it goes.
#[derive(Debug, Clone)]
pub struct LetterLine {
    /// The customer: number and name.
    pub customer: String,
    /// Its page.
    pub href: String,
    /// Where it goes.
    pub recipient: String,
    /// How many homepages it is about.
    pub homepages: usize,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
}

/// Letters before they go, or after.
pub fn letters(
    lang: Lang,
    form: &LetterForm,
    found: Vec<LetterLine>,
    left_out: Vec<(String, String)>,
    (errors, sent): (&FieldErrors, bool),
) -> AnyView {
    let n = found.len();
    let title = lang.find(&format!("letters-{}", form.kind)).unwrap_or("?");
    let rows = found
        .into_iter()
        .take(SHOWN)
        .map(|l| {
            view! {
                <tr><th scope="row" data-label=lang.t("col-customer")><a href=l.href>{l.customer}</a></th><td class="mono break" data-label=lang.t("col-email")>{l.recipient}</td>
                    <td class="num" data-label=lang.t("nav-homepages")>{l.homepages}</td>
                    <td data-label=lang.t("letter-text")><details><summary>{l.subject}</summary><pre class="letter">{l.body}</pre></details></td></tr>
            }
        })
        .collect::<Vec<_>>();
    let table = (n > 0).then(|| {
        view! {
            <table class="list"><caption class="sr">{title}</caption>
                <thead><tr><th scope="col">{lang.t("col-customer")}</th><th scope="col">{lang.t("col-email")}</th><th scope="col" class="num">{lang.t("nav-homepages")}</th><th scope="col">{lang.t("letter-text")}</th></tr></thead>
                <tbody>{rows}</tbody></table>
        }
    });
    let out = (!left_out.is_empty()).then(|| {
        let more = left_out.len();
        let items = left_out
            .into_iter()
            .take(SHOWN)
            .map(|(name, reason)| view! { <li><span class="mono">{name}</span>": "{reason}</li> })
            .collect::<Vec<_>>();
        view! { <details><summary>{lang.f("letters-left-out", &[("n", &more)])}</summary><ul>{items}</ul></details> }
    });
    if sent {
        return view! {
            <h1>{title}</h1><p role="status">{lang.f("letters-sent", &[("n", &n)])}</p>
            <div class="buttons"><a class="button" href="/homepages">{lang.t("nav-homepages")}</a></div>{table}{out}
        }
        .into_any();
    }
    let send = (n > 0).then(|| {
        let texts = [
            ("subject_de", &form.subject_de),
            ("body_de", &form.body_de),
            ("subject_en", &form.subject_en),
            ("body_en", &form.body_en),
        ];
        let texts = texts.map(|(name, value)| view! { <input type="hidden" name=name value=value.clone() /> });
        let again = form.again.then(|| view! { <input type="hidden" name="again" value="1" /> });
        view! {
            <form method="post" action="/homepages/letters">{filters(&form.filters)}{texts.into_iter().collect_view()}{again}
                <input type="hidden" name="letter" value=form.kind.clone() /><input type="hidden" name="do" value="send" />
                <button class="primary">{lang.f("letters-submit", &[("n", &n)])}</button></form>
        }
    });
    view! {
        <h1>{title}</h1>
        <p>{lang.t("letters-help")}</p>
        {form::summary(lang, errors)}
        <h2>{lang.t("bulk-preview")}</h2>
        <p>{lang.f("letters-count", &[("n", &n)])}</p>
        {send}{table}{out}
        <section class="card form"><h2>{lang.t("letter-texts")}</h2>
            <form method="post" action="/homepages/letters">
                {filters(&form.filters)}<input type="hidden" name="letter" value=form.kind.clone() />
                {form::text("subject_de", "text", lang.t("letter-subject-de"), "", &form.subject_de, errors)}
                {form::area("body_de", 12, (lang.t("letter-body-de"), lang.t("letter-body-help")), &form.body_de, errors)}
                {form::text("subject_en", "text", lang.t("letter-subject-en"), "", &form.subject_en, errors)}
                {form::area("body_en", 12, (lang.t("letter-body-en"), ""), &form.body_en, errors)}
                {form::check("again", lang.t("letters-again"), form.again)}
                <div class="buttons"><button>{lang.t("bulk-preview")}</button></div>
            </form>
        </section>
    }
    .into_any()
}

/// A homepage that a customer is asked about.
#[derive(Debug, Clone)]
pub struct AnswerLine {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it is held to be, in plain words.
    pub class: String,
    /// `keep`, `let_go`, or nothing yet.
    pub answer: String,
    /// Whether it is archived, so that nothing can be said of it here any more.
    pub archived: bool,
}

/// What a customer is asked, behind the link of a letter.
pub fn answer(lang: Lang, company: String, kind: &str, token: String, lines: Vec<AnswerLine>, done: bool) -> AnyView {
    let help = lang.t(if kind == "drop" { "answer-drop-help" } else { "answer-ask-help" });
    let done = done.then(|| view! { <p class="flash good" role="status">{lang.t("answer-done")}</p> });
    let open = lines.iter().any(|l| !l.archived);
    let items = lines
        .into_iter()
        .map(|l| {
            let radio = |code: &'static str, key: &'static str| {
                view! { <label class="check"><input type="radio" name=format!("h-{}", l.id) value=code checked=l.answer == code />{lang.t(key)}</label> }
            };
            let fields = if l.archived {
                view! { <p>{lang.t("answer-archived")}</p> }.into_any()
            } else {
                view! { <div class="checks">{radio("keep", "answer-keep")}{radio("let_go", "answer-let-go")}</div> }.into_any()
            };
            view! { <fieldset class="card"><legend class="mono break">{l.name.clone()}</legend><p class="quiet">{l.class.clone()}</p>{fields}</fieldset> }
        })
        .collect::<Vec<_>>();
    let submit =
        open.then(|| view! { <div class="buttons"><button class="primary">{lang.t("answer-submit")}</button></div> });
    view! {
        <section class="answer">
            <h1>{lang.t("answer-title")}</h1>
            <p>{company}</p>
            {done}
            <p>{help}</p>
            <form method="post" action=format!("/homepage-answer/{token}")>{items}{submit}</form>
        </section>
    }
    .into_any()
}
