//! A zone looked up by name, as a server would.

use crate::{
    dns::{RType, Record, Zone},
    names::Name,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A zone's records by owner, its delegations and its empty non-terminals.
#[derive(Debug)]
pub struct Index<'z> {
    pub(super) zone: &'z Zone,
    pub(super) by_owner: BTreeMap<&'z Name, Vec<(usize, &'z Record)>>,
    nodes: HashSet<Name>,
    cuts: HashMap<&'z Name, usize>,
    dnames: Vec<&'z Name>,
}

/// What a zone says about a name.
#[derive(Debug, PartialEq, Eq)]
pub enum Coverage<'z> {
    /// Not within the zone: someone else knows.
    Outside,
    /// Below a delegation or a DNAME: someone else knows.
    Delegated,
    /// Not there.
    Missing,
    /// There, directly or by a wildcard.
    Records(Vec<&'z Record>),
}

impl<'z> Index<'z> {
    /// Sorts the records of a zone.
    #[must_use]
    pub fn new(zone: &'z Zone) -> Self {
        let mut index =
            Self { zone, by_owner: BTreeMap::new(), nodes: HashSet::new(), cuts: HashMap::new(), dnames: Vec::new() };
        for (i, record) in zone.records.iter().enumerate() {
            index.by_owner.entry(&record.owner).or_default().push((i, record));
            if record.rtype() == RType::NS && record.owner != zone.origin {
                index.cuts.entry(&record.owner).or_insert(i);
            }
            if record.rtype() == RType::DNAME {
                index.dnames.push(&record.owner);
            }
        }
        for owner in index.by_owner.keys() {
            let mut name = Some((*owner).clone());
            while let Some(node) = name.filter(|n| n.is_within(&zone.origin)) {
                name = node.parent();
                if !index.nodes.insert(node) {
                    break;
                }
            }
        }
        index
    }

    /// The delegation at or above a name, the highest one first.
    #[must_use]
    pub fn cut_above(&self, name: &Name) -> Option<&'z Name> {
        let mut found = None;
        let mut at = Some(name.clone());
        while let Some(node) = at.filter(|n| n.is_within(&self.zone.origin)) {
            if let Some((owner, _)) = self.cuts.get_key_value(&node) {
                found = Some(*owner);
            }
            at = node.parent();
        }
        found
    }

    /// The DNAME strictly above a name.
    #[must_use]
    pub fn dname_above(&self, name: &Name) -> Option<&'z Name> {
        self.dnames.iter().copied().find(|owner| *owner != name && name.is_within(owner))
    }

    /// What stands at a name itself.
    #[must_use]
    pub fn at(&self, name: &Name) -> &[(usize, &'z Record)] {
        self.by_owner.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the zone answers for a name, wildcards included (RFC 4592).
    #[must_use]
    pub fn coverage(&self, name: &Name) -> Coverage<'z> {
        if !name.is_within(&self.zone.origin) {
            return Coverage::Outside;
        }
        if self.cut_above(name).is_some() || self.dname_above(name).is_some() {
            return Coverage::Delegated;
        }
        let records = |owner: &Name| self.at(owner).iter().map(|(_, r)| *r).collect::<Vec<_>>();
        if self.nodes.contains(name) {
            return Coverage::Records(records(name));
        }
        let mut closest = name.parent();
        while let Some(encloser) = closest {
            if self.nodes.contains(&encloser) {
                let wildcard = Name::parse("*", Some(&encloser)).ok();
                return match wildcard.filter(|w| self.by_owner.contains_key(w)) {
                    Some(wildcard) => Coverage::Records(records(&wildcard)),
                    None => Coverage::Missing,
                };
            }
            closest = encloser.parent();
        }
        Coverage::Missing
    }
}
