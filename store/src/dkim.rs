//! Keys with which the mail of a domain is signed. Only what renders a signer's files reads their secret halves.

use crate::{StoreError, Tx, View, new_id, tx::ensure_one};
use chrono::{DateTime, Utc};
use hostler_core::mail::dkim::{Algorithm, PublicKey, Selector, State};
use uuid::Uuid;

/// A key, without its secret half.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// Id.
    pub id: Uuid,
    /// Whose mail.
    pub domain_id: Uuid,
    /// The domain's name.
    pub domain: String,
    /// The domain's customer.
    pub customer_id: Option<Uuid>,
    /// Its name.
    pub selector: String,
    /// What signs.
    pub algorithm: String,
    /// What its record gives.
    pub public_key: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When its record was first answered.
    pub seen_at: Option<DateTime<Utc>>,
    /// When it began to sign.
    pub signing_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub retiring_at: Option<DateTime<Utc>>,
    /// When its record could go.
    pub retired_at: Option<DateTime<Utc>>,
}

impl KeyRow {
    /// How far it is.
    #[must_use]
    pub fn state(&self) -> State {
        match (self.retired_at, self.retiring_at, self.signing_at) {
            (Some(_), ..) => State::Retired,
            (None, Some(_), _) => State::Retiring,
            (None, None, Some(_)) => State::Signing,
            (None, None, None) => State::Waiting,
        }
    }

    /// What everybody may know of it.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if the database holds what was never let in.
    pub fn public(&self) -> Result<PublicKey, StoreError> {
        let broken = |reason: &str| StoreError::Inconsistent { table: "dkim_keys", reason: reason.to_owned() };
        Ok(PublicKey {
            selector: Selector::parse(&self.selector).map_err(broken)?,
            algorithm: Algorithm::parse(&self.algorithm).ok_or_else(|| broken(&self.algorithm))?,
            data: self.public_key.clone(),
        })
    }
}

/// Keys with what follows the names of the tables.
macro_rules! keys {
    ($rest:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            KeyRow,
            "select k.id, k.domain_id, d.name as domain, d.customer_id, k.selector, k.algorithm, k.public_key, k.created_at, k.seen_at,
                 k.signing_at, k.retiring_at, k.retired_at
             from dkim_keys k join domains d on d.id = k.domain_id " + $rest
            $(, $value)*
        )
    };
}

impl View {
    /// The keys of a domain: those that sign first, then by age.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dkim_keys(&mut self, domain: Uuid) -> Result<Vec<KeyRow>, StoreError> {
        Ok(keys!(
            "where k.domain_id = $1
             order by k.retired_at is not null, k.created_at desc, k.algorithm desc, k.selector",
            domain
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// One key.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn dkim_key(&mut self, id: Uuid) -> Result<KeyRow, StoreError> {
        Ok(keys!("where k.id = $1", id).fetch_one(&mut *self.tx).await?)
    }

    /// Keys that may have come a step further by themselves, the oldest first: those that wait for their record, unless a newer
    /// one of their kind signs already or they were made before `asked_since` and never seen, and those that signed last before
    /// `ended_before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dkim_open(
        &mut self,
        asked_since: DateTime<Utc>,
        ended_before: DateTime<Utc>,
    ) -> Result<Vec<KeyRow>, StoreError> {
        Ok(keys!(
            "where k.retired_at is null and d.archived_at is null and (k.retiring_at <= $2 or k.signing_at is null
                 and (k.seen_at is not null or k.created_at > $1)
                 and not exists (select from dkim_keys n where n.domain_id = k.domain_id
                     and n.algorithm = k.algorithm and n.signing_at is not null and n.created_at > k.created_at))
             order by k.created_at, k.id",
            asked_since,
            ended_before
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }
}

/// A key as it was made.
#[derive(Debug)]
pub struct NewKey<'k> {
    /// Whose mail.
    pub domain: Uuid,
    /// Its two halves.
    pub public: &'k PublicKey,
    /// Its secret half, as the signer reads it.
    pub private: &'k str,
}

impl Tx {
    /// Adds a key.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] with `dkim_keys_selector_key` if the domain has, or had, one of that name.
    pub async fn add_dkim_key(&mut self, key: NewKey<'_>) -> Result<Uuid, StoreError> {
        let id = new_id(self.now);
        sqlx::query!(
            "insert into dkim_keys (id, domain_id, selector, algorithm, public_key, private_key, created_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            id,
            key.domain,
            key.public.selector.as_str(),
            key.public.algorithm.as_str(),
            key.public.data,
            key.private,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(id)
    }

    /// Takes the domain's keys for this unit of work alone, so that two of them never judge the same ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_dkim_keys(&mut self, domain: Uuid) -> Result<(), StoreError> {
        self.hold(&[domain], 6).await
    }

    /// As [`View::dkim_keys`], within this unit of work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dkim_keys_of(&mut self, domain: Uuid) -> Result<Vec<KeyRow>, StoreError> {
        Ok(keys!("where k.domain_id = $1", domain).fetch_all(&mut *self.tx).await?)
    }

    /// Name and customer of a domain.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn dkim_domain(&mut self, domain: Uuid) -> Result<(String, Option<Uuid>), StoreError> {
        let row = sqlx::query!("select name, customer_id from domains where id = $1 and archived_at is null", domain)
            .fetch_one(&mut *self.tx)
            .await?;
        Ok((row.name, row.customer_id))
    }

    /// Notes that the record of a waiting key was answered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dkim_seen(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!(
            "update dkim_keys set seen_at = $2 where id = $1 and seen_at is null and signing_at is null",
            id,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Notes that the record of a waiting key is gone again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dkim_unseen(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!("update dkim_keys set seen_at = null where id = $1 and signing_at is null", id)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// A waiting key signs from now on; those of its kind that did are on their way out. Answers their names.
    ///
    /// # Errors
    /// `NotFound` if it does not wait any more.
    pub async fn dkim_sign(&mut self, id: Uuid) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query!(
            "update dkim_keys set signing_at = $2 where id = $1 and signing_at is null and retiring_at is null",
            id,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(rows.rows_affected())?;
        Ok(sqlx::query_scalar!(
            "update dkim_keys k set retiring_at = $2 from dkim_keys n
             where n.id = $1 and k.domain_id = n.domain_id and k.algorithm = n.algorithm and k.id <> n.id
                 and k.signing_at is not null and k.retiring_at is null
             returning k.selector",
            id,
            self.now
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// A key that signs does so no longer.
    ///
    /// # Errors
    /// `NotFound` if it does not sign.
    pub async fn dkim_retire(&mut self, id: Uuid) -> Result<(), StoreError> {
        let rows = sqlx::query!(
            "update dkim_keys set retiring_at = $2 where id = $1 and signing_at is not null and retiring_at is null",
            id,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(rows.rows_affected())
    }

    /// A key on its way out is over, and its secret half gone.
    ///
    /// # Errors
    /// `NotFound` if it was not on its way out.
    pub async fn dkim_end(&mut self, id: Uuid) -> Result<(), StoreError> {
        let rows = sqlx::query!(
            "update dkim_keys set retired_at = $2, private_key = null
             where id = $1 and retiring_at is not null and retired_at is null",
            id,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(rows.rows_affected())
    }

    /// Removes a key that has never signed.
    ///
    /// # Errors
    /// `NotFound` if it has, or is not there.
    pub async fn dkim_drop(&mut self, id: Uuid) -> Result<(), StoreError> {
        let rows = sqlx::query!("delete from dkim_keys where id = $1 and signing_at is null", id)
            .execute(&mut *self.tx)
            .await?;
        ensure_one(rows.rows_affected())
    }
}
