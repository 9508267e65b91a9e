//! Who logged in when, by the logs of Dovecot and Postfix.
//!
//! Dovecot's log-in processes say `imap-login: Login: user=<address>, …` (by syslog, journal or a file of its own), Postfix
//! `submission/smtpd[1]: ID: client=…, sasl_method=…, sasl_username=address`. Names that others only tried stand in other lines, and may hold
//! anything: what counts is where a line begins.

use chrono::{DateTime, Datelike as _, NaiveDateTime, TimeZone as _, Utc};
use hostler_core::names::EmailAddress;
use hostler_web::time::Tz;
use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

/// What logs say.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Logins {
    /// The time of the first and the last line.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// The last log-in of each address.
    pub last: BTreeMap<String, DateTime<Utc>>,
}

/// The time at a line's beginning, and what follows: RFC 3339 as rsyslog and the journal (`-o short-iso`) write it, or the traditional
/// `Nov 26 10:48:14` of that zone, whose year is the last one in which it was not in the future.
fn time(line: &str, now: DateTime<Utc>, zone: Tz) -> Option<(DateTime<Utc>, &str)> {
    let first = line.split(' ').next()?;
    let iso = DateTime::parse_from_rfc3339(first).or_else(|_| DateTime::parse_from_str(first, "%Y-%m-%dT%H:%M:%S%z"));
    if let Ok(at) = iso {
        return Some((at.to_utc(), line.get(first.len()..)?));
    }
    let (stamp, rest) = (line.get(..15)?, line.get(15..)?);
    let in_year = |year: i32| {
        let naive = NaiveDateTime::parse_from_str(&format!("{year} {stamp}"), "%Y %b %e %H:%M:%S").ok()?;
        zone.from_local_datetime(&naive).latest().map(|at| at.to_utc())
    };
    let year = now.with_timezone(&zone).year();
    // A day ahead is a clock that is wrong, and not last year.
    let at = in_year(year).filter(|at| *at <= now + chrono::Duration::days(1)).or_else(|| in_year(year - 1))?;
    Some((at, rest))
}

/// The address that logged in, if this is what a line says. Anything behind the program's name may be somebody else's words
/// (a `Message-ID`, a name that was tried), so the name is looked for at its own place only: first, or after the machine's.
fn login(rest: &str) -> Option<&str> {
    let mut words = rest.trim_start().splitn(2, ": ");
    let (program, said) = (words.next()?, words.next()?);
    // `mx dovecot`, `mx dovecot[7]`, `imap-login`, `mx postfix/submission/smtpd[1]`: one or two words without a number.
    let program = match program.split(' ').collect::<Vec<_>>()[..] {
        [program] | [_, program] => program.split('[').next()?,
        _ => return None,
    };
    let (process, said) = if program == "dovecot" { said.split_once(": ")? } else { (program, said) };
    if let Some(kind) = process.strip_suffix("-login") {
        let said = said.strip_prefix("Info: ").unwrap_or(said).strip_prefix("Login: user=<")?;
        let known = ["imap", "pop3", "submission", "managesieve"].contains(&kind);
        return said.split_once('>').filter(|_| known).map(|(user, _)| user);
    }
    if !(program.starts_with("postfix/") && program.ends_with("smtpd")) {
        return None;
    }
    let (id, said) = said.split_once(": client=")?;
    if !id.chars().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    said.split_once(", sasl_username=")?.1.split([',', ' ']).next()
}

/// Reads a log of any length; lines that say something else are passed over.
///
/// # Errors
/// When it cannot be read.
pub fn read(mut log: impl BufRead, now: DateTime<Utc>, zone: Tz) -> io::Result<Logins> {
    let mut logins = Logins::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if log.read_until(b'\n', &mut line)? == 0 {
            return Ok(logins);
        }
        let text = String::from_utf8_lossy(&line);
        let Some((at, rest)) = time(text.trim_end(), now, zone) else { continue };
        let (first, last) = logins.span.unwrap_or((at, at));
        logins.span = Some((first.min(at), last.max(at)));
        let Some(Ok(address)) = login(rest).map(EmailAddress::parse) else { continue };
        let known = logins.last.entry(address.to_string()).or_insert(at);
        *known = at.max(*known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logins(text: &str) -> Logins {
        let now = "2026-01-10T12:00:00Z".parse().unwrap();
        read(text.as_bytes(), now, hostler_web::time::BERLIN).unwrap()
    }

    #[test]
    fn log_ins_of_every_kind_of_log() {
        let found = logins(
            "2026-01-09T08:00:00.123456+01:00 mx dovecot: imap-login: Login: user=<A@K.example>, method=PLAIN, rip=192.0.2.1\n\
             2026-01-09T09:00:00+0100 mx dovecot[7]: pop3-login: Login: user=<b@k.example>, method=PLAIN\n\
             Jan 10 10:00:00 imap-login: Info: Login: user=<a@k.example>, method=PLAIN\n\
             Dec 31 23:30:00 mx postfix/submission/smtpd[30211]: 69982A685B9: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=c@k.example\n\
             something else\n",
        );
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(found.last["a@k.example"], at("2026-01-10T09:00:00Z"));
        assert_eq!(found.last["b@k.example"], at("2026-01-09T08:00:00Z"));
        assert_eq!(found.last["c@k.example"], at("2025-12-31T22:30:00Z"));
        assert_eq!(found.span, Some((at("2025-12-31T22:30:00Z"), at("2026-01-10T09:00:00Z"))));
    }

    #[test]
    fn a_name_that_was_only_tried_is_no_log_in() {
        let found = logins(
            "2026-01-09T08:00:00Z mx dovecot: imap-login: Disconnected (auth failed): user=<imap-login: Login: user=<v@k.example>>\n\
             2026-01-09T08:00:00Z mx dovecot: imap-login: Aborted login: user=<v@k.example>, method=PLAIN\n\
             2026-01-09T08:00:00Z mx postfix/smtpd[1]: warning: unknown[192.0.2.1]: SASL PLAIN authentication failed, sasl_username=v@k.example\n\
             2026-01-09T08:00:00Z mx dovecot: imap-login: Login: user=<../../x>\n\
             2026-01-09T08:00:00Z mx postfix/cleanup[3]: 69982A: message-id=<x-login: Login: user=<v@k.example>>\n\
             2026-01-09T08:00:00Z mx postfix/cleanup[3]: 69982A: message-id=<dovecot: imap-login: Login: user=<v@k.example>>\n\
             2026-01-09T08:00:00Z mx dovecot: lmtp(a@k.example)<1><x>: sieve: msgid=<imap-login: Login: user=<v@k.example>>: stored\n\
             2026-01-09T08:00:00Z mx postfix/smtpd[3]: NOQUEUE: reject: helo=<smtpd[1]: AB: client=x, sasl_username=v@k.example>\n\
             Feb 30 08:00:00 mx dovecot: imap-login: Login: user=<v@k.example>\n\u{fffd}\u{e4}\n",
        );
        assert!(found.last.is_empty() && found.span.is_some(), "{found:?}");
        assert_eq!(logins(""), Logins::default());
    }
}
