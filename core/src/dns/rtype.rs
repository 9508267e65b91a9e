//! Record types and what their RDATA consists of.

use std::{fmt, str::FromStr};

/// A record type by its number (IANA "Resource Record (RR) TYPEs").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RType(pub u16);

/// One part of a type's RDATA, in wire order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// One octet.
    U8,
    /// Two octets.
    U16,
    /// Four octets.
    U32,
    /// Four octets; text may have time units.
    Seconds,
    /// A DNSSEC algorithm: one octet; text may be a mnemonic.
    Algorithm,
    /// A record type as two octets; text is its mnemonic.
    Type,
    /// IPv4 address.
    Ip4,
    /// IPv6 address.
    Ip6,
    /// Uncompressed name.
    Name,
    /// One character-string (RFC 1035 §3.3).
    Text,
    /// One or more character-strings, to the end.
    Texts,
    /// A CAA property tag: a length octet, then letters and digits (RFC 8659 §4.1).
    Tag,
    /// Text to the end, without a length (CAA value, URI target).
    LongText,
    /// Octets to the end, in hexadecimal.
    Hex,
    /// Octets to the end, in base 64.
    Base64,
    /// The sixteen octets of LOC (RFC 1876).
    Loc,
    /// Service parameters (RFC 9460 §2.1).
    SvcParams,
}

macro_rules! types {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal, [$($field:ident),*];)*) => {
        impl RType {
            $($(#[$doc])* pub const $name: Self = Self($number);)*

            /// The mnemonic, or `None` for a type that is only known by number.
            #[must_use]
            pub fn mnemonic(self) -> Option<&'static str> {
                match self.0 { $($number => Some($text),)* _ => None }
            }

            /// What the RDATA consists of; `None` for types whose RDATA is opaque (RFC 3597).
            #[must_use]
            pub fn fields(self) -> Option<&'static [Field]> {
                match self.0 { $($number => Some(&[$(Field::$field),*]),)* _ => None }
            }

            fn from_mnemonic(text: &str) -> Option<Self> {
                $(if text.eq_ignore_ascii_case($text) { return Some(Self::$name); })*
                None
            }

            /// Every type with a mnemonic, by number.
            pub const KNOWN: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

types! {
    /// IPv4 address (RFC 1035).
    A = 1, "A", [Ip4];
    /// Name server (RFC 1035).
    NS = 2, "NS", [Name];
    /// Canonical name (RFC 1035).
    CNAME = 5, "CNAME", [Name];
    /// Start of authority (RFC 1035).
    SOA = 6, "SOA", [Name, Name, U32, Seconds, Seconds, Seconds, Seconds];
    /// Pointer (RFC 1035).
    PTR = 12, "PTR", [Name];
    /// Host information (RFC 1035, RFC 8482).
    HINFO = 13, "HINFO", [Text, Text];
    /// Mail exchange (RFC 1035, RFC 7505).
    MX = 15, "MX", [U16, Name];
    /// Text (RFC 1035).
    TXT = 16, "TXT", [Texts];
    /// Responsible person (RFC 1183).
    RP = 17, "RP", [Name, Name];
    /// AFS database (RFC 1183).
    AFSDB = 18, "AFSDB", [U16, Name];
    /// IPv6 address (RFC 3596).
    AAAA = 28, "AAAA", [Ip6];
    /// Location (RFC 1876).
    LOC = 29, "LOC", [Loc];
    /// Service (RFC 2782).
    SRV = 33, "SRV", [U16, U16, U16, Name];
    /// Naming authority pointer (RFC 3403).
    NAPTR = 35, "NAPTR", [U16, U16, Text, Text, Text, Name];
    /// Key exchanger (RFC 2230).
    KX = 36, "KX", [U16, Name];
    /// Delegation of a subtree (RFC 6672).
    DNAME = 39, "DNAME", [Name];
    /// Delegation signer (RFC 4034).
    DS = 43, "DS", [U16, Algorithm, U8, Hex];
    /// SSH fingerprint (RFC 4255).
    SSHFP = 44, "SSHFP", [U8, U8, Hex];
    /// DNSSEC signature (RFC 4034); read, so that signed zones can be told apart, never written by the panel.
    RRSIG = 46, "RRSIG", [Type, Algorithm, U8, U32, U32, U32, U16, Name, Base64];
    /// DNSSEC public key (RFC 4034).
    DNSKEY = 48, "DNSKEY", [U16, U8, Algorithm, Base64];
    /// DHCP identifier (RFC 4701).
    DHCID = 49, "DHCID", [Base64];
    /// TLS association (RFC 6698).
    TLSA = 52, "TLSA", [U8, U8, U8, Hex];
    /// S/MIME association (RFC 8162).
    SMIMEA = 53, "SMIMEA", [U8, U8, U8, Hex];
    /// Child DS (RFC 7344).
    CDS = 59, "CDS", [U16, Algorithm, U8, Hex];
    /// Child DNSKEY (RFC 7344).
    CDNSKEY = 60, "CDNSKEY", [U16, U8, Algorithm, Base64];
    /// OpenPGP key (RFC 7929).
    OPENPGPKEY = 61, "OPENPGPKEY", [Base64];
    /// Service binding (RFC 9460).
    SVCB = 64, "SVCB", [U16, Name, SvcParams];
    /// Service binding for HTTP (RFC 9460).
    HTTPS = 65, "HTTPS", [U16, Name, SvcParams];
    /// Sender policy, obsolete as a type of its own (RFC 7208 §3.1).
    SPF = 99, "SPF", [Texts];
    /// Uniform resource identifier (RFC 7553).
    URI = 256, "URI", [U16, U16, LongText];
    /// Certification authority authorization (RFC 8659).
    CAA = 257, "CAA", [U8, Tag, LongText];
}

/// A text that is no record type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a record type")]
pub struct UnknownType(pub String);

impl FromStr for RType {
    type Err = UnknownType;

    /// A mnemonic in any letter case, or `TYPE65280` (RFC 3597 §5). Meta types (ANY, AXFR, OPT, …) are refused.
    fn from_str(text: &str) -> Result<Self, UnknownType> {
        let numbered = || {
            let (head, number) = text.split_at_checked(4)?;
            let fine = head.eq_ignore_ascii_case("TYPE") && number.bytes().all(|b| b.is_ascii_digit());
            let number: u16 = if fine { number.parse().ok()? } else { return None };
            // 0, 41 (OPT) and 128 to 255 are not data (RFC 6895 §3.1).
            (!matches!(number, 0 | 41 | 128..=255)).then_some(Self(number))
        };
        Self::from_mnemonic(text).or_else(numbered).ok_or_else(|| UnknownType(text.chars().take(40).collect()))
    }
}

impl fmt::Display for RType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mnemonic() {
            Some(text) => f.write_str(text),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_they_are_read() {
        for known in RType::KNOWN {
            assert_eq!(known.to_string().parse(), Ok(*known));
            assert_eq!(format!("TYPE{}", known.0).parse(), Ok(*known));
        }
        assert_eq!("TYPE65280".parse::<RType>().unwrap().to_string(), "TYPE65280");
        for text in
            ["ANY", "AXFR", "TYPE0", "TYPE255", "TYPE41", "TYPE65536", "TYPE", "TYPE+1", "MYX", "", "\u{fc}\u{fc}"]
        {
            assert!(text.parse::<RType>().is_err(), "{text}");
        }
    }
}
