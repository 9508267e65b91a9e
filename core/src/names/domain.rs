//! Domain names as customers know them: registrable names, names of vhosts, the right side of an address.

use super::{
    MAX_LABEL, Name,
    label::{display_unicode, to_a_label},
};
use std::fmt;

/// Why a text is not a domain name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// Nothing was given.
    #[error("the domain name is empty")]
    Empty,
    /// RFC 1035 §2.3.4: 253 characters of text are 255 octets of wire format.
    #[error("the domain name has more than 253 characters (RFC 1035 §2.3.4)")]
    TooLong,
    /// Two dots in a row, or a dot at the start.
    #[error("the domain name has an empty label")]
    EmptyLabel,
    /// RFC 1035 §2.3.4.
    #[error("the label `{0}` has more than 63 octets (RFC 1035 §2.3.4)")]
    LabelTooLong(String),
    /// RFC 952, RFC 1123 §2.1, UTS 46.
    #[error("the label {0:?} holds something other than letters, digits and inner hyphens (RFC 1123 §2.1)")]
    BadLabel(String),
    /// One label only.
    #[error("the domain name has only one label")]
    SingleLabel,
}

/// A domain name of at least two labels, stored in lower case as A-labels (RFC 5890), without a final dot.
///
/// Labels are letters, digits and inner hyphens; an underscore may lead one (RFC 8552).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct DomainName(String);

impl DomainName {
    /// Parses U-labels or A-labels in any letter case, with or without a final dot.
    ///
    /// # Errors
    /// When the text is empty, too long, or holds anything but host-name labels.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.trim_matches([' ', '\t']);
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(DomainError::Empty);
        }
        // 10 MB of text must not reach the mapping tables; four octets a character is the most UTF-8 takes.
        if text.len() > 4 * 253 {
            return Err(DomainError::TooLong);
        }
        let mut labels = Vec::new();
        for label in text.split('.') {
            labels.push(parse_label(label)?);
        }
        if labels.len() < 2 {
            return Err(DomainError::SingleLabel);
        }
        let joined = labels.join(".");
        if joined.len() > 253 { Err(DomainError::TooLong) } else { Ok(Self(joined)) }
    }

    /// The A-label form, lower case, without a final dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form for people, with U-labels.
    #[must_use]
    pub fn to_unicode(&self) -> String {
        display_unicode(&self.0)
    }

    /// The same as a DNS name.
    #[must_use]
    pub fn to_name(&self) -> Name {
        // Every DomainName is shorter than the limits of Name; the root is unreachable.
        Name::parse(&format!("{}.", self.0), None).unwrap_or_else(|_| Name::root())
    }

    /// The name above, if it still has two labels.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_once('.')?;
        rest.contains('.').then(|| Self(rest.to_owned()))
    }

    /// Whether this is a name of reverse mapping (RFC 1035 §3.5, RFC 3596 §2.5).
    #[must_use]
    pub fn is_reverse(&self) -> bool {
        self.0.ends_with(".in-addr.arpa") || self.0.ends_with(".ip6.arpa")
    }
}

fn parse_label(label: &str) -> Result<String, DomainError> {
    if label.is_empty() {
        return Err(DomainError::EmptyLabel);
    }
    let bad = || DomainError::BadLabel(label.chars().take(40).collect());
    let ascii = if label.is_ascii() { label.to_ascii_lowercase() } else { to_a_label(label).ok_or_else(bad)? };
    if ascii.len() > MAX_LABEL {
        return Err(DomainError::LabelTooLong(label.chars().take(40).collect()));
    }
    // RFC 2317 zones such as 0/25 are zones, not domains of customers: the slash is for `Name` only.
    let body = ascii.strip_prefix('_').unwrap_or(&ascii);
    let fine = !body.is_empty()
        && body.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !body.starts_with('-')
        && !body.ends_with('-');
    if fine { Ok(ascii) } else { Err(bad()) }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_one_name_is_one_name() {
        for text in ["Müller.DE", "müller.de.", "XN--MLLER-KVA.de", " xn--mller-kva.de"] {
            assert_eq!(DomainName::parse(text).unwrap().as_str(), "xn--mller-kva.de", "{text:?}");
        }
        assert_eq!(DomainName::parse("xn--mller-kva.de").unwrap().to_unicode(), "müller.de");
    }

    #[test]
    fn hostile_names_are_refused() {
        let long = "a".repeat(10_000_000);
        for text in [
            "",
            ".",
            "de",
            "a..de",
            "-a.de",
            "a-.de",
            "a b.de",
            "a\nb.de",
            "a;b.de",
            "../x.de",
            "a\0.de",
            "😀\u{202e}.de",
            &long,
        ] {
            assert!(DomainName::parse(text).is_err(), "{text:.20?}");
        }
        assert!(matches!(DomainName::parse(&format!("{}.de", "a".repeat(64))), Err(DomainError::LabelTooLong(_))));
    }
}
