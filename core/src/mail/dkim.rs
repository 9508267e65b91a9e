//! Keys with which a domain's mail is signed (RFC 6376, RFC 8463), and how one gives way to the next.

use crate::names::DomainName;
use std::fmt;

/// What signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Every receiver checks it (RFC 6376 §3.3.1); RFC 8301 §3.2 asks for at least 1024 bits and recommends 2048.
    Rsa2048,
    /// Short and strong, and passed over by receivers that do not know it (RFC 8463).
    Ed25519,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Rsa2048, Self::Ed25519];

    /// Its name in the API, the database and the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa2048",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The algorithm of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str() == text)
    }

    /// Its name in a record (RFC 6376 §3.6.1, RFC 8463 §3).
    fn tag(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }
}

/// The name of a key below `_domainkey`: one label of letters, digits and hyphens, small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector(String);

impl Selector {
    /// Longest one, in octets (RFC 1035 §2.3.4).
    pub const MAX: usize = 63;

    /// Takes one as typed.
    ///
    /// # Errors
    /// Why it is none. It is a label of a name, a file's name and a word of a configuration.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim_matches([' ', '\t']).to_ascii_lowercase();
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > Self::MAX {
            Err("a selector has 1 to 63 characters")
        } else if !text.chars().all(fine) || text.starts_with('-') || text.ends_with('-') {
            Err("a selector holds letters, digits and hyphens, no hyphen at its ends")
        } else {
            Ok(Self(text))
        }
    }

    /// It as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What everybody may know of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name.
    pub selector: Selector,
    /// What signs.
    pub algorithm: Algorithm,
    /// Base64: of RSA the `SubjectPublicKeyInfo`, of ed25519 the 32 octets.
    pub data: String,
}

impl PublicKey {
    /// Its record's text.
    #[must_use]
    pub fn text(&self) -> String {
        format!("v=DKIM1; k={}; p={}", self.algorithm.tag(), self.data)
    }
}

/// Kind and data of the key that a record's text gives (RFC 6376 §3.6.1): tags in any order, blanks anywhere in the key, more
/// tags than ours. A key that was taken back is empty, and none.
pub(super) fn given(text: &str) -> Option<(String, String)> {
    let (mut kind, mut data) = ("rsa", None);
    for (i, tag) in text.split(';').enumerate() {
        let Some((name, value)) = tag.split_once('=') else { continue };
        match name.trim() {
            "v" if value.trim() != "DKIM1" || i > 0 => return None,
            "k" => kind = value.trim(),
            "p" => data = Some(value.chars().filter(|c| !c.is_whitespace()).collect::<String>()),
            _ => {}
        }
    }
    data.filter(|d| !d.is_empty()).map(|d| (kind.to_owned(), d))
}

/// The secret half of a key, as rspamd reads it: of RSA a PKCS #8 file (PEM), of ed25519 the 32 octets in base64. It is never
/// shown.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(String);

impl PrivateKey {
    /// Takes what a generator made.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The key itself, for the file that the signer reads.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// A key that signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Whose mail.
    pub domain: DomainName,
    /// Its name.
    pub selector: Selector,
    /// The key.
    pub key: PrivateKey,
}

/// How far a key is on its way. Its record must be there before the first signature and until nobody checks the last one any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its record is to be published and seen.
    Waiting,
    /// It signs.
    Signing,
    /// It signs no more; what it signed is still on its way.
    Retiring,
    /// Its record may go.
    Retired,
}

impl State {
    /// Its name in the API and in the keys of its texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Signing => "signing",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }

    /// Whether its record has to be in the zone.
    #[must_use]
    pub fn needs_record(self) -> bool {
        self != Self::Retired
    }
}

/// How long a key's record is seen before it signs: secondaries that lag have it by then.
pub const SEEN_BEFORE_SIGNING_SECONDS: i64 = 3600;

/// How long a key's record stays after its last signature, in days: mail waits up to five in queues (RFC 5321 §4.5.4.1), and is
/// looked at again by who fetches it later.
pub const DAYS_AFTER_SIGNING: i64 = 14;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_one_label() {
        assert_eq!(Selector::parse(" R2026-11 ").unwrap().as_str(), "r2026-11");
        for bad in ["", "a b", "a\nb", "a.b", "../x", "-a", "a-", "\u{fc}", "a\"b", "a$b", &"x".repeat(64)] {
            assert!(Selector::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_record_gives_a_key_however_it_is_written() {
        let key =
            |algorithm| PublicKey { selector: Selector::parse("s").unwrap(), algorithm, data: "AbC+/=".to_owned() };
        let gives = |key: &PublicKey, text: &str| given(text).is_some() && given(text) == given(&key.text());
        let (rsa, ed) = (key(Algorithm::Rsa2048), key(Algorithm::Ed25519));
        assert!(gives(&rsa, &rsa.text()) && gives(&ed, &ed.text()));
        for text in ["p=AbC+/=", "v=DKIM1;p=Ab C+\t/=;", "v=DKIM1; h=sha256; s=email; p=AbC+/=; t=s", "k=rsa; p=AbC+/="]
        {
            assert!(gives(&rsa, text) && !gives(&ed, text), "{text}");
        }
        for text in ["", "v=DKIM1; p=", "v=DKIM1; k=rsa; p=abc+/=", "v=DKIM2; p=AbC+/=", "p=AbC+/=; v=DKIM1", "AbC+/="]
        {
            assert!(!gives(&rsa, text), "{text}");
        }
        assert_eq!(format!("{:?}", PrivateKey::new("geheim".to_owned())), "PrivateKey(…)");
    }
}
