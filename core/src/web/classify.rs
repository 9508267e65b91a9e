//! Which homepages live, by what was seen of them. First match wins; everything that was seen stays beside the verdict.

use super::{
    Dns, End, Look, Page, Said, Visit,
    phrases::{PARKED, PARKING_HOSTS, PLACEHOLDER, SERVER_DEFAULT},
};
use crate::coded::coded;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

coded! {
    /// What a homepage is, the liveliest first.
    Class {
        /// Somebody cares for it.
        Alive = "alive";
        /// It lives, and its certificate does not.
        AliveTlsBroken = "alive_tls_broken";
        /// It lives, and nobody has touched or visited it for years.
        Stale = "stale";
        /// It leads to somebody else's name.
        RedirectElsewhere = "redirect_elsewhere";
        /// Somebody meant to make one.
        Placeholder = "placeholder";
        /// The name is for sale, or earns by advertisements.
        Parked = "parked";
        /// The web server shows what it shows for names that it does not know.
        ServerDefault = "server_default";
        /// The web server answers with an error.
        Error = "error";
        /// Nobody answers at its addresses.
        Unreachable = "unreachable";
        /// It is served from other networks than ours.
        MovedAway = "moved_away";
        /// Its name has no address.
        NoAddress = "no_address";
        /// Its name servers do not answer, or nonsense.
        DnsBroken = "dns_broken";
        /// There is no such name.
        Nxdomain = "nxdomain";
    }
}

impl Class {
    /// Whether a homepage of this class may be proposed for dropping, if another signal says so as well.
    #[must_use]
    pub fn is_dead(self) -> bool {
        !matches!(self, Self::Alive | Self::AliveTlsBroken | Self::Stale | Self::RedirectElsewhere | Self::DnsBroken)
    }
}

/// Something that speaks for or against a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Its name, such as `status` or `phrase`.
    pub name: String,
    /// What was seen.
    pub value: String,
    /// Whether it speaks for the class, or against it.
    pub supports: bool,
}

/// What a homepage is by one look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The class.
    pub class: Class,
    /// How sure, from 0 to 100.
    pub confidence: u8,
    /// Why, and what speaks against it.
    pub signals: Vec<Signal>,
}

/// What is known besides the look.
pub struct Circumstances<'c> {
    /// The homepage's main name.
    pub name: &'c str,
    /// Whether an address is one of ours; where nobody knows which are, all are.
    pub is_ours: &'c dyn Fn(IpAddr) -> bool,
    /// Whether two names belong to one registrable domain (the public suffix list).
    pub is_same_site: &'c dyn Fn(&str, &str) -> bool,
    /// Now, in seconds since 1970.
    pub now: i64,
    /// People's visits in the last 90 days, as logs say; none if no log was read.
    pub hits: Option<u64>,
    /// When something was uploaded last, in seconds since 1970, if anybody knows.
    pub uploaded: Option<i64>,
    /// Whether mail of its domain is used.
    pub mail_is_used: bool,
}

/// Five years.
const STALE: i64 = 5 * 365 * 86_400;
/// A page of so many words is somebody's work, whatever words are among them.
const MANY_WORDS: u32 = 120;

fn signal(name: &str, value: impl Into<String>) -> Signal {
    Signal { name: name.to_owned(), value: value.into(), supports: true }
}

fn verdict(class: Class, confidence: u8, signals: Vec<Signal>) -> Verdict {
    Verdict { class, confidence, signals }
}

/// Judges a look.
#[must_use]
pub fn classify(look: &Look, around: &Circumstances<'_>) -> Verdict {
    let mut verdict = judged(look, around);
    let mut against = |name: &str, value: String| {
        verdict.signals.push(Signal { name: name.to_owned(), value, supports: false });
    };
    if verdict.class.is_dead() {
        if around.mail_is_used {
            against("mail", "used".to_owned());
        }
        if let Some(hits) = around.hits.filter(|h| *h > 0) {
            against("visits", hits.to_string());
        }
        verdict.signals.extend(beside(look, around));
    }
    if let Some(delegation) = &look.delegation {
        let lame: Vec<&str> = delegation
            .servers
            .iter()
            .filter(|s| matches!(s.answer, Said::Lame { .. } | Said::Silent))
            .map(|s| s.name.as_str())
            .collect();
        if !lame.is_empty() {
            let supports = verdict.class == Class::DnsBroken;
            verdict.signals.push(Signal { name: "lame".to_owned(), value: lame.join(" "), supports });
        }
    }
    verdict
}

/// What speaks for or against a death besides what is seen under the name: our own server, the logs, the files.
fn beside(look: &Look, around: &Circumstances<'_>) -> Vec<Signal> {
    let mut out = Vec::new();
    // Only a page says something: who does not answer may be ill, and who is asked too much says so.
    let old = look.old.as_ref().and_then(Visit::page);
    if let Some(page) = old.filter(|p| !matches!(p.status, 429 | 503)) {
        let told = content(look, page, around, Vec::new());
        let value = format!("{} {}", page.status, told.class.as_str());
        out.push(Signal { name: "old_server".to_owned(), value, supports: told.class.is_dead() });
    }
    if around.hits == Some(0) {
        out.push(signal("visits", "0"));
    }
    if let Some(uploaded) = around.uploaded {
        let supports = around.now - uploaded > super::UNTOUCHED;
        out.push(Signal { name: "uploaded".to_owned(), value: uploaded.to_string(), supports });
    }
    out
}

fn judged(look: &Look, around: &Circumstances<'_>) -> Verdict {
    let addresses = match &look.dns {
        Dns::NoName => return verdict(Class::Nxdomain, 95, vec![signal("dns", "NXDOMAIN")]),
        Dns::Failed { reason } => return verdict(Class::DnsBroken, 80, vec![signal("dns", reason)]),
        Dns::NoAddress => return verdict(Class::NoAddress, 95, vec![signal("dns", "no address")]),
        Dns::Addresses { addresses } => addresses,
    };
    let shown: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let mut signals = vec![signal("addresses", shown.join(" "))];
    let visits = [look.http.as_ref(), look.https.as_ref()];
    let best = best(&visits);
    let foreign = !addresses.iter().any(|a| (around.is_ours)(*a));
    if foreign {
        signals.push(signal("network", "not ours"));
    }
    if let Some((visit, page)) = best
        && let Some(parked) = parked(page, visit, around)
    {
        signals.push(parked);
        return verdict(Class::Parked, 85, signals);
    }
    if foreign {
        return verdict(Class::MovedAway, if best.is_some() { 90 } else { 70 }, signals);
    }
    let Some((visit, page)) = best else {
        return nobody(&visits, signals);
    };
    let host = visit.last().map(|h| host_of(&h.url).to_owned()).unwrap_or_default();
    if !(around.is_same_site)(around.name, &host) {
        signals.push(signal("leads_to", host));
        return verdict(Class::RedirectElsewhere, 90, signals);
    }
    if let Some(to) = page.refresh.as_deref().map(host_of).filter(|h| !h.is_empty())
        && !(around.is_same_site)(around.name, to)
        && page.words < MANY_WORDS
    {
        signals.push(signal("leads_to", to));
        return verdict(Class::RedirectElsewhere, 80, signals);
    }
    signals.push(signal("status", page.status.to_string()));
    signals.push(signal("words", page.words.to_string()));
    if !page.title.is_empty() {
        signals.push(signal("title", page.title.clone()));
    }
    content(look, page, around, signals)
}

/// By what the page of our own server says.
fn content(look: &Look, page: &Page, around: &Circumstances<'_>, mut signals: Vec<Signal>) -> Verdict {
    // Whose page is what the server shows for every name, it is still somebody's page: a long one is no default.
    let learned = look.default.as_deref().filter(|d| d.is_like(page) && page.words < MANY_WORDS);
    if page.status == 401 {
        signals.push(signal("password", "asked for"));
        return verdict(Class::Alive, 60, signals);
    }
    if matches!(page.status, 429 | 503) {
        return verdict(Class::Error, 40, signals);
    }
    if (300..400).contains(&page.status) {
        return verdict(Class::Alive, 50, signals);
    }
    if page.status >= 400 && learned.is_none_or(|d| d.status >= 400) {
        return verdict(Class::Error, if page.status >= 500 { 80 } else { 90 }, signals);
    }
    if learned.is_some() {
        signals.push(signal("default", "as for a name that it does not know"));
        return verdict(Class::ServerDefault, 90, signals);
    }
    let said = page.said();
    if page.words < MANY_WORDS
        && let Some(phrase) = SERVER_DEFAULT.iter().find(|p| begins(&said, p))
    {
        signals.push(signal("phrase", *phrase));
        return verdict(Class::ServerDefault, 75, signals);
    }
    if page.words < MANY_WORDS
        && let Some(phrase) = PLACEHOLDER.iter().find(|p| says(page, &said, p))
    {
        signals.push(signal("phrase", *phrase));
        return verdict(Class::Placeholder, 80, signals);
    }
    if page.words == 0 && page.title.is_empty() && !page.assets && page.refresh.is_none() && !page.cut {
        signals.push(signal("empty", "nothing to see"));
        return verdict(Class::Placeholder, 60, signals);
    }
    let https = look.https.as_ref();
    if let Some(problem) = https.and_then(Visit::tls_problem) {
        signals.push(signal("certificate", problem));
        return verdict(Class::AliveTlsBroken, 90, signals);
    }
    // What is made anew for everybody who asks says nothing of its age; what was uploaded last does.
    if let (Some(touched), Some(0)) = (page.modified.max(around.uploaded), around.hits)
        && around.now - touched > STALE
    {
        signals.push(signal("modified", touched.to_string()));
        signals.push(signal("visits", "0"));
        return verdict(Class::Stale, 80, signals);
    }
    verdict(Class::Alive, if page.words >= 20 { 95 } else { 75 }, signals)
}

/// The visit whose page tells most: one without an error, by HTTPS if both are. Behind a certificate for another name stands
/// another's page, so HTTP comes before it.
fn best<'v>(visits: &[Option<&'v Visit>; 2]) -> Option<(&'v Visit, &'v Page)> {
    let pages = visits.iter().rev().filter_map(|v| v.and_then(|v| Some((v, v.page()?))));
    let worth = |(visit, page): &(&Visit, &Page)| (page.status < 400, visit.tls_problem().is_none());
    // Of equals the first, which is HTTPS.
    pages.rev().max_by_key(worth)
}

/// Whether a text says a phrase, in whole words. Short phrases are words of many trades: they count on pages that say little else.
fn says(page: &Page, said: &str, phrase: &str) -> bool {
    let short = phrase.split(' ').count() < 3;
    (!short || page.words <= 40) && format!(" {said} ").contains(&format!(" {phrase} "))
}

fn begins(said: &str, phrase: &str) -> bool {
    format!("{said} ").trim_start().starts_with(&format!("{phrase} "))
}

/// No page at all.
fn nobody(visits: &[Option<&Visit>; 2], mut signals: Vec<Signal>) -> Verdict {
    let ends = || visits.iter().flatten().map(|v| &v.end);
    for (scheme, visit) in ["http", "https"].iter().zip(visits) {
        let told = match visit.map(|v| &v.end) {
            Some(End::Refused) => "refused".to_owned(),
            Some(End::TimedOut) => "timed out".to_owned(),
            Some(End::Garbled { reason }) => reason.clone(),
            Some(End::NoSight { reason }) => reason.clone(),
            Some(End::TooManyRedirects) => "leads round and round".to_owned(),
            Some(End::Forbidden { to }) => format!("leads to {to}, where nobody is led"),
            Some(End::Page { .. }) | None => continue,
        };
        signals.push(signal(scheme, told));
    }
    // It leads to encryption that nobody can speak.
    let to_tls =
        |v: &Visit| !v.hops.is_empty() && matches!(&v.end, End::Garbled { reason } if reason.starts_with("TLS"));
    if visits.iter().flatten().any(|v| to_tls(v)) {
        return verdict(Class::AliveTlsBroken, 60, signals);
    }
    // Somebody answers, and it is no page.
    if ends().any(|e| matches!(e, End::TooManyRedirects | End::Forbidden { .. }))
        || visits.iter().flatten().any(|v| !v.hops.is_empty())
    {
        return verdict(Class::Error, 70, signals);
    }
    verdict(Class::Unreachable, 85, signals)
}

fn parked(page: &Page, visit: &Visit, around: &Circumstances<'_>) -> Option<Signal> {
    let is_of = |host: &str, known: &str| host == known || host.ends_with(&format!(".{known}"));
    let led = visit.last().map(|h| host_of(&h.url)).unwrap_or_default();
    let hosts = page.hosts.iter().map(String::as_str).chain([led]);
    for host in hosts {
        if let Some(known) = PARKING_HOSTS.iter().find(|k| is_of(host, k) && !is_of(around.name, k)) {
            return Some(signal("parking", *known));
        }
    }
    let said = page.said();
    let phrase = (page.words < 2 * MANY_WORDS).then(|| PARKED.iter().find(|p| says(page, &said, p))).flatten()?;
    Some(signal("phrase", *phrase))
}

/// The host of an absolute address.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.rsplit_once(':').map_or(host, |(h, port)| if port.bytes().all(|b| b.is_ascii_digit()) { h } else { host })
}

#[cfg(test)]
mod tests {
    use super::super::{Certificate, Hop};
    use super::*;

    const OURS: &str = "192.0.2.10";

    fn visit(url: &str, end: End) -> Visit {
        let status = if let End::Page { page } = &end { page.status } else { 0 };
        let hops = if status > 0 {
            let certificate = url.starts_with("https").then_some(Certificate { problem: None });
            vec![Hop { url: url.to_owned(), address: OURS.parse().unwrap(), status, certificate }]
        } else {
            Vec::new()
        };
        Visit { hops, end }
    }

    fn page(status: u16, html: &str) -> End {
        End::Page { page: Box::new(Page::read(status, html)) }
    }

    fn shop() -> String {
        format!("<title>Bäckerei</title><p>{}</p>", "Brötchen und Kuchen aus eigener Backstube ".repeat(10))
    }

    fn look(html: &str) -> Look {
        Look {
            dns: Dns::Addresses { addresses: vec![OURS.parse().unwrap()] },
            http: Some(visit("http://www.k.example/", page(200, html))),
            https: Some(Visit { hops: Vec::new(), end: End::Refused }),
            default: Some(Box::new(Page::read(404, "<p>Hier ist nichts.</p>"))),
            ..Look::of(Dns::NoName)
        }
    }

    fn judge(look: &Look) -> Verdict {
        let around = Circumstances {
            name: "www.k.example",
            is_ours: &|a| a.to_string() == OURS,
            is_same_site: &|a, b| a.ends_with("k.example") == b.ends_with("k.example"),
            now: 1_800_000_000,
            hits: None,
            uploaded: None,
            mail_is_used: false,
        };
        classify(look, &around)
    }

    #[test]
    fn by_what_pages_say() {
        for (html, class) in [
            (shop().as_str(), Class::Alive),
            ("<h1>Hier entsteht eine neue Internetpräsenz</h1>", Class::Placeholder),
            ("<title>Baustelle</title>", Class::Placeholder),
            ("<h1>Coming soon!</h1><p>We are working on it.</p>", Class::Placeholder),
            ("<p>Under   <b>Construction</b></p>", Class::Placeholder),
            ("<title>k.example</title><p>Diese Domain steht zum Verkauf</p>", Class::Parked),
            ("<p>Buy this domain</p>", Class::Parked),
            ("<script src='https://img.sedoparking.com/x.js'></script><p>x</p>", Class::Parked),
            ("<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1>", Class::ServerDefault),
            ("<title>Apache2 Debian Default Page: It works</title>", Class::ServerDefault),
            ("<meta http-equiv=refresh content='0; url=https://neu.example/'>", Class::RedirectElsewhere),
            ("", Class::Placeholder),
            ("<meta http-equiv=refresh content='0; url=de/start.html'>", Class::Alive),
            ("<title>Laden</title><div id=app></div><script src=/app.js></script>", Class::Alive),
            ("<script src=/app.js></script>", Class::Alive),
            ("<title>Baustellenreinigung Müller</title><p>Wir reinigen.</p>", Class::Alive),
            ("<title>It worksmart GmbH</title><p>Beratung</p>", Class::Alive),
            // A builder's page speaks of building sites, and a shop of buying domains.
            (&format!("{}<p>Jede Baustelle ist anders.</p>", shop().repeat(3)), Class::Alive),
            (&format!("{}<p>Bei uns können Sie eine Domain kaufen.</p>", shop().repeat(5)), Class::Alive),
        ] {
            let judged = judge(&look(html));
            assert_eq!(judged.class, class, "{html:.80}: {judged:?}");
        }
    }

    #[test]
    fn by_what_comes_before_the_page() {
        let with = |change: &dyn Fn(&mut Look)| {
            let mut l = look(&shop());
            change(&mut l);
            judge(&l).class
        };
        assert_eq!(with(&|l| l.dns = Dns::NoName), Class::Nxdomain);
        assert_eq!(with(&|l| l.dns = Dns::NoAddress), Class::NoAddress);
        assert_eq!(with(&|l| l.dns = Dns::Failed { reason: "SERVFAIL".to_owned() }), Class::DnsBroken);
        assert_eq!(
            with(&|l| l.dns = Dns::Addresses { addresses: vec!["198.51.100.1".parse().unwrap()] }),
            Class::MovedAway
        );
        assert_eq!(with(&|l| l.http = Some(Visit { hops: Vec::new(), end: End::TimedOut })), Class::Unreachable);
        assert_eq!(with(&|l| l.http = Some(visit("http://www.k.example/", page(404, &shop())))), Class::Error);
        assert_eq!(
            with(&|l| l.http = Some(visit("https://anders.example/", page(200, &shop())))),
            Class::RedirectElsewhere
        );
        assert_eq!(with(&|l| l.default = Some(Box::new(Page::read(200, &shop())))), Class::ServerDefault);
        let round = |l: &mut Look| l.http = Some(Visit { hops: Vec::new(), end: End::TooManyRedirects });
        assert_eq!(with(&round), Class::Error);
        let broken = |l: &mut Look| {
            let mut v = visit("https://www.k.example/", page(200, &shop()));
            v.hops[0].certificate = Some(Certificate { problem: Some("expired".to_owned()) });
            l.https = Some(v);
        };
        assert_eq!(with(&broken), Class::AliveTlsBroken);
        // On many servers another customer's page, or none, stands behind 443 of a site without a certificate.
        let anothers = |l: &mut Look| {
            let mut v = visit("https://www.k.example/", page(200, "<title>Welcome to nginx!</title>"));
            v.hops[0].certificate = Some(Certificate { problem: Some("for another name".to_owned()) });
            l.https = Some(v);
        };
        assert_eq!(with(&anothers), Class::AliveTlsBroken);
        let status = |status| move |l: &mut Look| l.http = Some(visit("http://www.k.example/", page(status, "")));
        assert_eq!(
            (with(&status(401)), with(&status(302)), with(&status(503))),
            (Class::Alive, Class::Alive, Class::Error)
        );
        let to_tls = |l: &mut Look| {
            let mut v = visit("http://www.k.example/", page(301, ""));
            v.end = End::Garbled { reason: "TLS: peer is incompatible".to_owned() };
            l.http = Some(v);
        };
        assert_eq!(with(&to_tls), Class::AliveTlsBroken);
        let long = shop().repeat(3);
        let own = |l: &mut Look| {
            l.http = Some(visit("http://www.k.example/", page(200, &long)));
            l.default = Some(Box::new(Page::read(200, &long)));
        };
        assert_eq!(with(&own), Class::Alive, "the first site of a server is what it shows for every name");
    }

    #[test]
    fn what_is_used_speaks_against_death() {
        let l = Look::of(Dns::NoAddress);
        let around = Circumstances {
            name: "k.example",
            is_ours: &|_| true,
            is_same_site: &|a, b| a == b,
            now: 0,
            hits: Some(7),
            uploaded: None,
            mail_is_used: true,
        };
        let signals = classify(&l, &around).signals;
        assert!(signals.iter().any(|s| s.name == "mail" && !s.supports) && signals.iter().any(|s| s.name == "visits"));
        assert_eq!(host_of("https://a.example:8443/x?y"), "a.example");
        assert!(Class::ALL.into_iter().all(|c| Class::parse(c.as_str()) == Some(c)));
    }
}
