//! Mailboxes and aliases as imported.

use crate::{
    StoreError, View,
    list::{Listed, Page, Sort, in_order},
};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// A mailbox or an alias in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MailRow {
    /// Of the mailbox or of the alias.
    pub id: Uuid,
    /// `local@domain`, or `@domain` for a catch-all.
    pub address: String,
    /// Where it leads; empty for a mailbox.
    pub targets: Vec<String>,
    /// Whether it is an alias.
    pub alias: bool,
    /// Scheme of the old password hash.
    pub password_scheme: Option<String>,
    /// Whether vmailbox has a place for it.
    pub has_path: bool,
    /// Octets of mail.
    pub bytes: Option<i64>,
    /// Number of files.
    pub files: Option<i64>,
    /// When its owner logged in last, as far as logs were read.
    pub last_login_at: Option<DateTime<Utc>>,
    /// Customer, through the domain.
    pub customer_id: Option<Uuid>,
    /// The customer's number.
    pub customer_number: Option<String>,
}

/// Which addresses.
#[derive(Debug, Clone, Default)]
pub struct MailFilter {
    /// Text in the address or a target.
    pub q: String,
    /// Only mailboxes (`false`) or only aliases (`true`).
    pub alias: Option<bool>,
    /// Only with a hash of this scheme.
    pub scheme: Option<String>,
    /// Only of this customer.
    pub customer: Option<Uuid>,
    /// Only mailboxes whose owner has not logged in since, or never did.
    pub unused_since: Option<DateTime<Utc>>,
    /// Only mailboxes that live on the server of this name.
    pub server: Option<String>,
}

/// An address that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Of the mailbox or the alias.
    pub id: Uuid,
    /// Whether it is an alias.
    pub alias: bool,
    /// Its revision.
    pub revision: i32,
}

/// How many addresses are mailboxes, and how many aliases.
pub type MailCounts = (i64, i64);

/// Columns that the list can be sorted by: address, size, number of files, last log-in.
pub const MAIL_SORT: &[&str] = &["address", "bytes", "files", "last_login"];

// By their addresses alone, which every planner reads on the index; joined to a list of keys it may read both tables.
const ROWS: &str = "select m.*, d.customer_id, d.customer_number
    from (select id, address, array[]::text[] as targets, false as alias, password_scheme, path is not null as has_path,
              coalesce(seen_bytes, bytes) as bytes, coalesce(seen_mails, files) as files, last_login_at, domain_id
          from mailboxes where address = any($1) and archived_at is null
          union all
          select id, address, targets, true, null, false, null, null, null, domain_id
          from aliases where address = any($2) and archived_at is null) m
    left join domains d on d.id = m.domain_id";

impl View {
    /// A page of mailboxes and aliases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail(&mut self, filter: &MailFilter, sort: Sort, page: Page) -> Result<Listed<MailRow>, StoreError> {
        Ok(self.mail_with_facets(filter, sort, page).await?.0)
    }

    /// A page of mailboxes and aliases, with the numbers of both that the other filters leave.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_with_facets(
        &mut self,
        filter: &MailFilter,
        sort: Sort,
        page: Page,
    ) -> Result<(Listed<MailRow>, MailCounts), StoreError> {
        let (found, counts) = self.mail_keys(filter, sort, page).await?;
        let total = filter.kinds().map(|alias| if alias { counts.1 } else { counts.0 }).sum();
        let of = |kind: bool| found.iter().filter(|k| k.1 == kind).map(|k| k.0.clone()).collect::<Vec<_>>();
        let mut items: Vec<MailRow> =
            sqlx::query_as(ROWS).bind(of(false)).bind(of(true)).fetch_all(&mut *self.tx).await?;
        in_order(&mut items, &found, |m| (m.address.clone(), m.alias));
        Ok((Listed { items, total }, counts))
    }

    /// Which of these names are domains that this scope has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domains_here(&mut self, names: &[String]) -> Result<HashSet<String>, StoreError> {
        let rows = sqlx::query_scalar!("select name from domains where name = any($1) and archived_at is null", names);
        Ok(rows.fetch_all(&mut *self.tx).await?.into_iter().collect())
    }

    /// What these addresses are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_of(&mut self, addresses: &[String]) -> Result<HashMap<String, Known>, StoreError> {
        let rows = sqlx::query!(
            r#"select address as "address!", id as "id!", false as "alias!", revision as "revision!"
             from mailboxes where address = any($1) and archived_at is null
             union all select address, id, true, revision from aliases where address = any($1) and archived_at is null"#,
            addresses,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.into_iter().map(|r| (r.address, Known { id: r.id, alias: r.alias, revision: r.revision })).collect())
    }

    /// Schemes of the password hashes with their numbers, the most frequent first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn password_schemes(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        if self.scope.is_everything() {
            let rows = sqlx::query!("select scheme, n from scheme_counts where n > 0 order by n desc, scheme limit 30")
                .fetch_all(&mut *self.tx)
                .await?;
            return Ok(rows.into_iter().map(|r| (r.scheme, r.n)).collect());
        }
        let rows = sqlx::query!(
            r#"select password_scheme as "scheme!", count(*) as "n!" from mailboxes
             where password_scheme is not null and archived_at is null group by 1 order by 2 desc, 1 limit 30"#,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.into_iter().map(|r| (r.scheme, r.n)).collect())
    }
}
