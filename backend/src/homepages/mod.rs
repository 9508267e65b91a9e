//! Homepages: as imported, and as they were seen.

mod api;
mod one;

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
use hostler_core::{access::Action, web::Class};
use hostler_store::homepages::{HomepageFilter, HomepageRow};
use hostler_web::{
    i18n::Lang,
    pages::lists::{Around, Cell, Column, Facet, list as list_view},
    ui::{frame::Area, state::Meaning},
};

/// Columns of a list of homepages.
pub const COLUMNS: &[Column] = &[
    Column { title: "col-name", sort: Some("name"), fields: &["name", "unicode"] },
    Column { title: "col-class", sort: Some("class"), fields: &["class", "doubt", "class_since", "looked_at"] },
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
    routes.get("/homepages/{id}", read, one::page);
    let one = Doc::new("get_homepage", "homepages", "One homepage with the last looks at it")
        .answers::<one::HomepageBody>(200);
    routes.api(Method::GET, "/api/v1/homepages/{id}", read, one::api, one);
    let doc = Doc::new("list_homepages", "homepages", "Homepages")
        .query::<api::HomepagesQuery>()
        .lists::<api::HomepageItem>();
    routes.api(Method::GET, "/api/v1/homepages", read, api::list, doc);
}

fn kind(lang: Lang, code: &str) -> String {
    lang.find(&format!("kind-{code}")).unwrap_or("?").to_owned()
}

fn class_text(lang: Lang, code: &str) -> String {
    lang.find(&format!("class-{}", code.replace('_', "-"))).unwrap_or("?").to_owned()
}

/// What it is held to be, and whether the last look says otherwise.
fn class(lang: Lang, code: Option<&str>, doubt: Option<&str>) -> Cell {
    let Some(class) = code.and_then(Class::parse) else { return Cell::Nothing };
    let meaning = match class {
        Class::Alive => Meaning::Good,
        Class::AliveTlsBroken | Class::Stale | Class::RedirectElsewhere | Class::DnsBroken => Meaning::Warning,
        Class::MovedAway | Class::Placeholder | Class::Parked | Class::ServerDefault => Meaning::Notice,
        Class::Error | Class::Unreachable | Class::NoAddress | Class::Nxdomain => Meaning::Bad,
    };
    let text = class_text(lang, class.as_str());
    let text = match doubt {
        Some(doubt) => lang.f("class-doubted", &[("class", &text), ("doubt", &class_text(lang, doubt))]),
        None => text,
    };
    Cell::State(meaning, text)
}

/// A homepage as a row.
#[must_use]
pub fn row(lang: Lang, h: HomepageRow) -> Vec<Cell> {
    vec![
        Cell::MonoLink(format!("/homepages/{}", h.id), h.unicode),
        class(lang, h.class.as_deref(), h.doubt.as_deref()),
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
        class: query.some("class").filter(|c| Class::parse(c).is_some()),
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let found = view.homepages(&filter, query.sort(&["name", "kind", "root", "class"]), query.page()).await?;
    let state = query.state("/homepages", &["q", "class", "kind", "customer"], found.total);
    let rows = found.items.into_iter().map(|h| row(lang, h)).collect();
    let counts = view.homepage_facets(&filter).await?;
    let classes = view.homepage_classes(&filter).await?;
    let seen = Class::ALL.iter().filter_map(|class| {
        let (code, count) = classes.iter().find(|(c, _)| c == class.as_str())?;
        let text = class_text(lang, code);
        Some(Facet { name: "class", code: code.clone(), text, count: *count })
    });
    let kinds = KINDS.iter().map(|code| Facet {
        name: "kind",
        code: (*code).to_owned(),
        text: kind(lang, code),
        count: counts.iter().find(|(k, _)| k == code).map_or(0, |(_, n)| *n),
    });
    let facets = seen.chain(kinds).collect();
    let page = Page::of(&app, &mut view, &actor, Area::Homepages, lang.t("nav-homepages")).await?.flash(&request);
    Ok(page.body(|lang| {
        let around = Around { views, facets, csv: Some("/api/v1/homepages"), ..Around::default() };
        list_view(lang, "nav-homepages", &state, Vec::new(), COLUMNS, rows, around)
    }))
}
