//! Master files cut into entries and tokens (RFC 1035 §5.1).
//!
//! One place knows about quotes, escapes, comments and parentheses. Tokens keep their escapes: a `\.` in a name and a
//! `\.` in a text mean different things, so the field that a token belongs to decodes it.

use std::borrow::Cow;

/// A word of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'a> {
    /// The bytes as written, without the quotes around a quoted token, escapes still in.
    pub raw: Cow<'a, [u8]>,
    /// Whether it stood in quotes: then it is never a type, a class, a TTL or a directive.
    pub quoted: bool,
}

impl Token<'_> {
    /// The token as text, if it is UTF-8 and was not quoted.
    #[must_use]
    pub fn word(&self) -> Option<&str> {
        if self.quoted { None } else { std::str::from_utf8(&self.raw).ok() }
    }
}

/// One logical line: a directive or a record, parentheses resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Line on which it starts, from 1.
    pub line: u32,
    /// Whether it starts with a blank, which stands for the owner of the entry before.
    pub inherits_owner: bool,
    /// Its words.
    pub tokens: Vec<Token<'a>>,
    /// The line of a `;` that touches an unquoted word: what follows is lost, though it may have been meant as text.
    pub cut: Option<u32>,
}

/// Why text cannot be cut into entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LexError {
    /// A quote that is never closed on its line.
    #[error("a quoted text is not closed before the end of the line")]
    OpenQuote,
    /// A parenthesis that is never closed.
    #[error("a parenthesis is not closed before the end of the file")]
    OpenParenthesis,
    /// `)` without `(`.
    #[error("a closing parenthesis has no opening one")]
    StrayParenthesis,
    /// A backslash at the end of the file or line.
    #[error("a backslash stands at the end of a line")]
    DanglingEscape,
    /// NUL or another control character, which no text editor shows.
    #[error("a control character (octet {0}) stands in the text; write it as \\DDD")]
    Control(u8),
}

/// Cuts `text` into entries, with the line of every error. It goes on after an error at the next line.
#[derive(Debug)]
pub struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> Lexer<'a> {
    /// Starts at the first line. A UTF-8 byte order mark is passed over.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        Self { text: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text), at: 0, line: 1 }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_line(&mut self) {
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == b'\n' {
                self.line += 1;
                return;
            }
        }
    }

    /// The next entry with at least one token.
    fn entry(&mut self) -> Option<Result<Entry<'a>, (u32, LexError)>> {
        loop {
            self.peek()?;
            let line = self.line;
            match self.scan() {
                Ok(entry) if entry.tokens.is_empty() => {}
                Ok(entry) => return Some(Ok(entry)),
                Err(error) => {
                    let at = if error == LexError::OpenParenthesis { line } else { self.line };
                    self.skip_line();
                    return Some(Err((at, error)));
                }
            }
        }
    }

    fn scan(&mut self) -> Result<Entry<'a>, LexError> {
        let mut entry = Entry {
            line: self.line,
            inherits_owner: matches!(self.peek(), Some(b' ' | b'\t')),
            tokens: Vec::new(),
            cut: None,
        };
        let mut depth = 0u32;
        let mut touches_word = false;
        while let Some(byte) = self.peek() {
            let touched = std::mem::take(&mut touches_word);
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.line += 1;
                    if depth == 0 {
                        return Ok(entry);
                    }
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b';' => {
                    self.comment(&mut entry, touched);
                }
                b'(' => {
                    depth += 1;
                    self.at += 1;
                }
                b')' => {
                    depth = depth.checked_sub(1).ok_or(LexError::StrayParenthesis)?;
                    self.at += 1;
                }
                b'"' => {
                    self.at += 1;
                    let raw = self.quoted()?;
                    entry.tokens.push(Token { raw: Cow::Borrowed(raw), quoted: true });
                }
                _ => {
                    if entry.tokens.is_empty() && depth == 0 {
                        entry.line = self.line;
                    }
                    let raw = self.word()?;
                    entry.tokens.push(Token { raw: Cow::Borrowed(raw), quoted: false });
                    touches_word = true;
                }
            }
        }
        if depth > 0 { Err(LexError::OpenParenthesis) } else { Ok(entry) }
    }

    fn comment(&mut self, entry: &mut Entry<'a>, touched: bool) {
        let start = self.at + 1;
        while self.peek().is_some_and(|b| b != b'\n') {
            self.at += 1;
        }
        let rest = self.text.get(start..self.at).unwrap_or_default();
        // `TXT v=DKIM1; p=…`: the word, the semicolon, more words. A lone `;` at the end loses nothing.
        if touched && entry.cut.is_none() && rest.iter().any(|b| !b.is_ascii_whitespace()) {
            entry.cut = Some(self.line);
        }
    }

    fn quoted(&mut self) -> Result<&'a [u8], LexError> {
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    let raw = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(raw);
                }
                b'\\' => self.escape()?,
                b'\n' => return Err(LexError::OpenQuote),
                b'\t' => self.at += 1,
                b'\r' if self.text.get(self.at + 1) == Some(&b'\n') => return Err(LexError::OpenQuote),
                0..=31 | 127 => return Err(LexError::Control(byte)),
                _ => self.at += 1,
            }
        }
        Err(LexError::OpenQuote)
    }

    fn word(&mut self) -> Result<&'a [u8], LexError> {
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b';' | b'(' | b')' => break,
                // `alpn="h2,h3"`: the quotes belong to the word.
                b'"' => {
                    self.at += 1;
                    self.quoted()?;
                }
                b'\\' => self.escape()?,
                0..=31 | 127 => return Err(LexError::Control(byte)),
                _ => self.at += 1,
            }
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn escape(&mut self) -> Result<(), LexError> {
        match self.text.get(self.at + 1) {
            None | Some(b'\n' | b'\r') => Err(LexError::DanglingEscape),
            Some(byte @ (0..=31 | 127)) => Err(LexError::Control(*byte)),
            Some(_) => {
                self.at += 2;
                Ok(())
            }
        }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Result<Entry<'a>, (u32, LexError)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entry()
    }
}

/// Cuts a single value, as typed into a form or stored in a row, into tokens.
///
/// # Errors
/// When the text has more than one line or cannot be cut. A comment is not a value either: it would be lost.
pub fn tokens(text: &str) -> Result<Vec<Token<'_>>, LexError> {
    // CR, LF, NEL, LS and PS all end a line for somebody who reads the file later.
    if let Some(bad) = text.chars().find(|c| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')) {
        return Err(LexError::Control(u8::try_from(u32::from(bad)).unwrap_or(b'\n')));
    }
    match Lexer::new(text.as_bytes()).next() {
        None => Ok(Vec::new()),
        Some(Ok(entry)) => Ok(entry.tokens),
        Some(Err((_, error))) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        Lexer::new(text.as_bytes())
            .map(|e| e.unwrap().tokens.iter().map(|t| String::from_utf8(t.raw.to_vec()).unwrap()).collect())
            .collect()
    }

    #[test]
    fn parentheses_join_lines_and_comments_end_them() {
        assert_eq!(words("a ( b ; c\n d )\n\n; only\ne"), [vec!["a", "b", "d"], vec!["e"]]);
        assert_eq!(words(r#"x TXT "a;b" "c\"d" k="v w""#), [vec!["x", "TXT", "a;b", r#"c\"d"#, r#"k="v w""#]]);
    }

    #[test]
    fn a_semicolon_that_touches_a_word_is_reported() {
        let cut = |text: &str| Lexer::new(text.as_bytes()).next().unwrap().unwrap().cut;
        assert_eq!(cut("x TXT v=DKIM1; p=abc"), Some(1));
        assert_eq!(cut("x TXT v=DKIM1 ; p=abc"), None);
        assert_eq!(cut("x TXT v=DKIM1;"), None);
        assert_eq!(cut("x A 192.0.2.1;comment"), Some(1));
    }

    #[test]
    fn broken_text_names_its_line_and_the_next_line_is_read() {
        let all: Vec<_> = Lexer::new(b"a \"b\nc d\ne )\nf\0\ng (").collect();
        assert_eq!(all[0], Err((1, LexError::OpenQuote)));
        assert_eq!(all[1].as_ref().unwrap().tokens.len(), 2);
        assert_eq!(all[2], Err((3, LexError::StrayParenthesis)));
        assert_eq!(all[3], Err((4, LexError::Control(0))));
        assert_eq!(all[4], Err((5, LexError::OpenParenthesis)));
    }

    #[test]
    fn a_single_value_has_a_single_line() {
        for text in ["x\n@ NS evil.", "x\r@ NS evil.", "x\u{85}y", "x\u{2028}y"] {
            assert!(tokens(text).is_err(), "{text:?}");
        }
    }
}
