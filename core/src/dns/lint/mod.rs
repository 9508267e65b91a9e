//! Judges a zone: what servers refuse, what loses mail, what is merely unwise, each with its RFC.
//!
//! Name servers accept most of this silently (two SPF records, a text cut at a semicolon, data below a delegation), so
//! the panel has to say it. Every check is a function from the [`Index`] of a zone to [`Finding`]s.

mod index;
mod mail;
mod rules;
mod structure;
mod targets;

pub use index::Index;
pub use rules::{Rule, Severity};

use super::{Parsed, RType, Record, Zone, profile::RegistryProfile};
use crate::names::Name;

/// One thing that is wrong with a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule it breaks.
    pub rule: Rule,
    /// The owner it is about.
    pub owner: Name,
    /// The type it is about, if it is about one.
    pub rtype: Option<RType>,
    /// Index of the record in the zone, if it is about one.
    pub record: Option<usize>,
    /// What the message fills in: names, values, counts.
    pub args: Vec<String>,
}

impl Finding {
    fn at(rule: Rule, record: &Record, index: usize, args: &[&dyn std::fmt::Display]) -> Self {
        Self {
            rule,
            owner: record.owner.clone(),
            rtype: Some(record.rtype()),
            record: Some(index),
            args: args.iter().map(|a| format!("{a}")).collect(),
        }
    }

    fn of(rule: Rule, owner: &Name, args: &[&dyn std::fmt::Display]) -> Self {
        Self {
            rule,
            owner: owner.clone(),
            rtype: None,
            record: None,
            args: args.iter().map(|a| format!("{a}")).collect(),
        }
    }

    /// The finding as an English sentence.
    #[must_use]
    pub fn message(&self) -> String {
        let mut text = self.rule.template().to_owned();
        for (i, arg) in self.args.iter().enumerate() {
            text = text.replace(&format!("{{{i}}}"), arg);
        }
        text
    }
}

/// Judges a zone. `profiles` are the registries' SOA ranges; the findings come in canonical order of their owners.
#[must_use]
pub fn lint(zone: &Zone, profiles: &[RegistryProfile]) -> Vec<Finding> {
    let index = Index::new(zone);
    let mut findings = Vec::new();
    structure::check(&index, profiles, &mut findings);
    targets::check(&index, &mut findings);
    mail::check(&index, &mut findings);
    findings.sort_by(|a, b| a.rule.severity().cmp(&b.rule.severity()).then_with(|| a.owner.cmp(&b.owner)));
    findings
}

/// As [`lint`], with what only the text could tell: where an unquoted semicolon cut a text off.
#[must_use]
pub fn lint_parsed(parsed: &Parsed, profiles: &[RegistryProfile]) -> Vec<Finding> {
    let mut findings = lint(&parsed.zone, profiles);
    for line in &parsed.cut {
        // A record in parentheses starts on an earlier line than the one that was cut.
        let at = parsed.lines.iter().rposition(|l| l <= line);
        if let Some((at, record)) = at.and_then(|at| Some((at, parsed.zone.records.get(at)?))) {
            findings.push(Finding::at(Rule::TextCut, record, at, &[line]));
        }
    }
    findings
}

/// Whether anything found keeps a server from loading the zone or loses data in it.
#[must_use]
pub fn loadable(findings: &[Finding]) -> bool {
    !findings.iter().any(|f| f.rule.fatal())
}

/// Whether anything found stops publishing.
#[must_use]
pub fn has_errors(findings: &[Finding]) -> bool {
    findings.iter().any(|f| f.rule.severity() == Severity::Error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{parse, profile};

    const HEAD: &str =
        "$TTL 3600\n@ SOA ns1.h.de. hostmaster.h.de. 1 14400 1800 1209600 3600\n@ NS ns1.h.de.\n@ NS ns2.h.de.\n";

    fn codes(text: &str) -> Vec<&'static str> {
        let origin = Name::parse("example.de.", None).unwrap();
        let parsed = parse(format!("{HEAD}{text}").as_bytes(), &origin).unwrap();
        let mut codes: Vec<_> = lint_parsed(&parsed, &profile::defaults()).iter().map(|f| f.rule.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    #[test]
    fn a_good_zone_has_no_findings() {
        let none: [&str; 0] = [];
        assert_eq!(
            codes(
                "@ A 192.0.2.1\nwww CNAME @\n@ MX 10 mail\nmail A 192.0.2.2\nmail AAAA 2001:db8::2\n@ TXT \"v=spf1 mx -all\"\n\
                 _dmarc TXT \"v=DMARC1; p=none; rua=mailto:d@example.de\"\n_sip._tcp SRV 0 0 5060 mail\n\
                 sub NS ns.sub\nns.sub A 192.0.2.9\n_mta-sts TXT \"v=STSv1; id=2026\"\nmta-sts A 192.0.2.1\n\
                 s1._domainkey TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n* A 192.0.2.1\n\
                 _smtp._tls TXT \"v=TLSRPTv1; rua=mailto:t@example.de\"\nold MX 0 .\nold A 192.0.2.3\n"
            ),
            none
        );
    }

    #[test]
    fn each_fault_is_found_by_its_rule() {
        for (text, code) in [
            ("www CNAME @\nwww A 192.0.2.1\n@ A 192.0.2.1", "cname-and-other"),
            ("@ CNAME x.y.", "cname-and-other"),
            ("w CNAME a.b.\nw CNAME c.d.", "several-cnames"),
            ("@ MX 10 m\nm CNAME x.y.", "target-is-cname"),
            ("@ NS n\nn CNAME x.y.", "target-is-cname"),
            ("_s._tcp SRV 0 0 1 m\nm CNAME x.y.", "target-is-cname"),
            ("@ MX 10 192.0.2.1", "target-is-address"),
            ("@ MX 10 192.0.2.1.", "target-is-address"),
            ("@ NS 192.0.2.1.", "target-is-address"),
            ("_s._tcp SRV 0 0 1 192.0.2.7.", "target-is-address"),
            ("@ NS ns3", "ns-without-address"),
            ("sub NS ns.sub", "missing-glue"),
            ("sub NS ns1.h.de.\nsub A 192.0.2.1", "below-delegation"),
            ("sub NS ns1.h.de.\nx.sub A 192.0.2.1", "below-delegation"),
            ("d DNAME x.y.\nw.d A 192.0.2.1", "below-dname"),
            ("@ MX 10 mail.example.de", "relative-slip"),
            ("www CNAME www.example.de", "relative-slip"),
            ("www.example.de A 192.0.2.1", "relative-slip-owner"),
            ("w 60 A 192.0.2.1\nw 120 A 192.0.2.2", "ttl-differs"),
            ("@ MX 10 gone", "target-missing"),
            ("@ TXT \"v=spf1 -all\"\n@ TXT \"v=spf1 mx -all\"", "spf-several"),
            (
                "@ TXT \"v=spf1 include:a.x include:b.x include:c.x include:d.x include:e.x include:f.x include:g.x include:h.x include:i.x include:j.x include:k.x -all\"",
                "spf-lookups",
            ),
            ("@ TXT \"v=spf1 ip4:192.0.2.300 -all\"", "spf-syntax"),
            ("@ TXT \"v=spf1 include -all\"", "spf-syntax"),
            ("@ TXT \"v=spf1 ptr -all\"", "spf-ptr"),
            ("@ SPF \"v=spf1 -all\"", "spf-type"),
            ("_dmarc TXT \"v=DMARC1; p=nine\"", "dmarc-syntax"),
            ("_dmarc TXT \"p=none; v=DMARC1\"", "dmarc-syntax"),
            ("_dmarc TXT \"v=DMARC1; p=none; rua=d@example.de\"", "dmarc-syntax"),
            ("_dmarc TXT \"v=DMARC1; p=none\"\n_dmarc TXT \"v=DMARC1; p=reject\"", "dmarc-several"),
            ("s._domainkey TXT \"v=DKIM1; k=rsa; p=!!!\"", "dkim-syntax"),
            ("s._domainkey TXT \"v=DKIM1; k=rsa\"", "dkim-syntax"),
            ("s._domainkey TXT v=DKIM1; k=rsa; p=abcd", "text-cut"),
            ("_mta-sts TXT \"v=STSv1; id=a-b\"", "mta-sts-syntax"),
            ("_smtp._tls TXT \"v=TLSRPTv1\"", "tlsrpt-syntax"),
            ("my_host A 192.0.2.1", "underscore-host"),
            ("@ MX 10 my_mail.x.de.", "underscore-host"),
            ("www.other.de. A 192.0.2.1", "out-of-zone"),
            ("a SOA ns1.h.de. h.h.de. 1 2 3 4 5", "soa-elsewhere"),
            ("@ SOA ns9.h.de. hostmaster.h.de. 1 14400 1800 1209600 3600", "several-soa"),
            ("* NS ns1.h.de.", "wildcard-ns"),
            ("@ MX 0 .\n@ MX 10 m\nm A 192.0.2.1", "null-mx-and-other"),
            ("w A 192.0.2.1\nw A 192.0.2.1", "duplicate"),
            ("x DS 1 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "ds-without-ns"),
            ("@ DS 1 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "ds-at-apex"),
            ("s SSHFP 4 2 1234", "digest-length"),
            ("d DNAME a.x.\nd DNAME b.x.", "several-dnames"),
        ] {
            assert!(codes(text).contains(&code), "{text}: {:?}", codes(text));
        }
    }

    #[test]
    fn sets_that_no_answer_can_carry_and_endless_includes_are_found() {
        let many: String = (0..300).map(|i| format!("x TXT \"{i} {}\"\n", "y".repeat(240))).collect();
        assert!(codes(&many).contains(&"set-too-large"));
        // Followed to its end, a chain as long as a zone may be would overflow a thread's stack.
        let chain: String =
            (0..3_000).map(|i| format!("s{i} TXT \"v=spf1 include:s{}.example.de -all\"\n", i + 1)).collect();
        assert!(codes(&chain).contains(&"spf-lookups"));
    }

    #[test]
    fn soa_values_are_held_against_the_registry() {
        let origin = Name::parse("example.de.", None).unwrap();
        let zone = parse(b"@ 60 SOA ns.x. h.x. 1 7200 540 604800 60", &origin).unwrap().zone;
        let found: Vec<_> = lint(&zone, &profile::defaults()).iter().map(Finding::message).collect();
        insta::assert_snapshot!(found.join("\n"));
    }

    #[test]
    fn every_rule_has_a_template_for_its_arguments() {
        for rule in Rule::ALL {
            assert!(!rule.template().is_empty() && !rule.source().is_empty(), "{}", rule.code());
            assert!(!rule.fatal() || rule.severity() == Severity::Error, "{} is fatal and no error", rule.code());
        }
    }
}
