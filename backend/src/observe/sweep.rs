//! A look at many homepages at once.

use super::{fetch::Fetcher, guarded::Guard, ours::Ours, pace::Pace, tls::Authorities};
use crate::platform::{random, settings::Settings};
use futures_util::{Stream, StreamExt as _, future::join_all, stream};
use hostler_core::web::{Circumstances, Dns, Look, Page, Verdict, Visit, classify};
use hostler_store::looks::ToLook;
use hyper::header::HeaderValue;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};
use tokio::sync::OnceCell;

/// Looks that go on at once. They mostly wait.
const AT_ONCE: usize = 256;

/// Most names of one homepage that are looked up besides the main one.
const MOST_ALIASES: usize = 20;

/// Most addresses of old servers that are asked for one homepage.
const MOST_OLD: usize = 8;

/// What came of a look.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What was looked at.
    pub target: ToLook,
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
    ours: Arc<Ours>,
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
    pub fn new(settings: &Settings, ours: Ours, now: chrono::DateTime<chrono::Utc>) -> Result<Self, String> {
        let (probe, ours) = (&settings.probe, Arc::new(ours));
        let known = ours.clone();
        let is_ours = move |address: IpAddr| known.has(address);
        let fetcher = Fetcher {
            guard: Guard::new(&settings.dns, probe)?,
            pace: Pace::default(),
            authorities: Authorities::new()?,
            agent: HeaderValue::from_str(&probe.agent)
                .map_err(|_| "setting probe.agent: one line of ASCII".to_owned())?,
            rates: (probe.our_rate, probe.rate),
            knows_ours: ours.is_known(),
            ours: Arc::new(is_ours),
        };
        let token = random::token().map_err(|e| e.to_string())?.to_ascii_lowercase();
        let label: String = token.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        let stranger = format!("{label}.invalid");
        Ok(Self { fetcher, defaults: Mutex::default(), stranger, ours, now: now.timestamp() })
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

    /// By HTTP and HTTPS as everybody comes, with the default page of the server that answers.
    async fn visits(&self, name: &str, dns: Dns) -> Look {
        let Dns::Addresses { addresses } = &dns else { return Look::of(dns) };
        let (plain, secret) = (format!("http://{name}/"), format!("https://{name}/"));
        let default = async {
            let address = self.fetcher.guard.choose(addresses).ok()?.first().copied()?;
            (self.fetcher.ours)(address).then_some(())?;
            self.default_of(address).await.map(Box::new)
        };
        let (http, https, default) =
            tokio::join!(self.fetcher.visit(&plain, addresses), self.fetcher.visit(&secret, addresses), default);
        Look { http: Some(http), https: Some(https), default, ..Look::of(dns) }
    }

    /// What one of our servers has for a name, whatever the DNS says, with that server's default page.
    async fn directly(&self, name: &str, address: IpAddr) -> (Visit, Option<Box<Page>>) {
        let url = format!("http://{name}/");
        let one = [address];
        let (visit, default) = tokio::join!(self.fetcher.visit(&url, &one), self.default_of(address));
        (visit, default.map(Box::new))
    }

    async fn look(&self, target: &ToLook) -> Look {
        let (name, guard) = (target.name.as_str(), &self.fetcher.guard);
        let dns = guard.resolve(name).await;
        let led: Vec<IpAddr> = if let Dns::Addresses { addresses } = &dns { addresses.clone() } else { Vec::new() };
        let elsewhere = |address: &IpAddr| !led.contains(address);
        // Where its virtual host answers, or at every old server: one that was not asked may have it.
        let own: Vec<IpAddr> = target.listens.iter().copied().filter(|a| self.ours.has(*a)).collect();
        let asked = if own.is_empty() { &self.ours.old } else { &own };
        let old = async {
            if asked.len() > MOST_OLD || asked.iter().any(|a| led.contains(a)) {
                return None;
            }
            let mut found: Option<(Visit, Option<Box<Page>>)> = None;
            for address in asked {
                let seen = self.directly(name, *address).await;
                let page = seen.0.page();
                let own = page.is_some_and(|p| p.status < 400 && !seen.1.as_ref().is_some_and(|d| d.is_like(p)));
                // Who says nothing may have it.
                let better = own || found.as_ref().is_none_or(|(f, _)| f.page().is_some() && page.is_none());
                if better {
                    found = Some(seen);
                }
                if own {
                    break;
                }
            }
            found
        };
        let new = async {
            let address = target.new_server.as_ref().and_then(|s| self.ours.new.get(s)).filter(|a| elsewhere(a))?;
            Some(self.directly(name, *address).await.0)
        };
        let names = target.aliases.iter().filter(|a| !a.starts_with('*')).take(MOST_ALIASES);
        let aliases = join_all(names.map(|alias| async move { (alias.clone(), guard.resolve(alias).await) }));
        let (seen, delegation, mx, aliases, old, new) =
            tokio::join!(self.visits(name, dns), guard.delegation(name), guard.mail_hosts(name), aliases, old, new);
        let (old, default) = old.map_or((None, None), |(visit, default)| (Some(visit), default));
        Look { delegation, mx, aliases, old, new, default: seen.default.clone().or(default), ..seen }
    }

    /// Looks at one.
    pub async fn see(&self, target: ToLook) -> Seen {
        let look = self.look(&target).await;
        let around = Circumstances {
            name: &target.name,
            is_ours: &*self.fetcher.ours,
            is_same_site: &same_site,
            now: self.now,
            hits: target.hits,
            uploaded: target.uploaded_at.map(|at| at.timestamp()),
            mail_is_used: target.mail_is_used,
        };
        let verdict = classify(&look, &around);
        Seen { target, look, verdict }
    }

    /// Looks at many; each comes as soon as it is known, so that a slow one holds up no other.
    pub fn sweep(&self, targets: Vec<ToLook>) -> impl Stream<Item = Seen> + '_ {
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
