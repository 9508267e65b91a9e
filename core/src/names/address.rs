//! E-mail addresses.

use super::{DomainError, DomainName};
use std::fmt;

/// Why a text is not an address that a mailbox can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No `@`.
    #[error("the address has no @")]
    NoAt,
    /// RFC 5321 §4.5.3.1.1.
    #[error("the part before the @ is empty or has more than 64 octets (RFC 5321 §4.5.3.1.1)")]
    LocalLength,
    /// RFC 5321 §4.1.2 without quoted strings: what a path, a map and a passwd-file can carry.
    #[error("the part before the @ holds {0:?}, which no mailbox name can carry here (RFC 5321 §4.1.2)")]
    LocalCharacter(char),
    /// The right side is no domain name.
    #[error("{0}")]
    Domain(#[from] DomainError),
}

/// An address `local@domain` as a Postfix map and a passwd-file carry it: dot-atom, folded to lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress {
    local: String,
    domain: DomainName,
}

impl EmailAddress {
    /// Parses `local@domain`.
    ///
    /// The local part is folded to lower case: the mail servers that Hostler configures look it up that way, and an
    /// address that differs only in case must never belong to someone else.
    ///
    /// # Errors
    /// When the local part is no dot-atom of at most 64 octets or the domain is no domain name.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim_matches([' ', '\t']);
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        if local.is_empty() || local.len() > 64 {
            return Err(AddressError::LocalLength);
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        if let Some(bad) = local.chars().find(|&c| !allowed(c)) {
            return Err(AddressError::LocalCharacter(bad));
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(AddressError::LocalCharacter('.'));
        }
        if local.starts_with(['/', '|']) || local.contains("/../") {
            return Err(AddressError::LocalCharacter(if local.starts_with('|') { '|' } else { '/' }));
        }
        Ok(Self { local: local.to_ascii_lowercase(), domain: DomainName::parse(domain)? })
    }

    /// The part before the `@`, lower case.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part behind the `@`.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_and_idn_form_make_no_second_address() {
        for text in ["Info@Müller.de", "info@xn--mller-kva.de", "INFO@MÜLLER.DE."] {
            assert_eq!(EmailAddress::parse(text).unwrap().to_string(), "info@xn--mller-kva.de");
        }
    }

    #[test]
    fn what_a_map_or_a_path_cannot_carry_is_refused() {
        for text in [
            "info",
            "@a.de",
            "a b@a.de",
            "a\n@a.de",
            "\"a b\"@a.de",
            "../../x@a.de",
            "|cmd@a.de",
            "/etc/x@a.de",
            "a:b@a.de",
            "a@",
            "a@de",
            "ü@a.de",
            "a,b@a.de",
            "a@[127.0.0.1]",
            "a\0@a.de",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
        assert!(EmailAddress::parse(&format!("{}@a.de", "x".repeat(65))).is_err());
    }
}
