//! Rows as an import reads and writes them: whole tables at once, each row with the digest of what the papers said.

use crate::{Scope, StoreError, Tx, new_id, zones::to_record};
use hostler_core::dns::{Record, Zone};
use hostler_core::names::Name;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::Uuid;

/// A line of customers.csv.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[expect(missing_docs, reason = "the fields are the columns of customers.csv")]
pub struct PaperCustomer {
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
}

/// A line of domains.csv.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are the columns of domains.csv")]
pub struct PaperDomain {
    pub name: String,
    pub customer: Option<String>,
    pub reseller: Option<String>,
}

/// A zone file.
#[derive(Debug, Clone)]
pub struct PaperZone {
    /// Apex in lower case without the final dot.
    pub name: String,
    /// Its records.
    pub zone: Zone,
    /// Errors found in it.
    pub errors: i32,
    /// Warnings found in it.
    pub warnings: i32,
    /// Canonical text to publish at once, if a server would load it.
    pub publish: Option<(u32, String)>,
}

/// A vhost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "see homepages::HomepageRow")]
pub struct PaperHomepage {
    pub name: String,
    pub aliases: Vec<String>,
    pub kind: String,
    pub root: String,
    pub target: String,
    pub tls: bool,
    pub server: String,
    pub source: String,
}

/// A mailbox from vmailbox, passwd and usage.tsv.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are the columns of the papers")]
pub struct PaperMailbox {
    pub address: String,
    pub path: Option<String>,
    pub password_hash: Option<String>,
    pub extra: String,
    pub bytes: Option<i64>,
    pub files: Option<i64>,
}

/// A line of virtual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are the columns of the papers")]
pub struct PaperAlias {
    pub address: String,
    pub targets: Vec<String>,
}

/// SHA-256 of what a row says.
#[must_use]
pub fn digest<T: Serialize>(row: &T) -> Vec<u8> {
    // Structs of strings and numbers always have a JSON form.
    Sha256::digest(serde_json::to_vec(row).unwrap_or_default()).to_vec()
}

/// SHA-256 of a zone's canonical text, its serial left aside.
#[must_use]
pub fn zone_digest(zone: &Zone) -> Vec<u8> {
    let mut zone = zone.clone();
    zone.set_serial(hostler_core::dns::Serial(0));
    Sha256::digest(hostler_core::dns::writer::canonical(&zone)).to_vec()
}

/// What the database holds of a row: its digest now, and the digest of what the papers said when it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Digest of the row.
    pub now: Vec<u8>,
    /// Digest of the papers at the last import.
    pub imported: Option<Vec<u8>>,
}

/// Everything that the database knows, by key.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each is the table of that name")]
pub struct KnownRows {
    pub customers: HashMap<String, Known>,
    pub domains: HashMap<String, Known>,
    pub zones: HashMap<String, Known>,
    pub homepages: HashMap<String, Known>,
    pub mailboxes: HashMap<String, Known>,
    pub aliases: HashMap<String, Known>,
}

impl Tx {
    /// Lets no second import plan or write until this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_imports(&mut self) -> Result<(), StoreError> {
        sqlx::query!("select pg_advisory_xact_lock(7201)").execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Reads the digests of all rows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_rows(&mut self) -> Result<KnownRows, StoreError> {
        let mut known = KnownRows::default();
        for r in sqlx::query!(
            r#"select c.number, c.company, c.contact, c.street, c.postcode, c.city, c.country, c.email, c.vat_id,
                 c.imported, r.number as "reseller?"
             from customers c left join resellers r on r.id = c.reseller_id"#,
        )
        .fetch_all(&mut *self.tx)
        .await?
        {
            let row = PaperCustomer {
                number: r.number.clone(),
                company: r.company,
                contact: r.contact,
                street: r.street,
                postcode: r.postcode,
                city: r.city,
                country: r.country,
                email: r.email,
                vat_id: r.vat_id,
                reseller: r.reseller,
            };
            known.customers.insert(r.number, Known { now: digest(&row), imported: r.imported });
        }
        for r in sqlx::query!(
            r#"select d.name, d.customer_number, d.imported, r.number as "reseller?"
             from domains d left join resellers r on r.id = d.reseller_id"#,
        )
        .fetch_all(&mut *self.tx)
        .await?
        {
            let row = PaperDomain { name: r.name.clone(), customer: r.customer_number, reseller: r.reseller };
            known.domains.insert(r.name, Known { now: digest(&row), imported: r.imported });
        }
        self.known_zones(&mut known).await?;
        for r in sqlx::query!("select name, aliases, kind, root, target, tls, server, source, imported from homepages")
            .fetch_all(&mut *self.tx)
            .await?
        {
            let row = PaperHomepage {
                name: r.name.clone(),
                aliases: r.aliases,
                kind: r.kind,
                root: r.root,
                target: r.target,
                tls: r.tls,
                server: r.server,
                source: r.source,
            };
            known.homepages.insert(r.name, Known { now: digest(&row), imported: r.imported });
        }
        for r in sqlx::query!("select address, path, password_hash, extra, bytes, files, imported from mailboxes")
            .fetch_all(&mut *self.tx)
            .await?
        {
            let row = PaperMailbox {
                address: r.address.clone(),
                path: r.path,
                password_hash: r.password_hash,
                extra: r.extra,
                bytes: r.bytes,
                files: r.files,
            };
            known.mailboxes.insert(r.address, Known { now: digest(&row), imported: r.imported });
        }
        for r in sqlx::query!("select address, targets, imported from aliases").fetch_all(&mut *self.tx).await? {
            let row = PaperAlias { address: r.address.clone(), targets: r.targets };
            known.aliases.insert(r.address, Known { now: digest(&row), imported: r.imported });
        }
        Ok(known)
    }

    async fn known_zones(&mut self, known: &mut KnownRows) -> Result<(), StoreError> {
        let mut records: HashMap<Uuid, Vec<Record>> = HashMap::new();
        for r in sqlx::query!("select zone_id, owner, rtype, ttl, data from records order by id")
            .fetch_all(&mut *self.tx)
            .await?
        {
            records.entry(r.zone_id).or_default().push(to_record(&r.owner, &r.rtype, r.ttl, &r.data)?);
        }
        for r in sqlx::query!("select id, name, imported from zones").fetch_all(&mut *self.tx).await? {
            let origin = Name::parse(&format!("{}.", r.name), None)
                .map_err(|e| StoreError::Inconsistent { table: "zones", reason: e.to_string() })?;
            let zone = Zone { origin, records: records.remove(&r.id).unwrap_or_default() };
            known.zones.insert(r.name, Known { now: zone_digest(&zone), imported: r.imported });
        }
        Ok(())
    }

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

    /// Writes domains, each with its name for people.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_domains(&mut self, rows: &[(PaperDomain, String)]) -> Result<(), StoreError> {
        self.put_resellers(rows.iter().filter_map(|(r, _)| r.reseller.as_deref())).await?;
        let ids: Vec<Uuid> = rows.iter().map(|_| new_id(self.now)).collect();
        let names: Vec<String> = rows.iter().map(|(r, _)| r.name.clone()).collect();
        let unicode: Vec<String> = rows.iter().map(|(_, u)| u.clone()).collect();
        let customers: Vec<Option<String>> = rows.iter().map(|(r, _)| r.customer.clone()).collect();
        let resellers: Vec<Option<String>> = rows.iter().map(|(r, _)| r.reseller.clone()).collect();
        let digests: Vec<Vec<u8>> = rows.iter().map(|(r, _)| digest(r)).collect();
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
        Ok(())
    }

    /// Ids of all domains by name, for what belongs to them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn domain_ids(&mut self) -> Result<HashMap<String, Uuid>, StoreError> {
        let rows = sqlx::query!("select name, id from domains").fetch_all(&mut *self.tx).await?;
        Ok(rows.into_iter().map(|r| (r.name, r.id)).collect())
    }

    /// Writes zones with their records, and publishes those that a server would load.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_zones(
        &mut self,
        rows: &[(PaperZone, String, Option<Uuid>)],
        note: &str,
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|_| new_id(self.now)).collect();
        let names: Vec<String> = rows.iter().map(|(z, ..)| z.name.clone()).collect();
        let unicode: Vec<String> = rows.iter().map(|(_, u, _)| u.clone()).collect();
        let domains: Vec<Option<Uuid>> = rows.iter().map(|(.., d)| *d).collect();
        let errors: Vec<i32> = rows.iter().map(|(z, ..)| z.errors).collect();
        let warnings: Vec<i32> = rows.iter().map(|(z, ..)| z.warnings).collect();
        let counts: Vec<i32> =
            rows.iter().map(|(z, ..)| i32::try_from(z.zone.records.len()).unwrap_or(i32::MAX)).collect();
        let changed: Vec<bool> = rows.iter().map(|(z, ..)| z.publish.is_none()).collect();
        let digests: Vec<Vec<u8>> = rows.iter().map(|(z, ..)| zone_digest(&z.zone)).collect();
        let written = sqlx::query!(
            "insert into zones (id, name, unicode, domain_id, errors, warnings, records, changed, imported, created_at, updated_at)
             select *, $10::timestamptz, $10 from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::integer[], $6::integer[],
                 $7::integer[], $8::boolean[], $9::bytea[])
             on conflict on constraint zones_name_key do update set
                 domain_id = excluded.domain_id, errors = excluded.errors, warnings = excluded.warnings,
                 records = excluded.records, changed = excluded.changed, imported = excluded.imported,
                 updated_at = excluded.updated_at, revision = zones.revision + 1, archived_at = null
             returning id, name",
            &ids,
            &names,
            &unicode,
            &domains as &[Option<Uuid>],
            &errors,
            &warnings,
            &counts,
            &changed,
            &digests,
            self.now,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let by_name: HashMap<String, Uuid> = written.into_iter().map(|r| (r.name, r.id)).collect();
        let all: Vec<Uuid> = by_name.values().copied().collect();
        sqlx::query!("delete from records where zone_id = any($1)", &all).execute(&mut *self.tx).await?;
        let (mut zones, mut records) = (Vec::new(), Vec::new());
        for (paper, ..) in rows {
            let Some(id) = by_name.get(&paper.name) else { continue };
            zones.extend(std::iter::repeat_n(*id, paper.zone.records.len()));
            records.extend(paper.zone.records.iter().cloned());
        }
        self.insert_records(&zones, &records).await?;
        self.publish_zones(rows, &by_name, note).await
    }

    async fn publish_zones(
        &mut self,
        rows: &[(PaperZone, String, Option<Uuid>)],
        by_name: &HashMap<String, Uuid>,
        note: &str,
    ) -> Result<(), StoreError> {
        let (mut zones, mut serials, mut contents) = (Vec::new(), Vec::new(), Vec::new());
        for (paper, ..) in rows {
            if let (Some((serial, content)), Some(id)) = (&paper.publish, by_name.get(&paper.name)) {
                zones.push(*id);
                serials.push(i64::from(*serial));
                contents.push(content.clone());
            }
        }
        sqlx::query!(
            "with added as (
                 insert into zone_versions (zone_id, number, serial, content, created_at, created_by, note)
                 select t.zone_id, coalesce((select max(number) from zone_versions v where v.zone_id = t.zone_id), 0) + 1,
                     t.serial, t.content, $4, $5, $6
                 from unnest($1::uuid[], $2::bigint[], $3::text[]) as t (zone_id, serial, content)
                 returning zone_id, number, serial)
             update zones z set published_number = a.number, published_serial = a.serial
             from added a where a.zone_id = z.id",
            &zones,
            &serials,
            &contents,
            self.now,
            Scope::actor(&self.scope),
            note,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// The serial that each zone of these names is served with now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn published_serials(&mut self, names: &[String]) -> Result<HashMap<String, u32>, StoreError> {
        let rows = sqlx::query!(
            r#"select name, published_serial as "serial!" from zones where name = any($1) and published_serial is not null"#,
            names,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.into_iter().filter_map(|r| Some((r.name, u32::try_from(r.serial).ok()?))).collect())
    }

    /// Writes homepages.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_homepages(&mut self, rows: &[(PaperHomepage, String, Option<Uuid>)]) -> Result<(), StoreError> {
        for (row, unicode, domain) in rows {
            sqlx::query!(
                "insert into homepages (id, name, unicode, aliases, kind, root, target, tls, server, source, domain_id, imported,
                     created_at, updated_at)
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
                 on conflict on constraint homepages_name_key do update set
                     aliases = excluded.aliases, kind = excluded.kind, root = excluded.root, target = excluded.target,
                     tls = excluded.tls, server = excluded.server, source = excluded.source, domain_id = excluded.domain_id,
                     imported = excluded.imported, updated_at = excluded.updated_at, revision = homepages.revision + 1,
                     archived_at = null",
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
                 created_at, updated_at)
             select *, $11::timestamptz, $11 from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                 $7::text[], $8::bigint[], $9::bigint[], $10::bytea[])
             on conflict on constraint mailboxes_address_key do update set
                 domain_id = excluded.domain_id, path = excluded.path, password_hash = excluded.password_hash,
                 password_scheme = excluded.password_scheme, extra = excluded.extra, bytes = excluded.bytes,
                 files = excluded.files, imported = excluded.imported, updated_at = excluded.updated_at,
                 revision = mailboxes.revision + 1, archived_at = null",
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
                     updated_at = excluded.updated_at, revision = aliases.revision + 1, archived_at = null",
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

impl Tx {
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
}
