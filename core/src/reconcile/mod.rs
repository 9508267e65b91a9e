//! Holds the papers of an old provider against each other: what is there without its counterpart.
//!
//! A pure function over facts; the same facts give the same [`Problem`]s in the same order.

mod aliases;
mod exchange;

use crate::names::DomainName;
use std::collections::{BTreeMap, BTreeSet};

pub use exchange::MailHosts;

/// What the verdict is made from. Everything is borrowed from whoever loaded it.
#[derive(Debug, Default)]
pub struct Facts {
    /// Customer numbers.
    pub customers: BTreeSet<String>,
    /// Domains with the customer number that the papers name.
    pub domains: BTreeMap<DomainName, Option<String>>,
    /// Zones.
    pub zones: Vec<ZoneFacts>,
    /// Homepages: main name, and all other names.
    pub homepages: Vec<(String, Vec<String>)>,
    /// Mailboxes.
    pub mailboxes: Vec<MailboxFacts>,
    /// Aliases: address (or `@domain`) and targets.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Mail servers that are the provider's own, if somebody said so.
    pub own_mail_hosts: BTreeSet<String>,
}

/// A zone as reconciliation sees it.
#[derive(Debug, Clone)]
pub struct ZoneFacts {
    /// Its apex without the final dot.
    pub name: String,
    /// Errors of the lint.
    pub errors: usize,
    /// Whether a server would load it.
    pub loadable: bool,
    /// Exchanges of its mail domains: owner without the final dot, target likewise (empty for the null MX).
    pub mx: Vec<(String, String)>,
    /// Address records: owner and address.
    pub addresses: Vec<(String, String)>,
}

/// A mailbox as reconciliation sees it.
#[derive(Debug, Clone)]
pub struct MailboxFacts {
    /// `local@domain`.
    pub address: String,
    /// Whether it has a password, from the passwd-file.
    pub has_password: bool,
    /// Whether it has a place for mail, from vmailbox.
    pub has_path: bool,
}

/// Something that two papers do not agree on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// What kind of problem.
    pub kind: Kind,
    /// What it is about: a name or an address.
    pub subject: String,
    /// What the sentence fills in.
    pub detail: String,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $code:literal;)*) => {
        /// The kinds of problems, the gravest first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $name),* }
        impl Kind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// Its name in the database, the API, in catalogues of texts and in filters.
            #[must_use]
            pub fn code(self) -> &'static str { match self { $(Self::$name => $code),* } }
            /// The kind of that name.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> { Self::ALL.iter().copied().find(|k| k.code() == code) }
        }
    };
}

kinds! {
    /// A zone that no server would load; detail: number of errors.
    ZoneNotServed "zone-not-served";
    /// A mailbox whose domain's MX is not ours; detail: the MX.
    MailboxMxElsewhere "mailbox-mx-elsewhere";
    /// A mailbox whose domain has no MX in any zone here; detail: the domain.
    MailboxWithoutMx "mailbox-without-mx";
    /// Aliases that lead back to themselves; detail: the way round.
    AliasLoop "alias-loop";
    /// An alias to an address of ours that does not exist; detail: the target.
    AliasTargetMissing "alias-target-missing";
    /// An address that is mailbox and alias at once, which hides the mailbox; detail: the targets.
    MailboxAndAlias "mailbox-and-alias";
    /// A domain of a customer that customers.csv does not have; detail: the number.
    CustomerUnknown "customer-unknown";
    /// A vhost's name without a zone here; detail: the homepage.
    VhostWithoutZone "vhost-without-zone";
    /// A zone that belongs to no customer; detail: empty.
    ZoneWithoutCustomer "zone-without-customer";
    /// A zone with errors that is served all the same; detail: number of errors.
    ZoneWithErrors "zone-with-errors";
    /// A domain in domains.csv that has no zone; detail: empty.
    DomainWithoutZone "domain-without-zone";
    /// A mailbox in vmailbox that has no password; detail: empty.
    MailboxWithoutPassword "mailbox-without-password";
    /// A password for a mailbox that vmailbox does not have; detail: empty.
    MailboxWithoutPath "mailbox-without-path";
}

/// Finds what does not fit together.
#[must_use]
pub fn reconcile(facts: &Facts) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut add = |kind, subject: &str, detail: String| {
        problems.push(Problem { kind, subject: subject.to_owned(), detail });
    };
    let zones: BTreeSet<&str> = facts.zones.iter().map(|z| z.name.as_str()).collect();
    for (domain, customer) in &facts.domains {
        if let Some(number) = customer.as_ref().filter(|n| !facts.customers.contains(*n)) {
            add(Kind::CustomerUnknown, domain.as_str(), number.clone());
        }
        if enclosing(&zones, domain.as_str()).is_none() {
            add(Kind::DomainWithoutZone, domain.as_str(), String::new());
        }
    }
    let owned: BTreeSet<&str> = facts.domains.iter().filter(|(_, c)| c.is_some()).map(|(d, _)| d.as_str()).collect();
    for zone in &facts.zones {
        let reverse = zone.name.ends_with(".arpa");
        if !reverse && enclosing(&owned, &zone.name).is_none() {
            add(Kind::ZoneWithoutCustomer, &zone.name, String::new());
        }
        if !zone.loadable {
            add(Kind::ZoneNotServed, &zone.name, zone.errors.to_string());
        } else if zone.errors > 0 {
            add(Kind::ZoneWithErrors, &zone.name, zone.errors.to_string());
        }
    }
    for (homepage, names) in &facts.homepages {
        for name in std::iter::once(homepage).chain(names) {
            if enclosing(&zones, name.trim_start_matches("*.")).is_none() {
                add(Kind::VhostWithoutZone, name, homepage.clone());
            }
        }
    }
    for mailbox in &facts.mailboxes {
        if !mailbox.has_password {
            add(Kind::MailboxWithoutPassword, &mailbox.address, String::new());
        }
        if !mailbox.has_path {
            add(Kind::MailboxWithoutPath, &mailbox.address, String::new());
        }
    }
    problems.extend(exchange::check(facts));
    problems.extend(aliases::check(facts));
    for problem in &mut problems {
        shorten(&mut problem.detail);
    }
    problems.sort();
    problems.dedup();
    problems
}

/// Three hundred characters say enough: an alias may have a thousand targets.
fn shorten(text: &mut String) {
    if let Some((at, _)) = text.char_indices().nth(300) {
        text.truncate(at);
        text.push('…');
    }
}

/// The longest of `names` that `name` is or lies below.
fn enclosing<'n>(names: &BTreeSet<&'n str>, name: &str) -> Option<&'n str> {
    let mut rest = name;
    loop {
        if let Some(found) = names.get(rest) {
            return Some(found);
        }
        rest = rest.split_once('.')?.1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str, mx: &[(&str, &str)], addresses: &[(&str, &str)]) -> ZoneFacts {
        let pairs = |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        ZoneFacts { name: name.to_owned(), errors: 0, loadable: true, mx: pairs(mx), addresses: pairs(addresses) }
    }

    fn mailbox(address: &str) -> MailboxFacts {
        MailboxFacts { address: address.to_owned(), has_password: true, has_path: true }
    }

    #[test]
    fn each_disagreement_is_found() {
        let ours = [("host.de", "mail.host.de")];
        let mut facts = Facts {
            customers: ["K1".to_owned()].into(),
            domains: [("host.de", "K1"), ("a.de", "K1"), ("b.de", "K9"), ("nozone.de", "K1")]
                .map(|(d, c)| (DomainName::parse(d).unwrap(), Some(c.to_owned())))
                .into(),
            zones: vec![
                zone("host.de", &ours, &[("mail.host.de", "192.0.2.25")]),
                zone("a.de", &[("a.de", "mail.host.de")], &[]),
                zone("b.de", &[("b.de", "mx.google.example")], &[]),
                zone("orphan.de", &[], &[]),
                zone("2.0.192.in-addr.arpa", &[], &[]),
            ],
            homepages: vec![("www.a.de".to_owned(), vec!["gone.org".to_owned()])],
            mailboxes: vec![mailbox("x@a.de"), mailbox("x@host.de"), mailbox("y@b.de"), mailbox("z@orphan.de")],
            aliases: [
                ("l1@a.de", vec!["l2@a.de"]),
                ("l2@a.de", vec!["l1@a.de"]),
                ("dead@a.de", vec!["nobody@a.de"]),
                ("x@a.de", vec!["out@other.org"]),
                ("fine@a.de", vec!["x@host.de", "out@other.org"]),
            ]
            .map(|(a, t)| (a.to_owned(), t.into_iter().map(str::to_owned).collect()))
            .into(),
            own_mail_hosts: BTreeSet::new(),
        };
        facts.mailboxes.push(MailboxFacts { address: "p@a.de".to_owned(), has_password: false, has_path: true });
        let told: Vec<_> =
            reconcile(&facts).iter().map(|p| format!("{} {} {}", p.kind.code(), p.subject, p.detail)).collect();
        assert_eq!(
            told,
            [
                "mailbox-mx-elsewhere y@b.de mx.google.example",
                "mailbox-without-mx z@orphan.de orphan.de",
                "alias-loop l1@a.de l1@a.de → l2@a.de → l1@a.de",
                "alias-target-missing dead@a.de nobody@a.de",
                "mailbox-and-alias x@a.de out@other.org",
                "customer-unknown b.de K9",
                "vhost-without-zone gone.org www.a.de",
                "zone-without-customer orphan.de ",
                "domain-without-zone nozone.de ",
                "mailbox-without-password p@a.de ",
            ]
        );
    }

    #[test]
    fn an_own_exchange_at_a_foreign_address_is_elsewhere() {
        let mut zones = vec![zone("host.de", &[("host.de", "mail.host.de")], &[("mail.host.de", "192.0.2.25")])];
        for i in 0..5 {
            let name = format!("c{i}.de");
            zones.push(zone(&name, &[(&name, &format!("mail.{name}"))], &[(&format!("mail.{name}"), "192.0.2.25")]));
        }
        zones.push(zone("dsl.de", &[("dsl.de", "mail.dsl.de")], &[("mail.dsl.de", "203.0.113.9")]));
        let mailboxes =
            ["a@host.de", "a@c0.de", "a@c1.de", "a@c2.de", "a@c3.de", "a@c4.de", "a@dsl.de"].map(mailbox).into();
        let facts = Facts { zones, mailboxes, ..Facts::default() };
        let told: Vec<_> = reconcile(&facts).into_iter().filter(|p| p.kind == Kind::MailboxMxElsewhere).collect();
        assert_eq!(told.iter().map(|p| p.subject.as_str()).collect::<Vec<_>>(), ["a@dsl.de"]);
    }
}
