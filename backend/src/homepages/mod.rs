//! Homepages as imported.

mod api;

use crate::http::{
    App,
    fault::Fault,
    list::ListQuery,
    openapi::Doc,
    page::Page,
    routes::{Access, Routes},
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use hostler_core::access::Action;
use hostler_store::homepages::{HomepageFilter, HomepageRow};
use hostler_web::{
    i18n::Lang,
    pages::lists::{Around, Cell, Column, Facet, list as list_view},
    ui::frame::Area,
};

/// Columns of a list of homepages.
pub const COLUMNS: &[Column] = &[
    Column { title: "col-name", sort: Some("name"), fields: &["name", "unicode"] },
    Column { title: "col-kind", sort: Some("kind"), fields: &["kind"] },
    Column { title: "col-root", sort: Some("root"), fields: &["root", "target"] },
    Column { title: "col-aliases", sort: None, fields: &["aliases"] },
    Column { title: "col-zone", sort: None, fields: &["zone_id"] },
    Column { title: "col-customer", sort: None, fields: &["customer_number"] },
    Column { title: "col-source", sort: None, fields: &["source"] },
];

const KINDS: [&str; 4] = ["static", "php", "redirect", "proxy"];

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    let read = Access::May(Action::ReadHosting);
    routes.get("/homepages", read, list);
    let doc = Doc::new("list_homepages", "homepages", "Homepages")
        .query::<api::HomepagesQuery>()
        .lists::<api::HomepageItem>();
    routes.api(Method::GET, "/api/v1/homepages", read, api::list, doc);
}

fn kind(lang: Lang, code: &str) -> String {
    lang.find(&format!("kind-{code}")).unwrap_or("?").to_owned()
}

/// A homepage as a row.
#[must_use]
pub fn row(lang: Lang, h: HomepageRow) -> Vec<Cell> {
    vec![
        Cell::Mono(h.unicode),
        Cell::Text(kind(lang, &h.kind)),
        Cell::Mono(if h.root.is_empty() { h.target } else { h.root }),
        if h.aliases.is_empty() { Cell::Nothing } else { Cell::Mono(h.aliases.join(" ")) },
        h.zone_id.map_or(Cell::Nothing, |id| Cell::Link(format!("/zones/{id}"), lang.t("col-zone").to_owned())),
        match (h.customer_id, h.customer_number) {
            (Some(id), Some(number)) => Cell::MonoLink(format!("/customers/{id}"), number),
            (_, Some(number)) => Cell::Text(lang.f("customer-unknown", &[("number", &number)])),
            _ => Cell::Nothing,
        },
        Cell::Mono(h.source.trim_start_matches("web/sites-enabled/").to_owned()),
    ]
}

/// `GET /homepages`
///
/// # Errors
/// When the database fails.
pub async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let query = ListQuery::parse(request.query_string());
    let views = crate::overview::views(&app, &actor, "/homepages", request.query_string()).await?;
    let filter = HomepageFilter {
        q: query.get("q").to_owned(),
        kind: query.some("kind").filter(|k| KINDS.contains(&k.as_str())),
        customer: query.id("customer"),
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let found = view.homepages(&filter, query.sort(&["name", "kind", "root"]), query.page()).await?;
    let state = query.state("/homepages", &["q", "kind", "customer"], found.total);
    let rows = found.items.into_iter().map(|h| row(lang, h)).collect();
    let counts = view.homepage_facets(&filter).await?;
    let facets = KINDS
        .iter()
        .map(|code| Facet {
            name: "kind",
            code: (*code).to_owned(),
            text: kind(lang, code),
            count: counts.iter().find(|(k, _)| k == code).map_or(0, |(_, n)| *n),
        })
        .collect();
    let page = Page::of(&app, &mut view, &actor, Area::Homepages, lang.t("nav-homepages")).await?.flash(&request);
    Ok(page.body(|lang| {
        let around = Around { views, facets, csv: Some("/api/v1/homepages"), ..Around::default() };
        list_view(lang, "nav-homepages", &state, Vec::new(), COLUMNS, rows, around)
    }))
}
