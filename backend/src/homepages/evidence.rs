//! What was seen of a homepage, in words.

use super::list::{class_text, kind};
use chrono::{DateTime, Utc};
use hostler_core::web::{Dns, End, Look, Page, Said, Signal, Visit, distance};
use hostler_store::{homepages::HomepageRow, looks::KeptLook};
use hostler_web::{
    i18n::Lang,
    pages::homepage::{AuthorityLine, Evidence, LookLine, SideLine, VisitLine},
    time::{Tz, date, date_time, size},
};

/// What a signal says, in words.
fn told(lang: Lang, zone: Tz, signal: &Signal) -> String {
    let name = lang.find(&format!("signal-{}", signal.name.replace('_', "-"))).unwrap_or("?");
    let day = || DateTime::from_timestamp(signal.value.parse().ok()?, 0).map(|at| date(at, zone, lang));
    let value = match signal.name.as_str() {
        "modified" | "uploaded" => day().unwrap_or_else(|| signal.value.clone()),
        "old_server" => match signal.value.split_once(' ') {
            Some((status, class)) if hostler_core::web::Class::parse(class).is_some() => {
                format!("{status} {}", class_text(lang, class))
            }
            _ => signal.value.clone(),
        },
        _ => signal.value.clone(),
    };
    format!("{name}: {value}")
}

fn octets(page: &Page, lang: Lang) -> String {
    size(i64::try_from(page.size).unwrap_or(i64::MAX), lang)
}

fn ended(lang: Lang, visit: &Visit) -> String {
    match &visit.end {
        End::Page { page } => {
            lang.f("look-page", &[("status", &page.status), ("size", &octets(page, lang)), ("words", &page.words)])
        }
        End::Refused => lang.t("look-refused").to_owned(),
        End::TimedOut => lang.t("look-timed-out").to_owned(),
        End::Garbled { reason } | End::NoSight { reason } => lang.f("look-garbled", &[("reason", reason)]),
        End::TooManyRedirects => lang.t("look-round").to_owned(),
        End::Forbidden { to } => lang.f("look-forbidden", &[("to", to)]),
    }
}

fn visit(lang: Lang, scheme: &'static str, visit: Option<&Visit>) -> Option<VisitLine> {
    let visit = visit?;
    let hop = |h: &hostler_core::web::Hop| {
        let problem = h.certificate.as_ref().and_then(|c| c.problem.clone());
        let problem =
            problem.map(|p| format!(" – {}", lang.f("look-certificate", &[("problem", &p)]))).unwrap_or_default();
        format!("{} · {} · {}{problem}", h.status, h.url, h.address)
    };
    Some(VisitLine {
        scheme,
        hops: visit.hops.iter().map(hop).collect(),
        end: ended(lang, visit),
        title: visit.page().map(|p| p.title.clone()).unwrap_or_default(),
        text: visit.page().map(|p| p.text.chars().take(400).collect()).unwrap_or_default(),
    })
}

fn dns(lang: Lang, dns: &Dns) -> String {
    match dns {
        Dns::NoName => "NXDOMAIN".to_owned(),
        Dns::NoAddress => lang.t("class-no-address").to_owned(),
        Dns::Failed { reason } => reason.clone(),
        Dns::Addresses { addresses } => addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}

fn authority(lang: Lang, a: &hostler_core::web::Authority) -> AuthorityLine {
    let (good, said) = match &a.answer {
        Said::Addresses { addresses } if addresses.is_empty() => (true, lang.t("class-no-address").to_owned()),
        Said::Addresses { addresses } => {
            (true, addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        Said::NoName => (true, "NXDOMAIN".to_owned()),
        Said::Lame { reason } => (false, lang.f("authority-lame", &[("reason", reason)])),
        Said::Silent => (false, lang.t("look-timed-out").to_owned()),
    };
    let address = a.address.map(|a| a.to_string()).unwrap_or_default();
    AuthorityLine { name: a.name.clone(), address, said, good }
}

/// Old beside new, as far as both were seen: what is the same, and what is not.
fn sides(lang: Lang, look: &Look) -> Vec<SideLine> {
    // The one that the DNS leads to was asked as everybody asks it.
    let (old, new) = match (&look.old, &look.new, &look.http) {
        (Some(old), Some(new), _) => (old, new),
        (None, Some(new), Some(old)) => (old, new),
        (Some(old), None, Some(new)) => (old, new),
        _ => return Vec::new(),
    };
    let line =
        |name: &'static str, old: String, new: String, same: bool| SideLine { name: lang.t(name), old, new, same };
    let (Some(before), Some(after)) = (old.page(), new.page()) else {
        let (before, after) = (ended(lang, old), ended(lang, new));
        let same = before == after;
        return vec![line("side-end", before, after, same)];
    };
    let status = |p: &Page| p.status.to_string();
    let apart = distance(before.simhash, after.simhash);
    let text = match apart {
        0..=3 => lang.t("side-text-same").to_owned(),
        4..=12 => lang.f("side-text-near", &[("n", &apart)]),
        _ => lang.f("side-text-far", &[("n", &apart)]),
    };
    let words = |p: &Page| lang.f("side-words", &[("n", &p.words)]);
    let led = |v: &Visit| v.last().map(|h| h.url.clone()).unwrap_or_default();
    vec![
        line("side-status", status(before), status(after), before.status == after.status),
        line("side-title", before.title.clone(), after.title.clone(), before.title == after.title),
        line(
            "side-size",
            octets(before, lang),
            octets(after, lang),
            before.size.abs_diff(after.size) * 20 <= before.size,
        ),
        line("side-text", words(before), format!("{} · {text}", words(after)), apart <= 3),
        line("side-leads", led(old), led(new), led(old) == led(new)),
    ]
}

/// All of it, of the newest look first.
pub(super) fn evidence(
    lang: Lang,
    zone: Tz,
    h: &HomepageRow,
    looks: &[KeptLook],
    picture: Option<DateTime<Utc>>,
) -> Evidence {
    let at = |at: Option<DateTime<Utc>>| at.map(|at| date_time(at, zone, lang)).unwrap_or_default();
    let last: Option<Look> = looks.first().and_then(|l| serde_json::from_value(l.seen.clone()?).ok());
    let signals: Vec<Signal> =
        looks.first().and_then(|l| serde_json::from_value(l.signals.clone()).ok()).unwrap_or_default();
    let side = |supports: bool| {
        signals.iter().filter(|s| s.supports == supports).map(|s| told(lang, zone, s)).collect::<Vec<_>>()
    };
    let line = |l: &KeptLook| LookLine {
        at: date_time(l.at, zone, lang),
        class: class_text(lang, &l.class),
        confidence: l.confidence,
    };
    let aliases = match last.as_ref().filter(|l| !l.aliases.is_empty()) {
        Some(look) => look
            .aliases
            .iter()
            .map(|(name, found)| format!("{name} ({})", dns(lang, found)))
            .collect::<Vec<_>>()
            .join(", "),
        None => h.aliases.join(", "),
    };
    let page = last.as_ref().and_then(|l| [&l.https, &l.http].into_iter().flatten().find_map(|v| v.page()));
    let visits =
        |visits: Option<i32>| visits.map(|n| lang.f("hits-until", &[("n", &n), ("at", &at(h.inside.logs_until))]));
    let picture =
        picture.map(|taken| (format!("/homepages/{}/picture?at={}", h.id, taken.timestamp()), at(Some(taken))));
    Evidence {
        name: h.unicode.clone(),
        picture,
        class: h.class.as_deref().map(|c| class_text(lang, c)),
        doubt: h.doubt.as_deref().map(|d| class_text(lang, d)),
        facts: vec![
            ("col-kind", kind(lang, &h.kind)),
            ("col-root", if h.root.is_empty() { h.target.clone() } else { h.root.clone() }),
            ("col-aliases", aliases),
            ("col-customer", h.customer_number.clone().unwrap_or_default()),
            ("col-reseller", h.inside.reseller.clone().unwrap_or_default()),
            ("look-since", at(h.class_since)),
            ("look-at", at(h.looked_at)),
            ("look-dns", last.as_ref().map(|look| dns(lang, &look.dns)).unwrap_or_default()),
            ("look-mx", last.as_ref().map(|look| look.mx.join(", ")).unwrap_or_default()),
            ("look-made-with", page.map(|p| p.generator.clone()).unwrap_or_default()),
            ("visits-90", visits(h.inside.hits).unwrap_or_default()),
            ("last-hit", at(h.inside.last_hit_at)),
            ("uploaded", at(h.inside.uploaded_at)),
        ],
        signals: side(true),
        against: side(false),
        sides: last.as_ref().map(|look| sides(lang, look)).unwrap_or_default(),
        zone: last.as_ref().and_then(|l| l.delegation.as_ref()).map(|d| d.zone.clone()).unwrap_or_default(),
        authorities: last
            .iter()
            .filter_map(|l| l.delegation.as_ref())
            .flat_map(|d| &d.servers)
            .map(|a| authority(lang, a))
            .collect(),
        visits: last
            .iter()
            .flat_map(|look| {
                let parts = [
                    ("HTTP", &look.http),
                    ("HTTPS", &look.https),
                    (lang.t("visit-old"), &look.old),
                    (lang.t("visit-new"), &look.new),
                ];
                parts.map(|(scheme, visit)| (scheme, visit.clone()))
            })
            .filter_map(|(scheme, v)| visit(lang, scheme, v.as_ref()))
            .collect(),
        looks: looks.iter().map(line).collect(),
    }
}
