//! The wasm bundle, with the wasm-bindgen of our own lock file.
//!
//! rustup's wasm target is taken where it is there. Where rustup cannot download it, Debian's `rustc-web` serves, which
//! builds the standard library from `rust-web-src`.

use crate::{root, run};
use sha2::{Digest, Sha256};
use std::{fs, path::Path, path::PathBuf, process::Command};

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the bundle, unless the sources are those of the last one.
pub(crate) fn build() -> Result<(), String> {
    let root = root();
    let out = root.join("target/islands");
    let stamp = out.join(".sources");
    let digest = sources(&root)?;
    if fs::read_to_string(&stamp).is_ok_and(|old| old == digest) && out.join("islands.wasm.br").is_file() {
        eprintln!("xtask: the islands bundle is up to date");
        return Ok(());
    }
    eprintln!("xtask: building the islands bundle (some minutes the first time)");
    let wasm = compile(&root)?;
    let work = tempfile::tempdir().map_err(|e| e.to_string())?;
    wasm_bindgen_cli_support::Bindgen::new()
        .input_path(&wasm)
        .web(true)
        .and_then(|b| {
            // Names of functions are a quarter of the file, and nobody reads them.
            b.typescript(false)
                .omit_default_module_path(true)
                .remove_name_section(true)
                .remove_producers_section(true)
                .out_name("islands")
                .generate(work.path())
        })
        .map_err(|e| format!("wasm-bindgen: {e}"))?;
    fs::create_dir_all(&out).map_err(|e| e.to_string())?;
    let glue = fs::read(work.path().join("islands.js")).map_err(|e| e.to_string())?;
    let wasm = fs::read(work.path().join("islands_bg.wasm")).map_err(|e| e.to_string())?;
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut std::io::Cursor::new(&wasm), &mut packed, &params).map_err(|e| e.to_string())?;
    eprintln!("xtask: wasm {} kB, brotli {} kB", wasm.len() / 1000, packed.len() / 1000);
    for (name, bytes) in [
        ("islands.js", &glue),
        ("islands.wasm", &wasm),
        ("islands.wasm.br", &packed),
        (".sources", &digest.into_bytes()),
    ] {
        fs::write(out.join(name), bytes).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(())
}

/// SHA-256 of everything that the bundle is made from.
fn sources(root: &Path) -> Result<String, String> {
    let mut files = vec![root.join("Cargo.lock"), root.join("Cargo.toml")];
    let mut open = vec![root.join("core/src"), root.join("frontend/src"), root.join("frontend/islands")];
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?.flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?);
    }
    Ok(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
}

fn has_target() -> bool {
    let sysroot = sysroot().unwrap_or_default();
    sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir()
}

fn sysroot() -> Option<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

fn compile(root: &Path) -> Result<PathBuf, String> {
    let target_dir = root.join("target-wasm");
    let common = ["build", "--package", "hostler-islands", "--profile", "wasm", "--target", TARGET];
    let mut command = if has_target() {
        Command::new("cargo")
    } else {
        let lld = sysroot().ok_or("rustc has no sysroot")?.join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld");
        if !Path::new("/usr/bin/cargo").is_file() || !lld.is_file() {
            return Err("no wasm target: run `rustup target add wasm32-unknown-unknown`, or install Debian's rustc-web, cargo-web and rust-web-src".to_owned());
        }
        let path = format!("/usr/bin:{}", std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("/usr/bin/cargo");
        command
            .env("PATH", path)
            .env("RUSTC", "/usr/bin/rustc")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", lld)
            .env_remove("RUSTUP_TOOLCHAIN")
            .args(["-Zbuild-std=std,panic_abort"]);
        command
    };
    // What cargo set for this program is not meant for the one that it starts.
    for (name, _) in
        std::env::vars().filter(|(n, _)| n.starts_with("CARGO_PKG") || n == "CARGO" || n == "CARGO_MANIFEST_DIR")
    {
        command.env_remove(name);
    }
    run(command.args(common).arg("--target-dir").arg(&target_dir).current_dir(root))?;
    Ok(target_dir.join(TARGET).join("wasm/hostler_islands.wasm"))
}
