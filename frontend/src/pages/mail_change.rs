//! One change of chosen mailboxes: what, preview, and what became of each.

use crate::{
    i18n::Lang,
    ui::{
        form::{self, FieldErrors},
        frame::encode,
        list,
        state::{Meaning, badge},
    },
};
use leptos::prelude::*;

/// What is typed.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the field of that name")]
pub struct ChangeForm {
    pub operation: String,
    pub quota: String,
    pub protocols: Vec<String>,
    pub junk_at: String,
    pub server: String,
    /// `1`, `0`, or nothing: as it is.
    pub held: String,
    /// Which mailboxes, as the list was filtered.
    pub filters: Vec<(&'static str, String)>,
    /// Names of the servers that mailboxes can live on; none for whoever may not move them.
    pub servers: Vec<String>,
    /// Whether this reader may move mailboxes.
    pub staff: bool,
}

/// What becomes of a mailbox.
#[derive(Debug, Clone)]
pub struct ChangeLine {
    /// Its page.
    pub href: String,
    /// Its address.
    pub address: String,
    /// What differs: as it was and as it is, in words.
    pub differs: Vec<(String, String)>,
    /// Why nothing does.
    pub refused: Option<String>,
}

/// Rows that a page shows.
const SHOWN: usize = 200;

fn operations(staff: bool) -> Vec<(&'static str, &'static str)> {
    let mut all = vec![("quota", "mailbox-quota"), ("protocols", "mail-protocols"), ("junk", "mailbox-junk-at")];
    if staff {
        all.push(("place", "mailbox-place"));
    }
    all.push(("give-up", "mailbox-delete"));
    all
}

fn fields(lang: Lang, form: &ChangeForm, errors: &FieldErrors) -> AnyView {
    match form.operation.as_str() {
        "protocols" => super::mail::protocols(lang, &form.protocols, errors).into_any(),
        "junk" => form::text(
            "junk_at",
            "number",
            lang.t("mailbox-junk-at"),
            lang.t("mailbox-junk-at-help"),
            &form.junk_at,
            errors,
        )
        .into_any(),
        "place" => place_fields(lang, &form.servers, &form.server, &form.held, errors),
        "give-up" => view! { <p>{lang.t("mailbox-delete-help")}</p> }.into_any(),
        _ => form::text(
            "quota_bytes",
            "text",
            lang.t("mailbox-quota"),
            lang.t("mailbox-quota-help"),
            &form.quota,
            errors,
        )
        .into_any(),
    }
}

/// Where mailboxes live, and whether their mail waits.
pub(super) fn place_fields(lang: Lang, servers: &[String], server: &str, held: &str, errors: &FieldErrors) -> AnyView {
    let names = servers.iter().map(|s| (s.clone(), s.clone())).collect();
    let states = vec![("1".to_owned(), lang.t("held-yes").to_owned()), ("0".to_owned(), lang.t("held-no").to_owned())];
    let servers = (!servers.is_empty())
        .then(|| list::choice("to_server", lang.t("mailbox-server"), lang.t("as-it-is"), server, names));
    view! {
        <div class="field" id="f-to_server">{form::error(errors, "to_server")}{servers}</div>
        <div class="field" id="f-held">{form::error(errors, "held")}{list::choice("held", lang.t("mailbox-held"), lang.t("as-it-is"), held, states)}</div>
        <p class="help">{lang.t("mailbox-place-help")}</p>
    }
    .into_any()
}

fn hidden(form: &ChangeForm) -> AnyView {
    form.filters
        .iter()
        .map(|(name, value)| view! { <input type="hidden" name=*name value=value.clone() /> })
        .collect_view()
        .into_any()
}

fn typed(form: &ChangeForm) -> AnyView {
    let one = [
        ("do", &form.operation),
        ("quota_bytes", &form.quota),
        ("junk_at", &form.junk_at),
        ("to_server", &form.server),
        ("held", &form.held),
    ];
    let one = one.map(|(name, value)| view! { <input type="hidden" name=name value=value.clone() /> });
    let protocols = form
        .protocols
        .iter()
        .map(|p| view! { <input type="hidden" name="protocols" value=p.clone() /> })
        .collect_view();
    view! { {one.into_iter().collect_view()}{protocols} }.into_any()
}

fn lines(lang: Lang, lines: Vec<ChangeLine>) -> AnyView {
    let more = lines.len().saturating_sub(SHOWN);
    let rows = lines
        .into_iter()
        .take(SHOWN)
        .map(|line| {
            let what = match line.refused {
                Some(reason) => view! { {badge(Meaning::Bad, lang.t("outcome-refused"))}" "{reason} }.into_any(),
                None if line.differs.is_empty() => view! { <span class="quiet">{lang.t("outcome-unchanged")}</span> }.into_any(),
                None => {
                    let one = |(name, values): (String, String)| view! { <div>{name}": "{values}</div> };
                    line.differs.into_iter().map(one).collect_view().into_any()
                }
            };
            view! { <tr><th scope="row" class="mono break" data-label=lang.t("col-address")><a href=line.href>{line.address}</a></th><td data-label=lang.t("change-what")>{what}</td></tr> }
        })
        .collect::<Vec<_>>();
    view! {
        <table class="list">
            <caption class="sr">{lang.t("mail-change")}</caption>
            <thead><tr><th scope="col">{lang.t("col-address")}</th><th scope="col">{lang.t("change-what")}</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="quiet">{lang.f("change-more", &[("n", &more)])}</p> })}
    }
    .into_any()
}

fn counts(lines: &[ChangeLine]) -> (usize, usize, usize) {
    let refused = lines.iter().filter(|l| l.refused.is_some()).count();
    let changing = lines.iter().filter(|l| l.refused.is_none() && !l.differs.is_empty()).count();
    (changing, refused, lines.len() - changing - refused)
}

/// What to do to how many mailboxes, `None` for too many; then what would happen.
pub fn change(
    lang: Lang,
    form: &ChangeForm,
    mailboxes: Option<usize>,
    previewed: Option<Vec<ChangeLine>>,
    errors: &FieldErrors,
) -> AnyView {
    let query: String = form.filters.iter().map(|(n, v)| format!("&{n}={}", encode(v))).collect();
    let kinds = operations(form.staff)
        .into_iter()
        .map(|(code, key)| {
            let href = format!("/mailboxes/change?do={code}{query}");
            view! { <li><a class="chip" href=href aria-current=(code == form.operation).then_some("page")>{lang.find(key).unwrap_or("?")}</a></li> }
        })
        .collect_view();
    let preview = previewed.map(|found| {
        let (changing, refused, untouched) = counts(&found);
        let sum = lang.f("change-sum", &[("changing", &changing), ("refused", &refused), ("untouched", &untouched)]);
        let danger = form.operation == "give-up";
        let submit = (changing > 0).then(|| {
            view! {
                <form method="post" action="/mailboxes/change">
                    {hidden(form)}{typed(form)}
                    <button class=if danger { "danger" } else { "primary" }>{lang.f("change-submit", &[("n", &changing)])}</button>
                </form>
            }
        });
        view! { <h2>{lang.t("bulk-preview")}</h2><p>{sum}</p>{submit}{lines(lang, found)} }
    });
    view! {
        <h1>{lang.t("mail-change")}</h1>
        <p>{mailboxes.map(|n| lang.f("change-mailboxes", &[("n", &n)]))}</p>
        <ul class="chips">{kinds}</ul>
        <section class="card form">
            {form::summary(lang, errors)}
            <form method="get" action="/mailboxes/change">
                {hidden(form)}
                <input type="hidden" name="do" value=form.operation.clone() />
                <input type="hidden" name="preview" value="1" />
                {fields(lang, form, errors)}
                <div class="buttons"><button class="primary">{lang.t("bulk-preview")}</button></div>
            </form>
        </section>
        {preview}
    }
    .into_any()
}

/// What became of each, and the way back.
pub fn changed(lang: Lang, found: Vec<ChangeLine>, undo: Option<i64>) -> AnyView {
    let (changing, refused, untouched) = counts(&found);
    let sum = lang.f("change-done", &[("changing", &changing), ("refused", &refused), ("untouched", &untouched)]);
    let undo = undo.map(|entry| {
        view! { <form method="post" action=format!("/audit/{entry}/undo")><button>{lang.t("bulk-undo")}</button></form> }
    });
    view! {
        <h1>{lang.t("mail-change")}</h1>
        <p role="status">{sum}</p>
        <div class="buttons">{undo}<a class="button" href="/mail">{lang.t("nav-mail")}</a></div>
        {lines(lang, found)}
    }
    .into_any()
}
