//! The one way to somebody's host: a name is resolved once, each of its addresses is judged, and the connection goes to one that
//! was judged.

use crate::platform::{resolver::resolver, settings};
use hickory_resolver::{TokioResolver, net::NetError, proto::rr::RecordType};
use hostler_core::web::{Dns, guard};
use ipnet::IpNet;
use std::{io::ErrorKind, net::IpAddr, time::Duration};
use tokio::net::TcpStream;

/// Addresses of a name that are tried.
const MOST_TRIED: usize = 3;
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Why no connection was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody listens.
    Refused,
    /// Nobody answered.
    TimedOut,
    /// Where nobody is led.
    Forbidden(String),
    /// The name has no address, or nobody knows.
    NoAddress,
    /// It failed here, not there.
    NoSight(String),
}

/// Judges addresses and connects.
pub struct Guard {
    pub(super) resolver: TokioResolver,
    allowed: Vec<IpNet>,
    ports: (u16, u16),
    pub(super) dns_port: u16,
}

impl Guard {
    /// By the settings.
    ///
    /// # Errors
    /// When the system has no resolver.
    pub fn new(dns: &settings::Dns, probe: &settings::Probe) -> Result<Self, String> {
        // Each look is a new one.
        let resolver = resolver(dns, false)?;
        let ports = (probe.http_port, probe.https_port);
        Ok(Self { resolver, allowed: probe.allow_networks.clone(), ports, dns_port: probe.dns_port })
    }

    /// Whether the resolvers say anything at all: of silence nothing follows for anybody's homepage.
    ///
    /// # Errors
    /// What is wrong with them.
    pub async fn is_answered(&self) -> Result<(), String> {
        match self.resolver.lookup(".", RecordType::NS).await {
            // A refusal is an answer.
            Ok(_) | Err(NetError::Dns(_)) => Ok(()),
            Err(error) => Err(format!("the resolvers (dns.resolvers) do not answer: {error}")),
        }
    }

    /// Whether somebody may be led to an address.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        guard::is_public(address) || self.allowed.iter().any(|net| net.contains(&address))
    }

    /// The addresses of a name.
    pub async fn resolve(&self, name: &str) -> Dns {
        // A final dot: no search list of this machine's makes another name of it.
        let absolute = format!("{}.", name.trim_end_matches('.'));
        // Each kind by itself: that there is no IPv6 address says nothing of an answer about IPv4 that was lost.
        let (v4, v6) = tokio::join!(
            self.resolver.lookup(absolute.as_str(), RecordType::A),
            self.resolver.lookup(absolute.as_str(), RecordType::AAAA)
        );
        let (mut addresses, mut no_name, mut failed): (Vec<IpAddr>, bool, Option<String>) = (Vec::new(), false, None);
        for answer in [v4, v6] {
            match answer {
                Ok(found) => addresses.extend(found.answers().iter().filter_map(|r| r.data.ip_addr())),
                Err(error) if error.is_nx_domain() => no_name = true,
                Err(error) if error.is_no_records_found() => {}
                Err(error) => failed = Some(error.to_string().chars().take(200).collect()),
            }
        }
        addresses.sort_unstable();
        addresses.dedup();
        match (addresses.is_empty(), failed) {
            (false, _) => Dns::Addresses { addresses },
            (true, Some(reason)) => Dns::Failed { reason },
            (true, None) if no_name => Dns::NoName,
            (true, None) => Dns::NoAddress,
        }
    }

    /// Those of these addresses that are tried, in order, if nobody is misled by any of them: a name that leads to a forbidden
    /// address as well is no homepage's.
    ///
    /// # Errors
    /// The address that is in the way.
    pub fn choose(&self, addresses: &[IpAddr]) -> Result<Vec<IpAddr>, Refusal> {
        if let Some(bad) = addresses.iter().find(|a| !self.allows(**a)) {
            return Err(Refusal::Forbidden(bad.to_string()));
        }
        let mut chosen: Vec<IpAddr> = addresses.to_vec();
        chosen.sort_by_key(|a| (a.is_ipv6(), *a));
        // One of each kind before a second one.
        if let Some(v6) = chosen.iter().position(IpAddr::is_ipv6).filter(|at| *at > 1) {
            let first = chosen.remove(v6);
            chosen.insert(1, first);
        }
        chosen.truncate(MOST_TRIED);
        if chosen.is_empty() { Err(Refusal::NoAddress) } else { Ok(chosen) }
    }

    /// A connection to a judged address, for HTTP or HTTPS. It is judged once more: whoever calls this may have forgotten.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn connect(&self, address: IpAddr, https: bool) -> Result<TcpStream, Refusal> {
        if !self.allows(address) {
            return Err(Refusal::Forbidden(address.to_string()));
        }
        let port = if https { self.ports.1 } else { self.ports.0 };
        match tokio::time::timeout(CONNECT, TcpStream::connect((address, port))).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) if error.kind() == ErrorKind::TimedOut => Err(Refusal::TimedOut),
            Ok(Err(error)) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset) => {
                Err(Refusal::Refused)
            }
            Ok(Err(error)) => Err(Refusal::NoSight(error.to_string().chars().take(200).collect())),
            Err(_) => Err(Refusal::TimedOut),
        }
    }
}
