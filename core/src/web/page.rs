//! A page as far as it tells whether somebody cares for it.

use html5gum::{DefaultEmitter, Token, Tokenizer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most characters of a text that is kept.
const MOST: usize = 200;
/// Elements that nobody sees within each other; more is nobody's page.
const DEEPEST: usize = 64;
/// Most hosts of assets that are kept.
const MOST_HOSTS: usize = 30;

/// A page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Status of the answer.
    pub status: u16,
    /// Octets of its body, as far as it was read.
    pub size: u64,
    /// Whether there was more than is read.
    pub cut: bool,
    /// Its title.
    pub title: String,
    /// Language that it says it is in.
    pub lang: String,
    /// What made it.
    pub generator: String,
    /// When it was changed last, as the server says, in seconds since 1970.
    pub modified: Option<i64>,
    /// Words that one sees.
    pub words: u32,
    /// Beginning of what one sees: small letters, words with single blanks.
    pub text: String,
    /// A number of which near ones belong to texts that are alike (simhash over three words each).
    pub simhash: u64,
    /// Other hosts of which it loads scripts, styles, frames and pictures.
    pub hosts: BTreeSet<String>,
    /// Whether it has scripts, pictures, styles or frames: what one sees may come from there.
    pub assets: bool,
    /// Where it sends its reader by itself (`meta refresh`).
    pub refresh: Option<String>,
}

/// How unlike two texts are, from 0 to 64.
#[must_use]
pub fn distance(one: u64, other: u64) -> u32 {
    (one ^ other).count_ones()
}

/// A hash that is the same on every machine (FNV-1a).
fn hash(words: &[String]) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325_u64;
    for word in words {
        for octet in word.bytes().chain([b' ']) {
            h = (h ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    // Its low bits are weak; each of them counts here.
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^ (h >> 33)
}

fn simhash(words: &[String]) -> u64 {
    let mut weights = [0i64; 64];
    for shingle in words.windows(3.min(words.len().max(1))) {
        let h = hash(shingle);
        for (bit, weight) in weights.iter_mut().enumerate() {
            *weight += if h >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    weights.iter().enumerate().fold(0, |out, (bit, weight)| if *weight > 0 { out | 1 << bit } else { out })
}

/// Words in small letters, without punctuation.
fn words_of(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase)
}

fn short(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|c| !c.is_control()).take(MOST).collect()
}

/// The host of an address, if it is another's: `https://host/…` or `//host/…`.
fn host_in(address: &str) -> Option<String> {
    let rest = address.trim().strip_prefix("https:").or(address.trim().strip_prefix("http:")).unwrap_or(address.trim());
    let authority = rest.strip_prefix("//")?.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?.to_ascii_lowercase();
    let fine =
        !host.is_empty() && host.len() <= 253 && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    fine.then_some(host)
}

/// Seconds after which a page still sends its reader on, and is not one to be read.
const SOON: f32 = 10.0;

/// Where `meta refresh` leads soon: `5; url=https://…`.
fn refresh_in(content: &str) -> Option<String> {
    let (delay, rest) = content.split_once([';', ','])?;
    if delay.trim().parse::<f32>().is_ok_and(|seconds| seconds > SOON) {
        return None;
    }
    let (name, address) = rest.trim().split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("url") {
        return None;
    }
    let address = address.trim().trim_matches(['"', '\'']);
    (!address.is_empty()).then(|| address.chars().filter(|c| !c.is_control()).take(2000).collect())
}

/// Whether nobody sees what stands in an element.
fn is_hidden(element: &[u8]) -> bool {
    matches!(element, b"script" | b"style" | b"noscript" | b"template" | b"svg" | b"head" | b"iframe")
}

impl Page {
    /// Reads a page's text; never fails, as browsers do not.
    #[must_use]
    pub fn read(status: u16, html: &str) -> Self {
        let mut page = Self { status, size: html.len() as u64, ..Self::default() };
        let (mut words, mut hidden, mut in_title): (Vec<String>, Vec<Vec<u8>>, bool) = (Vec::new(), Vec::new(), false);
        let mut title = String::new();
        // What stands in a script or a title is no markup.
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
            match token {
                Token::StartTag(tag) => {
                    let name: &[u8] = &tag.name;
                    let value = |wanted: &[u8]| {
                        let found = tag.attributes.iter().find(|(k, _)| ***k == *wanted);
                        found.map(|(_, v)| String::from_utf8_lossy(v).into_owned())
                    };
                    match name {
                        b"title" => in_title = title.is_empty(),
                        b"html" => page.lang = short(&value(b"lang").unwrap_or_default()),
                        // What only readers without scripts get is not what one sees.
                        b"meta" if !hidden.iter().any(|h| h == b"noscript") => page.meta(&value),
                        b"body" => hidden.retain(|h| h != b"head"),
                        _ => {}
                    }
                    if matches!(name, b"script" | b"img" | b"iframe" | b"frame" | b"link" | b"source") {
                        page.assets = true;
                        page.hosts.extend(value(b"src").or(value(b"href")).and_then(|a| host_in(&a)));
                    }
                    // Whoever leaves the end of the head out begins the page with one of these.
                    if matches!(
                        name,
                        b"p" | b"div" | b"h1" | b"h2" | b"table" | b"a" | b"img" | b"main" | b"header" | b"center"
                    ) {
                        hidden.retain(|h| h != b"head");
                    }
                    if is_hidden(name) && !tag.self_closing && hidden.len() < DEEPEST {
                        hidden.push(name.to_vec());
                    }
                }
                Token::EndTag(tag) => {
                    let name: &[u8] = &tag.name;
                    in_title &= name != b"title";
                    if let Some(last) = hidden.iter().rposition(|h| h == name) {
                        hidden.truncate(last);
                    }
                }
                Token::String(text) => {
                    let text = String::from_utf8_lossy(&text);
                    if in_title {
                        title.push_str(&text);
                    } else if hidden.is_empty() {
                        words.extend(words_of(&text));
                    }
                }
                _ => {}
            }
        }
        while page.hosts.len() > MOST_HOSTS {
            page.hosts.pop_last();
        }
        page.title = short(&title);
        page.words = u32::try_from(words.len()).unwrap_or(u32::MAX);
        page.simhash = simhash(&words);
        page.text = words.join(" ").chars().take(2000).collect();
        page
    }

    fn meta(&mut self, value: &dyn Fn(&[u8]) -> Option<String>) {
        let content = value(b"content").unwrap_or_default();
        if value(b"name").is_some_and(|n| n.eq_ignore_ascii_case("generator")) {
            self.generator = short(&content);
        }
        if value(b"http-equiv").is_some_and(|n| n.eq_ignore_ascii_case("refresh")) {
            self.refresh = refresh_in(&content);
        }
    }

    /// Title and text in words, as phrases are looked for in them.
    #[must_use]
    pub fn said(&self) -> String {
        let title: Vec<String> = words_of(&self.title).collect();
        format!("{} {}", title.join(" "), self.text)
    }

    /// Whether it is the same page, but for numbers and names in it.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let same = self.status == other.status && self.title == other.title && self.hosts == other.hosts;
        // Without words nothing tells pages apart but their size.
        same && (self.words > 0 || self.size == other.size)
            && distance(self.simhash, other.simhash) <= 3
            && self.words.abs_diff(other.words) <= 5 + self.words / 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_sees_and_what_not() {
        let html = r#"<!doctype html><html lang="de-DE"><head><title> Bäckerei
            Mühle </title><meta name="generator" content="WordPress 6.5"><meta http-equiv=Refresh content="0; URL='https://neu.example/x'">
            <style>p { color: red }</style><script src="//cdn.example.net/a.js">var versteckt = 1;</script></head>
            <body><h1>Frische Brötchen!</h1><noscript>ohne</noscript><p>Jeden&nbsp;Tag ab 6&uuml;</p><img src="https://BILDER.example/x.png"><img src="eigen.png">"#;
        let page = Page::read(200, html);
        assert_eq!(
            (page.title.as_str(), page.lang.as_str(), page.generator.as_str()),
            ("Bäckerei Mühle", "de-DE", "WordPress 6.5")
        );
        assert_eq!(page.text, "frische brötchen jeden tag ab 6ü");
        assert_eq!(page.words, 6);
        assert_eq!(page.refresh.as_deref(), Some("https://neu.example/x"));
        assert_eq!(page.hosts.iter().collect::<Vec<_>>(), ["bilder.example", "cdn.example.net"]);
    }

    #[test]
    fn like_texts_have_near_numbers() {
        let text = |n: usize| {
            let words: Vec<String> =
                (0..200).map(|i| if i == n { "anders".to_owned() } else { format!("wort{}", i % 67) }).collect();
            Page::read(200, &format!("<p>{}</p>", words.join(" "))).simhash
        };
        assert_eq!(text(500), text(500));
        assert!(distance(text(500), text(10)) <= 6, "{}", distance(text(500), text(10)));
        let other = Page::read(200, &format!("<p>{}</p>", (0..200).map(|i| format!("ganz{i} ")).collect::<String>()));
        assert!(distance(text(500), other.simhash) > 12);
    }

    #[test]
    fn broken_and_hostile_pages_are_read() {
        let script = Page::read(200, "<script>document.write('<script><style><p>x');</script><p>Hier steht etwas.</p>");
        assert_eq!(script.text, "hier steht etwas");
        // Neither a database nor a terminal takes everything.
        let nul =
            "<html lang='\u{0}'><title>a\u{0}b\u{1b}[2J</title><meta name=generator content='x\u{0}y'><p>c\u{0}d</p>";
        let nul = Page::read(200, nul);
        let all = format!("{} {} {} {}", nul.title, nul.generator, nul.text, nul.lang);
        assert!(!all.chars().any(char::is_control), "{all:?}");
        for html in [
            "",
            "<",
            "<title>",
            "<script>",
            "<p><<<>>",
            "\u{0}\u{feff}",
            "<meta http-equiv=refresh content='0;url='>",
            "<meta http-equiv=refresh content='1800; url=/spaeter'>",
            "<noscript><meta http-equiv=refresh content='0; url=/ohne'></noscript>",
        ] {
            let page = Page::read(200, html);
            assert!(page.words < 3 && page.refresh.is_none(), "{html:?}: {page:?}");
        }
        assert_eq!(host_in("//user:pw@evil.example\\@x/"), Some("evil.example".to_owned()));
        assert!(host_in("/lokal").is_none() && host_in("javascript:alert(1)").is_none());
    }
}
