//! nginx: words, braces and semicolons.

use super::Vhost;

/// What a word of the configuration is.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Open,
    Close,
    End,
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
            '{' => tokens.push((Token::Open, line)),
            '}' => tokens.push((Token::Close, line)),
            ';' => tokens.push((Token::End, line)),
            '"' | '\'' => {
                let (start, mut word) = (line, String::new());
                loop {
                    match chars.next() {
                        None => return Err((start, "a quoted text is not closed".to_owned())),
                        Some(end) if end == c => break,
                        Some('\\') => word.extend(chars.next()),
                        Some(other) => {
                            line += u32::from(other == '\n');
                            word.push(other);
                        }
                    }
                }
                tokens.push((Token::Word(word), start));
            }
            c => {
                let mut word = String::from(c);
                // `${name}` is part of a word, its braces are no block.
                while let Some(next) =
                    chars.next_if(|n| !n.is_whitespace() && (!"{};".contains(*n) || (*n == '{' && word.ends_with('$'))))
                {
                    word.push(next);
                    if next == '{' {
                        while let Some(inner) = chars.next_if(|n| !n.is_whitespace() && *n != ';') {
                            word.push(inner);
                            if inner == '}' {
                                break;
                            }
                        }
                    }
                }
                tokens.push((Token::Word(word), line));
            }
        }
    }
    Ok(tokens)
}

pub(super) fn read(text: &str) -> Result<Vec<Vhost>, (u32, String)> {
    let mut vhosts = Vec::new();
    let mut open: Option<(Vhost, usize)> = None;
    let mut blocks: Vec<u32> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut location_root = false;
    for (token, line) in tokens(text)? {
        match token {
            Token::Word(word) => words.push(word),
            Token::Open => {
                blocks.push(line);
                if words.first().is_some_and(|w| w == "server") && words.len() == 1 && open.is_none() {
                    open = Some((Vhost { line, ..Vhost::default() }, blocks.len()));
                }
                location_root =
                    words.first().is_some_and(|w| w == "location") && words.last().is_some_and(|w| w == "/");
                words.clear();
            }
            Token::End => {
                if let Some((vhost, depth)) = &mut open {
                    let top = blocks.len() == *depth;
                    directive(vhost, &words, top, location_root && blocks.len() == *depth + 1);
                }
                words.clear();
            }
            Token::Close => {
                if blocks.pop().is_none() {
                    return Err((line, "a closing brace has no opening one".to_owned()));
                }
                if let Some((vhost, _)) = open.take_if(|(_, depth)| blocks.len() < *depth) {
                    vhosts.push(vhost);
                }
                words.clear();
            }
        }
    }
    match blocks.first() {
        Some(line) => Err((*line, "a brace is not closed before the end of the file".to_owned())),
        None => Ok(vhosts),
    }
}

/// `include` outside of any server: what it brings in is not in the file.
pub(super) fn brought_in(text: &str) -> Vec<(u32, String)> {
    let (mut depth, mut found) = (0, Vec::new());
    let tokens = tokens(text).unwrap_or_default();
    for (i, (token, line)) in tokens.iter().enumerate() {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth -= 1,
            Token::Word(word) if depth == 0 && word == "include" => {
                if let Some((Token::Word(path), _)) = tokens.get(i + 1) {
                    found.push((*line, format!("include {path}")));
                }
            }
            _ => {}
        }
    }
    found
}

fn directive(vhost: &mut Vhost, words: &[String], top: bool, root_location: bool) {
    let [name, values @ ..] = words else { return };
    let first = values.first().cloned().unwrap_or_default();
    match name.as_str() {
        "server_name" if top => vhost.names.extend(values.iter().cloned()),
        "root" if top || (root_location && vhost.root.is_empty()) => vhost.root = first,
        "listen" if top => {
            vhost.tls |= values.iter().any(|v| v == "ssl" || v == "443" || v.ends_with(":443"));
            vhost.listens.extend(super::address(&first));
        }
        "return" if (top || root_location) && first.starts_with('3') => {
            vhost.redirect = true;
            vhost.target = values.get(1).cloned().unwrap_or_default();
        }
        "rewrite" if top && values.get(1).is_some_and(|v| v.starts_with("http")) => {
            vhost.redirect = true;
            vhost.target = values.get(1).cloned().unwrap_or_default();
        }
        "proxy_pass" if root_location => {
            vhost.proxy = true;
            vhost.target = first;
        }
        "fastcgi_pass" => vhost.php = true,
        _ => {}
    }
}
