//! What one look at a homepage brought.

use super::Page;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What the DNS answered for the main name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Dns {
    /// There is no such name (NXDOMAIN).
    NoName,
    /// The name is there and has no address.
    NoAddress,
    /// Nobody answered, or what was answered is broken.
    Failed {
        /// Why.
        reason: String,
    },
    /// Its addresses.
    Addresses {
        /// In order.
        addresses: Vec<IpAddr>,
    },
}

/// A certificate as it was held against the name and the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What is wrong with it; nothing: it is good.
    pub problem: Option<String>,
}

/// A step of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// What was asked for.
    pub url: String,
    /// Whom.
    pub address: IpAddr,
    /// What the answer's first line said.
    pub status: u16,
    /// Its certificate, by HTTPS.
    pub certificate: Option<Certificate>,
}

/// How a visit ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum End {
    /// With a page, whatever its status.
    Page {
        /// It.
        page: Box<Page>,
    },
    /// Nobody listens.
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// Nothing could be seen from here, whoever is there: no route, no socket.
    NoSight {
        /// Why.
        reason: String,
    },
    /// What was said is no HTTP, or no TLS.
    Garbled {
        /// What.
        reason: String,
    },
    /// It leads round and round.
    TooManyRedirects,
    /// It leads to where nobody is led.
    Forbidden {
        /// Where.
        to: String,
    },
}

/// A visit: each hop, and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// In order; none if nobody answered.
    pub hops: Vec<Hop>,
    /// How it ended.
    pub end: End,
}

impl Visit {
    /// The page, if there was one.
    #[must_use]
    pub fn page(&self) -> Option<&Page> {
        if let End::Page { page } = &self.end { Some(page) } else { None }
    }

    /// The last thing that was asked for.
    #[must_use]
    pub fn last(&self) -> Option<&Hop> {
        self.hops.last()
    }

    /// What is wrong with the first certificate that was shown.
    #[must_use]
    pub fn tls_problem(&self) -> Option<&str> {
        self.hops.iter().find_map(|h| h.certificate.as_ref()?.problem.as_deref())
    }
}

impl Look {
    /// Whether it failed here and not there, so that nothing follows from it.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        let visits = || [&self.http, &self.https].into_iter().flatten();
        visits().any(|v| matches!(v.end, End::NoSight { .. })) && visits().all(|v| v.page().is_none())
    }
}

/// What a name server says of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub enum Said {
    /// It answers for the zone (AA), with these addresses; none: it knows the name and no address, or leads to another name.
    Addresses {
        /// In order.
        addresses: Vec<IpAddr>,
    },
    /// It answers for the zone, and there is no such name.
    NoName,
    /// It does not answer for the zone: lame.
    Lame {
        /// What it said instead.
        reason: String,
    },
    /// It says nothing.
    Silent,
}

/// A name server that a zone is delegated to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// Its name.
    pub name: String,
    /// Whom was asked; none: its name has no address that may be asked.
    pub address: Option<IpAddr>,
    /// What it said.
    pub answer: Said,
}

/// Whom a name is delegated to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegation {
    /// The zone that was found above the name.
    pub zone: String,
    /// Its name servers with what each says.
    pub servers: Vec<Authority>,
}

/// One look at a homepage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// What the DNS answered.
    pub dns: Dns,
    /// By HTTP; none if there was no address to go to.
    pub http: Option<Visit>,
    /// By HTTPS.
    pub https: Option<Visit>,
    /// The page that the first address answers for a name that it does not know.
    pub default: Option<Box<Page>>,
    /// Whom its name is delegated to.
    #[serde(default)]
    pub delegation: Option<Delegation>,
    /// Where mail for its domain goes, by the DNS.
    #[serde(default)]
    pub mx: Vec<String>,
    /// Its other names, with what the DNS answers for each.
    #[serde(default)]
    pub aliases: Vec<(String, Dns)>,
    /// What our old server has for it, whatever the DNS says; none: it was asked by HTTP above, or nobody knows it.
    #[serde(default)]
    pub old: Option<Visit>,
    /// What the new server has for it.
    #[serde(default)]
    pub new: Option<Visit>,
}

impl Look {
    /// A look that saw nothing but what the DNS answered.
    #[must_use]
    pub fn of(dns: Dns) -> Self {
        Self {
            dns,
            http: None,
            https: None,
            default: None,
            delegation: None,
            mx: Vec::new(),
            aliases: Vec::new(),
            old: None,
            new: None,
        }
    }
}
