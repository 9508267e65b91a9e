//! Zones as they are read and typed. [`super::editor`] changes them.

use hostler_core::{
    dns::{
        RType, Record, Zone,
        diff::{Change, diff},
        lint::{self, Finding},
        profile::RegistryProfile,
        typed::Wrong,
    },
    names::Name,
};
use hostler_store::{
    StoreError, View,
    zones::{StoredRecord, ZoneRow, parse_version},
};
use uuid::Uuid;

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Fields and what is wrong with them.
    #[error("fields: {0:?}")]
    Fields(Wrong),
    /// Changes of a list by their places, with what is wrong with them.
    #[error("changes: {0:?}")]
    Changes(Vec<(usize, Wrong)>),
    /// The zone has errors, so it is not published.
    #[error("the zone has errors")]
    HasErrors,
    /// It cannot be taken back: what it made is no longer there, or what it took away is there again.
    #[error("it cannot be taken back any more")]
    Overtaken,
    /// The store refused.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// A zone with everything that its pages show.
#[derive(Debug)]
pub struct Loaded {
    /// Its row.
    pub row: ZoneRow,
    /// Its apex.
    pub origin: Name,
    /// Its records as edited, canonical order.
    pub records: Vec<StoredRecord>,
    /// What the lint says; records are counted in the order above.
    pub findings: Vec<Finding>,
}

impl Loaded {
    /// The time to live of a record that says none: the SOA's.
    #[must_use]
    pub fn default_ttl(&self) -> u32 {
        let soa = self.records.iter().find(|r| r.record.rtype() == RType::SOA);
        soa.map_or(3600, |r| r.record.ttl)
    }

    /// The records as a zone.
    #[must_use]
    pub fn zone(&self) -> Zone {
        Zone { origin: self.origin.clone(), records: self.records.iter().map(|r| r.record.clone()).collect() }
    }
}

/// The apex of a zone in the database.
pub(super) fn apex(name: &str) -> Result<Name, StoreError> {
    Name::parse(&format!("{name}."), None)
        .map_err(|e| StoreError::Inconsistent { table: "zones", reason: e.to_string() })
}

/// Loads a zone.
///
/// # Errors
/// `NotFound` if there is none for this view.
pub async fn load(view: &mut View, id: Uuid, profiles: &[RegistryProfile]) -> Result<Loaded, StoreError> {
    let row = view.zone(id).await?;
    let records = view.zone_records(id).await?;
    judged(row, records, profiles)
}

/// A zone with what the lint says of it.
pub(super) fn judged(
    row: ZoneRow,
    mut records: Vec<StoredRecord>,
    profiles: &[RegistryProfile],
) -> Result<Loaded, StoreError> {
    let origin = apex(&row.name)?;
    records.sort_by(|a, b| order(&origin, &a.record, &b.record));
    let zone = Zone { origin: origin.clone(), records: records.iter().map(|r| r.record.clone()).collect() };
    let findings = lint::lint(&zone, profiles);
    Ok(Loaded { row, origin, records, findings })
}

/// The order in which people read a zone: SOA, then the canonical order with NS ahead.
pub(super) fn order(origin: &Name, a: &Record, b: &Record) -> std::cmp::Ordering {
    let top = |r: &Record| r.rtype() != RType::SOA || r.owner != *origin;
    top(a)
        .cmp(&top(b))
        .then_with(|| a.owner.cmp(&b.owner))
        .then_with(|| (a.rtype() != RType::NS).cmp(&(b.rtype() != RType::NS)))
        .then_with(|| a.rtype().cmp(&b.rtype()))
        .then_with(|| a.data.canonical().cmp(&b.data.canonical()))
}

/// The zone as it is served; empty if it never was.
///
/// # Errors
/// When the database fails.
pub async fn published(view: &mut View, row: &ZoneRow) -> Result<Zone, StoreError> {
    match row.published_number {
        Some(number) => parse_version(&row.name, &view.zone_version(row.id, number).await?),
        None => Ok(Zone { origin: apex(&row.name)?, records: Vec::new() }),
    }
}

/// What publishing would change.
///
/// # Errors
/// When the database fails.
pub async fn pending(view: &mut View, loaded: &Loaded) -> Result<Vec<Change>, StoreError> {
    Ok(diff(&published(view, &loaded.row).await?, &loaded.zone()))
}

/// The zone as people write it: owners relative to the apex, in columns.
#[must_use]
pub fn pretty(zone: &Zone) -> String {
    use std::fmt::Write as _;
    let mut out = format!("$ORIGIN {}\n", zone.origin);
    for record in &zone.records {
        let owner = record.owner.relative_to(&zone.origin);
        let _ = writeln!(out, "{owner:<24} {:>7} IN {:<6} {}", record.ttl, record.rtype().to_string(), record.data);
    }
    out
}
