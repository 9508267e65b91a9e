//! From how many points on mail for a domain is spam.

use crate::{StoreError, Tx, View};
use uuid::Uuid;

/// What is set for a domain; none: as everywhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SpamRow {
    /// Marked from so many points on.
    pub mark_at: Option<i16>,
    /// Refused from so many points on.
    pub refuse_at: Option<i16>,
}

/// A domain with what is set for it.
#[derive(Debug, Clone)]
pub struct SpamDomain {
    /// The domain.
    pub name: String,
    /// Its customer.
    pub customer_id: Option<Uuid>,
    /// What is set.
    pub set: SpamRow,
}

impl View {
    /// What is set for a domain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn spam_level(&mut self, domain: Uuid) -> Result<SpamRow, StoreError> {
        let row = sqlx::query_as!(SpamRow, "select mark_at, refuse_at from spam_levels where domain_id = $1", domain);
        Ok(row.fetch_optional(&mut *self.tx).await?.unwrap_or_default())
    }
}

impl Tx {
    /// Sets it for a domain; answers the domain with what was set before.
    ///
    /// # Errors
    /// `NotFound` if there is no such domain for this scope.
    pub async fn set_spam_level(&mut self, domain: Uuid, set: SpamRow) -> Result<SpamDomain, StoreError> {
        let old = sqlx::query!(
            "select d.name, d.customer_id, s.mark_at as \"mark_at?\", s.refuse_at as \"refuse_at?\"
             from domains d left join spam_levels s on s.domain_id = d.id where d.id = $1",
            domain
        )
        .fetch_one(&mut *self.tx)
        .await?;
        sqlx::query!(
            "insert into spam_levels (domain_id, mark_at, refuse_at) values ($1, $2, $3)
             on conflict on constraint spam_levels_pkey do update set mark_at = excluded.mark_at, refuse_at = excluded.refuse_at",
            domain,
            set.mark_at,
            set.refuse_at,
        )
        .execute(&mut *self.tx)
        .await?;
        let before = SpamRow { mark_at: old.mark_at, refuse_at: old.refuse_at };
        Ok(SpamDomain { name: old.name, customer_id: old.customer_id, set: before })
    }
}
