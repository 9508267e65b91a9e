//! Views of lists that somebody keeps.

use crate::{Store, StoreError, Tx, new_id, tx::ensure_one};
use uuid::Uuid;

/// Views of one list that a login may keep.
pub const MOST_VIEWS: i64 = 50;

/// A kept view.
#[derive(Debug, Clone)]
pub struct SavedView {
    /// Id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The query of the list.
    pub query: String,
}

impl Store {
    /// The views of a list that a login keeps, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn saved_views(&self, user: Uuid, list: &str) -> Result<Vec<SavedView>, StoreError> {
        Ok(sqlx::query_as!(
            SavedView,
            "select id, name, query from saved_views where user_id = $1 and list = $2 order by name limit 50",
            user,
            list
        )
        .fetch_all(&self.pool)
        .await?)
    }
}

impl Tx {
    /// Keeps a view, in the place of one of that name; answers whether there was room for it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_view(&mut self, user: Uuid, list: &str, name: &str, query: &str) -> Result<bool, StoreError> {
        sqlx::query!("select id from users where id = $1 for no key update", user).fetch_one(&mut *self.tx).await?;
        let others = sqlx::query_scalar!(
            r#"select count(*) as "count!" from saved_views where user_id = $1 and list = $2 and name <> $3"#,
            user,
            list,
            name
        )
        .fetch_one(&mut *self.tx)
        .await?;
        if others >= MOST_VIEWS {
            return Ok(false);
        }
        sqlx::query!(
            "insert into saved_views (id, user_id, list, name, query, created_at) values ($1, $2, $3, $4, $5, $6)
             on conflict on constraint saved_views_key do update set query = excluded.query",
            new_id(self.now),
            user,
            list,
            name,
            query,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(true)
    }

    /// Forgets a view of a login.
    ///
    /// # Errors
    /// `NotFound` if it has none of that id.
    pub async fn forget_view(&mut self, user: Uuid, id: Uuid) -> Result<(), StoreError> {
        let done = sqlx::query!("delete from saved_views where user_id = $1 and id = $2", user, id)
            .execute(&mut *self.tx)
            .await?;
        ensure_one(done.rows_affected())
    }
}
