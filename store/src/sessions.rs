//! Sessions: opaque tokens in a cookie, of which only the hash is kept.

use crate::{
    Store, StoreError, Tx,
    users::{Login, role},
};
use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use uuid::Uuid;

/// What a session still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Full,
    /// The second factor.
    Second,
    /// A second factor has to be set up first.
    Enrol,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Second => "second",
            Self::Enrol => "enrol",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        [Self::Full, Self::Second, Self::Enrol]
            .into_iter()
            .find(|s| s.as_str() == text)
            .ok_or_else(|| StoreError::Inconsistent { table: "sessions", reason: format!("state {text}") })
    }
}

/// A customer with whose eyes somebody looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The customer.
    pub customer_id: Uuid,
    /// Its number.
    pub number: String,
    /// Its name for people.
    pub company: String,
    /// Whether changes are allowed.
    pub writes: bool,
}

/// A live session. Only the store makes one.
#[derive(Debug, Clone)]
pub struct Session {
    pub(crate) id: Uuid,
    pub(crate) login: Login,
    pub(crate) state: State,
    pub(crate) acting: Option<Acting>,
    pub(crate) pending: Option<Value>,
}

impl Session {
    /// Id: not the token.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Whose.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// What it lacks.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// With whose eyes it looks.
    #[must_use]
    pub fn acting(&self) -> Option<&Acting> {
        self.acting.as_ref()
    }

    /// What it waits for: an unconfirmed secret or a challenge.
    #[must_use]
    pub fn pending(&self) -> Option<&Value> {
        self.pending.as_ref()
    }
}

/// A session in the list of its owner.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Id.
    pub id: Uuid,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was used last.
    pub last_seen_at: DateTime<Utc>,
    /// From where it was opened.
    pub address: String,
    /// The browser's name for itself.
    pub agent: String,
}

impl Store {
    /// Opens a session. `token_hash` is the SHA-256 of the cookie's token, which is stored nowhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_session(
        &self,
        token_hash: &[u8],
        (user, state): (Uuid, State),
        (address, agent): (&str, &str),
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let agent: String = agent.chars().filter(|c| !c.is_control()).take(200).collect();
        sqlx::query!(
            "with opened as (
                 insert into sessions (token_hash, user_id, created_at, last_seen_at, expires_at, address, agent, state)
                 values ($1, $2, $3, $3, $4, $5, $6, $7))
             update users set last_login_at = $3 where id = $2 and $7 = 'full'",
            token_hash,
            user,
            now,
            expires_at,
            address,
            agent,
            state.as_str(),
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A live session. One that was idle for `idle` is over; one that waits for a second factor after ten minutes.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(
        &self,
        token_hash: &[u8],
        now: DateTime<Utc>,
        idle: Duration,
    ) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query!(
            r#"select u.id, u.email, u.name, u.role, u.customer_id, u.reseller_id,
                 s.id as session, s.state, s.last_seen_at, s.acting_writes, s.pending, c.id as "acting?", c.number as "number?",
                 c.company as "company?"
             from sessions s join users u on u.id = s.user_id 
                 -- A reseller that lost the customer meanwhile no longer looks with its eyes.
                 left join customers c on c.id = s.acting_customer_id and (u.reseller_id is null or c.reseller_id = u.reseller_id)
             where s.token_hash = $1 and s.expires_at > $2 and s.last_seen_at > $3 and u.disabled_at is null
                 and (s.state <> 'second' or s.created_at > $4)"#,
            token_hash,
            now,
            now - idle,
            now - Duration::minutes(10),
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        // A write on every page would cost more than the page; a minute is near enough for "last seen".
        if now.signed_duration_since(row.last_seen_at) > Duration::minutes(1) {
            sqlx::query!("update sessions set last_seen_at = $2 where token_hash = $1", token_hash, now)
                .execute(&self.pool)
                .await?;
        }
        let login = Login {
            id: row.id,
            email: row.email,
            name: row.name,
            role: role(&row.role)?,
            customer_id: row.customer_id,
            reseller_id: row.reseller_id,
        };
        let acting = match (row.acting, row.number) {
            (Some(customer_id), Some(number)) => {
                let company = row.company.filter(|c| !c.is_empty()).unwrap_or_else(|| number.clone());
                Some(Acting { customer_id, number, company, writes: row.acting_writes })
            }
            _ => None,
        };
        Ok(Some(Session { id: row.session, login, state: State::parse(&row.state)?, acting, pending: row.pending }))
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

    /// The full sessions of a login that are not over, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions_of(&self, user: Uuid, now: DateTime<Utc>) -> Result<Vec<SessionRow>, StoreError> {
        Ok(sqlx::query_as!(
            SessionRow,
            "select id, created_at, last_seen_at, address, agent from sessions
             where user_id = $1 and expires_at > $2 and state = 'full' order by last_seen_at desc limit 100",
            user,
            now,
        )
        .fetch_all(&self.pool)
        .await?)
    }
}

impl Tx {
    /// Ends all sessions of a login but `keep`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_sessions(&mut self, user: Uuid, keep: Option<Uuid>) -> Result<(), StoreError> {
        sqlx::query!("delete from sessions where user_id = $1 and id is distinct from $2", user, keep)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Ends one session of a login.
    ///
    /// # Errors
    /// `NotFound` if it has none of that id.
    pub async fn end_session(&mut self, user: Uuid, id: Uuid) -> Result<(), StoreError> {
        let done = sqlx::query!("delete from sessions where user_id = $1 and id = $2", user, id)
            .execute(&mut *self.tx)
            .await?;
        crate::tx::ensure_one(done.rows_affected())
    }

    /// The session goes on under another token, which what was known of it before does not open, in another state.
    ///
    /// # Errors
    /// `NotFound` if it ended meanwhile.
    pub async fn promote_session(&mut self, id: Uuid, token_hash: &[u8], state: State) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "with promoted as (
                 update sessions set token_hash = $2, state = $3, pending = null where id = $1 returning user_id)
             update users set last_login_at = $4 where id = (select user_id from promoted)",
            id,
            token_hash,
            state.as_str(),
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        crate::tx::ensure_one(done.rows_affected())
    }

    /// Keeps what the session waits for.
    ///
    /// # Errors
    /// `NotFound` if it ended meanwhile.
    pub async fn set_pending(&mut self, id: Uuid, pending: Option<&Value>) -> Result<(), StoreError> {
        let done =
            sqlx::query!("update sessions set pending = $2 where id = $1", id, pending).execute(&mut *self.tx).await?;
        crate::tx::ensure_one(done.rows_affected())
    }

    /// From now on the session looks with a customer's eyes, or with its own again.
    ///
    /// # Errors
    /// `NotFound` if it ended meanwhile.
    pub async fn act_for(&mut self, id: Uuid, customer: Option<Uuid>, writes: bool) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "update sessions set acting_customer_id = $2, acting_writes = $3 where id = $1",
            id,
            customer,
            writes
        )
        .execute(&mut *self.tx)
        .await?;
        crate::tx::ensure_one(done.rows_affected())
    }
}
