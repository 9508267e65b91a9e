//! What the domain name system answers at this moment.

use crate::platform::settings;
use hickory_resolver::{
    Resolver, TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig},
    net::runtime::TokioRuntimeProvider,
    proto::{rr::RecordType, serialize::binary::BinEncodable as _},
};
use hostler_core::{
    dns::{RData, RType, Record},
    mail::records::{Need, Standing, standing},
    names::Name,
};
use std::time::Duration;

/// One try is so long; there are two.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What asks the resolvers of the settings, or those of the system; with or without a memory for what was answered.
///
/// # Errors
/// When the system has no resolver.
pub fn resolver(dns: &settings::Dns, remembers: bool) -> Result<TokioResolver, String> {
    let provider = TokioRuntimeProvider::default();
    let mut builder = if dns.resolvers.is_empty() {
        Resolver::builder(provider).map_err(|e| e.to_string())?
    } else {
        let server = |at: &std::net::SocketAddr| {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut c| {
                c.port = at.port();
                c
            });
            NameServerConfig::new(at.ip(), true, connections.into())
        };
        let config = ResolverConfig::from_name_servers(dns.resolvers.iter().map(server).collect());
        Resolver::builder_with_config(config, provider)
    };
    let options = builder.options_mut();
    options.timeout = TIMEOUT;
    options.attempts = 2;
    options.use_hosts_file = ResolveHosts::Never;
    if !remembers {
        options.cache_size = 0;
    }
    builder.build().map_err(|e| e.to_string())
}

/// Asks the resolvers of the settings, or those of the system.
pub struct Asker(TokioResolver);

impl Asker {
    /// One with nothing in its memory yet.
    ///
    /// # Errors
    /// When the system has no resolver.
    pub fn new(dns: &settings::Dns) -> Result<Self, String> {
        Ok(Self(resolver(dns, true)?))
    }

    /// The records of a name and type; none if there are none.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn ask(&self, owner: &Name, rtype: RType) -> Result<Vec<Record>, String> {
        let kind = RecordType::from(rtype.0);
        let found = match self.0.lookup(owner.to_string(), kind).await {
            Ok(found) => found,
            Err(error) if error.is_no_records_found() || error.is_nx_domain() => return Ok(Vec::new()),
            Err(error) => return Err(error.to_string()),
        };
        let read = |record: &hickory_resolver::proto::rr::Record| {
            let wire = record.data.to_bytes().ok()?;
            Some(Record { owner: owner.clone(), ttl: record.ttl, data: RData::from_wire(rtype, &wire).ok()? })
        };
        Ok(found.answers().iter().filter(|r| r.record_type() == kind).filter_map(read).collect())
    }

    /// How a need stands in what is answered now.
    ///
    /// # Errors
    /// Why there was no answer.
    pub async fn standing(&self, need: &Need) -> Result<Standing, String> {
        let found = self.ask(&need.record.owner, need.record.rtype()).await?;
        Ok(standing(need, &found).0)
    }
}
