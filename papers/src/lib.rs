//! Readers of an old provider's papers, one for each format.
//!
//! [`files`] gathers the papers from a folder or an archive within bounds; [`Papers::read`] turns them into rows, every
//! one with the file and line it came from. What cannot be read is never dropped: it becomes a [`Refusal`] with its
//! bytes and the reason.

mod csv_tables;
pub mod files;
mod maps;
mod named_conf;
mod text;
mod vhosts;
mod zones;

pub use csv_tables::{Lines, fold, separator};
pub use maps::scheme;
pub use text::decode;
pub use vhosts::unicode;

use files::PaperFiles;
use hostler_core::{
    dns::profile::RegistryProfile,
    papers::{PaperAlias, PaperCustomer, PaperDomain, PaperHomepage, PaperMailbox, PaperZone, Refusal},
};

/// A row and where it stands.
#[derive(Debug, Clone)]
pub struct Sourced<T> {
    /// The row.
    pub row: T,
    /// File within the papers.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
}

/// Everything that the papers say.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each is what it is called")]
pub struct Papers {
    pub customers: Vec<Sourced<PaperCustomer>>,
    pub domains: Vec<Sourced<PaperDomain>>,
    pub zones: Vec<Sourced<PaperZone>>,
    pub homepages: Vec<Sourced<PaperHomepage>>,
    pub mailboxes: Vec<Sourced<PaperMailbox>>,
    pub aliases: Vec<Sourced<PaperAlias>>,
    pub refused: Vec<Refusal>,
    /// Names of all files that were looked at.
    pub files: Vec<String>,
}

/// A refusal.
#[must_use]
pub fn refusal(file: &str, line: Option<u32>, reason: impl Into<String>, raw: &[u8]) -> Refusal {
    Refusal {
        file: file.to_owned(),
        line: line.and_then(|l| i32::try_from(l).ok()),
        reason: reason.into(),
        raw: raw.to_vec(),
    }
}

impl Papers {
    /// Reads all papers. `step` is told how far it is: done, in all, what.
    #[must_use]
    pub fn read(files: &PaperFiles, profiles: &[RegistryProfile], step: &mut dyn FnMut(usize, usize, &str)) -> Self {
        let mut papers = Self { files: files.all.keys().cloned().collect(), ..Self::default() };
        papers.refused.extend(files.refused.iter().cloned());
        papers.files.extend(files.refused.iter().map(|r| r.file.clone()));
        let total = files.all.len();
        step(0, total, "customers.csv, domains.csv");
        csv_tables::read(files, &mut papers);
        step(2, total, "dns");
        zones::read(files, profiles, &mut papers, &mut |done| step(done + 2, total, "dns"));
        step(total / 2, total, "web");
        vhosts::read(files, &mut papers);
        step(total * 3 / 4, total, "mail");
        maps::read(files, &mut papers);
        for (name, bytes) in files.unknown() {
            papers.refused.push(refusal(name, None, "not one of the papers that are read here", bytes));
        }
        papers.refused.sort_by(|a, b| (&a.file, a.line, &a.reason).cmp(&(&b.file, b.line, &b.reason)));
        step(total, total, "");
        papers
    }
}
