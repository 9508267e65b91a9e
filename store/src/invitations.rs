//! Invitations: logins that nobody has taken up yet.
//!
//! Several households may invite an address; it belongs to the first that it takes up.

use crate::{
    StoreError, Tx, View, new_id,
    users::{Household, customer_of},
};
use chrono::{DateTime, Utc};
use hostler_core::access::Role;
use uuid::Uuid;

/// An address that was invited.
#[derive(Debug, Clone)]
pub struct Invited {
    /// Address.
    pub email: String,
    /// When it was invited last.
    pub at: DateTime<Utc>,
    /// What became of the mail: `waiting`, `sent`, `failed` or `bounced`.
    pub state: String,
    /// What the mail server said to it.
    pub reply: Option<String>,
}

/// A login to be made.
#[derive(Debug, Clone)]
pub struct NewLogin<'n> {
    /// Address.
    pub email: &'n str,
    /// Name for people.
    pub name: &'n str,
    /// What it is for.
    pub role: Role,
    /// The customer that it belongs to.
    pub customer_id: Option<Uuid>,
    /// The reseller that it belongs to.
    pub reseller_id: Option<Uuid>,
    /// Language of its mails, `de` or `en`.
    pub lang: &'n str,
}

impl Tx {
    /// Makes a login that has no password yet, or finds the one that was invited to the same household before. Several
    /// households may invite an address; it belongs to the first that it takes up. `None` if it has a login already, here
    /// or elsewhere: which, is not for everybody to know.
    ///
    /// # Errors
    /// A refusal of the database if it would belong to somebody else.
    pub async fn invite_login(&mut self, new: &NewLogin<'_>) -> Result<Option<Uuid>, StoreError> {
        let taken = sqlx::query_scalar!(r#"select address_taken($1) as "taken!""#, new.email);
        if taken.fetch_one(&mut *self.tx).await? {
            return Ok(None);
        }
        let found = sqlx::query_scalar!(
            "update users set name = $2, role = $3, disabled_at = null where email = $1 and accepted_at is null
                 and customer_id is not distinct from $4 and reseller_id is not distinct from $5 returning id",
            new.email,
            new.name,
            new.role.as_str(),
            new.customer_id,
            new.reseller_id,
        )
        .fetch_optional(&mut *self.tx)
        .await?;
        if found.is_some() {
            return Ok(found);
        }
        let id = new_id(self.now);
        sqlx::query!(
            "insert into users (id, email, name, role, customer_id, reseller_id, lang, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            id,
            new.email,
            new.name,
            new.role.as_str(),
            new.customer_id,
            new.reseller_id,
            new.lang,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(Some(id))
    }

    /// Takes an invitation back: what waits is not sent, and the link leads nowhere.
    ///
    /// # Errors
    /// `NotFound` if that household has not invited the address, or it has come already.
    pub async fn withdraw_invitation(&mut self, household: Household, email: &str) -> Result<(), StoreError> {
        self.lock_household(household).await?;
        let done = sqlx::query!(
            "update outbox set withdrawn_at = $3 where kind = 'invite' and recipient = $2 and withdrawn_at is null
                 and customer_id is not distinct from $1
                 and not exists (select from users u where u.email = $2 and u.accepted_at is not null
                     and u.customer_id is not distinct from $1)",
            customer_of(household),
            email,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        sqlx::query!(
            "update users set disabled_at = $3 where email = $2 and accepted_at is null and customer_id is not distinct from $1",
            customer_of(household),
            email,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Invitations that a household sent since then: to this address, and to all. Nobody else of it invites until this
    /// unit of work is over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invitations_since(
        &mut self,
        household: Household,
        email: &str,
        since: DateTime<Utc>,
    ) -> Result<(i64, i64), StoreError> {
        self.lock_household(household).await?;
        let row = sqlx::query!(
            r#"select count(*) filter (where recipient = $2) as "same!", count(*) as "all!" from outbox
             where kind = 'invite' and customer_id is not distinct from $1 and created_at > $3"#,
            customer_of(household),
            email,
            since
        )
        .fetch_one(&mut *self.tx)
        .await?;
        Ok((row.same, row.all))
    }
}

impl View {
    /// Addresses that were invited to a household and have not come yet, with what became of the mail. They look the
    /// same whether or not the address has a login elsewhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invited(&mut self, household: Household) -> Result<Vec<Invited>, StoreError> {
        Ok(sqlx::query_as!(
            Invited,
            r#"select o.recipient as "email!", max(o.created_at) as "at!",
                 (array_agg(o.state order by o.created_at desc))[1] as "state!", (array_agg(o.reply order by o.created_at desc))[1] as reply
             from outbox o
             where o.kind = 'invite' and o.withdrawn_at is null and o.customer_id is not distinct from $1
                 and not exists (select from users u where (u.id = o.user_id or u.email = o.recipient) and u.accepted_at is not null
                     and u.customer_id is not distinct from $1)
             group by o.recipient order by 2 desc limit 200"#,
            customer_of(household),
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }
}
