//! What was seen of homepages, and what is held to be true of them.

use crate::{StoreError, Tx, View};
use chrono::{DateTime, Utc};
use hostler_core::web::{Class, Held, Look, Verdict};
use serde_json::Value;
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
}

fn held(class: Option<String>, doubt: Option<String>) -> Option<Held> {
    let class = Class::parse(&class?)?;
    Some(Held { class, doubt: doubt.and_then(|d| Class::parse(&d)) })
}

impl View {
    /// The homepages whose name holds a text, in the order of their names: all for an empty one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepages_to_look_at(&mut self, text: &str) -> Result<Vec<ToLook>, StoreError> {
        let rows = sqlx::query!(
            r#"select h.id, h.name, h.class, h.doubt,
                 exists (select from mailboxes m where m.domain_id = h.domain_id and m.archived_at is null)
                     or exists (select from aliases a where a.domain_id = h.domain_id and a.archived_at is null) as "mail!"
             from homepages h where h.archived_at is null and strpos(h.name, $1) > 0 order by h.name"#,
            text.to_lowercase()
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let row = |id, name, mail, held| ToLook { id, name, mail_is_used: mail, held };
        Ok(rows.into_iter().map(|r| row(r.id, r.name, r.mail, held(r.class, r.doubt))).collect())
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
                 class = t.class, doubt = t.doubt, looked_at = $4
             from unnest($1::uuid[], $2::text[], $3::text[]) as t (id, class, doubt) where h.id = t.id",
            &ids,
            &held,
            &doubts as &[Option<String>],
            at,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
