//! A look at many homepages at once.

use super::{fetch::Fetcher, guarded::Guard, pace::Pace, tls::Authorities};
use crate::platform::{random, settings::Settings};
use futures_util::{Stream, StreamExt as _, stream};
use hostler_core::web::{Circumstances, Dns, Look, Page, Verdict, classify};
use hyper::header::HeaderValue;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};
use tokio::sync::OnceCell;

/// Looks that go on at once. They mostly wait.
const AT_ONCE: usize = 256;

/// What is to be looked at.
#[derive(Debug, Clone)]
pub struct Target<I> {
    /// What it is called among us.
    pub id: I,
    /// Its main name, as A-labels.
    pub name: String,
    /// Whether mail of its domain is used.
    pub mail_is_used: bool,
}

/// What came of a look.
#[derive(Debug, Clone)]
pub struct Seen<I> {
    /// What was looked at.
    pub target: Target<I>,
    /// What was seen.
    pub look: Look,
    /// What that makes of it.
    pub verdict: Verdict,
}

/// Who looks.
pub struct Prober {
    fetcher: Fetcher,
    /// The page of each address for a name that it does not know, asked for once.
    defaults: Mutex<HashMap<IpAddr, Arc<OnceCell<Option<Page>>>>>,
    stranger: String,
    now: i64,
}

/// Whether two names belong to one registrable domain.
fn same_site(one: &str, other: &str) -> bool {
    let site = |name: &str| {
        let name = name.trim_end_matches('.');
        psl::domain_str(name).unwrap_or(name).to_owned()
    };
    site(one) == site(other)
}

impl Prober {
    /// One for a sweep that begins at `now`.
    ///
    /// # Errors
    /// When the system has no resolver or no randomness, or the agent's name cannot stand in a header.
    pub fn new(settings: &Settings, now: chrono::DateTime<chrono::Utc>) -> Result<Self, String> {
        let probe = &settings.probe;
        let ours = probe.our_networks.clone();
        // Where nobody has said which are ours, none is foreign.
        let is_ours = move |address: IpAddr| ours.is_empty() || ours.iter().any(|net| net.contains(&address));
        let fetcher = Fetcher {
            guard: Guard::new(&settings.dns, probe)?,
            pace: Pace::default(),
            authorities: Authorities::new()?,
            agent: HeaderValue::from_str(&probe.agent)
                .map_err(|_| "setting probe.agent: one line of ASCII".to_owned())?,
            rates: (probe.our_rate, probe.rate),
            knows_ours: !probe.our_networks.is_empty(),
            ours: Arc::new(is_ours),
        };
        let token = random::token().map_err(|e| e.to_string())?.to_ascii_lowercase();
        let label: String = token.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        let stranger = format!("{label}.invalid");
        Ok(Self { fetcher, defaults: Mutex::default(), stranger, now: now.timestamp() })
    }

    /// Whether there is anything to be seen from here.
    ///
    /// # Errors
    /// What is in the way.
    pub async fn can_see(&self) -> Result<(), String> {
        self.fetcher.guard.is_answered().await
    }

    async fn default_of(&self, address: IpAddr) -> Option<Page> {
        let cell = match self.defaults.lock() {
            Ok(mut all) => all.entry(address).or_default().clone(),
            Err(_) => return None,
        };
        cell.get_or_init(|| self.fetcher.page_of(&self.stranger, address)).await.clone()
    }

    async fn look(&self, name: &str) -> Look {
        let dns = self.fetcher.guard.resolve(name).await;
        let Dns::Addresses { addresses } = &dns else {
            return Look { dns, http: None, https: None, default: None };
        };
        let (plain, secret) = (format!("http://{name}/"), format!("https://{name}/"));
        let default = async {
            let address = self.fetcher.guard.choose(addresses).ok()?.first().copied()?;
            (self.fetcher.ours)(address).then_some(())?;
            self.default_of(address).await.map(Box::new)
        };
        let (http, https, default) =
            tokio::join!(self.fetcher.visit(&plain, addresses), self.fetcher.visit(&secret, addresses), default);
        Look { dns, http: Some(http), https: Some(https), default }
    }

    /// Looks at one.
    pub async fn see<I>(&self, target: Target<I>) -> Seen<I> {
        let look = self.look(&target.name).await;
        let around = Circumstances {
            name: &target.name,
            is_ours: &*self.fetcher.ours,
            is_same_site: &same_site,
            now: self.now,
            hits: None,
            mail_is_used: target.mail_is_used,
        };
        let verdict = classify(&look, &around);
        Seen { target, look, verdict }
    }

    /// Looks at many; each comes as soon as it is known, so that a slow one holds up no other.
    pub fn sweep<'p, I: 'p>(&'p self, targets: Vec<Target<I>>) -> impl Stream<Item = Seen<I>> + 'p {
        stream::iter(targets).map(|target| self.see(target)).buffer_unordered(AT_ONCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_site_is_one_registrable_domain() {
        assert!(same_site("www.k.example", "k.example"));
        assert!(same_site("shop.firma.co.uk", "www.firma.co.uk"));
        assert!(!same_site("eins.co.uk", "zwei.co.uk"));
        assert!(!same_site("k.example", "k.example.net"));
        assert!(same_site("localhost", "localhost"));
    }
}
