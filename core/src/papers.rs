//! What an old provider's papers say, as rows; `hostler-papers` reads them, the store keeps them.

use crate::dns::Zone;
use serde::Serialize;

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
#[expect(missing_docs, reason = "see the columns of `homepages`")]
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

/// A piece of paper that could not be read, as it was.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// File within the papers.
    pub file: String,
    /// Line, from 1, if it is about one.
    pub line: Option<i32>,
    /// Why.
    pub reason: String,
    /// The bytes.
    pub raw: Vec<u8>,
}
