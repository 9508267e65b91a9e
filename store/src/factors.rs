//! Second factors: time-based codes, recovery codes, passkeys.

use crate::{Store, StoreError, Tx, new_id, tx::ensure_one};
use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

/// What a login has set up.
#[derive(Debug, Clone, Default)]
pub struct Factors {
    /// Base32 secret of the time-based codes.
    pub totp_secret: Option<String>,
    /// Recovery codes that were not used yet.
    pub recovery_left: i64,
    /// Passkeys.
    pub passkeys: Vec<PasskeyRow>,
}

impl Factors {
    /// Whether there is any.
    #[must_use]
    pub fn any(&self) -> bool {
        self.totp_secret.is_some() || !self.passkeys.is_empty()
    }
}

/// A passkey.
#[derive(Debug, Clone)]
pub struct PasskeyRow {
    /// Id here.
    pub id: Uuid,
    /// Name that its owner gave it.
    pub name: String,
    /// The credential as the library keeps it.
    pub credential: Value,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
    /// When it was used last.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Store {
    /// What a login has set up.
    ///
    /// # Errors
    /// `NotFound` if there is no such login.
    pub async fn factors(&self, user: Uuid) -> Result<Factors, StoreError> {
        let row = sqlx::query!(
            r#"select totp_secret, (select count(*) from recovery_codes r where r.user_id = users.id and used_at is null) as "left!"
             from users where id = $1"#,
            user,
        )
        .fetch_one(&self.pool)
        .await?;
        let passkeys = sqlx::query_as!(
            PasskeyRow,
            "select id, name, credential, created_at, last_used_at from passkeys where user_id = $1 order by created_at",
            user,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(Factors { totp_secret: row.totp_secret, recovery_left: row.left, passkeys })
    }
}

impl Tx {
    /// Sets up or takes away the time-based codes. The step of the code that confirmed them is used up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_totp(&mut self, user: Uuid, secret: Option<&str>, step: i64) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "update users set totp_secret = $2, totp_step = $3, revision = revision + 1 where id = $1",
            user,
            secret,
            step
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(done.rows_affected())
    }

    /// Uses a time step up: answers whether it was not used before (RFC 6238 §5.2).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_totp_step(&mut self, user: Uuid, step: i64) -> Result<bool, StoreError> {
        let done = sqlx::query!("update users set totp_step = $2 where id = $1 and totp_step < $2", user, step)
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// New recovery codes in the place of the old ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replace_recovery_codes(&mut self, user: Uuid, hashes: &[Vec<u8>]) -> Result<(), StoreError> {
        sqlx::query!("delete from recovery_codes where user_id = $1", user).execute(&mut *self.tx).await?;
        sqlx::query!("insert into recovery_codes (user_id, code_hash) select $1, unnest($2::bytea[])", user, hashes)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Uses a recovery code up: answers whether it was good.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn use_recovery_code(&mut self, user: Uuid, hash: &[u8]) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update recovery_codes set used_at = $3 where user_id = $1 and code_hash = $2 and used_at is null",
            user,
            hash,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Adds a passkey.
    ///
    /// # Errors
    /// `passkeys_credential_id_key` if it is known already, whoever's it is.
    pub async fn add_passkey(
        &mut self,
        user: Uuid,
        credential_id: &[u8],
        name: &str,
        credential: &Value,
    ) -> Result<Uuid, StoreError> {
        let id = new_id(self.now);
        sqlx::query!(
            "insert into passkeys (id, user_id, credential_id, name, credential, created_at) values ($1, $2, $3, $4, $5, $6)",
            id,
            user,
            credential_id,
            name,
            credential,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        self.factors_changed(user).await?;
        Ok(id)
    }

    /// Links that were mailed before a change of factors no longer work.
    async fn factors_changed(&mut self, user: Uuid) -> Result<(), StoreError> {
        sqlx::query!("update users set revision = revision + 1 where id = $1", user).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Takes all second factors of a login away, for somebody who lost them: its sessions end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clear_factors(&mut self, user: Uuid) -> Result<(), StoreError> {
        sqlx::query!("delete from passkeys where user_id = $1", user).execute(&mut *self.tx).await?;
        sqlx::query!("delete from recovery_codes where user_id = $1", user).execute(&mut *self.tx).await?;
        self.set_totp(user, None, 0).await?;
        self.end_sessions(user, None).await
    }

    /// Locks a passkey of a login by the authenticator's id for it.
    ///
    /// # Errors
    /// `NotFound` if it has none, or no longer.
    pub async fn lock_passkey(&mut self, user: Uuid, credential_id: &[u8]) -> Result<(Uuid, Value), StoreError> {
        let row = sqlx::query!(
            "select id, credential from passkeys where user_id = $1 and credential_id = $2 for update",
            user,
            credential_id
        )
        .fetch_one(&mut *self.tx)
        .await?;
        Ok((row.id, row.credential))
    }

    /// Notes that a passkey was used, with its new counter.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn touch_passkey(&mut self, id: Uuid, credential: &Value) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "update passkeys set credential = $2, last_used_at = $3 where id = $1",
            id,
            credential,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(done.rows_affected())
    }

    /// Takes a passkey of a login away; answers its name.
    ///
    /// # Errors
    /// `NotFound` if it has none of that id.
    pub async fn remove_passkey(&mut self, user: Uuid, id: Uuid) -> Result<String, StoreError> {
        let name = sqlx::query_scalar!("delete from passkeys where user_id = $1 and id = $2 returning name", user, id)
            .fetch_one(&mut *self.tx)
            .await?;
        self.factors_changed(user).await?;
        Ok(name)
    }
}
