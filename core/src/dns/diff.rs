//! What changes between two zones, record by record.

use super::{RData, RType, Record, Zone};
use crate::names::Name;
use std::collections::{BTreeMap, HashMap, HashSet};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Only in the new zone.
    Added(Record),
    /// Only in the old zone.
    Removed(Record),
    /// The same owner and type with other data or another TTL.
    Changed {
        /// As it was.
        old: Record,
        /// As it will be.
        new: Record,
    },
}

impl Change {
    /// The owner that the change is about.
    #[must_use]
    pub fn owner(&self) -> &Name {
        match self {
            Self::Added(record) | Self::Removed(record) | Self::Changed { new: record, .. } => &record.owner,
        }
    }
}

/// The differences between two zones in canonical order. The SOA's serial alone is no difference.
///
/// Within an `RRset`, a record that goes and one that comes are told as one that changed.
#[must_use]
pub fn diff(old: &Zone, new: &Zone) -> Vec<Change> {
    let sets = |zone: &Zone| {
        let mut zone = zone.clone();
        zone.set_serial(super::Serial(0));
        zone.canonicalise();
        let mut sets: BTreeMap<(Name, RType), Vec<Record>> = BTreeMap::new();
        for record in zone.records {
            sets.entry((record.owner.clone(), record.rtype())).or_default().push(record);
        }
        sets
    };
    let (mut before, mut after) = (sets(old), sets(new));
    let keys: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
    let mut changes = Vec::new();
    for key in keys {
        let (mut gone, mut come) = (before.remove(&key).unwrap_or_default(), after.remove(&key).unwrap_or_default());
        // Looked up by value: a set may have sixty thousand members.
        let kept: HashSet<Record> = {
            let after: HashSet<&Record> = come.iter().collect();
            gone.iter().filter(|r| after.contains(r)).cloned().collect()
        };
        gone.retain(|record| !kept.contains(record));
        come.retain(|record| !kept.contains(record));
        // A record whose TTL alone changed keeps its partner, or two changes would read crosswise.
        let mut partners: HashMap<RData, Record> = come.iter().map(|r| (r.data.clone(), r.clone())).collect();
        let mut paired = HashSet::new();
        gone.retain(|old| match partners.remove(&old.data) {
            Some(new) => {
                paired.insert(new.data.clone());
                changes.push(Change::Changed { old: old.clone(), new });
                false
            }
            None => true,
        });
        come.retain(|record| !paired.contains(&record.data));
        let mut come = come.into_iter();
        for old in gone {
            changes.push(match come.next() {
                Some(new) => Change::Changed { old, new },
                None => Change::Removed(old),
            });
        }
        changes.extend(come.map(Change::Added));
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::parse;

    fn zone(text: &str) -> Zone {
        parse(format!("$TTL 60\n{text}").as_bytes(), &Name::parse("a.de.", None).unwrap()).unwrap().zone
    }

    #[test]
    fn additions_removals_and_changes_are_told_apart() {
        let old = zone("@ SOA ns h 1 2 3 4 5\nwww A 192.0.2.1\nwww A 192.0.2.9\nold A 192.0.2.1\nt 60 TXT x");
        let new = zone("@ SOA ns h 2 2 3 4 5\nwww A 192.0.2.9\nwww A 192.0.2.2\nnew A 192.0.2.1\nt 30 TXT x");
        let told: Vec<_> = diff(&old, &new)
            .iter()
            .map(|c| match c {
                Change::Added(r) => format!("+{} {}", r.owner, r.data),
                Change::Removed(r) => format!("-{} {}", r.owner, r.data),
                Change::Changed { old, new } => {
                    format!("~{} {}/{} {}/{}", new.owner, old.ttl, new.ttl, old.data, new.data)
                }
            })
            .collect();
        assert_eq!(
            told,
            [
                "+new.a.de. 192.0.2.1",
                "-old.a.de. 192.0.2.1",
                "~t.a.de. 60/30 \"x\"/\"x\"",
                "~www.a.de. 60/60 192.0.2.1/192.0.2.2"
            ]
        );
        assert!(diff(&old, &old).is_empty());
    }
}
