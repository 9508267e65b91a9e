//! Who changed what: written in the transaction of the change itself, never changed afterwards.

use crate::{
    Scope, StoreError, Tx, View,
    list::{Listed, Page, pattern},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{Postgres, QueryBuilder};
use uuid::Uuid;

/// A change to be noted. Neither `before` nor `after` may hold a secret.
#[derive(Debug, Clone)]
pub struct Change<'c> {
    action: &'c str,
    entity: &'c str,
    id: String,
    label: &'c str,
    customer: Option<Uuid>,
    before: Option<Value>,
    after: Option<Value>,
    batch: Option<Uuid>,
    undoes: Option<i64>,
}

impl<'c> Change<'c> {
    /// `action` happened to a thing, which people know as `label`.
    #[must_use]
    pub fn new(action: &'c str, (entity, id): (&'c str, impl ToString), label: &'c str) -> Self {
        Self {
            action,
            entity,
            id: id.to_string(),
            label,
            customer: None,
            before: None,
            after: None,
            batch: None,
            undoes: None,
        }
    }

    /// The customer that it concerns, who may read it.
    #[must_use]
    pub fn customer(mut self, id: Option<Uuid>) -> Self {
        self.customer = id;
        self
    }

    /// How it was.
    #[must_use]
    pub fn before<T: Serialize>(mut self, value: Option<&T>) -> Self {
        // Structs of strings and numbers always have a JSON form.
        self.before = value.and_then(|v| serde_json::to_value(v).ok());
        self
    }

    /// How it is now.
    #[must_use]
    pub fn after<T: Serialize>(mut self, value: Option<&T>) -> Self {
        self.after = value.and_then(|v| serde_json::to_value(v).ok());
        self
    }

    /// Part of something larger.
    #[must_use]
    pub fn batch(mut self, id: Option<Uuid>) -> Self {
        self.batch = id;
        self
    }

    /// Takes an earlier entry back.
    #[must_use]
    pub fn undoes(mut self, id: Option<i64>) -> Self {
        self.undoes = id;
        self
    }
}

/// A change as the log has it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Entry {
    /// Position in the log.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, as [`crate::Scope::actor`].
    pub actor: String,
    /// Through whom or what.
    pub via: Option<String>,
    /// From where.
    pub address: Option<String>,
    /// The request that it belongs to.
    pub request_id: Option<String>,
    /// What was done, such as `publish`.
    pub action: String,
    /// To which kind of thing.
    pub entity: String,
    /// Its id.
    pub entity_id: String,
    /// What it was done to, for people.
    pub label: String,
    /// The customer that it concerns.
    pub customer_id: Option<Uuid>,
    /// How it was.
    pub before: Option<Value>,
    /// How it is.
    pub after: Option<Value>,
    /// What it is part of.
    pub batch_id: Option<Uuid>,
    /// The entry that it takes back.
    pub undoes: Option<i64>,
    /// Whether a later entry takes it back.
    pub undone: bool,
}

/// That something was changed, and nothing of what.
#[derive(Debug, Clone)]
pub struct NewsRow {
    /// Position in the log.
    pub id: i64,
    /// What was done.
    pub action: String,
    /// To which kind of thing.
    pub entity: String,
    /// Its id.
    pub entity_id: String,
}

impl Entry {
    /// The fields that this change changed, as they were before it; nothing if one of them is not as it left it any more.
    #[must_use]
    pub fn way_back(&self, now: &Value) -> Option<Value> {
        let (before, after) = (self.before.as_ref()?, self.after.as_ref()?);
        let mut back = serde_json::Map::new();
        for (name, value) in before.as_object()?.iter().filter(|(n, v)| after.get(n) != Some(*v)) {
            if now.get(name) != after.get(name) {
                return None;
            }
            back.insert(name.clone(), value.clone());
        }
        Some(back.into())
    }
}

/// Which changes.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Text in the thing's name or the actor.
    pub q: String,
    /// Kind of thing.
    pub entity: Option<String>,
    /// Id of the thing.
    pub id: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
    /// Part of this.
    pub batch: Option<Uuid>,
}

/// What a tenant reads: of people who are not its own neither address nor where they sat.
const TENANT_COLUMNS: &str = "select a.id, a.at, case when own.is_own then a.actor else '(provider)' end as actor,
     case when own.is_own then a.via end as via, case when own.is_own then a.address end as address, a.request_id, a.action, a.entity,
     a.entity_id, a.label, a.customer_id, a.before, a.after, a.batch_id, a.undoes, exists (select from audit u where u.undoes = a.id) as undone
     from audit a cross join lateral (select exists (select from users p where p.id = a.actor_id) as is_own) own";
const COLUMNS: &str = "select a.id, a.at, a.actor, a.via, a.address, a.request_id, a.action, a.entity, a.entity_id, a.label, a.customer_id,
     a.before, a.after, a.batch_id, a.undoes, exists (select from audit u where u.undoes = a.id) as undone from audit a";

impl Tx {
    /// Notes a change; answers its place in the log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&mut self, change: Change<'_>) -> Result<i64, StoreError> {
        sqlx::query!(
            "insert into audit (at, actor, actor_id, via, address, request_id, action, entity, entity_id, label, customer_id,
                 before, after, batch_id, undoes)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            self.now,
            self.scope.actor(),
            self.scope.user(),
            self.scope.via(),
            self.scope.address(),
            self.scope.request_id(),
            change.action,
            change.entity,
            change.id,
            change.label,
            change.customer,
            change.before,
            change.after,
            change.batch,
            change.undoes,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(sqlx::query_scalar!(r#"select currval(pg_get_serial_sequence('public.audit', 'id')) as "id!""#)
            .fetch_one(&mut *self.tx)
            .await?)
    }
}

fn columns(scope: &Scope) -> &'static str {
    if scope.is_everything() { COLUMNS } else { TENANT_COLUMNS }
}

fn narrow(query: &mut QueryBuilder<Postgres>, filter: &AuditFilter, scope: &Scope) {
    query.push(" where true");
    if !filter.q.trim().is_empty() {
        // A tenant does not find out who acted by searching for it.
        query.push(if scope.is_everything() {
            " and (a.label || ' ' || a.actor) ilike "
        } else {
            " and a.label ilike "
        });
        query.push_bind(pattern(&filter.q));
    }
    for (column, value) in [
        (" and a.entity = ", &filter.entity),
        (" and a.entity_id = ", &filter.id),
        (" and a.action = ", &filter.action),
    ] {
        if let Some(value) = value {
            query.push(column).push_bind(value.clone());
        }
    }
    if let Some(from) = filter.from {
        query.push(" and a.at >= ").push_bind(from);
    }
    if let Some(until) = filter.until {
        query.push(" and a.at < ").push_bind(until);
    }
    if let Some(batch) = filter.batch {
        query.push(" and a.batch_id = ").push_bind(batch);
    }
}

impl View {
    /// A page of the log, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&mut self, filter: &AuditFilter, page: Page) -> Result<Listed<Entry>, StoreError> {
        let mut count = QueryBuilder::new("select count(*) from audit a");
        narrow(&mut count, filter, &self.scope);
        let total: i64 = count.build_query_scalar().fetch_one(&mut *self.tx).await?;
        let mut rows = QueryBuilder::new(columns(&self.scope));
        narrow(&mut rows, filter, &self.scope);
        rows.push(" order by a.id desc limit ").push_bind(page.limit).push(" offset ").push_bind(page.offset);
        Ok(Listed { items: rows.build_query_as().fetch_all(&mut *self.tx).await?, total })
    }

    /// The part of the log before `below`, newest first: for going through it without counting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_below(
        &mut self,
        filter: &AuditFilter,
        below: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut rows = QueryBuilder::new(columns(&self.scope));
        narrow(&mut rows, filter, &self.scope);
        if let Some(below) = below {
            rows.push(" and a.id < ").push_bind(below);
        }
        rows.push(" order by a.id desc limit ").push_bind(limit);
        Ok(rows.build_query_as().fetch_all(&mut *self.tx).await?)
    }

    /// The newest `limit` entries of the log after `above`, oldest first, without what they changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_news(&mut self, above: i64, limit: i64) -> Result<Vec<NewsRow>, StoreError> {
        let mut rows = sqlx::query_as!(
            NewsRow,
            "select id, action, entity, entity_id from audit where id > $1 order by id desc limit $2",
            above,
            limit
        )
        .fetch_all(&mut *self.tx)
        .await?;
        rows.reverse();
        Ok(rows)
    }

    /// One entry.
    ///
    /// # Errors
    /// `NotFound` if there is none for this scope.
    pub async fn audit_entry(&mut self, id: i64) -> Result<Entry, StoreError> {
        let mut row = QueryBuilder::new(columns(&self.scope));
        row.push(" where a.id = ").push_bind(id);
        Ok(row.build_query_as().fetch_one(&mut *self.tx).await?)
    }

    /// The actions that the log has, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_actions(&mut self) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!("select distinct action from audit order by action limit 100")
            .fetch_all(&mut *self.tx)
            .await?)
    }
}
