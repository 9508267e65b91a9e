//! The list of customers, and one customer.

use crate::{
    domains, homepages,
    http::{App, fault::Fault, list::ListQuery, page::Page, path, visit::Actor},
    mail,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_core::access::Action;
use hostler_store::{
    customers::{CustomerFilter, CustomerRow},
    domains::DomainFilter,
    homepages::HomepageFilter,
    list::{Page as Rows, Sort},
    mail::MailFilter,
};
use hostler_web::{
    pages::{
        customers::{Actions, customer},
        lists::{Around, Cell, Choice, Column, Facet, list as list_view, table},
    },
    ui::frame::Area,
};
use uuid::Uuid;

/// Columns of a list of customers.
pub const COLUMNS: &[Column] = &[
    Column { title: "col-number", sort: Some("number"), fields: &["number"] },
    Column { title: "col-company", sort: Some("company"), fields: &["company"] },
    Column { title: "col-contact", sort: None, fields: &["contact"] },
    Column { title: "col-city", sort: Some("city"), fields: &["city"] },
    Column { title: "col-email", sort: None, fields: &["email"] },
    Column { title: "col-reseller", sort: None, fields: &["reseller"] },
    Column { title: "col-domains", sort: None, fields: &["domains"] },
];

/// So many resellers stand as toggles over the list.
const FEW: usize = 8;

/// A customer as a row.
#[must_use]
pub fn row(c: CustomerRow) -> Vec<Cell> {
    vec![
        Cell::MonoLink(format!("/customers/{}", c.id), c.number),
        Cell::Text(c.company),
        Cell::Text(c.contact),
        Cell::Text(c.city),
        Cell::Text(c.email),
        c.reseller.map_or(Cell::Nothing, Cell::Text),
        Cell::Number(c.domains.to_string()),
    ]
}

/// `GET /customers`
///
/// # Errors
/// When the database fails.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let lang = actor.visit.lang;
    let query = ListQuery::parse(request.query_string());
    let views = crate::overview::views(&app, &actor, "/customers", request.query_string()).await?;
    let mut view = app.context.store.view(&actor.scope).await?;
    let filter = CustomerFilter { q: query.get("q").to_owned(), reseller: query.some("reseller") };
    let found = view.customers(&filter, query.sort(&["number", "company", "city"]), query.page()).await?;
    let resellers = view.customer_facets(&filter).await?;
    let state = query.state("/customers", &["q", "reseller"], found.total);
    let rows = found.items.into_iter().map(row).collect();
    // A handful stand as toggles; more would push the list off the screen.
    let (facets, choices) = if resellers.len() <= FEW {
        let facet = |(code, count): (String, i64)| Facet { name: "reseller", text: code.clone(), code, count };
        (resellers.into_iter().map(facet).collect(), Vec::new())
    } else {
        let options = resellers.into_iter().map(|(r, n)| (r.clone(), format!("{r} ({n})"))).collect();
        (Vec::new(), vec![Choice { name: "reseller", label: "col-reseller", options }])
    };
    let page = Page::of(&app, &mut view, &actor, Area::Customers, lang.t("nav-customers")).await?.flash(&request);
    Ok(page.body(|lang| {
        let around = Around { views, facets, csv: Some("/api/v1/customers"), ..Around::default() };
        list_view(lang, "nav-customers", &state, choices, COLUMNS, rows, around)
    }))
}

/// `GET /customers/{id}`
///
/// # Errors
/// 404 if there is no such customer for this visitor.
pub(super) async fn one(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let (lang, zone) = (actor.visit.lang, app.context.settings.time_zone.0);
    let id: Uuid = path::parse(&id)?;
    let mut view = app.context.store.view(&actor.scope).await?;
    let c = view.customer(id).await?;
    let (sort, rows) = (Sort { column: 0, descending: false }, Rows { limit: 100, offset: 0 });
    let hosting = actor.may(Action::ReadHosting);
    let actions = Actions {
        edit: actor.may(Action::EditCustomers).then(|| format!("/customers/{id}/edit")),
        logins: actor.may(Action::ReadLogins).then(|| format!("/logins?customer={id}")),
        view_as: (actor.acting().is_none() && actor.may(Action::ViewAs)).then(|| format!("/customers/{id}/view-as")),
    };
    let zones = view.domains(&DomainFilter { customer: Some(id), ..DomainFilter::default() }, sort, rows).await?;
    let sites = view.homepages(&HomepageFilter { customer: Some(id), ..HomepageFilter::default() }, sort, rows).await?;
    let boxes = view.mail(&MailFilter { customer: Some(id), ..MailFilter::default() }, sort, rows).await?;
    let name = if c.company.is_empty() { c.number.clone() } else { c.company.clone() };
    let facts = vec![
        ("col-number", c.number),
        ("col-contact", c.contact),
        ("col-street", c.street),
        ("col-postcode", c.postcode),
        ("col-city", c.city),
        ("col-country", c.country),
        ("col-email", c.email),
        ("col-vat", c.vat_id),
        ("col-reseller", c.reseller.unwrap_or_default()),
    ];
    let crumbs = vec![("/customers".to_owned(), lang.t("nav-customers").to_owned())];
    let page = Page::of(&app, &mut view, &actor, Area::Customers, &name).await?.crumbs(crumbs).flash(&request);
    Ok(page.body(|lang| {
        let domain_rows = zones.items.into_iter().map(|d| domains::row(lang, d)).collect();
        let site_rows = sites.items.into_iter().map(|h| homepages::row(lang, zone, h)).collect();
        let mail_rows = boxes.items.into_iter().map(|m| mail::row(lang, zone, m)).collect();
        let sections = vec![
            (
                "nav-domains",
                format!("/domains?customer={id}"),
                table(lang, None, "nav-domains", domains::COLUMNS, domain_rows),
            ),
            (
                "nav-homepages",
                format!("/homepages?customer={id}"),
                table(lang, None, "nav-homepages", homepages::COLUMNS, site_rows),
            ),
            ("nav-mail", format!("/mail?customer={id}"), table(lang, None, "nav-mail", mail::COLUMNS, mail_rows)),
        ];
        let sections = if hosting { sections } else { Vec::new() };
        customer(lang, name.clone(), facts, actions, sections)
    }))
}
