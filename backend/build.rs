//! Embeds the islands bundle, if `cargo xtask islands` has made one. The server never depends on it.

use std::{env, fs, path::Path};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/islands");
    println!("cargo:rerun-if-changed={}", root.display());
    println!("cargo:rerun-if-changed=../frontend/style/hostler.css");
    let mut entries = String::new();
    let mut files: Vec<_> = fs::read_dir(&root).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    for path in files {
        println!("cargo:rerun-if-changed={}", path.display());
        let (Some(name), Ok(absolute)) = (path.file_name().and_then(|n| n.to_str()), fs::canonicalize(&path)) else {
            continue;
        };
        entries.push_str(&format!("    ({name:?}, include_bytes!({:?})),\n", absolute.display().to_string()));
    }
    let code =
        format!("/// Files of the islands bundle by name.\npub const BUNDLE: &[(&str, &[u8])] = &[\n{entries}];\n");
    let out = env::var_os("OUT_DIR").map(|dir| Path::new(&dir).join("bundle.rs"));
    if let Some(Err(error)) = out.map(|path| fs::write(path, code)) {
        println!("cargo:warning=the islands bundle was not embedded: {error}");
    }
}
