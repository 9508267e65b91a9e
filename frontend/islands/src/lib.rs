//! The wasm bundle. It must use the components, or their exports vanish from it.

pub use hostler_web::islands::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Makes the islands on the page alive.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

/// The rules behind the zone editor, for its script.
#[wasm_bindgen]
pub struct ZoneDesk(Desk);

#[wasm_bindgen]
impl ZoneDesk {
    /// See [`Desk::new`].
    pub fn open(data: &str) -> Option<ZoneDesk> {
        Desk::new(data).map(Self)
    }

    /// See [`Desk::judge`].
    pub fn judge(&self, lines: &str) -> String {
        self.0.judge(lines)
    }

    /// See [`Desk::fields`].
    pub fn fields(&self, rtype: &str, data: &str) -> String {
        self.0.fields(rtype, data)
    }

    /// See [`Desk::paste`].
    pub fn paste(&self, text: &str, line: &str) -> String {
        self.0.paste(text, line)
    }
}
