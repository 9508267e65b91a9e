//! Changes zones. An edit changes the records; nothing of it is served until it is published.
//!
//! Every change comes down to records that go and records that come. The audit log keeps both, so each can be taken
//! back; the lint judges the result; a customer's plan says what its people may touch.

use super::service::{EditError, Loaded, apex, judged, order};
use crate::{import::jobs::RECONCILE, import::service::next_serial, platform::clock::Clock};
use hostler_core::{
    dns::{
        RData, RType, Record, Serial, Zone,
        lint::{self, Severity},
        parse,
        profile::RegistryProfile,
        typed::{RecordInput, Wrong, read_record},
        writer,
    },
    names::Name,
};
use hostler_store::{
    Scope, Store, StoreError, Tx,
    audit::{Change, Entry},
    zones::{PlanRow, ZoneStats, parse_version},
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Who changes zones, and by which rules.
pub struct Editor<'e> {
    /// The database.
    pub store: &'e Store,
    /// Who edits.
    pub scope: &'e Scope,
    /// When.
    pub clock: Clock,
    /// Registries' SOA ranges.
    pub profiles: &'e [RegistryProfile],
    /// Whether the customer's plan binds: it is the customer's own people who edit.
    pub bound: bool,
}

/// What a change is called in the log, and what it belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Note<'n> {
    /// Code of the action.
    pub action: &'n str,
    /// The larger change that it is part of.
    pub batch: Option<Uuid>,
    /// The entry that it takes back.
    pub undoes: Option<i64>,
}

/// A zone locked for a change.
pub struct Locked {
    /// The zone with its records.
    pub loaded: Loaded,
    served: Zone,
    plan: Option<PlanRow>,
}

fn field(name: &'static str, reason: String) -> EditError {
    EditError::Fields(Wrong::from([(name, reason)]))
}

fn lines(records: &[Record]) -> Option<String> {
    (!records.is_empty()).then(|| records.iter().map(writer::line).collect::<Vec<_>>().join("\n"))
}

fn unlines(origin: &Name, value: Option<&serde_json::Value>) -> Option<Vec<Record>> {
    match value.and_then(serde_json::Value::as_str) {
        None => Some(Vec::new()),
        Some(text) => hostler_core::dns::parser::parse_own(text.as_bytes(), origin).ok().map(|p| p.zone.records),
    }
}

/// What a plan lets a customer's people change: which records, and how many.
fn within(plan: &PlanRow, origin: &Name, gone: &[&Record], new: &[Record], count: usize) -> Result<(), EditError> {
    for record in gone.iter().copied().chain(new) {
        let rtype = record.rtype().to_string();
        let delegation = record.rtype() == RType::NS && record.owner == *origin;
        if delegation || !plan.record_types.contains(&rtype) {
            return Err(field("rtype", format!("your plan does not include changing {rtype} records here")));
        }
    }
    if new.iter().any(|record| i64::from(record.ttl) < i64::from(plan.min_ttl)) {
        return Err(field("ttl", format!("your plan takes times to live from {} seconds", plan.min_ttl)));
    }
    // A zone that came with more may be made smaller step by step.
    if new.len() > gone.len() && count > usize::try_from(plan.max_records).unwrap_or(usize::MAX) {
        return Err(field("data", format!("your plan takes {} records in a zone", plan.max_records)));
    }
    Ok(())
}

/// Several changes of a zone's records.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Ids of records that go.
    pub remove: Vec<i64>,
    /// Records that come; each in the place of the one whose id it names, if it names one.
    pub put: Vec<(Option<i64>, RecordInput)>,
}

/// A zone's records with changes made. Errors are counted as the changes in `put`.
///
/// # Errors
/// The changes that are wrong, `NotFound` if a record that they name is not there.
pub fn changed(loaded: &Loaded, changes: &Changes) -> Result<Vec<Record>, EditError> {
    let mut out: HashSet<i64> = changes.remove.iter().copied().collect();
    out.extend(changes.put.iter().filter_map(|(id, _)| *id));
    let named = changes.remove.len() + changes.put.iter().filter(|(id, _)| id.is_some()).count();
    let known = loaded.records.iter().filter(|r| out.contains(&r.id)).count();
    // One that is named twice would be counted once.
    if known != named || out.len() != named {
        return Err(StoreError::NotFound.into());
    }
    let mut records: Vec<Record> =
        loaded.records.iter().filter(|r| !out.contains(&r.id)).map(|r| r.record.clone()).collect();
    let mut there: HashSet<(Name, RData)> = records.iter().map(|r| (r.owner.clone(), r.data.clone())).collect();
    let mut wrong = Vec::new();
    for (i, (_, input)) in changes.put.iter().enumerate() {
        match read_record(input, &loaded.origin, loaded.default_ttl()) {
            Ok(record) if there.insert((record.owner.clone(), record.data.clone())) => records.push(record),
            Ok(_) => wrong.push((i, Wrong::from([("data", TWICE.to_owned())]))),
            Err(errors) => wrong.push((i, errors)),
        }
    }
    if wrong.is_empty() { Ok(records) } else { Err(EditError::Changes(wrong)) }
}

const TWICE: &str = "the same record is there already (RFC 2181 §5)";

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

impl Editor<'_> {
    /// Begins a unit of work.
    ///
    /// # Errors
    /// `ReadOnly`, or when the database cannot be reached.
    pub async fn begin(&self) -> Result<Tx, EditError> {
        Ok(self.store.begin(self.scope, self.clock.now()).await?)
    }

    /// Locks a zone, which was read at `revision` if that is said.
    ///
    /// # Errors
    /// `NotFound`, `Stale`.
    pub async fn lock(&self, tx: &mut Tx, zone: Uuid, revision: Option<i32>) -> Result<Locked, EditError> {
        let (row, records, text) = tx.lock_zone(zone).await?;
        if revision.is_some_and(|r| r != row.revision) {
            return Err(StoreError::Stale.into());
        }
        let served = match text {
            Some(text) => parse_version(&row.name, &text)?,
            None => Zone { origin: apex(&row.name)?, records: Vec::new() },
        };
        let plan = if self.bound { tx.plan_of_zone(zone).await? } else { None };
        Ok(Locked { loaded: judged(row, records, self.profiles)?, served, plan })
    }

    /// Puts `records` in the place of what a locked zone has; answers the place in the log. Nothing happens where
    /// nothing changes.
    ///
    /// # Errors
    /// What the plan refuses.
    pub async fn put(
        &self,
        tx: &mut Tx,
        locked: &Locked,
        mut records: Vec<Record>,
        note: Note<'_>,
    ) -> Result<Option<i64>, EditError> {
        let loaded = &locked.loaded;
        // In the order in which they will be read: of differing TTLs the first one counts.
        records.sort_by(|a, b| order(&loaded.origin, a, b));
        let mut coming: HashMap<&Record, usize> = HashMap::new();
        for record in &records {
            *coming.entry(record).or_default() += 1;
        }
        let mut gone = Vec::new();
        for stored in &loaded.records {
            match coming.get_mut(&stored.record).filter(|n| **n > 0) {
                Some(n) => *n -= 1,
                None => gone.push(stored),
            }
        }
        let mut rest = Vec::new();
        for record in &records {
            if let Some(n) = coming.get_mut(record).filter(|n| **n > 0) {
                *n -= 1;
                rest.push(record.clone());
            }
        }
        if gone.is_empty() && rest.is_empty() {
            return Ok(None);
        }
        if self.bound {
            let old: Vec<&Record> = gone.iter().map(|s| &s.record).collect();
            match &locked.plan {
                Some(plan) => within(plan, &loaded.origin, &old, &rest, records.len())?,
                None => return Err(StoreError::NotFound.into()),
            }
        }
        let ids: Vec<i64> = gone.iter().map(|s| s.id).collect();
        tx.change_records(loaded.row.id, &ids, &rest).await?;
        let zone = Zone { origin: loaded.origin.clone(), records };
        let findings = lint::lint(&zone, self.profiles);
        let errors = findings.iter().filter(|f| f.rule.severity() == Severity::Error).count();
        let stats = ZoneStats {
            errors: count(errors),
            warnings: count(findings.len() - errors),
            records: count(zone.records.len()),
            changed: !zone.same_content(&locked.served),
        };
        tx.set_zone_stats(loaded.row.id, stats).await?;
        let gone: Vec<Record> = gone.iter().map(|s| s.record.clone()).collect();
        let change = Change::new(note.action, ("zone", loaded.row.id), &loaded.row.name)
            .customer(loaded.row.customer_id)
            .before(lines(&gone).as_ref())
            .after(lines(&rest).as_ref())
            .batch(note.batch)
            .undoes(note.undoes);
        let entry = tx.audit(change).await?;
        // What an edit mends or breaks elsewhere is found a moment later, off this request.
        tx.enqueue_once(RECONCILE, serde_json::Value::Null, RECONCILE);
        Ok(Some(entry))
    }

    /// Adds a record, or puts it in the place of another; answers the place in the log.
    ///
    /// # Errors
    /// The wrong fields, `Stale`, `NotFound`.
    pub async fn put_record(
        &self,
        zone: Uuid,
        revision: i32,
        replaces: Option<i64>,
        input: &RecordInput,
    ) -> Result<Option<i64>, EditError> {
        let mut tx = self.begin().await?;
        let locked = self.lock(&mut tx, zone, Some(revision)).await?;
        let loaded = &locked.loaded;
        let record = read_record(input, &loaded.origin, loaded.default_ttl()).map_err(EditError::Fields)?;
        if replaces.is_some() && !loaded.records.iter().any(|r| Some(r.id) == replaces) {
            return Err(StoreError::NotFound.into());
        }
        let mut records: Vec<Record> =
            loaded.records.iter().filter(|r| Some(r.id) != replaces).map(|r| r.record.clone()).collect();
        if records.iter().any(|r| r.owner == record.owner && r.data == record.data) {
            return Err(field("data", TWICE.to_owned()));
        }
        records.push(record);
        let action = if replaces.is_some() { "edit-record" } else { "add-record" };
        let entry = self.put(&mut tx, &locked, records, Note { action, ..Note::default() }).await?;
        tx.commit().await?;
        Ok(entry)
    }

    /// Makes several changes at once, and publishes what comes of them if `publish` has a note; answers the place in the
    /// log. All of them happen, or none; none if it is only `tried`, which is refused for whatever the real one would be.
    ///
    /// # Errors
    /// The changes that are wrong, `HasErrors`, `Stale`, `NotFound`.
    pub async fn put_changes(
        &self,
        zone: Uuid,
        revision: i32,
        changes: &Changes,
        publish: Option<&str>,
        tried: bool,
    ) -> Result<Option<i64>, EditError> {
        let mut tx = self.begin().await?;
        let locked = self.lock(&mut tx, zone, Some(revision)).await?;
        let records = changed(&locked.loaded, changes)?;
        let entry = self.put(&mut tx, &locked, records, Note { action: "edit-records", ..Note::default() }).await?;
        if let Some(note) = publish {
            let locked = self.lock(&mut tx, zone, None).await?;
            self.publish_in(&mut tx, &locked, note, None).await?;
        }
        if tried {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(entry)
    }

    /// Takes a record out; answers the place in the log.
    ///
    /// # Errors
    /// `Stale`, `NotFound`.
    pub async fn delete_record(&self, zone: Uuid, revision: i32, id: i64) -> Result<Option<i64>, EditError> {
        let mut tx = self.begin().await?;
        let locked = self.lock(&mut tx, zone, Some(revision)).await?;
        let all = &locked.loaded.records;
        if !all.iter().any(|r| r.id == id) {
            return Err(StoreError::NotFound.into());
        }
        let records = all.iter().filter(|r| r.id != id).map(|r| r.record.clone()).collect();
        let entry = self.put(&mut tx, &locked, records, Note { action: "delete-record", ..Note::default() }).await?;
        tx.commit().await?;
        Ok(entry)
    }

    /// Puts a text in the place of all records; answers the place in the log.
    ///
    /// # Errors
    /// The lines that cannot be read, `Stale`, `NotFound`.
    pub async fn put_text(
        &self,
        zone: Uuid,
        revision: i32,
        text: &str,
        dry_run: bool,
    ) -> Result<Option<i64>, EditError> {
        let mut tx = self.begin().await?;
        let locked = self.lock(&mut tx, zone, Some(revision)).await?;
        let mut typed = read_text(text, &locked.loaded.origin)?;
        typed.canonicalise();
        let note = Note { action: "edit-text", ..Note::default() };
        let entry = self.put(&mut tx, &locked, typed.records, note).await?;
        if dry_run {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(entry)
    }

    /// Gives up all changes since the last version.
    ///
    /// # Errors
    /// `Stale`, `NotFound` if there is no version.
    pub async fn discard(&self, zone: Uuid, revision: i32) -> Result<Option<i64>, EditError> {
        let mut tx = self.begin().await?;
        let locked = self.lock(&mut tx, zone, Some(revision)).await?;
        if locked.loaded.row.published_number.is_none() {
            return Err(StoreError::NotFound.into());
        }
        let note = Note { action: "discard", ..Note::default() };
        let entry = self.put(&mut tx, &locked, locked.served.records.clone(), note).await?;
        tx.commit().await?;
        Ok(entry)
    }

    /// Brings the records of an earlier version back, to be published as a new one. The SOA stays: its serial must not
    /// go back.
    ///
    /// # Errors
    /// `Stale`, `NotFound` if there is no such version.
    pub async fn restore(&self, zone: Uuid, revision: i32, number: i32) -> Result<Option<i64>, EditError> {
        let mut tx = self.begin().await?;
        let locked = self.lock(&mut tx, zone, Some(revision)).await?;
        let text = tx.zone_version(zone, number).await?;
        let mut old = parse_version(&locked.loaded.row.name, &text)?;
        if let Some(serial) = locked.loaded.zone().serial() {
            old.set_serial(serial);
        }
        let note = Note { action: "restore", ..Note::default() };
        let entry = self.put(&mut tx, &locked, old.records, note).await?;
        tx.commit().await?;
        Ok(entry)
    }

    /// Takes a change back: what it added goes, what it took away comes.
    ///
    /// # Errors
    /// `Overtaken` if that is not possible any more.
    pub async fn undo(
        &self,
        tx: &mut Tx,
        zone: Uuid,
        (entry, batch): (i64, Option<Uuid>),
        before: Option<&serde_json::Value>,
        after: Option<&serde_json::Value>,
    ) -> Result<(), EditError> {
        let locked = self.lock(tx, zone, None).await?;
        let origin = &locked.loaded.origin;
        let (Some(back), Some(out)) = (unlines(origin, before), unlines(origin, after)) else {
            return Err(EditError::Overtaken);
        };
        let mut records: Vec<Record> = locked.loaded.records.iter().map(|r| r.record.clone()).collect();
        for record in &out {
            let Some(i) = records.iter().position(|r| r == record) else { return Err(EditError::Overtaken) };
            records.remove(i);
        }
        if back.iter().any(|b| records.iter().any(|r| r.owner == b.owner && r.data == b.data)) {
            return Err(EditError::Overtaken);
        }
        records.extend(back);
        self.put(tx, &locked, records, Note { action: "undo", batch, undoes: Some(entry) }).await?;
        Ok(())
    }

    /// Takes back that a zone was made, if it is as it was made and nothing of it was ever served.
    ///
    /// # Errors
    /// `Overtaken` by a later change, `NotFound`.
    pub async fn unmake(&self, tx: &mut Tx, zone: Uuid, entry: &Entry) -> Result<(), EditError> {
        let locked = self.lock(tx, zone, None).await?;
        let row = &locked.loaded.row;
        let text = writer::canonical(&locked.loaded.zone());
        if row.published_number.is_some() || entry.after.as_ref().and_then(|a| a.as_str()) != Some(&text) {
            return Err(EditError::Overtaken);
        }
        tx.drop_zone(zone).await?;
        let change = Change::new("unmake-zone", ("zone", zone), &row.name).customer(row.customer_id);
        tx.audit(change.before(Some(&text)).undoes(Some(entry.id))).await?;
        tx.enqueue_once(RECONCILE, serde_json::Value::Null, RECONCILE);
        Ok(())
    }

    /// Publishes the records as a new version, with a serial that no secondary has seen. Without a change there is no
    /// new version: the old one keeps its serial and its bytes.
    ///
    /// # Errors
    /// `HasErrors`, `Stale`, `NotFound`.
    pub async fn publish(&self, zone: Uuid, revision: i32, note: &str) -> Result<Option<(i32, u32)>, EditError> {
        let mut tx = self.begin().await?;
        let locked = self.lock(&mut tx, zone, Some(revision)).await?;
        let published = self.publish_in(&mut tx, &locked, note, None).await?;
        tx.commit().await?;
        Ok(published)
    }

    /// Publishes a locked zone.
    ///
    /// # Errors
    /// `HasErrors`, a `note` that is too long.
    pub async fn publish_in(
        &self,
        tx: &mut Tx,
        locked: &Locked,
        note: &str,
        batch: Option<Uuid>,
    ) -> Result<Option<(i32, u32)>, EditError> {
        let loaded = &locked.loaded;
        if note.chars().count() > 300 || note.chars().any(char::is_control) {
            return Err(field("note", "at most 300 characters, no control characters".to_owned()));
        }
        if lint::has_errors(&loaded.findings) {
            return Err(EditError::HasErrors);
        }
        let mut zone = loaded.zone();
        if loaded.row.published_number.is_some() && zone.same_content(&locked.served) {
            return Ok(None);
        }
        let own = zone.serial().unwrap_or(Serial(0));
        let serial = match locked.served.serial() {
            // Somebody may have set a serial of their own, for instance to be ahead of the old primary.
            Some(last) if !own.is_after(last) => next_serial(last, self.clock.now().date_naive()),
            _ => own,
        };
        zone.set_serial(serial);
        zone.canonicalise();
        let content = writer::canonical(&zone);
        tx.replace_records(loaded.row.id, &zone.records).await?;
        let number = tx.publish_zone(loaded.row.id, serial.0, &content, note).await?;
        let (warnings, records) = (count(loaded.findings.len()), count(zone.records.len()));
        tx.set_zone_stats(loaded.row.id, ZoneStats { errors: 0, warnings, records, changed: false }).await?;
        let told = format!("version {number}, serial {serial}");
        let change = Change::new("publish", ("zone", loaded.row.id), &loaded.row.name)
            .customer(loaded.row.customer_id)
            .after(Some(&told))
            .batch(batch);
        tx.audit(change).await?;
        tx.enqueue_once(RECONCILE, serde_json::Value::Null, RECONCILE);
        Ok(Some((number, serial.0)))
    }
}

/// A typed or pasted zone text.
///
/// # Errors
/// The lines that cannot be read, or whose end would be lost.
pub fn read_text(text: &str, origin: &Name) -> Result<Zone, EditError> {
    let parsed = parse(text.as_bytes(), origin).map_err(|errors| {
        let told: Vec<String> = errors.iter().take(10).map(ToString::to_string).collect();
        field("text", told.join("\n"))
    })?;
    if !parsed.cut.is_empty() {
        let lost = |line: &u32| {
            format!(
                "the text ends at an unquoted semicolon on line {line}; what follows would be lost: put it in quotes"
            )
        };
        let told: Vec<String> = parsed.cut.iter().take(10).map(lost).collect();
        return Err(field("text", told.join("\n")));
    }
    Ok(parsed.zone)
}
