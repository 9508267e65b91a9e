//! The zone as text.
#![expect(missing_docs, reason = "the island macro makes public items of the props; their docs stand at the component")]

use super::{remarks, textarea};
use leptos::prelude::*;

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
