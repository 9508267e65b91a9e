//! What moves without a page load. Each island's first HTML comes from the server and works without its life.
#![expect(missing_docs, reason = "the island macro makes public items of the props; their docs stand at the component")]

use hostler_core::{
    dns::{lint, parser, profile},
    names::Name,
};
use leptos::prelude::*;
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
    // English has no texts of its own: the rules bring theirs.
    let german = !texts.is_empty();
    let said = |text: String| if german { crate::reasons::german(&text) } else { text };
    let Ok(origin) = Name::parse(origin, None) else { return Vec::new() };
    let parsed = match parser::parse(text.as_bytes(), &origin) {
        Ok(parsed) => parsed,
        Err(errors) => {
            return errors
                .iter()
                .map(|e| Remark { error: true, line: e.line, text: said(e.reason.to_string()) })
                .collect();
        }
    };
    lint::lint_parsed(&parsed, &profile::defaults())
        .iter()
        .map(|finding| {
            let template = texts.iter().find(|(code, _)| code == finding.rule.code()).map(|(_, text)| text.clone());
            let mut text = template.unwrap_or_else(|| finding.message());
            for (i, arg) in finding.args.iter().enumerate() {
                text = text.replace(&format!("[{i}]"), &said(arg.clone()));
            }
            Remark {
                error: finding.rule.severity() == lint::Severity::Error,
                line: finding.record.and_then(|i| parsed.lines.get(i)).copied().unwrap_or(0),
                text: format!("{text} ({})", finding.rule.source()),
            }
        })
        .collect()
}

/// The content of a text field. Leptos takes it for raw text, which it is not: `</textarea>` in it would end the field, and
/// what follows would be markup of whoever wrote it. In the browser the text is set, not parsed.
#[must_use]
pub fn textarea(text: String) -> String {
    if cfg!(feature = "ssr") { text.replace('&', "&amp;").replace('<', "&lt;") } else { text }
}

/// The zone as text, judged while it is typed. Without its life it is a plain text field of the form around it.
#[island]
pub fn ZoneText(
    origin: String,
    text: String,
    texts: Vec<(String, String)>,
    label: String,
    line_word: String,
    fine: String,
) -> impl IntoView {
    let typed = RwSignal::new(text.clone());
    let judged = Memo::new(move |_| typed.with(|text| remarks(&origin, text, &texts)));
    let rows = text.lines().count().clamp(12, 40) + 2;
    view! {
        <div class="field">
            <label for="f-text">{label}</label>
            <textarea id="f-text" name="text" class="mono" rows=rows.to_string() spellcheck="false" autocomplete="off"
                on:input=move |event| typed.set(event_target_value(&event))>{textarea(text)}</textarea>
        </div>
        <div role="status" aria-live="polite"><ul class="remarks">
            {move || {
                let line_word = line_word.clone();
                let list = judged.get();
                if list.is_empty() {
                    return view! { <li class="good">{fine.clone()}</li> }.into_any();
                }
                list.into_iter()
                    .map(|remark| {
                        let class = if remark.error { "bad" } else { "warning" };
                        let glyph = if remark.error { "✕ " } else { "▲ " };
                        let place = if remark.line > 0 { format!("{line_word} {}: ", remark.line) } else { String::new() };
                        view! { <li class=class>{glyph}{place}{remark.text}</li> }
                    })
                    .collect_view()
                    .into_any()
            }}
        </ul></div>
    }
}
