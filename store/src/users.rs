//! Logins: who may come in, as whom.

use crate::{Reach, Store, StoreError, Tx, View, new_id, tx::ensure_one};
use chrono::{DateTime, Utc};
use hostler_core::access::{Role, Side};
use uuid::Uuid;

/// Somebody who is known here. Only the store makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Login {
    /// Id of the user.
    pub id: Uuid,
    /// Address, the login name.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The customer that it belongs to.
    pub customer_id: Option<Uuid>,
    /// The reseller that it belongs to.
    pub reseller_id: Option<Uuid>,
}

impl Login {
    /// Which rows there are for it.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match (self.role.side(), self.customer_id, self.reseller_id) {
            (Side::Staff, None, None) => Reach::Everything,
            (Side::Reseller, None, Some(id)) => Reach::Reseller(id),
            (Side::Customer, Some(id), None) => Reach::Customer(id),
            // A constraint keeps such rows out; should one be there, it sees nothing.
            _ => Reach::Nothing,
        }
    }
}

/// Nobody would be left who manages the household's logins.
pub const LAST_MANAGER: &str = "users_last_manager";

/// What a password is checked against.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Id of the user.
    pub id: Uuid,
    /// What it is for.
    pub role: Role,
    /// PHC string; none before an invitation was taken up.
    pub password_hash: Option<String>,
    /// Whether a second factor is set up.
    pub second_factor: bool,
}

/// A login in a list.
#[derive(Debug, Clone)]
pub struct LoginRow {
    /// Id.
    pub id: Uuid,
    /// Address.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was switched off.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was used last.
    pub last_login_at: Option<DateTime<Utc>>,
    /// Changes with every edit.
    pub revision: i32,
}

struct RawLogin {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    created_at: DateTime<Utc>,
    disabled_at: Option<DateTime<Utc>>,
    last_login_at: Option<DateTime<Utc>>,
    revision: i32,
}

impl TryFrom<RawLogin> for LoginRow {
    type Error = StoreError;

    fn try_from(raw: RawLogin) -> Result<Self, StoreError> {
        Ok(Self {
            id: raw.id,
            email: raw.email,
            name: raw.name,
            role: role(&raw.role)?,
            created_at: raw.created_at,
            disabled_at: raw.disabled_at,
            last_login_at: raw.last_login_at,
            revision: raw.revision,
        })
    }
}

/// Whose logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Household {
    /// The provider's own, and its resellers'.
    House,
    /// A customer's.
    Customer(Uuid),
}

pub(crate) fn role(text: &str) -> Result<Role, StoreError> {
    Role::parse(text).ok_or_else(|| StoreError::Inconsistent { table: "users", reason: format!("role {text}") })
}

impl Store {
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
        let row = sqlx::query!(
            r#"select id, role, password_hash,
                 totp_secret is not null or exists (select from passkeys p where p.user_id = users.id) as "second!"
             from users where email = $1 and disabled_at is null and accepted_at is not null"#,
            email,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|r| {
            Ok(Credentials { id: r.id, role: role(&r.role)?, password_hash: r.password_hash, second_factor: r.second })
        })
        .transpose()
    }

    /// Id and language of a login that is not switched off. One that was only invited is none yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_user(&self, email: &str) -> Result<Option<(Uuid, String)>, StoreError> {
        let row = sqlx::query!(
            "select id, lang from users where email = $1 and disabled_at is null and accepted_at is not null",
            email
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|r| (r.id, r.lang)))
    }

    /// The login of that id, if it is not switched off.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn login(&self, id: Uuid) -> Result<Option<Login>, StoreError> {
        let row = sqlx::query!(
            "select id, email, name, role, customer_id, reseller_id from users where id = $1 and disabled_at is null",
            id
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|r| {
            Ok(Login {
                id: r.id,
                email: r.email,
                name: r.name,
                role: role(&r.role)?,
                customer_id: r.customer_id,
                reseller_id: r.reseller_id,
            })
        })
        .transpose()
    }

    /// A password's hash with newer parameters. It is the same password, so sessions go on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew_hash(&self, user: Uuid, old: &str, new: &str) -> Result<(), StoreError> {
        sqlx::query!("update users set password_hash = $3 where id = $1 and password_hash = $2", user, old, new)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

impl Tx {
    /// Makes a login of the staff with a password: the first one, from the command line.
    ///
    /// # Errors
    /// `users_email_key` if the address has one already.
    pub async fn create_user(
        &mut self,
        email: &str,
        name: &str,
        role: Role,
        password_hash: &str,
    ) -> Result<Uuid, StoreError> {
        let id = new_id(self.now);
        sqlx::query!(
            "insert into users (id, email, name, role, password_hash, created_at, accepted_at) values ($1, $2, $3, $4, $5, $6, $6)",
            id,
            email,
            name,
            role.as_str(),
            password_hash,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(id)
    }

    /// Sets the language in which a login gets its mails, `de` or `en`.
    ///
    /// # Errors
    /// `NotFound` if there is none of that id.
    pub async fn set_mail_language(&mut self, user: Uuid, lang: &str) -> Result<(), StoreError> {
        let done = sqlx::query!("update users set lang = $2 where id = $1", user, lang).execute(&mut *self.tx).await?;
        ensure_one(done.rows_affected())
    }

    /// Sets another password. All sessions of that login end but `keep`, and so do links that were mailed before. It
    /// takes an invitation up.
    ///
    /// # Errors
    /// `NotFound` if there is no such login, `users_email_key` if the address has one by now.
    pub async fn set_password(&mut self, user: Uuid, hash: &str, keep: Option<Uuid>) -> Result<(), StoreError> {
        let done =
            sqlx::query!("update users set password_hash = $2, accepted_at = coalesce(accepted_at, $3), revision = revision + 1 where id = $1", user, hash, self.now)
                .execute(&mut *self.tx)
                .await?;
        ensure_one(done.rows_affected())?;
        self.end_sessions(user, keep).await
    }

    /// Changes name and role. All its sessions end if the role changes.
    ///
    /// # Errors
    /// `NotFound`, or `Stale` if it was changed since `revision`.
    pub async fn update_login(
        &mut self,
        id: Uuid,
        revision: i32,
        name: &str,
        role: Role,
        household: Household,
    ) -> Result<(), StoreError> {
        let customer = customer_of(household);
        self.lock_household(household).await?;
        let current = sqlx::query!(
            "select role, revision from users where id = $1 and customer_id is not distinct from $2 for update",
            id,
            customer
        )
        .fetch_one(&mut *self.tx)
        .await?;
        if current.revision != revision {
            return Err(StoreError::Stale);
        }
        sqlx::query!(
            "update users set name = $2, role = $3, revision = revision + 1 where id = $1",
            id,
            name,
            role.as_str()
        )
        .execute(&mut *self.tx)
        .await?;
        if current.role != role.as_str() {
            self.end_sessions(id, None).await?;
            self.ensure_manager(household, &current.role).await?;
        }
        Ok(())
    }

    /// Switches a login off, which ends its sessions and makes its tokens rest, or on again.
    ///
    /// # Errors
    /// `NotFound` if there is none in that household.
    pub async fn switch_login(&mut self, id: Uuid, on: bool, household: Household) -> Result<(), StoreError> {
        self.lock_household(household).await?;
        let old = sqlx::query_scalar!(
            "select role from users where id = $1 and customer_id is not distinct from $2",
            id,
            customer_of(household)
        )
        .fetch_one(&mut *self.tx)
        .await?;
        let done = sqlx::query!(
            "update users set disabled_at = case when $2 then null else $3::timestamptz end, revision = revision + 1
             where id = $1 and customer_id is not distinct from $4",
            id,
            on,
            self.now,
            customer_of(household),
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(done.rows_affected())?;
        if !on {
            self.end_sessions(id, None).await?;
            self.ensure_manager(household, &old).await?;
        }
        Ok(())
    }

    /// Two who change each other at once come one after the other, so that the second sees what the first did.
    pub(crate) async fn lock_household(&mut self, household: Household) -> Result<(), StoreError> {
        let key = customer_of(household).map_or_else(|| "house".to_owned(), |id| id.to_string());
        sqlx::query!("select pg_advisory_xact_lock(7203, hashtext($1))", key).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Whoever manages a household's logins, one of them stays, as far as that household decides itself: the provider
    /// may switch off a customer's only owner, whose login somebody else has got hold of.
    async fn ensure_manager(&mut self, household: Household, taken_from: &str) -> Result<(), StoreError> {
        let manager = match household {
            Household::House => "admin",
            Household::Customer(id) if self.scope.reach() != Reach::Customer(id) => return Ok(()),
            Household::Customer(_) => "owner",
        };
        if taken_from != manager {
            return Ok(());
        }
        let left = sqlx::query_scalar!(
            r#"select exists (select from users where role = $1 and customer_id is not distinct from $2
                 and disabled_at is null and accepted_at is not null) as "left!""#,
            manager,
            customer_of(household)
        )
        .fetch_one(&mut *self.tx)
        .await?;
        if left { Ok(()) } else { Err(StoreError::Constraint(LAST_MANAGER.to_owned())) }
    }
}

pub(crate) fn customer_of(household: Household) -> Option<Uuid> {
    match household {
        Household::House => None,
        Household::Customer(id) => Some(id),
    }
}

impl View {
    /// The logins of a household, by role and name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn logins(&mut self, household: Household) -> Result<Vec<LoginRow>, StoreError> {
        let rows = sqlx::query_as!(
            RawLogin,
            "select id, email, name, role, created_at, disabled_at, last_login_at, revision from users
             where customer_id is not distinct from $1 and accepted_at is not null order by role, name, email",
            customer_of(household),
        )
        .fetch_all(&mut *self.tx)
        .await?;
        rows.into_iter().map(LoginRow::try_from).collect()
    }

    /// One login of a household.
    ///
    /// # Errors
    /// `NotFound` if there is none for this scope.
    pub async fn login_in(&mut self, id: Uuid, household: Household) -> Result<LoginRow, StoreError> {
        sqlx::query_as!(
            RawLogin,
            "select id, email, name, role, created_at, disabled_at, last_login_at, revision from users
             where id = $2 and customer_id is not distinct from $1 and accepted_at is not null",
            customer_of(household),
            id,
        )
        .fetch_one(&mut *self.tx)
        .await?
        .try_into()
    }

    /// Id of the reseller of that number.
    ///
    /// # Errors
    /// `NotFound` if there is none for this scope.
    pub async fn reseller_id(&mut self, number: &str) -> Result<Uuid, StoreError> {
        Ok(sqlx::query_scalar!("select id from resellers where number = $1", number).fetch_one(&mut *self.tx).await?)
    }
}
