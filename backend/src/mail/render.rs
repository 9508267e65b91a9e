//! `hostler render mail`: a folder that Postfix and Dovecot start from.

use super::check;
use crate::platform::{
    folder::{self, Folder, FolderError, Readers, at},
    settings,
};
use chrono::{DateTime, Utc};
use hostler_core::mail::{Role, Server, Withheld, files, parts};
use hostler_store::{Scope, Store, StoreError};
use serde::Serialize;
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

/// Full name of the mail server, as its certificate and mail programs have it.
#[must_use]
pub fn host_name(settings: &settings::Mail) -> String {
    let system = || rustix::system::uname().nodename().to_string_lossy().into_owned();
    settings.host_name.clone().unwrap_or_else(system)
}

/// Why a folder was not rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The folder cannot be written.
    #[error("{0}")]
    Folder(#[from] FolderError),
    /// A path that cannot stand in a configuration.
    #[error("{0}: in a mail server's files a path can hold letters, digits and / . _ - + @ = ~ only")]
    Path(PathBuf),
    /// There is no such server.
    #[error("no mail server is called {0}; they are made on the page Mail, Servers, or by the API")]
    Unknown(String),
    /// Mailboxes live nowhere: all mail for them would be refused.
    #[error("no mail server has the role store yet, and mailboxes have to live somewhere")]
    NoStore,
    /// The database failed.
    #[error("{0}")]
    Store(#[from] StoreError),
}

impl RenderError {
    fn unknown(server: &Server) -> Self {
        Self::Unknown(server.name.as_ref().map(ToString::to_string).unwrap_or_default())
    }
}

/// What was done.
#[derive(Debug, Default, Serialize)]
pub struct Rendered {
    /// Domains whose mail arrives.
    pub domains: usize,
    /// Mailboxes.
    pub mailboxes: usize,
    /// Aliases.
    pub aliases: usize,
    /// Files written.
    pub written: usize,
    /// Files taken away.
    pub removed: usize,
    /// What is left out, and why.
    pub withheld: Vec<(String, String)>,
}

/// Every path in the files stands unquoted in one of them, and a passwd-file ends its fields at colons.
fn plain(path: &Path) -> Result<(), RenderError> {
    let text = path.to_string_lossy();
    let fine = text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+@=~".contains(c));
    if fine { Ok(()) } else { Err(RenderError::Path(path.to_owned())) }
}

/// The number of a user (`/etc/passwd`) or group (`/etc/group`), if this process may give files to it.
fn number(table: &str, name: &str) -> Option<u32> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let lines = fs::read_to_string(table).ok()?;
    let line = lines.lines().find(|l| l.split(':').next() == Some(name))?;
    line.split(':').nth(2)?.parse().ok()
}

/// Renders the folder.
///
/// # Errors
/// When the folder cannot be written, a path or a setting is unfit, or the database fails; the files in place are then as they
/// were.
pub async fn render(
    store: &Store,
    scope: &Scope,
    server: &Server,
    mail: &settings::Mail,
    out: &Path,
    now: DateTime<Utc>,
) -> Result<Rendered, RenderError> {
    let mut intent = store.view(scope).await?.mail_intent(now).await?;
    intent.postmaster = check::postmaster(mail);
    let known = server.name.as_ref().is_some_and(|name| intent.servers.iter().any(|s| s.name == *name));
    if known && !intent.mailboxes.is_empty() && !intent.servers.iter().any(|s| s.roles.has(Role::Store)) {
        return Err(RenderError::NoStore);
    }
    let (out, _lock) = folder::hold(out)?;
    let tls = server.tls.iter().flat_map(|tls| [&tls.certificate, &tls.key]);
    for path in [&out, &server.mail_dir].into_iter().chain(&server.run).chain(tls) {
        plain(path)?;
    }
    if let Some(run) = &server.run {
        let parts = ["postfix/queue", "postfix/data", "dovecot/run", "dovecot/state"];
        let rspamd = ["rspamd/run", "rspamd/db", "rspamd/log"];
        for part in parts.into_iter().chain(rspamd.into_iter().filter(|_| server.rspamd)) {
            let path = run.join(part);
            fs::create_dir_all(&path).map_err(at(&path))?;
        }
        if let Some(postfix) = number("/etc/passwd", "postfix") {
            let data = run.join("postfix/data");
            std::os::unix::fs::chown(&data, Some(postfix), None).map_err(at(&data))?;
        }
        if let (true, Some(user)) = (server.rspamd, number("/etc/passwd", "_rspamd")) {
            for part in rspamd {
                let path = run.join(part);
                std::os::unix::fs::chown(&path, Some(user), None).map_err(at(&path))?;
            }
        }
    }
    let local_path = out.join("postfix/local.cf");
    let local = match fs::read_to_string(&local_path) {
        Ok(local) => local,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(at(&local_path)(error).into()),
    };
    let made = files(&intent, server, &out, &local).ok_or_else(|| RenderError::unknown(server))?;
    // Hashes are for Dovecot's eyes, keys for rspamd's.
    let hashes = Readers::Group(number("/etc/group", "dovecot"));
    let keys = Readers::Group(number("/etc/group", "_rspamd"));
    let mut folder = Folder::default();
    let mut wanted = HashSet::new();
    for (path, content) in &made.files {
        let path = out.join(path);
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).map_err(at(dir))?;
        }
        let readers = match path.parent() {
            Some(dir) if dir.ends_with("dovecot") && path.extension().is_none() => hashes,
            Some(dir) if dir.ends_with("rspamd/dkim") => keys,
            _ => Readers::All,
        };
        folder.write_changed(path.clone(), content, readers)?;
        wanted.insert(path);
    }
    let mut rendered = Rendered {
        domains: intent.domains.len(),
        mailboxes: intent.mailboxes.len(),
        aliases: intent.aliases.len(),
        written: folder.settle(&out)?,
        ..Rendered::default()
    };
    rendered.removed = forget(&out.join("dovecot/replies"), &wanted)?;
    // What the server was there for before, and is no more.
    for path in parts().map(|part| out.join(part)).filter(|path| !wanted.contains(path)) {
        match fs::remove_file(&path) {
            Ok(()) => rendered.removed += 1,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(at(&path)(error).into()),
        }
    }
    if !wanted.contains(&out.join("rspamd/keys")) {
        // Otherwise `activate` takes them away, after the signer has read that it uses them no more.
        rendered.removed += forget_in(&out.join("rspamd/dkim"), "key", &wanted)?;
    }
    for (dir, kind) in [("rspamd/local.d", "conf"), ("rspamd/local.d", "inc")] {
        rendered.removed += forget_in(&out.join(dir), kind, &wanted)?;
    }
    rendered.withheld = made.withheld.into_iter().map(|Withheld { what, reason }| (what, reason)).collect();
    if intent.postmaster.is_none() {
        let reason = "nobody reads them in domains that have no such address; set mail.postmaster (RFC 2142)";
        rendered.withheld.push(("postmaster@ and abuse@".to_owned(), reason.to_owned()));
    }
    Ok(rendered)
}

/// Takes files of a kind away that nobody wants any more.
fn forget_in(dir: &Path, kind: &str, wanted: &HashSet<PathBuf>) -> Result<usize, FolderError> {
    let mut removed = 0;
    for file in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = file.path();
        if path.extension().is_some_and(|e| e == kind) && !wanted.contains(&path) {
            fs::remove_file(&path).map_err(at(&path))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Takes answers away that nobody gives any more.
fn forget(replies: &Path, wanted: &HashSet<PathBuf>) -> Result<usize, FolderError> {
    let mut removed = 0;
    let Ok(domains) = fs::read_dir(replies) else { return Ok(0) };
    for domain in domains.flatten() {
        removed += forget_in(&domain.path(), "sieve", wanted)?;
        // Only an empty one goes.
        let _ = fs::remove_dir(domain.path());
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_end_a_field_or_a_line_is_refused() {
        for path in ["/var/vmail", "/tmp/a_b-c.d/e+f@g=h~1"] {
            assert!(plain(Path::new(path)).is_ok(), "{path}");
        }
        for path in ["/var/v:mail", "/a b", "/a\nb", "/a%b", "/a$b", "/a#b", "/a\"b", "/a{b}", "/a,b", "/\u{fc}"] {
            assert!(plain(Path::new(path)).is_err(), "{path:?}");
        }
    }
}
