//! States: by word and shape and colour.

use leptos::prelude::*;

/// What a state means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the five meanings of the design")]
pub enum Meaning {
    Good,
    Notice,
    Warning,
    Bad,
    Unknown,
}

impl Meaning {
    /// The name of its colour in the style sheet.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

/// A state with its glyph.
pub fn badge(meaning: Meaning, text: impl Into<String>) -> impl IntoView {
    let (class, glyph) = match meaning {
        Meaning::Good => ("badge good", "●"),
        Meaning::Notice => ("badge notice", "◐"),
        Meaning::Warning => ("badge warning", "▲"),
        Meaning::Bad => ("badge bad", "✕"),
        Meaning::Unknown => ("badge unknown", "◌"),
    };
    view! { <span class=class><span aria-hidden="true">{glyph}</span>" "{text.into()}</span> }
}
