//! Papers against the database: what would be created, updated, left alone, and what somebody has to decide.

use hostler_core::papers::Refusal;
use hostler_papers::{Papers, Sourced};
use hostler_store::papers::{Known, KnownRows, digest, zone_digest};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Numbers for each kind of row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is the number of what it is called")]
pub struct Counts {
    pub customers: usize,
    pub domains: usize,
    pub zones: usize,
    pub homepages: usize,
    pub mailboxes: usize,
    pub aliases: usize,
}

impl Counts {
    /// All kinds together.
    #[must_use]
    pub fn total(&self) -> usize {
        self.customers + self.domains + self.zones + self.homepages + self.mailboxes + self.aliases
    }
}

/// A line that is not taken over, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// File within the papers.
    pub file: String,
    /// Line, from 1, if it is about one.
    pub line: Option<i32>,
    /// Why.
    pub reason: String,
}

impl From<&Refusal> for Note {
    fn from(refusal: &Refusal) -> Self {
        Self { file: refusal.file.clone(), line: refusal.line, reason: refusal.reason.clone() }
    }
}

/// What an import would do, and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Rows that are not there yet.
    pub create: Counts,
    /// Rows that the papers changed.
    pub update: Counts,
    /// Rows that are as the papers say, or that were edited here while the papers stayed.
    pub identical: Counts,
    /// Rows that changed in the papers and were edited here too: they stay as they are here.
    pub conflict: Counts,
    /// Domains that go to another customer, one by one.
    #[serde(default)]
    pub moving: Vec<Note>,
    /// The conflicts one by one.
    pub conflicts: Vec<Note>,
    /// What could not be read.
    pub refused: Vec<Note>,
}

/// What becomes of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Create,
    Update,
    Identical,
    Conflict,
}

fn fate(paper: &[u8], known: Option<&Known>) -> Fate {
    match known {
        None => Fate::Create,
        Some(known) if known.now == paper => Fate::Identical,
        // Never imported (made from a zone alone), or as the last import left it.
        Some(Known { imported: None, .. }) => Fate::Update,
        Some(Known { now, imported: Some(last) }) if now == last => Fate::Update,
        // Edited here; the papers say what they said.
        Some(Known { imported: Some(last), .. }) if last == paper => Fate::Identical,
        Some(_) => Fate::Conflict,
    }
}

/// Rows to be written.
#[derive(Debug, Default)]
pub struct Writes {
    /// The papers, with only those rows left in them that are to be written.
    pub papers: Papers,
}

/// Makes the plan and keeps only what it writes.
#[must_use]
pub fn make(mut papers: Papers, known: &KnownRows) -> (Plan, Writes) {
    let mut plan = Plan { refused: papers.refused.iter().map(Note::from).collect(), ..Plan::default() };
    sift(&mut papers.customers, &known.customers, &mut plan, |c| &mut c.customers, |r| r.number.clone(), digest);
    sift(&mut papers.domains, &known.domains, &mut plan, |c| &mut c.domains, |r| r.name.clone(), digest);
    sift(&mut papers.zones, &known.zones, &mut plan, |c| &mut c.zones, |r| r.name.clone(), |r| zone_digest(&r.zone));
    sift(&mut papers.homepages, &known.homepages, &mut plan, |c| &mut c.homepages, |r| r.name.clone(), digest);
    sift(&mut papers.mailboxes, &known.mailboxes, &mut plan, |c| &mut c.mailboxes, |r| r.address.clone(), digest);
    sift(&mut papers.aliases, &known.aliases, &mut plan, |c| &mut c.aliases, |r| r.address.clone(), digest);
    (plan, Writes { papers })
}

fn sift<T>(
    rows: &mut Vec<Sourced<T>>,
    known: &HashMap<String, Known>,
    plan: &mut Plan,
    slot: fn(&mut Counts) -> &mut usize,
    key: impl Fn(&T) -> String,
    digest: impl Fn(&T) -> Vec<u8>,
) {
    rows.retain(|sourced| {
        let key = key(&sourced.row);
        match fate(&digest(&sourced.row), known.get(&key)) {
            Fate::Create => {
                *slot(&mut plan.create) += 1;
                true
            }
            Fate::Update => {
                *slot(&mut plan.update) += 1;
                true
            }
            Fate::Identical => {
                *slot(&mut plan.identical) += 1;
                false
            }
            Fate::Conflict => {
                *slot(&mut plan.conflict) += 1;
                plan.conflicts.push(Note {
                    file: sourced.file.clone(),
                    line: i32::try_from(sourced.line).ok(),
                    reason: format!(
                        "{key} was changed here since the last import, and in the papers too; it stays as it is here"
                    ),
                });
                false
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_made_here_is_never_overwritten() {
        let known = |now: &str, imported: Option<&str>| Known { now: now.into(), imported: imported.map(Into::into) };
        for (paper, known, expected) in [
            ("a", None, Fate::Create),
            ("a", Some(known("a", Some("a"))), Fate::Identical),
            ("b", Some(known("a", Some("a"))), Fate::Update),
            ("a", Some(known("edited", Some("a"))), Fate::Identical),
            ("b", Some(known("edited", Some("a"))), Fate::Conflict),
            ("b", Some(known("b", Some("a"))), Fate::Identical),
            ("a", Some(known("bare", None)), Fate::Update),
        ] {
            assert_eq!(fate(paper.as_bytes(), known.as_ref()), expected, "{paper} {known:?}");
        }
    }
}
