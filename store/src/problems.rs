//! Reconciliation: the facts it is made from, and what it found.

use crate::{
    StoreError, Tx, View,
    list::{Listed, Page, pattern},
};
use hostler_core::{
    names::DomainName,
    reconcile::{Facts, Kind, MailboxFacts, Problem, ZoneFacts},
};
use sqlx::{Postgres, QueryBuilder};
use std::collections::BTreeMap;

/// A problem in a list, with what it links to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ProblemRow {
    /// Code of its kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// What the sentence fills in.
    pub detail: String,
}

impl Tx {
    /// Reads all facts as this transaction sees them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn facts(&mut self) -> Result<Facts, StoreError> {
        // Two who find problems at once would keep each other's old ones.
        sqlx::query!("select pg_advisory_xact_lock(7202)").execute(&mut *self.tx).await?;
        let mut facts = Facts::default();
        let rows = sqlx::query_scalar!("select number from customers where archived_at is null")
            .fetch_all(&mut *self.tx)
            .await?;
        facts.customers.extend(rows);
        for row in sqlx::query!("select name, customer_number from domains where archived_at is null")
            .fetch_all(&mut *self.tx)
            .await?
        {
            if let Ok(name) = DomainName::parse(&row.name) {
                facts.domains.insert(name, row.customer_number);
            }
        }
        let mut zones: BTreeMap<uuid::Uuid, ZoneFacts> = BTreeMap::new();
        for row in sqlx::query!("select id, name, errors, published_number from zones where archived_at is null")
            .fetch_all(&mut *self.tx)
            .await?
        {
            zones.insert(
                row.id,
                ZoneFacts {
                    name: row.name,
                    errors: usize::try_from(row.errors).unwrap_or(0),
                    loadable: row.published_number.is_some(),
                    mx: Vec::new(),
                    addresses: Vec::new(),
                },
            );
        }
        for row in sqlx::query!("select zone_id, owner, rtype, data from records where rtype in ('MX', 'A', 'AAAA')")
            .fetch_all(&mut *self.tx)
            .await?
        {
            let Some(zone) = zones.get_mut(&row.zone_id) else { continue };
            let bare = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
            if row.rtype == "MX" {
                let target = row.data.split_once(' ').map_or("", |(_, t)| t);
                zone.mx.push((bare(&row.owner), bare(target)));
            } else {
                zone.addresses.push((bare(&row.owner), row.data));
            }
        }
        facts.zones = zones.into_values().collect();
        facts.zones.sort_by(|a, b| a.name.cmp(&b.name));
        for row in sqlx::query!("select name, aliases from homepages where archived_at is null order by name")
            .fetch_all(&mut *self.tx)
            .await?
        {
            facts.homepages.push((row.name, row.aliases));
        }
        for row in sqlx::query!(
            r#"select address, password_hash is not null as "password!", path is not null as "path!"
             from mailboxes where archived_at is null order by address"#,
        )
        .fetch_all(&mut *self.tx)
        .await?
        {
            facts.mailboxes.push(MailboxFacts { address: row.address, has_password: row.password, has_path: row.path });
        }
        for row in sqlx::query!("select address, targets from aliases where archived_at is null")
            .fetch_all(&mut *self.tx)
            .await?
        {
            facts.aliases.insert(row.address, row.targets);
        }
        Ok(facts)
    }

    /// Puts these problems in the place of those found before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn replace_problems(&mut self, problems: &[Problem]) -> Result<(), StoreError> {
        sqlx::query!("delete from problems").execute(&mut *self.tx).await?;
        let kinds: Vec<String> = problems.iter().map(|p| p.kind.code().to_owned()).collect();
        let subjects: Vec<String> = problems.iter().map(|p| p.subject.clone()).collect();
        let details: Vec<String> = problems.iter().map(|p| p.detail.clone()).collect();
        sqlx::query!(
            "insert into problems (kind, subject, detail) select * from unnest($1::text[], $2::text[], $3::text[])
             on conflict do nothing",
            &kinds,
            &subjects,
            &details,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

impl View {
    /// A page of problems.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn problems(
        &mut self,
        kind: Option<Kind>,
        q: &str,
        page: Page,
    ) -> Result<Listed<ProblemRow>, StoreError> {
        let narrow = |query: &mut QueryBuilder<Postgres>| {
            query.push(" where true");
            if let Some(kind) = kind {
                query.push(" and kind = ").push_bind(kind.code());
            }
            if !q.trim().is_empty() {
                query.push(" and (subject || ' ' || detail) ilike ").push_bind(pattern(q));
            }
        };
        let mut count = QueryBuilder::new("select count(*) from problems");
        narrow(&mut count);
        let total: i64 = count.build_query_scalar().fetch_one(&mut *self.tx).await?;
        let mut rows = QueryBuilder::new("select kind, subject, detail from problems");
        narrow(&mut rows);
        rows.push(" order by kind, subject, detail limit ")
            .push_bind(page.limit)
            .push(" offset ")
            .push_bind(page.offset);
        Ok(Listed { items: rows.build_query_as().fetch_all(&mut *self.tx).await?, total })
    }

    /// Number of problems of each kind.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn problem_counts(&mut self) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query!(r#"select kind, count(*) as "n!" from problems group by kind"#)
            .fetch_all(&mut *self.tx)
            .await?;
        Ok(rows.into_iter().map(|r| (r.kind, r.n)).collect())
    }

    /// Zones by name, for links from problems.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn zone_ids(&mut self, names: &[String]) -> Result<BTreeMap<String, uuid::Uuid>, StoreError> {
        let rows =
            sqlx::query!("select name, id from zones where name = any($1)", names).fetch_all(&mut *self.tx).await?;
        Ok(rows.into_iter().map(|r| (r.name, r.id)).collect())
    }
}
