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

/// How many addresses are mailboxes, and how many aliases.
pub type MailCounts = (i64, i64);

/// Columns that the list can be sorted by: address, size, number of files.
pub const MAIL_SORT: &[&str] = &["address", "bytes", "files"];

const MAILBOXES: &str = "select id, address, array[]::text[] as targets, false as alias, password_scheme, path is not null as has_path, coalesce(seen_bytes, bytes) as bytes, coalesce(seen_mails, files) as files, domain_id from mailboxes x";
const ALIASES: &str = "select id, address, targets, true as alias, null as password_scheme, false as has_path, null::bigint as bytes, null::bigint as files, domain_id from aliases x";

impl MailFilter {
    /// Whether nothing but the kind narrows it.
    fn is_bare(&self) -> bool {
        self.q.trim().is_empty() && self.scheme.is_none() && self.customer.is_none()
    }

    /// Which kinds are looked through: mailboxes (`false`), aliases (`true`). An alias has no password.
    fn kinds(&self) -> impl Iterator<Item = bool> + use<> {
        let (only, scheme) = (self.alias, self.scheme.is_some());
        [false, true].into_iter().filter(move |alias| only.is_none_or(|o| o == *alias) && !(*alias && scheme))
    }
}

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &MailFilter, alias: bool) {
    query.push(" where x.archived_at is null");
    if !filter.q.trim().is_empty() {
        query.push(if alias { " and alias_search(x.address, x.targets) ilike " } else { " and x.address ilike " });
        query.push_bind(pattern(&filter.q));
    }
    if let (Some(scheme), false) = (&filter.scheme, alias) {
        query.push(" and x.password_scheme = ").push_bind(scheme.clone());
    }
    if let Some(customer) = filter.customer {
        query.push(" and x.domain_id in (select id from domains where customer_id = ").push_bind(customer).push(")");
    }
}

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
        let counts = self.mail_counts(filter).await?;
        let total = filter.kinds().map(|alias| if alias { counts.1 } else { counts.0 }).sum();
        let mut rows = QueryBuilder::new("select m.*, d.customer_id, d.customer_number from (");
        // Each kind gives its first ones, read in order on an index of its own; of both together only the page is joined.
        let first = Page { limit: page.offset.saturating_add(page.limit), offset: 0 };
        let mut kinds = 0;
        for alias in filter.kinds() {
            rows.push(if kinds > 0 { " union all (" } else { "(" });
            rows.push(if alias { ALIASES } else { MAILBOXES });
            narrow(&mut rows, filter, alias);
            // An alias has neither size nor files.
            let by = if alias { Sort { column: 0, descending: sort.descending && sort.column == 0 } } else { sort };
            finish(&mut rows, MAIL_SORT, "address", by, first);
            rows.push(")");
            kinds += 1;
        }
        if kinds == 0 {
            return Ok((Listed { items: Vec::new(), total }, counts));
        }
        rows.push(") m left join domains d on d.id = m.domain_id");
        finish(&mut rows, MAIL_SORT, "address", sort, page);
        Ok((Listed { items: rows.build_query_as().fetch_all(&mut *self.tx).await?, total }, counts))
    }

    async fn mail_counts(&mut self, filter: &MailFilter) -> Result<MailCounts, StoreError> {
        if filter.is_bare() {
            return Ok((self.count_of("mailboxes").await?, self.count_of("aliases").await?));
        }
        let mut counts = (0, 0);
        for alias in (MailFilter { alias: None, ..filter.clone() }).kinds() {
            let mut query = QueryBuilder::new(if alias {
                "select count(*) from aliases x"
            } else {
                "select count(*) from mailboxes x"
            });
            narrow(&mut query, filter, alias);
            let n = query.build_query_scalar().fetch_one(&mut *self.tx).await?;
            if alias { counts.1 = n } else { counts.0 = n }
        }
        Ok(counts)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scope, Store};
    use sqlx::PgPool;

    /// Both kinds read in order and merged are what sorting all of them would be, on every page.
    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn pages_follow_each_other_in_every_order(pool: PgPool) {
        for sql in [
            "insert into mailboxes (id, address, bytes, seen_bytes, files, created_at, updated_at)
             select gen_random_uuid(), 'm' || (n * 7 % 40) || '@a.de', case when n % 3 > 0 then n * 13 % 17 end, case when n % 5 = 0 then n end, n % 4, now(), now()
             from generate_series(1, 40) n",
            "insert into aliases (id, address, targets, created_at, updated_at)
             select gen_random_uuid(), 'k' || (n * 3 % 20) || '@a.de', array['ziel' || n || '@b.de'], now(), now() from generate_series(1, 20) n",
        ] {
            sqlx::query(sql).execute(&pool).await.unwrap();
        }
        let store = Store::from_pool(pool);
        let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
        for (filter, counts) in [
            (MailFilter::default(), (40, 20)),
            (MailFilter { alias: Some(true), ..MailFilter::default() }, (40, 20)),
            (MailFilter { alias: Some(false), ..MailFilter::default() }, (40, 20)),
            (MailFilter { q: "ZIEL1".to_owned(), ..MailFilter::default() }, (0, 11)),
            (MailFilter { q: "1@a".to_owned(), ..MailFilter::default() }, (4, 2)),
            (MailFilter { scheme: Some("SSHA".to_owned()), alias: Some(true), ..MailFilter::default() }, (0, 0)),
        ] {
            for column in 0..MAIL_SORT.len() {
                for descending in [false, true] {
                    let sort = Sort { column, descending };
                    let key = |m: &MailRow| match column {
                        0 => None,
                        1 => m.bytes,
                        _ => m.files,
                    };
                    let all = Page { limit: 1000, offset: 0 };
                    let (whole, found) = view.mail_with_facets(&filter, sort, all).await.unwrap();
                    assert_eq!((found, whole.total), (counts, i64::try_from(whole.items.len()).unwrap()), "{filter:?}");
                    let mut sorted = whole.items.clone();
                    sorted.sort_by(|a, b| {
                        let none = key(a).is_none().cmp(&key(b).is_none());
                        let by = if descending { key(b).cmp(&key(a)) } else { key(a).cmp(&key(b)) };
                        let name = a.address.cmp(&b.address);
                        none.then(by).then(if column == 0 && descending { name.reverse() } else { name })
                    });
                    let addresses = |rows: &[MailRow]| rows.iter().map(|m| m.address.clone()).collect::<Vec<_>>();
                    assert_eq!(addresses(&whole.items), addresses(&sorted), "{filter:?} {sort:?}");
                    let mut paged = Vec::new();
                    for offset in (0..whole.total).step_by(7) {
                        paged.extend(view.mail(&filter, sort, Page { limit: 7, offset }).await.unwrap().items);
                    }
                    assert_eq!(addresses(&paged), addresses(&whole.items), "{filter:?} {sort:?}");
                }
            }
        }
    }
}
