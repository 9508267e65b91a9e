//! The list of domains.

use crate::http::{App, fault::Fault, list::ListQuery, page::Page, visit::Actor};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_core::access::Action;
use hostler_store::{
    domains::{DomainFilter, DomainRow, ZoneState},
    zones::FoundRecord,
};
use hostler_web::{
    i18n::Lang,
    pages::lists::{Around, Cell, Choice, Column, Facet, list as list_view, table, titled},
    ui::{frame::Area, state::Meaning},
};

/// Columns of a list of domains.
pub const COLUMNS: &[Column] = &[
    Column { title: "col-name", sort: Some("name"), fields: &["name", "unicode"] },
    Column { title: "col-zone", sort: Some("errors"), fields: &["errors", "warnings", "changed"] },
    Column { title: "col-records", sort: Some("records"), fields: &["records"] },
    Column { title: "col-serial", sort: None, fields: &["serial"] },
    Column { title: "col-customer", sort: Some("customer"), fields: &["customer_number"] },
    Column { title: "col-reseller", sort: None, fields: &["reseller"] },
];

/// Columns of a list of records that a search found.
pub const RECORD_COLUMNS: &[Column] = &[
    Column { title: "col-owner", sort: None, fields: &[] },
    Column { title: "col-type", sort: None, fields: &[] },
    Column { title: "col-data", sort: None, fields: &[] },
];

/// A record that a search found, as a row.
#[must_use]
pub fn record_row(r: FoundRecord) -> Vec<Cell> {
    let owner = r.owner.trim_end_matches('.').to_owned();
    vec![Cell::MonoLink(format!("/zones/{}", r.zone_id), owner), Cell::Text(r.rtype), Cell::Mono(r.data)]
}

/// A domain as a row.
#[must_use]
pub fn row(lang: Lang, d: DomainRow) -> Vec<Cell> {
    let errors = d.errors.unwrap_or(0);
    let state = match d.zone_id {
        None => Cell::State(Meaning::Unknown, lang.t("zone-state-none").to_owned()),
        Some(_) if errors > 0 => Cell::State(Meaning::Bad, lang.f("n-errors", &[("n", &errors)])),
        Some(_) if d.published_serial.is_none() => {
            Cell::State(Meaning::Unknown, lang.t("zone-state-unserved").to_owned())
        }
        Some(_) if d.changed == Some(true) => Cell::State(Meaning::Notice, lang.t("zone-state-changed").to_owned()),
        Some(_) if d.warnings.unwrap_or(0) > 0 => {
            Cell::State(Meaning::Warning, lang.f("n-warnings", &[("n", &d.warnings.unwrap_or(0))]))
        }
        Some(_) => Cell::State(Meaning::Good, lang.t("zone-state-fine").to_owned()),
    };
    vec![
        match d.zone_id {
            Some(id) => Cell::MonoLink(format!("/zones/{id}"), d.unicode),
            None => Cell::Mono(d.unicode),
        },
        state,
        d.records.map_or(Cell::Nothing, |n| Cell::Number(n.to_string())),
        d.published_serial.map_or(Cell::Nothing, |n| Cell::Number(n.to_string())),
        match (d.customer_id, d.customer_number) {
            (Some(id), number) => {
                let number = number.unwrap_or_default();
                let company = d.company.filter(|c| !c.is_empty()).map_or(number.clone(), |c| format!("{number} {c}"));
                Cell::Link(format!("/customers/{id}"), company)
            }
            (None, Some(number)) => Cell::State(Meaning::Warning, lang.f("customer-unknown", &[("number", &number)])),
            (None, None) => Cell::Nothing,
        },
        d.reseller.map_or(Cell::Nothing, Cell::Text),
    ]
}

/// `GET /domains`
///
/// # Errors
/// When the database fails.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let query = ListQuery::parse(request.query_string());
    let views = crate::overview::views(&app, &actor, "/domains", request.query_string()).await?;
    let mut view = app.context.store.view(&actor.scope).await?;
    let q = query.get("q").trim().to_owned();
    let filter = DomainFilter {
        q: q.clone(),
        customer: query.id("customer"),
        reseller: query.some("reseller"),
        zone: ZoneState::parse(query.get("zone")),
        picked: None,
    };
    let (found, counts) =
        view.domains_with_facets(&filter, query.sort(&["name", "customer", "errors", "records"]), query.page()).await?;
    let records = if query.get("records") == "1" && q.chars().count() > 2 {
        view.search_records(&q, 30).await?
    } else {
        Vec::new()
    };
    let state = query.state("/domains", &["q", "zone", "reseller", "customer", "records"], found.total);
    let (bulk, create) = (actor.may(Action::BulkZones), actor.may(Action::CreateZones));
    let ids = if bulk { found.items.iter().map(|d| d.zone_id.map(|id| id.to_string())).collect() } else { Vec::new() };
    let rows = found.items.into_iter().map(|d| row(lang, d)).collect();
    let facets = ZoneState::ALL
        .iter()
        .zip(counts)
        .map(|((code, _), count)| Facet {
            name: "zone",
            code: (*code).to_owned(),
            text: lang.find(&format!("zone-state-{code}")).unwrap_or("?").to_owned(),
            count,
        })
        .collect();
    let mut choices = Vec::new();
    let resellers = view.resellers().await?;
    if !resellers.is_empty() {
        choices.push(Choice {
            name: "reseller",
            label: "col-reseller",
            options: resellers.into_iter().map(|r| (r.clone(), r)).collect(),
        });
    }
    choices.push(Choice::tick("records", "in-records"));
    let hits: Vec<Vec<Cell>> = records.into_iter().map(record_row).collect();
    let page = Page::of(&app, &mut view, &actor, Area::Domains, lang.t("nav-domains")).await?.flash(&request);
    Ok(page.body(|lang| {
        let note = (!hits.is_empty())
            .then(|| titled(lang, "found-records", table(lang, None, "found-records", RECORD_COLUMNS, hits)));
        let action = bulk.then_some(("/zones/bulk", "bulk-matching"));
        let new = create.then_some(("/zones/new", "zone-new")).into_iter().collect();
        let around = Around { views, facets, new, csv: Some("/api/v1/domains"), action, ids, note, after: None };
        list_view(lang, "nav-domains", &state, choices, COLUMNS, rows, around)
    }))
}
