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
                 (select count(*) from customers where archived_at is null) as "customers!",
                 (select count(*) from domains where archived_at is null) as "domains!",
                 z.zones as "zones!", z.zones_with_errors as "zones_with_errors!", z.zones_changed as "zones_changed!",
                 z.zones_unpublished as "zones_unpublished!",
                 (select count(*) from homepages where archived_at is null) as "homepages!",
                 m.mailboxes as "mailboxes!", m.mail_bytes as "mail_bytes!",
                 (select count(*) from aliases where archived_at is null) as "aliases!",
                 (select count(*) from refusals) as "refusals!"
             from (
                 select count(*) as zones,
                     count(*) filter (where errors > 0) as zones_with_errors,
                     count(*) filter (where changed and published_number is not null) as zones_changed,
                     count(*) filter (where published_number is null) as zones_unpublished
                 from zones where archived_at is null) z,
               (select count(*) as mailboxes, coalesce(sum(bytes), 0)::bigint as mail_bytes from mailboxes where archived_at is null) m"#,
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
