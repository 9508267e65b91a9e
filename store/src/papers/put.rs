//! Writes rows of papers.

use super::digest;
use crate::{StoreError, Tx, new_id};
use hostler_core::papers::{PaperAlias, PaperCustomer, PaperDomain, PaperHomepage, PaperMailbox};
use std::collections::HashMap;
use uuid::Uuid;

/// A domain that papers give to somebody else.
#[derive(Debug, Clone)]
pub struct MovedDomain {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The customer that had it.
    pub old: Option<Uuid>,
    /// The customer that has it now.
    pub new: Option<Uuid>,
    /// Number of the first.
    pub old_number: Option<String>,
    /// Number of the second.
    pub new_number: Option<String>,
}

impl Tx {
    /// Writes resellers and customers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_customers(&mut self, rows: &[PaperCustomer]) -> Result<(), StoreError> {
        self.put_resellers(rows.iter().filter_map(|r| r.reseller.as_deref())).await?;
        let ids: Vec<Uuid> = rows.iter().map(|_| new_id(self.now)).collect();
        let text = |f: fn(&PaperCustomer) -> &String| rows.iter().map(|r| f(r).clone()).collect::<Vec<_>>();
        let resellers: Vec<Option<String>> = rows.iter().map(|r| r.reseller.clone()).collect();
        let digests: Vec<Vec<u8>> = rows.iter().map(digest).collect();
        sqlx::query!(
            "insert into customers (id, number, company, contact, street, postcode, city, country, email, vat_id,
                 reseller_id, imported, created_at, updated_at)
             select t.id, t.number, t.company, t.contact, t.street, t.postcode, t.city, t.country, t.email, t.vat_id,
                 r.id, t.imported, $13, $13
             from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                 $9::text[], $10::text[], $11::text[], $12::bytea[])
               as t (id, number, company, contact, street, postcode, city, country, email, vat_id, reseller, imported)
             left join resellers r on r.number = t.reseller
             on conflict on constraint customers_number_key do update set
                 company = excluded.company, contact = excluded.contact, street = excluded.street,
                 postcode = excluded.postcode, city = excluded.city, country = excluded.country, email = excluded.email,
                 vat_id = excluded.vat_id, reseller_id = excluded.reseller_id, imported = excluded.imported,
                 updated_at = excluded.updated_at, revision = customers.revision + 1, archived_at = null",
            &ids,
            &text(|r| &r.number),
            &text(|r| &r.company),
            &text(|r| &r.contact),
            &text(|r| &r.street),
            &text(|r| &r.postcode),
            &text(|r| &r.city),
            &text(|r| &r.country),
            &text(|r| &r.email),
            &text(|r| &r.vat_id),
            &resellers as &[Option<String>],
            &digests,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        // Domains that came before their customer find it now.
        sqlx::query!(
            "update domains d set customer_id = c.id from customers c
             where c.number = d.customer_number and d.customer_id is distinct from c.id",
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn put_resellers<'r>(&mut self, numbers: impl Iterator<Item = &'r str> + Send) -> Result<(), StoreError> {
        let numbers: std::collections::BTreeSet<String> = numbers.map(str::to_owned).collect();
        let numbers: Vec<String> = numbers.into_iter().collect();
        let ids: Vec<Uuid> = numbers.iter().map(|_| new_id(self.now)).collect();
        sqlx::query!(
            "insert into resellers (id, number, created_at)
             select t.id, t.number, $3 from unnest($1::uuid[], $2::text[]) as t (id, number)
             on conflict on constraint resellers_number_key do nothing",
            &ids,
            &numbers,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Of these domains those that papers would give to another customer: name, number of the old one, of the new one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domains_changing_hands(
        &mut self,
        rows: &[&PaperDomain],
    ) -> Result<Vec<(String, Option<String>, Option<String>)>, StoreError> {
        let names: Vec<String> = rows.iter().map(|r| r.name.clone()).collect();
        let customers: Vec<Option<String>> = rows.iter().map(|r| r.customer.clone()).collect();
        let moved = sqlx::query!(
            r#"select d.name, d.customer_number as old, t.customer as new
             from unnest($1::text[], $2::text[]) as t (name, customer) join domains d on d.name = t.name
             where d.archived_at is null and d.customer_number is distinct from t.customer order by d.name"#,
            &names,
            &customers as &[Option<String>],
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(moved.into_iter().map(|r| (r.name, r.old, r.new)).collect())
    }

    /// Writes domains, each with its name for people.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_domains(&mut self, rows: &[(PaperDomain, String)]) -> Result<Vec<MovedDomain>, StoreError> {
        self.put_resellers(rows.iter().filter_map(|(r, _)| r.reseller.as_deref())).await?;
        let ids: Vec<Uuid> = rows.iter().map(|_| new_id(self.now)).collect();
        let names: Vec<String> = rows.iter().map(|(r, _)| r.name.clone()).collect();
        let unicode: Vec<String> = rows.iter().map(|(_, u)| u.clone()).collect();
        let customers: Vec<Option<String>> = rows.iter().map(|(r, _)| r.customer.clone()).collect();
        let resellers: Vec<Option<String>> = rows.iter().map(|(r, _)| r.reseller.clone()).collect();
        let digests: Vec<Vec<u8>> = rows.iter().map(|(r, _)| digest(r)).collect();
        let moved = sqlx::query_as!(
            MovedDomain,
            r#"select d.id, d.name, d.customer_id as old, c.id as "new?", o.number as "old_number?", c.number as "new_number?"
             from unnest($1::text[], $2::text[]) as t (name, customer) join domains d on d.name = t.name
             left join customers o on o.id = d.customer_id left join customers c on c.number = t.customer
             where d.archived_at is null and d.customer_id is distinct from c.id order by d.name"#,
            &names,
            &customers as &[Option<String>],
        )
        .fetch_all(&mut *self.tx)
        .await?;
        sqlx::query!(
            "insert into domains (id, name, unicode, customer_id, customer_number, reseller_id, imported, created_at, updated_at)
             select t.id, t.name, t.unicode, c.id, t.customer, r.id, t.imported, $7, $7
             from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
               as t (id, name, unicode, customer, reseller, imported)
             left join customers c on c.number = t.customer
             left join resellers r on r.number = t.reseller
             on conflict on constraint domains_name_key do update set
                 customer_id = excluded.customer_id, customer_number = excluded.customer_number,
                 reseller_id = excluded.reseller_id, imported = excluded.imported, updated_at = excluded.updated_at,
                 revision = domains.revision + 1, archived_at = null",
            &ids,
            &names,
            &unicode,
            &customers as &[Option<String>],
            &resellers as &[Option<String>],
            &digests,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(moved)
    }

    /// Ids of all domains by name, for what belongs to them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domain_ids(&mut self) -> Result<HashMap<String, Uuid>, StoreError> {
        let rows = sqlx::query!("select name, id from domains").fetch_all(&mut *self.tx).await?;
        Ok(rows.into_iter().map(|r| (r.name, r.id)).collect())
    }

    /// Makes a domain for each of these zones that has none: with the customer of the domain above it, or nobody's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ensure_domains(&mut self, names: &[String], unicode: &[String]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = names.iter().map(|_| new_id(self.now)).collect();
        sqlx::query!(
            "insert into domains (id, name, unicode, customer_id, customer_number, reseller_id, created_at, updated_at)
             select t.id, t.name, t.unicode, p.customer_id, p.customer_number, p.reseller_id, $4, $4
             from unnest($1::uuid[], $2::text[], $3::text[]) as t (id, name, unicode)
             left join domains p on p.name = substr(t.name, position('.' in t.name) + 1)
             on conflict on constraint domains_name_key do nothing",
            &ids,
            names,
            unicode,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Writes homepages.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_homepages(&mut self, rows: &[(PaperHomepage, String, Option<Uuid>)]) -> Result<(), StoreError> {
        for (row, unicode, domain) in rows {
            sqlx::query!(
                "insert into homepages (id, name, unicode, aliases, kind, root, target, tls, server, source, domain_id, imported,
                     created_at, updated_at, listens)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14::text[]::inet[])
                 on conflict on constraint homepages_name_key do update set
                     aliases = excluded.aliases, kind = excluded.kind, root = excluded.root, target = excluded.target,
                     tls = excluded.tls, server = excluded.server, source = excluded.source, domain_id = excluded.domain_id,
                     imported = excluded.imported, updated_at = excluded.updated_at, revision = homepages.revision + 1,
                     archived_at = null, listens = excluded.listens",
                new_id(self.now),
                row.name,
                unicode,
                &row.aliases,
                row.kind,
                row.root,
                row.target,
                row.tls,
                row.server,
                row.source,
                *domain,
                digest(row),
                self.now,
                &row.listens,
            )
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(())
    }

    /// Writes mailboxes, each with the scheme of its hash.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_mailboxes(
        &mut self,
        rows: &[(PaperMailbox, Option<String>, Option<Uuid>)],
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|_| new_id(self.now)).collect();
        let addresses: Vec<String> = rows.iter().map(|(r, ..)| r.address.clone()).collect();
        let domains: Vec<Option<Uuid>> = rows.iter().map(|(.., d)| *d).collect();
        let paths: Vec<Option<String>> = rows.iter().map(|(r, ..)| r.path.clone()).collect();
        let hashes: Vec<Option<String>> = rows.iter().map(|(r, ..)| r.password_hash.clone()).collect();
        let schemes: Vec<Option<String>> = rows.iter().map(|(_, s, _)| s.clone()).collect();
        let extras: Vec<String> = rows.iter().map(|(r, ..)| r.extra.clone()).collect();
        let bytes: Vec<Option<i64>> = rows.iter().map(|(r, ..)| r.bytes).collect();
        let files: Vec<Option<i64>> = rows.iter().map(|(r, ..)| r.files).collect();
        let digests: Vec<Vec<u8>> = rows.iter().map(|(r, ..)| digest(r)).collect();
        sqlx::query!(
            "insert into mailboxes (id, address, domain_id, path, password_hash, password_scheme, extra, bytes, files, imported,
                 created_at, updated_at, quota_bytes)
             select p.*, $11::timestamptz, $11, quota_in(p.extra) from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[],
                 $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bytea[])
                 as p (id, address, domain_id, path, hash, scheme, extra, bytes, files, imported)
             on conflict on constraint mailboxes_address_key do update set
                 domain_id = excluded.domain_id, path = excluded.path, extra = excluded.extra, bytes = excluded.bytes,
                 files = excluded.files, imported = excluded.imported, updated_at = excluded.updated_at,
                 revision = mailboxes.revision + 1,
                 -- What was set here since stays: a password, a quota, and that it was given up.
                 password_hash = case when mailboxes.password_at is null then excluded.password_hash else mailboxes.password_hash end,
                 password_scheme = case when mailboxes.password_at is null then excluded.password_scheme else mailboxes.password_scheme end,
                 quota_bytes = case when mailboxes.quota_bytes is not distinct from quota_in(mailboxes.extra)
                     then excluded.quota_bytes else mailboxes.quota_bytes end",
            &ids,
            &addresses,
            &domains as &[Option<Uuid>],
            &paths as &[Option<String>],
            &hashes as &[Option<String>],
            &schemes as &[Option<String>],
            &extras,
            &bytes as &[Option<i64>],
            &files as &[Option<i64>],
            &digests,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Writes aliases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_aliases(&mut self, rows: &[(PaperAlias, Option<Uuid>)]) -> Result<(), StoreError> {
        for (row, domain) in rows {
            sqlx::query!(
                "insert into aliases (id, address, targets, domain_id, imported, created_at, updated_at)
                 values ($1, $2, $3, $4, $5, $6, $6)
                 on conflict on constraint aliases_address_key do update set
                     targets = excluded.targets, domain_id = excluded.domain_id, imported = excluded.imported,
                     updated_at = excluded.updated_at, revision = aliases.revision + 1",
                new_id(self.now),
                row.address,
                &row.targets,
                *domain,
                digest(row),
                self.now,
            )
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(())
    }
}
