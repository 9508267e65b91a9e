//! Records as people type them: fields of a form, of the API, of the editor in the browser.

use super::{RData, RDataError, RType, Record, ttl};
use crate::names::Name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A record as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordInput {
    /// Owner: `@`, relative, or absolute with a final dot.
    pub owner: String,
    /// Seconds or units; empty for the SOA's.
    pub ttl: String,
    /// Type.
    pub rtype: String,
    /// Data.
    pub data: String,
}

/// Fields (`owner`, `ttl`, `rtype`, `data`) and what is wrong with each.
pub type Wrong = BTreeMap<&'static str, String>;

/// Reads a typed record; every field that is wrong says so.
///
/// # Errors
/// The fields and what is wrong with them.
pub fn read_record(input: &RecordInput, origin: &Name, default_ttl: u32) -> Result<Record, Wrong> {
    let mut errors = Wrong::new();
    let owner_text = match input.owner.trim() {
        "" => "@",
        text => text,
    };
    let owner = match Name::parse(owner_text, Some(origin)) {
        Ok(name) if name.is_within(origin) => Some(name),
        Ok(name) => {
            errors.insert("owner", format!("{name} is not in the zone {origin}"));
            None
        }
        Err(error) => {
            errors.insert("owner", error.to_string());
            None
        }
    };
    let ttl = match input.ttl.trim() {
        "" => Some(default_ttl),
        text => {
            let ttl = ttl::parse(text.as_bytes()).filter(|t| *t <= ttl::MAX_TTL);
            if ttl.is_none() {
                let told = "not a time from 0 to 2147483647 seconds, such as 3600 or 1h (RFC 2181 §8)";
                errors.insert("ttl", told.to_owned());
            }
            ttl
        }
    };
    let data = match input.rtype.trim().parse::<RType>() {
        Err(error) => {
            errors.insert("rtype", error.to_string());
            None
        }
        Ok(rtype) => match read_data(rtype, &input.data, origin) {
            Ok(data) => Some(data),
            Err(error) => {
                errors.insert("data", error.to_string());
                None
            }
        },
    };
    match (owner, ttl, data) {
        (Some(owner), Some(ttl), Some(data)) if errors.is_empty() => Ok(Record { owner, ttl, data }),
        _ => Err(errors),
    }
}

/// Data as typed. A text without quotes is one text, whatever blanks and semicolons it holds: nobody types quotes
/// around an SPF record.
fn read_data(rtype: RType, text: &str, origin: &Name) -> Result<RData, RDataError> {
    let text = text.trim_matches([' ', '\t']);
    if rtype == RType::TXT && plain(text) && !text.is_empty() {
        return RData::txt(text);
    }
    RData::parse(rtype, text, Some(origin))
}

/// Whether a text is read as it stands, and not as words of a zone file.
fn plain(text: &str) -> bool {
    !text.contains('"') && !text.starts_with("\\#")
}

/// The names of the parts that a type's data consists of, where it has several.
#[must_use]
pub fn parts(rtype: RType) -> &'static [&'static str] {
    match rtype {
        RType::MX | RType::KX | RType::AFSDB => &["preference", "host"],
        RType::SRV => &["priority", "weight", "port", "target"],
        RType::CAA => &["flags", "tag", "value"],
        RType::TLSA | RType::SMIMEA => &["usage", "selector", "matching", "digest"],
        RType::SSHFP => &["algorithm", "hash", "digest"],
        RType::DS | RType::CDS => &["key-tag", "algorithm", "hash", "digest"],
        RType::NAPTR => &["order", "preference", "flags", "service", "regexp", "replacement"],
        RType::URI => &["priority", "weight", "target"],
        RType::SVCB | RType::HTTPS => &["priority", "target", "params"],
        RType::RP => &["mailbox", "text-name"],
        RType::HINFO => &["cpu", "os"],
        RType::SOA => &["mname", "rname", "serial", "refresh", "retry", "expire", "minimum"],
        _ => &[],
    }
}

/// Data cut into `count` parts at blanks outside of quotes; the last one has the rest. What is missing is empty.
#[must_use]
pub fn split(data: &str, count: usize) -> Vec<String> {
    let mut out = Vec::with_capacity(count);
    let mut rest = data.trim();
    while out.len() + 1 < count {
        let (mut quoted, mut escaped) = (false, false);
        let end = rest.find(|c: char| {
            let cut = c == ' ' && !quoted && !escaped;
            quoted ^= c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            cut
        });
        let (head, tail) = rest.split_at(end.unwrap_or(rest.len()));
        out.push(head.to_owned());
        rest = tail.trim_start();
    }
    out.push(rest.to_owned());
    out
}

/// The text of a TXT record as one would type it; `None` where only a zone file's way of writing says it without loss.
#[must_use]
pub fn plain_text(data: &RData) -> Option<String> {
    if data.rtype() != RType::TXT {
        return None;
    }
    let text = String::from_utf8(data.joined_text()?).ok()?;
    let same = plain(&text) && text.trim_matches([' ', '\t']) == text && !text.is_empty();
    (same && !text.chars().any(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Name {
        Name::parse("example.de.", None).unwrap()
    }

    fn input(rtype: &str, data: &str) -> RecordInput {
        RecordInput { owner: "www".into(), ttl: String::new(), rtype: rtype.into(), data: data.into() }
    }

    #[test]
    fn every_field_says_what_is_wrong_with_it() {
        let bad = RecordInput { owner: "a..b".into(), ttl: "soon".into(), rtype: "NO".into(), data: "x".into() };
        let wrong = read_record(&bad, &origin(), 60).unwrap_err();
        assert_eq!(wrong.keys().copied().collect::<Vec<_>>(), ["owner", "rtype", "ttl"]);
        let outside = RecordInput { owner: "www.other.example.".into(), ..input("A", "192.0.2.1") };
        assert!(read_record(&outside, &origin(), 60).unwrap_err()["owner"].contains("is not in the zone"));
        assert_eq!(read_record(&input("A", "192.0.2.1"), &origin(), 60).unwrap().ttl, 60);
    }

    #[test]
    fn data_comes_apart_and_together_again() {
        for (rtype, data) in [
            (RType::MX, "10 mail.example.de."),
            (RType::CAA, "0 issue \"letsencrypt.org; x=y\""),
            (RType::NAPTR, "100 10 \"u u\" \"E2U+sip\" \"!^.*$!sip:a@b c!\" ."),
            (RType::HINFO, "\"a \\\" b\" \"c d\""),
            (RType::SOA, "ns.example.de. hostmaster.example.de. 1 2 3 4 5"),
        ] {
            let pieces = split(data, parts(rtype).len());
            assert_eq!(pieces.len(), parts(rtype).len());
            assert_eq!(pieces.join(" "), data);
        }
        assert_eq!(split("10", 2), ["10", ""]);
        assert_eq!(split("\"a b\" c", 2), ["\"a b\"", "c"]);
    }

    #[test]
    fn a_text_is_shown_plain_only_where_it_would_be_read_as_the_same() {
        let long = "x".repeat(300);
        for text in ["v=spf1 mx -all", "a; b\\c", "Grüße", long.as_str()] {
            let data = RData::txt(text).unwrap();
            assert_eq!(plain_text(&data).as_deref(), Some(text));
            assert_eq!(read_record(&input("TXT", text), &origin(), 1).unwrap().data, data);
        }
        for data in ["\"say \\\"no\\\"\"", "\" blank\"", "\"\"", "\"\\255\"", "\"\\\\# 1\""] {
            let data = RData::parse(RType::TXT, data, None).unwrap();
            assert_eq!(plain_text(&data), None, "{data}");
        }
    }
}
