//! RDATA: valid wire format of its type, by construction.

use super::{
    RType, fields,
    lexer::{self, LexError, Token},
    rtype::Field,
};
use crate::names::{Name, NameError};
use std::{
    fmt,
    hash::{Hash, Hasher},
    net::{Ipv4Addr, Ipv6Addr},
};

/// Why a value is not RDATA of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RDataError {
    /// The value ends before all parts are there.
    #[error("the value is incomplete: {0} is missing")]
    Missing(&'static str),
    /// Something is left over.
    #[error("`{0}` is too much here")]
    Extra(String),
    /// A part is not what it must be.
    #[error("`{text}` is not {expected}")]
    Bad {
        /// What is expected there.
        expected: &'static str,
        /// What stands there.
        text: String,
    },
    /// A name is broken.
    #[error("`{text}`: {error}")]
    Name {
        /// What stands there.
        text: String,
        /// Why it is broken.
        error: NameError,
    },
    /// RFC 1035 §3.3: one length octet.
    #[error("a text has {0} octets, at most 255 fit into one string (RFC 1035 §3.3); split it into several")]
    TextTooLong(usize),
    /// RFC 1035 §3.2.1: two length octets.
    #[error("the value has more than 65535 octets")]
    TooLong,
    /// The text cannot be cut into words.
    #[error("{0}")]
    Lex(#[from] LexError),
    /// Octets that are not RDATA of their type.
    #[error("these octets are not {0} data")]
    Wire(RType),
}

/// The data of one record: its type and valid, uncompressed wire format.
///
/// Two are equal if their canonical forms are (names compared without case).
#[derive(Clone)]
pub struct RData {
    rtype: RType,
    wire: Box<[u8]>,
}

/// RDATA taken apart, for rules that need its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields carry the names of their RFCs, see RType")]
pub enum Typed {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Ns(Name),
    Cname(Name),
    Ptr(Name),
    Dname(Name),
    Mx {
        preference: u16,
        exchange: Name,
    },
    Srv {
        priority: u16,
        weight: u16,
        port: u16,
        target: Name,
    },
    Soa(Soa),
    /// TXT and SPF: the character-strings.
    Txt(Vec<Vec<u8>>),
    Caa {
        flags: u8,
        tag: String,
        value: Vec<u8>,
    },
    /// SVCB and HTTPS; the parameters stay in wire format.
    Svcb {
        priority: u16,
        target: Name,
    },
    Tlsa {
        usage: u8,
        selector: u8,
        matching: u8,
        data: Vec<u8>,
    },
    Ds {
        tag: u16,
        algorithm: u8,
        digest_type: u8,
        digest: Vec<u8>,
    },
    /// Any other type.
    Other,
}

/// Start of authority (RFC 1035 §3.3.13). Times in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Soa {
    /// The primary server.
    pub mname: Name,
    /// The responsible person's address, the `@` written as a dot.
    pub rname: Name,
    /// The zone's number.
    pub serial: u32,
    /// How often secondaries ask.
    pub refresh: u32,
    /// How soon they ask again.
    pub retry: u32,
    /// When they give up and stop answering.
    pub expire: u32,
    /// Negative TTL (RFC 2308).
    pub minimum: u32,
}

impl RData {
    /// Reads the words of a record behind its type. `\# LENGTH HEX` (RFC 3597 §5) is read for every type.
    ///
    /// # Errors
    /// When the words are not data of this type.
    pub fn from_tokens(rtype: RType, tokens: &[Token<'_>], origin: Option<&Name>) -> Result<Self, RDataError> {
        let wire = match tokens {
            [first, rest @ ..] if !first.quoted && &*first.raw == b"\\#" => {
                let wire = fields::generic(rest)?;
                return Self::from_wire(rtype, &wire);
            }
            _ => match rtype.fields() {
                Some(layout) => fields::encode(layout, tokens, origin)?,
                None => {
                    return Err(RDataError::Bad {
                        expected: "data of an unknown type, which is written \\# LENGTH HEX (RFC 3597 §5)",
                        text: tokens.first().map_or_else(String::new, fields::shown),
                    });
                }
            },
        };
        Self::bounded(rtype, wire)
    }

    /// Reads one value as a person types it or a row stores it.
    ///
    /// # Errors
    /// When the text has a line break or is not data of this type.
    pub fn parse(rtype: RType, text: &str, origin: Option<&Name>) -> Result<Self, RDataError> {
        Self::from_tokens(rtype, &lexer::tokens(text)?, origin)
    }

    /// Takes uncompressed wire format.
    ///
    /// # Errors
    /// When the octets are not data of this type.
    pub fn from_wire(rtype: RType, wire: &[u8]) -> Result<Self, RDataError> {
        if let Some(layout) = rtype.fields() {
            let end = fields::walk(layout, wire).ok_or(RDataError::Wire(rtype))?;
            if end != wire.len() {
                return Err(RDataError::Wire(rtype));
            }
        }
        Self::bounded(rtype, wire.to_vec())
    }

    /// A TXT record of any text up to 65 kB, cut into strings of at most 255 octets between characters.
    ///
    /// # Errors
    /// When the text is longer, or holds a line break or another control character.
    pub fn txt(text: &str) -> Result<Self, RDataError> {
        if let Some(bad) = text.chars().find(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
            return Err(LexError::Control(u8::try_from(u32::from(bad)).unwrap_or(b'\n')).into());
        }
        let mut wire = Vec::with_capacity(text.len() + text.len() / 200 + 1);
        let mut rest = text;
        loop {
            let mut cut = rest.len().min(255);
            while !rest.is_char_boundary(cut) {
                cut -= 1;
            }
            let (head, tail) = rest.split_at(cut);
            wire.push(u8::try_from(head.len()).unwrap_or(u8::MAX));
            wire.extend_from_slice(head.as_bytes());
            rest = tail;
            if rest.is_empty() {
                return Self::bounded(RType::TXT, wire);
            }
        }
    }

    /// An SOA record.
    #[must_use]
    pub fn soa(soa: &Soa) -> Self {
        let mut wire = soa.mname.wire().to_vec();
        wire.extend_from_slice(soa.rname.wire());
        for number in [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum] {
            wire.extend_from_slice(&number.to_be_bytes());
        }
        Self { rtype: RType::SOA, wire: wire.into_boxed_slice() }
    }

    fn bounded(rtype: RType, wire: Vec<u8>) -> Result<Self, RDataError> {
        if wire.len() > usize::from(u16::MAX) {
            return Err(RDataError::TooLong);
        }
        Ok(Self { rtype, wire: wire.into_boxed_slice() })
    }

    /// The record type.
    #[must_use]
    pub fn rtype(&self) -> RType {
        self.rtype
    }

    /// The octets as they stand in a message without compression.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// The octets with the names in lower case (RFC 4034 §6.2), for comparing and sorting.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        let mut wire = self.wire.to_vec();
        if let Some(layout) = self.rtype.fields() {
            fields::lower_names(layout, &mut wire);
        }
        wire
    }

    /// Whether the data holds a name, the only part in which letter case does not count.
    fn has_names(&self) -> bool {
        self.rtype.fields().is_some_and(|layout| layout.contains(&Field::Name))
    }

    /// Writes presentation format, every name absolute, every text quoted, into `out`.
    pub fn write(&self, out: &mut String) {
        match self.rtype.fields() {
            Some(layout) => fields::write(layout, &self.wire, out),
            None => fields::write_generic(&self.wire, out),
        }
    }

    /// The names in the data, in order.
    #[must_use]
    pub fn names(&self) -> Vec<Name> {
        self.rtype.fields().map(|layout| fields::names(layout, &self.wire)).unwrap_or_default()
    }

    /// The data taken apart.
    #[must_use]
    pub fn typed(&self) -> Typed {
        fields::typed(self.rtype, &self.wire).unwrap_or(Typed::Other)
    }

    /// The strings of a TXT or SPF record joined as their readers do (RFC 7208 §3.3, RFC 6376 §3.6.2.2).
    #[must_use]
    pub fn joined_text(&self) -> Option<Vec<u8>> {
        match self.typed() {
            Typed::Txt(strings) => Some(strings.concat()),
            _ => None,
        }
    }
}

impl fmt::Display for RData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(self.wire.len() + 16);
        self.write(&mut text);
        f.write_str(&text)
    }
}

impl fmt::Debug for RData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {self}", self.rtype)
    }
}

impl PartialEq for RData {
    fn eq(&self, other: &Self) -> bool {
        self.rtype == other.rtype
            && (self.wire == other.wire || (self.has_names() && self.canonical() == other.canonical()))
    }
}
impl Eq for RData {}

impl Hash for RData {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rtype.hash(state);
        self.canonical().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn origin() -> Name {
        Name::parse("example.de.", None).unwrap()
    }

    fn canonical(rtype: &str, text: &str) -> Result<String, String> {
        RData::parse(rtype.parse().unwrap(), text, Some(&origin())).map(|d| d.to_string()).map_err(|e| e.to_string())
    }

    #[test]
    fn every_type_is_written_so_that_it_reads_back() {
        for (rtype, text, written) in [
            ("A", "192.0.2.1", "192.0.2.1"),
            ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
            ("NS", "ns1", "ns1.example.de."),
            ("CNAME", "@", "example.de."),
            ("MX", "10 @", "10 example.de."),
            ("MX", "0 .", "0 ."),
            ("TXT", r#""a" "b c" d"#, r#""a" "b c" "d""#),
            ("TXT", r#""\065bc""#, r#""Abc""#),
            ("TXT", r"v=spf1\;x", r#""v=spf1;x""#),
            ("TXT", r#""a\"b\\c\195\164""#, r#""a\"b\\c\195\164""#),
            ("TXT", "\"ä\"", r#""\195\164""#),
            ("SRV", "0 5 993 mail", "0 5 993 mail.example.de."),
            ("PTR", "a.other.", "a.other."),
            ("CAA", "0 issue \"letsencrypt.org; x=y\"", "0 issue \"letsencrypt.org; x=y\""),
            ("CAA", "128 issue \";\"", "128 issue \";\""),
            ("TLSA", "3 1 1 ( AABB cc )", "3 1 1 AABBCC"),
            ("SSHFP", "4 2 00ff", "4 2 00FF"),
            ("DS", "1 ECDSAP256SHA256 2 00ff", "1 13 2 00FF"),
            ("NAPTR", r#"100 10 "u" "E2U+sip" "!^.*$!sip:a@b!" ."#, r#"100 10 "u" "E2U+sip" "!^.*$!sip:a@b!" ."#),
            (
                "LOC",
                "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
                "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m",
            ),
            ("LOC", "42 21 54 N 71 06 18 W -24m 30m", "42 21 54.000 N 71 6 18.000 W -24.00m 30.00m 10000.00m 10.00m"),
            ("HTTPS", "1 . alpn=h2,h3 port=8443", "1 . alpn=\"h2,h3\" port=8443"),
            ("HTTPS", "1 . ipv4hint=192.0.2.1 alpn=\"h2\"", "1 . alpn=\"h2\" ipv4hint=192.0.2.1"),
            ("SVCB", "0 other.", "0 other.example.de."),
            (
                "SVCB",
                "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"f\\\\\\\\oo\\\\,bar,h2\" ipv4hint=192.0.2.1 key667=\"hello\\210qoo\"",
                "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"f\\\\\\\\oo\\\\,bar,h2\" ipv4hint=192.0.2.1 key667=\"hello\\210qoo\"",
            ),
            ("DNAME", "other.", "other."),
            ("URI", "10 1 \"https://example.de/\"", "10 1 \"https://example.de/\""),
            ("RP", "hans\\.dampf txt", "hans\\.dampf.example.de. txt.example.de."),
            ("HINFO", "PC \"Linux 6\"", "\"PC\" \"Linux 6\""),
            (
                "SOA",
                "ns1 hostmaster ( 1 2h 30m 2w 1h )",
                "ns1.example.de. hostmaster.example.de. 1 7200 1800 1209600 3600",
            ),
            ("TYPE65280", "\\# 4 0a00 0001", "\\# 4 0A000001"),
            ("TYPE65280", "\\# 0", "\\# 0"),
            ("TYPE1", "\\# 4 0a000001", "10.0.0.1"),
        ] {
            let expected = if text == "0 other." { "0 other." } else { written };
            assert_eq!(canonical(rtype, text).as_deref(), Ok(expected), "{rtype} {text}");
            assert_eq!(canonical(rtype, expected).as_deref(), Ok(expected), "{rtype} {text}, again");
        }
    }

    #[test]
    fn wrong_values_say_what_was_expected() {
        for (rtype, text, reason) in [
            ("A", "192.0.2.256", "`192.0.2.256` is not an IPv4 address"),
            ("A", "192.0.2.1 x", "`x` is too much here"),
            ("A", "", "the value is incomplete: an IPv4 address is missing"),
            ("AAAA", "192.0.2.1", "`192.0.2.1` is not an IPv6 address"),
            ("MX", "mail", "`mail` is not a number from 0 to 65535"),
            ("MX", "65536 mail", "`65536` is not a number from 0 to 65535"),
            ("NS", "a..b", "`a..b`: the name has an empty label (two dots in a row)"),
            ("TLSA", "3 1 1 abc", "`abc` is not hexadecimal with an even number of digits"),
            ("TLSA", "3 1 1", "the value is incomplete: hexadecimal with an even number of digits is missing"),
            ("CAA", "0 is-sue \"x\"", "`is-sue` is not a tag of letters and digits (RFC 8659 §4.1)"),
            ("TYPE1", "\\# 3 0a0000", "these octets are not A data"),
            ("TYPE65280", "\\# 3 0a", "`3` is not the number of octets that follow (RFC 3597 §5)"),
            ("TYPE65280", "x", "`x` is not data of an unknown type, which is written \\# LENGTH HEX (RFC 3597 §5)"),
            ("HTTPS", "0 . alpn=h2", "`alpn=h2` is not allowed with priority 0 (RFC 9460 §2.4.1)"),
            ("HTTPS", "1 . port=1 port=2", "`port` is not a key that stands only once (RFC 9460 §2.1)"),
            ("HTTPS", "1 . mandatory=port alpn=h2", "`mandatory` is not a list of keys that are there (RFC 9460 §8)"),
        ] {
            assert_eq!(canonical(rtype, text).unwrap_err(), reason, "{rtype} {text}");
        }
        assert!(
            canonical("TXT", &format!("\"{}\"", "x".repeat(256))).unwrap_err().starts_with("a text has 256 octets")
        );
        assert!(canonical("TXT", "x\n@ IN NS evil.").is_err());
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let data = RData::txt(&"ä".repeat(200)).unwrap();
        let Typed::Txt(strings) = data.typed() else { panic!() };
        assert_eq!(strings.iter().map(Vec::len).collect::<Vec<_>>(), [254, 146]);
        assert_eq!(data.joined_text().unwrap(), "ä".repeat(200).into_bytes());
        assert!(RData::txt("a\nb").is_err());
        assert!(RData::txt(&"x".repeat(70_000)).is_err());
    }

    #[test]
    fn case_counts_in_texts_and_not_in_names() {
        let data = |rtype: &str, text: &str| RData::parse(rtype.parse().unwrap(), text, Some(&origin())).unwrap();
        assert_eq!(data("MX", "10 MAIL"), data("MX", "10 mail"));
        assert_ne!(data("TXT", "ABC"), data("TXT", "abc"));
    }

    proptest! {
        #[test]
        fn whatever_is_valid_survives_writing_and_reading(index in 0..RType::KNOWN.len(), wire in prop::collection::vec(any::<u8>(), 0..80)) {
            let rtype = RType::KNOWN[index];
            if let Ok(data) = RData::from_wire(rtype, &wire) {
                let again = RData::parse(rtype, &data.to_string(), None).map_err(|e| TestCaseError::fail(format!("{data:?}: {e}")))?;
                prop_assert_eq!(again.wire(), data.wire());
            }
        }

        #[test]
        fn strings_of_any_octets_survive(strings in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..256), 1..5)) {
            let mut wire = Vec::new();
            for s in &strings {
                wire.push(u8::try_from(s.len()).unwrap());
                wire.extend_from_slice(s);
            }
            let data = RData::from_wire(RType::TXT, &wire).unwrap();
            let again = RData::parse(RType::TXT, &data.to_string(), None).unwrap();
            prop_assert_eq!(again.wire(), &wire[..]);
        }

        #[test]
        fn no_text_makes_a_reader_panic(index in 0..RType::KNOWN.len(), text in "\\PC{0,60}") {
            let _ = RData::parse(RType::KNOWN[index], &text, Some(&origin()));
        }
    }
}
