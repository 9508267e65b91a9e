//! Mailboxes and aliases as imported.

use crate::{
    StoreError, View,
    list::{Listed, Page, Sort, finish, pattern},
};
use sqlx::{Postgres, QueryBuilder};
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
}

/// Columns that the list can be sorted by: address, size, number of files.
pub const MAIL_SORT: &[&str] = &["m.address", "m.bytes", "m.files"];

const MAILBOXES: &str = "select id, address, array[]::text[] as targets, false as alias, password_scheme, path is not null as has_path, coalesce(seen_bytes, bytes) as bytes, coalesce(seen_mails, files) as files, domain_id from mailboxes x where x.archived_at is null";
const ALIASES: &str = "select id, address, targets, true as alias, null as password_scheme, false as has_path, null::bigint as bytes, null::bigint as files, domain_id from aliases x where x.archived_at is null";

fn branch(query: &mut QueryBuilder<Postgres>, filter: &MailFilter, alias: bool) {
    query.push(if alias { ALIASES } else { MAILBOXES });
    if !filter.q.trim().is_empty() {
        let like = pattern(&filter.q);
        query.push(" and (x.address ilike ").push_bind(like.clone());
        if alias {
            query.push(" or array_to_string(x.targets, ' ') ilike ").push_bind(like);
        }
        query.push(")");
    }
    if let (Some(scheme), false) = (&filter.scheme, alias) {
        query.push(" and x.password_scheme = ").push_bind(scheme.clone());
    }
    if let Some(customer) = filter.customer {
        query.push(" and x.domain_id in (select id from domains where customer_id = ").push_bind(customer).push(")");
    }
}

fn union(query: &mut QueryBuilder<Postgres>, filter: &MailFilter) {
    let mailboxes = filter.alias != Some(true);
    let aliases = filter.alias != Some(false) && filter.scheme.is_none();
    if mailboxes {
        branch(query, filter, false);
    }
    if mailboxes && aliases {
        query.push(" union all ");
    }
    if aliases {
        branch(query, filter, true);
    }
    if !mailboxes && !aliases {
        query.push(MAILBOXES).push(" and false");
    }
}

impl View {
    /// A page of mailboxes and aliases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail(&mut self, filter: &MailFilter, sort: Sort, page: Page) -> Result<Listed<MailRow>, StoreError> {
        let mut count = QueryBuilder::new("select count(*) from (");
        union(&mut count, filter);
        count.push(") m");
        let total: i64 = count.build_query_scalar().fetch_one(&mut *self.tx).await?;
        let mut rows = QueryBuilder::new("select m.*, d.customer_id, d.customer_number from (");
        union(&mut rows, filter);
        rows.push(") m left join domains d on d.id = m.domain_id");
        finish(&mut rows, MAIL_SORT, "m.address", sort, page);
        Ok(Listed { items: rows.build_query_as().fetch_all(&mut *self.tx).await?, total })
    }

    /// How many of the addresses that the other filters leave are mailboxes, and how many aliases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_facets(&mut self, filter: &MailFilter) -> Result<(i64, i64), StoreError> {
        let mut query =
            QueryBuilder::new("select count(*) filter (where not m.alias), count(*) filter (where m.alias) from (");
        union(&mut query, &MailFilter { alias: None, ..filter.clone() });
        query.push(") m");
        Ok(query.build_query_as().fetch_one(&mut *self.tx).await?)
    }

    /// Schemes of the password hashes with their numbers, the most frequent first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn password_schemes(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query!(
            r#"select password_scheme as "scheme!", count(*) as "n!" from mailboxes
             where password_scheme is not null and archived_at is null group by 1 order by 2 desc, 1 limit 30"#,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.into_iter().map(|r| (r.scheme, r.n)).collect())
    }
}
