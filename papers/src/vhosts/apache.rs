//! Apache: one directive a line, sections in angle brackets.

use super::{Vhost, address};

pub(super) fn looks_like(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().to_ascii_lowercase();
        line.starts_with("<virtualhost") || line.starts_with("servername ") || line.starts_with("documentroot ")
    })
}

/// Lines with their continuations (`\` at the end) joined, comments left out.
fn lines(text: &str) -> Vec<(u32, String)> {
    let mut joined: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1u32..).zip(text.lines()) {
        let (part, goes_on) = line.strip_suffix('\\').map_or((line, false), |part| (part, true));
        match joined.last_mut() {
            Some((_, last)) if open => last.push_str(part),
            _ => joined.push((number, part.to_owned())),
        }
        open = goes_on;
    }
    joined.retain(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    joined
}

/// Words of a directive; quotes keep blanks together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(inner) => inner.split_once('"').unwrap_or((inner, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

pub(super) fn read(text: &str) -> Result<Vec<Vhost>, (u32, String)> {
    let mut vhosts = Vec::new();
    let mut open: Option<Vhost> = None;
    for (number, line) in lines(text) {
        let line = line.trim();
        let lower = line.to_ascii_lowercase();
        if lower.starts_with("<virtualhost") {
            if let Some(vhost) = open {
                return Err((vhost.line, "the virtual host is not closed before the next one".to_owned()));
            }
            let addresses = || lower.trim_end_matches('>').split_whitespace().skip(1);
            let tls = addresses().any(|address| address.ends_with(":443"));
            let listens = addresses().filter_map(address).collect();
            open = Some(Vhost { line: number, tls, listens, ..Vhost::default() });
            continue;
        }
        if lower.starts_with("</virtualhost") {
            match open.take() {
                Some(vhost) => vhosts.push(vhost),
                None => return Err((number, "a virtual host is closed that was not opened".to_owned())),
            }
            continue;
        }
        if let Some(vhost) = &mut open {
            directive(vhost, &words(line));
        }
    }
    match open {
        Some(vhost) => Err((vhost.line, "the virtual host is not closed before the end of the file".to_owned())),
        None => Ok(vhosts),
    }
}

/// Lines that bring in what is not in the file: macros and other files.
pub(super) fn brought_in(text: &str) -> Vec<(u32, String)> {
    let brings = |line: &str| {
        let lower = line.trim_start().to_ascii_lowercase();
        ["use ", "include ", "includeoptional "].iter().any(|word| lower.starts_with(word))
    };
    let mut depth = 0;
    let outside = lines(text).into_iter().filter(|(_, line)| {
        let lower = line.trim_start().to_ascii_lowercase();
        depth += i32::from(lower.starts_with("<virtualhost")) - i32::from(lower.starts_with("</virtualhost"));
        depth == 0 && brings(line)
    });
    outside.collect()
}

fn directive(vhost: &mut Vhost, words: &[String]) {
    let [name, values @ ..] = words else { return };
    let first = values.first().cloned().unwrap_or_default();
    let last = values.last().cloned().unwrap_or_default();
    match name.to_ascii_lowercase().as_str() {
        "servername" => vhost.names.insert(0, first),
        "serveralias" => vhost.names.extend(values.iter().cloned()),
        "documentroot" => vhost.root = first,
        "sslengine" => vhost.tls |= first.eq_ignore_ascii_case("on"),
        "redirect" | "redirectpermanent" | "redirecttemp" | "redirectmatch" => {
            // Only what moves the whole site makes it a redirect.
            let whole = values.iter().any(|v| matches!(v.as_str(), "/" | "^" | "^/(.*)$" | "^(.*)$" | ".*"));
            if whole {
                vhost.redirect = true;
                vhost.target = last;
            }
        }
        "proxypass" if first == "/" => {
            vhost.proxy = true;
            vhost.target = values.get(1).cloned().unwrap_or_default();
        }
        "php_admin_value" | "php_value" | "php_admin_flag" | "php_flag" | "suphp_engine" => vhost.php = true,
        "sethandler" | "addhandler" | "addtype" | "proxypassmatch" | "fcgiwrapper" => {
            vhost.php |= values.iter().any(|v| v.to_ascii_lowercase().contains("php"));
        }
        _ => {}
    }
}
