//! Whom a name is delegated to, and what each of its name servers says: asked one by one, past every resolver.

use super::guarded::Guard;
use crate::platform::random;
use futures_util::future::join_all;
use hickory_resolver::proto::{
    op::{Message, MessageType, OpCode, Query, ResponseCode},
    rr::{Name, RData, RecordType},
};
use hostler_core::web::{Authority, Delegation, Dns, Said};
use std::{net::IpAddr, str::FromStr as _, time::Duration};
use tokio::net::UdpSocket;

/// Name servers of one zone that are asked.
const MOST: usize = 8;
/// Longest wait for an answer, twice.
const PATIENCE: Duration = Duration::from_secs(2);

impl Guard {
    /// The name servers of the zone that a name is in, with what each says of it; none if nobody knows of such a zone.
    pub async fn delegation(&self, name: &str) -> Option<Delegation> {
        let mut zone = name.trim_end_matches('.');
        let servers = loop {
            let found = self.texts(zone, RecordType::NS).await;
            if !found.is_empty() {
                break found;
            }
            zone = zone.split_once('.')?.1;
        };
        let public = psl::suffix_str(zone) == Some(zone) && zone != name;
        // Those above everybody's names are asked once: all of them say the same.
        let most = if public { 1 } else { MOST };
        let asked = servers.into_iter().take(most).map(|server| self.authority(server, name));
        Some(Delegation { zone: zone.to_owned(), servers: join_all(asked).await })
    }

    /// Where mail for the domain of a name goes, in order of preference.
    pub async fn mail_hosts(&self, name: &str) -> Vec<String> {
        let domain = psl::domain_str(name).unwrap_or(name);
        self.texts(domain, RecordType::MX).await
    }

    async fn texts(&self, name: &str, rtype: RecordType) -> Vec<String> {
        let Ok(found) = self.resolver.lookup(format!("{name}."), rtype).await else { return Vec::new() };
        let mut all: Vec<(u16, String)> = found
            .answers()
            .iter()
            .filter_map(|r| match &r.data {
                RData::NS(ns) => Some((0, ns.0.to_ascii())),
                RData::MX(mx) => Some((mx.preference, mx.exchange.to_ascii())),
                _ => None,
            })
            .map(|(preference, host)| (preference, host.trim_end_matches('.').to_ascii_lowercase()))
            .collect();
        all.sort();
        all.into_iter().map(|(_, host)| host).collect()
    }

    async fn authority(&self, server: String, name: &str) -> Authority {
        let found = match self.resolve(&server).await {
            Dns::Addresses { addresses } => addresses,
            _ => Vec::new(),
        };
        let address = self.choose(&found).ok().and_then(|chosen| chosen.first().copied());
        let answer = match address {
            Some(address) => self.ask(address, name).await,
            None => Said::Lame { reason: "its name has no address that may be asked".to_owned() },
        };
        Authority { name: server, address, answer }
    }

    async fn ask(&self, address: IpAddr, name: &str) -> Said {
        for _ in 0..2 {
            match tokio::time::timeout(PATIENCE, self.exchange(address, name)).await {
                Ok(Ok(said)) => return said,
                Ok(Err(reason)) => return Said::Lame { reason: reason.chars().take(200).collect() },
                Err(_) => {}
            }
        }
        Said::Silent
    }

    async fn exchange(&self, address: IpAddr, name: &str) -> Result<Said, String> {
        let text = |e: &dyn std::fmt::Display| e.to_string();
        let owner = Name::from_str(&format!("{name}.")).map_err(|e| text(&e))?;
        let id = u16::from_be_bytes(random::octets::<2>().map_err(|e| text(&e))?);
        let mut question = Message::new(id, MessageType::Query, OpCode::Query);
        question.add_query(Query::query(owner.clone(), RecordType::A));
        let octets = question.to_vec().map_err(|e| text(&e))?;
        let own = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(own).await.map_err(|e| text(&e))?;
        // From nobody else is anything heard.
        socket.connect((address, self.dns_port)).await.map_err(|e| text(&e))?;
        socket.send(&octets).await.map_err(|e| text(&e))?;
        let mut buffer = vec![0; 4096];
        loop {
            let n = socket.recv(&mut buffer).await.map_err(|e| text(&e))?;
            let Ok(answer) = Message::from_vec(buffer.get(..n).unwrap_or_default()) else { continue };
            let same = answer.queries.first().is_some_and(|q| q.name() == &owner);
            if answer.metadata.id == id && answer.metadata.message_type == MessageType::Response && same {
                return Ok(said(&answer));
            }
        }
    }
}

fn said(answer: &Message) -> Said {
    let head = &answer.metadata;
    match head.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain if !head.authoritative => {
            Said::Lame { reason: "it does not answer for the zone".to_owned() }
        }
        ResponseCode::NXDomain => Said::NoName,
        ResponseCode::NoError => {
            let mut addresses: Vec<IpAddr> = answer.answers.iter().filter_map(|r| r.data.ip_addr()).collect();
            addresses.sort_unstable();
            Said::Addresses { addresses }
        }
        other => Said::Lame { reason: other.to_str().to_owned() },
    }
}
