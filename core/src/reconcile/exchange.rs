//! Whose mail comes here at all: MX records against mailboxes.

use super::{Facts, Kind, Problem, enclosing};
use std::collections::{BTreeMap, BTreeSet};

/// The provider's own mail servers: by name and by address.
///
/// Named by the settings; otherwise learned: a server is ours if its name lies in a zone that we host and its address
/// is one that several mail domains here use. A customer's own server in the customer's own zone is used by one only.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MailHosts {
    names: BTreeSet<String>,
    addresses: BTreeSet<String>,
}

impl MailHosts {
    /// Learns from the zones which servers take the mail of this provider's mailboxes.
    #[must_use]
    pub fn learn(facts: &Facts) -> Self {
        let addresses = addresses(facts);
        if !facts.own_mail_hosts.is_empty() {
            let own = facts.own_mail_hosts.iter();
            let named = own.clone().flat_map(|h| addresses.get(h.as_str()).into_iter().flatten());
            return Self {
                names: facts.own_mail_hosts.clone(),
                addresses: named.map(|a| (*a).to_owned()).chain(own.cloned()).collect(),
            };
        }
        let mail_domains: BTreeSet<&str> =
            facts.mailboxes.iter().filter_map(|m| m.address.rsplit_once('@')).map(|(_, d)| d).collect();
        let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (owner, target) in facts.zones.iter().flat_map(|z| &z.mx) {
            if !mail_domains.contains(owner.as_str()) {
                continue;
            }
            for address in addresses.get(target.as_str()).into_iter().flatten() {
                users.entry(address).or_default().insert(owner);
                names.entry(address).or_default().insert(target);
            }
        }
        // With a handful of mail domains everything that stands in our own zones counts.
        let least = if mail_domains.len() < 5 { 1 } else { 2 };
        let ours: BTreeSet<&str> = users.iter().filter(|(_, by)| by.len() >= least).map(|(a, _)| *a).collect();
        Self {
            names: ours.iter().filter_map(|a| names.get(a)).flatten().map(|n| (*n).to_owned()).collect(),
            addresses: ours.into_iter().map(str::to_owned).collect(),
        }
    }
}

fn addresses(facts: &Facts) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (owner, address) in facts.zones.iter().flat_map(|z| &z.addresses) {
        found.entry(owner).or_default().insert(address);
    }
    found
}

pub(super) fn check(facts: &Facts) -> Vec<Problem> {
    let ours = MailHosts::learn(facts);
    let addresses = addresses(facts);
    let zones: BTreeSet<&str> = facts.zones.iter().map(|z| z.name.as_str()).collect();
    let mut exchanges: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (owner, target) in facts.zones.iter().flat_map(|z| &z.mx) {
        exchanges.entry(owner).or_default().push(target);
    }
    let mine = |target: &str| {
        ours.names.contains(target)
            || addresses.get(target).is_some_and(|ips| ips.iter().any(|ip| ours.addresses.contains(*ip)))
    };
    let mut problems = Vec::new();
    for mailbox in &facts.mailboxes {
        let Some((_, domain)) = mailbox.address.rsplit_once('@') else { continue };
        let problem = match exchanges.get(domain) {
            Some(targets) if targets.iter().any(|t| mine(t)) => continue,
            Some(targets) => {
                let shown: Vec<_> = targets.iter().map(|t| if t.is_empty() { "." } else { t }).collect();
                (Kind::MailboxMxElsewhere, shown.join(", "))
            }
            // Without an MX the address record takes the mail (RFC 5321 §5.1).
            None if addresses.get(domain).is_some_and(|ips| ips.iter().any(|ip| ours.addresses.contains(*ip))) => {
                continue;
            }
            None => {
                let reason = enclosing(&zones, domain).unwrap_or(domain);
                (Kind::MailboxWithoutMx, reason.to_owned())
            }
        };
        problems.push(Problem { kind: problem.0, subject: mailbox.address.clone(), detail: problem.1 });
    }
    problems
}
