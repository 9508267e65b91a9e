//! One search for everything: customers, domains, addresses, records.

use crate::{
    customers, domains,
    http::{App, fault::Fault, list::ListQuery, page::Page, visit::Actor},
    mail,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_core::access::Action;
use hostler_store::{
    customers::CustomerFilter,
    domains::DomainFilter,
    list::{Page as Rows, Sort},
    mail::MailFilter,
};
use hostler_web::{
    pages::lists::{Cell, Column, search as view, table},
    ui::frame::{Area, encode},
};

/// Hits of each kind on the page.
const MOST: i64 = 10;
/// The same, as a number of items.
const HITS: usize = 10;
/// Letters that a search in records needs: fewer are in nearly all of them.
const LEAST: usize = 3;

/// What was found of a kind: title, address of the whole list, how many, and the first of them.
type Section = (&'static str, String, String, &'static [Column], Vec<Vec<Cell>>);

/// `GET /search`
///
/// # Errors
/// When the database fails.
pub(super) async fn search(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let q = ListQuery::parse(request.query_string()).get("q").trim().to_owned();
    let (sort, rows) = (Sort { column: 0, descending: false }, Rows { limit: MOST, offset: 0 });
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let mut found: Vec<Section> = Vec::new();
    let asked = !q.is_empty();
    if asked && actor.may(Action::ReadCustomers) {
        let list = view_of.customers(&CustomerFilter { q: q.clone(), reseller: None }, sort, rows).await?;
        let cells = list.items.into_iter().map(customers::row).collect();
        found.push((
            "nav-customers",
            format!("/customers?q={}", encode(&q)),
            list.total.to_string(),
            customers::COLUMNS,
            cells,
        ));
    }
    if asked && actor.may(Action::ReadHosting) {
        let list = view_of.domains(&DomainFilter { q: q.clone(), ..DomainFilter::default() }, sort, rows).await?;
        let cells = list.items.into_iter().map(|d| domains::row(lang, d)).collect();
        found.push((
            "nav-domains",
            format!("/domains?q={}", encode(&q)),
            list.total.to_string(),
            domains::COLUMNS,
            cells,
        ));
        let list = view_of.mail(&MailFilter { q: q.clone(), ..MailFilter::default() }, sort, rows).await?;
        let cells = list.items.into_iter().map(|m| mail::row(lang, m)).collect();
        found.push(("nav-mail", format!("/mail?q={}", encode(&q)), list.total.to_string(), mail::COLUMNS, cells));
        if q.chars().count() >= LEAST {
            // They are not counted: one more than is shown tells that there are more.
            let hits = view_of.search_records(&q, MOST + 1).await?;
            let total = if hits.len() > HITS { format!("{HITS}+") } else { hits.len().to_string() };
            let cells = hits.into_iter().take(HITS).map(domains::record_row).collect();
            let href = format!("/domains?q={}&records=1", encode(&q));
            found.push(("col-records", href, total, domains::RECORD_COLUMNS, cells));
        }
    }
    let page = Page::of(&app, &mut view_of, &actor, Area::None, lang.t("search")).await?;
    Ok(page.body(|lang| {
        let sections = found
            .into_iter()
            .filter(|(.., cells): &Section| !cells.is_empty())
            .map(|(title, href, total, columns, cells)| (title, href, total, table(lang, None, title, columns, cells)))
            .collect();
        view(lang, &q, sections)
    }))
}
