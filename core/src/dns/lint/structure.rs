//! What makes a zone a zone: SOA, NS, CNAMEs alone, nothing below a cut.

use super::{Finding, Index, Rule};
use crate::{
    dns::{RType, Record, Typed, profile::RegistryProfile},
    names::Name,
};
use std::collections::{BTreeSet, HashMap, HashSet};

pub(super) fn check(index: &Index<'_>, profiles: &[RegistryProfile], out: &mut Vec<Finding>) {
    apex(index, profiles, out);
    for (owner, records) in &index.by_owner {
        if !owner.is_within(&index.zone.origin) {
            for (i, record) in records {
                out.push(Finding::at(Rule::OutOfZone, record, *i, &[owner]));
            }
            continue;
        }
        cname(owner, records, out);
        below(index, owner, records, out);
        sets(owner, records, out);
        hosts(owner, records, out);
    }
}

fn apex(index: &Index<'_>, profiles: &[RegistryProfile], out: &mut Vec<Finding>) {
    let origin = &index.zone.origin;
    let soas: Vec<_> = index.zone.records.iter().enumerate().filter(|(_, r)| r.rtype() == RType::SOA).collect();
    let at_apex: Vec<_> = soas.iter().filter(|(_, r)| r.owner == *origin).collect();
    let different: HashSet<_> = at_apex.iter().map(|(_, r)| &r.data).collect();
    match different.len() {
        0 => out.push(Finding::of(Rule::NoSoa, origin, &[])),
        1 => {}
        many => out.push(Finding::of(Rule::SeveralSoa, origin, &[&many])),
    }
    for (i, record) in &soas {
        if record.owner != *origin && record.owner.is_within(origin) {
            out.push(Finding::at(Rule::SoaElsewhere, record, *i, &[]));
        }
    }
    if !index.at(origin).iter().any(|(_, r)| r.rtype() == RType::NS) {
        out.push(Finding::of(Rule::NoNs, origin, &[]));
    }
    let tld = origin.labels().last().map(|l| String::from_utf8_lossy(l).to_ascii_lowercase()).unwrap_or_default();
    let profile = profiles.iter().find(|p| p.tld == tld).or_else(|| profiles.iter().find(|p| p.tld == "*"));
    // Zones for reverse mapping are delegated by nobody's registry profile.
    if let (Some(profile), Some((i, record))) = (profile.filter(|_| tld != "arpa"), at_apex.first())
        && let Typed::Soa(soa) = record.data.typed()
    {
        for (what, value, [least, most]) in profile.violations(&soa) {
            out.push(Finding::at(Rule::SoaProfile, record, *i, &[&what, &value, &least, &most, &tld]));
        }
    }
}

fn cname(owner: &Name, records: &[(usize, &Record)], out: &mut Vec<Finding>) {
    let cnames: Vec<_> = records.iter().filter(|(_, r)| r.rtype() == RType::CNAME).collect();
    let Some((i, first)) = cnames.first() else { return };
    let different: HashSet<_> = cnames.iter().map(|(_, r)| &r.data).collect();
    if different.len() > 1 {
        out.push(Finding::at(Rule::SeveralCnames, first, *i, &[owner, &different.len()]));
    }
    // Signatures and NSEC live beside a CNAME in a signed zone (RFC 4034 §3).
    let others: BTreeSet<String> = records
        .iter()
        .map(|(_, r)| r.rtype())
        .filter(|t| !matches!(*t, RType::CNAME | RType::RRSIG | RType(47)))
        .map(|t| t.to_string())
        .collect();
    if !others.is_empty() {
        let list = others.into_iter().collect::<Vec<_>>().join(", ");
        out.push(Finding::at(Rule::CnameAndOther, first, *i, &[owner, &list]));
    }
}

fn below(index: &Index<'_>, owner: &Name, records: &[(usize, &Record)], out: &mut Vec<Finding>) {
    if let Some(dname) = index.dname_above(owner)
        && let Some((i, record)) = records.first()
    {
        out.push(Finding::at(Rule::BelowDname, record, *i, &[owner, dname]));
    }
    let has_ns = records.iter().any(|(_, r)| r.rtype() == RType::NS);
    if let (true, Some((i, record))) = (owner.is_wildcard() && has_ns, records.first()) {
        out.push(Finding::at(Rule::WildcardNs, record, *i, &[]));
    }
    let apex = *owner == index.zone.origin;
    if let (true, Some((i, record))) = (apex || !has_ns, records.iter().find(|(_, r)| r.rtype() == RType::DS)) {
        out.push(Finding::at(if apex { Rule::DsAtApex } else { Rule::DsWithoutNs }, record, *i, &[]));
    }
    let Some(cut) = index.cut_above(owner) else { return };
    let glue = index.glue.contains(owner);
    for (i, record) in records {
        let fine = match record.rtype() {
            RType::NS | RType::DS => owner == cut,
            RType::A | RType::AAAA => glue,
            RType::RRSIG | RType(47) => true,
            _ => false,
        };
        if !fine {
            out.push(Finding::at(Rule::BelowDelegation, record, *i, &[owner, cut]));
        }
    }
}

fn sets(owner: &Name, records: &[(usize, &Record)], out: &mut Vec<Finding>) {
    let mut ttls: HashMap<RType, u32> = HashMap::new();
    let mut told: HashSet<RType> = HashSet::new();
    let mut seen: HashSet<&crate::dns::RData> = HashSet::new();
    let mut octets: HashMap<RType, (usize, usize)> = HashMap::new();
    let mut dnames = HashSet::new();
    for (i, record) in records {
        let rtype = record.rtype();
        let set = octets.entry(rtype).or_insert((*i, 0));
        // Behind a compressed owner: type, class, TTL, length.
        set.1 += 12 + record.data.wire().len();
        if rtype == RType::DNAME {
            dnames.insert(&record.data);
        }
        digest(record, *i, out);
        let first = *ttls.entry(rtype).or_insert(record.ttl);
        // Signatures carry the TTL of what they sign.
        if first != record.ttl && rtype != RType::RRSIG && told.insert(rtype) {
            out.push(Finding::at(Rule::TtlDiffers, record, *i, &[owner, &rtype]));
        }
        if !seen.insert(&record.data) {
            out.push(Finding::at(Rule::Duplicate, record, *i, &[owner, &rtype]));
        }
        if record.ttl > 604_800 {
            out.push(Finding::at(Rule::TtlLong, record, *i, &[&record.ttl]));
        }
    }
    if let (true, Some((i, record))) = (dnames.len() > 1, records.iter().find(|(_, r)| r.rtype() == RType::DNAME)) {
        out.push(Finding::at(Rule::SeveralDnames, record, *i, &[owner, &dnames.len()]));
    }
    for (rtype, (i, size)) in octets {
        // What is left of 65535 octets for header, question and owner.
        if size > 65_535 - 12 - 260
            && let Some((_, record)) = records.iter().find(|(n, _)| *n == i)
        {
            out.push(Finding::at(Rule::SetTooLarge, record, i, &[owner, &rtype, &size]));
        }
    }
}

/// Digests whose length does not fit their type: servers refuse the zone for them.
fn digest(record: &Record, i: usize, out: &mut Vec<Finding>) {
    let wire = record.data.wire();
    let (expected, has) = match (record.rtype(), wire) {
        (RType::DS | RType::CDS, [_, _, _, kind, digest @ ..]) => (
            match kind {
                1 => 20,
                2 | 3 => 32,
                4 => 48,
                _ => return,
            },
            digest.len(),
        ),
        (RType::SSHFP, [_, kind, digest @ ..]) => (
            match kind {
                1 => 20,
                2 => 32,
                _ => return,
            },
            digest.len(),
        ),
        _ => return,
    };
    // A CDS of one zero octet asks for the DS to be taken away (RFC 8078 §4).
    if expected != has && !(record.rtype() == RType::CDS && has == 1) {
        out.push(Finding::at(Rule::DigestLength, record, i, &[&record.rtype(), &has, &expected]));
    }
}

fn hosts(owner: &Name, records: &[(usize, &Record)], out: &mut Vec<Finding>) {
    // The same records whose owner BIND's check-names looks at.
    let host = records.iter().find(|(_, r)| matches!(r.rtype(), RType::A | RType::AAAA | RType::MX));
    if let Some((i, record)) = host.filter(|_| !owner.is_host()) {
        out.push(Finding::at(Rule::UnderscoreHost, record, *i, &[owner]));
    }
}
