//! Customers.

use crate::{
    StoreError, Tx, View,
    list::{Listed, Page, Sort, finish, in_order, searched},
};
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// A customer in a list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CustomerRow {
    /// Id.
    pub id: Uuid,
    /// Customer number.
    pub number: String,
    /// Company.
    pub company: String,
    /// Person to talk to.
    pub contact: String,
    /// Town.
    pub city: String,
    /// Address.
    pub email: String,
    /// The reseller's number, if it belongs to one.
    pub reseller: Option<String>,
    /// Its domains.
    pub domains: i64,
}

/// All of one customer.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the columns of customers.csv, and the revision of the row")]
pub struct Customer {
    pub id: Uuid,
    pub number: String,
    pub company: String,
    pub contact: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub country: String,
    pub email: String,
    pub vat_id: String,
    pub reseller: Option<String>,
    pub revision: i32,
}

/// Which customers.
#[derive(Debug, Clone, Default)]
pub struct CustomerFilter {
    /// Text in number, company, contact, town or address.
    pub q: String,
    /// Number of the reseller.
    pub reseller: Option<String>,
}

/// Columns that the list can be sorted by: number, company, town.
pub const CUSTOMER_SORT: &[&str] = &["c.number", "c.company", "c.city"];

const CUSTOMER_ROWS: &str = "select c.id, c.number, c.company, c.contact, c.city, c.email, r.number as reseller,
         (select count(*) from domains d where d.customer_id = c.id and d.archived_at is null) as domains
     from customers c left join resellers r on r.id = c.reseller_id where c.id = any($1)";

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &CustomerFilter) {
    query.push(" where c.archived_at is null");
    if !filter.q.trim().is_empty() {
        // As the database lowers what it is compared with, and once.
        query.push(" and strpos(c.search, (select lower(").push_bind(searched(&filter.q)).push("))) > 0");
    }
    if let Some(number) = &filter.reseller {
        query
            .push(" and c.reseller_id = (select id from resellers where number = ")
            .push_bind(number.clone())
            .push(")");
    }
}

impl View {
    /// A page of customers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn customers(
        &mut self,
        filter: &CustomerFilter,
        sort: Sort,
        page: Page,
    ) -> Result<Listed<CustomerRow>, StoreError> {
        let (ids, total) = if filter.q.trim().is_empty() && filter.reseller.is_none() {
            let mut query = QueryBuilder::new("select c.id from customers c");
            narrow(&mut query, filter);
            finish(&mut query, CUSTOMER_SORT, "c.number", sort, page);
            (query.build_query_scalar().fetch_all(&mut *self.tx).await?, self.count_of("customers").await?)
        } else {
            // What is searched for is gone through once, for the page and for the number.
            let mut query =
                QueryBuilder::new("with f as materialized (select c.id, c.number, c.company, c.city from customers c");
            narrow(&mut query, filter);
            query.push(") select array(select c.id from f c");
            finish(&mut query, CUSTOMER_SORT, "c.number", sort, page);
            query.push("), (select count(*) from f)");
            query.build_query_as::<(Vec<Uuid>, i64)>().fetch_one(&mut *self.tx).await?
        };
        let mut items: Vec<CustomerRow> = sqlx::query_as(CUSTOMER_ROWS).bind(&ids).fetch_all(&mut *self.tx).await?;
        in_order(&mut items, &ids, |row| row.id);
        Ok(Listed { items, total })
    }

    /// How many of the customers that the search leaves each reseller has, the most first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn customer_facets(&mut self, filter: &CustomerFilter) -> Result<Vec<(String, i64)>, StoreError> {
        let mut query =
            QueryBuilder::new("select r.number, count(*) from customers c join resellers r on r.id = c.reseller_id");
        narrow(&mut query, &CustomerFilter { reseller: None, ..filter.clone() });
        query.push(" group by 1 order by 2 desc, 1 limit 200");
        Ok(query.build_query_as().fetch_all(&mut *self.tx).await?)
    }

    /// One customer.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn customer(&mut self, id: Uuid) -> Result<Customer, StoreError> {
        Ok(sqlx::query_as!(
            Customer,
            r#"select c.id, c.number, c.company, c.contact, c.street, c.postcode, c.city, c.country, c.email, c.vat_id,
                 c.revision, r.number as "reseller?"
             from customers c left join resellers r on r.id = c.reseller_id
             where c.id = $1 and c.archived_at is null"#,
            id,
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }

    /// Numbers of all resellers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn resellers(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!("select number from resellers order by number limit 200")
            .fetch_all(&mut *self.tx)
            .await?)
    }
}

impl Tx {
    /// Gives a customer other data. Its number and its reseller stay.
    ///
    /// # Errors
    /// `NotFound`, or `Stale` if it was changed since the revision that `new` has.
    pub async fn update_customer(&mut self, new: &Customer) -> Result<(), StoreError> {
        let current = sqlx::query_scalar!(
            "select revision from customers where id = $1 and archived_at is null for update",
            new.id
        )
        .fetch_one(&mut *self.tx)
        .await?;
        if current != new.revision {
            return Err(StoreError::Stale);
        }
        sqlx::query!(
            "update customers set company = $2, contact = $3, street = $4, postcode = $5, city = $6, country = $7, email = $8,
                 vat_id = $9, revision = revision + 1, updated_at = $10
             where id = $1",
            new.id,
            new.company,
            new.contact,
            new.street,
            new.postcode,
            new.city,
            new.country,
            new.email,
            new.vat_id,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scope, Store};
    use sqlx::PgPool;

    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn a_search_looks_through_all_that_is_told(pool: PgPool) {
        let insert = "insert into customers (id, number, company, contact, street, postcode, city, country, email, vat_id, created_at, updated_at)
             values (gen_random_uuid(), 'K1', 'Größe & Söhne', 'Änne Ö', '', '', 'Köln', '', 'info@soehne.example', '', now(), now()),
                 (gen_random_uuid(), 'K2', '100%_\\', '', '', '', '', '', '', '', now(), now())";
        sqlx::query(insert).execute(&pool).await.unwrap();
        let store = Store::from_pool(pool);
        let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
        for (q, numbers) in [
            ("k", "K1 K2"),
            ("SÖHNE", "K1"),
            ("änne ö köln INFO@", "K1"),
            ("0%_\\", "K2"),
            ("%", "K2"),
            ("'", ""),
            ("  ", "K1 K2"),
        ] {
            let filter = CustomerFilter { q: q.to_owned(), reseller: None };
            let page = Page { limit: 50, offset: 0 };
            let found = view.customers(&filter, Sort { column: 0, descending: false }, page).await.unwrap();
            let listed = found.items.iter().map(|c| c.number.as_str()).collect::<Vec<_>>().join(" ");
            assert_eq!((listed.as_str(), found.total), (numbers, i64::try_from(found.items.len()).unwrap()), "{q}");
        }
    }
}
