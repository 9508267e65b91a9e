//! Templates of new zones, and making a zone.

use crate::{StoreError, Tx, View, new_id, tx::ensure_one, zones::ZoneStats};
use hostler_core::dns::Record;
use uuid::Uuid;

/// A template.
#[derive(Debug, Clone)]
pub struct TemplateRow {
    /// Id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The text of a zone with variables.
    pub content: String,
    /// Changes with every edit.
    pub revision: i32,
}

impl View {
    /// All templates, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn zone_templates(&mut self) -> Result<Vec<TemplateRow>, StoreError> {
        Ok(sqlx::query_as!(
            TemplateRow,
            "select id, name, content, revision from zone_templates order by name limit 200"
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// Whether a domain of that name is somebody else's than this customer's, or was given up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domain_is_anothers(&mut self, name: &str, customer: Option<Uuid>) -> Result<bool, StoreError> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from domains where name = $1
                 and (customer_id is distinct from $2 or archived_at is not null)) as "there!""#,
            name,
            customer
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }

    /// The customer of that number.
    ///
    /// # Errors
    /// `NotFound` if there is none for this scope.
    pub async fn customer_by_number(&mut self, number: &str) -> Result<Uuid, StoreError> {
        Ok(sqlx::query_scalar!("select id from customers where number = $1 and archived_at is null", number)
            .fetch_one(&mut *self.tx)
            .await?)
    }
}

impl Tx {
    /// Adds a template.
    ///
    /// # Errors
    /// `zone_templates_name_key` if there is one of that name.
    pub async fn add_template(&mut self, name: &str, content: &str) -> Result<Uuid, StoreError> {
        let id = new_id(self.now);
        sqlx::query!(
            "insert into zone_templates (id, name, content, updated_at) values ($1, $2, $3, $4)",
            id,
            name,
            content,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(id)
    }

    /// Changes a template.
    ///
    /// # Errors
    /// `NotFound`, `Stale` if it was changed since `revision`, `zone_templates_name_key`.
    pub async fn update_template(
        &mut self,
        id: Uuid,
        revision: i32,
        name: &str,
        content: &str,
    ) -> Result<(), StoreError> {
        let current = sqlx::query_scalar!("select revision from zone_templates where id = $1 for update", id)
            .fetch_one(&mut *self.tx)
            .await?;
        if current != revision {
            return Err(StoreError::Stale);
        }
        sqlx::query!(
            "update zone_templates set name = $2, content = $3, revision = revision + 1, updated_at = $4
             where id = $1",
            id,
            name,
            content,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// A template as it is.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn template(&mut self, id: Uuid) -> Result<TemplateRow, StoreError> {
        Ok(sqlx::query_as!(
            TemplateRow,
            "select id, name, content, revision from zone_templates where id = $1 for update",
            id
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }

    /// Takes a template away.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn drop_template(&mut self, id: Uuid) -> Result<(), StoreError> {
        let done = sqlx::query!("delete from zone_templates where id = $1", id).execute(&mut *self.tx).await?;
        ensure_one(done.rows_affected())
    }

    /// Takes away a zone that was never published, and its domain if that was made with it and has nothing else.
    ///
    /// # Errors
    /// `NotFound` if there is none, or it was published.
    pub async fn drop_zone(&mut self, id: Uuid) -> Result<(), StoreError> {
        let gone = sqlx::query!(
            "delete from zones where id = $1 and published_number is null returning domain_id, created_at",
            id
        )
        .fetch_one(&mut *self.tx)
        .await?;
        sqlx::query!(
            "delete from domains d where d.id = $1 and d.created_at = $2
                 and not exists (select from zones z where z.domain_id = d.id)
                 and not exists (select from homepages h where h.domain_id = d.id)
                 and not exists (select from mailboxes m where m.domain_id = d.id)
                 and not exists (select from aliases a where a.domain_id = d.id)",
            gone.domain_id,
            gone.created_at
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Makes a zone that is not published, and its domain if there is none: the customer's, or nobody's.
    ///
    /// # Errors
    /// `zones_name_key` if there is a zone of that name; `NotFound` if its domain is another customer's.
    pub async fn create_zone(
        &mut self,
        (name, unicode): (&str, &str),
        customer: Option<Uuid>,
        records: &[Record],
        (errors, warnings): (i32, i32),
    ) -> Result<Uuid, StoreError> {
        sqlx::query!(
            "insert into domains (id, name, unicode, customer_id, customer_number, reseller_id, created_at, updated_at)
             values ($1, $2, $3, $4, (select number from customers where id = $4), (select reseller_id from customers where id = $4), $5, $5)
             on conflict on constraint domains_name_key do nothing",
            new_id(self.now),
            name,
            unicode,
            customer,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        let domain = sqlx::query_scalar!(
            "select id from domains where name = $1 and customer_id is not distinct from $2 and archived_at is null",
            name,
            customer
        )
        .fetch_one(&mut *self.tx)
        .await?;
        let id = new_id(self.now);
        sqlx::query!(
            "insert into zones (id, name, unicode, domain_id, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)",
            id,
            name,
            unicode,
            domain,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        let zones = vec![id; records.len()];
        self.insert_records(&zones, records).await?;
        let count = i32::try_from(records.len()).unwrap_or(i32::MAX);
        self.set_zone_stats(id, ZoneStats { errors, warnings, records: count, changed: true }).await?;
        Ok(id)
    }
}
