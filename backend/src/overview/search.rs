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
/// Letters that a search in records needs: fewer are in nearly all of them.
const LEAST: usize = 3;

/// `GET /search`
///
/// # Errors
/// When the database fails.
pub(super) async fn search(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let q = ListQuery::parse(request.query_string()).get("q").trim().to_owned();
    let (sort, rows) = (Sort { column: 0, descending: false }, Rows { limit: MOST, offset: 0 });
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let mut found = Vec::new();
    let asked = !q.is_empty();
    if asked && actor.may(Action::ReadCustomers) {
        let list = view_of.customers(&CustomerFilter { q: q.clone(), reseller: None }, sort, rows).await?;
        let cells = list.items.into_iter().map(customers::row).collect();
        found.push(("nav-customers", format!("/customers?q={}", encode(&q)), list.total, customers::COLUMNS, cells));
    }
    if asked && actor.may(Action::ReadHosting) {
        let list = view_of.domains(&DomainFilter { q: q.clone(), ..DomainFilter::default() }, sort, rows).await?;
        let cells = list.items.into_iter().map(|d| domains::row(lang, d)).collect();
        found.push(("nav-domains", format!("/domains?q={}", encode(&q)), list.total, domains::COLUMNS, cells));
        let list = view_of.mail(&MailFilter { q: q.clone(), ..MailFilter::default() }, sort, rows).await?;
        let cells = list.items.into_iter().map(|m| mail::row(lang, m)).collect();
        found.push(("nav-mail", format!("/mail?q={}", encode(&q)), list.total, mail::COLUMNS, cells));
        if q.chars().count() >= LEAST {
            let hits = view_of.search_records(&q, MOST).await?;
            let total = i64::try_from(hits.len()).unwrap_or(MOST);
            let cells = hits
                .into_iter()
                .map(|r| {
                    let owner = r.owner.trim_end_matches('.').to_owned();
                    vec![
                        Cell::MonoLink(format!("/zones/{}", r.zone_id), owner),
                        Cell::Text(r.rtype),
                        Cell::Mono(r.data),
                    ]
                })
                .collect();
            found.push(("col-records", format!("/domains?q={}&records=1", encode(&q)), total, RECORDS, cells));
        }
    }
    let page = Page::of(&app, &mut view_of, &actor, Area::None, lang.t("search")).await?;
    Ok(page.body(|lang| {
        let sections = found
            .into_iter()
            .filter(|(.., total, _, _)| *total > 0)
            .map(|(title, href, total, columns, cells)| (title, href, total, table(lang, None, title, columns, cells)))
            .collect();
        view(lang, &q, sections)
    }))
}

const RECORDS: &[Column] = &[
    Column { title: "col-owner", sort: None },
    Column { title: "col-type", sort: None },
    Column { title: "col-data", sort: None },
];
