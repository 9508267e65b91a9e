//! Which addresses are the provider's own web servers.

use crate::platform::settings::Probe;
use hostler_store::{StoreError, View, web_servers::LedTo};
use ipnet::IpNet;
use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
};

/// The provider's own web servers, as far as anybody knows.
#[derive(Debug, Clone, Default)]
pub struct Ours {
    networks: Vec<IpNet>,
    addresses: BTreeSet<IpAddr>,
    /// Where homepages were before: the first address of each old server.
    pub old: Vec<IpAddr>,
    /// Where those go that move, by the server's name.
    pub new: HashMap<String, IpAddr>,
}

/// An address belongs to an old server if virtual hosts answer at it, or else if it serves at least a quarter as many homepages as
/// the one that serves most: a few homepages that our zones lead elsewhere make nobody else's server ours.
#[must_use]
pub fn learned(led: &[LedTo]) -> Vec<IpAddr> {
    if led.iter().any(|l| l.listens) {
        return led.iter().filter(|l| l.listens).map(|l| l.address).collect();
    }
    let most = led.iter().map(|l| l.homepages).max().unwrap_or(0);
    led.iter().filter(|l| l.homepages * 4 >= most).map(|l| l.address).collect()
}

impl Ours {
    /// Those of these networks, and no others.
    #[must_use]
    pub fn of_networks(networks: Vec<IpNet>) -> Self {
        Self { networks, ..Self::default() }
    }

    /// By the settings, the servers that were named, and, where nobody has named an old one, by what the papers say.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(view: &mut View, probe: &Probe) -> Result<Self, StoreError> {
        let servers = view.web_servers().await?;
        let mut ours = Self { networks: probe.our_networks.clone(), ..Self::default() };
        for server in servers {
            let first = server.data.addresses.first().copied();
            ours.addresses.extend(server.data.addresses);
            match (first, server.data.is_new) {
                (Some(first), true) => {
                    ours.new.insert(server.data.name, first);
                }
                (Some(first), false) => ours.old.push(first),
                (None, _) => {}
            }
        }
        if ours.old.is_empty() && ours.networks.is_empty() {
            ours.old = learned(&view.led_to().await?);
            ours.addresses.extend(ours.old.iter().copied());
        }
        Ok(ours)
    }

    /// Whether anybody knows which are ours.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.networks.is_empty() || !self.addresses.is_empty()
    }

    /// Whether an address is ours; where nobody knows which are, all are.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        !self.is_known() || self.addresses.contains(&address) || self.networks.iter().any(|n| n.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serves_few_homepages_is_not_ours() {
        let led = |address: &str, homepages, listens| LedTo { address: address.parse().unwrap(), homepages, listens };
        let zones = [led("192.0.2.1", 400, false), led("192.0.2.2", 120, false), led("198.51.100.1", 90, false)];
        let told = |led: &[LedTo]| learned(led).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(told(&zones), ["192.0.2.1", "192.0.2.2"]);
        let with = [led("192.0.2.9", 3, true), zones[0].clone()];
        assert_eq!(told(&with), ["192.0.2.9"], "who says where he answers is believed");
        assert!(learned(&[]).is_empty());
        let ours = Ours::default();
        assert!(ours.has("192.0.2.1".parse().unwrap()) && !ours.is_known());
    }
}
