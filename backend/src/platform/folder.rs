//! A folder that servers read, being renewed: files wait beside their places until all of them are written and flushed, then they
//! are renamed. A reader sees the old file or the new one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Why a folder was not renewed.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct FolderError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Names the path of a failure.
pub fn at(path: &Path) -> impl FnOnce(io::Error) -> FolderError + '_ {
    move |source| FolderError { path: path.to_owned(), source }
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Everybody.
    All,
    /// Its owner, and this group.
    Group(Option<u32>),
}

/// What waits for its place.
#[derive(Debug, Default)]
pub struct Folder {
    pending: Vec<(PathBuf, PathBuf)>,
}

impl Folder {
    /// Writes a file beside its place.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, path: PathBuf, content: &str, readers: Readers) -> Result<(), FolderError> {
        let mut name = std::ffi::OsString::from(".new.");
        name.push(path.file_name().unwrap_or_default());
        let beside = path.with_file_name(name);
        let mode = match readers {
            Readers::All => 0o644,
            Readers::Group(Some(_)) => 0o640,
            Readers::Group(None) => 0o600,
        };
        // One that an earlier run left may have been open to others.
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&beside).map_err(at(&beside))?;
        if let Readers::Group(Some(group)) = readers {
            std::os::unix::fs::fchown(&file, None, Some(group)).map_err(at(&beside))?;
        }
        file.write_all(content.as_bytes()).map_err(at(&beside))?;
        self.pending.push((beside, path));
        Ok(())
    }

    /// As [`Folder::write`], unless the file has this content already.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_changed(&mut self, path: PathBuf, content: &str, readers: Readers) -> Result<(), FolderError> {
        match fs::read(&path) {
            Ok(old) if old == content.as_bytes() => Ok(()),
            _ => self.write(path, content, readers),
        }
    }

    /// Flushes everything with one call, then renames it into place; answers how many files were new.
    ///
    /// # Errors
    /// When flushing or renaming fails.
    pub fn settle(self, root: &Path) -> Result<usize, FolderError> {
        let flush = |dir: &Path| -> io::Result<()> { Ok(rustix::fs::syncfs(File::open(dir)?)?) };
        if !self.pending.is_empty() {
            flush(root).map_err(at(root))?;
        }
        for (beside, path) in &self.pending {
            fs::rename(beside, path).map_err(at(path))?;
        }
        if !self.pending.is_empty() {
            flush(root).map_err(at(root))?;
        }
        Ok(self.pending.len())
    }
}

/// Makes the folder, and holds it for this run alone; answers its absolute path.
///
/// # Errors
/// When it cannot be made or held.
pub fn hold(out: &Path) -> Result<(PathBuf, File), FolderError> {
    fs::create_dir_all(out).map_err(at(out))?;
    let out = fs::canonicalize(out).map_err(at(out))?;
    let lock_path = out.join(".hostler.lock");
    let lock = File::create(&lock_path).map_err(at(&lock_path))?;
    lock.lock().map_err(at(&lock_path))?;
    Ok((out, lock))
}
