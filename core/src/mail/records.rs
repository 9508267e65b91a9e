//! The records that the mail of a domain needs in its zone, and how they stand there. They are offered: what a person wrote
//! is never overwritten unasked.

use super::dkim::{self, PublicKey};
use crate::{
    dns::{RData, RType, Record, rdata::Typed},
    names::{DomainName, Name},
};
use serde::{Deserialize, Serialize};

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Mail arrives (RFC 5321 §5).
    Mx,
    /// Who may send (RFC 7208).
    Spf,
    /// What mail is signed with (RFC 6376).
    Dkim,
    /// What becomes of mail that claims to be from here (RFC 7489).
    Dmarc,
    /// Reports on encrypted delivery (RFC 8460).
    TlsReports,
    /// Delivery to the mail server is encrypted, and to it alone (RFC 8461).
    Sts,
    /// Where mail is read and sent from (RFC 6186, RFC 8314).
    Service,
    /// Where mail programs ask how to set themselves up.
    SetUp,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Mx, Self::Spf, Self::Dkim, Self::Dmarc, Self::TlsReports, Self::Sts, Self::Service, Self::SetUp];

    /// Its name in the API and in the keys of its texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mx => "mx",
            Self::Spf => "spf",
            Self::Dkim => "dkim",
            Self::Dmarc => "dmarc",
            Self::TlsReports => "tls-reports",
            Self::Sts => "mta-sts",
            Self::Service => "service",
            Self::SetUp => "set-up",
        }
    }
}

/// The machines that a domain's records name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// The servers that take the domain's mail, at least one.
    pub mx: Vec<DomainName>,
    /// Servers that send without being one of those.
    pub senders: Vec<DomainName>,
    /// Where people read their mail.
    pub reader: DomainName,
    /// Where people send it.
    pub sender: DomainName,
    /// Where the panel answers mail programs, if it is to be found under a name.
    pub panel: Option<DomainName>,
    /// What the policy on encrypted delivery is called at the moment, if there is one: letters and digits, at most 32.
    pub policy: Option<String>,
}

/// How strictly others are asked to encrypt what they deliver (RFC 8461 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strictness {
    /// Not at all; also how one that was published is taken back (§8.3).
    None,
    /// They report what fails, and deliver.
    Testing,
    /// What fails waits.
    Enforce,
}

impl Strictness {
    /// Its name in the policy and the settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Testing => "testing",
            Self::Enforce => "enforce",
        }
    }
}

/// The policy as it is fetched (RFC 8461 §3.2): a week, so that a mistake is over by then.
#[must_use]
pub fn policy(strictness: Strictness, mx: &[DomainName]) -> String {
    let mx: String = mx.iter().map(|host| format!("mx: {host}\r\n")).collect();
    format!("version: STSv1\r\nmode: {}\r\n{mx}max_age: 604800\r\n", strictness.as_str())
}

/// A record that is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What for.
    pub purpose: Purpose,
    /// The record.
    pub record: Record,
    /// More of its owner and type, where it takes several: a mail server has others beside it.
    pub also: Vec<Record>,
}

impl Need {
    /// All of its records.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        std::iter::once(&self.record).chain(&self.also)
    }

    /// What a form calls it: no two needs of a domain have the same owner and type, but for the texts at the apex, of which
    /// there is one.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {}", self.record.owner, self.record.rtype())
    }
}

/// How a need stands among some records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is met.
    Met,
    /// There is nothing of the kind.
    Missing,
    /// Something of the kind is there, and it is another.
    Differs,
}

impl Standing {
    /// Its name in the API and in the keys of its texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missing => "missing",
            Self::Differs => "differs",
        }
    }
}

/// The record that a key needs below `origin`, unless the name is too long for it.
#[must_use]
pub fn key_need(origin: &Name, key: &PublicKey, ttl: u32) -> Option<Need> {
    need(origin, ttl, (Purpose::Dkim, &format!("{}._domainkey", key.selector)), RType::TXT, &strings(&key.text()))
}

fn need(origin: &Name, ttl: u32, (purpose, owner): (Purpose, &str), rtype: RType, data: &str) -> Option<Need> {
    let owner = Name::parse(owner, Some(origin)).ok()?;
    let data = RData::parse(rtype, data, Some(origin)).ok()?;
    Some(Need { purpose, record: Record { owner, ttl, data }, also: Vec::new() })
}

/// The records that the mail of the domain at `origin` needs; a domain whose name is too long for one of them has no use for it.
#[must_use]
pub fn needed(origin: &Name, hosts: &Hosts, keys: &[PublicKey], ttl: u32) -> Vec<Need> {
    let domain = origin.to_string();
    let domain = domain.trim_end_matches('.');
    let mut out = Vec::new();
    let mut mx = hosts.mx.iter().filter_map(|host| {
        need(origin, ttl, (Purpose::Mx, "@"), RType::MX, &format!("10 {host}.")).map(|need| need.record)
    });
    out.extend(mx.next().map(|record| Need { purpose: Purpose::Mx, record, also: mx.collect() }));
    let others: String = hosts.senders.iter().map(|host| format!(" a:{host}")).collect();
    out.extend(need(origin, ttl, (Purpose::Spf, "@"), RType::TXT, &strings(&format!("v=spf1 mx{others} -all"))));
    out.extend(keys.iter().filter_map(|key| key_need(origin, key, ttl)));
    let mut add = |purpose, owner: &str, rtype, data: &str| {
        out.extend(need(origin, ttl, (purpose, owner), rtype, data));
    };
    add(Purpose::Dmarc, "_dmarc", RType::TXT, &format!("\"v=DMARC1; p=none; rua=mailto:postmaster@{domain}\""));
    add(Purpose::TlsReports, "_smtp._tls", RType::TXT, &format!("\"v=TLSRPTv1; rua=mailto:postmaster@{domain}\""));
    if let (Some(panel), Some(policy)) = (&hosts.panel, &hosts.policy) {
        add(Purpose::Sts, "_mta-sts", RType::TXT, &format!("\"v=STSv1; id={policy}\""));
        add(Purpose::Sts, "mta-sts", RType::CNAME, &format!("{panel}."));
    }
    let (reader, sender) = (&hosts.reader, &hosts.sender);
    for (name, port, host) in [("_imaps", 993, reader), ("_pop3s", 995, reader), ("_submissions", 465, sender)] {
        add(Purpose::Service, &format!("{name}._tcp"), RType::SRV, &format!("0 1 {port} {host}."));
    }
    if let Some(panel) = &hosts.panel {
        add(Purpose::SetUp, "autoconfig", RType::CNAME, &format!("{panel}."));
        add(Purpose::SetUp, "_autodiscover._tcp", RType::SRV, &format!("0 1 443 {panel}."));
    }
    out
}

/// A text as strings of at most 255 octets (RFC 1035 §3.3.14); it holds no quotes.
fn strings(text: &str) -> String {
    let chunks: Vec<String> =
        text.as_bytes().chunks(255).map(|c| format!("\"{}\"", String::from_utf8_lossy(c))).collect();
    chunks.join(" ")
}

fn text(data: &RData) -> String {
    String::from_utf8_lossy(&data.joined_text().unwrap_or_default()).into_owned()
}

/// Whether a record is of the kind of a need: it would stand beside it, or in its place.
fn same_kind(need: &Need, record: &Record) -> bool {
    if record.owner != need.record.owner {
        return false;
    }
    let version = |start: &str| {
        let text = text(&record.data);
        record.rtype() == RType::TXT && text.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start))
    };
    match need.purpose {
        Purpose::Spf => version("v=spf1"),
        Purpose::Dmarc => version("v=DMARC1"),
        Purpose::TlsReports => version("v=TLSRPTv1"),
        Purpose::Sts if need.record.rtype() == RType::TXT => version("v=STSv1"),
        // A name with a CNAME has nothing else, and that of a key has nothing but the key.
        Purpose::Dkim => true,
        Purpose::Sts | Purpose::SetUp if need.record.rtype() == RType::CNAME => true,
        Purpose::Mx | Purpose::Sts | Purpose::Service | Purpose::SetUp => record.rtype() == need.record.rtype(),
    }
}

/// The value of a tag (`name=value; …`).
fn tag<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let tags = text.split(';').filter_map(|t| t.split_once('='));
    tags.map(|(n, v)| (n.trim(), v.trim())).find(|(n, _)| *n == name).map(|(_, v)| v)
}

/// Whether records of its kind meet a need, also where a person wrote them otherwise.
fn met(need: &Need, found: &[&Record]) -> bool {
    match need.purpose {
        // One policy, whatever it is: that is the domain's own business.
        Purpose::Dmarc | Purpose::TlsReports => found.len() == 1,
        // The mail servers send, so they must be among those who may.
        Purpose::Spf => {
            let words = |data: &RData| -> Vec<String> {
                let text = text(data).to_ascii_lowercase();
                text.split_whitespace().map(|word| word.trim_start_matches('+').to_owned()).collect()
            };
            let wanted = words(&need.record.data);
            let ours: Vec<&String> = wanted.iter().filter(|w| *w == "mx" || w.starts_with("a:")).collect();
            let named = |r: &&Record| {
                let there = words(&r.data);
                ours.iter().all(|w| there.contains(w))
            };
            found.len() == 1 && found.iter().all(named)
        }
        // Another server with a larger number is a reserve; none may come before ours, and all of ours are there.
        Purpose::Mx => {
            let best = |r: &&&Record| match r.data.typed() {
                Typed::Mx { preference, .. } => preference,
                _ => u16::MAX,
            };
            let least = found.iter().map(|r| best(&r)).min();
            let exchange = |r: &Record| match r.data.typed() {
                Typed::Mx { exchange, .. } => Some(exchange),
                _ => None,
            };
            let ours: Vec<_> = need.records().map(exchange).collect();
            let all: Vec<_> = found.iter().map(|r| exchange(r)).collect();
            let mut first = found.iter().filter(|r| Some(best(r)) == least).map(|r| exchange(r));
            first.all(|host| ours.contains(&host)) && ours.iter().all(|host| all.contains(host))
        }
        Purpose::Dkim => {
            let wanted = dkim::given(&text(&need.record.data));
            found.len() == 1 && found.iter().all(|r| dkim::given(&text(&r.data)) == wanted)
        }
        Purpose::Sts if need.record.rtype() == RType::TXT => {
            found.len() == 1 && found.iter().all(|r| tag(&text(&r.data), "id") == tag(&text(&need.record.data), "id"))
        }
        Purpose::Sts | Purpose::Service | Purpose::SetUp => found.iter().any(|r| r.data == need.record.data),
    }
}

/// How a need stands among these records, and which of them are of its kind, by their places.
#[must_use]
pub fn standing(need: &Need, records: &[Record]) -> (Standing, Vec<usize>) {
    let places: Vec<usize> = records.iter().enumerate().filter(|(_, r)| same_kind(need, r)).map(|(i, _)| i).collect();
    let found: Vec<&Record> = places.iter().filter_map(|i| records.get(*i)).collect();
    let standing = match (found.is_empty(), met(need, &found)) {
        (true, _) => Standing::Missing,
        (false, true) => Standing::Met,
        (false, false) => Standing::Differs,
    };
    (standing, places)
}

#[cfg(test)]
mod tests {
    use super::super::dkim::{Algorithm, Selector};
    use super::*;
    use crate::dns::parse;

    fn key() -> PublicKey {
        PublicKey {
            selector: Selector::parse("r1").unwrap(),
            algorithm: Algorithm::Rsa2048,
            data: "aaaabbbb".to_owned(),
        }
    }

    fn judged(zone: &str) -> Vec<(String, Standing)> {
        let origin = Name::parse("k.example.", None).unwrap();
        let mail = DomainName::parse("mx.h.example").unwrap();
        let hosts = Hosts {
            mx: vec![mail.clone()],
            senders: Vec::new(),
            reader: mail.clone(),
            sender: mail,
            panel: Some(DomainName::parse("panel.h.example").unwrap()),
            policy: Some("p1".to_owned()),
        };
        let records = parse(format!("$TTL 60\n{zone}").as_bytes(), &origin).unwrap().zone.records;
        let needs = needed(&origin, &hosts, &[key()], 3600);
        needs.iter().map(|n| (n.record.owner.to_string(), standing(n, &records).0)).collect()
    }

    #[test]
    fn what_is_missing_met_or_another() {
        let origin = Name::parse("k.example.", None).unwrap();
        let mail = DomainName::parse("mx.h.example").unwrap();
        let hosts = Hosts {
            panel: Some(mail.clone()),
            mx: vec![mail.clone()],
            senders: Vec::new(),
            reader: mail.clone(),
            sender: mail,
            policy: Some("p1".to_owned()),
        };
        let keys: Vec<_> = needed(&origin, &hosts, &[key()], 60).iter().map(Need::key).collect();
        assert_eq!(keys.iter().collect::<std::collections::HashSet<_>>().len(), keys.len(), "{keys:?}");
        assert!(judged("").iter().all(|(_, s)| *s == Standing::Missing));
        let whole = "@ MX 10 MX.h.example.\n@ TXT \"v=spf1 include:x.example \" \"mx ~all\"\n_dmarc TXT \"v=DMARC1; p=reject\"\n\
            _smtp._tls TXT \"v=TLSRPTv1; rua=mailto:x@y.example\"\n_imaps._tcp SRV 0 1 993 mx.h.example.\n_pop3s._tcp SRV 0 1 995 mx.h.example.\n\
            _submissions._tcp SRV 0 1 465 mx.h.example.\nautoconfig CNAME panel.h.example.\n_mta-sts TXT \"v=STSv1;id=p1;\"\nmta-sts CNAME panel.h.example.\n\
            r1._domainkey TXT \"k=rsa; \" \"p=aaaa\" \"bbbb\"\n_autodiscover._tcp SRV 0 1 443 panel.h.example.\n";
        assert!(judged(whole).iter().all(|(_, s)| *s == Standing::Met), "{:?}", judged(whole));
        for (zone, name) in [
            ("@ MX 10 alt.example.", "k.example."),
            ("@ MX 5 alt.example.\n@ MX 10 mx.h.example.", "k.example."),
            ("@ MX 10 alt.example.\n@ MX 10 mx.h.example.", "k.example."),
            ("@ TXT \"v=spf1 ip4:192.0.2.1 -all\"", "k.example."),
            ("_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc TXT \"v=DMARC1; p=reject\"", "_dmarc.k.example."),
            ("_imaps._tcp SRV 0 0 0 .", "_imaps._tcp.k.example."),
            ("autoconfig A 192.0.2.1", "autoconfig.k.example."),
            ("mta-sts A 192.0.2.1", "mta-sts.k.example."),
            ("_mta-sts TXT \"v=STSv1; id=p0\"", "_mta-sts.k.example."),
            ("r1._domainkey TXT \"v=DKIM1; p=aaaacccc\"", "r1._domainkey.k.example."),
            ("r1._domainkey CNAME k.other.example.", "r1._domainkey.k.example."),
            ("r1._domainkey TXT \"p=aaaabbbb\"\nr1._domainkey TXT \"p=aaaabbbb\" \" \"", "r1._domainkey.k.example."),
        ] {
            let differs: Vec<_> = judged(zone).into_iter().filter(|(_, s)| *s == Standing::Differs).collect();
            assert_eq!(differs.len(), 1, "{zone}: {differs:?}");
            assert_eq!(differs[0].0, name, "{zone}");
        }
        several_servers(&origin, hosts);
        // A reserve behind ours is fine; other texts are nobody's business here.
        let fine = judged("@ MX 10 mx.h.example.\n@ MX 50 backup.example.\n@ TXT \"verify=1\"");
        assert_eq!((fine[0].1, fine[1].1), (Standing::Met, Standing::Missing));
    }

    fn several_servers(origin: &Name, mut hosts: Hosts) {
        let name = |text: &str| DomainName::parse(text).unwrap();
        hosts.mx = vec![name("a.h.example"), name("b.h.example")];
        hosts.senders = vec![name("s.h.example")];
        let needs = needed(origin, &hosts, &[], 60);
        assert_eq!(needs[0].records().count(), 2);
        let stands = |zone: &str| {
            let records = parse(format!("$TTL 60\n{zone}").as_bytes(), origin).unwrap().zone.records;
            (standing(&needs[0], &records).0, standing(&needs[1], &records).0)
        };
        let (met, differs) = (Standing::Met, Standing::Differs);
        for (zone, mx, spf) in [
            ("@ MX 10 a.h.example.\n@ MX 20 b.h.example.\n@ TXT \"v=spf1 a:S.h.example mx -all\"", met, met),
            ("@ MX 10 a.h.example.\n@ TXT \"v=spf1 mx -all\"", differs, differs),
            (
                "@ MX 10 a.h.example.\n@ MX 10 b.h.example.\n@ MX 5 alt.example.\n@ TXT \"v=spf1 a:s.h.example -all\"",
                differs,
                differs,
            ),
            (
                "@ MX 10 a.h.example.\n@ MX 10 b.h.example.\n@ MX 50 alt.example.\n@ TXT \"v=spf1 +mx +a:s.h.example ?all\"",
                met,
                met,
            ),
        ] {
            assert_eq!(stands(zone), (mx, spf), "{zone}");
        }
        let text = policy(Strictness::Enforce, &hosts.mx);
        assert!(text.contains("mx: a.h.example\r\nmx: b.h.example\r\n"), "{text}");
    }
}
