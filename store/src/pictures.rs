//! Homepages as a browser shows them.

use crate::{StoreError, Tx, View};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A homepage of which a picture is to be taken.
#[derive(Debug, Clone)]
pub struct ToTake {
    /// Id.
    pub id: Uuid,
    /// Main name, A-labels.
    pub name: String,
    /// What was seen at the last look.
    pub seen: serde_json::Value,
}

impl View {
    /// A picture, and when it was taken.
    ///
    /// # Errors
    /// `NotFound` if there is none for this scope.
    pub async fn picture(&mut self, homepage: Uuid) -> Result<(DateTime<Utc>, Vec<u8>), StoreError> {
        let row = sqlx::query!(
            r#"select taken_at, png as "png!" from homepage_pictures where homepage_id = $1 and png is not null"#,
            homepage
        )
        .fetch_one(&mut *self.tx)
        .await?;
        Ok((row.taken_at, row.png))
    }

    /// When the picture was taken, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn picture_at(&mut self, homepage: Uuid) -> Result<Option<DateTime<Utc>>, StoreError> {
        let row = sqlx::query_scalar!(
            "select taken_at from homepage_pictures where homepage_id = $1 and png is not null",
            homepage
        );
        Ok(row.fetch_optional(&mut *self.tx).await?)
    }

    /// Homepages of these classes that have no picture, or one from before `older` or before they became what they are; of `ids`
    /// all, if those are named.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pictures_due(
        &mut self,
        classes: &[String],
        ids: Option<&[Uuid]>,
        older: DateTime<Utc>,
    ) -> Result<Vec<ToTake>, StoreError> {
        Ok(sqlx::query_as!(
            ToTake,
            r#"select h.id, h.name, l.seen from homepages h
                 left join homepage_pictures p on p.homepage_id = h.id
                 cross join lateral (select seen from looks l where l.homepage_id = h.id order by l.id desc limit 1) l
             where h.archived_at is null and h.class = any($1) and h.name not like '*%'
                 and case when $2::uuid[] is null then p.taken_at is null or p.taken_at < greatest($3, h.class_since) else h.id = any($2) end
             order by p.taken_at nulls first, h.name limit 2000"#,
            classes,
            ids,
            older
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }
}

impl Tx {
    /// Keeps a picture in place of the one before it, or that there is none. That of a homepage that is gone by now is kept nowhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_picture(&mut self, homepage: Uuid, png: Option<&[u8]>) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into homepage_pictures (homepage_id, taken_at, png) select h.id, $2, $3 from homepages h where h.id = $1
             on conflict on constraint homepage_pictures_pkey do update set taken_at = excluded.taken_at, png = excluded.png",
            homepage,
            self.now,
            png
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
