//! All that the mail servers have to know, and what is known of single addresses.

use crate::{StoreError, View};
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use hostler_core::{
    mail::{
        Alias, AppPassword, Entry, Intent, Mailbox, Protocol, Protocols, Reply, Secret, SigningKey, Source, SpamLevel,
        Storage, Withheld,
        dkim::{PrivateKey, Selector},
    },
    names::{DomainName, EmailAddress},
};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

fn broken(table: &'static str, what: &str, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Inconsistent { table, reason: format!("{what}: {reason}") }
}

fn address(table: &'static str, text: &str) -> Result<EmailAddress, StoreError> {
    EmailAddress::parse(text).map_err(|e| broken(table, text, e))
}

fn addresses(table: &'static str, texts: &[String]) -> Result<Vec<EmailAddress>, StoreError> {
    texts.iter().map(|t| address(table, t)).collect()
}

fn protocols(names: &[String]) -> Protocols {
    names.iter().filter_map(|p| Protocol::parse(p)).collect()
}

fn targets(texts: &[String]) -> Result<Vec<Source>, StoreError> {
    texts.iter().map(|t| Source::parse(t).map_err(|e| broken("aliases", t, e))).collect()
}

impl View {
    /// All of the mail as it is at that moment, for the servers' configuration: with hashes, so only the staff's and the machine's scope get it.
    ///
    /// # Errors
    /// When the database fails, or holds what was never let in.
    pub async fn mail_intent(&mut self, now: DateTime<Utc>) -> Result<Intent, StoreError> {
        let mut apps: HashMap<Uuid, Vec<AppPassword>> = HashMap::new();
        let rows = sqlx::query!(
            "select mailbox_id, hash, protocols from app_passwords where revoked_at is null order by created_at, id"
        )
        .fetch_all(&mut *self.tx)
        .await?;
        for r in rows {
            let secret = Secret::parse(&r.hash).map_err(|e| broken("app_passwords", "hash", e))?;
            apps.entry(r.mailbox_id).or_default().push(AppPassword { secret, protocols: protocols(&r.protocols) });
        }
        let mut intent = Intent::default();
        let domains = sqlx::query_scalar!(
            "select name from domains d where archived_at is null and (
                 exists (select from mailboxes m where m.domain_id = d.id and m.archived_at is null)
                 or exists (select from aliases a where a.domain_id = d.id and a.archived_at is null)) order by name"
        )
        .fetch_all(&mut *self.tx)
        .await?;
        for name in domains {
            intent.domains.push(DomainName::parse(&name).map_err(|e| broken("domains", &name, e))?);
        }
        let servers = self.mail_servers().await?;
        let places: HashMap<Uuid, usize> = servers.iter().enumerate().map(|(place, s)| (s.id, place)).collect();
        intent.servers = servers.into_iter().map(|s| s.data.server).collect();
        let strangers = self.foreign_senders().await?;
        let mut rows = sqlx::query!(
            "select id, address, password_hash, protocols, quota_bytes, quota_messages, storage, forward, keep, send_as, reply_on,
                 reply_from, reply_until, reply_subject, reply_text, reply_days, junk_at, frozen_at is not null as \"frozen!\", incarnation,
                 server_id, case when delay_until > $1 then extract(epoch from delay_until)::bigint end as delay_until
             from mailboxes where archived_at is null order by address",
            now
        )
        .fetch(&mut *self.tx);
        while let Some(r) = rows.try_next().await? {
            let reply = r.reply_on.then(|| Reply {
                from: r.reply_from.map(|d| d.to_string()),
                until: r.reply_until.map(|d| d.to_string()),
                subject: r.reply_subject,
                text: r.reply_text,
                days: u16::try_from(r.reply_days).unwrap_or(1),
            });
            let mut send_as = addresses("mailboxes", &r.send_as)?;
            send_as.retain(|sender| {
                let foreign = strangers.contains(&(r.id, sender.domain().as_str().to_owned()));
                if foreign {
                    let reason = "the domain has gone to another customer".to_owned();
                    intent.withheld.push(Withheld { what: format!("{} as {sender}", r.address), reason });
                }
                !foreign
            });
            intent.mailboxes.push(Mailbox {
                address: address("mailboxes", &r.address)?,
                incarnation: u32::try_from(r.incarnation).unwrap_or(0),
                // An old hash that no file can carry opens nothing.
                secret: r.password_hash.and_then(|h| Secret::parse(&h).ok()),
                protocols: protocols(&r.protocols),
                quota_bytes: r.quota_bytes.and_then(|q| u64::try_from(q).ok()),
                quota_messages: r.quota_messages.and_then(|q| u32::try_from(q).ok()),
                storage: if r.storage == "mdbox" { Storage::Mdbox } else { Storage::Maildir },
                forward: addresses("mailboxes", &r.forward)?,
                keep: r.keep,
                reply,
                app_passwords: apps.remove(&r.id).unwrap_or_default(),
                send_as,
                junk_at: r.junk_at.and_then(|n| u8::try_from(n).ok()),
                frozen: r.frozen,
                home: r.server_id.and_then(|id| places.get(&id).copied()),
                delay_until: r.delay_until,
            });
        }
        drop(rows);
        let mut rows = sqlx::query!("select address, targets from aliases where archived_at is null order by address")
            .fetch(&mut *self.tx);
        while let Some(r) = rows.try_next().await? {
            let source = Source::parse(&r.address).map_err(|e| broken("aliases", &r.address, e))?;
            intent.aliases.push(Alias { source, targets: targets(&r.targets)? });
        }
        drop(rows);
        let keys = sqlx::query!(
            r#"select d.name, k.selector, k.private_key as "private_key!" from dkim_keys k join domains d on d.id = k.domain_id
             where k.signing_at is not null and k.retiring_at is null and k.private_key is not null and d.archived_at is null
             order by d.name, k.selector"#
        )
        .fetch_all(&mut *self.tx)
        .await?;
        for r in keys {
            intent.keys.push(SigningKey {
                domain: DomainName::parse(&r.name).map_err(|e| broken("domains", &r.name, e))?,
                selector: Selector::parse(&r.selector).map_err(|e| broken("dkim_keys", &r.selector, e))?,
                key: PrivateKey::new(r.private_key),
            });
        }
        let levels = sqlx::query!(
            "select d.name, s.mark_at, s.refuse_at from spam_levels s join domains d on d.id = s.domain_id
             where d.archived_at is null and (s.mark_at is not null or s.refuse_at is not null) order by d.name"
        )
        .fetch_all(&mut *self.tx)
        .await?;
        for r in levels {
            let points = |set: Option<i16>, other| u16::try_from(set.unwrap_or(other)).unwrap_or(u16::MAX);
            intent.spam.push(SpamLevel {
                domain: DomainName::parse(&r.name).map_err(|e| broken("domains", &r.name, e))?,
                mark_at: points(r.mark_at, SpamLevel::MARK_AT),
                refuse_at: points(r.refuse_at, SpamLevel::REFUSE_AT),
            });
        }
        Ok(intent)
    }

    /// Mailboxes with the domains that they may send from by what was set once, and that are another customer's by now.
    async fn foreign_senders(&mut self) -> Result<HashSet<(Uuid, String)>, StoreError> {
        let rows = sqlx::query!(
            r#"select m.id, o.name from mailboxes m join domains d on d.id = m.domain_id, unnest(m.send_as) s
             join domains o on o.name = split_part(s, '@', 2)
             where m.archived_at is null and cardinality(m.send_as) > 0 and o.customer_id is distinct from d.customer_id"#
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.into_iter().map(|r| (r.id, r.name)).collect())
    }

    /// What is known of these keys, addresses and `@domain`s, as [`hostler_core::mail::Route`] asks.
    ///
    /// # Errors
    /// When the database fails, or holds what was never let in.
    pub async fn mail_entries(&mut self, keys: &[String]) -> Result<BTreeMap<String, Entry>, StoreError> {
        let mut known = BTreeMap::new();
        let domains: Vec<String> = keys.iter().filter_map(|k| k.strip_prefix('@')).map(str::to_owned).collect();
        for name in sqlx::query_scalar!(
            "select name from domains d where name = any($1) and archived_at is null and (
                 exists (select from mailboxes m where m.domain_id = d.id and m.archived_at is null)
                 or exists (select from aliases a where a.domain_id = d.id and a.archived_at is null))",
            &domains
        )
        .fetch_all(&mut *self.tx)
        .await?
        {
            known.insert(format!("@{name}"), Entry::Domain);
        }
        for r in
            sqlx::query!("select address, targets from aliases where address = any($1) and archived_at is null", keys)
                .fetch_all(&mut *self.tx)
                .await?
        {
            known.insert(r.address, Entry::Alias(targets(&r.targets)?));
        }
        for r in sqlx::query!(
            "select address, forward, keep from mailboxes where address = any($1) and archived_at is null",
            keys
        )
        .fetch_all(&mut *self.tx)
        .await?
        {
            let mut forward = addresses("mailboxes", &r.forward)?;
            // Imported papers may have a mailbox and an alias of one name that keeps and forwards.
            if let Some(Entry::Alias(more)) = known.get(&r.address) {
                forward.extend(more.iter().filter_map(|t| match t {
                    Source::Address(a) if a.to_string() != r.address => Some(a.clone()),
                    _ => None,
                }));
            }
            known.insert(r.address, Entry::Mailbox { forward, keep: r.keep });
        }
        Ok(known)
    }
}
