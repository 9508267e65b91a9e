//! One search for everything: customers, domains, addresses, records.

use crate::http::{fault::Fault, visit::Actor};
use hostler_core::access::Action;
use hostler_store::{
    View,
    customers::{CustomerFilter, CustomerRow},
    domains::{DomainFilter, DomainRow},
    list::{Listed, Page, Sort},
    mail::{MailFilter, MailRow},
    zones::FoundRecord,
};

/// Hits of each kind that are shown.
pub(super) const MOST: usize = 10;
/// Letters that a search in records needs: fewer are in nearly all of them.
const LEAST: usize = 3;

/// The first of what was found; nothing of what this visitor may not look at.
pub(super) struct Found {
    pub(super) customers: Option<Listed<CustomerRow>>,
    pub(super) domains: Option<Listed<DomainRow>>,
    pub(super) addresses: Option<Listed<MailRow>>,
    /// They are not counted: one more than is shown tells that there are more.
    pub(super) records: Vec<FoundRecord>,
}

/// Searches for a text that is not empty.
///
/// # Errors
/// When the database fails.
pub(super) async fn find(view: &mut View, actor: &Actor, q: &str) -> Result<Found, Fault> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let (sort, page) = (Sort { column: 0, descending: false }, Page { limit: most, offset: 0 });
    let mut found = Found { customers: None, domains: None, addresses: None, records: Vec::new() };
    let q = || q.to_owned();
    if actor.may(Action::ReadCustomers) {
        let filter = CustomerFilter { q: q(), reseller: None };
        found.customers = Some(view.customers(&filter, sort, page).await?);
    }
    if actor.may(Action::ReadHosting) {
        let filter = DomainFilter { q: q(), ..DomainFilter::default() };
        found.domains = Some(view.domains(&filter, sort, page).await?);
        let filter = MailFilter { q: q(), ..MailFilter::default() };
        found.addresses = Some(view.mail(&filter, sort, page).await?);
        if q().chars().count() >= LEAST {
            found.records = view.search_records(&q(), most + 1).await?;
        }
    }
    Ok(found)
}
