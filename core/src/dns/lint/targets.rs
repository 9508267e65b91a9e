//! Where MX, NS, SRV and CNAME point.

use super::{Finding, Index, Rule, index::Coverage};
use crate::{
    dns::{RType, Record, Typed},
    names::Name,
};

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Finding>) {
    let doubled = index.zone.origin.join(&index.zone.origin).ok();
    for (i, record) in index.zone.records.iter().enumerate() {
        let slip = |name: &Name| doubled.as_ref().is_some_and(|d| !index.zone.origin.is_root() && name.is_within(d));
        if slip(&record.owner) && record.owner.is_within(&index.zone.origin) {
            out.push(Finding::at(Rule::RelativeSlipOwner, record, i, &[&record.owner]));
        }
        let mut slipped = false;
        for name in record.data.names().iter().filter(|name| slip(name) && record.rtype() != RType::SOA) {
            // Somebody may really have such a name: then it exists.
            if index.at(name).is_empty() {
                slipped = true;
                out.push(Finding::at(Rule::RelativeSlip, record, i, &[name, &record.rtype()]));
            }
        }
        if !slipped {
            target(index, i, record, out);
        }
    }
    for (owner, records) in &index.by_owner {
        let mx: Vec<_> = records.iter().filter(|(_, r)| r.rtype() == RType::MX).collect();
        let null = mx.iter().find(|(_, r)| matches!(r.data.typed(), Typed::Mx { exchange, .. } if exchange.is_root()));
        if let (Some((i, record)), true) = (null, mx.len() > 1) {
            out.push(Finding::at(Rule::NullMxAndOther, record, *i, &[owner]));
        }
    }
}

fn target(index: &Index<'_>, i: usize, record: &Record, out: &mut Vec<Finding>) {
    let target = match record.data.typed() {
        Typed::Mx { exchange, .. } => exchange,
        Typed::Ns(target) | Typed::Srv { target, .. } => target,
        _ => return,
    };
    // "0 ." says that there is no mail, "." that there is no service.
    if target.is_root() {
        return;
    }
    let rtype = record.rtype();
    if is_address(&target, &index.zone.origin) {
        out.push(Finding::at(Rule::TargetIsAddress, record, i, &[&target, &rtype]));
        return;
    }
    if rtype != RType::SRV && !target.is_host() {
        out.push(Finding::at(Rule::UnderscoreHost, record, i, &[&target]));
    }
    let has = |records: &[(usize, &Record)], types: &[RType]| records.iter().any(|(_, r)| types.contains(&r.rtype()));
    let addresses = [RType::A, RType::AAAA];
    match index.coverage(&target) {
        Coverage::Outside => {}
        Coverage::Records(found) if has(found, &[RType::CNAME]) => {
            let rule = if rtype == RType::NS { Rule::NsToCname } else { Rule::TargetIsCname };
            out.push(Finding::at(rule, record, i, &[&target, &rtype]));
        }
        Coverage::Records(found) if has(found, &addresses) => {}
        Coverage::Delegated => {
            // A server whose name lies below the very cut that it serves is found by its glue only.
            let own_cut = record.rtype() == RType::NS && target.is_within(&record.owner);
            let glue = index.at(&target).iter().any(|(_, r)| matches!(r.rtype(), RType::A | RType::AAAA));
            if own_cut && record.owner != index.zone.origin && !glue {
                out.push(Finding::at(Rule::MissingGlue, record, i, &[&target]));
            }
        }
        Coverage::Records(_) | Coverage::Missing => {
            let rule = match rtype {
                RType::NS => Rule::NsWithoutAddress,
                RType::MX => Rule::TargetMissing,
                _ => Rule::SrvTargetMissing,
            };
            out.push(Finding::at(rule, record, i, &[&target, &rtype]));
        }
    }
}

/// Whether a name is an IPv4 address somebody typed for a name, with or without the zone's name added to it.
fn is_address(name: &Name, origin: &Name) -> bool {
    let numeric = |labels: &[&[u8]]| {
        labels.len() == 4
            && labels.iter().all(|l| {
                std::str::from_utf8(l).is_ok_and(|t| t.bytes().all(|b| b.is_ascii_digit()) && t.parse::<u8>().is_ok())
            })
    };
    let bare = name.without(origin).filter(|_| !origin.is_root());
    let labels: Vec<_> = bare.as_ref().unwrap_or(name).labels().collect();
    numeric(&labels)
}
