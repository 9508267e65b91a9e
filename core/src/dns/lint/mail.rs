//! Texts that mail servers read: SPF, DKIM, DMARC, MTA-STS, TLS-RPT.

use super::{Finding, Index, Rule, index::Coverage};
use crate::{
    dns::{RType, Record},
    names::Name,
};
use std::{
    collections::HashSet,
    net::{Ipv4Addr, Ipv6Addr},
};

/// DNS lookups that an SPF evaluation may cost (RFC 7208 §4.6.4).
const SPF_LOOKUPS: usize = 10;

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Finding>) {
    for (owner, records) in &index.by_owner {
        let texts: Vec<(usize, &Record, String)> = records
            .iter()
            .filter(|(_, r)| r.rtype() == RType::TXT)
            .filter_map(|(i, r)| Some((*i, *r, String::from_utf8_lossy(&r.data.joined_text()?).into_owned())))
            .collect();
        spf(index, owner, &texts, out);
        if let Some((i, record)) = records.iter().find(|(_, r)| r.rtype() == RType::SPF) {
            out.push(Finding::at(Rule::SpfType, record, *i, &[]));
        }
        let labels: Vec<String> =
            owner.labels().take(2).map(|l| String::from_utf8_lossy(l).to_ascii_lowercase()).collect();
        let (first, second) = (labels.first().map_or("", String::as_str), labels.get(1).map_or("", String::as_str));
        match (first, second) {
            ("_dmarc", _) => dmarc(owner, &texts, out),
            ("_mta-sts", _) => each(&texts, "v=STSv1", Rule::MtaStsSyntax, mta_sts, out),
            ("_smtp", "_tls") => each(&texts, "v=TLSRPTv1", Rule::TlsrptSyntax, tlsrpt, out),
            (_, "_domainkey") => {
                for (i, record, text) in &texts {
                    if let Err(reason) = dkim(text) {
                        out.push(Finding::at(Rule::DkimSyntax, record, *i, &[&reason]));
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_spf(text: &str) -> bool {
    let head = text.get(..6).unwrap_or_default();
    head.eq_ignore_ascii_case("v=spf1") && (text.len() == 6 || text.get(6..7) == Some(" "))
}

fn spf(index: &Index<'_>, owner: &Name, texts: &[(usize, &Record, String)], out: &mut Vec<Finding>) {
    let found: Vec<_> = texts.iter().filter(|(_, _, text)| is_spf(text)).collect();
    let Some((i, record, _)) = found.first() else { return };
    if found.len() > 1 {
        out.push(Finding::at(Rule::SpfSeveral, record, *i, &[owner, &found.len()]));
    }
    for (i, record, text) in found {
        for term in text.split(' ').skip(1).filter(|t| !t.is_empty()) {
            match spf_term(term) {
                None => out.push(Finding::at(Rule::SpfSyntax, record, *i, &[&term])),
                Some(("ptr", _)) => out.push(Finding::at(Rule::SpfPtr, record, *i, &[])),
                Some(_) => {}
            }
        }
        let lookups = spf_lookups(index, text);
        if lookups > SPF_LOOKUPS {
            out.push(Finding::at(Rule::SpfLookups, record, *i, &[&lookups]));
        }
    }
}

/// The mechanism or modifier, in lower case, and its value.
fn spf_term(term: &str) -> Option<(&'static str, &str)> {
    if let Some((name, value)) =
        term.split_once('=').filter(|(n, _)| n.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)))
    {
        return match name.to_ascii_lowercase().as_str() {
            "redirect" => (!value.is_empty()).then_some(("redirect", value)),
            // Unknown modifiers are ignored (RFC 7208 §6).
            _ => name.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(("modifier", value)),
        };
    }
    let bare = term.strip_prefix(['+', '-', '?', '~']).unwrap_or(term);
    let split = bare.find([':', '/']).unwrap_or(bare.len());
    let (name, rest) = bare.split_at(split);
    let value = rest.strip_prefix(':').unwrap_or(rest);
    let domain = !value.is_empty() && rest.starts_with(':') && !value.contains(char::is_whitespace);
    let prefix = |most: u8| {
        let (ip, len) = value.split_once('/').unwrap_or((value, ""));
        (len.is_empty() && !value.ends_with('/') || len.parse::<u8>().is_ok_and(|n| n <= most)).then_some(ip)
    };
    match name.to_ascii_lowercase().as_str() {
        "all" => rest.is_empty().then_some(("all", "")),
        "include" => domain.then_some(("include", value)),
        "exists" => domain.then_some(("exists", value)),
        "a" => Some(("a", value)),
        "mx" => Some(("mx", value)),
        "ptr" => Some(("ptr", value)),
        "ip4" => prefix(32)?.parse::<Ipv4Addr>().ok().map(|_| ("ip4", value)),
        "ip6" => prefix(128)?.parse::<Ipv6Addr>().ok().map(|_| ("ip6", value)),
        _ => None,
    }
}

/// Lookups that this record costs for certain: its own terms, and those of the includes that this zone answers. It stops
/// counting once there are too many: a chain of includes may be as long as the zone.
fn spf_lookups(index: &Index<'_>, text: &str) -> usize {
    let mut count = 0;
    let mut seen = HashSet::new();
    let mut open = vec![text.to_owned()];
    while let Some(text) = open.pop() {
        for term in text.split(' ').skip(1).filter_map(spf_term) {
            match term {
                ("a" | "mx" | "ptr" | "exists", _) => count += 1,
                ("include" | "redirect", target) => {
                    count += 1;
                    let name = Name::parse(&format!("{}.", target.trim_end_matches('.')), None);
                    if let (Ok(name), true) = (name, seen.insert(target.to_ascii_lowercase()))
                        && let Coverage::Records(records) = index.coverage(&name)
                    {
                        let texts = records.iter().filter_map(|(_, r)| r.data.joined_text());
                        open.extend(texts.map(|t| String::from_utf8_lossy(&t).into_owned()).filter(|t| is_spf(t)));
                    }
                }
                _ => {}
            }
            if count > SPF_LOOKUPS {
                return count;
            }
        }
    }
    count
}

/// `tag=value` pairs between semicolons (RFC 6376 §3.2); `None` if the text is no such list.
fn tags(text: &str) -> Option<Vec<(&str, &str)>> {
    let mut found = Vec::new();
    for part in text.split(';') {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let (tag, value) = part.split_once('=')?;
        found.push((tag.trim(), value.trim()));
    }
    Some(found)
}

fn dmarc(owner: &Name, texts: &[(usize, &Record, String)], out: &mut Vec<Finding>) {
    let records: Vec<_> = texts.iter().filter(|(_, _, t)| t.to_ascii_lowercase().contains("v=dmarc1")).collect();
    if let (true, Some((i, record, _))) = (records.len() > 1, records.first()) {
        out.push(Finding::at(Rule::DmarcSeveral, record, *i, &[owner, &records.len()]));
    }
    for (i, record, text) in records {
        let wrong = match tags(text) {
            None => Some(text.as_str()),
            Some(tags) if tags.first() != Some(&("v", "DMARC1")) => Some("v"),
            Some(tags) => tags.iter().find(|(tag, value)| !dmarc_tag(tag, value)).map(|(tag, _)| *tag),
        };
        if let Some(wrong) = wrong {
            let short: String = wrong.chars().take(60).collect();
            out.push(Finding::at(Rule::DmarcSyntax, record, *i, &[&short]));
        }
    }
}

fn dmarc_tag(tag: &str, value: &str) -> bool {
    match tag {
        "p" | "sp" | "np" => ["none", "quarantine", "reject"].iter().any(|v| value.eq_ignore_ascii_case(v)),
        "adkim" | "aspf" => ["r", "s"].iter().any(|v| value.eq_ignore_ascii_case(v)),
        "rua" | "ruf" => value.split(',').all(|uri| {
            let uri = uri.trim();
            uri.get(..7).is_some_and(|s| s.eq_ignore_ascii_case("mailto:")) && uri.contains('@')
        }),
        "pct" => value.parse::<u8>().is_ok_and(|n| n <= 100),
        // Unknown tags are ignored (RFC 9989 §4.7).
        _ => true,
    }
}

/// Says what is wrong with a list of tags.
type TagCheck = fn(&[(&str, &str)]) -> Result<(), &'static str>;
type Lines<'a> = [(usize, &'a Record, String)];

fn each(texts: &Lines<'_>, head: &str, rule: Rule, check: TagCheck, out: &mut Vec<Finding>) {
    for (i, record, text) in texts.iter().filter(|(_, _, t)| t.starts_with("v=")) {
        let result = match tags(text) {
            _ if !text.starts_with(head) => Err("it does not start with its version"),
            None => Err("it is no list of tag=value"),
            Some(tags) => check(&tags),
        };
        if let Err(reason) = result {
            out.push(Finding::at(rule, record, *i, &[&reason]));
        }
    }
}

fn mta_sts(tags: &[(&str, &str)]) -> Result<(), &'static str> {
    match tags.iter().find(|(tag, _)| *tag == "id") {
        None => Err("id is missing"),
        Some((_, id)) if (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric()) => Ok(()),
        Some(_) => Err("id must be 1 to 32 letters and digits"),
    }
}

fn tlsrpt(tags: &[(&str, &str)]) -> Result<(), &'static str> {
    match tags.iter().find(|(tag, _)| *tag == "rua") {
        None => Err("rua is missing"),
        Some((_, rua)) if rua.split(',').all(|u| u.trim().starts_with("mailto:") || u.trim().starts_with("https:")) => {
            Ok(())
        }
        Some(_) => Err("rua must be mailto: or https:"),
    }
}

fn dkim(text: &str) -> Result<(), String> {
    let tags = tags(text).ok_or("it is no list of tag=value")?;
    let find = |name: &str| tags.iter().find(|(tag, _)| *tag == name).map(|(_, value)| *value);
    if let Some(version) = find("v")
        && (version != "DKIM1" || tags.first().map(|(tag, _)| *tag) != Some("v"))
    {
        return Err("v must be DKIM1 and stand first".to_owned());
    }
    let algorithm = find("k").unwrap_or("rsa");
    if !matches!(algorithm, "rsa" | "ed25519") {
        return Err(format!("k={algorithm} is no key type"));
    }
    let key: Vec<u8> = find("p").ok_or("p is missing")?.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    // An empty key says that the selector is revoked.
    if key.is_empty() {
        return Ok(());
    }
    let octets = crate::dns::fields::from_base64(&key).ok_or("p is not base 64")?;
    match algorithm {
        "ed25519" if octets.len() != 32 => Err("p of an ed25519 key must be 32 octets (RFC 8463 §4)".to_owned()),
        // A SubjectPublicKeyInfo of 1024 bits is 162 octets long.
        "rsa" if octets.len() < 160 => Err("p is shorter than an RSA key of 1024 bits (RFC 8301 §3.2)".to_owned()),
        _ => Ok(()),
    }
}
