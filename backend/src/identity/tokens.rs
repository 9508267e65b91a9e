//! Tokens for automation: made once, shown once, checked at every request of the API.

use super::service::token_hash;
use crate::platform::{context::Context, random};
use chrono::Duration;
use hostler_core::access::Action;
use hostler_store::{
    Scope, StoreError,
    audit::Change,
    tokens::{MOST_TOKENS, NewToken, TokenLogin},
    users::Login,
};
use ipnet::{IpNet, Ipv4Net};
use std::net::IpAddr;

/// How a token begins: secret scanners find it by that.
const PREFIX: &str = "hst_";
/// Longest life of a token, in days.
pub const MAX_DAYS: i64 = 366;

/// A token to be made, as it was asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Names of the actions.
    pub actions: Vec<String>,
    /// CIDR networks or single addresses.
    pub networks: Vec<String>,
    /// Days that it lives.
    pub days: i64,
}

/// Why a token was not made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Fields and what is wrong with them.
    #[error("fields: {0:?}")]
    Fields(Vec<(&'static str, String)>),
    /// The store refused.
    #[error("{0}")]
    Store(#[from] StoreError),
}

fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?.trunc();
    // Visitors by IPv4 are known by IPv4 addresses, whatever the socket calls them (RFC 4291 §2.5.5.2).
    match net {
        IpNet::V6(v6) if v6.prefix_len() >= 96 => match v6.addr().to_ipv4_mapped() {
            Some(v4) => Ipv4Net::new(v4, v6.prefix_len() - 96).ok().map(IpNet::V4),
            None => Some(net),
        },
        _ => Some(net),
    }
}

/// Makes a token for somebody, with actions that they have themselves; answers it.
///
/// # Errors
/// The fields that are wrong.
pub async fn create(context: &Context, scope: &Scope, login: &Login, wanted: &Wanted) -> Result<String, TokenError> {
    let mut wrong = Vec::new();
    let name = super::service::person_name(&wanted.name).unwrap_or_else(|reason| {
        wrong.push(("name", reason.to_owned()));
        ""
    });
    let mut actions = Vec::new();
    for text in &wanted.actions {
        match Action::parse(text).filter(|a| login.role.may(*a) && a.for_tokens()) {
            Some(action) => actions.push(action),
            None => wrong.push(("actions", format!("`{text}` is no action that you have"))),
        }
    }
    if wanted.actions.is_empty() {
        wrong.push(("actions", "choose at least one".to_owned()));
    }
    let mut networks = Vec::new();
    for text in wanted.networks.iter().filter(|t| !t.trim().is_empty()) {
        match network(text) {
            Some(net) => networks.push(net.to_string()),
            None => {
                wrong.push(("networks", format!("`{}` is no address or network such as 192.0.2.0/24", text.trim())));
            }
        }
    }
    if networks.len() > 20 {
        wrong.push(("networks", "at most 20".to_owned()));
    }
    if !(1..=MAX_DAYS).contains(&wanted.days) {
        wrong.push(("days", format!("from 1 to {MAX_DAYS}")));
    }
    if !wrong.is_empty() {
        return Err(TokenError::Fields(wrong));
    }
    actions.sort();
    actions.dedup();
    let secret =
        random::token().map_err(|e| StoreError::Inconsistent { table: "api_tokens", reason: e.to_string() })?;
    let token = format!("{PREFIX}{secret}");
    let now = context.clock.now();
    let mut tx = context.store.begin_identity(scope, now).await?;
    let new = NewToken {
        hash: &token_hash(&token),
        name,
        actions: &actions,
        networks: &networks,
        expires_at: now + Duration::days(wanted.days),
    };
    let Some(id) = tx.create_token(login.id, &new).await? else {
        return Err(TokenError::Fields(vec![("name", format!("you have {MOST_TOKENS} tokens: revoke one first"))]));
    };
    let told: Vec<&str> = actions.iter().map(|a| a.as_str()).collect();
    tx.audit(Change::new("create-token", ("token", id), name).customer(login.customer_id).after(Some(&told))).await?;
    tx.commit().await?;
    Ok(token)
}

/// The token of an `Authorization: Bearer` header, if it works now and from this address.
///
/// # Errors
/// When the database fails.
pub async fn check(context: &Context, token: &str, address: &str) -> Result<Option<TokenLogin>, StoreError> {
    if !token.starts_with(PREFIX) || token.len() > 100 {
        return Ok(None);
    }
    let now = context.clock.now();
    let Some(found) = context.store.token(&token_hash(token), now).await? else { return Ok(None) };
    if !found.networks().is_empty() {
        let from = address.parse::<IpAddr>().ok().map(|a| a.to_canonical());
        let inside = |net: &String| net.parse::<IpNet>().ok().zip(from).is_some_and(|(net, from)| net.contains(&from));
        if !found.networks().iter().any(inside) {
            return Ok(None);
        }
    }
    context.store.touch_token(&found, address, now).await?;
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_people_write_them() {
        assert_eq!(network(" 192.0.2.7 ").unwrap().to_string(), "192.0.2.7/32");
        assert_eq!(network("192.0.2.7/24").unwrap().to_string(), "192.0.2.0/24");
        assert_eq!(network("2001:db8::/32").unwrap().to_string(), "2001:db8::/32");
        assert_eq!(network("::ffff:192.0.2.7").unwrap().to_string(), "192.0.2.7/32");
        assert!(network("192.0.2.0/33").is_none() && network("here").is_none());
    }
}
