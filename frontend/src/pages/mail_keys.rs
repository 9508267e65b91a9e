//! The keys with which a domain's mail is signed.

use crate::{
    i18n::Lang,
    ui::state::{Meaning, badge},
};
use hostler_core::mail::dkim::State;
use leptos::prelude::*;

/// A key in a row.
#[derive(Debug, Clone)]
pub struct KeyLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub selector: String,
    /// `rsa2048` or `ed25519`.
    pub algorithm: String,
    /// How far it is.
    pub state: State,
    /// Since when.
    pub since: String,
    /// Whether its record was seen.
    pub seen: bool,
}

/// What can be done with a key in a state: the ends of the addresses.
fn steps(state: State) -> &'static [&'static str] {
    match state {
        State::Waiting => &["sign", "delete"],
        State::Signing => &["retire"],
        State::Retiring | State::Retired => &[],
    }
}

/// The keys, and the way to new ones; `signing` tells whether the mail servers sign at all.
pub(super) fn keys(lang: Lang, href: &str, editable: bool, signing: bool, lines: Vec<KeyLine>) -> AnyView {
    let there = !lines.is_empty();
    let rows = lines
        .into_iter()
        .map(|line| {
            let (meaning, key) = match line.state {
                State::Waiting if line.seen => (Meaning::Notice, "dkim-seen"),
                State::Waiting => (Meaning::Warning, "dkim-waiting"),
                State::Signing => (Meaning::Good, "dkim-signing"),
                State::Retiring => (Meaning::Notice, "dkim-retiring"),
                State::Retired => (Meaning::Unknown, "dkim-retired"),
            };
            let buttons = editable.then(|| {
                let forms = steps(line.state).iter().map(|step| {
                    let action = format!("{href}/mail/keys/{}/{step}", line.id);
                    let text = lang.find(&format!("dkim-do-{step}")).unwrap_or("?");
                    let label = format!("{text}: {}", line.selector);
                    view! { <form method="post" action=action><button aria-label=label>{text}</button></form> }
                });
                forms.collect_view()
            });
            view! {
                <tr>
                    <th scope="row" class="mono break" data-label=lang.t("dkim-selector")>{line.selector}</th>
                    <td data-label=lang.t("dkim-algorithm")>{line.algorithm}</td>
                    <td data-label=lang.t("col-state")>{badge(meaning, lang.find(key).unwrap_or("?"))}</td>
                    <td data-label=lang.t("dkim-since")>{line.since}</td>
                    <td><div class="buttons">{buttons}</div></td>
                </tr>
            }
        })
        .collect_view();
    let table = there.then(|| {
        view! {
            <table class="list">
                <caption class="sr">{lang.t("dkim-title")}</caption>
                <thead><tr><th scope="col">{lang.t("dkim-selector")}</th><th scope="col">{lang.t("dkim-algorithm")}</th>
                    <th scope="col">{lang.t("col-state")}</th><th scope="col">{lang.t("dkim-since")}</th><th scope="col"><span class="sr">{lang.t("dkim-steps")}</span></th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    let make = editable.then(|| {
        view! {
            <form method="post" action=format!("{href}/mail/keys")>
                <div class="buttons"><button class=if there { "" } else { "primary" }>{lang.t("dkim-make")}</button></div>
            </form>
        }
    });
    let off = (!signing).then(|| view! { <p class="note warning">{lang.t("dkim-off")}</p> });
    view! {
        <section class="card" id="keys">
            <h2>{lang.t("dkim-title")}</h2>
            <p>{lang.t("dkim-help")}</p>
            {off}
            {table}
            {make}
        </section>
    }
    .into_any()
}
