//! What the database knows of the rows that papers have.

use super::{Known, KnownRows, digest, zone_digest};
use crate::{StoreError, Tx, zones::to_record};
use hostler_core::{
    dns::{Record, Zone},
    names::Name,
    papers::{PaperAlias, PaperCustomer, PaperDomain, PaperHomepage, PaperMailbox},
};
use std::collections::HashMap;
use uuid::Uuid;

impl Tx {
    /// Lets no second import plan or write until this transaction ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_imports(&mut self) -> Result<(), StoreError> {
        sqlx::query!("select pg_advisory_xact_lock(7201)").execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Lets no zone be edited until this transaction ends: an edit made between reading and writing would be lost.
    /// Edits begin with a lock on their zone's row, so those under way are waited for. Reading goes on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lock_zones(&mut self) -> Result<(), StoreError> {
        sqlx::query("lock table zones in exclusive mode").execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Reads the digests of all rows.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_rows(&mut self) -> Result<KnownRows, StoreError> {
        let mut known = KnownRows::default();
        for r in sqlx::query!(
            r#"select c.number as "number!", c.company as "company!", c.contact as "contact!", c.street as "street!",
                 c.postcode as "postcode!", c.city as "city!", c.country as "country!", c.email as "email!",
                 c.vat_id as "vat_id!", c.imported, r.number as "reseller?"
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
        for r in sqlx::query!(
            r#"select name, aliases, kind, root, target, tls, server, source, imported,
                 array(select host(a) from unnest(listens) a) as "listens!" from homepages"#
        )
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
                listens: r.listens,
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
}
