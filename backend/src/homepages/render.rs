//! `hostler render web`: a folder that a web server and PHP start from.

use crate::platform::{
    folder::{self, Folder, FolderError, Readers, at},
    settings,
};
use hostler_core::{
    names::DomainName,
    web::vhost::{Flavor, HostName, Kind, Machine, PhpVersion, Site, Withheld, files, is_plain},
};
use hostler_store::{Scope, Store, StoreError, web_servers::WebIntent};
use serde::Serialize;
use std::{
    collections::HashSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

/// Why a folder was not rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The folder cannot be written.
    #[error("{0}")]
    Folder(#[from] FolderError),
    /// A path that cannot stand in a configuration.
    #[error("setting {0}: an absolute path of letters, digits and / . _ - + @")]
    Path(&'static str),
    /// There is no such server.
    #[error("no new web server is called {0}; they are made on the page Homepages, Servers, or by the API")]
    Unknown(String),
    /// The database failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

/// What was done.
#[derive(Debug, Default, Serialize)]
pub struct Rendered {
    /// Homepages that are served.
    pub homepages: usize,
    /// Files written.
    pub written: usize,
    /// Files taken away.
    pub removed: usize,
    /// Names that are left out, and why.
    pub withheld: Vec<(String, String)>,
}

fn machine(web: &settings::Web, flavor: Flavor) -> Result<Machine, RenderError> {
    let plain = |name: &'static str, path: &Path| {
        let text = path.to_string_lossy().trim_end_matches('/').to_owned();
        if is_plain(&text) { Ok(text) } else { Err(RenderError::Path(name)) }
    };
    Ok(Machine {
        flavor,
        ports: (web.http_port, web.https_port),
        site_dir: plain("web.site_dir", &web.site_dir)?,
        run_dir: plain("web.run_dir", &web.run_dir)?,
        tls_dir: plain("web.tls_dir", &web.tls_dir)?,
        acme_dir: plain("web.acme_dir", &web.acme_dir)?,
        log_dir: plain("web.log_dir", &web.log_dir)?,
    })
}

/// Homepages of one customer that had one document root keep having one: the folder of the first of them, whether that one moves or
/// not.
fn sites(intent: &[WebIntent], php: PhpVersion) -> (Vec<Site>, Vec<Withheld>) {
    let (mut sites, mut withheld) = (Vec::new(), Vec::new());
    for h in intent {
        let made = DomainName::parse(&h.name).map_err(|e| e.to_string()).and_then(|name| {
            let version = PhpVersion::parse(&h.php).unwrap_or(php);
            // Old servers run PHP for all, without a word in the virtual host: whoever names a version knows better.
            let kind = if h.kind == "static" && !h.php.is_empty() { "php" } else { h.kind.as_str() };
            Ok((name, Kind::of(kind, &h.target, version)?))
        });
        let (name, kind) = match made {
            Ok(made) => made,
            Err(reason) => {
                withheld.push(Withheld { name: h.name.clone(), reason });
                continue;
            }
        };
        let mut aliases = Vec::new();
        for alias in &h.aliases {
            match HostName::parse(alias) {
                Ok(alias) => aliases.push(alias),
                Err(reason) => withheld.push(Withheld { name: alias.clone(), reason }),
            }
        }
        let folder = DomainName::parse(&h.folder).unwrap_or_else(|_| name.clone());
        sites.push(Site { name, aliases, kind, folder, secure: h.tls });
    }
    (sites, withheld)
}

/// Files that an earlier run made and nobody wants any more.
fn forget(dir: &Path, wanted: &HashSet<PathBuf>) -> Result<usize, FolderError> {
    let mut removed = 0;
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            removed += forget(&path, wanted)?;
        } else if path.extension().is_some_and(|e| e == "conf") && !wanted.contains(&path) {
            fs::remove_file(&path).map_err(at(&path))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Renders the folder of a server.
///
/// # Errors
/// When there is no such server, a setting is unfit, the folder cannot be written, or the database fails; the files in place are then
/// as they were.
pub async fn render(
    store: &Store,
    scope: &Scope,
    server: &str,
    flavor: Flavor,
    web: &settings::Web,
    out: &Path,
) -> Result<Rendered, RenderError> {
    let machine = machine(web, flavor)?;
    let mut view = store.view(scope).await?;
    let all = view.web_servers().await?;
    let own = all.into_iter().find(|s| s.data.is_new && s.data.name == server);
    let own = own.ok_or_else(|| RenderError::Unknown(server.to_owned()))?;
    let intent = view.web_intent(own.id).await?;
    drop(view);
    let php = PhpVersion::parse(&own.data.php)
        .ok_or_else(|| StoreError::Inconsistent { table: "web_servers", reason: format!("php {}", own.data.php) })?;
    let (sites, withheld) = sites(&intent, php);
    let made = files(&sites, &machine);
    let (out, _lock) = folder::hold(out)?;
    let mut folder = Folder::default();
    let mut wanted = HashSet::new();
    for (path, content) in &made.files {
        let path = out.join(path);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).map_err(at(dir))?;
        }
        folder.write_changed(path.clone(), content, Readers::All)?;
        wanted.insert(path);
    }
    let mut rendered = Rendered { homepages: sites.len(), written: folder.settle(&out)?, ..Rendered::default() };
    let activate = out.join("activate");
    fs::set_permissions(&activate, fs::Permissions::from_mode(0o755)).map_err(at(&activate))?;
    // The one of the other kind included: a server has one web server.
    for part in ["nginx", "apache", "php"] {
        rendered.removed += forget(&out.join(part), &wanted)?;
    }
    let told = withheld.into_iter().chain(made.withheld);
    rendered.withheld = told.map(|w| (w.name, w.reason)).collect();
    Ok(rendered)
}
