//! Hashes of passwords as Dovecot reads them.

use std::fmt;

/// Why a text cannot stand in the password field of a passwd-file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Nothing there.
    #[error("the password field is empty")]
    Empty,
    /// More than any scheme makes.
    #[error("the password field has more than 1000 octets")]
    Long,
    /// The fields of a passwd-file end at a colon, its lines at a line break.
    #[error("the password field holds {0:?}, which a passwd-file cannot carry")]
    Character(char),
}

/// A hash with its scheme in front, `{ARGON2ID}$argon2id$…`: what the password field of a Dovecot passwd-file may hold.
/// It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a hash as an old passwd-file or a hasher has it; without `{SCHEME}` it gets that of its form.
    ///
    /// # Errors
    /// When it is empty, too long or holds what the file cannot carry.
    pub fn parse(hash: &str) -> Result<Self, SecretError> {
        if hash.is_empty() {
            return Err(SecretError::Empty);
        }
        if hash.len() > 1000 {
            return Err(SecretError::Long);
        }
        if let Some(bad) = hash.chars().find(|c| *c == ':' || !c.is_ascii_graphic()) {
            return Err(SecretError::Character(bad));
        }
        let named = hash.starts_with('{') && hash.find('}').is_some_and(|end| end > 1);
        Ok(Self(if named { hash.to_owned() } else { format!("{{{}}}{hash}", Self::guess(hash)) }))
    }

    /// What crypt(3) would take an unmarked hash for.
    fn guess(hash: &str) -> &'static str {
        const KNOWN: [(&str, &str); 5] = [
            ("$1$", "MD5-CRYPT"),
            ("$2", "BLF-CRYPT"),
            ("$5$", "SHA256-CRYPT"),
            ("$6$", "SHA512-CRYPT"),
            ("$argon2id$", "ARGON2ID"),
        ];
        KNOWN.iter().find(|(prefix, _)| hash.starts_with(prefix)).map_or("CRYPT", |(_, name)| name)
    }

    /// Name of the scheme, upper case, without an encoding behind a dot: `SHA512-CRYPT`.
    #[must_use]
    pub fn scheme(&self) -> String {
        let named = self.0.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or("", |(name, _)| name);
        named.split('.').next().unwrap_or_default().to_ascii_uppercase()
    }

    /// Whether a new password should take its place: everything that a stolen file gives away too fast.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        Self::scheme_is_weak(&self.scheme())
    }

    /// As [`Self::is_weak`], of a scheme's name.
    #[must_use]
    pub fn scheme_is_weak(scheme: &str) -> bool {
        !matches!(scheme, "ARGON2ID" | "ARGON2I" | "BLF-CRYPT" | "SHA512-CRYPT" | "SCRAM-SHA-256" | "PBKDF2")
    }

    /// The field, for the passwd-file and the database only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({{{}}}…)", self.scheme())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_hash_keeps_its_scheme() {
        for (hash, scheme, weak) in [
            ("{SSHA}x", "SSHA", true),
            ("{ssha512.b64}x", "SSHA512", true),
            ("$6$a$b", "SHA512-CRYPT", false),
            ("$1$a$b", "MD5-CRYPT", true),
            ("abJnggxhB/yWI", "CRYPT", true),
            ("{}x", "CRYPT", true),
            ("$argon2id$v=19$m=19456,t=2,p=1$x$y", "ARGON2ID", false),
        ] {
            let secret = Secret::parse(hash).unwrap();
            assert_eq!((secret.scheme().as_str(), secret.is_weak()), (scheme, weak), "{hash}");
        }
        assert_eq!(format!("{:?}", Secret::parse("{SSHA}geheim").unwrap()), "Secret({SSHA}…)");
    }

    #[test]
    fn what_would_end_a_field_or_a_line_is_refused() {
        for hash in ["", "a:b", "a b", "a\nb", "a\0b", "ü", &"x".repeat(1001)] {
            assert!(Secret::parse(hash).is_err(), "{hash:?}");
        }
    }
}
