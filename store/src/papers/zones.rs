//! Writes zones of papers, with their records and their first versions.

use super::zone_digest;
use crate::{Scope, StoreError, Tx, new_id};
use hostler_core::papers::PaperZone;
use std::collections::HashMap;
use uuid::Uuid;

impl Tx {
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
}
