//! One homepage with the evidence of what it is, and what becomes of it.

use super::homepages::{DECISIONS, decision};
use crate::{
    i18n::Lang,
    ui::{
        facts::facts,
        form::{self, FieldErrors},
        list,
        state::{Meaning, badge},
    },
};
use leptos::prelude::*;

/// A visit: each hop, and how it ended.
#[derive(Debug, Clone)]
pub struct VisitLine {
    /// `HTTP`, `HTTPS`, or which server was asked by itself.
    pub scheme: &'static str,
    /// Status, address and host of each hop.
    pub hops: Vec<String>,
    /// How it ended.
    pub end: String,
    /// The page's title.
    pub title: String,
    /// Beginning of what one sees there.
    pub text: String,
}

/// A look among others.
#[derive(Debug, Clone)]
pub struct LookLine {
    /// When.
    pub at: String,
    /// The class by this look alone.
    pub class: String,
    /// How sure.
    pub confidence: i16,
}

/// Something of a page on the old server beside the new one.
#[derive(Debug, Clone)]
pub struct SideLine {
    /// What.
    pub name: &'static str,
    /// On the old server.
    pub old: String,
    /// On the new one.
    pub new: String,
    /// Whether they are alike.
    pub same: bool,
}

/// A name server of the zone.
#[derive(Debug, Clone)]
pub struct AuthorityLine {
    /// Its name.
    pub name: String,
    /// Whom was asked.
    pub address: String,
    /// What it said.
    pub said: String,
    /// Whether it answers for the zone.
    pub good: bool,
}

/// Everything that was seen of a homepage.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Its main name.
    pub name: String,
    /// What it is held to be; none: nobody has looked.
    pub class: Option<String>,
    /// What was seen last, and once.
    pub doubt: Option<String>,
    /// Facts: key of the name, text.
    pub facts: Vec<(&'static str, String)>,
    /// What speaks for the class of the last look.
    pub signals: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
    /// Old beside new.
    pub sides: Vec<SideLine>,
    /// The zone that its name is in.
    pub zone: String,
    /// That zone's name servers.
    pub authorities: Vec<AuthorityLine>,
    /// The last look's visits.
    pub visits: Vec<VisitLine>,
    /// The looks, the newest first.
    pub looks: Vec<LookLine>,
    /// Where a picture of it is, and when that was taken.
    pub picture: Option<(String, String)>,
}

/// What is said of it on top.
#[derive(Debug, Clone)]
pub struct Head {
    /// Colour of the decision.
    pub meaning: Meaning,
    /// The decision.
    pub decision: String,
    /// Who decided, and when.
    pub decided: String,
    /// What is proposed.
    pub proposal: Option<String>,
    /// When it was archived.
    pub archived: Option<String>,
    /// Where its log is.
    pub history: String,
    /// Where its names and its kind are changed, for those who may.
    pub edit: Option<String>,
}

/// What is planned of it, as it is typed.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is the field of that name")]
pub struct PlanForm {
    pub id: String,
    pub revision: i32,
    pub decision: String,
    pub reason: String,
    pub moves_on: String,
    pub server: String,
    pub tags: String,
    pub notes: String,
    pub php: String,
    /// Names of the servers that it can go to.
    pub servers: Vec<String>,
}

/// A letter about it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each is what it is called")]
pub struct WrittenLine {
    pub at: String,
    pub what: String,
    pub recipient: String,
    pub state: String,
    pub answer: String,
}

fn items(title: &'static str, lines: Vec<String>) -> Option<AnyView> {
    (!lines.is_empty()).then(|| {
        let items = lines.into_iter().map(|l| view! { <li class="break">{l}</li> }).collect_view();
        view! { <h3>{title}</h3><ul>{items}</ul> }.into_any()
    })
}

fn why(lang: Lang, signals: Vec<String>, against: Vec<String>) -> AnyView {
    view! {
        <section class="card">
            <h2>{lang.t("look-why")}</h2>
            {items(lang.t("look-for"), signals)}
            {items(lang.t("look-against"), against)}
        </section>
    }
    .into_any()
}

fn beside(lang: Lang, lines: Vec<SideLine>) -> Option<AnyView> {
    (!lines.is_empty()).then(|| {
        let rows = lines
            .into_iter()
            .map(|l| {
                let mark = if l.same { badge(Meaning::Good, lang.t("side-same")) } else { badge(Meaning::Warning, lang.t("side-differs")) };
                view! {
                    <tr><th scope="row">{l.name}</th><td class="break" data-label=lang.t("visit-old")>{l.old}</td>
                        <td class="break" data-label=lang.t("visit-new")>{l.new}</td><td>{mark}</td></tr>
                }
            })
            .collect_view();
        view! {
            <section class="card"><h2>{lang.t("side-title-both")}</h2>
            <table class="list"><caption class="sr">{lang.t("side-title-both")}</caption>
                <thead><tr><td></td><th scope="col">{lang.t("visit-old")}</th><th scope="col">{lang.t("visit-new")}</th><td></td></tr></thead>
                <tbody>{rows}</tbody></table></section>
        }
        .into_any()
    })
}

fn authorities(lang: Lang, zone: &str, lines: Vec<AuthorityLine>) -> Option<AnyView> {
    (!lines.is_empty()).then(|| {
        let rows = lines
            .into_iter()
            .map(|l| {
                let said = if l.good { view! { <span class="mono break">{l.said}</span> }.into_any() } else { badge(Meaning::Warning, l.said).into_any() };
                view! { <tr><th scope="row" class="mono break" data-label=lang.t("col-name")>{l.name}</th><td class="mono" data-label=lang.t("server-address")>{l.address}</td><td data-label=lang.t("authority-said")>{said}</td></tr> }
            })
            .collect_view();
        view! {
            <section class="card"><h2>{lang.f("authorities", &[("zone", &zone)])}</h2>
            <table class="list"><caption class="sr">{lang.f("authorities", &[("zone", &zone)])}</caption>
                <thead><tr><th scope="col">{lang.t("col-name")}</th><th scope="col">{lang.t("server-address")}</th><th scope="col">{lang.t("authority-said")}</th></tr></thead>
                <tbody>{rows}</tbody></table></section>
        }
        .into_any()
    })
}

fn visits(lines: Vec<VisitLine>) -> AnyView {
    lines
        .into_iter()
        .map(|v| {
            let hops = v.hops.into_iter().map(|h| view! { <li class="mono break">{h}</li> }).collect_view();
            let title = (!v.title.is_empty()).then(|| view! { <p class="break"><strong>{v.title}</strong></p> });
            let text = (!v.text.is_empty()).then(|| view! { <p class="quiet break">{v.text}</p> });
            view! { <section class="card"><h3>{v.scheme}</h3><ol>{hops}</ol><p>{v.end}</p>{title}{text}</section> }
        })
        .collect_view()
        .into_any()
}

fn picture(lang: Lang, name: &str, taken: Option<(String, String)>) -> Option<AnyView> {
    taken.map(|(src, at)| {
        let alt = lang.f("picture-of", &[("name", &name)]);
        view! { <figure class="shot"><img src=src alt=alt width="320" height="240" loading="lazy" /><figcaption class="quiet">{lang.f("picture-taken", &[("at", &at)])}</figcaption></figure> }
            .into_any()
    })
}

fn held(lang: Lang, class: &str, doubt: Option<String>) -> AnyView {
    let doubt = doubt.map(|d| view! { <p class="note warning">{lang.f("look-doubt", &[("class", &d)])}</p> });
    view! { <p>{lang.f("look-held", &[("class", &class)])}</p>{doubt} }.into_any()
}

/// What stands beside the list: the short of it.
pub fn panel(lang: Lang, seen: Evidence) -> AnyView {
    let class = match seen.class {
        Some(class) => held(lang, &class, seen.doubt),
        None => view! { <p class="empty">{lang.t("look-none")}</p> }.into_any(),
    };
    let facts_shown: Vec<_> = seen.facts.into_iter().filter(|(_, v)| !v.is_empty()).collect();
    view! {
        <h2 class="mono break">{seen.name.clone()}</h2>
        {class}
        {picture(lang, &seen.name, seen.picture)}
        {why(lang, seen.signals, seen.against)}
        {beside(lang, seen.sides)}
        {facts(lang, facts_shown)}
        {visits(seen.visits)}
    }
    .into_any()
}

fn plan(lang: Lang, typed: PlanForm, errors: &FieldErrors) -> AnyView {
    let options = DECISIONS.iter().map(|(_, code, _)| ((*code).to_owned(), decision(lang, code).1)).collect::<Vec<_>>();
    let radios = options
        .into_iter()
        .map(|(code, text)| {
            let on = code == typed.decision;
            view! { <label class="check"><input type="radio" name="decision" value=code checked=on />{text}</label> }
        })
        .collect_view();
    let servers = (!typed.servers.is_empty()).then(|| {
        let names = typed.servers.iter().map(|s| (s.clone(), s.clone())).collect();
        view! { <div class="field" id="f-server">{form::error(errors, "server")}{list::choice("server", lang.t("web-server-to"), lang.t("web-server-usual"), &typed.server, names)}</div> }
    });
    view! {
        <section class="card form">
            <h2>{lang.t("homepage-plan")}</h2>
            {form::summary(lang, errors)}
            <form method="post" action=format!("/homepages/{}", typed.id)>
                <input type="hidden" name="revision" value=typed.revision.to_string() />
                <fieldset id="f-decision"><legend>{lang.t("col-decision")}</legend>{form::error(errors, "decision")}<div class="checks">{radios}</div></fieldset>
                {form::text("reason", "text", lang.t("decision-reason"), lang.t("decision-reason-help"), &typed.reason, errors)}
                {form::text("moves_on", "date", lang.t("moves-on"), lang.t("moves-on-help"), &typed.moves_on, errors)}
                {servers}
                {form::text("php", "text", lang.t("homepage-php"), lang.t("homepage-php-help"), &typed.php, errors)}
                {form::text("tags", "text", lang.t("col-tag"), lang.t("tags-help"), &typed.tags, errors)}
                {form::area("notes", 4, (lang.t("homepage-notes"), lang.t("homepage-notes-help")), &typed.notes, errors)}
                <div class="buttons"><button class="primary">{lang.t("save")}</button></div>
            </form>
        </section>
    }
    .into_any()
}

fn letters(lang: Lang, lines: Vec<WrittenLine>) -> Option<AnyView> {
    (!lines.is_empty()).then(|| {
        let rows = lines
            .into_iter()
            .map(|l| {
                view! {
                    <tr><th scope="row" data-label=lang.t("look-at")>{l.at}</th><td data-label=lang.t("change-what")>{l.what}</td><td class="mono break" data-label=lang.t("col-email")>{l.recipient}</td>
                        <td data-label=lang.t("letter-state")>{l.state}</td><td data-label=lang.t("letter-answer")>{l.answer}</td></tr>
                }
            })
            .collect_view();
        view! {
            <h2>{lang.t("letters")}</h2>
            <table class="list"><caption class="sr">{lang.t("letters")}</caption>
                <thead><tr><th scope="col">{lang.t("look-at")}</th><th scope="col">{lang.t("change-what")}</th><th scope="col">{lang.t("col-email")}</th>
                    <th scope="col">{lang.t("letter-state")}</th><th scope="col">{lang.t("letter-answer")}</th></tr></thead>
                <tbody>{rows}</tbody></table>
        }
        .into_any()
    })
}

/// The page, for the staff; the form for those who decide.
pub fn homepage(
    lang: Lang,
    seen: Evidence,
    head: Head,
    form: Option<PlanForm>,
    written: Vec<WrittenLine>,
    errors: &FieldErrors,
) -> AnyView {
    let again = form.as_ref().map(|f| {
        view! { <form method="post" action=format!("/homepages/{}/look", f.id) class="inline"><button>{lang.t("look-again")}</button></form> }
    });
    let proposal = head.proposal.map(|p| view! { <p>{lang.f("proposal-is", &[("decision", &p)])}</p> });
    let archived =
        head.archived.map(|at| view! { <p class="note warning">{lang.f("archived-since", &[("at", &at)])}</p> });
    let decided = (!head.decided.is_empty()).then(|| view! { " "<span class="quiet">{head.decided}</span> });
    let edit = head.edit.map(|href| view! { <a href=href>{lang.t("homepage-edit")}</a> });
    let last = (!seen.visits.is_empty()).then(|| view! { <h2>{lang.t("look-last")}</h2> });
    let rows = seen
        .looks
        .into_iter()
        .map(|l| {
            view! {
                <tr><th scope="row" data-label=lang.t("look-at")>{l.at}</th><td data-label=lang.t("col-class")>{l.class}</td>
                    <td class="num" data-label=lang.t("look-confidence")>{l.confidence}" %"</td></tr>
            }
        })
        .collect_view();
    let class = match &seen.class {
        Some(class) => held(lang, class, seen.doubt),
        None => view! { <p class="empty">{lang.t("look-none")}</p> }.into_any(),
    };
    let shot = picture(lang, &seen.name, seen.picture);
    let looked = seen.class.is_some().then(|| {
        view! {
            {why(lang, seen.signals, seen.against)}
            {beside(lang, seen.sides)}
            {authorities(lang, &seen.zone, seen.authorities)}
            {last}
            {visits(seen.visits)}
            <h2>{lang.t("look-history")}</h2>
            <table class="list">
                <caption class="sr">{lang.t("look-history")}</caption>
                <thead><tr><th scope="col">{lang.t("look-at")}</th><th scope="col">{lang.t("col-class")}</th><th scope="col" class="num">{lang.t("look-confidence")}</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    view! {
        <div class="head"><h1 class="mono break">{seen.name}</h1>{badge(head.meaning, head.decision)}{decided}{again}{edit}<a href=head.history>{lang.t("history")}</a></div>
        {archived}{class}{proposal}
        <div class="columns-two">
            <div>{shot}{facts(lang, seen.facts)}</div>
            <div>{form.map(|f| plan(lang, f, errors))}</div>
        </div>
        {looked}
        {letters(lang, written)}
    }
    .into_any()
}

/// A homepage as its customer sees it.
#[derive(Debug, Clone)]
pub struct CustomersView {
    /// Its main name.
    pub name: String,
    /// What is seen of it, in plain words.
    pub class: String,
    /// What becomes of it, in plain words.
    pub decision: String,
    /// Its other names.
    pub aliases: Vec<String>,
}

/// The page, for its customer.
pub fn customers(lang: Lang, h: CustomersView) -> AnyView {
    let seen = if h.class.is_empty() { lang.t("look-none").to_owned() } else { h.class };
    let aliases = (!h.aliases.is_empty()).then(|| view! { <p class="quiet">{lang.t("col-aliases")}": "<span class="mono break">{h.aliases.join(", ")}</span></p> });
    view! {
        <div class="head"><h1 class="mono break">{h.name}</h1></div>
        {aliases}
        <section class="card"><h2>{lang.t("plain-seen")}</h2><p>{seen}</p></section>
        <section class="card"><h2>{lang.t("plain-becomes")}</h2><p>{h.decision}</p></section>
    }
    .into_any()
}
