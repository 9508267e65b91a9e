//! What happens to a mail: from an address to the mailboxes and servers where it ends.
//!
//! A [`Route`] asks nobody: it says what it wants to know ([`Route::open`]) and is told ([`Route::tell`]), so the same rules judge
//! a change before it is made and explain what is there.

use super::{Source, Target};
use crate::names::EmailAddress;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What is known of an address, or of a `@domain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A mailbox, and where its mail goes as well.
    Mailbox {
        /// Forwards.
        forward: Vec<EmailAddress>,
        /// Whether it also stays.
        keep: bool,
    },
    /// An alias.
    Alias(Vec<Target>),
    /// The mail of this domain arrives here. Only asked for `@domain`, and said beside a catch-all.
    Domain,
}

/// A step of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// From which address.
    pub from: String,
    /// By what: `alias`, `forward`, `catch-all`, `extension`, `postmaster`.
    pub by: &'static str,
    /// To which.
    pub to: Vec<String>,
}

/// Where a mail ends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// In a mailbox here.
    Mailbox(String),
    /// At another provider.
    Elsewhere(String),
    /// Nowhere: nobody has this address.
    Unknown(String),
    /// Nowhere: it leads back to where it came from.
    Loop(String),
}

/// The way of a mail.
#[derive(Debug, Default)]
pub struct Route {
    open: VecDeque<(EmailAddress, Vec<EmailAddress>)>,
    seen: BTreeSet<EmailAddress>,
    /// The steps so far.
    pub steps: Vec<Step>,
    /// Where it ends so far.
    pub ends: BTreeSet<End>,
    /// Whether it was cut off: more addresses than [`Route::MOST`].
    pub too_many: bool,
    postmaster: Option<EmailAddress>,
    /// What the change makes of its own address, or of its domain's catch-all.
    overlay: Option<(String, Entry)>,
}

impl Route {
    /// Most addresses that one may lead to; Postfix stops at 1000 (`virtual_alias_expansion_limit`).
    pub const MOST: usize = 500;

    /// The way from an address. `postmaster` reads what nobody else does of RFC 2142's addresses.
    #[must_use]
    pub fn from(address: EmailAddress, postmaster: Option<EmailAddress>) -> Self {
        let mut route = Self { postmaster, ..Self::default() };
        route.seen.insert(address.clone());
        route.open.push_back((address, Vec::new()));
        route
    }

    /// The way on from an address that leads to these targets, whatever it is by now: to judge a change before it is made.
    #[must_use]
    pub fn with(source: &Source, targets: &[Target], postmaster: Option<EmailAddress>) -> Self {
        let mut route = Self { postmaster, ..Self::default() };
        route.overlay = Some((source.to_string(), Entry::Alias(targets.to_vec())));
        match source {
            Source::Address(address) => {
                let path = vec![address.clone()];
                route.seen.insert(address.clone());
                for target in resolve(targets, address) {
                    route.go(target, &path, false);
                }
            }
            // Some name that nobody has stands for all of them.
            Source::CatchAll(domain) => {
                if let Ok(any) = EmailAddress::parse(&format!("a-name-that-nobody-has.0193e0a0@{domain}")) {
                    route.seen.insert(any.clone());
                    route.open.push_back((any, Vec::new()));
                }
            }
        }
        route
    }

    /// Keys to look up next: addresses and `@domain`s. Empty when everything is known.
    #[must_use]
    pub fn open(&self) -> Vec<String> {
        let mut keys = BTreeSet::new();
        for (address, _) in &self.open {
            keys.insert(address.to_string());
            keys.insert(format!("@{}", address.domain()));
            keys.extend(bare(address).map(|a| a.to_string()));
        }
        keys.into_iter().collect()
    }

    /// Goes on with what was found for the keys of [`Self::open`]; a `@domain` whose mail arrives here has an entry in any case.
    pub fn tell(&mut self, known: &BTreeMap<String, Entry>) {
        let mut changed = known.clone();
        changed.extend(self.overlay.clone());
        let known = &changed;
        for (address, path) in std::mem::take(&mut self.open) {
            self.step(address, path, known);
        }
    }

    fn step(&mut self, address: EmailAddress, path: Vec<EmailAddress>, known: &BTreeMap<String, Entry>) {
        let key = address.to_string();
        let domain = known.get(&format!("@{}", address.domain()));
        if domain.is_none() {
            self.ends.insert(End::Elsewhere(key));
            return;
        }
        let mut through = path;
        through.push(address.clone());
        let extension = bare(&address).filter(|_| !known.contains_key(&key));
        if let Some(bare) = &extension
            && known.contains_key(&bare.to_string())
        {
            self.step_to(&key, "extension", vec![bare.clone()], &through, false);
            return;
        }
        match known.get(&key) {
            Some(Entry::Mailbox { forward, keep }) => {
                if *keep || forward.is_empty() {
                    self.ends.insert(End::Mailbox(key.clone()));
                }
                if !forward.is_empty() {
                    self.step_to(&key, "forward", forward.clone(), &through, *keep);
                }
            }
            Some(Entry::Alias(targets)) => {
                let targets = resolve(targets, &address);
                let own = targets.contains(&address);
                self.step_to(&key, "alias", targets, &through, own);
            }
            Some(Entry::Domain) | None => match (domain, &self.postmaster) {
                (Some(Entry::Alias(targets)), _) => {
                    let targets = resolve(targets, &address);
                    self.step_to(&key, "catch-all", targets, &through, false);
                }
                (_, Some(postmaster))
                    if matches!(address.local(), "postmaster" | "abuse") && *postmaster != address =>
                {
                    let postmaster = postmaster.clone();
                    self.step_to(&key, "postmaster", vec![postmaster], &through, false);
                }
                _ => {
                    self.ends.insert(End::Unknown(key));
                }
            },
        }
    }

    fn step_to(&mut self, from: &str, by: &'static str, to: Vec<EmailAddress>, path: &[EmailAddress], own: bool) {
        self.steps.push(Step { from: from.to_owned(), by, to: to.iter().map(ToString::to_string).collect() });
        for target in to {
            self.go(target, path, own);
        }
    }

    /// `own`: whether leading to itself is meant, as a mailbox that forwards and keeps does.
    fn go(&mut self, target: EmailAddress, path: &[EmailAddress], own: bool) {
        if path.last() == Some(&target) && own {
            return;
        }
        if path.contains(&target) {
            self.ends.insert(End::Loop(target.to_string()));
        } else if self.seen.len() >= Self::MOST {
            self.too_many = true;
        } else if self.seen.insert(target.clone()) {
            self.open.push_back((target, path.to_vec()));
        }
    }

    /// Whether some mail arrives somewhere and none is lost in a circle.
    #[must_use]
    pub fn delivers(&self) -> bool {
        !self.too_many
            && self.ends.iter().any(|e| matches!(e, End::Mailbox(_) | End::Elsewhere(_)))
            && !self.ends.iter().any(|e| matches!(e, End::Loop(_)))
    }
}

/// The address without its `+extension`.
fn bare(address: &EmailAddress) -> Option<EmailAddress> {
    let (name, _) = address.local().split_once('+')?;
    EmailAddress::parse(&format!("{name}@{}", address.domain())).ok()
}

/// Targets for a mail to `address`: `@other.example` keeps the name (virtual(5)).
fn resolve(targets: &[Target], address: &EmailAddress) -> Vec<EmailAddress> {
    let to = |target: &Target| match target {
        Source::Address(target) => Some(target.clone()),
        Source::CatchAll(domain) => EmailAddress::parse(&format!("{}@{domain}", address.local())).ok(),
    };
    targets.iter().filter_map(to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn alias(targets: &[&str]) -> Entry {
        Entry::Alias(targets.iter().map(|t| Source::parse(t).unwrap()).collect())
    }

    fn known() -> BTreeMap<String, Entry> {
        let mailbox =
            |forward: &[&str], keep| Entry::Mailbox { forward: forward.iter().map(|a| at(a)).collect(), keep };
        BTreeMap::from([
            ("@a.de".to_owned(), Entry::Domain),
            ("@b.de".to_owned(), alias(&["info@a.de"])),
            ("@c.de".to_owned(), alias(&["@a.de"])),
            ("info@a.de".to_owned(), mailbox(&[], true)),
            ("chef@a.de".to_owned(), mailbox(&["x@extern.example"], false)),
            ("both@a.de".to_owned(), mailbox(&["info@a.de"], true)),
            ("all@a.de".to_owned(), alias(&["info@a.de", "chef@a.de", "nobody@a.de"])),
            ("one@a.de".to_owned(), alias(&["two@a.de"])),
            ("two@a.de".to_owned(), alias(&["one@a.de"])),
            ("self@a.de".to_owned(), alias(&["self@a.de", "info@a.de"])),
        ])
    }

    fn route(mut route: Route) -> Route {
        let all = known();
        for _ in 0..10 {
            let keys = route.open();
            if keys.is_empty() {
                break;
            }
            route.tell(&all.iter().filter(|(k, _)| keys.contains(k)).map(|(k, v)| (k.clone(), v.clone())).collect());
        }
        route
    }

    #[test]
    fn every_way_ends() {
        let post = Some(at("post@h.example"));
        for (address, ends, fine) in [
            ("info@a.de", vec![End::Mailbox("info@a.de".to_owned())], true),
            ("info+shop@a.de", vec![End::Mailbox("info@a.de".to_owned())], true),
            ("x+y@b.de", vec![End::Mailbox("info@a.de".to_owned())], true),
            ("chef@c.de", vec![End::Elsewhere("x@extern.example".to_owned())], true),
            ("both@a.de", vec![End::Mailbox("both@a.de".to_owned()), End::Mailbox("info@a.de".to_owned())], true),
            ("one@a.de", vec![End::Loop("one@a.de".to_owned())], false),
            ("none@a.de", vec![End::Unknown("none@a.de".to_owned())], false),
            ("x@else.example", vec![End::Elsewhere("x@else.example".to_owned())], true),
            ("abuse@a.de", vec![End::Elsewhere("post@h.example".to_owned())], true),
            (
                "all@a.de",
                vec![
                    End::Mailbox("info@a.de".to_owned()),
                    End::Elsewhere("x@extern.example".to_owned()),
                    End::Unknown("nobody@a.de".to_owned()),
                ],
                true,
            ),
        ] {
            let found = route(Route::from(at(address), post.clone()));
            assert_eq!(found.ends.iter().cloned().collect::<Vec<_>>(), ends, "{address}");
            assert_eq!(found.delivers(), fine, "{address}");
        }
    }

    #[test]
    fn a_change_is_judged_before_it_is_made() {
        let change = |from: &str, to: &[&str]| {
            let targets: Vec<_> = to.iter().map(|t| Source::parse(t).unwrap()).collect();
            route(Route::with(&Source::parse(from).unwrap(), &targets, None))
        };
        assert!(!change("new@a.de", &["new@a.de"]).delivers());
        assert!(!change("chef@a.de", &["all@a.de"]).delivers(), "all leads back to chef");
        assert!(change("new@a.de", &["all@a.de"]).delivers());
        assert!(!change("@b.de", &["tippfehler@b.de"]).delivers(), "the old catch-all does not excuse the new one");
        assert!(change("@b.de", &["info@a.de"]).delivers());
        assert!(!change("@a.de", &["@c.de"]).delivers(), "c leads back to a");
        let many: Vec<String> = (0..600).map(|n| format!("n{n}@extern.example")).collect();
        assert!(change("new@a.de", &many.iter().map(String::as_str).collect::<Vec<_>>()).too_many);
    }
}
