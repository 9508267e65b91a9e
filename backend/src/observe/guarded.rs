//! The one way to somebody's host: a name is resolved once, each of its addresses is judged, and the connection goes to one that
//! was judged.

use crate::platform::{resolver::resolver, settings};
use hickory_resolver::TokioResolver;
use hostler_core::web::{Dns, guard};
use ipnet::IpNet;
use std::{net::IpAddr, time::Duration};
use tokio::net::TcpStream;

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
}

/// Judges addresses and connects.
pub struct Guard {
    resolver: TokioResolver,
    allowed: Vec<IpNet>,
    ports: (u16, u16),
}

impl Guard {
    /// By the settings.
    ///
    /// # Errors
    /// When the system has no resolver.
    pub fn new(dns: &settings::Dns, probe: &settings::Probe) -> Result<Self, String> {
        // Each look is a new one.
        let resolver = resolver(dns, false)?;
        Ok(Self { resolver, allowed: probe.allow_networks.clone(), ports: (probe.http_port, probe.https_port) })
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
        let found = self.resolver.lookup_ip(absolute.as_str()).await;
        match found {
            Ok(found) => {
                let mut addresses: Vec<IpAddr> = found.iter().collect();
                addresses.sort_unstable();
                addresses.dedup();
                if addresses.is_empty() { Dns::NoAddress } else { Dns::Addresses { addresses } }
            }
            Err(error) if error.is_nx_domain() => Dns::NoName,
            Err(error) if error.is_no_records_found() => Dns::NoAddress,
            Err(error) => Dns::Failed { reason: error.to_string().chars().take(200).collect() },
        }
    }

    /// One of these addresses, if nobody is misled by any of them: a name that leads to a forbidden address as well is no
    /// homepage's.
    ///
    /// # Errors
    /// The address that is in the way.
    pub fn choose(&self, addresses: &[IpAddr]) -> Result<IpAddr, Refusal> {
        if let Some(bad) = addresses.iter().find(|a| !self.allows(**a)) {
            return Err(Refusal::Forbidden(bad.to_string()));
        }
        addresses.iter().find(|a| a.is_ipv4()).or(addresses.first()).copied().ok_or(Refusal::NoAddress)
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
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::TimedOut => Err(Refusal::TimedOut),
            Ok(Err(_)) => Err(Refusal::Refused),
            Err(_) => Err(Refusal::TimedOut),
        }
    }
}
