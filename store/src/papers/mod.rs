//! Rows as an import reads and writes them: whole tables at once, each row with the digest of what the papers said.

mod known;
mod put;
mod zones;

use hostler_core::dns::Zone;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// SHA-256 of what a row says.
#[must_use]
pub fn digest<T: Serialize>(row: &T) -> Vec<u8> {
    // Structs of strings and numbers always have a JSON form.
    Sha256::digest(serde_json::to_vec(row).unwrap_or_default()).to_vec()
}

/// SHA-256 of a zone's canonical text, its serial left aside.
#[must_use]
pub fn zone_digest(zone: &Zone) -> Vec<u8> {
    let mut zone = zone.clone();
    zone.set_serial(hostler_core::dns::Serial(0));
    Sha256::digest(hostler_core::dns::writer::canonical(&zone)).to_vec()
}

/// What the database holds of a row: its digest now, and the digest of what the papers said when it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Digest of the row.
    pub now: Vec<u8>,
    /// Digest of the papers at the last import.
    pub imported: Option<Vec<u8>>,
}

/// Everything that the database knows, by key.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each is the table of that name")]
pub struct KnownRows {
    pub customers: HashMap<String, Known>,
    pub domains: HashMap<String, Known>,
    pub zones: HashMap<String, Known>,
    pub homepages: HashMap<String, Known>,
    pub mailboxes: HashMap<String, Known>,
    pub aliases: HashMap<String, Known>,
}
