//! Texts in one piece, searched by going through all of it: some milliseconds for a hundred thousand, whatever is looked for and however
//! much is found.

use super::places::Places;
use memchr::memmem::Finder;

/// Stands behind each text, and in none: the database keeps no NUL, and what is searched for has none.
const END: char = '\0';

/// Texts, each known by its place.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    all: String,
    /// Where the text of each place ends, its [`END`] included.
    ends: Vec<usize>,
}

impl Texts {
    /// Adds one; its place is the number of those before it.
    pub(crate) fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.all.push(END);
        self.ends.push(self.all.len());
    }

    /// Octets of all of them.
    pub(crate) fn octets(&self) -> usize {
        self.all.len()
    }

    /// The text at a place.
    pub(crate) fn get(&self, place: usize) -> &str {
        let begin = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(place).map_or(begin, |end| end.saturating_sub(END.len_utf8()));
        self.all.get(begin..end).unwrap_or_default()
    }

    /// The places of those that have `text` in them.
    pub(crate) fn containing(&self, text: &str) -> Places {
        let mut found = Places::default();
        let finder = Finder::new(text);
        let (mut from, mut place) = (0, 0);
        while let Some(at) = self.all.as_bytes().get(from..).and_then(|rest| finder.find(rest)) {
            while self.ends.get(place).is_some_and(|end| *end <= from + at) {
                place += 1;
            }
            let Some(end) = self.ends.get(place) else { break };
            found.insert(place);
            // One hit of a text is enough.
            from = *end;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_stands_and_never_across_two() {
        let mut texts = Texts::default();
        for text in ["anna@a.de", "", "hanna@a.de anna@a.de", "grüße@ß.de"] {
            texts.push(text);
        }
        for (text, places) in [
            ("anna", vec![0, 2]),
            ("a.deh", vec![]),
            ("hanna", vec![2]),
            ("üße@", vec![3]),
            (".de", vec![0, 2, 3]),
            ("", vec![0, 1, 2, 3]),
        ] {
            assert_eq!(texts.containing(text).iter().collect::<Vec<_>>(), places, "{text}");
        }
        assert_eq!(texts.get(2), "hanna@a.de anna@a.de");
        assert_eq!((texts.get(1), texts.get(4)), ("", ""));
    }
}
