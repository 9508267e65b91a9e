//! Tokens for automation.

use crate::{
    Store, StoreError, Tx, new_id,
    users::{Login, role},
};
use chrono::{DateTime, Duration, Utc};
use hostler_core::access::Action;
use uuid::Uuid;

/// Tokens of one login that work at a time.
pub const MOST_TOKENS: i64 = 100;

/// A token that works now. Only the store makes one.
#[derive(Debug, Clone)]
pub struct TokenLogin {
    id: Uuid,
    name: String,
    login: Login,
    actions: Vec<Action>,
    networks: Vec<String>,
    last_used_at: Option<DateTime<Utc>>,
}

impl TokenLogin {
    /// Whose rights it has at the most.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it was made for an action, and its owner still has it.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        self.actions.contains(&action) && self.login.role.may(action)
    }

    /// CIDR networks from which it works; empty: from everywhere.
    #[must_use]
    pub fn networks(&self) -> &[String] {
        &self.networks
    }
}

/// A token in the list of its owner.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// Id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// What it may do.
    pub actions: Vec<String>,
    /// From where it works.
    pub networks: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was used last.
    pub last_used_at: Option<DateTime<Utc>>,
    /// From where it was used last.
    pub last_address: Option<String>,
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken<'n> {
    /// SHA-256 of the token.
    pub hash: &'n [u8],
    /// Its name.
    pub name: &'n str,
    /// What it may do.
    pub actions: &'n [Action],
    /// From where it works.
    pub networks: &'n [String],
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl Store {
    /// The token of that hash, if it works now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn token(&self, hash: &[u8], now: DateTime<Utc>) -> Result<Option<TokenLogin>, StoreError> {
        let row = sqlx::query!(
            "select t.id, t.name, t.actions, t.networks, t.last_used_at,
                 u.id as user_id, u.email, u.name as user_name, u.role, u.customer_id, u.reseller_id
             from api_tokens t join users u on u.id = t.user_id
             where t.token_hash = $1 and t.expires_at > $2 and t.revoked_at is null and u.disabled_at is null",
            hash,
            now,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|r| {
            Ok(TokenLogin {
                id: r.id,
                name: r.name,
                login: Login {
                    id: r.user_id,
                    email: r.email,
                    name: r.user_name,
                    role: role(&r.role)?,
                    customer_id: r.customer_id,
                    reseller_id: r.reseller_id,
                },
                // An action that is no more cannot be done.
                actions: r.actions.iter().filter_map(|a| Action::parse(a)).collect(),
                networks: r.networks,
                last_used_at: r.last_used_at,
            })
        })
        .transpose()
    }

    /// Notes that a token was used, once a minute.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_token(&self, token: &TokenLogin, address: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        if token.last_used_at.is_some_and(|at| now - at < Duration::minutes(1)) {
            return Ok(());
        }
        sqlx::query!(
            "update api_tokens set last_used_at = $2, last_address = $3 where id = $1",
            token.id,
            now,
            address
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The tokens of a login that work or will be renewed soon: not revoked, and run out a month ago at the most. The newest
    /// first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tokens_of(&self, user: Uuid, now: DateTime<Utc>) -> Result<Vec<TokenRow>, StoreError> {
        Ok(sqlx::query_as!(
            TokenRow,
            "select id, name, actions, networks, created_at, expires_at, last_used_at, last_address from api_tokens
             where user_id = $1 and revoked_at is null and expires_at > $2::timestamptz - interval '1 month'
             order by created_at desc limit 200",
            user,
            now,
        )
        .fetch_all(&self.pool)
        .await?)
    }
}

impl Tx {
    /// Makes a token, unless the login has [`MOST_TOKENS`] that work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_token(&mut self, user: Uuid, new: &NewToken<'_>) -> Result<Option<Uuid>, StoreError> {
        let id = new_id(self.now);
        sqlx::query!("select id from users where id = $1 for no key update", user).fetch_one(&mut *self.tx).await?;
        let live = sqlx::query_scalar!(
            r#"select count(*) as "count!" from api_tokens where user_id = $1 and revoked_at is null and expires_at > $2"#,
            user,
            self.now
        )
        .fetch_one(&mut *self.tx)
        .await?;
        if live >= MOST_TOKENS {
            return Ok(None);
        }
        let actions: Vec<String> = new.actions.iter().map(|a| a.as_str().to_owned()).collect();
        sqlx::query!(
            "insert into api_tokens (id, token_hash, user_id, name, actions, networks, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            id,
            new.hash,
            user,
            new.name,
            &actions,
            new.networks,
            self.now,
            new.expires_at,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(Some(id))
    }

    /// Revokes a token of a login; answers its name.
    ///
    /// # Errors
    /// `NotFound` if it has none of that id.
    pub async fn revoke_token(&mut self, user: Uuid, id: Uuid) -> Result<String, StoreError> {
        Ok(sqlx::query_scalar!(
            "update api_tokens set revoked_at = $3 where user_id = $1 and id = $2 and revoked_at is null returning name",
            user,
            id,
            self.now
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }

    /// Revokes all tokens of a login: somebody else may have had its password.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_tokens(&mut self, user: Uuid) -> Result<(), StoreError> {
        sqlx::query!("update api_tokens set revoked_at = $2 where user_id = $1 and revoked_at is null", user, self.now)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
