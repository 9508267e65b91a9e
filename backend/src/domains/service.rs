//! The use cases of zones. An edit changes the records; nothing of it is served until it is published.

use crate::import::jobs::RECONCILE;
use crate::import::service::next_serial;
use hostler_core::{
    dns::{
        RData, RType, Record, Serial, Zone,
        diff::{Change, diff},
        lint::{self, Finding, Severity},
        parse,
        profile::RegistryProfile,
        rdata::RDataError,
        ttl, writer,
    },
    names::Name,
};
use hostler_store::{
    Scope, Store, StoreError, Tx, View,
    zones::{StoredRecord, ZoneRow, ZoneStats, parse_version},
};
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::platform::clock::Clock;

/// Why an edit was not made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Fields and what is wrong with them.
    #[error("fields: {0:?}")]
    Fields(BTreeMap<&'static str, FieldError>),
    /// The zone has errors, so it is not published.
    #[error("the zone has errors")]
    HasErrors,
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
fn apex(name: &str) -> Result<Name, StoreError> {
    Name::parse(&format!("{name}."), None)
        .map_err(|e| StoreError::Inconsistent { table: "zones", reason: e.to_string() })
}

/// Loads a zone.
///
/// # Errors
/// `NotFound` if there is none for this view.
pub async fn load(view: View<'_>, id: Uuid, profiles: &[RegistryProfile]) -> Result<Loaded, StoreError> {
    let row = view.zone(id).await?;
    let origin = apex(&row.name)?;
    let mut records = view.zone_records(id).await?;
    records.sort_by(|a, b| order(&origin, &a.record, &b.record));
    let zone = Zone { origin: origin.clone(), records: records.iter().map(|r| r.record.clone()).collect() };
    let findings = lint::lint(&zone, profiles);
    Ok(Loaded { row, origin, records, findings })
}

/// The order in which people read a zone: SOA, then the canonical order with NS ahead.
fn order(origin: &Name, a: &Record, b: &Record) -> std::cmp::Ordering {
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
pub async fn published(view: View<'_>, row: &ZoneRow) -> Result<Zone, StoreError> {
    match row.published_number {
        Some(number) => parse_version(&row.name, &view.zone_version(row.id, number).await?),
        None => Ok(Zone { origin: apex(&row.name)?, records: Vec::new() }),
    }
}

/// What publishing would change.
///
/// # Errors
/// When the database fails.
pub async fn pending(view: View<'_>, loaded: &Loaded) -> Result<Vec<Change>, StoreError> {
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

/// Changes a zone in one transaction: `edit` gets its records, the lint judges the result, the audit notes it.
pub struct Editor<'e> {
    /// The database.
    pub store: &'e Store,
    /// Who edits.
    pub scope: &'e Scope,
    /// When.
    pub clock: Clock,
    /// Registries' SOA ranges.
    pub profiles: &'e [RegistryProfile],
    /// The zone.
    pub zone: Uuid,
    /// The revision that the edit was made on.
    pub revision: i32,
}

impl Editor<'_> {
    /// The zone as the edit found it, and as it is served; then the lock, which holds only if nothing changed since.
    /// Everything is read before the transaction takes its connection: two held at once by everybody is a deadlock.
    async fn begin(&self) -> Result<(Tx, Loaded, Zone), EditError> {
        let view = self.store.view(self.scope);
        let loaded = load(view, self.zone, self.profiles).await?;
        if loaded.row.revision != self.revision {
            return Err(StoreError::Stale.into());
        }
        let served = published(view, &loaded.row).await?;
        let mut tx = self.store.begin(self.scope, self.clock.now()).await?;
        tx.lock_zone(self.zone, self.revision).await?;
        Ok((tx, loaded, served))
    }

    async fn finish(
        &self,
        mut tx: Tx,
        (loaded, served): (&Loaded, &Zone),
        mut records: Vec<Record>,
        action: &str,
        (before, after): (Option<&str>, Option<&str>),
    ) -> Result<(), EditError> {
        // In the order in which they will be read: of differing TTLs the first one counts.
        records.sort_by(|a, b| order(&loaded.origin, a, b));
        let zone = Zone { origin: loaded.origin.clone(), records };
        let findings = lint::lint(&zone, self.profiles);
        let errors = findings.iter().filter(|f| f.rule.severity() == Severity::Error).count();
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let stats = ZoneStats {
            errors: count(errors),
            warnings: count(findings.len() - errors),
            records: count(zone.records.len()),
            changed: !zone.same_content(served),
        };
        tx.set_zone_stats(self.zone, stats).await?;
        tx.audit(action, ("zone", &self.zone.to_string()), &loaded.row.name, before.as_ref(), after.as_ref()).await?;
        // What an edit mends or breaks elsewhere is found a moment later, off this request.
        tx.enqueue(RECONCILE, &serde_json::Value::Null, Some(RECONCILE)).await?;
        tx.commit().await?;
        Ok(())
    }

    fn default_ttl(loaded: &Loaded) -> u32 {
        let soa = loaded.records.iter().find(|r| r.record.rtype() == RType::SOA);
        soa.map_or(3600, |r| r.record.ttl)
    }

    /// Adds a record, or puts it in the place of another.
    ///
    /// # Errors
    /// The wrong fields, `Stale`, `NotFound`.
    pub async fn put_record(&self, replaces: Option<i64>, input: &RecordInput) -> Result<(), EditError> {
        let (mut tx, loaded, served) = self.begin().await?;
        let record = read_record(input, &loaded.origin, Self::default_ttl(&loaded)).map_err(EditError::Fields)?;
        let others: Vec<&StoredRecord> = loaded.records.iter().filter(|r| Some(r.id) != replaces).collect();
        if others.iter().any(|r| r.record.owner == record.owner && r.record.data == record.data) {
            let same = FieldError::Reason("the same record is there already (RFC 2181 §5)".to_owned());
            return Err(EditError::Fields(BTreeMap::from([("data", same)])));
        }
        let old = loaded.records.iter().find(|r| Some(r.id) == replaces);
        if replaces.is_some() && old.is_none() {
            return Err(StoreError::NotFound.into());
        }
        let mut records: Vec<Record> = others.iter().map(|r| r.record.clone()).collect();
        records.push(record.clone());
        match replaces {
            Some(id) => tx.update_record(self.zone, id, &record).await?,
            None => tx.add_record(self.zone, &record).await?,
        }
        let line = |record: &Record| {
            let mut text = String::new();
            writer::write_record(record, &mut text);
            text.trim_end().to_owned()
        };
        let action = if replaces.is_some() { "edit-record" } else { "add-record" };
        let (before, after) = (old.map(|r| line(&r.record)), line(&record));
        self.finish(tx, (&loaded, &served), records, action, (before.as_deref(), Some(&after))).await
    }

    /// Takes a record out.
    ///
    /// # Errors
    /// `Stale`, `NotFound`.
    pub async fn delete_record(&self, id: i64) -> Result<(), EditError> {
        let (mut tx, loaded, served) = self.begin().await?;
        let Some(old) = loaded.records.iter().find(|r| r.id == id) else { return Err(StoreError::NotFound.into()) };
        let mut before = String::new();
        writer::write_record(&old.record, &mut before);
        tx.delete_record(self.zone, id).await?;
        let records: Vec<Record> = loaded.records.iter().filter(|r| r.id != id).map(|r| r.record.clone()).collect();
        self.finish(tx, (&loaded, &served), records, "delete-record", (Some(before.trim_end()), None)).await
    }

    /// Puts a text in the place of all records.
    ///
    /// # Errors
    /// The lines that cannot be read, `Stale`, `NotFound`.
    pub async fn put_text(&self, text: &str) -> Result<(), EditError> {
        let (mut tx, loaded, served) = self.begin().await?;
        let parsed = parse(text.as_bytes(), &loaded.origin).map_err(|errors| {
            let told: Vec<String> = errors.iter().take(10).map(ToString::to_string).collect();
            EditError::Fields(BTreeMap::from([("text", FieldError::Reason(told.join("\n")))]))
        })?;
        if !parsed.cut.is_empty() {
            let lost = |line: &u32| {
                format!(
                    "the text ends at an unquoted semicolon on line {line}; what follows would be lost: put it in quotes"
                )
            };
            let told: Vec<String> = parsed.cut.iter().take(10).map(lost).collect();
            return Err(EditError::Fields(BTreeMap::from([("text", FieldError::Reason(told.join("\n")))])));
        }
        let mut zone = parsed.zone;
        zone.canonicalise();
        tx.replace_records(self.zone, &zone.records).await?;
        let (before, after) = (writer::canonical(&loaded.zone()), writer::canonical(&zone));
        self.finish(tx, (&loaded, &served), zone.records, "edit-text", (Some(&before), Some(&after))).await
    }

    /// Gives up all changes since the last version.
    ///
    /// # Errors
    /// `Stale`, `NotFound` if there is no version.
    pub async fn discard(&self) -> Result<(), EditError> {
        let (mut tx, loaded, served) = self.begin().await?;
        if loaded.row.published_number.is_none() {
            return Err(StoreError::NotFound.into());
        }
        tx.replace_records(self.zone, &served.records).await?;
        let before = writer::canonical(&loaded.zone());
        self.finish(tx, (&loaded, &served), served.records.clone(), "discard", (Some(&before), None)).await
    }

    /// Publishes the records as a new version, with a serial that no secondary has seen. Without a change there is no
    /// new version: the old one keeps its serial and its bytes.
    ///
    /// # Errors
    /// `HasErrors`, `Stale`, `NotFound`.
    pub async fn publish(&self, note: &str) -> Result<Option<(i32, u32)>, EditError> {
        if note.chars().count() > 300 || note.chars().any(char::is_control) {
            let wrong = FieldError::Reason("at most 300 characters, no control characters".to_owned());
            return Err(EditError::Fields(BTreeMap::from([("note", wrong)])));
        }
        let (mut tx, loaded, served) = self.begin().await?;
        if lint::has_errors(&loaded.findings) {
            return Err(EditError::HasErrors);
        }
        let mut zone = loaded.zone();
        if loaded.row.published_number.is_some() && zone.same_content(&served) {
            return Ok(None);
        }
        let own = zone.serial().unwrap_or(Serial(0));
        let serial = match served.serial() {
            // Somebody may have set a serial of their own, for instance to be ahead of the old primary.
            Some(last) if !own.is_after(last) => next_serial(last, self.clock.now().date_naive()),
            _ => own,
        };
        zone.set_serial(serial);
        zone.canonicalise();
        let content = writer::canonical(&zone);
        tx.replace_records(self.zone, &zone.records).await?;
        let number = tx.publish_zone(self.zone, serial.0, &content, note).await?;
        let warnings = i32::try_from(loaded.findings.len()).unwrap_or(i32::MAX);
        let records = i32::try_from(zone.records.len()).unwrap_or(i32::MAX);
        tx.set_zone_stats(self.zone, ZoneStats { errors: 0, warnings, records, changed: false }).await?;
        let told = format!("version {number}, serial {serial}");
        tx.audit("publish", ("zone", &self.zone.to_string()), &loaded.row.name, None::<&()>, Some(&told)).await?;
        tx.enqueue(RECONCILE, &serde_json::Value::Null, Some(RECONCILE)).await?;
        tx.commit().await?;
        Ok(Some((number, serial.0)))
    }
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
