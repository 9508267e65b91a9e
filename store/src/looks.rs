//! What was seen of homepages, and what is held to be true of them.

use crate::{StoreError, Tx, View};
use chrono::{DateTime, Utc};
use hostler_core::web::{Class, Decision, Held, Look, Verdict};
use serde_json::Value;
use std::net::IpAddr;
use uuid::Uuid;

/// Looks at one homepage that are kept.
const KEPT: i64 = 100;

/// A homepage that is to be looked at.
#[derive(Debug, Clone)]
pub struct ToLook {
    /// Id.
    pub id: Uuid,
    /// Its main name, A-labels.
    pub name: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Addresses at which the papers' virtual host answers.
    pub listens: Vec<IpAddr>,
    /// Whether it is meant to lead elsewhere.
    pub is_redirect: bool,
    /// People's visits in the last 90 days of the logs.
    pub hits: Option<u64>,
    /// When something was uploaded last.
    pub uploaded_at: Option<DateTime<Utc>>,
    /// The server that it is to move to, or has moved to, by name.
    pub new_server: Option<String>,
    /// Whether its domain has mailboxes or aliases.
    pub mail_is_used: bool,
    /// What is held to be true of it.
    pub held: Option<Held>,
}

/// What a look brought.
#[derive(Debug, Clone)]
pub struct LookRow<'l> {
    /// Of which homepage.
    pub homepage: Uuid,
    /// What was seen.
    pub look: &'l Look,
    /// What that makes of it.
    pub verdict: &'l Verdict,
    /// What is held to be true from now on.
    pub held: Held,
    /// What is proposed.
    pub proposal: Option<Decision>,
}

/// Which homepages are looked at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// Those whose name holds a text: all for an empty one.
    Named(String),
    /// These.
    Ids(Vec<Uuid>),
    /// Those whose last look contradicts what is held to be true.
    InDoubt,
}

fn held(class: Option<String>, doubt: Option<String>) -> Option<Held> {
    let class = Class::parse(&class?)?;
    Some(Held { class, doubt: doubt.and_then(|d| Class::parse(&d)) })
}

impl View {
    /// The homepages that are to be looked at, in the order of their names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepages_to_look_at(&mut self, which: &Which) -> Result<Vec<ToLook>, StoreError> {
        let (text, ids, doubtful) = match which {
            Which::Named(text) => (text.to_lowercase(), None, false),
            Which::Ids(ids) => (String::new(), Some(ids.clone()), false),
            Which::InDoubt => (String::new(), None, true),
        };
        let rows = sqlx::query!(
            r#"select h.id, h.name, h.aliases, array(select host(a) from unnest(h.listens) a) as "listens!", h.kind, h.class, h.doubt, case when h.logs_until > now() - interval '45 days' then h.hits end as hits, h.uploaded_at, s.name as "server?",
                 exists (select from mailboxes m where m.domain_id = h.domain_id and m.archived_at is null)
                     or exists (select from aliases a where a.domain_id = h.domain_id and a.archived_at is null) as "mail!"
             from homepages h left join web_servers s on h.decision = 'move'
                 and s.id = coalesce(h.new_server_id, (select id from web_servers where takes_new))
             where h.archived_at is null and strpos(h.name, $1) > 0 and ($2::uuid[] is null or h.id = any($2))
                 and (not $3 or h.doubt is not null) order by h.name"#,
            text,
            ids.as_deref(),
            doubtful
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            out.push(ToLook {
                id: r.id,
                name: r.name,
                aliases: r.aliases,
                listens: r.listens.iter().filter_map(|a| a.parse().ok()).collect(),
                is_redirect: r.kind == "redirect",
                hits: r.hits.and_then(|h| u64::try_from(h).ok()),
                uploaded_at: r.uploaded_at,
                new_server: r.server,
                mail_is_used: r.mail,
                held: held(r.class, r.doubt),
            });
        }
        Ok(out)
    }

    /// When a look at all homepages ended last, as the queue remembers it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_sweep(&mut self, kind: &str, payload: &Value) -> Result<Option<DateTime<Utc>>, StoreError> {
        // Its key was for as long as it waited.
        Ok(sqlx::query_scalar!(
            "select max(finished_at) from jobs where kind = $1 and payload = $2 and finished_at is not null",
            kind,
            payload
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }

    /// Takes the place of whoever looks at homepages; nobody else gets it as long as this view is held.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn begin_sweep(&mut self) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtextextended('homepages-sweep', 0)) as "got!""#)
            .fetch_one(&mut *self.tx)
            .await?)
    }
}

/// A look that was kept.
#[derive(Debug, Clone)]
pub struct KeptLook {
    /// When.
    pub at: DateTime<Utc>,
    /// The class by this look alone.
    pub class: String,
    /// How sure, from 0 to 100.
    pub confidence: i16,
    /// Why, as [`hostler_core::web::Signal`]s.
    pub signals: Value,
    /// What was seen, as a [`Look`]; of the newest only, and for the staff only.
    pub seen: Option<Value>,
}

impl View {
    /// The last looks at a homepage, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn looks_at(&mut self, homepage: Uuid, most: i64) -> Result<Vec<KeptLook>, StoreError> {
        let mut looks = sqlx::query_as!(
            KeptLook,
            r#"select at, class, confidence, signals, null::jsonb as "seen?" from looks where homepage_id = $1 order by id desc limit $2"#,
            homepage,
            most
        )
        .fetch_all(&mut *self.tx)
        .await?;
        if !self.scope.is_everything() {
            // What the provider's own logs and servers say is not its customers' to read.
            for look in &mut looks {
                if let Some(signals) = look.signals.as_array_mut() {
                    let inside = |s: &Value| {
                        let name = s.get("name").and_then(Value::as_str).unwrap_or_default();
                        matches!(name, "visits" | "uploaded" | "old_server")
                    };
                    signals.retain(|s| !inside(s));
                }
            }
        }
        // What a page or a server said in full is the provider's to read: it may come from inside.
        if let (true, Some(last)) = (self.scope.is_everything(), looks.first_mut()) {
            let seen =
                sqlx::query_scalar!("select seen from looks where homepage_id = $1 order by id desc limit 1", homepage);
            last.seen = seen.fetch_optional(&mut *self.tx).await?;
        }
        Ok(looks)
    }
}

impl Tx {
    /// Keeps looks, and what is held to be true since.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_looks(&mut self, rows: &[LookRow<'_>], at: DateTime<Utc>) -> Result<(), StoreError> {
        let json = |reason: serde_json::Error| StoreError::Inconsistent { table: "looks", reason: reason.to_string() };
        let ids: Vec<Uuid> = rows.iter().map(|r| r.homepage).collect();
        let classes: Vec<String> = rows.iter().map(|r| r.verdict.class.as_str().to_owned()).collect();
        let sure: Vec<i16> = rows.iter().map(|r| i16::from(r.verdict.confidence)).collect();
        let signals = rows
            .iter()
            .map(|r| serde_json::to_value(&r.verdict.signals).map_err(json))
            .collect::<Result<Vec<_>, _>>()?;
        let seen = rows.iter().map(|r| serde_json::to_value(r.look).map_err(json)).collect::<Result<Vec<_>, _>>()?;
        let held: Vec<String> = rows.iter().map(|r| r.held.class.as_str().to_owned()).collect();
        let proposals: Vec<Option<String>> = rows.iter().map(|r| r.proposal.map(|d| d.as_str().to_owned())).collect();
        let doubts: Vec<Option<String>> = rows.iter().map(|r| r.held.doubt.map(|d| d.as_str().to_owned())).collect();
        sqlx::query!(
            "insert into looks (homepage_id, at, class, confidence, signals, seen)
             select t.id, $6, t.class, t.sure, t.signals, t.seen
             from unnest($1::uuid[], $2::text[], $3::smallint[], $4::jsonb[], $5::jsonb[]) as t (id, class, sure, signals, seen)
             where exists (select from homepages h where h.id = t.id)",
            &ids,
            &classes,
            &sure,
            &signals,
            &seen,
            at,
        )
        .execute(&mut *self.tx)
        .await?;
        sqlx::query!(
            "delete from looks l using unnest($1::uuid[]) as t (id) where l.homepage_id = t.id
                 and l.id < (select min(k.id) from (select id from looks where homepage_id = t.id order by id desc limit $2) k)",
            &ids,
            KEPT,
        )
        .execute(&mut *self.tx)
        .await?;
        sqlx::query!(
            "update homepages h set class_since = case when h.class is distinct from t.class then $4::timestamptz else h.class_since end,
                 class = t.class, doubt = t.doubt, looked_at = $4, proposal = t.proposal
             from unnest($1::uuid[], $2::text[], $3::text[], $5::text[]) as t (id, class, doubt, proposal) where h.id = t.id",
            &ids,
            &held,
            &doubts as &[Option<String>],
            at,
            &proposals as &[Option<String>],
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

/// What the logs of the web servers say of a homepage.
#[derive(Debug, Clone)]
pub struct LogRow {
    /// Which.
    pub homepage: Uuid,
    /// People's visits in the last 90 days of the logs; none if they say nothing of it.
    pub hits: Option<i32>,
    /// The last of them.
    pub last_hit_at: Option<DateTime<Utc>>,
    /// Until when the logs were read.
    pub logs_until: Option<DateTime<Utc>>,
    /// When something was uploaded last.
    pub uploaded_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// Notes what the logs say. What they do not say stays as it was; what is older than what is known as well.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_logs(&mut self, rows: &[LogRow]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|r| r.homepage).collect();
        let hits: Vec<Option<i32>> = rows.iter().map(|r| r.hits).collect();
        let last: Vec<Option<DateTime<Utc>>> = rows.iter().map(|r| r.last_hit_at).collect();
        let until: Vec<Option<DateTime<Utc>>> = rows.iter().map(|r| r.logs_until).collect();
        let uploaded: Vec<Option<DateTime<Utc>>> = rows.iter().map(|r| r.uploaded_at).collect();
        sqlx::query!(
            "update homepages h set hits = case when t.until >= coalesce(h.logs_until, t.until) then coalesce(t.hits, h.hits) else h.hits end,
                 last_hit_at = greatest(h.last_hit_at, t.last), logs_until = greatest(h.logs_until, t.until),
                 uploaded_at = greatest(h.uploaded_at, t.uploaded)
             from unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[]) as t (id, hits, last, until, uploaded)
             where h.id = t.id",
            &ids,
            &hits as &[Option<i32>],
            &last as &[Option<DateTime<Utc>>],
            &until as &[Option<DateTime<Utc>>],
            &uploaded as &[Option<DateTime<Utc>>],
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

/// By what logs name a homepage.
#[derive(Debug, Clone)]
pub struct Named {
    /// Id.
    pub id: Uuid,
    /// Its main name.
    pub name: String,
    /// Its other names.
    pub aliases: Vec<String>,
    /// Its document root.
    pub root: String,
}

impl View {
    /// The names and document roots of all homepages.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepage_names(&mut self) -> Result<Vec<Named>, StoreError> {
        Ok(sqlx::query_as!(
            Named,
            "select id, name, aliases, root from homepages where archived_at is null order by name"
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }
}
