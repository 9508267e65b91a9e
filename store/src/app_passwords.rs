//! Passwords of devices, each for some ways to one mailbox. No query here gives a hash away.

use crate::{StoreError, Tx, View, new_id};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A device's password, without its hash.
#[derive(Debug, Clone)]
pub struct AppPasswordRow {
    /// Id.
    pub id: Uuid,
    /// The device.
    pub label: String,
    /// What it opens.
    pub protocols: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was used last, as far as the mail server said so.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl View {
    /// The passwords of a mailbox's devices that still open it, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn app_passwords(&mut self, mailbox: Uuid) -> Result<Vec<AppPasswordRow>, StoreError> {
        Ok(sqlx::query_as!(
            AppPasswordRow,
            "select id, label, protocols, created_at, last_used_at from app_passwords
             where mailbox_id = $1 and revoked_at is null order by created_at, id",
            mailbox,
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }
}

impl Tx {
    /// Adds the password of a device, if there are fewer than `most`.
    ///
    /// # Errors
    /// `NotFound` for the mailbox, `Constraint` with `app_passwords_most`.
    pub async fn add_app_password(
        &mut self,
        mailbox: Uuid,
        label: &str,
        hash: &str,
        protocols: &[String],
        most: usize,
    ) -> Result<Uuid, StoreError> {
        self.mailbox_revision(mailbox).await?;
        let n = sqlx::query_scalar!(
            r#"select count(*) as "n!" from app_passwords where mailbox_id = $1 and revoked_at is null"#,
            mailbox
        )
        .fetch_one(&mut *self.tx)
        .await?;
        if usize::try_from(n).is_ok_and(|n| n >= most) {
            return Err(StoreError::Constraint("app_passwords_most".to_owned()));
        }
        let id = new_id(self.now);
        sqlx::query!(
            "insert into app_passwords (id, mailbox_id, label, hash, protocols, created_at) values ($1, $2, $3, $4, $5, $6)",
            id,
            mailbox,
            label,
            hash,
            protocols,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(id)
    }

    /// Makes a device's password open nothing any more; answers its label.
    ///
    /// # Errors
    /// `NotFound` if the mailbox has no such password.
    pub async fn revoke_app_password(&mut self, mailbox: Uuid, id: Uuid) -> Result<String, StoreError> {
        Ok(sqlx::query_scalar!(
            "update app_passwords set revoked_at = $3 where id = $2 and mailbox_id = $1 and revoked_at is null returning label",
            mailbox,
            id,
            self.now,
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }
}
