//! The wasm bundle. It must use the components, or their exports vanish from it.

pub use hostler_web::islands::*;

/// Makes the islands on the page alive.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
