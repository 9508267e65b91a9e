//! The page of the search for everything.

use super::service::{MOST, find};
use crate::{
    customers, domains,
    http::{App, fault::Fault, list::ListQuery, page::Page, visit::Actor},
    mail,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_web::{
    pages::lists::{Cell, Column, search as view, table},
    ui::frame::{Area, encode},
};

/// What was found of a kind: title, address of the whole list, how many, and the first of them.
type Section = (&'static str, String, String, &'static [Column], Vec<Vec<Cell>>);

/// `GET /search`
///
/// # Errors
/// When the database fails.
pub(super) async fn search(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let q = ListQuery::parse(request.query_string()).get("q").trim().to_owned();
    let mut view_of = app.context.store.view(&actor.scope).await?;
    let mut sections: Vec<Section> = Vec::new();
    if !q.is_empty() {
        let (found, all) = (find(&mut view_of, &actor, &q).await?, |list| format!("/{list}?q={}", encode(&q)));
        if let Some(list) = found.customers {
            let cells = list.items.into_iter().map(customers::row).collect();
            sections.push(("nav-customers", all("customers"), list.total.to_string(), customers::COLUMNS, cells));
        }
        if let Some(list) = found.domains {
            let cells = list.items.into_iter().map(|d| domains::row(lang, d)).collect();
            sections.push(("nav-domains", all("domains"), list.total.to_string(), domains::COLUMNS, cells));
        }
        if let Some(list) = found.addresses {
            let cells = list.items.into_iter().map(|m| mail::row(lang, app.context.settings.time_zone.0, m)).collect();
            sections.push(("nav-mail", all("mail"), list.total.to_string(), mail::COLUMNS, cells));
        }
        let hits = found.records;
        let total = if hits.len() > MOST { format!("{MOST}+") } else { hits.len().to_string() };
        let cells = hits.into_iter().take(MOST).map(domains::record_row).collect();
        let href = format!("{}&records=1", all("domains"));
        sections.push(("col-records", href, total, domains::RECORD_COLUMNS, cells));
    }
    let page = Page::of(&app, &mut view_of, &actor, Area::None, lang.t("search")).await?;
    Ok(page.body(|lang| {
        let sections = sections
            .into_iter()
            .filter(|(.., cells)| !cells.is_empty())
            .map(|(title, href, total, columns, cells)| (title, href, total, table(lang, None, title, columns, cells)))
            .collect();
        view(lang, &q, sections)
    }))
}
