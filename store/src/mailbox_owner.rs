//! Owners of mailboxes: who logs in with an address and its password, and their sessions.

use crate::{Scope, Store, StoreError, Tx, mailboxes::MailboxData};
use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

/// A mailbox that somebody wants into.
#[derive(Clone)]
pub struct MailboxCredentials {
    /// Its id.
    pub id: Uuid,
    /// The hash of its password as Dovecot reads it.
    pub hash: Option<String>,
    /// When that was set here.
    pub password_at: Option<DateTime<Utc>>,
}

/// A live session of a mailbox's owner. Only the store makes one.
#[derive(Debug, Clone)]
pub struct MailboxSession {
    pub(crate) mailbox: Uuid,
    pub(crate) address: String,
    pub(crate) customer: Option<Uuid>,
}

impl MailboxSession {
    /// The mailbox.
    #[must_use]
    pub fn mailbox(&self) -> Uuid {
        self.mailbox
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its domain's customer.
    #[must_use]
    pub fn customer(&self) -> Option<Uuid> {
        self.customer
    }
}

const LOG_IN: &str = "mailbox log-in";

impl Store {
    /// The mailbox of an address, if somebody may log in to it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mailbox_credentials(&self, address: &str) -> Result<Option<MailboxCredentials>, StoreError> {
        let mut view = self.view(&Scope::for_machine(LOG_IN)).await?;
        Ok(sqlx::query_as!(
            MailboxCredentials,
            "select id, password_hash as hash, password_at from mailboxes where address = $1 and archived_at is null",
            address
        )
        .fetch_optional(&mut *view.tx)
        .await?)
    }

    /// Opens a session. `token_hash` is the SHA-256 of the cookie's token, which is stored nowhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_mailbox_session(
        &self,
        token_hash: &[u8],
        mailbox: &MailboxCredentials,
        (address, agent): (&str, &str),
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let agent: String = agent.chars().filter(|c| !c.is_control()).take(200).collect();
        let mut tx = self.begin(&Scope::for_machine(LOG_IN), now).await?;
        sqlx::query!("delete from mailbox_sessions where mailbox_id = $1 and expires_at < $2", mailbox.id, now)
            .execute(&mut *tx.tx)
            .await?;
        sqlx::query!(
            "insert into mailbox_sessions (token_hash, mailbox_id, password_at, created_at, last_seen_at, expires_at, address, agent)
             values ($1, $2, $3, $4, $4, $5, $6, $7)",
            token_hash,
            mailbox.id,
            mailbox.password_at,
            now,
            expires_at,
            address,
            agent,
        )
        .execute(&mut *tx.tx)
        .await?;
        tx.commit().await
    }

    /// A live session: not idle for longer than `idle`, and begun with the password that the mailbox still has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mailbox_session(
        &self,
        token_hash: &[u8],
        now: DateTime<Utc>,
        idle: Duration,
    ) -> Result<Option<MailboxSession>, StoreError> {
        let mut tx = self.begin(&Scope::for_machine(LOG_IN), now).await?;
        let found = sqlx::query!(
            r#"select m.id, m.address, d.customer_id as "customer_id?", s.last_seen_at from mailbox_sessions s
             join mailboxes m on m.id = s.mailbox_id left join domains d on d.id = m.domain_id
             where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and m.archived_at is null
                 and s.password_at is not distinct from m.password_at"#,
            token_hash,
            now,
            now - idle,
        )
        .fetch_optional(&mut *tx.tx)
        .await?;
        let Some(found) = found else { return Ok(None) };
        // Once a minute is often enough to know who is idle.
        if now - found.last_seen_at > Duration::minutes(1) {
            sqlx::query!("update mailbox_sessions set last_seen_at = $2 where token_hash = $1", token_hash, now)
                .execute(&mut *tx.tx)
                .await?;
            tx.commit().await?;
        }
        Ok(Some(MailboxSession { mailbox: found.id, address: found.address, customer: found.customer_id }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close_mailbox_session(&self, token_hash: &[u8], now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.begin(&Scope::for_machine(LOG_IN), now).await?;
        sqlx::query!("delete from mailbox_sessions where token_hash = $1", token_hash).execute(&mut *tx.tx).await?;
        tx.commit().await
    }

    /// Lets this session go on after its owner set another password; all others of the mailbox are over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_mailbox_session(
        &self,
        token_hash: &[u8],
        mailbox: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin(&Scope::for_machine(LOG_IN), now).await?;
        sqlx::query!(
            "update mailbox_sessions s set password_at = m.password_at from mailboxes m
             where s.token_hash = $1 and s.mailbox_id = $2 and m.id = s.mailbox_id",
            token_hash,
            mailbox
        )
        .execute(&mut *tx.tx)
        .await?;
        tx.commit().await
    }
}

impl Tx {
    /// Sets what the owner of a mailbox may set of it; nothing else of `data` is looked at.
    ///
    /// # Errors
    /// `NotFound`, `Stale` if it was changed since `revision`.
    pub async fn update_own_mailbox(&mut self, id: Uuid, revision: i32, data: &MailboxData) -> Result<(), StoreError> {
        if self.mailbox_revision(id).await? != revision {
            return Err(StoreError::Stale);
        }
        sqlx::query!(
            "update mailboxes set forward = $2, keep = $3, reply_on = $4, reply_from = $5, reply_until = $6, reply_subject = $7,
                 reply_text = $8, reply_days = $9, junk_at = $10, updated_at = $11, revision = revision + 1
             where id = $1",
            id,
            &data.forward,
            data.keep,
            data.reply_on,
            data.reply_from,
            data.reply_until,
            data.reply_subject,
            data.reply_text,
            data.reply_days,
            data.junk_at,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
