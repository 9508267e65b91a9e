//! Mailboxes one by one, and their changes. No query here gives a password's hash away.

use crate::{StoreError, Tx, View, new_id, tx::ensure_one};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

/// What somebody may set of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MailboxData {
    /// Whose it is.
    pub name: String,
    /// What may be used: `imap`, `pop3`, `smtp`, `sieve`.
    pub protocols: Vec<String>,
    /// Most octets.
    pub quota_bytes: Option<i64>,
    /// Most mails.
    pub quota_messages: Option<i32>,
    /// `maildir` or `mdbox`.
    pub storage: String,
    /// Where its mail goes as well.
    pub forward: Vec<String>,
    /// Whether forwarded mail also stays.
    pub keep: bool,
    /// Other addresses that it may send from.
    pub send_as: Vec<String>,
    /// Whether the out-of-office answer is on.
    pub reply_on: bool,
    /// First day of it.
    pub reply_from: Option<NaiveDate>,
    /// Last day of it.
    pub reply_until: Option<NaiveDate>,
    /// Its subject.
    pub reply_subject: String,
    /// Its text.
    pub reply_text: String,
    /// Days in which a sender gets it once.
    pub reply_days: i16,
    /// Stars of `X-Spam-Level` from which mail goes to the folder Junk; none: never.
    pub junk_at: Option<i16>,
}

impl Default for MailboxData {
    fn default() -> Self {
        Self {
            name: String::new(),
            protocols: ["imap", "pop3", "smtp", "sieve"].map(str::to_owned).into(),
            quota_bytes: None,
            quota_messages: None,
            storage: "maildir".to_owned(),
            forward: Vec::new(),
            keep: true,
            send_as: Vec::new(),
            reply_on: false,
            reply_from: None,
            reply_until: None,
            reply_subject: String::new(),
            reply_text: String::new(),
            reply_days: 1,
            junk_at: None,
        }
    }
}

/// A mailbox.
#[derive(Debug, Clone)]
pub struct MailboxRow {
    /// Id.
    pub id: Uuid,
    /// Its address.
    pub address: String,
    /// Its domain, if it is here.
    pub domain_id: Option<Uuid>,
    /// The domain's customer.
    pub customer_id: Option<Uuid>,
    /// What can be set.
    pub data: MailboxData,
    /// Scheme of its password's hash; none: nobody can log in.
    pub password_scheme: Option<String>,
    /// When its password was set here.
    pub password_at: Option<DateTime<Utc>>,
    /// Octets of mail when last looked.
    pub bytes: Option<i64>,
    /// Mails, or files of the old server, when last looked.
    pub files: Option<i64>,
    /// When the mail server said so; none: the papers did.
    pub seen_at: Option<DateTime<Utc>>,
    /// When its owner logged in last, as far as logs were read.
    pub last_login_at: Option<DateTime<Utc>>,
    /// Changes with every edit.
    pub revision: i32,
}

/// The domain of an address that is to be made.
#[derive(Debug, Clone)]
pub struct MailDomain {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its customer.
    pub customer_id: Option<Uuid>,
}

/// What a customer has, and what the plan allows.
#[derive(Debug, Clone, Copy)]
pub struct MailUse {
    /// Mailboxes of the customer.
    pub mailboxes: i64,
    /// Sum of their quotas, in octets.
    pub quota_bytes: i64,
    /// Most mailboxes.
    pub max_mailboxes: Option<i32>,
    /// Most octets over all.
    pub max_mail_bytes: Option<i64>,
}

impl View {
    /// The time of which logs were read, if any were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_log_span(&mut self) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, StoreError> {
        let row = sqlx::query!("select first_at, last_at from mail_logs").fetch_optional(&mut *self.tx).await?;
        Ok(row.map(|r| (r.first_at, r.last_at)))
    }

    /// One mailbox.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn mailbox(&mut self, id: Uuid) -> Result<MailboxRow, StoreError> {
        self.mailboxes(&[id]).await?.pop().ok_or(StoreError::NotFound)
    }

    /// These mailboxes, as far as they are there, in the order of their addresses.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mailboxes(&mut self, ids: &[Uuid]) -> Result<Vec<MailboxRow>, StoreError> {
        let rows = sqlx::query!(
            r#"select m.id, m.address, m.domain_id, d.customer_id as "customer_id?", m.name, m.protocols, m.quota_bytes, m.quota_messages,
                 m.storage, m.forward, m.keep, m.send_as, m.reply_on, m.reply_from, m.reply_until, m.reply_subject, m.reply_text,
                 m.reply_days, m.junk_at, m.password_scheme, m.password_at, coalesce(m.seen_bytes, m.bytes) as bytes,
                 coalesce(m.seen_mails, m.files) as files, m.seen_at, m.last_login_at, m.revision
             from mailboxes m left join domains d on d.id = m.domain_id where m.id = any($1) and m.archived_at is null order by m.address"#,
            ids,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let mut mailboxes = Vec::with_capacity(rows.len());
        for r in rows {
            let data = MailboxData {
                name: r.name,
                protocols: r.protocols,
                quota_bytes: r.quota_bytes,
                quota_messages: r.quota_messages,
                storage: r.storage,
                forward: r.forward,
                keep: r.keep,
                send_as: r.send_as,
                reply_on: r.reply_on,
                reply_from: r.reply_from,
                reply_until: r.reply_until,
                reply_subject: r.reply_subject,
                reply_text: r.reply_text,
                reply_days: r.reply_days,
                junk_at: r.junk_at,
            };
            mailboxes.push(MailboxRow {
                id: r.id,
                address: r.address,
                domain_id: r.domain_id,
                customer_id: r.customer_id,
                data,
                password_scheme: r.password_scheme,
                password_at: r.password_at,
                bytes: r.bytes,
                files: r.files,
                seen_at: r.seen_at,
                last_login_at: r.last_login_at,
                revision: r.revision,
            });
        }
        Ok(mailboxes)
    }

    /// Whether both domains are of the same customer, or the same domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shares_customer(&mut self, one: &str, other: &str) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from domains a, domains b where a.name = $1 and b.name = $2
                 and (a.id = b.id or a.customer_id = b.customer_id) and b.archived_at is null) as "shared!""#,
            one,
            other,
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }
}

impl Tx {
    /// The domain of that name, held until the end: its addresses are made one after the other.
    ///
    /// # Errors
    /// `NotFound` if there is none for this scope.
    pub async fn mail_domain(&mut self, name: &str) -> Result<MailDomain, StoreError> {
        self.mail_domains(&[name.to_owned()]).await?.remove(name).ok_or(StoreError::NotFound)
    }

    /// What the customer has by now, held until the end: two who make mailboxes at once are counted one after the other.
    ///
    /// # Errors
    /// `NotFound` if there is none for this scope.
    pub async fn mail_use(&mut self, customer: Uuid) -> Result<MailUse, StoreError> {
        self.mail_uses(&[customer]).await?.remove(&customer).ok_or(StoreError::NotFound)
    }

    /// Makes a mailbox; one that was given up and had this address starts anew.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] with `mailboxes_address_key` if the address is a mailbox or an alias.
    pub async fn create_mailbox(
        &mut self,
        domain: Uuid,
        address: &str,
        data: &MailboxData,
        secret: Option<(&str, &str)>,
    ) -> Result<Uuid, StoreError> {
        let (hash, scheme) = secret.unzip();
        let id = sqlx::query_scalar!(
            "insert into mailboxes (id, address, domain_id, name, protocols, quota_bytes, quota_messages, storage, forward, keep, send_as,
                 reply_on, reply_from, reply_until, reply_subject, reply_text, reply_days, password_hash, password_scheme, password_at,
                 created_at, updated_at, junk_at)
             select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
                 case when $18::text is null then null else $20::timestamptz end, $20, $20, $21
             where not exists (select from aliases where address = $2 and archived_at is null)
             on conflict on constraint mailboxes_address_key do update set
                 domain_id = excluded.domain_id, name = excluded.name, protocols = excluded.protocols,
                 quota_bytes = excluded.quota_bytes, quota_messages = excluded.quota_messages, storage = excluded.storage,
                 forward = excluded.forward, keep = excluded.keep, send_as = excluded.send_as, reply_on = excluded.reply_on,
                 reply_from = excluded.reply_from, reply_until = excluded.reply_until, reply_subject = excluded.reply_subject,
                 reply_text = excluded.reply_text, reply_days = excluded.reply_days, junk_at = excluded.junk_at, password_hash = $18,
                 password_scheme = excluded.password_scheme, password_at = excluded.password_at, updated_at = excluded.updated_at,
                 path = null, extra = '', bytes = null, files = null, frozen_at = null, seen_bytes = null, seen_mails = null,
                 server_id = excluded.server_id, delay_until = null, seen_at = null, last_login_at = null, incarnation = mailboxes.incarnation + 1,
                 revision = mailboxes.revision + 1, archived_at = null
             where mailboxes.archived_at is not null
             returning id",
            new_id(self.now),
            address,
            domain,
            data.name,
            &data.protocols,
            data.quota_bytes,
            data.quota_messages,
            data.storage,
            &data.forward,
            data.keep,
            &data.send_as,
            data.reply_on,
            data.reply_from,
            data.reply_until,
            data.reply_subject,
            data.reply_text,
            data.reply_days,
            hash,
            scheme,
            self.now,
            data.junk_at,
        )
        .fetch_optional(&mut *self.tx)
        .await?;
        id.ok_or_else(|| StoreError::Constraint("mailboxes_address_key".to_owned()))
    }

    /// The revision of a mailbox, whose row is held until the end.
    pub(crate) async fn mailbox_revision(&mut self, id: Uuid) -> Result<i32, StoreError> {
        Ok(sqlx::query_scalar!("select revision from mailboxes where id = $1 and archived_at is null for update", id)
            .fetch_one(&mut *self.tx)
            .await?)
    }

    /// Sets a mailbox's data.
    ///
    /// # Errors
    /// `NotFound`, `Stale` if it was changed since `revision`.
    pub async fn update_mailbox(&mut self, id: Uuid, revision: i32, data: &MailboxData) -> Result<(), StoreError> {
        if self.mailbox_revision(id).await? != revision {
            return Err(StoreError::Stale);
        }
        sqlx::query!(
            "update mailboxes set name = $2, protocols = $3, quota_bytes = $4, quota_messages = $5, storage = $6, forward = $7, keep = $8,
                 send_as = $9, reply_on = $10, reply_from = $11, reply_until = $12, reply_subject = $13, reply_text = $14,
                 reply_days = $15, updated_at = $16, junk_at = $17, revision = revision + 1
             where id = $1",
            id,
            data.name,
            &data.protocols,
            data.quota_bytes,
            data.quota_messages,
            data.storage,
            &data.forward,
            data.keep,
            &data.send_as,
            data.reply_on,
            data.reply_from,
            data.reply_until,
            data.reply_subject,
            data.reply_text,
            data.reply_days,
            self.now,
            data.junk_at,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Gives a mailbox another password.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_mailbox_password(&mut self, id: Uuid, hash: &str, scheme: &str) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "update mailboxes set password_hash = $2, password_scheme = $3, password_at = $4, updated_at = $4, revision = revision + 1
             where id = $1 and archived_at is null",
            id,
            hash,
            scheme,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(done.rows_affected())
    }

    /// Gives a mailbox up. Its mail stays where it is; its row, too.
    ///
    /// # Errors
    /// `NotFound`, `Stale`.
    pub async fn archive_mailbox(&mut self, id: Uuid, revision: i32) -> Result<(), StoreError> {
        if self.mailbox_revision(id).await? != revision {
            return Err(StoreError::Stale);
        }
        sqlx::query!(
            "update mailboxes set archived_at = $2, updated_at = $2, revision = revision + 1 where id = $1",
            id,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        sqlx::query!(
            "update app_passwords set revoked_at = $2 where mailbox_id = $1 and revoked_at is null",
            id,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Notes what the mail servers say of mailboxes: address, octets, mails. Answers how many of them are known here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn see_mailboxes(&mut self, rows: &[(String, Option<i64>, Option<i64>)]) -> Result<u64, StoreError> {
        let addresses: Vec<String> = rows.iter().map(|(a, ..)| a.clone()).collect();
        let bytes: Vec<Option<i64>> = rows.iter().map(|(_, b, _)| *b).collect();
        let mails: Vec<Option<i64>> = rows.iter().map(|(.., m)| *m).collect();
        let done = sqlx::query!(
            "update mailboxes m set seen_bytes = s.bytes, seen_mails = s.mails, seen_at = $4
             from unnest($1::text[], $2::bigint[], $3::bigint[]) as s (address, bytes, mails)
             where m.address = s.address and m.archived_at is null",
            &addresses,
            &bytes as &[Option<i64>],
            &mails as &[Option<i64>],
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected())
    }

    /// Notes when the owners of these addresses logged in last, by logs of that span. Answers how many of them are known here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn see_logins(
        &mut self,
        rows: &[(String, DateTime<Utc>)],
        (first, last): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<u64, StoreError> {
        let addresses: Vec<String> = rows.iter().map(|(a, _)| a.clone()).collect();
        let at: Vec<DateTime<Utc>> = rows.iter().map(|(_, at)| *at).collect();
        let done = sqlx::query!(
            "update mailboxes m set last_login_at = greatest(m.last_login_at, s.at)
             from unnest($1::text[], $2::timestamptz[]) as s (address, at)
             where m.address = s.address and m.archived_at is null",
            &addresses,
            &at,
        )
        .execute(&mut *self.tx)
        .await?;
        sqlx::query!(
            "insert into mail_logs (first_at, last_at) values ($1, $2)
             on conflict on constraint mail_logs_pkey do update set
                 first_at = least(mail_logs.first_at, excluded.first_at), last_at = greatest(mail_logs.last_at, excluded.last_at)",
            first,
            last,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected())
    }

    /// Brings a mailbox back that was given up at that moment and not since, unless its address is something else by now. Answers whether it did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revive_mailbox(
        &mut self,
        id: Uuid,
        address: &str,
        given_up: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update mailboxes set archived_at = null, updated_at = $3,
                 server_id = coalesce((select s.id from mail_servers s where s.id = server_id and 'store' = any (s.roles)), mail_home()), revision = revision + 1
             where id = $1 and address = $2 and archived_at = $4
                 and not exists (select from aliases where address = $2 and archived_at is null)",
            id,
            address,
            self.now,
            given_up,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
