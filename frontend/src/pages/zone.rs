//! One zone: records, text, differences, versions.

use crate::{
    i18n::Lang,
    islands::{DeskData, Row, Staged, ZoneText},
    ui::{
        diff,
        form::{self, FieldErrors},
        list::breakable,
        state::{Meaning, badge},
    },
};
use hostler_core::{
    dns::{diff::Change, lint::Finding, profile::RegistryProfile},
    names::Name,
};
use leptos::prelude::*;

/// What every page of a zone shows at its top.
#[derive(Debug, Clone)]
pub struct ZoneHead {
    /// Address of the zone's page.
    pub href: String,
    /// Name for people.
    pub unicode: String,
    /// Apex.
    pub origin: Name,
    /// Customer: address and name.
    pub customer: Option<(String, String)>,
    /// Revision that the page shows.
    pub revision: i32,
    /// Errors and warnings.
    pub faults: (i32, i32),
    /// Whether there is something to publish.
    pub changed: bool,
    /// Serial that is served.
    pub serial: Option<i64>,
    /// Whether the reader may change it.
    pub editable: bool,
}

/// The zone's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the page of that name")]
pub enum Tab {
    Records,
    Text,
    Publish,
    Versions,
    Mail,
}

/// A record in a row.
#[derive(Debug, Clone)]
pub struct RecordRow {
    /// Its id.
    pub id: i64,
    /// Owner relative to the apex.
    pub owner: String,
    /// Time to live.
    pub ttl: u32,
    /// Type.
    pub rtype: String,
    /// Data.
    pub data: String,
    /// What is wrong with it: whether it is an error, and the sentence.
    pub faults: Vec<(bool, String)>,
}

/// The form of one record.
#[derive(Debug, Clone, Default)]
pub struct RecordForm {
    /// Id of the record that is edited; none for a new one.
    pub id: Option<i64>,
    /// Owner as typed.
    pub owner: String,
    /// Time to live as typed.
    pub ttl: String,
    /// Type as typed.
    pub rtype: String,
    /// Data as typed.
    pub data: String,
}

impl RecordForm {
    /// The form of a new record.
    #[must_use]
    pub fn new() -> Self {
        Self { rtype: "A".to_owned(), ..Self::default() }
    }
}

/// What the editor in the browser needs besides the records.
#[derive(Debug, Clone, Default)]
pub struct EditorDesk {
    /// Time to live of records that say none.
    pub default_ttl: u32,
    /// Registries' SOA ranges.
    pub profiles: Vec<RegistryProfile>,
    /// Changes that were refused.
    pub staged: Staged,
    /// Why.
    pub errors: FieldErrors,
}

/// The types offered in the form; any other can be typed as zone text.
pub const OFFERED: &[&str] = &[
    "A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV", "CAA", "PTR", "TLSA", "SSHFP", "DS", "NAPTR", "LOC", "HTTPS",
    "SVCB", "DNAME", "URI", "RP", "HINFO", "SOA",
];

pub(super) fn header(lang: Lang, head: &ZoneHead, tab: Tab) -> impl IntoView + use<> {
    let (errors, warnings) = head.faults;
    let states = [
        (errors > 0).then(|| badge(Meaning::Bad, lang.f("n-errors", &[("n", &errors)])).into_any()),
        (warnings > 0).then(|| badge(Meaning::Warning, lang.f("n-warnings", &[("n", &warnings)])).into_any()),
        head.changed.then(|| badge(Meaning::Notice, lang.t("zone-state-changed")).into_any()),
        (!head.changed && errors == 0).then(|| badge(Meaning::Good, lang.t("zone-state-fine")).into_any()),
        head.serial.is_none().then(|| badge(Meaning::Unknown, lang.t("zone-state-unserved")).into_any()),
    ];
    let customer = head.customer.clone().map(|(href, name)| view! { <a href=href>{name}</a> });
    let serial =
        head.serial.map(|s| view! { <span class="quiet">{lang.t("serial")}" "<span class="mono">{s}</span></span> });
    let ascii = head.origin.to_string();
    let ascii =
        (ascii.trim_end_matches('.') != head.unicode).then(|| view! { <span class="quiet mono">{ascii}</span> });
    let tabs = [(Tab::Records, "", "tab-records"), (Tab::Text, "/text", "tab-text"), (Tab::Publish, "/publish", "tab-publish"), (Tab::Versions, "/versions", "tab-versions"), (Tab::Mail, "/mail", "tab-mail")]
        .into_iter()
        .map(|(item, end, key)| view! { <li><a href=format!("{}{end}", head.href) aria-current=(item == tab).then_some("page")>{lang.t(key)}</a></li> })
        .collect_view();
    view! {
        <div class="head"><h1 class="mono">{head.unicode.clone()}</h1>{ascii}{states.into_iter().flatten().collect_view()}{customer}{serial}</div>
        <nav class="tabs" aria-label=lang.t("tabs")><ul>{tabs}</ul></nav>
    }
}

/// A finding as a sentence with its source.
#[must_use]
pub fn sentence(lang: Lang, finding: &Finding) -> String {
    format!("{} ({})", lang.finding(finding), finding.rule.source())
}

fn findings(lang: Lang, list: Vec<(bool, String)>) -> Option<impl IntoView> {
    (!list.is_empty()).then(|| {
        let items = list
            .into_iter()
            .map(|(error, text)| {
                let (class, glyph) = if error { ("bad", "✕ ") } else { ("warning", "▲ ") };
                view! { <li class=class>{glyph}{text}</li> }
            })
            .collect_view();
        view! { <ul class="remarks" aria-label=lang.t("findings")>{items}</ul> }
    })
}

fn record_form(lang: Lang, head: &ZoneHead, typed: &RecordForm, errors: &FieldErrors) -> impl IntoView + use<> {
    let options =
        OFFERED.iter().map(|t| view! { <option value=*t selected=*t == typed.rtype>{*t}</option> }).collect_view();
    let other = (!typed.rtype.is_empty() && !OFFERED.contains(&typed.rtype.as_str()))
        .then(|| view! { <option value=typed.rtype.clone() selected=true>{typed.rtype.clone()}</option> });
    let type_error = errors.get("rtype").cloned();
    let (action, submit, title) = match typed.id {
        Some(id) => (format!("{}/records/{id}", head.href), lang.t("record-save"), lang.t("record-edit")),
        None => (format!("{}/records", head.href), lang.t("record-add"), lang.t("record-new")),
    };
    let help = lang.find(&format!("type-help-{}", typed.rtype.to_ascii_lowercase())).unwrap_or_default();
    let cancel = typed.id.map(|_| view! { <a href=head.href.clone()>{lang.t("cancel")}</a> });
    view! {
        <section class="card" id="record">
            <h2>{title}</h2>
            {form::summary(lang, errors)}
            <form method="post" action=action class="record">
                <input type="hidden" name="revision" value=head.revision.to_string() />
                {form::text("owner", "text", lang.t("col-owner"), lang.t("owner-help"), &typed.owner, errors)}
                {form::text("ttl", "text", "TTL", lang.t("ttl-help"), &typed.ttl, errors)}
                <div class="field">
                    <label for="f-rtype">{lang.t("col-type")}</label>
                    <select id="f-rtype" name="rtype">{options}{other}</select>
                    <p class="help">{type_error.map(|e| view! { <strong class="error">{e}</strong> })}</p>
                </div>
                {form::text("data", "text", lang.t("col-data"), help, &typed.data, errors)}
                <p class="buttons"><button class="primary">{submit}</button>" "{cancel}</p>
            </form>
        </section>
    }
}

/// Records of a zone that is edited in the browser at the most: beyond them the text serves better.
const MOST_LIVE: usize = 1000;

/// Texts of the editor.
const WORDS: &[&str] = &[
    "col-action",
    "col-data",
    "col-owner",
    "col-type",
    "editor-close",
    "editor-paste",
    "editor-paste-label",
    "editor-paste-submit",
    "editor-publish",
    "editor-reset",
    "editor-reset-all",
    "editor-save",
    "editor-staged",
    "editor-ttl",
    "line",
    "record-delete",
    "record-new",
    "tab-records",
];

/// The sentences of the lint by their codes; none in English, whose sentences the rules bring.
fn rule_texts(lang: Lang) -> Vec<(String, String)> {
    if lang == Lang::En {
        return Vec::new();
    }
    hostler_core::dns::lint::Rule::ALL
        .iter()
        .filter_map(|r| Some((r.code().to_owned(), lang.find(&format!("lint-{}", r.code()))?.to_owned())))
        .collect()
}

/// What the script of the editor needs. It takes the place of the forms once it lives.
fn editor(
    lang: Lang,
    head: &ZoneHead,
    rows: &[RecordRow],
    open: Option<i64>,
    desk: EditorDesk,
) -> impl IntoView + use<> {
    let parts = OFFERED.iter().filter_map(|t| t.parse().ok()).flat_map(hostler_core::dns::typed::parts);
    let keys = WORDS
        .iter()
        .map(|k| (*k).to_owned())
        .chain(parts.map(|p| format!("part-{p}")))
        .chain(OFFERED.iter().map(|t| format!("type-help-{}", t.to_ascii_lowercase())));
    let row = |r: &RecordRow| Row {
        id: r.id,
        owner: r.owner.clone(),
        ttl: r.ttl.to_string(),
        rtype: r.rtype.clone(),
        data: r.data.clone(),
    };
    let data = DeskData {
        base: head.href.clone(),
        origin: head.origin.to_string(),
        default_ttl: desk.default_ttl,
        revision: head.revision,
        rows: rows.iter().map(row).collect(),
        staged: desk.staged,
        open,
        profiles: desk.profiles,
        rules: rule_texts(lang),
        words: keys.filter_map(|key| Some((key.clone(), lang.find(&key)?.to_owned()))).collect(),
        types: OFFERED.iter().map(|t| (*t).to_owned()).collect(),
    };
    let data = leptos::serde_json::to_string(&data).unwrap_or_default();
    view! { {form::summary(lang, &desk.errors)}<div data-zone-editor=data></div> }
}

/// The records with what is wrong beside them; for who may, each to be edited.
pub fn records(
    lang: Lang,
    head: &ZoneHead,
    rows: Vec<RecordRow>,
    general: Vec<(bool, String)>,
    (typed, errors): (&RecordForm, &FieldErrors),
    desk: EditorDesk,
) -> AnyView {
    let live = (head.editable && rows.len() <= MOST_LIVE).then(|| editor(lang, head, &rows, typed.id, desk));
    let class = if live.is_some() { "unless-live" } else { "" };
    let (base, revision, editable) = (head.href.clone(), head.revision, head.editable);
    let rows = rows.into_iter().map(|row| plain_row(lang, row, &base, revision, editable)).collect_view();
    let action = editable.then(|| view! { <th scope="col"><span class="sr">{lang.t("col-action")}</span></th> });
    view! {
        {header(lang, head, Tab::Records)}
        {live}
        <div class=class>
            {findings(lang, general)}
            {editable.then(|| record_form(lang, head, typed, errors))}
            <table class="list records">
                <caption class="sr">{lang.t("tab-records")}</caption>
                <thead><tr><th scope="col">{lang.t("col-owner")}</th><th scope="col">"TTL"</th><th scope="col">{lang.t("col-type")}</th>
                    <th scope="col">{lang.t("col-data")}</th>{action}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn plain_row(lang: Lang, row: RecordRow, base: &str, revision: i32, editable: bool) -> impl IntoView + use<> {
    let edit = format!("{base}?edit={}#record", row.id);
    let delete = format!("{base}/records/{}/delete", row.id);
    let label = format!("{} {} {}", lang.t("record-delete"), row.owner, row.rtype);
    let faults = row
        .faults
        .into_iter()
        .map(|(error, text)| view! { <p class=if error { "fault bad" } else { "fault warning" }>{if error { "✕ " } else { "▲ " }}{text}</p> })
        .collect_view();
    let data_class = breakable(&row.data, true);
    let owner_class = breakable(&row.owner, true);
    let owner = if editable { view! { <a href=edit>{row.owner}</a> }.into_any() } else { row.owner.into_any() };
    let remove = editable.then(|| {
        view! { <td><form method="post" action=delete><input type="hidden" name="revision" value=revision.to_string() />
        <button class="plain" aria-label=label>"×"</button></form></td> }
    });
    view! {
        <tr>
            <th scope="row" class=owner_class data-label=lang.t("col-owner")>{owner}</th>
            <td class="num" data-label="TTL">{row.ttl}</td>
            <td data-label=lang.t("col-type")>{row.rtype}</td>
            <td class=data_class data-label=lang.t("col-data")>{row.data}{faults}</td>
            {remove}
        </tr>
    }
}

/// The zone as text.
pub fn text(lang: Lang, head: &ZoneHead, text: String, errors: &FieldErrors) -> AnyView {
    view! {
        {header(lang, head, Tab::Text)}
        {form::summary(lang, errors)}
        <form method="post" action=format!("{}/text", head.href)>
            <input type="hidden" name="revision" value=head.revision.to_string() />
            <ZoneText origin=head.origin.to_string() text=text texts=rule_texts(lang) label=lang.t("zone-text-label").to_owned()
                line_word=lang.t("line").to_owned() fine=lang.t("zone-text-fine").to_owned() />
            {head.editable.then(|| view! { <p class="buttons"><button class="primary">{lang.t("zone-text-save")}</button>" "<a href=head.href.clone()>{lang.t("cancel")}</a></p> })}
        </form>
    }
    .into_any()
}

/// What publishing would change, or why it cannot be.
pub fn publish(
    lang: Lang,
    head: &ZoneHead,
    changes: &[Change],
    stops: Vec<(bool, String)>,
    errors: &FieldErrors,
) -> AnyView {
    let stopped = stops.iter().any(|(error, _)| *error);
    let count = changes.len();
    let none = changes.is_empty().then(|| view! { <p class="empty">{lang.t("publish-nothing")}</p> });
    let form = (head.editable && !changes.is_empty() && !stopped).then(|| {
        view! {
            <form method="post" action=format!("{}/publish", head.href)>
                <input type="hidden" name="revision" value=head.revision.to_string() />
                {form::text("note", "text", lang.t("publish-note"), lang.t("publish-note-help"), "", errors)}
                <button class="primary">{lang.f("publish-submit", &[("n", &count)])}</button>
            </form>
        }
    });
    let discard = (head.editable && !changes.is_empty() && head.serial.is_some()).then(|| {
        view! {
            <form method="post" action=format!("{}/discard", head.href)>
                <input type="hidden" name="revision" value=head.revision.to_string() />
                <button>{lang.t("publish-discard")}</button>
            </form>
        }
    });
    let why = stopped.then(|| view! { <p class="notice">{lang.t("publish-stopped")}</p> });
    view! {
        {header(lang, head, Tab::Publish)}
        {form::summary(lang, errors)}
        {why}
        {findings(lang, stops)}
        {none}
        {diff::changes(lang, &head.origin, changes)}
        <div class="buttons">{form}{discard}</div>
    }
    .into_any()
}

/// A version in the list.
#[derive(Debug, Clone)]
pub struct Version {
    /// Number.
    pub number: i32,
    /// Serial.
    pub serial: i64,
    /// When, for people.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub note: String,
}

/// The versions, and the difference between two of them.
pub fn versions(
    lang: Lang,
    head: &ZoneHead,
    list: &[Version],
    compared: Option<(i32, i32, String, String)>,
) -> AnyView {
    let chosen = compared.as_ref().map(|(from, to, ..)| (*from, *to));
    let rows = list
        .iter()
        .map(|v| {
            let number = v.number;
            let radio = |name: &'static str, checked: bool| {
                let label = format!("{} {number}", lang.t(if name == "from" { "compare-from" } else { "compare-to" }));
                view! { <td><input type="radio" name=name value=number.to_string() checked=checked aria-label=label /></td> }
            };
            let newest = list.first().map_or(0, |v| v.number);
            let (from, to) = chosen.unwrap_or((newest - 1, newest));
            view! {
                <tr>
                    <th scope="row" class="num">{number}</th>
                    <td class="mono">{v.serial}</td>
                    <td class="time">{v.at.clone()}</td>
                    <td>{v.by.clone()}</td>
                    <td class="break">{v.note.clone()}</td>
                    {radio("from", number == from)}
                    {radio("to", number == to)}
                    <td><span class="inline"><a class="button" href=format!("{}/versions/{number}", head.href)>{lang.t("version-text")}</a>
                        {(head.editable && number != newest).then(|| {
                            // A form of its own stands below: forms do not nest.
                            view! { <button form="restore" formaction=format!("{}/versions/{number}/restore", head.href)>{lang.t("version-restore")}</button> }
                        })}</span>
                    </td>
                </tr>
            }
        })
        .collect_view();
    let none = list.is_empty().then(|| view! { <p class="empty">{lang.t("versions-none")}</p> });
    let result = compared.map(|(from, to, old, new)| {
        view! { <section><h2>{lang.f("compared", &[("from", &from), ("to", &to)])}</h2>{diff::unified(lang, &old, &new)}</section> }
    });
    view! {
        {header(lang, head, Tab::Versions)}
        {none}
        <form method="get" action=format!("{}/versions", head.href)>
            <div class="scroll" tabindex="0" role="region" aria-label=lang.t("tab-versions")>
                <table>
                    <caption class="sr">{lang.t("tab-versions")}</caption>
                    <thead><tr><th scope="col">{lang.t("col-version")}</th><th scope="col">{lang.t("serial")}</th><th scope="col">{lang.t("col-when")}</th>
                        <th scope="col">{lang.t("col-who")}</th><th scope="col">{lang.t("col-note")}</th><th scope="col">{lang.t("compare-from")}</th>
                        <th scope="col">{lang.t("compare-to")}</th><th scope="col"><span class="sr">{lang.t("col-action")}</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {(list.len() > 1).then(|| view! { <button>{lang.t("compare")}</button> })}
        </form>
        <form id="restore" method="post"><input type="hidden" name="revision" value=head.revision.to_string() /></form>
        {result}
    }
    .into_any()
}
