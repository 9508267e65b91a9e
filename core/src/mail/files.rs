//! The files that Postfix and Dovecot of one server start from.

use super::{
    Intent, Mailbox, Role, ServerName, Source, Withheld, activate, dovecot, dovecot_conf, fleet::Seat, maps, nftables,
    postfix, rspamd, sieve,
};
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
    /// Which of the provider's servers it is; without a name it does everything for everybody.
    pub name: Option<ServerName>,
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
    /// Whether rspamd judges arriving mail and signs what people send.
    pub rspamd: bool,
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

    /// Where they talk to each other.
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

/// Postfix's maps; `activate` compiles them in this order: the way to another home is known before what waits is let go.
pub(super) const MAPS: [&str; 7] = ["domains", "mailboxes", "aliases", "senders", "transports", "elsewhere", "frozen"];

/// Every file that a server may have besides those of single mailboxes and keys: what is not made is taken away.
pub fn parts() -> impl Iterator<Item = String> {
    let maps = MAPS.iter().map(|map| format!("postfix/{map}"));
    let apps = (1..=Mailbox::MOST_APP_PASSWORDS).map(|place| format!("dovecot/app{place}"));
    let others = ["postfix/main.cf", "postfix/master.cf", "dovecot/dovecot.conf", "dovecot/users", "dovecot/elsewhere"];
    let others = others.into_iter().chain(["dovecot/denied", "firewall.nft", "rspamd/keys"]);
    maps.chain(apps).chain(others.map(str::to_owned))
}

/// Makes the files for a folder whose absolute path is `out`; `local_cf` is the operator's own part of `main.cf`. `None` if
/// the intent has no server of that name.
#[must_use]
pub fn files(intent: &Intent, server: &Server, out: &Path, local_cf: &str) -> Option<Files> {
    let seat = &Seat::of(intent, server)?;
    let served = maps::Served::of(intent, seat);
    // Mail to the server itself, such as cron's, is the postmaster's, unless its name is a domain like others.
    let own_name = intent.postmaster.is_some() && !intent.domains.iter().any(|d| d.as_str() == server.host_name);
    let mut files = Vec::new();
    if seat.has_dovecot() {
        dovecot_files(&mut files, &served, server, seat);
    }
    if seat.has(Role::Store) {
        scripts(&mut files, &served, seat);
    }
    if server.rspamd && seat.signs() {
        files.extend(rspamd::files(server, &intent.keys, &intent.spam));
    }
    files.push(("activate".to_owned(), activate::script(server, seat)));
    if seat.is_read() {
        files.push(("firewall.nft".to_owned(), nftables::table(seat)));
    }
    if seat.has_dovecot() {
        files.push(("dovecot/dovecot.conf".to_owned(), dovecot_conf::conf(server, seat, out)));
    }
    if seat.has_postfix() {
        let m = maps::maps(intent, &served, seat, own_name.then_some(server.host_name.as_str()));
        let texts = [m.domains, m.mailboxes, m.aliases, m.senders, m.transports, m.elsewhere, m.frozen];
        files.extend(MAPS.iter().zip(texts).map(|(name, text)| (format!("postfix/{name}"), text)));
        files.push(("postfix/master.cf".to_owned(), postfix::master_cf(server, seat, out)));
        files.push(("postfix/main.cf".to_owned(), postfix::main_cf(server, seat, out, own_name, local_cf)));
    }
    Some(Files { files, withheld: [intent.withheld.clone(), served.withheld].concat() })
}

/// Who may log in, and with what.
fn dovecot_files(files: &mut Vec<(String, String)>, served: &maps::Served<'_>, server: &Server, seat: &Seat<'_>) {
    let (here, elsewhere): (Vec<&Mailbox>, Vec<&Mailbox>) = served.mailboxes.iter().partition(|m| seat.is_home(m));
    let mut users = String::with_capacity(here.len() * 160);
    dovecot::users(&here, seat, &server.mail_dir, &mut users);
    files.push(("dovecot/users".to_owned(), users));
    let known = if seat.knows_all() {
        files.push(("dovecot/elsewhere".to_owned(), dovecot::elsewhere(&elsewhere, seat)));
        served.mailboxes.clone()
    } else {
        here
    };
    files.push(("dovecot/denied".to_owned(), dovecot::denied(&known, seat)));
    for place in 0..Mailbox::MOST_APP_PASSWORDS {
        files.push((format!("dovecot/app{}", place + 1), dovecot::app_passwords(&known, seat, place)));
    }
}

/// What mailboxes that live here do with their mail.
fn scripts(files: &mut Vec<(String, String)>, served: &maps::Served<'_>, seat: &Seat<'_>) {
    let scripted: Vec<&&Mailbox> =
        served.mailboxes.iter().filter(|m| seat.is_home(m) && (m.reply.is_some() || m.junk_at.is_some())).collect();
    if scripted.is_empty() {
        return;
    }
    let mut others: HashMap<String, Vec<String>> = HashMap::new();
    for (alias, targets) in &served.aliases {
        if let Source::Address(address) = &alias.source {
            for target in targets {
                others.entry(target.to_string()).or_default().push(address.to_string());
            }
        }
    }
    for mailbox in scripted {
        let address = mailbox.address.to_string();
        let known = others.remove(&address).unwrap_or_default();
        // A name that is servable is a file's name.
        let path = format!("dovecot/replies/{}/{}.sieve", mailbox.address.domain(), mailbox.address.local());
        files.push((path, sieve::script(mailbox.junk_at, mailbox.reply.as_ref(), &known)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        Alias, AppPassword, MailServer, Protocol, Reply, Secret, SigningKey, SpamLevel, Storage,
        dkim::{PrivateKey, Selector},
    };
    use super::*;
    use crate::names::{DomainName, EmailAddress};
    use proptest::prelude::*;

    fn server(dialect: Dialect) -> Server {
        Server {
            name: None,
            host_name: "mx.h.example".to_owned(),
            listen: None,
            mail_dir: PathBuf::from("/var/vmail"),
            run: None,
            tls: Some(Tls { certificate: PathBuf::from("/etc/tls/chain.pem"), key: PathBuf::from("/etc/tls/key.pem") }),
            relay: None,
            maps: MapType::Lmdb,
            dialect,
            rspamd: true,
        }
    }

    fn intent() -> Intent {
        let at = |text: &str| EmailAddress::parse(text).unwrap();
        let domain = |text: &str| DomainName::parse(text).unwrap();
        let secret = |text: &str| Secret::parse(text).unwrap();
        let alias = |from: &str, to: &[&str]| Alias {
            source: Source::parse(from).unwrap(),
            targets: to.iter().map(|t| Source::parse(t).unwrap()).collect(),
        };
        let mut chef = Mailbox::new(at("chef@a.de"));
        chef.secret = Some(secret("$6$salt$hash"));
        chef.quota_bytes = Some(1_000_000);
        chef.quota_messages = Some(500);
        chef.storage = Storage::Mdbox;
        chef.send_as = vec![at("info@müller.de")];
        chef.app_passwords = vec![AppPassword {
            secret: secret("{SSHA}app"),
            protocols: [Protocol::Imap, Protocol::Submission].into_iter().collect(),
        }];
        let mut away = Mailbox::new(at("weg@a.de"));
        away.protocols = [Protocol::Imap].into_iter().collect();
        away.reply = Some(Reply {
            from: Some("2026-12-24".to_owned()),
            until: None,
            subject: "Bin \"weg\"".to_owned(),
            text: "Zurück\nam Montag".to_owned(),
            days: 3,
        });
        away.forward = vec![at("x@else.example")];
        away.frozen = true;
        Intent {
            servers: Vec::new(),
            domains: vec![domain("a.de"), domain("müller.de")],
            mailboxes: vec![chef, away, Mailbox::new(at("a/b@a.de")), Mailbox::new(at("x@fremd.de"))],
            aliases: vec![
                alias("alle@a.de", &["chef@a.de", "weg@a.de", "niemand@a.de"]),
                alias("@müller.de", &["chef@a.de"]),
                alias("tot@a.de", &["auch-niemand@a.de"]),
            ],
            keys: ["r1", "e1"]
                .map(|selector| SigningKey {
                    domain: domain("müller.de"),
                    selector: Selector::parse(selector).unwrap(),
                    key: PrivateKey::new(format!("the key {selector}\n")),
                })
                .into(),
            spam: vec![SpamLevel { domain: domain("müller.de"), mark_at: 4, refuse_at: 9 }],
            withheld: Vec::new(),
            postmaster: Some(at("post@h.example")),
        }
    }

    #[test]
    fn a_whole_server_in_both_dialects() {
        for dialect in [Dialect::Dovecot23, Dialect::Dovecot24] {
            let made = files(&intent(), &server(dialect), Path::new("/etc/hostler"), "smtpd_tls_loglevel = 1").unwrap();
            let mut all = String::new();
            for (path, content) in &made.files {
                all.push_str(&format!("==> {path}\n{content}\n"));
            }
            for Withheld { what, reason } in &made.withheld {
                all.push_str(&format!("left out: {what}: {reason}\n"));
            }
            insta::assert_snapshot!(format!("{dialect:?}"), all);
        }
    }

    #[test]
    fn each_of_several_servers_knows_the_others() {
        let mut intent = intent();
        let peer = |name: &str, address: &str, roles: &[Role]| MailServer {
            name: ServerName::parse(name).unwrap(),
            host_name: DomainName::parse(&format!("{name}.h.example")).unwrap(),
            address: address.parse().unwrap(),
            roles: roles.iter().copied().collect(),
        };
        intent.servers = vec![
            peer("door", "192.0.2.1", &[Role::Mx, Role::Submission, Role::Proxy]),
            peer("new", "192.0.2.2", &[Role::Store, Role::Proxy]),
            peer("old", "192.0.2.3", &[Role::Store]),
        ];
        intent.mailboxes[0].home = Some(1);
        intent.mailboxes[0].delay_until = Some(1_800_000_000);
        intent.mailboxes[1].home = Some(2);
        let mut all = String::new();
        for place in &intent.servers {
            for dialect in [Dialect::Dovecot23, Dialect::Dovecot24] {
                let mut server = server(dialect);
                server.name = Some(place.name.clone());
                server.host_name = place.host_name.to_string();
                let made = files(&intent, &server, Path::new("/etc/hostler"), "").unwrap();
                assert!(made.files.iter().all(|(path, _)| parts().any(|p| p == *path)
                    || ["activate"].contains(&path.as_str())
                    || path.contains("/replies/")
                    || path.starts_with("rspamd/")));
                for (path, content) in &made.files {
                    // What is as it is on every server, the other snapshots hold.
                    let same = ["aliases", "domains", "mailboxes", "senders", "activate"];
                    let both = dialect == Dialect::Dovecot23 || path.starts_with("dovecot/");
                    if both && !path.starts_with("rspamd/") && !same.iter().any(|s| path.ends_with(s)) {
                        all.push_str(&format!("==> {} {dialect:?} {path}\n{content}\n", place.name));
                    }
                }
            }
        }
        insta::assert_snapshot!("several", all);
        let alone = files(&intent, &server(Dialect::Dovecot23), Path::new("/etc/hostler"), "").unwrap();
        let text: String = alone.files.into_iter().map(|(_, content)| content).collect();
        assert!(!text.contains("delay_until") && !text.contains("proxy_maybe"), "alone nothing has moved");
        let mut nobody = server(Dialect::Dovecot23);
        nobody.name = Some(ServerName::parse("nobody").unwrap());
        assert!(files(&intent, &nobody, Path::new("/x"), "").is_none());
    }

    #[test]
    fn without_a_certificate_no_password_is_taken_from_afar() {
        let mut server = server(Dialect::Dovecot23);
        server.tls = None;
        let text = |server: &Server| {
            let made = files(&intent(), server, Path::new("/etc/hostler"), "").unwrap();
            made.files.into_iter().map(|(_, content)| content).collect::<String>()
        };
        let far = text(&server);
        assert!(far.contains("disable_plaintext_auth = yes") && !far.contains("587 inet"));
        server.listen = Some(IpAddr::V4(Ipv4Addr::new(127, 1, 2, 3)));
        assert!(text(&server).contains("127.1.2.3:587 inet"));
    }

    proptest! {
        /// Whatever an address, a hash or a text holds: each map has one key a line, each passwd-file seven colons, and nothing
        /// of one value is taken for the beginning of another.
        #[test]
        fn no_value_leaves_its_place(local in "\\PC{1,20}", hash in "\\PC{0,40}", target in "\\PC{1,30}") {
            let mut intent = Intent { domains: vec![DomainName::parse("a.de").unwrap()], ..Intent::default() };
            let mut expected = None;
            if let Ok(address) = EmailAddress::parse(&format!("{local}@a.de")) {
                let mut mailbox = Mailbox::new(address.clone());
                mailbox.secret = Secret::parse(&hash).ok();
                mailbox.forward.extend(EmailAddress::parse(&target));
                if super::super::servable(&address, true).is_ok() {
                    expected = Some((address.to_string(), mailbox.secret.clone()));
                }
                intent.mailboxes.push(mailbox);
            }
            let made = files(&intent, &server(Dialect::Dovecot23), Path::new("/x"), "").unwrap();
            let file = |name: &str| made.files.iter().find(|(path, _)| path == name).map(|(_, text)| text.clone()).unwrap();
            let read: Vec<String> = file("dovecot/users").lines().map(str::to_owned).collect();
            match &expected {
                None => prop_assert!(read.is_empty()),
                Some((address, secret)) => {
                    let fields: Vec<&str> = read[0].split(':').collect();
                    prop_assert_eq!(read.len(), 1);
                    prop_assert_eq!(fields[0], address);
                    prop_assert_eq!(fields[1], secret.as_ref().map_or("{CRYPT}*", Secret::expose));
                    prop_assert_eq!(fields.len(), 8);
                }
            }
            for map in ["postfix/mailboxes", "postfix/aliases", "postfix/senders"] {
                for line in file(map).lines() {
                    let (key, value) = line.split_once(' ').unwrap();
                    prop_assert!(EmailAddress::parse(key).is_ok(), "{}", line);
                    prop_assert!(value == "OK" || value.split(", ").all(|v| EmailAddress::parse(v).is_ok()), "{}", line);
                }
            }
        }
    }
}
