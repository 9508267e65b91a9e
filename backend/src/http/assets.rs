//! Styles and islands: embedded, under names with their hash, cached for ever.

use super::App;
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

const CSS: &str = include_str!("../../../frontend/style/hostler.css");
const PASSKEYS: &str = include_str!("../../../frontend/scripts/passkeys.js");
const KEYS: &str = include_str!("../../../frontend/scripts/keys.js");
const TRIAGE: &str = include_str!("../../../frontend/scripts/triage.js");
const EDITOR: &str = include_str!("../../../frontend/scripts/zone-editor.js");
const LOADER: &str = include_str!("../../../frontend/islands/loader.js");

#[derive(Debug)]
struct Asset {
    content_type: &'static str,
    plain: Vec<u8>,
    brotli: Vec<u8>,
}

/// All assets by their hashed name.
#[derive(Debug)]
pub struct Assets {
    files: HashMap<String, Asset>,
    links: hostler_web::ui::frame::Assets,
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let params = brotli::enc::BrotliEncoderParams { quality: 9, ..Default::default() };
    let mut out = Vec::new();
    match brotli::BrotliCompress(&mut std::io::Cursor::new(bytes), &mut out, &params) {
        Ok(_) => out,
        Err(_) => Vec::new(),
    }
}

impl Assets {
    /// Hashes and compresses what is embedded. The bundle comes compressed.
    #[must_use]
    pub fn load() -> Self {
        let mut assets = Self { files: HashMap::new(), links: hostler_web::ui::frame::Assets::default() };
        assets.links.css = assets.add("hostler", "css", "text/css; charset=utf-8", CSS.as_bytes().to_vec(), None);
        let script = "text/javascript; charset=utf-8";
        assets.links.passkeys = assets.add("passkeys", "js", script, PASSKEYS.as_bytes().to_vec(), None);
        assets.links.keys = assets.add("keys", "js", script, KEYS.as_bytes().to_vec(), None);
        assets.links.triage = assets.add("triage", "js", script, TRIAGE.as_bytes().to_vec(), None);
        let bundled = |name: &str| BUNDLE.iter().find(|(n, _)| *n == name).map(|(_, bytes)| bytes.to_vec());
        if let (Some(js), Some(wasm)) = (bundled("islands.js"), bundled("islands.wasm")) {
            // The glue is imported by the loader under the name that it has here.
            let glue = assets.add("islands", "js", "text/javascript; charset=utf-8", js, None);
            let editor = assets.add("zone-editor", "js", script, EDITOR.as_bytes().to_vec(), None);
            let loader = LOADER.replace("__GLUE__", &glue).replace("__EDITOR__", &editor);
            assets.links.js =
                Some(assets.add("loader", "js", "text/javascript; charset=utf-8", loader.into_bytes(), None));
            assets.links.wasm =
                Some(assets.add("islands", "wasm", "application/wasm", wasm, bundled("islands.wasm.br")));
        }
        assets
    }

    fn add(
        &mut self,
        name: &str,
        end: &str,
        content_type: &'static str,
        plain: Vec<u8>,
        brotli: Option<Vec<u8>>,
    ) -> String {
        let hash: String = Sha256::digest(&plain).iter().take(8).map(|b| format!("{b:02x}")).collect();
        let file = format!("{name}-{hash}.{end}");
        let brotli = brotli.unwrap_or_else(|| compress(&plain));
        self.files.insert(file.clone(), Asset { content_type, plain, brotli });
        format!("/assets/{file}")
    }

    /// The style sheet itself, for a browser that has nothing yet.
    #[must_use]
    pub fn css() -> &'static str {
        CSS
    }

    /// Addresses for the frame of a page.
    #[must_use]
    pub fn links(&self) -> hostler_web::ui::frame::Assets {
        self.links.clone()
    }
}

/// `GET /assets/{file}`
pub async fn get(app: web::Data<App>, request: HttpRequest, file: web::Path<String>) -> HttpResponse {
    let Some(asset) = app.assets.files.get(file.as_str()) else { return HttpResponse::NotFound().finish() };
    let accepts = request.headers().get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, asset.content_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "Accept-Encoding"));
    if accepts.split(',').any(|part| part.trim().split(';').next() == Some("br")) && !asset.brotli.is_empty() {
        response.insert_header((header::CONTENT_ENCODING, "br")).body(asset.brotli.clone())
    } else {
        response.body(asset.plain.clone())
    }
}
