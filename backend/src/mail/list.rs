//! The list of mailboxes and aliases.

use super::api;
use crate::http::{App, fault::Fault, list::ListQuery, page::Page, visit::Actor};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_core::access::Action;
use hostler_store::{
    mail::{MAIL_SORT, MailFilter, MailRow},
    mail_servers::MailServerRow,
};
use hostler_web::{
    i18n::Lang,
    pages::lists::{Around, Cell, Choice, Column, Facet, list as list_view, note as plain},
    time::{Tz, date_time, size},
    ui::{frame::Area, state::Meaning},
};

/// Columns of a list of mailboxes and aliases.
pub const COLUMNS: &[Column] = &[
    Column { title: "col-address", sort: Some("address"), fields: &["address"] },
    Column { title: "col-kind", sort: None, fields: &["kind"] },
    Column { title: "col-targets", sort: None, fields: &["targets"] },
    Column { title: "col-scheme", sort: None, fields: &["password_scheme"] },
    Column { title: "col-size", sort: Some("bytes"), fields: &["bytes"] },
    Column { title: "col-files", sort: Some("files"), fields: &["files"] },
    Column { title: "col-last-login", sort: Some("last_login"), fields: &["last_login_at"] },
    Column { title: "col-customer", sort: None, fields: &["customer_number"] },
];

/// Days without a log-in that can be asked for.
const UNUSED: [u16; 4] = [30, 90, 180, 365];

/// A mailbox or an alias as a row.
#[must_use]
pub fn row(lang: Lang, zone: Tz, m: MailRow) -> Vec<Cell> {
    let kind = match (m.alias, m.address.starts_with('@')) {
        (false, _) => lang.t("kind-mailbox"),
        (true, true) => lang.t("kind-catchall"),
        (true, false) => lang.t("kind-alias"),
    };
    let scheme = match (m.alias, m.password_scheme) {
        (true, _) => Cell::Nothing,
        (false, Some(scheme)) => Cell::Text(scheme),
        (false, None) => Cell::State(Meaning::Warning, lang.t("no-password").to_owned()),
    };
    vec![
        Cell::MonoLink(format!("/{}/{}", if m.alias { "aliases" } else { "mailboxes" }, m.id), m.address),
        Cell::Text(kind.to_owned()),
        if m.targets.is_empty() { Cell::Nothing } else { Cell::Mono(m.targets.join(", ")) },
        scheme,
        m.bytes.map_or(Cell::Nothing, |b| Cell::Number(size(b, lang))),
        m.files.map_or(Cell::Nothing, |f| Cell::Number(f.to_string())),
        m.last_login_at.map_or(Cell::Nothing, |at| Cell::Text(date_time(at, zone, lang))),
        match (m.customer_id, m.customer_number) {
            (Some(id), Some(number)) => Cell::MonoLink(format!("/customers/{id}"), number),
            (_, Some(number)) => Cell::Text(lang.f("customer-unknown", &[("number", &number)])),
            _ => Cell::Nothing,
        },
    ]
}

/// Which addresses a query asks for.
pub(super) fn filter(app: &App, query: &ListQuery) -> MailFilter {
    MailFilter {
        q: query.get("q").to_owned(),
        alias: match query.get("kind") {
            "mailbox" => Some(false),
            "alias" => Some(true),
            _ => None,
        },
        scheme: query.some("scheme"),
        customer: query.id("customer"),
        unused_since: query.get("unused").parse().ok().map(|days| api::since(app, days)),
        server: query.some("server"),
    }
}

/// `GET /mail`
///
/// # Errors
/// When the database fails.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let query = ListQuery::parse(request.query_string());
    let views = crate::overview::views(&app, &actor, "/mail", request.query_string()).await?;
    let filter = filter(&app, &query);
    let mut view = app.context.store.view(&actor.scope).await?;
    let sort = query.sort(MAIL_SORT);
    let (found, (boxes, aliases)) = view.mail_with_facets(&filter, sort, query.page()).await?;
    let schemes = view.password_schemes().await?;
    let state = query.state("/mail", &["q", "kind", "scheme", "unused", "customer", "server"], found.total);
    let edit = actor.may(Action::EditMail);
    let ids = match edit {
        true => found.items.iter().map(|m| (!m.alias).then(|| m.id.to_string())).collect(),
        false => Vec::new(),
    };
    let rows = found.items.into_iter().map(|m| row(lang, zone, m)).collect();
    let facets = [("mailbox", boxes), ("alias", aliases)]
        .map(|(code, count)| Facet {
            name: "kind",
            code: code.to_owned(),
            text: lang.find(&format!("kind-{code}")).unwrap_or("?").to_owned(),
            count,
        })
        .into();
    let mut new = if edit {
        vec![("/mailboxes/new", "mailbox-new"), ("/aliases/new", "alias-new"), ("/mailboxes/table", "table-title")]
    } else {
        Vec::new()
    };
    let mut servers = Vec::new();
    if actor.may(Action::ServeMail) {
        new.push(("/mail/servers", "servers"));
        servers = view.mail_servers().await?;
    }
    let days = |days: u16| (days.to_string(), lang.f("unused-days", &[("n", &days)]));
    let mut choices = vec![
        Choice {
            name: "scheme",
            label: "col-scheme",
            options: schemes.into_iter().map(|(s, n)| (s.clone(), format!("{s} ({n})"))).collect(),
        },
        Choice { name: "unused", label: "col-last-login", options: UNUSED.map(days).into() },
    ];
    if servers.len() > 1 {
        let count = |s: MailServerRow| {
            let name = s.data.server.name.to_string();
            (name.clone(), format!("{name} ({})", s.mailboxes))
        };
        let options = servers.into_iter().map(count).collect();
        choices.push(Choice { name: "server", label: "mailbox-server", options });
    }
    // Silence before the first log that was read is no disuse.
    let note = match filter.unused_since {
        None => None,
        Some(_) => Some(match view.mail_log_span().await? {
            None => lang.t("logins-unknown").to_owned(),
            Some((first, last)) => lang
                .f("logins-span", &[("first", &date_time(first, zone, lang)), ("last", &date_time(last, zone, lang))]),
        }),
    };
    let page = Page::of(&app, &mut view, &actor, Area::Mail, lang.t("nav-mail")).await?.flash(&request);
    Ok(page.body(|lang| {
        let around = Around {
            views,
            facets,
            new,
            csv: Some("/api/v1/addresses"),
            note: note.map(plain),
            after: None,
            action: edit.then_some(("/mailboxes/change", "change-matching")),
            ids,
        };
        list_view(lang, "nav-mail", &state, choices, COLUMNS, rows, around)
    }))
}
