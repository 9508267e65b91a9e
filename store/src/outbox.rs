//! Mails to be sent: written in the transaction of what they are about, sent by a worker, tried again until a day is over.

use crate::{Store, StoreError, Tx, new_id};
use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

/// After this long a mail that the server keeps putting off is given up.
pub const GIVE_UP_AFTER: Duration = Duration::hours(24);

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct NewMail<'m> {
    /// What it is about, such as `invite`.
    pub kind: &'m str,
    /// Whom it is for.
    pub user: Option<Uuid>,
    /// The customer that it concerns.
    pub customer: Option<Uuid>,
    /// Address.
    pub recipient: &'m str,
    /// Subject.
    pub subject: &'m str,
    /// Text.
    pub body: &'m str,
}

/// A mail whose turn it is.
#[derive(Debug, Clone)]
pub struct DueMail {
    /// Id; also of its Message-ID, so that one that was taken twice is seen to be the same.
    pub id: Uuid,
    /// Address.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
    /// Which attempt this is, from 1.
    pub attempts: i32,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

impl Tx {
    /// Queues a mail; it is sent once this transaction has committed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queue_mail(&mut self, mail: &NewMail<'_>) -> Result<Uuid, StoreError> {
        let id = new_id(self.now);
        sqlx::query!(
            "insert into outbox (id, user_id, customer_id, kind, recipient, subject, body, next_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
            id,
            mail.user,
            mail.customer,
            mail.kind,
            mail.recipient,
            mail.subject,
            mail.body,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        self.enqueue_once("mail-send", serde_json::Value::Null, "mail-send");
        Ok(id)
    }
}

impl Store {
    /// Claims the next mail that is due: nobody else gets it for five minutes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_mail(&self, now: DateTime<Utc>) -> Result<Option<DueMail>, StoreError> {
        Ok(sqlx::query_as!(
            DueMail,
            "update outbox set attempts = attempts + 1, next_at = $1::timestamptz + interval '5 minutes'
             where id = (select id from outbox where state = 'waiting' and withdrawn_at is null and next_at <= $1 order by next_at for update skip locked limit 1)
             returning id, recipient, subject, body, attempts, created_at",
            now,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Notes what became of a mail: sent, refused for good, or to be tried again at `again`. The text goes once it is
    /// not needed any more: it may hold a link.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_mail(
        &self,
        id: Uuid,
        state: &str,
        reply: Option<&str>,
        now: DateTime<Utc>,
        again: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "update outbox set state = $2, reply = $3, next_at = coalesce($5, next_at),
                 sent_at = case when $2 = 'sent' then $4::timestamptz end, body = case when $2 = 'waiting' then body else '' end
             where id = $1",
            id,
            state,
            reply,
            now,
            again,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Puts off every mail that is due: the mail server cannot be reached, so none of them needs to try.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn postpone_mails(&self, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query!("update outbox set next_at = $2 where state = 'waiting' and next_at <= $1", now, until)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// When the next mail is due, if one waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_mail(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(sqlx::query_scalar!("select min(next_at) from outbox where state = 'waiting' and withdrawn_at is null")
            .fetch_one(&self.pool)
            .await?)
    }

    /// Notes that a mail came back. Answers whether there was one of that id that had been sent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn bounce_mail(&self, id: Uuid, reason: &str) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update outbox set state = 'bounced', reply = $2 where id = $1 and state = 'sent'",
            id,
            reason
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
