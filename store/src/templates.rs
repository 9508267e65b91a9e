//! Templates of new zones, and making a zone.

use crate::{StoreError, Tx, View, new_id, zones::ZoneStats};
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
