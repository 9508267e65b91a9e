//! The files that a new machine's web server and PHP start from: nginx or Apache, and a pool of PHP-FPM for each homepage.
//!
//! Every text that comes into a file is a type that is safe in all of them: a [`DomainName`], a [`Target`], a [`PhpVersion`], a path
//! that was judged by [`is_plain`]. So no format needs an escape.

mod activate;
mod apache;
mod fpm;
mod nginx;
mod site;

pub use site::{HostName, Kind, PhpVersion, Site, Target, is_plain};

use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// Which web server reads the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    /// nginx 1.22 and newer.
    Nginx,
    /// Apache 2.4.
    Apache,
}

impl Flavor {
    /// Its folder.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Apache => "apache",
        }
    }
}

/// Where things are on the machine. Every path is absolute and [`is_plain`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// The web server.
    pub flavor: Flavor,
    /// Ports for HTTP and HTTPS.
    pub ports: (u16, u16),
    /// Each homepage has a folder below it.
    pub site_dir: String,
    /// PHP's sockets.
    pub run_dir: String,
    /// Certificates: a folder for each homepage, with `fullchain.pem` and `privkey.pem`.
    pub tls_dir: String,
    /// What whoever signs certificates asks for is answered from here.
    pub acme_dir: String,
    /// The web server's logs.
    pub log_dir: String,
}

impl Machine {
    /// The socket at which a folder's programs are answered: another for each PHP, so that no two of them want one.
    fn socket(&self, folder: &str, version: PhpVersion) -> String {
        format!("{}/{}-{version}.sock", self.run_dir, user_of(folder))
    }
}

/// A homepage that is left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// What there is to write, by path below the folder.
#[derive(Debug, Default)]
pub struct Files {
    /// Path and content.
    pub files: BTreeMap<String, String>,
    /// Names that are left out.
    pub withheld: Vec<Withheld>,
}

/// The user that a homepage's programs run as, who is also its group: one for each folder, never two for one. Linux takes 32 letters.
#[must_use]
pub fn user_of(folder: &str) -> String {
    let label: String = folder.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    let hash: String = Sha256::digest(folder).iter().take(5).fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    });
    format!("w-{label}-{hash}")
}

/// Takes away what another homepage answers for already: a main name is its homepage's before it is anybody's alias.
fn without_conflicts(sites: &[Site], withheld: &mut Vec<Withheld>) -> Vec<Site> {
    let main: BTreeSet<&str> = sites.iter().map(|s| s.name.as_str()).collect();
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    let mut ordered: Vec<&Site> = sites.iter().collect();
    ordered.sort_by(|a, b| a.name.cmp(&b.name));
    let mut out: Vec<Site> = Vec::with_capacity(sites.len());
    for site in ordered {
        if let Some(other) = taken.get(site.name.as_str()) {
            let reason = format!("{other} has this name already");
            withheld.push(Withheld { name: site.name.to_string(), reason });
            continue;
        }
        taken.insert(site.name.to_string(), site.name.to_string());
        let mut kept = site.clone();
        kept.aliases.sort();
        kept.aliases.dedup();
        kept.aliases.retain(|alias| {
            let text = alias.to_string();
            if text == site.name.as_str() {
                return false;
            }
            let other = if main.contains(text.as_str()) { Some(&text) } else { taken.get(&text) };
            if let Some(other) = other {
                let reason = format!("an alias of {}, and {other} has this name", site.name);
                withheld.push(Withheld { name: text, reason });
                return false;
            }
            taken.insert(text, site.name.to_string());
            true
        });
        out.push(kept);
    }
    out
}

/// Makes the files. The same sites in any order make the same octets.
#[must_use]
pub fn files(sites: &[Site], machine: &Machine) -> Files {
    let mut made = Files::default();
    let sites = without_conflicts(sites, &mut made.withheld);
    let dir = machine.flavor.as_str();
    let mut pools: BTreeMap<(String, PhpVersion), ()> = BTreeMap::new();
    for site in &sites {
        let text = match machine.flavor {
            Flavor::Nginx => nginx::site(site, machine),
            Flavor::Apache => apache::site(site, machine),
        };
        made.files.insert(format!("{dir}/{}.conf", site.name), text);
        if let Kind::Php { version } = site.kind {
            pools.insert((site.folder.to_string(), version), ());
        }
    }
    let default = match machine.flavor {
        Flavor::Nginx => nginx::default(machine),
        Flavor::Apache => apache::default(machine),
    };
    made.files.insert(format!("{dir}/00-default.conf"), default);
    for (folder, version) in pools.into_keys() {
        made.files.insert(format!("php/{version}/{}.conf", user_of(&folder)), fpm::pool(&folder, version, machine));
    }
    made.files.insert("sites".to_owned(), activate::sites(&sites));
    made.files.insert("activate".to_owned(), activate::script(&sites, machine));
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::DomainName;
    use proptest::prelude::*;

    fn machine(flavor: Flavor) -> Machine {
        Machine {
            flavor,
            ports: (80, 443),
            site_dir: "/srv/www".to_owned(),
            run_dir: "/run/php".to_owned(),
            tls_dir: "/etc/hostler/tls".to_owned(),
            acme_dir: "/var/lib/hostler/acme".to_owned(),
            log_dir: "/var/log/hostler-web".to_owned(),
        }
    }

    fn site(name: &str, aliases: &[&str], kind: Kind) -> Site {
        let name = DomainName::parse(name).unwrap();
        let aliases = aliases.iter().map(|a| HostName::parse(a).unwrap()).collect();
        Site { folder: name.clone(), name, aliases, kind, secure: false }
    }

    fn some() -> Vec<Site> {
        let target = |t: &str| Target::parse(t).unwrap();
        vec![
            site(
                "www.laden.example",
                &["laden.example", "*.laden.example"],
                Kind::Php { version: PhpVersion::parse("8.2").unwrap() },
            ),
            Site { secure: true, ..site("statisch.example", &["www.statisch.example"], Kind::Static) },
            site("alt.example", &[], Kind::Redirect { to: target("https://neu.example$request_uri") }),
            site("app.example", &[], Kind::Proxy { to: target("http://127.0.0.1:3000") }),
        ]
    }

    #[test]
    fn the_files_are_as_they_were() {
        for flavor in [Flavor::Nginx, Flavor::Apache] {
            let made = files(&some(), &machine(flavor));
            assert!(made.withheld.is_empty());
            insta::assert_json_snapshot!(flavor.as_str(), made.files);
        }
    }

    #[test]
    fn a_name_is_answered_for_by_one() {
        let sites = [
            site("b.example", &["a.example", "x.example", "b.example"], Kind::Static),
            site("a.example", &["x.example"], Kind::Static),
            site("c.example", &["x.example"], Kind::Static),
        ];
        let made = files(&sites, &machine(Flavor::Nginx));
        let told: Vec<String> = made.withheld.iter().map(|w| format!("{}: {}", w.name, w.reason)).collect();
        assert_eq!(
            told,
            [
                "a.example: an alias of b.example, and a.example has this name",
                "x.example: an alias of b.example, and a.example has this name",
                "x.example: an alias of c.example, and a.example has this name",
            ]
        );
    }

    #[test]
    fn users_are_short_and_their_own() {
        let long = format!("{}.example", "ä".repeat(20));
        let long = DomainName::parse(&long).unwrap();
        assert!(user_of(long.as_str()).len() <= 31);
        assert_ne!(user_of("a-b.example"), user_of("ab.example"));
    }

    proptest! {
        #[test]
        fn the_order_of_homepages_changes_nothing(seed in any::<u64>()) {
            let (mut one, other) = (some(), some());
            let n = one.len();
            one.rotate_left(usize::try_from(seed % 7).unwrap() % n);
            if seed % 2 == 0 { one.reverse(); }
            for flavor in [Flavor::Nginx, Flavor::Apache] {
                prop_assert_eq!(files(&one, &machine(flavor)).files, files(&other, &machine(flavor)).files);
            }
        }
    }
}
