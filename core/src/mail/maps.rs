//! Postfix's maps as text, a line a key, as postmap(1) and `texthash:` read them.
//!
//! How virtual(5) looks an address up is what decides what must stand in them: the whole address, then without `+extension`,
//! then `@domain`; results are looked up again until they lead to themselves.

use super::{Alias, Intent, Source, Withheld, fleet::Seat, postfix, servable};
use crate::names::{DomainName, EmailAddress};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Write as _,
};

/// Every map that follows from an intent.
#[derive(Debug, Default)]
pub(super) struct Maps {
    /// `virtual_mailbox_domains`
    pub(super) domains: String,
    /// `virtual_mailbox_maps`
    pub(super) mailboxes: String,
    /// `virtual_alias_maps`
    pub(super) aliases: String,
    /// `smtpd_sender_login_maps`
    pub(super) senders: String,
    /// Recipients that are being moved, for `transport_maps`.
    pub(super) frozen: String,
    /// The way to mailboxes that live elsewhere, for `transport_maps`.
    pub(super) transports: String,
    /// What is asked about them before their mail is taken, for `check_recipient_access`.
    pub(super) elsewhere: String,
}

/// A line of a map. Keys and values are made of addresses that are servable: no blank, no `#` in front, no line break.
fn line(map: &mut String, key: impl std::fmt::Display, value: impl std::fmt::Display) {
    let _ = writeln!(map, "{key} {value}");
}

/// Addresses that somebody has.
struct Known<'a> {
    mailboxes: &'a HashSet<&'a EmailAddress>,
    aliases: HashSet<&'a Source>,
}

impl<'a> Known<'a> {
    fn of(intent: &'a Intent, mailboxes: &'a HashSet<&'a EmailAddress>) -> Self {
        Self { mailboxes, aliases: intent.aliases.iter().map(|a| &a.source).collect() }
    }

    fn has(&self, address: &EmailAddress) -> bool {
        let one = |a: &EmailAddress| self.mailboxes.contains(a) || self.aliases.contains(&Source::Address(a.clone()));
        let bare = || {
            address
                .local()
                .split_once('+')
                .and_then(|(name, _)| EmailAddress::parse(&format!("{name}@{}", address.domain())).ok())
        };
        one(address)
            || self.aliases.contains(&Source::CatchAll(address.domain().clone()))
            || matches!(address.local(), "postmaster" | "abuse")
            || bare().is_some_and(|a| one(&a))
    }
}

/// Those of an intent that a server can carry, and what is left out.
pub(super) struct Served<'a> {
    pub(super) domains: HashSet<&'a DomainName>,
    pub(super) mailboxes: Vec<&'a super::Mailbox>,
    pub(super) aliases: Vec<(&'a Alias, Vec<&'a Source>)>,
    /// Where mailboxes forward to, as far as somebody is there.
    pub(super) forwards: HashMap<&'a EmailAddress, Vec<&'a EmailAddress>>,
    pub(super) withheld: Vec<Withheld>,
}

impl<'a> Served<'a> {
    pub(super) fn of(intent: &'a Intent, seat: &Seat<'_>) -> Self {
        let domains: HashSet<&DomainName> = intent.domains.iter().collect();
        let mut withheld = Vec::new();
        let mut without = |what: String, reason: String| withheld.push(Withheld { what, reason });
        let mut taken: HashSet<&EmailAddress> = HashSet::with_capacity(intent.mailboxes.len());
        let mut mailboxes = Vec::with_capacity(intent.mailboxes.len());
        for mailbox in &intent.mailboxes {
            let address = &mailbox.address;
            if !domains.contains(address.domain()) {
                without(address.to_string(), "its domain is none whose mail arrives here".to_owned());
            } else if let Err(bad) = servable(address, true) {
                without(address.to_string(), format!("a mailbox's name cannot hold {bad:?}"));
            } else if !seat.is_home(mailbox) && seat.elsewhere(mailbox).is_none() {
                without(address.to_string(), "it lives on no server".to_owned());
            } else if !taken.insert(address) {
                without(address.to_string(), "there is another mailbox of that address".to_owned());
            } else {
                mailboxes.push(mailbox);
            }
        }
        let known = Known::of(intent, &taken);
        let mut forwards = HashMap::new();
        for mailbox in mailboxes.iter().filter(|m: &&&super::Mailbox| !m.forward.is_empty()) {
            let mut there = Vec::with_capacity(mailbox.forward.len());
            for target in &mailbox.forward {
                if servable(target, false).is_ok() && (!domains.contains(target.domain()) || known.has(target)) {
                    there.push(target);
                } else {
                    without(format!("{} → {target}", mailbox.address), "nobody has this address".to_owned());
                }
            }
            forwards.insert(&mailbox.address, there);
        }
        let mut aliases = Vec::with_capacity(intent.aliases.len());
        for alias in &intent.aliases {
            let source = &alias.source;
            let reason = match source {
                _ if !domains.contains(source.domain()) => {
                    Some("its domain is none whose mail arrives here".to_owned())
                }
                Source::Address(a) if servable(a, false).is_err() => {
                    Some("a server's map cannot carry its name".to_owned())
                }
                // An imported alias may lead a mailbox to itself and elsewhere: that is a forward.
                Source::Address(a) if taken.contains(a) && !alias.targets.contains(source) => {
                    Some("there is a mailbox of that address".to_owned())
                }
                _ => None,
            };
            if let Some(reason) = reason {
                without(source.to_string(), reason);
                continue;
            }
            let mut good = Vec::with_capacity(alias.targets.len());
            for target in &alias.targets {
                let reason = match target {
                    Source::Address(a) if servable(a, false).is_err() => "a server's map cannot carry this target",
                    Source::CatchAll(_) if matches!(source, Source::Address(_)) => {
                        "only a catch-all can lead to a whole domain"
                    }
                    // Taken at the door, it would come back as a bounce to somebody who may never have written.
                    Source::Address(a) if domains.contains(a.domain()) && !known.has(a) => "nobody has this address",
                    _ => {
                        good.push(target);
                        continue;
                    }
                };
                without(format!("{source} → {target}"), reason.to_owned());
            }
            if !good.is_empty() {
                aliases.push((alias, good));
            }
        }
        Self { domains, mailboxes, aliases, forwards, withheld }
    }
}

/// Who may send from an address: the logins that it leads to.
fn senders(served: &Served<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let boxes: HashSet<&EmailAddress> = served.mailboxes.iter().map(|m| &m.address).collect();
    let mut senders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for mailbox in &served.mailboxes {
        let login = mailbox.address.to_string();
        for address in std::iter::once(&mailbox.address).chain(&mailbox.send_as) {
            if servable(address, false).is_ok() && served.domains.contains(address.domain()) {
                senders.entry(address.to_string()).or_default().insert(login.clone());
            }
        }
    }
    // One's alias is one's own address. A catch-all is not: it would be every address that nobody has.
    for (alias, targets) in &served.aliases {
        let Source::Address(address) = &alias.source else { continue };
        let logins: Vec<String> = targets
            .iter()
            .filter_map(|t| if let Source::Address(a) = t { boxes.get(a).map(ToString::to_string) } else { None })
            .collect();
        if !logins.is_empty() {
            senders.entry(address.to_string()).or_default().extend(logins);
        }
    }
    senders
}

/// Makes the maps of a seat. `host` is the server's own name, if it is no domain whose mail arrives here.
pub(super) fn maps(intent: &Intent, served: &Served<'_>, seat: &Seat<'_>, host: Option<&str>) -> Maps {
    let mut maps = Maps::default();
    for domain in &intent.domains {
        line(&mut maps.domains, domain, "OK");
    }
    let catch_alls: HashSet<&DomainName> = served
        .aliases
        .iter()
        .filter_map(|(alias, _)| if let Source::CatchAll(domain) = &alias.source { Some(domain) } else { None })
        .collect();
    let mut forwards: HashMap<&EmailAddress, Vec<String>> = HashMap::new();
    for (alias, targets) in &served.aliases {
        if let Source::Address(address) = &alias.source {
            forwards.insert(address, targets.iter().map(ToString::to_string).collect());
        } else {
            line(&mut maps.aliases, &alias.source, joined(targets));
        }
    }
    for mailbox in &served.mailboxes {
        let address = &mailbox.address;
        line(&mut maps.mailboxes, address, "OK");
        if mailbox.frozen {
            line(&mut maps.frozen, address, "retry:4.2.1 this mailbox is being moved, please try again");
        }
        let onward = served.forwards.get(address).map(Vec::as_slice).unwrap_or_default();
        if let Some(home) = seat.elsewhere(mailbox) {
            line(&mut maps.transports, address, format_args!("home:{}", postfix::next_hop(&home.address)));
            // Where all of it goes on to another provider, nobody at home has to be asked.
            if mailbox.keep || onward.is_empty() {
                line(&mut maps.elsewhere, address, postfix::ELSEWHERE);
            }
        }
        let entry = forwards.entry(address);
        // Where a domain has a catch-all, every mailbox must lead to itself, or the catch-all takes its mail (virtual(5)).
        if !onward.is_empty()
            || catch_alls.contains(address.domain())
            || matches!(entry, std::collections::hash_map::Entry::Occupied(_))
        {
            let targets = entry.or_default();
            let stays = mailbox.keep || onward.is_empty();
            for target in stays.then_some(address).into_iter().chain(onward.iter().copied()).map(ToString::to_string) {
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
    }
    if let Some(postmaster) = &intent.postmaster {
        let boxes: HashSet<&EmailAddress> = served.mailboxes.iter().map(|m| &m.address).collect();
        for domain in intent.domains.iter().filter(|d| !catch_alls.contains(d)) {
            for role in ["postmaster", "abuse"] {
                // RFC 2142 §4 and §5: these always reach somebody.
                let Ok(address) = EmailAddress::parse(&format!("{role}@{domain}")) else { continue };
                if !boxes.contains(&address) && !forwards.contains_key(&address) && address != *postmaster {
                    line(&mut maps.aliases, &address, postmaster);
                }
            }
        }
    }
    if let (Some(postmaster), Some(host)) = (&intent.postmaster, host) {
        line(&mut maps.aliases, format_args!("@{host}"), postmaster);
    }
    let sorted: BTreeMap<String, Vec<String>> = forwards.into_iter().map(|(a, t)| (a.to_string(), t)).collect();
    for (address, targets) in sorted {
        line(&mut maps.aliases, address, targets.join(", "));
    }
    for (address, logins) in senders(served) {
        line(&mut maps.senders, address, logins.into_iter().collect::<Vec<_>>().join(", "));
    }
    maps
}

fn joined(targets: &[&Source]) -> String {
    targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
