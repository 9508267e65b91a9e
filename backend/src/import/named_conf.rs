//! `named.conf`: which zones there are, and in which files.

use super::text;

/// A zone statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneStatement {
    /// Its name as written.
    pub name: String,
    /// `master`, `slave`, `hint`, …; empty if it is not said.
    pub kind: String,
    /// Its file as written.
    pub file: Option<String>,
    /// Line on which it starts.
    pub line: u32,
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
pub fn read(bytes: &[u8]) -> Result<Vec<ZoneStatement>, (u32, String)> {
    let text = text::decode(bytes);
    let tokens = tokens(&text)?;
    let mut zones = Vec::new();
    let mut depth = 0i64;
    let mut at = 0;
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
            Token::Word(_) => fresh = false,
            Token::Open => {
                depth += 1;
                fresh = true;
            }
            Token::Close => {
                depth -= 1;
                fresh = true;
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

/// `"name" [class] { … };` from behind the keyword.
fn statement(
    tokens: &[(Token, u32)],
    start: usize,
    line: u32,
) -> Result<Option<(ZoneStatement, usize)>, (u32, String)> {
    let Some((Token::Word(name), _)) = tokens.get(start) else { return Ok(None) };
    let mut at = start + 1;
    if matches!(tokens.get(at), Some((Token::Word(_), _))) {
        at += 1;
    }
    if !matches!(tokens.get(at), Some((Token::Open, _))) {
        return Ok(None);
    }
    let mut zone = ZoneStatement { name: name.clone(), kind: String::new(), file: None, line };
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
    fn broken_files_say_where() {
        for bad in ["zone \"a\" { type master;", "}", "/* x", "zone \"a\n", "options { x {"] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
