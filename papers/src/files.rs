//! Papers from a folder, a zip or a tar, within bounds.

use super::refusal;
use hostler_core::papers::Refusal;
use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Read},
    path::Path,
};

/// Most octets of one file.
const MAX_FILE: u64 = 64 << 20;
/// Most octets of all files together, unpacked.
const MAX_TOTAL: u64 = 512 << 20;
/// Most files.
const MAX_FILES: usize = 200_000;

/// Why papers cannot be gathered at all.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A folder or file of the machine.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Neither zip nor tar.
    #[error("the file is neither a zip nor a tar archive (.zip, .tar, .tar.gz)")]
    NotAnArchive,
    /// The archive cannot be unpacked.
    #[error("the archive is damaged: {0}")]
    Damaged(String),
    /// Beyond the bounds.
    #[error("the papers are too large: {0}")]
    TooLarge(&'static str),
    /// None of the known papers is there.
    #[error("none of the papers is there: expected customers.csv, domains.csv, dns/, web/sites-enabled/ or mail/")]
    Empty,
}

/// Gathered papers by their name, such as `dns/zones/example.de`.
#[derive(Debug, Default)]
pub struct PaperFiles {
    /// Contents by name.
    pub all: BTreeMap<String, Vec<u8>>,
    /// What was not gathered: links out of the folder, names that lead out of it.
    pub refused: Vec<Refusal>,
    total: u64,
}

const TOP: [&str; 2] = ["customers.csv", "domains.csv"];
const FOLDERS: [&str; 3] = ["dns/", "web/", "mail/"];
const NAMED: [&str; 3] = ["dns/named.conf", "dns/named.conf.local", "dns/named.conf.default-zones"];
const MAIL: [&str; 4] = ["mail/vmailbox", "mail/virtual", "mail/passwd", "mail/usage.tsv"];

impl PaperFiles {
    /// A file's content.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.all.get(name).map(Vec::as_slice)
    }

    /// Files in a folder, whose name ends with a slash.
    pub fn under<'f>(&'f self, folder: &'f str) -> impl Iterator<Item = (&'f str, &'f [u8])> {
        self.all
            .range(folder.to_owned()..)
            .take_while(move |(name, _)| name.starts_with(folder))
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// BIND configurations that are there.
    pub fn named_confs(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        NAMED.iter().filter_map(|name| Some((*name, self.get(name)?)))
    }

    /// Files that no reader knows.
    pub fn unknown(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.all.iter().map(|(n, b)| (n.as_str(), b.as_slice())).filter(|(name, _)| {
            !(TOP.contains(name)
                || NAMED.contains(name)
                || MAIL.contains(name)
                || name.starts_with("dns/zones/")
                || name.starts_with("web/sites-enabled/"))
        })
    }

    fn add(&mut self, name: String, bytes: Vec<u8>) -> Result<(), FilesError> {
        self.total += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.total > MAX_TOTAL {
            return Err(FilesError::TooLarge("more than 512 MB in all"));
        }
        if self.all.len() >= MAX_FILES {
            return Err(FilesError::TooLarge("more than 200000 files"));
        }
        self.all.insert(name, bytes);
        Ok(())
    }

    /// Reads a folder. Links are followed only to files within it.
    ///
    /// # Errors
    /// When the folder cannot be read, is too large, or holds none of the papers.
    pub fn from_folder(folder: &Path) -> Result<Self, FilesError> {
        let io = |path: &Path| {
            let path = path.display().to_string();
            move |source| FilesError::Io { path, source }
        };
        let root = fs::canonicalize(folder).map_err(io(folder))?;
        let mut files = Self::default();
        let mut open = vec![root.clone()];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(&dir).map_err(io(&dir))? {
                let path = entry.map_err(io(&dir))?.path();
                let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
                let is_link = path.is_symlink();
                let Ok(real) = fs::canonicalize(&path) else {
                    files.refused.push(refusal(&name, None, "a link that leads nowhere", b""));
                    continue;
                };
                if !real.starts_with(&root) {
                    files.refused.push(refusal(&name, None, "a link that leads out of the folder", b""));
                } else if real.is_dir() && !is_link {
                    open.push(real);
                } else if real.is_file() {
                    if fs::metadata(&real).map_err(io(&real))?.len() > MAX_FILE {
                        files.refused.push(refusal(&name, None, "larger than 64 MB", b""));
                    } else {
                        files.add(name, fs::read(&real).map_err(io(&real))?)?;
                    }
                }
            }
        }
        files.settled()
    }

    /// Unpacks a zip or a tar, gzipped or not.
    ///
    /// # Errors
    /// When it is neither, is damaged, too large, or holds none of the papers.
    pub fn from_archive(bytes: &[u8]) -> Result<Self, FilesError> {
        if bytes.starts_with(b"PK") {
            Self::from_zip(bytes)
        } else if bytes.starts_with(&[0x1f, 0x8b]) {
            Self::from_tar(flate2::read::MultiGzDecoder::new(bytes))
        } else if bytes.get(257..262) == Some(b"ustar") {
            Self::from_tar(bytes)
        } else {
            Err(FilesError::NotAnArchive)
        }
    }

    fn from_zip(bytes: &[u8]) -> Result<Self, FilesError> {
        let damaged = |e: zip::result::ZipError| FilesError::Damaged(e.to_string());
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        if archive.len() > MAX_FILES {
            return Err(FilesError::TooLarge("more than 200000 files"));
        }
        let mut files = Self::default();
        for index in 0..archive.len() {
            let entry = archive.by_index(index).map_err(damaged)?;
            let name = entry.name().map_err(damaged)?.into_owned();
            if entry.is_dir() {
                continue;
            }
            let link = entry.unix_mode().is_some_and(|mode| mode & 0o170_000 == 0o120_000);
            files.entry(&name, link, entry)?;
        }
        files.settled()
    }

    fn from_tar(reader: impl Read) -> Result<Self, FilesError> {
        let damaged = |e: std::io::Error| FilesError::Damaged(e.to_string());
        let mut files = Self::default();
        // What is passed over has to be unpacked too: the bound is on everything that comes out of the archive.
        let mut archive = tar::Archive::new(reader.take(2 * MAX_TOTAL));
        for entry in archive.entries().map_err(damaged)? {
            let entry = entry.map_err(damaged)?;
            let kind = entry.header().entry_type();
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            files.entry(&name, !kind.is_file(), entry)?;
        }
        files.settled()
    }

    fn entry(&mut self, name: &str, link: bool, reader: impl Read) -> Result<(), FilesError> {
        let Some(clean) = clean_name(name) else {
            self.refused.push(refusal(
                &name.replace(char::is_control, "?"),
                None,
                "a name that leads out of the archive",
                b"",
            ));
            return Ok(());
        };
        if link {
            self.refused.push(refusal(&clean, None, "a link, which an archive of papers must not have", b""));
            return Ok(());
        }
        let mut bytes = Vec::new();
        reader.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|e| FilesError::Damaged(e.to_string()))?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_FILE {
            return Err(FilesError::TooLarge("a file has more than 64 MB"));
        }
        self.add(clean, bytes)
    }

    /// Takes away a folder that everything lies in, as archives tend to have one.
    fn settled(mut self) -> Result<Self, FilesError> {
        // Leavings of editors and of macOS are no papers.
        self.all.retain(|name, _| {
            let last = name.rsplit('/').next().unwrap_or(name);
            !(last == ".DS_Store" || last.starts_with("._") || name.contains("__MACOSX/") || last.ends_with('~'))
        });
        let known = |name: &str| TOP.contains(&name) || FOLDERS.iter().any(|f| name.starts_with(f));
        if !self.all.keys().any(|name| known(name)) {
            let prefix = self.all.keys().find_map(|name| {
                let at = name.match_indices('/').map(|(i, _)| i + 1).find(|i| name.get(*i..).is_some_and(known))?;
                name.get(..at).map(str::to_owned)
            });
            let prefix = prefix.ok_or(FilesError::Empty)?;
            self.all = std::mem::take(&mut self.all)
                .into_iter()
                .map(|(name, bytes)| (name.strip_prefix(&prefix).map(str::to_owned).unwrap_or(name), bytes))
                .collect();
        }
        Ok(self)
    }
}

/// A name within the archive, or `None` if it leads out of it.
fn clean_name(name: &str) -> Option<String> {
    let name = name.strip_prefix("./").unwrap_or(name);
    let fine = !name.starts_with('/')
        && !name.contains('\\')
        && !name.chars().any(char::is_control)
        && name.len() < 1000
        && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    fine.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_folder_around_everything_is_taken_away() {
        let files =
            PaperFiles::from_archive(&zip_of(&[("alt/customers.csv", b"x"), ("alt/dns/named.conf", b"y")])).unwrap();
        assert_eq!(files.all.keys().collect::<Vec<_>>(), ["customers.csv", "dns/named.conf"]);
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        let files =
            PaperFiles::from_archive(&zip_of(&[("customers.csv", b"x"), ("../evil", b"y"), ("/etc/x", b"z")])).unwrap();
        assert_eq!(files.all.len(), 1);
        assert_eq!(files.refused.len(), 2);
    }

    #[test]
    fn a_bomb_does_not_unpack() {
        let bomb = zip_of(&[("customers.csv", &vec![0; 65 << 20])]);
        assert!(bomb.len() < 1 << 20, "packs well");
        assert!(matches!(PaperFiles::from_archive(&bomb), Err(FilesError::TooLarge(_))));
    }

    #[test]
    fn other_files_and_damaged_ones_are_told_apart() {
        assert!(matches!(PaperFiles::from_archive(b"hello"), Err(FilesError::NotAnArchive)));
        let mut damaged = zip_of(&[("customers.csv", b"x")]);
        damaged.truncate(20);
        assert!(matches!(PaperFiles::from_archive(&damaged), Err(FilesError::Damaged(_))));
        assert!(matches!(PaperFiles::from_archive(&zip_of(&[("holiday.jpg", b"x")])), Err(FilesError::Empty)));
    }
}
