//! Differences, in words and as unified text.

use crate::i18n::Lang;
use hostler_core::{
    dns::{Record, diff::Change},
    names::Name,
};
use leptos::prelude::*;

fn told(record: &Record) -> String {
    format!("{} {}", record.rtype(), record.data)
}

/// Changed records in words, owners relative to the zone.
pub fn changes(lang: Lang, origin: &Name, changes: &[Change]) -> impl IntoView + use<> {
    let rows = changes
        .iter()
        .map(|change| {
            let owner = change.owner().relative_to(origin);
            let (class, sign, word, text, ttl) = match change {
                Change::Added(record) => {
                    ("added", "+", lang.t("diff-added"), told(record), format!("TTL {}", record.ttl))
                }
                Change::Removed(record) => ("removed", "−", lang.t("diff-removed"), told(record), String::new()),
                Change::Changed { old, new } => {
                    let text = if old.data == new.data { told(new) } else { format!("{} → {}", told(old), new.data) };
                    let ttl =
                        if old.ttl == new.ttl { String::new() } else { format!("TTL {} → {}", old.ttl, new.ttl) };
                    ("changed", "~", lang.t("diff-changed"), text, ttl)
                }
            };
            view! {
                <tr class=class>
                    <td><span aria-hidden="true">{sign}</span><span class="sr">{word}</span></td>
                    <th scope="row" class="mono">{owner}</th>
                    <td class="mono break">{text}</td>
                    <td class="num">{ttl}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=lang.t("diff")>
            <table class="diff">
                <caption class="sr">{lang.t("diff")}</caption>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Two texts as unified lines with numbers; what is equal is folded but for three lines around.
pub fn unified(lang: Lang, old: &str, new: &str) -> impl IntoView + use<> {
    use similar::{ChangeTag, TextDiff};
    // Two large versions with nothing in common are told coarsely rather than late.
    let diff = TextDiff::configure().timeout(std::time::Duration::from_millis(200)).diff_lines(old, new);
    let mut rows = Vec::new();
    for (i, group) in diff.grouped_ops(3).iter().enumerate() {
        if i > 0 {
            rows.push(view! { <tr class="fold"><td colspan="4">"…"</td></tr> }.into_any());
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (class, sign) = match change.tag() {
                ChangeTag::Delete => ("removed", "−"),
                ChangeTag::Insert => ("added", "+"),
                ChangeTag::Equal => ("", " "),
            };
            let number = |index: Option<usize>| index.map(|i| (i + 1).to_string()).unwrap_or_default();
            let (before, after) = (number(change.old_index()), number(change.new_index()));
            let text = change.value().trim_end_matches('\n').to_owned();
            rows.push(
                view! { <tr class=class><td class="num">{before}</td><td class="num">{after}</td><td>{sign}</td><td class="mono break">{text}</td></tr> }
                    .into_any(),
            );
        }
    }
    let none = rows.is_empty().then(|| view! { <p class="empty">{lang.t("diff-none")}</p> });
    view! {
        {none}
        <div class="scroll" tabindex="0" role="region" aria-label=lang.t("diff")>
            <table class="diff text"><caption class="sr">{lang.t("diff")}</caption><tbody>{rows}</tbody></table>
        </div>
    }
}
