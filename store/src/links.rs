//! Links that are mailed: an invitation, a forgotten password, a change of address. Only the token's hash is kept.

use crate::{Store, StoreError, Tx, tx::ensure_one};
use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To take up an invitation.
    Invite,
    /// To set a forgotten password anew.
    Reset,
    /// To confirm a change of address at the old one.
    AddressOld,
    /// To confirm a change of address at the new one.
    AddressNew,
}

impl Purpose {
    /// Its name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Reset => "reset",
            Self::AddressOld => "address-old",
            Self::AddressNew => "address-new",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        [Self::Invite, Self::Reset, Self::AddressOld, Self::AddressNew]
            .into_iter()
            .find(|p| p.as_str() == text)
            .ok_or_else(|| StoreError::Inconsistent { table: "mail_links", reason: format!("purpose {text}") })
    }

    /// How long such a link works.
    #[must_use]
    pub fn lifetime(self) -> Duration {
        match self {
            Self::Invite => Duration::days(7),
            Self::Reset | Self::AddressOld | Self::AddressNew => Duration::hours(1),
        }
    }
}

/// A link that works now.
#[derive(Debug, Clone)]
pub struct Link {
    /// What it is for.
    pub purpose: Purpose,
    /// Whose.
    pub user: Uuid,
    /// The login's address.
    pub email: String,
    /// Language of its mails.
    pub lang: String,
    /// The customer that it belongs to.
    pub customer_id: Option<Uuid>,
    /// The new address of a change.
    pub address: Option<String>,
    /// What both ends of a change share.
    pub change_id: Option<Uuid>,
}

impl Store {
    /// The link of that token, if it works now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn link(&self, token_hash: &[u8], now: DateTime<Utc>) -> Result<Option<Link>, StoreError> {
        let row = sqlx::query!(
            "select l.purpose, l.user_id, u.email, u.lang, u.customer_id, l.address, l.change_id
             from mail_links l join users u on u.id = l.user_id
             where l.token_hash = $1 and l.used_at is null and l.expires_at > $2 and l.user_revision = u.revision
                 and u.disabled_at is null",
            token_hash,
            now,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|r| {
            Ok(Link {
                purpose: Purpose::parse(&r.purpose)?,
                user: r.user_id,
                email: r.email,
                lang: r.lang,
                customer_id: r.customer_id,
                address: r.address,
                change_id: r.change_id,
            })
        })
        .transpose()
    }

    /// How many links of a purpose went to a login since then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn links_since(&self, user: Uuid, purpose: Purpose, since: DateTime<Utc>) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "n!" from mail_links where user_id = $1 and purpose = $2 and created_at > $3"#,
            user,
            purpose.as_str(),
            since
        )
        .fetch_one(&self.pool)
        .await?)
    }
}

impl Tx {
    /// Keeps a link. Earlier ones of the same purpose no longer work.
    ///
    /// # Errors
    /// `NotFound` if there is no such login.
    pub async fn add_link(
        &mut self,
        token_hash: &[u8],
        user: Uuid,
        purpose: Purpose,
        change: Option<(&str, Uuid)>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update mail_links set used_at = $3 where user_id = $1 and purpose = $2 and used_at is null",
            user,
            purpose.as_str(),
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        let done = sqlx::query!(
            "insert into mail_links (token_hash, user_id, purpose, address, change_id, user_revision, created_at, expires_at)
             select $1, id, $3, $4, $5, revision, $6, $7 from users where id = $2",
            token_hash,
            user,
            purpose.as_str(),
            change.map(|(address, _)| address),
            change.map(|(_, id)| id),
            self.now,
            self.now + purpose.lifetime(),
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(done.rows_affected())
    }

    /// Uses a link up, under the conditions of [`Store::link`]: hashing a password takes a while, in which it may have
    /// ended.
    ///
    /// # Errors
    /// `NotFound` if it no longer works.
    pub async fn use_link(&mut self, token_hash: &[u8]) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "with owner as (select id, revision from users where disabled_at is null
                 and id = (select user_id from mail_links where token_hash = $1) for update)
             update mail_links l set used_at = $2 from owner u
             where l.token_hash = $1 and l.used_at is null and l.expires_at > $2 and u.id = l.user_id and u.revision = l.user_revision",
            token_hash,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(done.rows_affected())
    }

    /// Whether both ends of a change of address have confirmed it. Both are locked, so that one of two who come at once
    /// sees the other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_confirmed(&mut self, change: Uuid) -> Result<bool, StoreError> {
        let ends = sqlx::query_scalar!(
            r#"select used_at is not null as "used!" from mail_links where change_id = $1 order by purpose for update"#,
            change
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(ends.len() == 2 && ends.iter().all(|used| *used))
    }

    /// Locks both ends of a change of address.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_change(&mut self, change: Uuid) -> Result<(), StoreError> {
        sqlx::query!("select token_hash from mail_links where change_id = $1 order by purpose for update", change)
            .fetch_all(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Gives a login another address. Its sessions go on; links that were mailed before do not.
    ///
    /// # Errors
    /// `users_email_key` if somebody has it by now.
    pub async fn set_address(&mut self, user: Uuid, address: &str) -> Result<(), StoreError> {
        let done = sqlx::query!("update users set email = $2, revision = revision + 1 where id = $1", user, address)
            .execute(&mut *self.tx)
            .await?;
        ensure_one(done.rows_affected())
    }
}
