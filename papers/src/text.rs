//! Texts of unknown age: which encoding, which characters.

use std::borrow::Cow;

/// Longest text of a field, in characters.
const MAX_FIELD: usize = 300;

/// UTF-8 or, where it is not that, Windows-1252, as German office programs wrote it; byte order marks are obeyed.
#[must_use]
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some((encoding, skip)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(skip..).unwrap_or_default()).0;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Checks a field of one line: what is wrong with it, if anything.
pub(crate) fn fault(text: &str) -> Option<&'static str> {
    let breaks = |c: char| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    // Marks that turn the direction of text make one name look like another.
    let hidden =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    if text.chars().any(breaks) {
        Some("holds a line break")
    } else if text.chars().any(|c| c.is_control() && c != '\t') {
        Some("holds a control character")
    } else if text.chars().any(hidden) {
        Some("holds an invisible character")
    } else if text.chars().count() > MAX_FIELD {
        Some("has more than 300 characters")
    } else {
        None
    }
}

/// A text as it is quoted in a reason: short and harmless.
pub(crate) fn shown(text: &str) -> String {
    let short: String = text.chars().filter(|c| fault(c.encode_utf8(&mut [0; 4])).is_none()).take(60).collect();
    if text.chars().count() > 60 { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    #[test]
    fn old_umlauts_are_read() {
        assert_eq!(super::decode(b"M\xfcller \x80"), "Müller €");
        assert_eq!(super::decode("Müller".as_bytes()), "Müller");
        assert_eq!(super::decode(b"\xef\xbb\xbfx"), "x");
        assert_eq!(super::decode(b"\xff\xfeM\x00"), "M");
    }
}
