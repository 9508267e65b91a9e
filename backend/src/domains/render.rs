//! `hostler render dns`: the published zones as a folder that a name server starts from.
//!
//! Only what changed is written: a manifest in the folder says which version of each zone lies there.

use crate::platform::folder::{self, Folder, FolderError, Readers, at};
use hostler_core::{
    dns::server::{self, Flavor},
    names::Name,
};
use hostler_store::{Scope, Store, StoreError};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

const MANIFEST: &str = ".hostler.json";
/// Zones read from the database at once: bounds the memory, whatever the number of zones.
const BATCH: usize = 1000;

/// Why a folder was not rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The folder cannot be written.
    #[error("{0}")]
    Folder(#[from] FolderError),
    /// The path cannot stand in a configuration.
    #[error("{0}: a folder whose path holds a quote or a line break cannot stand in a server's configuration")]
    Path(PathBuf),
    /// The database failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    zones: BTreeMap<String, i32>,
}

/// What was done.
#[derive(Debug, Default, Serialize)]
pub struct Rendered {
    /// Zones in the folder.
    pub zones: usize,
    /// Files written.
    pub written: usize,
    /// Zone files taken away.
    pub removed: usize,
    /// Zones that are not served, with the number of their errors.
    pub withheld: Vec<(String, i32)>,
}

/// Renders the folder. `listen` goes into the local configuration where there is none yet.
///
/// # Errors
/// When the folder cannot be written or the database fails; the files in place are then as they were.
pub async fn render(
    store: &Store,
    scope: &Scope,
    flavor: Flavor,
    out: &Path,
    listen: Option<SocketAddr>,
) -> Result<Rendered, RenderError> {
    let (out, _lock) = folder::hold(out)?;
    let out = out.as_path();
    let zones_dir = out.join("zones");
    fs::create_dir_all(&zones_dir).map_err(at(&zones_dir))?;
    let shown = out.to_string_lossy();
    if shown.contains(['"', '\n', '\\']) {
        return Err(RenderError::Path(out.to_owned()));
    }

    let mut view = store.view(scope).await?;
    let mut names = Vec::new();
    for (name, number) in view.published_numbers().await? {
        if let Ok(origin) = Name::parse(&format!("{name}."), None)
            && server::config_name(&origin).is_some()
        {
            names.push((name, number, origin));
        }
    }
    let manifest_path = out.join(MANIFEST);
    let manifest: Manifest =
        fs::read(&manifest_path).ok().and_then(|m| serde_json::from_slice(&m).ok()).unwrap_or_default();
    let file = |origin: &Name| out.join("zones").join(server::zone_file(origin));
    let stale: Vec<String> = names
        .iter()
        .filter(|(name, number, origin)| manifest.zones.get(name) != Some(number) || !file(origin).is_file())
        .map(|(name, ..)| name.clone())
        .collect();
    let mut folder = Folder::default();
    for batch in stale.chunks(BATCH) {
        for zone in view.published_zones(batch).await? {
            if let Ok(origin) = Name::parse(&format!("{}.", zone.name), None) {
                folder.write(file(&origin), &zone.content, Readers::All)?;
            }
        }
    }
    let mut rendered = Rendered { zones: names.len(), ..Rendered::default() };
    let next = Manifest { zones: names.iter().map(|(name, number, _)| (name.clone(), *number)).collect() };
    let origins: Vec<Name> = names.into_iter().map(|(.., origin)| origin).collect();
    folder.write_changed(out.join(flavor.include_file()), &server::include(flavor, &origins), Readers::All)?;
    folder.write_changed(out.join(flavor.main_file()), &server::main_config(flavor, &shown), Readers::All)?;
    let (local, text) = server::local_config(flavor, &shown, listen);
    if !out.join(local).exists() {
        folder.write(out.join(local), &text, Readers::All)?;
    }
    for dir in ["run", "db"] {
        fs::create_dir_all(out.join(dir)).map_err(at(out))?;
    }
    rendered.written = folder.settle(out)?;
    // Only now: a zone file goes after the list that named it.
    for name in manifest.zones.keys().filter(|name| !next.zones.contains_key(*name)) {
        if let Ok(origin) = Name::parse(&format!("{name}."), None)
            && fs::remove_file(file(&origin)).is_ok()
        {
            rendered.removed += 1;
        }
    }
    if rendered.written > 0 || rendered.removed > 0 {
        let mut last = Folder::default();
        last.write(manifest_path, &serde_json::to_string(&next).unwrap_or_default(), Readers::All)?;
        last.settle(out)?;
    }
    rendered.withheld = view.unpublished_zones().await?;
    Ok(rendered)
}
