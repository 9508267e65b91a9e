//! `named.conf`: which zones there are, and in which files.

use super::text;

/// A zone statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ZoneStatement {
    /// Its name as written.
    pub name: String,
    /// `master`, `slave`, `hint`, …; empty if it is not said.
    pub kind: String,
    /// Its file as written.
    pub file: Option<String>,
    /// Line on which it starts.
    pub line: u32,
    /// Whether it stands in no view, or in one that everybody may ask.
    pub public: bool,
    /// Whether its class is IN.
    pub class_in: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Open,
    Close,
    End,
}

/// Reads zone statements, also those in views; everything else is passed over.
///
/// # Errors
/// The line and what is wrong when braces or quotes do not match.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<ZoneStatement>, (u32, String)> {
    let text = text::decode(bytes);
    let tokens = tokens(&text)?;
    let mut zones: Vec<ZoneStatement> = Vec::new();
    let mut depth = 0i64;
    let mut at = 0;
    // The view that is open: its depth, its first zone, and whether its clients are everybody.
    let mut view: Option<(i64, usize, bool)> = None;
    // Only at the start of a statement is `zone` a keyword.
    let mut fresh = true;
    while let Some((token, line)) = tokens.get(at) {
        at += 1;
        match token {
            Token::Word(word) if fresh && word == "zone" => {
                if let Some((zone, next)) = statement(&tokens, at, *line)? {
                    zones.push(zone);
                    at = next;
                }
            }
            Token::Word(word) if fresh && word == "view" && view.is_none() => {
                view = Some((depth + 1, zones.len(), true));
                fresh = false;
            }
            Token::Word(word) if fresh && word == "match-clients" => {
                let words = tokens.get(at..).unwrap_or_default().iter().take_while(|(t, _)| *t != Token::Close);
                let any = words.into_iter().any(|(t, _)| matches!(t, Token::Word(w) if w == "any"));
                if let Some((.., public)) = &mut view {
                    *public = any;
                }
                fresh = false;
            }
            Token::Word(_) => fresh = false,
            Token::Open => {
                depth += 1;
                fresh = true;
            }
            Token::Close => {
                depth -= 1;
                fresh = true;
                if let Some((_, first, public)) = view.take_if(|(open, ..)| depth < *open) {
                    zones.iter_mut().skip(first).for_each(|z| z.public = public);
                }
                if depth < 0 {
                    return Err((*line, "a closing brace has no opening one".to_owned()));
                }
            }
            Token::End => fresh = true,
        }
    }
    if depth > 0 {
        return Err((
            tokens.last().map_or(1, |(_, l)| *l),
            "a brace is not closed before the end of the file".to_owned(),
        ));
    }
    Ok(zones)
}

/// Files that are included at any depth, with their lines. What cannot be cut into words has none.
#[must_use]
pub(crate) fn includes(bytes: &[u8]) -> Vec<(u32, String)> {
    let text = text::decode(bytes);
    let tokens = tokens(&text).unwrap_or_default();
    let statements = tokens.windows(3).enumerate().filter_map(|(i, window)| {
        let fresh = i == 0 || matches!(tokens.get(i - 1), Some((Token::End | Token::Open | Token::Close, _)));
        match window {
            [(Token::Word(word), line), (Token::Word(path), _), (Token::End, _)] if fresh && word == "include" => {
                Some((*line, path.clone()))
            }
            _ => None,
        }
    });
    statements.collect()
}

/// `"name" [class] { … };` from behind the keyword.
fn statement(
    tokens: &[(Token, u32)],
    start: usize,
    line: u32,
) -> Result<Option<(ZoneStatement, usize)>, (u32, String)> {
    let Some((Token::Word(name), _)) = tokens.get(start) else { return Ok(None) };
    let mut at = start + 1;
    let mut class_in = true;
    if let Some((Token::Word(class), _)) = tokens.get(at) {
        class_in = class.eq_ignore_ascii_case("IN");
        at += 1;
    }
    if !matches!(tokens.get(at), Some((Token::Open, _))) {
        return Ok(None);
    }
    let mut zone = ZoneStatement { name: name.clone(), kind: String::new(), file: None, line, public: true, class_in };
    let (mut depth, mut fresh) = (1, true);
    while depth > 0 {
        at += 1;
        match tokens.get(at) {
            None => return Err((line, format!("the zone \"{}\" is not closed", text::shown(name)))),
            Some((Token::Open, _)) => depth += 1,
            Some((Token::Close, _)) => depth -= 1,
            Some((Token::End, _)) => fresh = true,
            Some((Token::Word(word), _)) => {
                if let (true, 1, Some((Token::Word(value), _))) = (fresh, depth, tokens.get(at + 1)) {
                    match word.as_str() {
                        "type" => zone.kind = value.to_ascii_lowercase(),
                        "file" => zone.file = Some(value.clone()),
                        _ => {}
                    }
                }
                fresh = false;
            }
        }
    }
    Ok(Some((zone, at + 1)))
}

fn tokens(text: &str) -> Result<Vec<(Token, u32)>, (u32, String)> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    let mut line = 1;
    while let Some(c) = chars.next() {
        match c {
            '\n' => line += 1,
            c if c.is_whitespace() => {}
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.peek() == Some(&'*') => {
                let start = line;
                let mut last = ' ';
                loop {
                    match chars.next() {
                        None => return Err((start, "a comment is not closed".to_owned())),
                        Some('/') if last == '*' => break,
                        Some(c) => {
                            line += u32::from(c == '\n');
                            last = c;
                        }
                    }
                }
            }
            '{' => tokens.push((Token::Open, line)),
            '}' => tokens.push((Token::Close, line)),
            ';' => tokens.push((Token::End, line)),
            '"' => {
                let mut word = String::new();
                loop {
                    match chars.next() {
                        None | Some('\n') => return Err((line, "a quoted text is not closed".to_owned())),
                        Some('"') => break,
                        Some('\\') => word.extend(chars.next()),
                        Some(c) => word.push(c),
                    }
                }
                tokens.push((Token::Word(word), line));
            }
            c => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !"{};\"".contains(*c)) {
                    word.push(c);
                }
                tokens.push((Token::Word(word), line));
            }
        }
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_found_wherever_they_stand() {
        let zones = read(
            b"// c\noptions { directory \"/var\"; allow-query { any; }; };\n/* zone \"no\" {}; */\nzone \"a.de\" IN {\n type master; # c\n\
              allow-transfer { key \"file\"; };\n file \"/etc/bind/zones/a.de.db\"; };\nview x { zone b.de { file 'b'; type slave; }; };",
        )
        .unwrap();
        let told: Vec<_> =
            zones.iter().map(|z| (z.name.as_str(), z.kind.as_str(), z.file.as_deref().unwrap_or(""), z.line)).collect();
        assert_eq!(told, [("a.de", "master", "/etc/bind/zones/a.de.db", 4), ("b.de", "slave", "'b'", 8)]);
    }

    #[test]
    fn views_classes_and_includes_are_seen() {
        let text =
            b"include \"/etc/bind/more.conf\";\nview intern { match-clients { 10/8; }; zone a { type master; }; };\n\
            view extern { match-clients { any; }; zone b { type master; }; };\nzone c CH { type master; };";
        let zones = read(text).unwrap();
        assert_eq!(
            zones.iter().map(|z| (z.public, z.class_in)).collect::<Vec<_>>(),
            [(false, true), (true, true), (true, false)]
        );
        assert_eq!(includes(text), [(1, "/etc/bind/more.conf".to_owned())]);
    }

    #[test]
    fn broken_files_say_where() {
        for bad in ["zone \"a\" { type master;", "}", "/* x", "zone \"a\n", "options { x {"] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
