//! The records that the mail of a domain needs, each beside what is there.

use super::{
    mail_keys::{KeyLine, keys},
    mail_spam::{SpamForm, levels},
    zone::{Tab, ZoneHead, header},
};
use crate::{
    i18n::Lang,
    ui::{
        form::{self, FieldErrors},
        list::breakable,
        state::{Meaning, badge},
    },
};
use hostler_core::{
    dns::Record,
    mail::records::{Purpose, Standing},
};
use leptos::prelude::*;

/// What the domain name system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Nobody asked.
    NotAsked,
    /// Nobody answered.
    NoAnswer,
    /// How it stands in the answer.
    Answer(Standing),
}

/// A record that is needed.
#[derive(Debug, Clone)]
pub struct Line {
    /// What for.
    pub purpose: Purpose,
    /// What the form calls it.
    pub key: String,
    /// The record.
    pub record: Record,
    /// More of its owner and type.
    pub also: Vec<Record>,
    /// How it stands in the zone.
    pub zone: Standing,
    /// What is of its kind there.
    pub found: Vec<Record>,
    /// How it stands in the world.
    pub dns: Seen,
}

fn state(lang: Lang, standing: Standing) -> AnyView {
    let meaning = match standing {
        Standing::Met => Meaning::Good,
        Standing::Missing => Meaning::Bad,
        Standing::Differs => Meaning::Warning,
    };
    badge(meaning, lang.find(&format!("standing-{}", standing.as_str())).unwrap_or("?")).into_any()
}

fn text(record: &Record) -> String {
    format!("{} {}", record.rtype(), record.data)
}

/// The page: what is missing is ticked, what would take something's place is not. `signing` tells whether the mail servers sign.
pub fn records(
    lang: Lang,
    head: &ZoneHead,
    (lines, key_lines, spam): (Vec<Line>, Vec<KeyLine>, SpamForm),
    signing: bool,
    errors: &FieldErrors,
) -> AnyView {
    let keys = keys(lang, &head.href, head.editable, signing, key_lines);
    let there = !lines.is_empty();
    let asked = lines.iter().any(|l| l.dns != Seen::NotAsked);
    let rows = lines
        .into_iter()
        .map(|line| {
            let purpose = lang.find(&format!("purpose-{}", line.purpose.as_str())).unwrap_or("?");
            let owner = line.record.owner.to_string();
            let label = format!("{} {owner}", lang.t("choose"));
            let missing = line.zone == Standing::Missing;
            let tick = (head.editable && line.zone != Standing::Met).then(|| {
                view! { <input type="checkbox" name="take" value=line.key checked=missing aria-label=label /> }
            });
            let expected = text(&line.record);
            let class = breakable(&expected, true);
            let also = line.also.iter().map(|r| view! { <div>{text(r)}</div> }).collect_view();
            let found = (line.zone == Standing::Differs)
                .then(|| line.found.iter().map(|r| view! { <div class="mono break">{text(r)}</div> }).collect_view());
            let dns = match line.dns {
                Seen::NotAsked => None,
                Seen::NoAnswer => Some(badge(Meaning::Unknown, lang.t("standing-no-answer")).into_any()),
                Seen::Answer(standing) => Some(state(lang, standing)),
            };
            view! {
                <tr>
                    <td class="pick">{tick}</td>
                    <th scope="row" data-label=lang.t("mail-records-for")>{purpose}</th>
                    <td class="mono" data-label=lang.t("col-owner")>{owner.trim_end_matches('.').to_owned()}</td>
                    <td class=class data-label=lang.t("mail-records-expected")>{expected}{also}</td>
                    <td data-label=lang.t("mail-records-zone")>{state(lang, line.zone)}{found}</td>
                    {dns.map(|dns| view! { <td data-label=lang.t("mail-records-dns")>{dns}</td> })}
                </tr>
            }
        })
        .collect_view();
    let dns_head = asked.then(|| view! { <th scope="col">{lang.t("mail-records-dns")}</th> });
    let take = head.editable.then(|| view! { <button class="primary">{lang.t("mail-records-take")}</button> });
    let table = there.then(|| {
        view! {
        <form method="post" action=format!("{}/mail", head.href)>
            <input type="hidden" name="revision" value=head.revision.to_string() />
            <table class="list">
                <caption class="sr">{lang.t("tab-mail")}</caption>
                <thead><tr><th scope="col" class="pick"><span class="sr">{lang.t("choose")}</span></th><th scope="col">{lang.t("mail-records-for")}</th>
                    <th scope="col">{lang.t("col-owner")}</th><th scope="col">{lang.t("mail-records-expected")}</th><th scope="col">{lang.t("mail-records-zone")}</th>{dns_head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <div class="buttons">{take}<a class="button" href=format!("{}/mail?dns=true", head.href)>{lang.t("mail-records-ask")}</a></div>
        </form>
        }
    });
    view! {
        {header(lang, head, Tab::Mail)}
        {form::summary(lang, errors)}
        <p>{lang.t("mail-records-help")}</p>
        {table}
        {keys}
        {signing.then(|| levels(lang, &head.href, head.editable, &spam))}
    }
    .into_any()
}
