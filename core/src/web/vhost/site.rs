//! A homepage as its new web server has it, in types that are safe in every configuration.

use crate::names::DomainName;
use std::{fmt, net::Ipv6Addr};

/// Whether a path can stand unquoted in every file: absolute, of letters, digits and `/ . _ - + @`.
#[must_use]
pub fn is_plain(path: &str) -> bool {
    path.starts_with('/') && path.len() < 200 && path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@".contains(c))
}

/// A name that a homepage answers for, which may stand for all below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostName {
    name: DomainName,
    wildcard: bool,
}

impl HostName {
    /// Reads `www.example.de` or `*.example.de`.
    ///
    /// # Errors
    /// Why it is no such name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (wildcard, rest) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        let name = DomainName::parse(rest).map_err(|e| e.to_string())?;
        Ok(Self { name, wildcard })
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.wildcard { "*." } else { "" }, self.name.as_str())
    }
}

/// A PHP, such as 8.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PhpVersion(u8, u8);

impl PhpVersion {
    /// Reads `8.2`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        let digit = |t: &str| t.parse::<u8>().ok().filter(|d| t.len() == 1 && *d <= 9);
        Some(Self(digit(major).filter(|d| *d >= 5)?, digit(minor)?))
    }
}

impl fmt::Display for PhpVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Where a homepage leads, or what stands behind it: `http` or `https`, a host, perhaps a port and a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    url: String,
    keeps_path: bool,
}

/// How web servers write "and the same path there".
const SAME_PATH: [&str; 6] = ["$request_uri", "/$1", "$1", "$uri", "%{REQUEST_URI}", "/$request_uri"];

fn is_host(host: &str) -> bool {
    let host = match host.rsplit_once(':') {
        Some((rest, port)) if !rest.contains(':') || rest.ends_with(']') => {
            let digits = (1..=5).contains(&port.len()) && port.bytes().all(|b| b.is_ascii_digit());
            if !digits || !port.parse::<u16>().is_ok_and(|p| p > 0) {
                return false;
            }
            rest
        }
        _ => host,
    };
    match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(v6) => v6.parse::<Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.len() < 254
                && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
                && !host.starts_with('-')
        }
    }
}

impl Target {
    /// Reads an address as vhosts have it: `https://neu.example`, also with `$request_uri` behind it.
    ///
    /// # Errors
    /// Why nothing leads there.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (text, keeps_path) = match SAME_PATH.iter().find_map(|s| text.strip_suffix(s)) {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or("it leads to no address with http:// or https://")?;
        let (host, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
        if !is_host(host) {
            return Err("it leads to a host that is none".to_owned());
        }
        // RFC 3986 §2, without what a configuration could take for its own.
        let fine = |c: char| c.is_ascii_alphanumeric() || "/?-._~%!&()*+,=:@".contains(c);
        if text.len() > 1000 || !path.chars().all(fine) {
            return Err("its path holds characters that no configuration can hold".to_owned());
        }
        if keeps_path && path.contains('?') {
            return Err("it leads to a query with a path behind it".to_owned());
        }
        Ok(Self { url: text.trim_end_matches('/').to_owned(), keeps_path })
    }

    /// The address, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it leads to an address, and not to a name.
    fn is_address(&self) -> bool {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        host.starts_with('[')
            || host == "localhost"
            || host.starts_with("localhost:")
            || host.split(':').next().is_some_and(|h| h.parse::<std::net::Ipv4Addr>().is_ok())
    }

    /// Whether what was asked for is asked for there.
    #[must_use]
    pub fn keeps_path(&self) -> bool {
        self.keeps_path
    }
}

/// What a homepage is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Files.
    Static,
    /// Programs in PHP.
    Php {
        /// Which.
        version: PhpVersion,
    },
    /// It leads elsewhere.
    Redirect {
        /// Where.
        to: Target,
    },
    /// It is answered by another server behind this one.
    Proxy {
        /// Which.
        to: Target,
    },
}

impl Kind {
    /// Reads what the papers say: `static`, `php`, `redirect` or `proxy`, and where the last two lead.
    ///
    /// # Errors
    /// Why nothing can be served.
    pub fn of(kind: &str, target: &str, php: PhpVersion) -> Result<Self, String> {
        Ok(match (kind, Self::leads(kind, target)?) {
            ("php", _) => Self::Php { version: php },
            ("proxy", Some(to)) => Self::Proxy { to },
            (_, Some(to)) => Self::Redirect { to },
            (_, None) => Self::Static,
        })
    }

    /// Where a redirect or a proxy leads; nowhere, for the other kinds.
    ///
    /// # Errors
    /// Why nothing leads there.
    pub fn leads(kind: &str, target: &str) -> Result<Option<Target>, String> {
        match kind {
            "redirect" => Target::parse(target).map(Some),
            "proxy" => {
                let to = Target::parse(target)?;
                if to.url.contains('?') {
                    return Err("a server behind this one is no query".to_owned());
                }
                // A name that does not resolve any more would keep the whole web server from starting.
                if !to.is_address() {
                    return Err(
                        "a server behind this one is named by its address, such as http://127.0.0.1:3000".to_owned()
                    );
                }
                Ok(Some(to))
            }
            _ => Ok(None),
        }
    }
}

/// A homepage as its new web server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its main name.
    pub name: DomainName,
    /// Other names.
    pub aliases: Vec<HostName>,
    /// What it is made of.
    pub kind: Kind,
    /// The homepage whose folder it shares: itself, or the first of those that had one document root.
    pub folder: DomainName,
    /// Whether it had a certificate before: then whoever comes by HTTP is led to HTTPS.
    pub secure: bool,
}

impl Site {
    /// All names, the main one first.
    pub(super) fn names(&self) -> String {
        let mut all = self.name.to_string();
        for alias in &self.aliases {
            all.push(' ');
            all.push_str(&alias.to_string());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_hold_nothing_that_a_configuration_could_take_for_its_own() {
        for (text, url, keeps) in [
            ("https://neu.example", "https://neu.example", false),
            ("https://neu.example/", "https://neu.example", false),
            ("https://neu.example$request_uri", "https://neu.example", true),
            ("https://neu.example/a/$1", "https://neu.example/a", true),
            ("http://127.0.0.1:3000/x?y=1", "http://127.0.0.1:3000/x?y=1", false),
            ("http://[::1]:80", "http://[::1]:80", false),
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!((target.url(), target.keeps_path()), (url, keeps), "{text}");
        }
        for text in [
            "",
            "neu.example",
            "ftp://x",
            "unix:/run/x.sock",
            "https://",
            "https://a b",
            "https://x/;}",
            "https://x/\"",
            "https://x/$evil",
            "https://x/a\nb",
            "https://x:99999",
            "https://x:0",
            "https://x:+80",
            "https://user@x",
            "https://x/#a",
            "https://x/{a}",
            "https://x/'",
            "https://x/\\",
        ] {
            assert!(Target::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_versions_and_paths() {
        assert_eq!(HostName::parse("*.MÜLLER.de").unwrap().to_string(), "*.xn--mller-kva.de");
        assert!(HostName::parse("*").is_err() && HostName::parse("a.*.de").is_err());
        assert_eq!(PhpVersion::parse("8.2").unwrap().to_string(), "8.2");
        assert!(["", "8", "8.22", "4.1", "a.b", "8.2.1"].into_iter().all(|v| PhpVersion::parse(v).is_none()));
        let php = PhpVersion::parse("8.2").unwrap();
        for (target, fine) in [
            ("http://127.0.0.1:3000", true),
            ("http://[::1]:80/x", true),
            ("http://localhost:1", true),
            ("http://app.example", false),
        ] {
            assert_eq!(Kind::of("proxy", target, php).is_ok(), fine, "{target}");
        }
        assert!(is_plain("/srv/www") && !is_plain("srv") && !is_plain("/a b") && !is_plain("/a\"") && !is_plain("/a;"));
    }
}
