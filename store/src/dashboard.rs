//! What is there, and what is wrong, in numbers.

use crate::{StoreError, View};

/// Counts for the first page.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each is the number of what it is called")]
pub struct Counts {
    pub customers: i64,
    pub domains: i64,
    pub zones: i64,
    pub zones_with_errors: i64,
    pub zones_changed: i64,
    pub zones_unpublished: i64,
    pub homepages: i64,
    pub mailboxes: i64,
    pub aliases: i64,
    pub mail_bytes: i64,
    pub refusals: i64,
}

/// Numbers that stand in the frame of every page: what is still to do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Todo {
    /// Open problems and refusals.
    pub problems: i64,
    /// Zones with changes that are not published.
    pub unpublished: i64,
    /// Jobs that run or wait.
    pub jobs: i64,
}

impl View<'_> {
    /// Counts for the first page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        Ok(sqlx::query_as!(
            Counts,
            r#"select
                 coalesce(sum(n) filter (where entity = 'customers'), 0)::bigint as "customers!",
                 coalesce(sum(n) filter (where entity = 'domains'), 0)::bigint as "domains!",
                 coalesce(sum(n) filter (where entity = 'zones'), 0)::bigint as "zones!",
                 coalesce(sum(n) filter (where entity = 'homepages'), 0)::bigint as "homepages!",
                 coalesce(sum(n) filter (where entity = 'mailboxes'), 0)::bigint as "mailboxes!",
                 coalesce(sum(n) filter (where entity = 'aliases'), 0)::bigint as "aliases!",
                 coalesce(sum(bytes) filter (where entity = 'mailboxes'), 0)::bigint as "mail_bytes!",
                 (select count(*) from zones where errors > 0) as "zones_with_errors!",
                 (select count(*) from zones where changed and published_number is not null) as "zones_changed!",
                 (select count(*) from zones where published_number is null) as "zones_unpublished!",
                 (select count(*) from refusals) as "refusals!"
             from row_counts"#,
        )
        .fetch_one(self.pool)
        .await?)
    }

    /// Numbers for the frame.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn todo(&self) -> Result<Todo, StoreError> {
        Ok(sqlx::query_as!(
            Todo,
            r#"select (select count(*) from problems) + (select count(*) from refusals) as "problems!",
                 (select count(*) from zones where changed and published_number is not null) as "unpublished!",
                 (select count(*) from jobs where state in ('waiting', 'running')) as "jobs!""#,
        )
        .fetch_one(self.pool)
        .await?)
    }
}

impl View<'_> {
    /// Rows of a table that are not archived: customers, domains, zones, homepages, mailboxes or aliases.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_of(&self, entity: &str) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar!("select n from row_counts where entity = $1", entity).fetch_one(self.pool).await?)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Scope, Store};
    use sqlx::PgPool;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn the_kept_counts_are_the_true_ones(pool: PgPool) {
        let store = Store::from_pool(pool.clone());
        let scope = Scope::for_machine("test");
        for sql in [
            "insert into mailboxes (id, address, bytes, created_at, updated_at) select gen_random_uuid(), n || '@a.de', n, now(), now() from generate_series(1, 10) n",
            "update mailboxes set archived_at = now() where bytes <= 3",
            "update mailboxes set bytes = 100 where bytes = 10",
            "delete from mailboxes where bytes = 9 or bytes = 1",
        ] {
            sqlx::query(sql).execute(&pool).await.unwrap();
            let counts = store.view(&scope).counts().await.unwrap();
            let (n, bytes): (i64, i64) =
                sqlx::query_as("select count(*), sum(bytes)::bigint from mailboxes where archived_at is null")
                    .fetch_one(&pool)
                    .await
                    .unwrap();
            assert_eq!((counts.mailboxes, counts.mail_bytes), (n, bytes), "{sql}");
        }
    }

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn the_servers_role_cannot_change_what_it_must_not(pool: PgPool) {
        for sql in [
            "update row_counts set n = 7",
            "delete from audit",
            "update audit set actor = 'x'",
            "drop table zones",
            "alter table zones disable row level security",
            "create table mine (x int)",
        ] {
            let mut connection = pool.acquire().await.unwrap();
            sqlx::query("set role hostler_server").execute(&mut *connection).await.unwrap();
            let refused = sqlx::query(sql).execute(&mut *connection).await;
            sqlx::query("reset role").execute(&mut *connection).await.unwrap();
            assert!(refused.is_err(), "{sql}");
        }
    }
}
