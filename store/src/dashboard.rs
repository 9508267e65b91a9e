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

impl View {
    /// Counts for the first page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counts(&mut self) -> Result<Counts, StoreError> {
        let everything = self.scope.is_everything();
        let mut counts = Counts {
            customers: self.count_of("customers").await?,
            domains: self.count_of("domains").await?,
            zones: self.count_of("zones").await?,
            homepages: self.count_of("homepages").await?,
            mailboxes: self.count_of("mailboxes").await?,
            aliases: self.count_of("aliases").await?,
            ..Counts::default()
        };
        let zones = sqlx::query!(
            r#"select (select count(*) from zones where errors > 0) as "errors!",
                 (select count(*) from zones where changed and published_number is not null) as "changed!",
                 (select count(*) from zones where published_number is null) as "unpublished!""#,
        )
        .fetch_one(&mut *self.tx)
        .await?;
        (counts.zones_with_errors, counts.zones_changed, counts.zones_unpublished) =
            (zones.errors, zones.changed, zones.unpublished);
        if everything {
            let kept = sqlx::query!(
                r#"select (select bytes from row_counts where entity = 'mailboxes') as "bytes!",
                     (select n from row_counts where entity = 'refusals') as "refusals!""#,
            )
            .fetch_one(&mut *self.tx)
            .await?;
            (counts.mail_bytes, counts.refusals) = (kept.bytes, kept.refusals);
        } else {
            counts.mail_bytes = sqlx::query_scalar!(
                r#"select coalesce(sum(bytes), 0)::bigint as "n!" from mailboxes where archived_at is null"#
            )
            .fetch_one(&mut *self.tx)
            .await?;
        }
        Ok(counts)
    }

    /// Numbers for the frame.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn todo(&mut self) -> Result<Todo, StoreError> {
        if !self.scope.is_everything() {
            let unpublished = sqlx::query_scalar!(
                r#"select count(*) as "n!" from zones where changed and published_number is not null"#
            )
            .fetch_one(&mut *self.tx)
            .await?;
            return Ok(Todo { problems: 0, unpublished, jobs: 0 });
        }
        Ok(sqlx::query_as!(
            Todo,
            r#"select (select sum(n)::bigint from row_counts where entity in ('problems', 'refusals')) as "problems!",
                 (select count(*) from zones where changed and published_number is not null) as "unpublished!",
                 (select count(*) from jobs where state in ('waiting', 'running')) as "jobs!""#,
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }
}

impl View {
    /// Rows of a table that are not archived: customers, domains, zones, homepages, mailboxes or aliases.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn count_of(&mut self, entity: &str) -> Result<i64, StoreError> {
        if self.scope.is_everything() {
            return Ok(sqlx::query_scalar!("select n from row_counts where entity = $1", entity)
                .fetch_one(&mut *self.tx)
                .await?);
        }
        // A tenant has few rows, and the kept numbers are of everybody's.
        Ok(sqlx::query_scalar!(
            r#"select case $1
                 when 'customers' then (select count(*) from customers where archived_at is null)
                 when 'domains' then (select count(*) from domains where archived_at is null)
                 when 'zones' then (select count(*) from zones where archived_at is null)
                 when 'homepages' then (select count(*) from homepages where archived_at is null)
                 when 'mailboxes' then (select count(*) from mailboxes where archived_at is null)
                 else (select count(*) from aliases where archived_at is null)
               end as "n!""#,
            entity,
        )
        .fetch_one(&mut *self.tx)
        .await?)
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
            "update mailboxes set password_scheme = case when bytes % 2 = 0 then 'SSHA' else 'CRYPT' end",
            "insert into problems (kind, subject, detail) values ('a', 'b', 'c'), ('a', 'b', 'd')",
            "update mailboxes set archived_at = now() where bytes <= 3",
            "update mailboxes set bytes = 100 where bytes = 10",
            "update mailboxes set password_scheme = 'SSHA' where bytes = 7",
            "delete from mailboxes where bytes = 9 or bytes = 1",
            "delete from problems where detail = 'd'",
            "truncate problems",
        ] {
            sqlx::query(sql).execute(&pool).await.unwrap();
            let mut view = store.view(&scope).await.unwrap();
            let counts = view.counts().await.unwrap();
            let problems: i64 = sqlx::query_scalar("select count(*) from problems").fetch_one(&pool).await.unwrap();
            assert_eq!(view.todo().await.unwrap().problems, problems, "{sql}");
            let schemes: Vec<(String, i64)> = sqlx::query_as(
                "select password_scheme, count(*) from mailboxes where archived_at is null and password_scheme is not null
                 group by 1 order by 2 desc, 1",
            )
            .fetch_all(&pool)
            .await
            .unwrap();
            assert_eq!(view.password_schemes().await.unwrap(), schemes, "{sql}");
            drop(view);
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
