//! All domains: which a page of their list has, in every order, and how many of them have a zone in each state.

use super::{
    Followed,
    names::{Entry, Names, page_of},
    places::Places,
};
use crate::{
    StoreError, View,
    domains::{DomainFilter, ZoneCounts, ZoneState},
    list::{Page, Sort, searched},
};
use std::cmp::Ordering;

/// What is known of a domain.
#[derive(Debug)]
pub(crate) struct Domain {
    customer_number: Option<String>,
    /// Errors of its zone, if there is one.
    errors: Option<i32>,
    records: Option<i32>,
}

impl Entry for Domain {
    const COLUMNS: usize = 4;

    fn kind(&self) -> bool {
        false
    }

    fn compare(&self, other: &Self, column: usize) -> Ordering {
        match column {
            0 => Ordering::Equal,
            1 => self.customer_number.cmp(&other.customer_number),
            2 => self.errors.cmp(&other.errors),
            _ => self.records.cmp(&other.records),
        }
    }
}

/// All domains.
#[derive(Debug, Default)]
pub(crate) struct Domains {
    names: Names<Domain>,
    /// Those whose zone is in a state, as [`ZoneState::ALL`] has them.
    states: [Places; 5],
}

/// A domain as the database has it.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Row {
    name: String,
    search: String,
    customer_number: Option<String>,
    zone_errors: Option<i32>,
    zone_warnings: Option<i32>,
    zone_records: Option<i32>,
    zone_changed: Option<bool>,
}

impl Followed for Domains {
    type Row = Row;
    type Entry = Domain;
    const KINDS: &[&str] = &["domains"];
    const ALL: &[&str] =
        &["select name, search, customer_number, zone_errors, zone_warnings, zone_records, zone_changed
         from domains where archived_at is null"];
    const NAME: &str = "name";

    fn names(&mut self) -> &mut Names<Domain> {
        &mut self.names
    }

    fn add(&mut self, row: Row) -> usize {
        let (errors, changed) = (row.zone_errors.unwrap_or(0) > 0, row.zone_changed.unwrap_or(false));
        let domain =
            Domain { customer_number: row.customer_number, errors: row.zone_errors, records: row.zone_records };
        let place = self.names.push(&row.name, &row.search, domain);
        for ((_, state), places) in ZoneState::ALL.iter().zip(&mut self.states) {
            let is_in = match state {
                ZoneState::Errors => errors,
                ZoneState::Warnings => row.zone_warnings.unwrap_or(0) > 0,
                ZoneState::Changed => changed,
                ZoneState::Fine => row.zone_errors.is_some() && !errors && !changed,
                ZoneState::None => row.zone_errors.is_none(),
            };
            if is_in {
                places.insert(place);
            }
        }
        place
    }
}

impl Domains {
    /// A page of those that have a text in their names and a zone in a state, how many have the text, and of these a zone in each state.
    fn page(&self, text: &str, state: Option<ZoneState>, sort: Sort, page: Page) -> (Vec<String>, (i64, ZoneCounts)) {
        let found = self.names.containing(text);
        let of_states = self.states.each_ref().map(|places| found.and(places));
        let counts = (found.len(), of_states.each_ref().map(Places::len));
        let shown = state.and_then(ZoneState::place).and_then(|n| of_states.get(n)).unwrap_or(&found);
        let order = self.names.order(sort.column).iter().copied();
        let name = |place| self.names.name(place).to_owned();
        let names = match sort.descending {
            false => page_of(order, shown, page).map(name).collect(),
            true => page_of(order.rev(), shown, page).map(name).collect(),
        };
        (names, counts)
    }
}

impl View {
    /// The names of a page of all domains that a text and a state leave, how many have the text, and of these a zone in each state.
    pub(crate) async fn held_domains(
        &mut self,
        filter: &DomainFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Vec<String>, (i64, ZoneCounts)), StoreError> {
        let mut text = searched(&filter.q);
        // As the database lowers what it is compared with.
        if text.is_ascii() {
            text.make_ascii_lowercase();
        } else {
            text = sqlx::query_scalar!(r#"select lower($1) as "text!""#, text).fetch_one(&mut *self.tx).await?;
        }
        let held = self.held.clone();
        self.in_step(&held.domains, |domains| domains.page(&text, filter.zone, sort, page)).await
    }
}
