//! Records and zones.

use super::{RData, RType, Serial, Typed, rdata::Soa};
use crate::names::Name;
use std::cmp::Ordering;

/// One record, class IN.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Record {
    /// Absolute owner name.
    pub owner: Name,
    /// Time to live in seconds.
    pub ttl: u32,
    /// Type and data.
    pub data: RData,
}

impl Record {
    /// The record type.
    #[must_use]
    pub fn rtype(&self) -> RType {
        self.data.rtype()
    }
}

/// A zone: its apex and its records in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// The apex.
    pub origin: Name,
    /// All records.
    pub records: Vec<Record>,
}

impl Zone {
    /// The SOA at the apex.
    #[must_use]
    pub fn soa(&self) -> Option<Soa> {
        let record = self.records.iter().find(|r| r.rtype() == RType::SOA && r.owner == self.origin)?;
        match record.data.typed() {
            Typed::Soa(soa) => Some(soa),
            _ => None,
        }
    }

    /// The serial of the SOA.
    #[must_use]
    pub fn serial(&self) -> Option<Serial> {
        self.soa().map(|soa| Serial(soa.serial))
    }

    /// The same zone with another serial.
    pub fn set_serial(&mut self, serial: Serial) {
        let origin = self.origin.clone();
        for record in self.records.iter_mut().filter(|r| r.rtype() == RType::SOA && r.owner == origin) {
            if let Typed::Soa(soa) = record.data.typed() {
                record.data = RData::soa(&Soa { serial: serial.0, ..soa });
            }
        }
    }

    /// The one form that every zone with these contents has: SOA first, then canonical order (RFC 4034 §6) with the
    /// apex's NS ahead of its other types, no duplicates, one TTL per `RRset` (RFC 2181 §5.2: the first one written,
    /// which is the one that BIND serves).
    pub fn canonicalise(&mut self) {
        let mut keyed: Vec<_> = std::mem::take(&mut self.records)
            .into_iter()
            .map(|r| (type_rank(r.rtype()), r.data.canonical(), r))
            .collect();
        // The sort is stable: within an RRset of differing TTLs the first in the file must still be found.
        let mut first_ttl: std::collections::HashMap<(Name, RType), u32> = std::collections::HashMap::new();
        for (_, _, record) in &mut keyed {
            record.ttl = *first_ttl.entry((record.owner.clone(), record.rtype())).or_insert(record.ttl);
        }
        keyed.sort_by(|(a_rank, a_data, a), (b_rank, b_data, b)| {
            let apex = |r: &Record| u8::from(r.rtype() != RType::SOA || r.owner != self.origin);
            apex(a)
                .cmp(&apex(b))
                .then_with(|| a.owner.cmp(&b.owner))
                .then_with(|| a_rank.cmp(b_rank))
                .then_with(|| a_data.cmp(b_data))
        });
        keyed.dedup_by(|(_, a_data, a), (_, b_data, b)| {
            a_data == b_data && a.rtype() == b.rtype() && a.owner.cmp(&b.owner) == Ordering::Equal
        });
        self.records = keyed.into_iter().map(|(_, _, record)| record).collect();
    }

    /// Whether both have the same canonical records, the serial left aside.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        let bare = |zone: &Self| {
            let mut zone = zone.clone();
            zone.set_serial(Serial(0));
            zone.canonicalise();
            zone
        };
        let (mine, theirs) = (bare(self), bare(other));
        mine.origin == theirs.origin && mine.records == theirs.records
    }
}

/// SOA and NS first, as people expect them; the rest by number.
fn type_rank(rtype: RType) -> (u8, u16) {
    let rank = match rtype {
        RType::SOA => 0,
        RType::NS => 1,
        _ => 2,
    };
    (rank, rtype.0)
}
