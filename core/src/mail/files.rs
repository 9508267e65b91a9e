//! The files that Postfix and Dovecot of one server start from.

use super::{Intent, Mailbox, Source, Withheld, activate, dovecot, dovecot_conf, maps, nftables, postfix, sieve};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
};

/// Which Dovecot reads the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Debian 12.
    Dovecot23,
    /// Debian 13.
    Dovecot24,
}

/// How Postfix keeps its maps. Not `hash:`: newer systems have no Berkeley DB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MapType {
    /// Compiled by postmap; a change is seen at once.
    #[default]
    Lmdb,
    /// Compiled by postmap; a change is seen at once.
    Cdb,
    /// Read as it is; a change is seen after `postfix reload`.
    Texthash,
}

impl MapType {
    /// Its name in Postfix.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lmdb => "lmdb",
            Self::Cdb => "cdb",
            Self::Texthash => "texthash",
        }
    }
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// With the chain to its authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Where and as what the mail server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its full name.
    pub host_name: String,
    /// The only address that it listens on; otherwise all.
    pub listen: Option<IpAddr>,
    /// Folder below which mail lies, as `domain/local`.
    pub mail_dir: PathBuf,
    /// Folder for queue, state and logs; otherwise Debian's own.
    pub run: Option<PathBuf>,
    /// Its certificate.
    pub tls: Option<Tls>,
    /// Where mail to others goes, as Postfix writes it: `[relay.example]:25`. Otherwise to their MX.
    pub relay: Option<String>,
    /// How Postfix keeps its maps.
    pub maps: MapType,
    /// Which Dovecot.
    pub dialect: Dialect,
}

impl Server {
    /// User and group that own all mail.
    pub const MAIL_UID: u32 = 5000;

    /// Whether passwords are taken: with TLS, or where the way is only through the machine itself.
    #[must_use]
    pub fn takes_passwords(&self) -> bool {
        self.tls.is_some() || self.listen.is_some_and(|a| a.is_loopback())
    }

    /// Postfix's queue, in which its sockets are.
    #[must_use]
    pub fn queue(&self) -> PathBuf {
        self.run.as_ref().map_or_else(|| PathBuf::from("/var/spool/postfix"), |run| run.join("postfix/queue"))
    }

    /// Where the two talk to each other.
    pub(super) fn inner(&self) -> IpAddr {
        self.listen.filter(IpAddr::is_loopback).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }
}

/// What there is to write, by path below the folder.
#[derive(Debug, Default)]
pub struct Files {
    /// Path and content, the one that names others last.
    pub files: Vec<(String, String)>,
    /// What is left out.
    pub withheld: Vec<Withheld>,
}

/// Makes the files for a folder whose absolute path is `out`; `local_cf` is the operator's own part of `main.cf`.
#[must_use]
pub fn files(intent: &Intent, server: &Server, out: &Path, local_cf: &str) -> Files {
    let served = maps::Served::of(intent);
    let maps = maps::maps(intent, &served);
    let mut files = vec![
        ("postfix/domains".to_owned(), maps.domains),
        ("postfix/mailboxes".to_owned(), maps.mailboxes),
        ("postfix/aliases".to_owned(), maps.aliases),
        ("postfix/senders".to_owned(), maps.senders),
        ("postfix/frozen".to_owned(), maps.frozen),
    ];
    let mut users = String::with_capacity(served.mailboxes.len() * 160);
    dovecot::users(&served.mailboxes, server.dialect, &mut users);
    files.push(("dovecot/users".to_owned(), users));
    files.push(("dovecot/denied".to_owned(), dovecot::denied(&served.mailboxes)));
    for place in 0..Mailbox::MOST_APP_PASSWORDS {
        files.push((format!("dovecot/app{}", place + 1), dovecot::app_passwords(&served.mailboxes, place)));
    }
    let replying: Vec<&&Mailbox> = served.mailboxes.iter().filter(|m| m.reply.is_some()).collect();
    if !replying.is_empty() {
        let mut others: HashMap<String, Vec<String>> = HashMap::new();
        for (alias, targets) in &served.aliases {
            if let Source::Address(address) = &alias.source {
                for target in targets {
                    others.entry(target.to_string()).or_default().push(address.to_string());
                }
            }
        }
        for mailbox in replying {
            let Some(reply) = &mailbox.reply else { continue };
            let address = mailbox.address.to_string();
            let known = others.remove(&address).unwrap_or_default();
            // A name that is servable is a file's name.
            let path = format!("dovecot/replies/{}/{}.sieve", mailbox.address.domain(), mailbox.address.local());
            files.push((path, sieve::script(reply, &known)));
        }
    }
    files.push(("activate".to_owned(), activate::SCRIPT.replace("{kind}", server.maps.as_str())));
    files.push(("firewall.nft".to_owned(), nftables::TABLE.to_owned()));
    files.push(("dovecot/dovecot.conf".to_owned(), dovecot_conf::conf(server, out)));
    files.push(("postfix/master.cf".to_owned(), postfix::master_cf(server)));
    files.push(("postfix/main.cf".to_owned(), postfix::main_cf(server, out, local_cf)));
    Files { files, withheld: served.withheld }
}
