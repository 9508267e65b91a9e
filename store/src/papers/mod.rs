//! Rows as an import reads and writes them: whole tables at once, each row with the digest of what the papers said.

mod known;
mod put;
mod zones;

use hostler_core::dns::Zone;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A line of customers.csv.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[expect(missing_docs, reason = "the fields are the columns of customers.csv")]
pub struct PaperCustomer {
    pub number: String,
    pub company: String,
    pub contact: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub country: String,
    pub email: String,
    pub vat_id: String,
    pub reseller: Option<String>,
}

/// A line of domains.csv.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are the columns of domains.csv")]
pub struct PaperDomain {
    pub name: String,
    pub customer: Option<String>,
    pub reseller: Option<String>,
}

/// A zone file.
#[derive(Debug, Clone)]
pub struct PaperZone {
    /// Apex in lower case without the final dot.
    pub name: String,
    /// Its records.
    pub zone: Zone,
    /// Errors found in it.
    pub errors: i32,
    /// Warnings found in it.
    pub warnings: i32,
    /// Canonical text to publish at once, if a server would load it.
    pub publish: Option<(u32, String)>,
}

/// A vhost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "see homepages::HomepageRow")]
pub struct PaperHomepage {
    pub name: String,
    pub aliases: Vec<String>,
    pub kind: String,
    pub root: String,
    pub target: String,
    pub tls: bool,
    pub server: String,
    pub source: String,
    // Left out where there are none: then the digest is that of programs that did not read them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listens: Vec<String>,
}

/// A mailbox from vmailbox, passwd and usage.tsv.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are the columns of the papers")]
pub struct PaperMailbox {
    pub address: String,
    pub path: Option<String>,
    pub password_hash: Option<String>,
    pub extra: String,
    pub bytes: Option<i64>,
    pub files: Option<i64>,
}

/// A line of virtual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are the columns of the papers")]
pub struct PaperAlias {
    pub address: String,
    pub targets: Vec<String>,
}

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
