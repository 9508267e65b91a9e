//! Mailboxes and aliases in the API.

use crate::http::{
    App,
    api::{Item, Listing},
    body,
    fault::Fault,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use hostler_store::mail::{MAIL_SORT, MailFilter};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

crate::list_query! {
    /// Filters of the list.
    AddressesQuery {
        /// Only of this customer.
        customer: Uuid,
        /// `mailbox` or `alias`.
        kind: String,
        /// Only mailboxes whose old password has this scheme.
        scheme: String,
        /// Only mailboxes to which nobody has logged in for so many days.
        unused: u16,
        /// Only mailboxes that live on the mail server of this name.
        server: String,
    }
}

/// A mailbox or an alias.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddressItem {
    /// Of the mailbox or of the alias.
    id: Uuid,
    /// `local@domain`, or `@domain` for a catch-all.
    address: String,
    kind: String,
    targets: Vec<String>,
    password_scheme: Option<String>,
    /// Octets of mail.
    bytes: Option<i64>,
    files: Option<i64>,
    /// When its owner logged in last, as far as the mail servers' logs were read.
    last_login_at: Option<DateTime<Utc>>,
    customer_id: Option<Uuid>,
    customer_number: Option<String>,
}

impl Item for AddressItem {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "address",
        "kind",
        "targets",
        "password_scheme",
        "bytes",
        "files",
        "last_login_at",
        "customer_id",
        "customer_number",
    ];
}

/// So many days before now.
pub(super) fn since(app: &App, days: u16) -> DateTime<Utc> {
    app.context.clock.now() - chrono::Duration::days(i64::from(days))
}

/// `GET /api/v1/addresses`
///
/// # Errors
/// The parameter that is wrong.
pub(super) async fn list(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query: AddressesQuery = body::query(&request)?;
    let listing = Listing::read(&request, query.part(), MAIL_SORT)?;
    let alias = match query.kind.as_deref() {
        None => None,
        Some("mailbox") => Some(false),
        Some("alias") => Some(true),
        Some(_) => return Err(Fault::field("kind", "mailbox or alias")),
    };
    let filter = MailFilter {
        q: query.q.clone().unwrap_or_default(),
        alias,
        scheme: query.scheme.clone(),
        customer: query.customer,
        unused_since: query.unused.map(|days| since(&app, days)),
        server: query.server.clone(),
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let (found, (boxes, aliases)) = view.mail_with_facets(&filter, listing.sort, listing.page).await?;
    let items: Vec<AddressItem> = found
        .items
        .into_iter()
        .map(|m| AddressItem {
            id: m.id,
            address: m.address,
            kind: if m.alias { "alias" } else { "mailbox" }.to_owned(),
            targets: m.targets,
            password_scheme: m.password_scheme,
            bytes: m.bytes,
            files: m.files,
            last_login_at: m.last_login_at,
            customer_id: m.customer_id,
            customer_number: m.customer_number,
        })
        .collect();
    let kinds = BTreeMap::from([("mailbox".to_owned(), boxes), ("alias".to_owned(), aliases)]);
    listing.answer("addresses", items, found.total, BTreeMap::from([("kind", kinds)])).await
}
