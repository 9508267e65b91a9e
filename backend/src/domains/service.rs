//! Zones as they are read and typed. [`super::editor`] changes them.

use hostler_core::{
    dns::{
        RData, RType, Record, Zone,
        diff::{Change, diff},
        lint::{self, Finding},
        profile::RegistryProfile,
        rdata::RDataError,
        ttl,
    },
    names::Name,
};
use hostler_store::{
    StoreError, View,
    zones::{StoredRecord, ZoneRow, parse_version},
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Fields and what is wrong with them.
    #[error("fields: {0:?}")]
    Fields(BTreeMap<&'static str, FieldError>),
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

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldError {
    /// A sentence of the reader.
    Reason(String),
    /// No record type of that name.
    UnknownType(String),
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

/// A record as typed.
#[derive(Debug, Clone, Default)]
pub struct RecordInput {
    /// Owner: `@`, relative, or absolute with a final dot.
    pub owner: String,
    /// Seconds or units; empty for the SOA's.
    pub ttl: String,
    /// Type.
    pub rtype: String,
    /// Data.
    pub data: String,
}

/// Reads a typed record; every field that is wrong says so.
///
/// # Errors
/// The fields and what is wrong with them.
pub fn read_record(
    input: &RecordInput,
    origin: &Name,
    default_ttl: u32,
) -> Result<Record, BTreeMap<&'static str, FieldError>> {
    let mut errors = BTreeMap::new();
    let reason = |text: String| FieldError::Reason(text);
    let owner_text = match input.owner.trim() {
        "" => "@",
        text => text,
    };
    let owner = match Name::parse(owner_text, Some(origin)) {
        Ok(name) if name.is_within(origin) => Some(name),
        Ok(name) => {
            errors.insert("owner", reason(format!("{name} is not in the zone {origin}")));
            None
        }
        Err(error) => {
            errors.insert("owner", reason(error.to_string()));
            None
        }
    };
    let ttl = match input.ttl.trim() {
        "" => Some(default_ttl),
        text => {
            let ttl = ttl::parse(text.as_bytes()).filter(|t| *t <= ttl::MAX_TTL);
            if ttl.is_none() {
                errors.insert(
                    "ttl",
                    reason("not a time from 0 to 2147483647 seconds, such as 3600 or 1h (RFC 2181 §8)".to_owned()),
                );
            }
            ttl
        }
    };
    let data = match input.rtype.trim().parse::<RType>() {
        Err(error) => {
            errors.insert("rtype", FieldError::UnknownType(error.0));
            None
        }
        Ok(rtype) => match read_data(rtype, &input.data, origin) {
            Ok(data) => Some(data),
            Err(error) => {
                errors.insert("data", reason(error.to_string()));
                None
            }
        },
    };
    match (owner, ttl, data) {
        (Some(owner), Some(ttl), Some(data)) if errors.is_empty() => Ok(Record { owner, ttl, data }),
        _ => Err(errors),
    }
}

/// Data as typed. A text without quotes is one text, whatever blanks and semicolons it holds: nobody types quotes
/// around an SPF record.
fn read_data(rtype: RType, text: &str, origin: &Name) -> Result<RData, RDataError> {
    let text = text.trim_matches([' ', '\t']);
    if matches!(rtype, RType::TXT) && !text.contains('"') && !text.starts_with("\\#") && !text.is_empty() {
        return RData::txt(text);
    }
    RData::parse(rtype, text, Some(origin))
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
