//! The readers' reasons in German.
//!
//! Readers say in English what is wrong, with the text in question inside the sentence; logs and the command line show
//! it as it is. For people a sentence is recognised by its pattern and told in their language, part by part. A sentence
//! that no pattern knows stays English: nothing is ever hidden for want of a translation.

use std::sync::LazyLock;

const SOURCE: &str = include_str!("../locales/de/reasons.txt");
/// How deep parts may hold parts.
const MAX_DEPTH: usize = 4;

type Pattern = (Vec<&'static str>, Vec<&'static str>);

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let lines = SOURCE.lines().filter(|l| !l.starts_with('#'));
    lines
        .filter_map(|l| l.split_once(" => "))
        .map(|(en, de)| (en.split("{}").collect(), de.split("{}").collect()))
        .collect()
});

/// A reason in German.
#[must_use]
pub fn german(text: &str) -> String {
    text.split('\n').map(|line| translate(line, 0)).collect::<Vec<_>>().join("\n")
}

fn translate(text: &str, depth: usize) -> String {
    if depth >= MAX_DEPTH {
        return text.to_owned();
    }
    let found = PATTERNS.iter().find_map(|(en, de)| Some((parts(en, text)?, de)));
    let Some((parts, de)) = found else { return text.to_owned() };
    let mut out = String::with_capacity(text.len() + 20);
    for (i, piece) in de.iter().enumerate() {
        out.push_str(piece);
        if let (Some(part), true) = (parts.get(i), i + 1 < de.len()) {
            out.push_str(&translate(part, depth + 1));
        }
    }
    out
}

/// What stands in the pattern's gaps, if the text has the pattern's pieces in order from its first to its last letter.
fn parts<'t>(pieces: &[&str], text: &'t str) -> Option<Vec<&'t str>> {
    let (first, rest) = pieces.split_first()?;
    let mut left = text.strip_prefix(first)?;
    let Some((last, middle)) = rest.split_last() else { return left.is_empty().then(Vec::new) };
    let mut found = Vec::new();
    for piece in middle {
        let at = left.find(piece)?;
        let (part, after) = left.split_at(at);
        found.push(part);
        left = after.get(piece.len()..)?;
    }
    let part = left.strip_suffix(last)?;
    if part.is_empty() && last.is_empty() {
        return None;
    }
    found.push(part);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_every_pattern_have_the_same_gaps() {
        assert!(PATTERNS.len() > 120);
        for (en, de) in PATTERNS.iter() {
            assert_eq!(en.len(), de.len(), "{en:?}");
        }
        let lines = SOURCE.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
        assert_eq!(lines.count(), PATTERNS.len(), "a line is no pattern");
    }

    #[test]
    fn sentences_are_told_part_by_part() {
        for (en, de) in [
            ("line 3: A: `1.2.3` is not an IPv4 address", "Zeile 3: A: „1.2.3“ ist nicht: eine IPv4-Adresse"),
            ("E-Mail `x`: the address has no @", "E-Mail „x“: die Adresse hat kein @"),
            ("Firma holds a line break", "Firma enthält einen Zeilenumbruch"),
            (
                "a label has 64 octets, at most 63 are allowed (RFC 1035 §2.3.4)",
                "ein Glied des Namens hat 64 Oktette, erlaubt sind höchstens 63 (RFC 1035 §2.3.4)",
            ),
            ("`x`: the name is empty", "„x“: der Name ist leer"),
            ("the target `x`: the address has no @", "das Ziel „x“: die Adresse hat kein @"),
            ("the plan was cancelled", "der Plan wurde abgebrochen"),
            ("nobody knows this", "nobody knows this"),
            ("a\nthe customer number is empty", "a\ndie Kundennummer ist leer"),
        ] {
            assert_eq!(german(en), de);
        }
    }
}
