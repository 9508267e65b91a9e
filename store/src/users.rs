//! Logins of the staff, their sessions, and the throttle of failed log-ins.

use crate::{Store, StoreError, new_id, tx::ensure_one};
use chrono::{DateTime, Duration, Utc};
use hostler_core::access::Role;
use uuid::Uuid;

/// A live session's user.
#[derive(Debug, Clone)]
pub struct Login {
    /// Id of the user.
    pub id: Uuid,
    /// Address, the login name.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub role: Role,
}

/// What a password is checked against.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Id of the user.
    pub id: Uuid,
    /// PHC string.
    pub password_hash: String,
}

fn role(text: &str) -> Result<Role, StoreError> {
    Role::parse(text).ok_or_else(|| StoreError::Inconsistent { table: "users", reason: format!("role {text}") })
}

impl Store {
    /// Makes a login.
    ///
    /// # Errors
    /// `users_email_key` if the address has one already.
    pub async fn create_user(
        &self,
        email: &str,
        name: &str,
        role: Role,
        password_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<Uuid, StoreError> {
        let id = new_id(now);
        sqlx::query!(
            "insert into users (id, email, name, role, password_hash, created_at) values ($1, $2, $3, $4, $5, $6)",
            id,
            email,
            name,
            role.as_str(),
            password_hash,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(id)
    }

    /// Sets another password and ends all sessions of that login.
    ///
    /// # Errors
    /// `NotFound` if there is no such login.
    pub async fn set_password(&self, email: &str, password_hash: &str) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let done = sqlx::query!("update users set password_hash = $2 where email = $1", email, password_hash)
            .execute(&mut *tx)
            .await?;
        ensure_one(done.rows_affected())?;
        sqlx::query!("delete from sessions where user_id = (select id from users where email = $1)", email)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Whether anybody can log in yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(r#"select exists(select from users) as "exists!""#).fetch_one(&self.pool).await?)
    }

    /// What to check a password against, for an address that may log in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials(&self, email: &str) -> Result<Option<Credentials>, StoreError> {
        Ok(sqlx::query_as!(
            Credentials,
            "select id, password_hash from users where email = $1 and disabled_at is null",
            email,
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Opens a session. `token_hash` is the SHA-256 of the cookie's token, which is stored nowhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_session(
        &self,
        token_hash: &[u8],
        user: Uuid,
        (address, agent): (&str, &str),
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let agent: String = agent.chars().filter(|c| !c.is_control()).take(200).collect();
        sqlx::query!(
            "insert into sessions (token_hash, user_id, created_at, last_seen_at, expires_at, address, agent)
             values ($1, $2, $3, $3, $4, $5, $6)",
            token_hash,
            user,
            now,
            expires_at,
            address,
            agent,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The user of a live session. A session that was idle for `idle` is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(
        &self,
        token_hash: &[u8],
        now: DateTime<Utc>,
        idle: Duration,
    ) -> Result<Option<Login>, StoreError> {
        let row = sqlx::query!(
            "select u.id, u.email, u.name, u.role, s.last_seen_at
             from sessions s join users u on u.id = s.user_id
             where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and u.disabled_at is null",
            token_hash,
            now,
            now - idle,
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        // A write on every page would cost more than the page; a minute is near enough for "last seen".
        if now - row.last_seen_at > Duration::minutes(1) {
            sqlx::query!("update sessions set last_seen_at = $2 where token_hash = $1", token_hash, now)
                .execute(&self.pool)
                .await?;
        }
        Ok(Some(Login { id: row.id, email: row.email, name: row.name, role: role(&row.role)? }))
    }

    /// Ends a session, and sweeps those that are over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn close_session(&self, token_hash: &[u8], now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query!("delete from sessions where token_hash = $1 or expires_at < $2", token_hash, now)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Failed log-ins of a key (an account from an address, or an address) and when the last one was.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn login_failures(&self, key: &str) -> Result<Option<(i32, DateTime<Utc>)>, StoreError> {
        let row = sqlx::query!("select failures, last_at from login_failures where key = $1", key)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|r| (r.failures, r.last_at)))
    }

    /// Counts a failed log-in; failures older than an hour are forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_login_failure(&self, key: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let hour_ago = now - Duration::hours(1);
        sqlx::query!("delete from login_failures where last_at < $1", hour_ago).execute(&self.pool).await?;
        sqlx::query!(
            "insert into login_failures (key, failures, last_at) values ($1, 1, $2)
             on conflict (key) do update set failures = login_failures.failures + 1, last_at = $2",
            key,
            now,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Takes back the one that was counted for a log-in that went well, or all of that key.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forgive_login_failure(&self, key: &str, all: bool) -> Result<(), StoreError> {
        sqlx::query!(
            "update login_failures set failures = case when $2 then 0 else greatest(failures - 1, 0) end where key = $1",
            key,
            all,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
