//! DNS names as the protocol knows them: a list of labels of arbitrary octets.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

/// Longest label in octets (RFC 1035 §2.3.4).
pub const MAX_LABEL: usize = 63;
/// Longest name in octets of wire format, the root label included (RFC 1035 §2.3.4).
pub const MAX_NAME: usize = 255;

/// Why a text is not a DNS name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("the name is empty")]
    Empty,
    /// Two dots in a row, or a leading dot.
    #[error("the name has an empty label (two dots in a row)")]
    EmptyLabel,
    /// RFC 1035 §2.3.4.
    #[error("a label has {0} octets, at most 63 are allowed (RFC 1035 §2.3.4)")]
    LabelTooLong(usize),
    /// RFC 1035 §2.3.4.
    #[error("the name has more than 255 octets (RFC 1035 §2.3.4)")]
    TooLong,
    /// A backslash that is followed neither by three digits up to 255 nor by a printable character.
    #[error("bad escape: a backslash needs three digits up to 255 or one character after it (RFC 1035 §5.1)")]
    BadEscape,
    /// A relative name where nothing says what it is relative to.
    #[error("the name is relative and there is no origin")]
    NoOrigin,
    /// Not ASCII and not an internationalised name either.
    #[error("`{0}` is not a valid internationalised label (RFC 5891, UTS 46)")]
    Idn(String),
    /// Wire format that ends early or holds a compression pointer.
    #[error("the name is not in uncompressed wire format")]
    Wire,
}

/// An absolute DNS name in uncompressed wire format.
///
/// Letter case is kept and ignored in comparisons (RFC 4343). The order is the canonical one of RFC 4034 §6.1:
/// by labels from the right, so a zone's apex comes first and every subtree stays together.
#[derive(Clone)]
pub struct Name(Box<[u8]>);

impl Name {
    /// The root, `.`.
    #[must_use]
    pub fn root() -> Self {
        Self(Box::new([0]))
    }

    /// Parses presentation format (RFC 1035 §5.1) with `\X` and `\DDD` escapes. A name without a final dot is
    /// completed by `origin`; `@` is the origin itself. Labels that are not ASCII become A-labels.
    ///
    /// # Errors
    /// When a label or the name is too long or empty, an escape is broken, or a relative name has no origin.
    pub fn parse(text: &str, origin: Option<&Self>) -> Result<Self, NameError> {
        Self::parse_bytes(text.as_bytes(), origin)
    }

    /// As [`Name::parse`], from the bytes of a zone file.
    ///
    /// # Errors
    /// As [`Name::parse`].
    pub fn parse_bytes(text: &[u8], origin: Option<&Self>) -> Result<Self, NameError> {
        match text {
            [] => return Err(NameError::Empty),
            b"@" => return origin.cloned().ok_or(NameError::NoOrigin),
            b"." => return Ok(Self::root()),
            _ => {}
        }
        let mut wire = Vec::with_capacity(text.len() + 2 + origin.map_or(0, |o| o.0.len()));
        let mut start = 0;
        let (mut i, mut absolute, mut escaped) = (0, false, false);
        wire.push(0);
        while let Some(&byte) = text.get(i) {
            i += 1;
            match byte {
                b'.' => {
                    close_label(&mut wire, start, std::mem::take(&mut escaped))?;
                    if i == text.len() {
                        absolute = true;
                    } else {
                        start = wire.len();
                        wire.push(0);
                    }
                }
                b'\\' => {
                    let (octet, used) = unescape(text.get(i..).unwrap_or_default()).ok_or(NameError::BadEscape)?;
                    escaped |= !octet.is_ascii();
                    wire.push(octet);
                    i += used;
                }
                other => wire.push(other),
            }
        }
        if absolute {
            wire.push(0);
        } else {
            close_label(&mut wire, start, escaped)?;
            wire.extend_from_slice(&origin.ok_or(NameError::NoOrigin)?.0);
        }
        if wire.len() > MAX_NAME {
            return Err(NameError::TooLong);
        }
        Ok(Self(wire.into_boxed_slice()))
    }

    /// Reads an uncompressed name from the start of `wire`; returns it with the number of octets it took.
    ///
    /// # Errors
    /// When the octets end early, a label is a compression pointer, or the name is too long.
    pub fn from_wire(wire: &[u8]) -> Result<(Self, usize), NameError> {
        let mut at = 0;
        loop {
            let len = usize::from(*wire.get(at).ok_or(NameError::Wire)?);
            at += 1 + len;
            if len > MAX_LABEL {
                return Err(NameError::Wire);
            }
            if at > MAX_NAME {
                return Err(NameError::TooLong);
            }
            if len == 0 {
                return Ok((Self(wire.get(..at).ok_or(NameError::Wire)?.into()), at));
            }
        }
    }

    /// The octets as they stand in a message without compression.
    #[must_use]
    pub fn wire(&self) -> &[u8] {
        &self.0
    }

    /// The octets with ASCII letters in lower case (RFC 4034 §6.2).
    #[must_use]
    pub fn canonical_wire(&self) -> Vec<u8> {
        self.0.to_ascii_lowercase()
    }

    /// Labels from the left, the root left out.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest: &[u8] = &self.0;
        std::iter::from_fn(move || {
            let (&len, after) = rest.split_first()?;
            let (label, next) = after.split_at_checked(usize::from(len))?;
            rest = next;
            (len > 0).then_some(label)
        })
    }

    /// Number of labels, the root left out.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.labels().count()
    }

    /// Whether this is `.`.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.len() == 1
    }

    /// Whether the leftmost label is exactly `*` (RFC 4592).
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.0.starts_with(b"\x01*")
    }

    /// The name without its leftmost label; `None` for the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (&len, rest) = self.0.split_first()?;
        (len > 0).then(|| Self(rest.get(usize::from(len)..).unwrap_or(&[0]).into()))
    }

    /// Whether this name is `other` or lies below it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        let Some(skip) = self.0.len().checked_sub(other.0.len()) else { return false };
        // A suffix of the octets is a suffix of the labels only if it starts where a label starts.
        let mut at = 0;
        while at < skip {
            at += 1 + usize::from(self.0.get(at).copied().unwrap_or(0));
        }
        at == skip && self.0.get(skip..).is_some_and(|tail| tail.eq_ignore_ascii_case(&other.0))
    }

    /// This name with `suffix` behind it, as happens to a name whose final dot was forgotten.
    ///
    /// # Errors
    /// When the result has more than 255 octets.
    pub fn join(&self, suffix: &Self) -> Result<Self, NameError> {
        let mut wire = self.0.get(..self.0.len() - 1).unwrap_or_default().to_vec();
        wire.extend_from_slice(&suffix.0);
        if wire.len() > MAX_NAME { Err(NameError::TooLong) } else { Ok(Self(wire.into_boxed_slice())) }
    }

    /// What stands before `suffix`, as a name of its own; `None` if this name is not within it.
    #[must_use]
    pub fn without(&self, suffix: &Self) -> Option<Self> {
        if !self.is_within(suffix) {
            return None;
        }
        let mut wire = self.0.get(..self.0.len() - suffix.0.len())?.to_vec();
        wire.push(0);
        Some(Self(wire.into_boxed_slice()))
    }

    /// The name as it is written in a zone whose origin is `origin`: `@`, relative, or absolute.
    #[must_use]
    pub fn relative_to(&self, origin: &Self) -> String {
        if self == origin {
            return "@".to_owned();
        }
        match self.without(origin) {
            Some(prefix) if !origin.is_root() => {
                let mut text = prefix.to_string();
                text.pop();
                text
            }
            _ => self.to_string(),
        }
    }

    /// Whether every label is a host name's: letters, digits, inner hyphens (RFC 952, RFC 1123 §2.1). A leading `*`
    /// label passes, for address records on wildcards.
    #[must_use]
    pub fn is_host(&self) -> bool {
        self.labels().enumerate().all(|(i, label)| {
            (i == 0 && label == b"*")
                || (label.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
                    && !label.starts_with(b"-")
                    && !label.ends_with(b"-"))
        })
    }

    /// Writes presentation format with the final dot into `out`, everything special escaped.
    pub fn write(&self, out: &mut String) {
        if self.is_root() {
            out.push('.');
            return;
        }
        for label in self.labels() {
            for &byte in label {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'*' | b'/' | b'+' | b'=' | b':' => {
                        out.push(char::from(byte));
                    }
                    0x21..=0x7e => {
                        out.push('\\');
                        out.push(char::from(byte));
                    }
                    _ => push_decimal_escape(out, byte),
                }
            }
            out.push('.');
        }
    }

    /// The name for people: A-labels shown as U-labels where they are valid ones, without the final dot.
    #[must_use]
    pub fn to_unicode(&self) -> String {
        let mut text = self.to_string();
        if text.len() > 1 {
            text.pop();
        }
        display_unicode(&text)
    }
}

/// An ASCII name for people: valid A-labels become U-labels (UTS 46), anything else stays as it is.
#[must_use]
pub fn display_unicode(ascii: &str) -> String {
    #[cfg(feature = "idn")]
    if ascii.to_ascii_lowercase().contains("xn--") {
        let (unicode, result) = idna::domain_to_unicode(ascii);
        if result.is_ok() && !unicode.chars().any(char::is_control) {
            return unicode;
        }
    }
    ascii.to_owned()
}

/// A whole label that is not ASCII as an A-label (UTS 46, non-transitional).
#[cfg(feature = "idn")]
pub(super) fn to_a_label(label: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_cow(label.as_bytes(), idna::AsciiDenyList::EMPTY).ok()?;
    (ascii.len() <= MAX_LABEL && !ascii.is_empty() && !ascii.contains('.')).then(|| ascii.into_owned())
}
#[cfg(not(feature = "idn"))]
pub(super) fn to_a_label(_label: &str) -> Option<String> {
    None
}

/// Ends a label. Octets above 127 that stood there as such are an internationalised label typed as people read it; what was
/// escaped is meant octet by octet, and has to come back that way.
fn close_label(wire: &mut Vec<u8>, start: usize, escaped: bool) -> Result<(), NameError> {
    let label = wire.get(start + 1..).unwrap_or_default();
    if label.is_empty() {
        return Err(NameError::EmptyLabel);
    }
    if !escaped
        && !label.is_ascii()
        && let Ok(text) = std::str::from_utf8(label)
    {
        let ascii = to_a_label(text).ok_or_else(|| NameError::Idn(text.to_owned()))?;
        wire.truncate(start + 1);
        wire.extend_from_slice(ascii.as_bytes());
    }
    let len = wire.len() - start - 1;
    match u8::try_from(len) {
        Ok(octet) if len <= MAX_LABEL => {
            if let Some(slot) = wire.get_mut(start) {
                *slot = octet;
            }
            Ok(())
        }
        _ => Err(NameError::LabelTooLong(len)),
    }
}

/// Decodes what follows a backslash: the octet, and how many bytes of text it took (RFC 1035 §5.1).
pub(crate) fn unescape(after: &[u8]) -> Option<(u8, usize)> {
    match after {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] => {
            let value = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
            Some((u8::try_from(value).ok()?, 3))
        }
        [b'0'..=b'9', ..] | [] => None,
        [other, ..] => Some((*other, 1)),
    }
}

/// `\DDD`, decimal.
pub(crate) fn push_decimal_escape(out: &mut String, byte: u8) {
    out.push('\\');
    for digit in [byte / 100, byte / 10 % 10, byte % 10] {
        out.push(char::from(b'0' + digit));
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(self.0.len() + 1);
        self.write(&mut text);
        f.write_str(&text)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for byte in &self.0 {
            state.write_u8(byte.to_ascii_lowercase());
        }
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mine, theirs): (Vec<_>, Vec<_>) = (self.labels().collect(), other.labels().collect());
        for (a, b) in mine.iter().rev().zip(theirs.iter().rev()) {
            let order = a.iter().map(u8::to_ascii_lowercase).cmp(b.iter().map(u8::to_ascii_lowercase));
            if order != Ordering::Equal {
                return order;
            }
        }
        mine.len().cmp(&theirs.len())
    }
}
impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Name {
        Name::parse(text, Some(&Name::parse("example.de.", None).unwrap())).unwrap()
    }

    #[test]
    fn relative_names_are_completed_and_absolute_ones_are_not() {
        assert_eq!(name("www").to_string(), "www.example.de.");
        assert_eq!(name("mail.example.de").to_string(), "mail.example.de.example.de.");
        assert_eq!(name("@").to_string(), "example.de.");
        assert_eq!(name("mail.other.").to_string(), "mail.other.");
    }

    #[test]
    fn letter_case_is_kept_and_ignored() {
        assert_eq!(name("WWW"), name("www"));
        assert_eq!(name("WWW").to_string(), "WWW.example.de.");
    }

    #[test]
    fn u_labels_become_a_labels_without_transitional_mapping() {
        for (unicode, ascii) in
            [("müller.de.", "xn--mller-kva.de."), ("straße.de.", "xn--strae-oqa.de."), ("faß.de.", "xn--fa-hia.de.")]
        {
            let name = Name::parse(unicode, None).unwrap();
            assert_eq!(name.to_string(), ascii);
            assert_eq!(format!("{}.", name.to_unicode()), unicode);
        }
    }

    #[test]
    fn lengths_are_counted_in_octets() {
        assert!(Name::parse(&format!("{}.de.", "a".repeat(63)), None).is_ok());
        assert_eq!(Name::parse(&format!("{}.de.", "a".repeat(64)), None), Err(NameError::LabelTooLong(64)));
        let longest = format!("{0}.{0}.{0}.{1}.", "a".repeat(63), "b".repeat(61));
        assert_eq!(Name::parse(&longest, None).unwrap().wire().len(), 255);
        let too_long = format!("{0}.{0}.{0}.{1}.", "a".repeat(63), "b".repeat(62));
        assert_eq!(Name::parse(&too_long, None), Err(NameError::TooLong));
    }

    #[test]
    fn broken_names_say_why() {
        for (text, error) in [
            ("", NameError::Empty),
            ("a..b.", NameError::EmptyLabel),
            (".a.", NameError::EmptyLabel),
            ("a\\25", NameError::BadEscape),
            ("a\\256.", NameError::BadEscape),
            ("a\\", NameError::BadEscape),
            ("a", NameError::NoOrigin),
        ] {
            assert_eq!(Name::parse(text, None).unwrap_err(), error, "{text:?}");
        }
    }

    #[test]
    fn within_needs_a_label_border() {
        assert!(name("www").is_within(&name("@")));
        assert!(!Name::parse("badexample.de.", None).unwrap().is_within(&name("@")));
        assert_eq!(name("a.b").relative_to(&name("@")), "a.b");
    }

    proptest! {
        #[test]
        fn any_labels_survive_writing_and_reading(labels in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 0..6)) {
            let mut wire = Vec::new();
            for label in &labels {
                wire.push(u8::try_from(label.len()).unwrap());
                wire.extend_from_slice(label);
            }
            wire.push(0);
            let (name, used) = Name::from_wire(&wire).unwrap();
            prop_assert_eq!(used, wire.len());
            let again = Name::parse(&name.to_string(), None).unwrap();
            prop_assert_eq!(again.wire(), name.wire());
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in any::<Vec<u8>>()) {
            let _ = Name::parse_bytes(&text, Some(&Name::root()));
        }
    }
}
