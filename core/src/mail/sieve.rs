//! What a mailbox does with its mail as a Sieve script (RFC 5228): spam into its folder, the out-of-office answer (RFC 5230).

use super::Reply;
use std::fmt::Write as _;

/// A quoted string (RFC 5228 §2.4.2): `\` and `"` escaped, line breaks as CRLF; control characters that no mail carries go.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\r\n"),
            '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The script: mail with so many stars goes to the folder Junk and is answered by nothing; then the answer. It answers a sender once in the interval; never to lists, bounces or what is not addressed to one of `addresses`,
/// as RFC 5230 §4.5 and §4.6 have it and Pigeonhole does.
#[must_use]
pub(super) fn script(junk_at: Option<u8>, reply: Option<&Reply>, addresses: &[String]) -> String {
    let mut out = String::new();
    let junk = junk_at.map(|_| "\"fileinto\", \"mailbox\"");
    let away = reply.map(|_| "\"date\", \"relational\", \"vacation\"");
    let needs: Vec<&str> = junk.into_iter().chain(away).collect();
    let _ = write!(out, "require [{}];\r\n", needs.join(", "));
    if let Some(stars) = junk_at {
        let stars = "*".repeat(usize::from(stars));
        let _ = write!(
            out,
            "if header :contains \"X-Spam-Level\" \"{stars}\" {{\r\n  fileinto :create \"Junk\";\r\n  stop;\r\n}}\r\n"
        );
    }
    if let Some(reply) = reply {
        vacation(&mut out, reply, addresses);
    }
    out
}

fn vacation(out: &mut String, reply: &Reply, addresses: &[String]) {
    let mut tests = Vec::new();
    if let Some(from) = &reply.from {
        tests.push(format!("currentdate :value \"ge\" \"date\" {}", quoted(from)));
    }
    if let Some(until) = &reply.until {
        tests.push(format!("currentdate :value \"le\" \"date\" {}", quoted(until)));
    }
    let condition = if tests.is_empty() { "true".to_owned() } else { format!("allof ({})", tests.join(", ")) };
    let known: Vec<String> = addresses.iter().map(|a| quoted(a)).collect();
    let _ = write!(out, "if {condition} {{\r\n  vacation :days {}", reply.days.max(1));
    if !known.is_empty() {
        let _ = write!(out, " :addresses [{}]", known.join(", "));
    }
    // A header is one line.
    let subject = reply.subject.replace(['\r', '\n'], " ");
    if !subject.trim().is_empty() {
        let _ = write!(out, " :subject {}", quoted(subject.trim()));
    }
    let _ = write!(out, "\r\n    {};\r\n}}\r\n", quoted(&reply.text));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The strings of a script, as RFC 5228 reads them; nothing but the script's own words outside of them.
    fn strings(script: &str) -> (Vec<String>, String) {
        let (mut found, mut outside, mut chars) = (Vec::new(), String::new(), script.chars());
        while let Some(c) = chars.next() {
            if c != '"' {
                outside.push(c);
                continue;
            }
            let mut text = String::new();
            loop {
                match chars.next().expect("a string ends") {
                    '"' => break,
                    '\\' => text.push(chars.next().expect("something is escaped")),
                    c => text.push(c),
                }
            }
            found.push(text);
        }
        (found, outside)
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_string(subject in "\\PC{0,80}", text in any::<String>()) {
            let reply = Reply { from: Some("2026-12-01".to_owned()), until: None, subject: subject.clone(), text: text.clone(), days: 3 };
            let (found, outside) = strings(&script(Some(6), Some(&reply), &["a@b.de".to_owned()]));
            let kept: String = text.replace("\r\n", "\n").chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
            prop_assert_eq!(found.last().unwrap().replace("\r\n", "\n"), kept);
            let plain = script(Some(6), Some(&Reply { subject: if subject.trim().is_empty() { String::new() } else { "x".to_owned() }, text: "y".to_owned(), ..reply }), &["a@b.de".to_owned()]);
            prop_assert_eq!(outside, strings(&plain).1);
        }
    }
}
