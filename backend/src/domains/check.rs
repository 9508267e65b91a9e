//! `hostler zone check` and `zone format`: a file judged and rewritten, without a database.

use hostler_core::{
    dns::{
        self,
        lint::{self, Severity},
        profile::RegistryProfile,
    },
    names::Name,
};
use serde::Serialize;

/// What the check says of a zone.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The apex with its final dot.
    pub origin: String,
    /// Whether there is no error.
    pub ok: bool,
    /// Number of records.
    pub records: usize,
    /// Number of errors.
    pub errors: usize,
    /// Number of warnings.
    pub warnings: usize,
    /// Everything found, errors first.
    pub findings: Vec<Line>,
}

/// One finding.
#[derive(Debug, Serialize)]
pub struct Line {
    /// `error` or `warning`.
    pub severity: Severity,
    /// Name of the rule; `syntax` for what cannot be read.
    pub code: &'static str,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Owner.
    pub name: Option<String>,
    /// Type.
    #[serde(rename = "type")]
    pub rtype: Option<String>,
    /// The sentence.
    pub message: String,
    /// The RFC or other source.
    pub source: &'static str,
}

/// An origin as typed, with or without its final dot.
///
/// # Errors
/// A sentence that says why it is none.
pub fn origin(text: &str) -> Result<Name, String> {
    if text.is_empty() {
        return Err("--origin: the name is empty".to_owned());
    }
    Name::parse(&format!("{}.", text.trim_end_matches('.')), None).map_err(|e| format!("--origin: {e}"))
}

/// Judges a zone.
#[must_use]
pub fn check(text: &[u8], origin: &Name, profiles: &[RegistryProfile]) -> Report {
    let parsed = match dns::parse(text, origin) {
        Ok(parsed) => parsed,
        Err(errors) => {
            let findings: Vec<Line> = errors
                .iter()
                .map(|e| Line {
                    severity: Severity::Error,
                    code: "syntax",
                    line: Some(e.line),
                    name: None,
                    rtype: None,
                    message: e.reason.to_string(),
                    source: "RFC 1035 §5",
                })
                .collect();
            return Report {
                origin: origin.to_string(),
                ok: false,
                records: 0,
                errors: findings.len(),
                warnings: 0,
                findings,
            };
        }
    };
    let mut findings: Vec<Line> = lint::lint_parsed(&parsed, profiles)
        .iter()
        .map(|f| Line {
            severity: f.rule.severity(),
            code: f.rule.code(),
            line: f.record.and_then(|i| parsed.lines.get(i)).copied(),
            name: Some(f.owner.to_string()),
            rtype: f.rtype.map(|t| t.to_string()),
            message: f.message(),
            source: f.rule.source(),
        })
        .collect();
    findings.sort_by_key(|f| (f.severity, f.line));
    let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
    Report {
        origin: origin.to_string(),
        ok: errors == 0,
        records: parsed.zone.records.len(),
        errors,
        warnings: findings.len() - errors,
        findings,
    }
}

/// The report for people, a line each.
#[must_use]
pub fn text(report: &Report, file: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for f in &report.findings {
        let line = f.line.map_or(String::new(), |l| format!(":{l}"));
        let severity = if f.severity == Severity::Error { "error" } else { "warning" };
        let _ = writeln!(out, "{file}{line}: {severity}: {} [{}; {}]", f.message, f.code, f.source);
    }
    let _ = writeln!(
        out,
        "{}: {} records, {} errors, {} warnings",
        report.origin, report.records, report.errors, report.warnings
    );
    out
}

/// The zone in its canonical form.
///
/// # Errors
/// Every line that cannot be read.
pub fn format(text: &[u8], origin: &Name) -> Result<String, Vec<dns::ParseError>> {
    dns::parse(text, origin).map(|parsed| dns::writer::canonical(&parsed.zone))
}
