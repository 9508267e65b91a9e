//! One change over many zones: looked at first, done by a job, taken back as a whole.

use super::{
    editor::{Editor, Note},
    service::{EditError, apex},
};
use crate::platform::{
    context::Context,
    jobs::{JobError, Progress},
};
use hostler_core::{
    access::Action,
    dns::{
        RData, RType, Record, Zone,
        diff::{Change, diff},
        ttl,
        typed::{RecordInput, read_record},
    },
};
use hostler_store::{JobScope, Scope, StoreError, View, domains::DomainFilter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::IpAddr;
use utoipa::ToSchema;
use uuid::Uuid;

/// The job that does it.
pub const BULK: &str = "zones-bulk";
/// Zones that one change may be about.
pub const MOST: usize = 5000;

/// What is done to each zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// An address moves: every A or AAAA record that has it gets the other one.
    ReplaceAddress {
        /// The old address.
        from: String,
        /// The new one, of the same family.
        to: String,
    },
    /// Records get another time to live.
    SetTtl {
        /// Only those of this type; empty for all.
        #[serde(default)]
        rtype: String,
        /// Seconds, or with units such as `1h`.
        ttl: String,
    },
    /// A record is added.
    AddRecord {
        /// `@`, or a name in each zone.
        owner: String,
        /// Seconds, or with units; empty for the SOA's.
        #[serde(default)]
        ttl: String,
        /// Type.
        rtype: String,
        /// Data as in a zone file.
        data: String,
    },
}

/// An operation that has been read.
enum Read {
    Replace(RData, RData),
    Ttl(Option<RType>, u32),
    Add(RecordInput),
}

fn address(name: &'static str, text: &str) -> Result<(IpAddr, RData), (&'static str, String)> {
    let ip: IpAddr =
        text.trim().parse().map_err(|_| (name, "not an address such as 192.0.2.1 or 2001:db8::1".to_owned()))?;
    let rtype = if ip.is_ipv4() { RType::A } else { RType::AAAA };
    let data = RData::parse(rtype, &ip.to_string(), None).map_err(|e| (name, e.to_string()))?;
    Ok((ip, data))
}

impl Operation {
    fn read(&self) -> Result<Read, (&'static str, String)> {
        match self {
            Self::ReplaceAddress { from, to } => {
                let ((old, from), (new, to)) = (address("from", from)?, address("to", to)?);
                if old.is_ipv4() != new.is_ipv4() {
                    return Err(("to", "of the other family: IPv4 and IPv6 do not take each other's place".to_owned()));
                }
                Ok(Read::Replace(from, to))
            }
            Self::SetTtl { rtype, ttl } => {
                let seconds = ttl::parse(ttl.trim().as_bytes()).filter(|t| *t <= ttl::MAX_TTL);
                let seconds = seconds.ok_or_else(|| {
                    ("ttl", "not a time from 0 to 2147483647 seconds, such as 3600 or 1h (RFC 2181 §8)".to_owned())
                })?;
                let rtype = match rtype.trim() {
                    "" => None,
                    text => Some(text.parse().map_err(|_| ("rtype", format!("`{text}` is not a record type")))?),
                };
                Ok(Read::Ttl(rtype, seconds))
            }
            Self::AddRecord { owner, ttl, rtype, data } => Ok(Read::Add(RecordInput {
                owner: owner.clone(),
                ttl: ttl.clone(),
                rtype: rtype.clone(),
                data: data.clone(),
            })),
        }
    }

    /// Whether it can be done at all; what depends on the zone is seen with the zone.
    ///
    /// # Errors
    /// The field that is wrong.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        match self.read()? {
            Read::Add(input) => {
                let example =
                    hostler_core::names::Name::parse("example.", None).map_err(|e| ("owner", e.to_string()))?;
                // An absolute owner is in one zone at the most: which, is not known here.
                if input.owner.trim().ends_with('.') {
                    return Err(("owner", "relative to each zone: @, www".to_owned()));
                }
                read_record(&input, &example, 3600)
                    .map(drop)
                    .map_err(|errors| errors.into_iter().next().unwrap_or_default())
            }
            _ => Ok(()),
        }
    }

    /// The records of a zone after it; `None` where nothing changes.
    fn apply(&self, zone: &Zone) -> Result<Option<Vec<Record>>, String> {
        let mut records = zone.records.clone();
        match self.read().map_err(|(_, reason)| reason)? {
            Read::Replace(from, to) => {
                for record in records.iter_mut().filter(|r| r.data == from) {
                    record.data = to.clone();
                }
                // Where both were there, one is enough (RFC 2181 §5).
                let mut seen = std::collections::HashSet::new();
                records.retain(|r| r.data != to || seen.insert(r.owner.clone()));
            }
            Read::Ttl(rtype, ttl) => {
                for record in records.iter_mut().filter(|r| rtype.is_none_or(|t| t == r.rtype())) {
                    record.ttl = ttl;
                }
            }
            Read::Add(input) => {
                let soa = records.iter().find(|r| r.rtype() == RType::SOA).map_or(3600, |r| r.ttl);
                let record = read_record(&input, &zone.origin, soa)
                    .map_err(|errors| errors.into_values().collect::<Vec<_>>().join("; "))?;
                if !records.iter().any(|r| r.owner == record.owner && r.data == record.data) {
                    records.push(record);
                }
            }
        }
        Ok((records != zone.records).then_some(records))
    }
}

/// What would happen to a zone.
#[derive(Debug)]
pub struct Preview {
    /// The zone.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// Its apex.
    pub origin: hostler_core::names::Name,
    /// What changes.
    pub changes: Vec<Change>,
    /// Why nothing does.
    pub refused: Option<String>,
}

/// The zones that a filter leaves; `None` if they are more than one change may be about.
///
/// # Errors
/// When the database fails.
pub async fn selected(view: &mut View, filter: &DomainFilter) -> Result<Option<Vec<Uuid>>, StoreError> {
    // A list shows all where nothing can be searched for. A change is about none then.
    if !filter.q.is_empty() && filter.q.trim().trim_matches('\0').is_empty() {
        return Ok(Some(Vec::new()));
    }
    let zones = view.matching_zones(filter, i64::try_from(MOST + 1).unwrap_or(i64::MAX)).await?;
    Ok((zones.len() <= MOST).then_some(zones))
}

/// What would happen to these zones: those that change or are refused, and how many stay as they are.
///
/// # Errors
/// When the database fails.
pub async fn preview(
    view: &mut View,
    zones: &[Uuid],
    operation: &Operation,
) -> Result<(Vec<Preview>, usize), StoreError> {
    let mut rows = Vec::new();
    for id in zones {
        let row = view.zone(*id).await?;
        let records = view.zone_records(*id).await?.into_iter().map(|stored| stored.record).collect();
        let zone = Zone { origin: apex(&row.name)?, records };
        let (changes, refused) = match operation.apply(&zone) {
            Ok(None) => continue,
            Ok(Some(records)) => (diff(&zone, &Zone { origin: zone.origin.clone(), records }), None),
            Err(reason) => (Vec::new(), Some(reason)),
        };
        rows.push(Preview { id: *id, name: row.unicode, origin: zone.origin, changes, refused });
    }
    let untouched = zones.len() - rows.len();
    Ok((rows, untouched))
}

/// What a job needs to know.
#[derive(Debug, Serialize, Deserialize)]
pub struct Payload {
    scope: JobScope,
    operation: Operation,
    zones: Vec<Uuid>,
    publish: bool,
    batch: Uuid,
}

/// What became of a zone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Outcome {
    /// The zone.
    pub zone: Uuid,
    /// Its name.
    pub name: String,
    /// `changed`, `published`, `unchanged` or `refused`.
    pub outcome: String,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The place in the log, to take it back.
    pub audit_entry: Option<i64>,
}

/// Queues the change of these zones; answers the job.
///
/// # Errors
/// When the database fails.
pub async fn begin(
    context: &Context,
    scope: &Scope,
    operation: Operation,
    zones: Vec<Uuid>,
    publish: bool,
) -> Result<Uuid, StoreError> {
    let now = context.clock.now();
    let payload = Payload { scope: scope.for_job_of(), operation, zones, publish, batch: hostler_store::new_id(now) };
    let payload = serde_json::to_value(&payload)
        .map_err(|e| StoreError::Inconsistent { table: "jobs", reason: e.to_string() })?;
    let mut tx = context.store.begin(scope, now).await?;
    let job = tx.enqueue(BULK, &payload).await?;
    tx.commit().await?;
    Ok(job)
}

/// Changes the zones one by one: one that is refused stops no other.
///
/// # Errors
/// `Final` if who asked may not do it any more.
pub async fn run(context: &Context, payload: &Value, progress: &Progress) -> Result<Value, JobError> {
    let payload = Payload::deserialize(payload).map_err(|e| JobError::Final(e.to_string()))?;
    let user = payload.scope.user().ok_or_else(|| JobError::Final("nobody asked for it".to_owned()))?;
    let login = context.store.login(user).await?;
    if !login.is_some_and(|l| l.role.may(Action::BulkZones)) {
        return Err(JobError::Final("who asked for it may not do it any more".to_owned()));
    }
    let scope = Scope::of_job(&payload.scope);
    let editor = Editor {
        store: &context.store,
        scope: &scope,
        clock: context.clock.clone(),
        profiles: &context.settings.dns.profiles,
        bound: false,
    };
    let mut outcomes = Vec::with_capacity(payload.zones.len());
    for (done, zone) in payload.zones.iter().enumerate() {
        if progress.cancelled() {
            return Err(JobError::Cancelled);
        }
        let outcome = match one(&editor, &payload, *zone).await {
            Ok(outcome) => outcome,
            Err(EditError::Store(StoreError::NotFound)) => continue,
            Err(EditError::Store(error)) => return Err(error.into()),
            Err(error) => return Err(JobError::Final(error.to_string())),
        };
        progress.set(done + 1, payload.zones.len(), &outcome.name);
        outcomes.push(outcome);
    }
    serde_json::to_value(outcomes).map_err(|e| JobError::Final(e.to_string()))
}

async fn one(editor: &Editor<'_>, payload: &Payload, zone: Uuid) -> Result<Outcome, EditError> {
    let mut tx = editor.begin().await?;
    let locked = editor.lock(&mut tx, zone, None).await?;
    let name = locked.loaded.row.unicode.clone();
    let told = |outcome: &str, reason: Option<String>, audit_entry| {
        Ok(Outcome { zone, name: name.clone(), outcome: outcome.to_owned(), reason, audit_entry })
    };
    let records = match payload.operation.apply(&locked.loaded.zone()) {
        Ok(Some(records)) => records,
        Ok(None) => return told("unchanged", None, None),
        Err(reason) => return told("refused", Some(reason), None),
    };
    let note = Note { action: "bulk-zones", batch: Some(payload.batch), undoes: None };
    let entry = editor.put(&mut tx, &locked, records, note).await?;
    let mut outcome = ("changed", None);
    if payload.publish {
        // In the same unit of work: a job that runs once more finds each zone done with or untouched.
        let locked = editor.lock(&mut tx, zone, None).await?;
        outcome = match editor.publish_in(&mut tx, &locked, "bulk", Some(payload.batch)).await {
            Ok(_) => ("published", None),
            Err(EditError::HasErrors) => ("changed", Some("it has errors, so it is not published".to_owned())),
            Err(error) => return Err(error),
        };
    }
    tx.commit().await?;
    told(outcome.0, outcome.1, entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostler_core::{dns::parse, names::Name};

    fn zone(text: &str) -> Zone {
        let origin = Name::parse("a.example.", None).unwrap();
        parse(text.as_bytes(), &origin).unwrap().zone
    }

    #[test]
    fn an_address_moves_and_nothing_else() {
        let old = zone("$TTL 60\n@ A 192.0.2.1\nwww A 192.0.2.10\nw2 A 192.0.2.1\nw2 A 192.0.2.9\n@ TXT 192.0.2.1\n");
        let operation = Operation::ReplaceAddress { from: "192.0.2.1".to_owned(), to: "192.0.2.9".to_owned() };
        let new = operation.apply(&old).unwrap().unwrap();
        let data: Vec<String> = new.iter().map(|r| r.data.to_string()).collect();
        assert_eq!(data, ["192.0.2.9", "192.0.2.10", "192.0.2.9", "\"192.0.2.1\""]);
        assert_eq!(operation.apply(&zone("$TTL 60\n@ A 192.0.2.2\n")), Ok(None));
    }

    #[test]
    fn what_cannot_be_done_anywhere_is_said_before() {
        let replace = |from: &str, to: &str| Operation::ReplaceAddress { from: from.to_owned(), to: to.to_owned() };
        assert_eq!(replace("x", "192.0.2.1").check().unwrap_err().0, "from");
        assert_eq!(replace("192.0.2.1", "2001:db8::1").check().unwrap_err().0, "to");
        assert!(replace("2001:db8::0:1", "2001:db8::2").check().is_ok());
        let ttl = |ttl: &str, rtype: &str| Operation::SetTtl { rtype: rtype.to_owned(), ttl: ttl.to_owned() };
        assert_eq!(ttl("soon", "").check().unwrap_err().0, "ttl");
        assert_eq!(ttl("1h", "ODD").check().unwrap_err().0, "rtype");
        let add = |owner: &str, data: &str| Operation::AddRecord {
            owner: owner.to_owned(),
            ttl: String::new(),
            rtype: "A".to_owned(),
            data: data.to_owned(),
        };
        assert_eq!(add("www", "192.0.2.300").check().unwrap_err().0, "data");
        assert_eq!(add("www.a.example.", "192.0.2.3").check().unwrap_err().0, "owner");
        assert!(add("@", "192.0.2.3").check().is_ok());
    }
}
