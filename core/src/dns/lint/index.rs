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
    dnames: HashSet<&'z Name>,
    /// Name servers of delegations: the only addresses that belong below a cut.
    pub(super) glue: HashSet<Name>,
}

/// What a zone says about a name.
#[derive(Debug, PartialEq, Eq)]
pub enum Coverage<'i, 'z> {
    /// Not within the zone: someone else knows.
    Outside,
    /// Below a delegation or a DNAME: someone else knows.
    Delegated,
    /// Not there.
    Missing,
    /// There, directly or by a wildcard.
    Records(&'i [(usize, &'z Record)]),
}

impl<'z> Index<'z> {
    /// Sorts the records of a zone.
    #[must_use]
    pub fn new(zone: &'z Zone) -> Self {
        let mut index = Self {
            zone,
            by_owner: BTreeMap::new(),
            nodes: HashSet::new(),
            cuts: HashMap::new(),
            dnames: HashSet::new(),
            glue: HashSet::new(),
        };
        for (i, record) in zone.records.iter().enumerate() {
            index.by_owner.entry(&record.owner).or_default().push((i, record));
            if record.rtype() == RType::NS && record.owner != zone.origin {
                index.cuts.entry(&record.owner).or_insert(i);
                index.glue.extend(record.data.names());
            }
            if record.rtype() == RType::DNAME {
                index.dnames.insert(&record.owner);
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
        let mut above = name.parent();
        while let Some(node) = above.filter(|n| !self.dnames.is_empty() && n.is_within(&self.zone.origin)) {
            if let Some(owner) = self.dnames.get(&node) {
                return Some(owner);
            }
            above = node.parent();
        }
        None
    }

    /// What stands at a name itself.
    #[must_use]
    pub fn at(&self, name: &Name) -> &[(usize, &'z Record)] {
        self.by_owner.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// What the zone answers for a name, wildcards included (RFC 4592).
    #[must_use]
    pub fn coverage(&self, name: &Name) -> Coverage<'_, 'z> {
        if !name.is_within(&self.zone.origin) {
            return Coverage::Outside;
        }
        if self.cut_above(name).is_some() || self.dname_above(name).is_some() {
            return Coverage::Delegated;
        }
        if self.nodes.contains(name) {
            return Coverage::Records(self.at(name));
        }
        let mut closest = name.parent();
        while let Some(encloser) = closest {
            if self.nodes.contains(&encloser) {
                let wildcard = Name::parse("*", Some(&encloser)).ok();
                return match wildcard.filter(|w| self.by_owner.contains_key(w)) {
                    Some(wildcard) => Coverage::Records(self.at(&wildcard)),
                    None => Coverage::Missing,
                };
            }
            closest = encloser.parent();
        }
        Coverage::Missing
    }
}
