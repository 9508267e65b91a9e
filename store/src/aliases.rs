//! Aliases one by one, and their changes.

use crate::{StoreError, Tx, View, new_id};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// An alias.
#[derive(Debug, Clone)]
pub struct AliasRow {
    /// Id.
    pub id: Uuid,
    /// `local@domain` or `@domain`.
    pub address: String,
    /// Its domain, if it is here.
    pub domain_id: Option<Uuid>,
    /// The domain's customer.
    pub customer_id: Option<Uuid>,
    /// Where it leads.
    pub targets: Vec<String>,
    /// Changes with every edit.
    pub revision: i32,
}

impl View {
    /// One alias.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn alias(&mut self, id: Uuid) -> Result<AliasRow, StoreError> {
        Ok(sqlx::query_as!(
            AliasRow,
            r#"select a.id, a.address, a.domain_id, d.customer_id as "customer_id?", a.targets, a.revision
             from aliases a left join domains d on d.id = a.domain_id where a.id = $1 and a.archived_at is null"#,
            id,
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }
}

impl Tx {
    /// Makes an alias; one that was given up and had this address starts anew.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] with `mailboxes_address_key` if the address is a mailbox or an alias.
    pub async fn create_alias(&mut self, domain: Uuid, address: &str, targets: &[String]) -> Result<Uuid, StoreError> {
        let id = sqlx::query_scalar!(
            "insert into aliases (id, address, targets, domain_id, created_at, updated_at)
             select $1, $2, $3, $4, $5, $5 where not exists (select from mailboxes where address = $2 and archived_at is null)
             on conflict on constraint aliases_address_key do update set
                 targets = excluded.targets, domain_id = excluded.domain_id, updated_at = excluded.updated_at,
                 revision = aliases.revision + 1, archived_at = null
             where aliases.archived_at is not null
             returning id",
            new_id(self.now),
            address,
            targets,
            domain,
            self.now,
        )
        .fetch_optional(&mut *self.tx)
        .await?;
        id.ok_or_else(|| StoreError::Constraint("mailboxes_address_key".to_owned()))
    }

    async fn alias_revision(&mut self, id: Uuid) -> Result<i32, StoreError> {
        Ok(sqlx::query_scalar!("select revision from aliases where id = $1 and archived_at is null for update", id)
            .fetch_one(&mut *self.tx)
            .await?)
    }

    /// Gives an alias other targets.
    ///
    /// # Errors
    /// `NotFound`, `Stale` if it was changed since `revision`.
    pub async fn update_alias(&mut self, id: Uuid, revision: i32, targets: &[String]) -> Result<(), StoreError> {
        if self.alias_revision(id).await? != revision {
            return Err(StoreError::Stale);
        }
        sqlx::query!(
            "update aliases set targets = $2, updated_at = $3, revision = revision + 1 where id = $1",
            id,
            targets,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Gives an alias up.
    ///
    /// # Errors
    /// `NotFound`, `Stale`.
    pub async fn archive_alias(&mut self, id: Uuid, revision: i32) -> Result<(), StoreError> {
        if self.alias_revision(id).await? != revision {
            return Err(StoreError::Stale);
        }
        sqlx::query!(
            "update aliases set archived_at = $2, updated_at = $2, revision = revision + 1 where id = $1",
            id,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Brings an alias back that was given up at that moment and not since, unless its address is something else by now. Answers whether it did.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revive_alias(&mut self, id: Uuid, address: &str, given_up: DateTime<Utc>) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "update aliases set archived_at = null, updated_at = $3, revision = revision + 1
             where id = $1 and address = $2 and archived_at = $4
                 and not exists (select from mailboxes where address = $2 and archived_at is null)",
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
