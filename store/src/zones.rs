//! Zones: their records as edited, and their versions as published.

use crate::{StoreError, Tx, View, list::pattern, tx::ensure_one};
use chrono::{DateTime, Utc};
use hostler_core::{
    dns::{RData, RType, Record, Zone},
    names::Name,
};
use sqlx::PgConnection;
use uuid::Uuid;

/// A zone without its records.
#[derive(Debug, Clone)]
pub struct ZoneRow {
    /// Id.
    pub id: Uuid,
    /// Apex in lower case without the final dot.
    pub name: String,
    /// Apex with U-labels.
    pub unicode: String,
    /// Customer that it belongs to.
    pub customer_id: Option<Uuid>,
    /// The customer's company or number.
    pub customer: Option<String>,
    /// Changes with every edit; an edit names the one it was made on.
    pub revision: i32,
    /// Errors of the records as edited.
    pub errors: i32,
    /// Warnings of the records as edited.
    pub warnings: i32,
    /// Whether the records differ from the published version.
    pub changed: bool,
    /// Number of the published version.
    pub published_number: Option<i32>,
    /// Serial of the published version.
    pub published_serial: Option<i64>,
}

/// A record with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Id.
    pub id: i64,
    /// The record.
    pub record: Record,
}

/// A published version without its text.
#[derive(Debug, Clone)]
pub struct VersionRow {
    /// From 1.
    pub number: i32,
    /// Serial in its SOA.
    pub serial: i64,
    /// When it was published.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// Why.
    pub note: String,
}

/// What the lint says, kept beside the zone for the lists.
#[derive(Debug, Clone, Copy)]
pub struct ZoneStats {
    /// Number of errors.
    pub errors: i32,
    /// Number of warnings.
    pub warnings: i32,
    /// Number of records.
    pub records: i32,
    /// Whether it differs from what is published.
    pub changed: bool,
}

/// What the people of a customer may change in its zones.
#[derive(Debug, Clone)]
pub struct PlanRow {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Types of the records that they may change.
    pub record_types: Vec<String>,
    /// Records that a zone may have.
    pub max_records: i32,
    /// Smallest time to live, in seconds.
    pub min_ttl: i32,
    /// Changes with every edit.
    pub revision: i32,
}

/// A published zone, to be rendered.
#[derive(Debug, Clone)]
pub struct PublishedZone {
    /// Apex in lower case without the final dot.
    pub name: String,
    /// Version.
    pub number: i32,
    /// Canonical text.
    pub content: String,
}

/// One record that a search found.
#[derive(Debug, Clone)]
pub struct FoundRecord {
    /// Its zone.
    pub zone_id: Uuid,
    /// Owner.
    pub owner: String,
    /// Type.
    pub rtype: String,
    /// Time to live.
    pub ttl: i64,
    /// Data.
    pub data: String,
}

/// A row as a record. It went in as one, so a failure is a fault of this program.
pub(crate) fn to_record(owner: &str, rtype: &str, ttl: i64, data: &str) -> Result<Record, StoreError> {
    let wrong =
        |reason: String| StoreError::Inconsistent { table: "records", reason: format!("{owner} {rtype}: {reason}") };
    let owner_name = Name::parse(owner, None).map_err(|e| wrong(e.to_string()))?;
    let rtype: RType = rtype.parse().map_err(|e: hostler_core::dns::rtype::UnknownType| wrong(e.to_string()))?;
    let ttl = u32::try_from(ttl).map_err(|e| wrong(e.to_string()))?;
    let data = RData::parse(rtype, data, None).map_err(|e| wrong(e.to_string()))?;
    Ok(Record { owner: owner_name, ttl, data })
}

/// A published text as a zone.
///
/// # Errors
/// `Inconsistent` if the text is no zone.
pub fn parse_version(name: &str, content: &str) -> Result<Zone, StoreError> {
    let wrong =
        |reason: String| StoreError::Inconsistent { table: "zone_versions", reason: format!("{name}: {reason}") };
    let origin = Name::parse(&format!("{name}."), None).map_err(|e| wrong(e.to_string()))?;
    let parsed = hostler_core::dns::parser::parse_own(content.as_bytes(), &origin)
        .map_err(|e| wrong(e.first().map_or_else(String::new, ToString::to_string)))?;
    Ok(parsed.zone)
}

async fn zone(connection: &mut PgConnection, id: Uuid) -> Result<ZoneRow, StoreError> {
    Ok(sqlx::query_as!(
        ZoneRow,
        r#"select z.id as "id!", z.name as "name!", z.unicode as "unicode!", c.id as "customer_id?",
             coalesce(nullif(c.company, ''), c.number) as customer, z.revision as "revision!", z.errors as "errors!",
             z.warnings as "warnings!", z.changed as "changed!", z.published_number, z.published_serial
         from zones z left join domains d on d.id = z.domain_id left join customers c on c.id = d.customer_id
         where z.id = $1 and z.archived_at is null"#,
        id,
    )
    .fetch_one(connection)
    .await?)
}

async fn records(connection: &mut PgConnection, id: Uuid) -> Result<Vec<StoredRecord>, StoreError> {
    let rows = sqlx::query!("select id, owner, rtype, ttl, data from records where zone_id = $1 order by id", id)
        .fetch_all(connection)
        .await?;
    rows.into_iter()
        .map(|r| Ok(StoredRecord { id: r.id, record: to_record(&r.owner, &r.rtype, r.ttl, &r.data)? }))
        .collect()
}

async fn version(connection: &mut PgConnection, id: Uuid, number: i32) -> Result<String, StoreError> {
    Ok(sqlx::query_scalar!("select content from zone_versions where zone_id = $1 and number = $2", id, number)
        .fetch_one(connection)
        .await?)
}

impl View {
    /// The domain of a zone, if it is one that is kept here.
    ///
    /// # Errors
    /// `NotFound` if there is no such zone for this scope.
    pub async fn zone_domain(&mut self, id: Uuid) -> Result<Option<Uuid>, StoreError> {
        Ok(sqlx::query_scalar!("select domain_id from zones where id = $1", id).fetch_one(&mut *self.tx).await?)
    }

    /// One zone.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn zone(&mut self, id: Uuid) -> Result<ZoneRow, StoreError> {
        zone(&mut self.tx, id).await
    }

    /// The zone of that name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn zone_id(&mut self, name: &str) -> Result<Option<Uuid>, StoreError> {
        Ok(sqlx::query_scalar!("select id from zones where name = $1 and archived_at is null", name)
            .fetch_optional(&mut *self.tx)
            .await?)
    }

    /// Its records in the order in which they came.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn zone_records(&mut self, id: Uuid) -> Result<Vec<StoredRecord>, StoreError> {
        records(&mut self.tx, id).await
    }

    /// Its published versions, newest first. As in the log, a tenant reads of people who are not its own that it was
    /// the provider.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn zone_versions(&mut self, id: Uuid) -> Result<Vec<VersionRow>, StoreError> {
        Ok(sqlx::query_as!(
            VersionRow,
            r#"select number, serial, created_at, note,
                 case when $2 or exists (select from users p where p.id = created_by_id) then created_by else '(provider)' end as "created_by!"
             from zone_versions where zone_id = $1 order by number desc limit 1000"#,
            id,
            self.scope.is_everything(),
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// The text of a version.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn zone_version(&mut self, id: Uuid, number: i32) -> Result<String, StoreError> {
        version(&mut self.tx, id, number).await
    }

    /// Names and version numbers of all zones that are served, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn published_numbers(&mut self) -> Result<Vec<(String, i32)>, StoreError> {
        let rows = sqlx::query!(
            r#"select name, published_number as "number!" from zones
             where published_number is not null and archived_at is null order by name"#,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.into_iter().map(|r| (r.name, r.number)).collect())
    }

    /// The published texts of these zones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn published_zones(&mut self, names: &[String]) -> Result<Vec<PublishedZone>, StoreError> {
        Ok(sqlx::query_as!(
            PublishedZone,
            "select z.name, v.number, v.content from zones z
             join zone_versions v on v.zone_id = z.id and v.number = z.published_number
             where z.name = any($1) and z.archived_at is null order by z.name",
            names,
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// Zones that are not served, and why: number of errors (0: never published).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unpublished_zones(&mut self) -> Result<Vec<(String, i32)>, StoreError> {
        let rows = sqlx::query!(
            "select name, errors from zones where published_number is null and archived_at is null order by name"
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(rows.into_iter().map(|r| (r.name, r.errors)).collect())
    }

    /// Records whose owner below the zone, or whose data, hold a text, or whose owner begins with it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_records(&mut self, q: &str, limit: i64) -> Result<Vec<FoundRecord>, StoreError> {
        // Not counted and not sorted: a common text stops after the first rows, a rare one is found by its trigrams.
        let text = pattern(&q.to_lowercase());
        let beginning = text.strip_prefix('%').unwrap_or_default();
        // A common text is found in the first rows; the index would bring all of its rows before it gives one, and behind
        // row-level security the planner may not know which it is.
        let common = sqlx::query_as!(
            FoundRecord,
            "select zone_id, owner, rtype, ttl, data from (select * from records limit 3000) r
             where search like $1 or lower(owner) like $2 limit $3",
            text,
            beginning,
            limit,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        if i64::try_from(common.len()).is_ok_and(|found| found >= limit) {
            return Ok(common);
        }
        Ok(sqlx::query_as!(
            FoundRecord,
            "select zone_id, owner, rtype, ttl, data from records where search like $1 or lower(owner) like $2 limit $3",
            text,
            beginning,
            limit,
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }
}

impl Tx {
    /// Locks a zone for an edit; answers it with its records and the text that is served.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn lock_zone(&mut self, id: Uuid) -> Result<(ZoneRow, Vec<StoredRecord>, Option<String>), StoreError> {
        sqlx::query!("select id from zones where id = $1 and archived_at is null for update", id)
            .fetch_one(&mut *self.tx)
            .await?;
        let row = zone(&mut self.tx, id).await?;
        let records = records(&mut self.tx, id).await?;
        let served = match row.published_number {
            Some(number) => Some(version(&mut self.tx, id, number).await?),
            None => None,
        };
        Ok((row, records, served))
    }

    /// The text of a version.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn zone_version(&mut self, id: Uuid, number: i32) -> Result<String, StoreError> {
        version(&mut self.tx, id, number).await
    }

    /// What the customer of a zone may change in it; `None` where it has none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plan_of_zone(&mut self, id: Uuid) -> Result<Option<PlanRow>, StoreError> {
        Ok(sqlx::query_as!(
            PlanRow,
            r#"select p.id as "id!", p.name as "name!", p.record_types as "record_types!", p.max_records as "max_records!",
                 p.min_ttl as "min_ttl!", p.revision as "revision!"
             from zones z join domains d on d.id = z.domain_id join customers c on c.id = d.customer_id join plans p on p.id = c.plan_id
             where z.id = $1"#,
            id,
        )
        .fetch_optional(&mut *self.tx)
        .await?)
    }

    /// Takes records out of a zone and adds others.
    ///
    /// # Errors
    /// `NotFound` if the zone has not all of those.
    pub async fn change_records(&mut self, zone: Uuid, out: &[i64], added: &[Record]) -> Result<(), StoreError> {
        let done = sqlx::query!("delete from records where zone_id = $1 and id = any($2)", zone, out)
            .execute(&mut *self.tx)
            .await?;
        if done.rows_affected() != u64::try_from(out.len()).unwrap_or(u64::MAX) {
            return Err(StoreError::NotFound);
        }
        let zones = vec![zone; added.len()];
        self.insert_records(&zones, added).await
    }

    /// Puts these records in the place of those that a zone has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replace_records(&mut self, zone: Uuid, records: &[Record]) -> Result<(), StoreError> {
        sqlx::query!("delete from records where zone_id = $1", zone).execute(&mut *self.tx).await?;
        let zones = vec![zone; records.len()];
        self.insert_records(&zones, records).await
    }

    pub(crate) async fn insert_records(&mut self, zones: &[Uuid], records: &[Record]) -> Result<(), StoreError> {
        let owners: Vec<String> = records.iter().map(|r| r.owner.to_string()).collect();
        let types: Vec<String> = records.iter().map(|r| r.rtype().to_string()).collect();
        let ttls: Vec<i64> = records.iter().map(|r| i64::from(r.ttl)).collect();
        let data: Vec<String> = records.iter().map(|r| r.data.to_string()).collect();
        sqlx::query!(
            "insert into records (zone_id, owner, rtype, ttl, data, search)
             select i.zone, i.owner, i.rtype, i.ttl, i.data, record_search(i.owner, z.name, i.data)
             from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[]) with ordinality as i (zone, owner, rtype, ttl, data, n)
             join zones z on z.id = i.zone order by i.n",
            zones,
            &owners,
            &types,
            &ttls,
            &data,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Notes what the lint says, and that there is a new revision.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_zone_stats(&mut self, zone: Uuid, stats: ZoneStats) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "update zones set errors = $2, warnings = $3, records = $4, changed = $5, revision = revision + 1, updated_at = $6
             where id = $1",
            zone,
            stats.errors,
            stats.warnings,
            stats.records,
            stats.changed,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(done.rows_affected())
    }

    /// Adds a version and makes it the one that is served.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn publish_zone(
        &mut self,
        zone: Uuid,
        serial: u32,
        content: &str,
        note: &str,
    ) -> Result<i32, StoreError> {
        let number = sqlx::query_scalar!(
            r#"insert into zone_versions (zone_id, number, serial, content, created_at, created_by, note, created_by_id)
             select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7 from zone_versions where zone_id = $1
             returning number"#,
            zone,
            i64::from(serial),
            content,
            self.now,
            self.scope.actor(),
            note,
            self.scope.user(),
        )
        .fetch_one(&mut *self.tx)
        .await?;
        sqlx::query!(
            "update zones set published_number = $2, published_serial = $3, changed = false where id = $1",
            zone,
            number,
            i64::from(serial),
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(number)
    }
}
