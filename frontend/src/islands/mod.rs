//! What moves without a page load. Each island's first HTML comes from the server and works without its life.

mod desk;
mod lines;
mod text;

pub use desk::{Desk, DeskData};
pub use lines::{Put, Row, Staged};
pub use text::*;

use hostler_core::{
    dns::{lint, parser, profile},
    names::Name,
};
use serde::{Deserialize, Serialize};

/// A line below the zone's text: what is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Whether it stops publishing.
    pub error: bool,
    /// Line, from 1; 0 where it is about the zone.
    pub line: u32,
    /// The sentence.
    pub text: String,
}

/// Reads and judges a zone's text. The same rules run on the server; `texts` are the sentences by the rules' codes.
#[must_use]
pub fn remarks(origin: &str, text: &str, texts: &[(String, String)]) -> Vec<Remark> {
    let Ok(origin) = Name::parse(origin, None) else { return Vec::new() };
    let parsed = match parser::parse(text.as_bytes(), &origin) {
        Ok(parsed) => parsed,
        Err(errors) => {
            return errors
                .iter()
                .map(|e| Remark { error: true, line: e.line, text: said(e.reason.to_string(), texts) })
                .collect();
        }
    };
    lint::lint_parsed(&parsed, &profile::defaults())
        .iter()
        .map(|finding| Remark {
            error: finding.rule.severity() == lint::Severity::Error,
            line: finding.record.and_then(|i| parsed.lines.get(i)).copied().unwrap_or(0),
            text: sentence(finding, texts),
        })
        .collect()
}

/// A reader's reason in the language of `texts`. English has no texts of its own: the rules bring theirs.
fn said(text: String, texts: &[(String, String)]) -> String {
    if texts.is_empty() { text } else { crate::reasons::german(&text) }
}

/// A finding in the language of `texts`, with its source.
fn sentence(finding: &lint::Finding, texts: &[(String, String)]) -> String {
    let template = texts.iter().find(|(code, _)| code == finding.rule.code()).map(|(_, text)| text.clone());
    let mut text = template.unwrap_or_else(|| finding.message());
    for (i, arg) in finding.args.iter().enumerate() {
        text = text.replace(&format!("[{i}]"), &said(arg.clone(), texts));
    }
    format!("{text} ({})", finding.rule.source())
}

/// The content of a text field. Leptos takes it for raw text, which it is not: `</textarea>` in it would end the field, and
/// what follows would be markup of whoever wrote it. In the browser the text is set, not parsed.
#[must_use]
pub fn textarea(text: String) -> String {
    if cfg!(feature = "ssr") { text.replace('&', "&amp;").replace('<', "&lt;") } else { text }
}
