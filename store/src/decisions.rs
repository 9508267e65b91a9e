//! What becomes of homepages: decided, noted, archived, taken back.

use crate::{StoreError, Tx};
use chrono::{DateTime, NaiveDate, Utc};
use hostler_core::web::Decision;
use uuid::Uuid;

/// What staff say of a homepage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What becomes of it.
    pub decision: Decision,
    /// Why.
    pub reason: String,
    /// The day on which it moves, if it is known.
    pub moves_on: Option<NaiveDate>,
    /// The server that it goes to, by name; none: the one that takes new ones.
    pub server: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What the staff should know.
    pub notes: String,
    /// The PHP that it needs; empty: its server's.
    pub php: String,
}

/// A homepage that something is decided of.
#[derive(Debug, Clone)]
pub struct PlanRow {
    /// Id.
    pub id: Uuid,
    /// Main name, U-labels.
    pub unicode: String,
    /// Its customer, through the domain.
    pub customer_id: Option<Uuid>,
    /// As it is.
    pub plan: Plan,
    /// What the looks at it speak for.
    pub proposal: Option<Decision>,
    /// Whether its domain has mailboxes or aliases.
    pub mail_is_used: bool,
    /// Whether logs say that people visit it, or its last look contradicts those before it.
    pub may_live: bool,
    /// Whether it is archived.
    pub archived: bool,
    /// Changes with every edit.
    pub revision: i32,
}

/// A plan to be written.
#[derive(Debug, Clone)]
pub struct NewPlan {
    /// Whose.
    pub id: Uuid,
    /// What.
    pub plan: Plan,
    /// Whether it decides anew; then who did so and when is noted.
    pub decides: bool,
}

fn decision(text: &str) -> Result<Decision, StoreError> {
    Decision::parse(text)
        .ok_or_else(|| StoreError::Inconsistent { table: "homepages", reason: format!("decision {text}") })
}

impl Tx {
    /// Homepages as they are planned, held until the end, in the order of their names; also archived ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plans(&mut self, ids: &[Uuid]) -> Result<Vec<PlanRow>, StoreError> {
        // Locked in one order, so that two who hold many cannot wait for each other.
        sqlx::query!("select id from homepages where id = any($1) order by id for update", ids)
            .fetch_all(&mut *self.tx)
            .await?;
        let rows = sqlx::query!(
            r#"select h.id, h.unicode, d.customer_id as "customer_id?", h.decision, h.decision_reason, h.moves_on, s.name as "server?", h.tags,
                 h.notes, h.php, h.proposal, h.archived_at is not null as "archived!", h.revision,
                 coalesce(h.hits > 0, false) or h.doubt is not null as "may_live!",
                 exists (select from mailboxes m where m.domain_id = h.domain_id and m.archived_at is null)
                     or exists (select from aliases a where a.domain_id = h.domain_id and a.archived_at is null) as "mail!"
             from homepages h left join domains d on d.id = h.domain_id left join web_servers s on s.id = h.new_server_id
             where h.id = any($1) order by h.name"#,
            ids
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let plan = Plan {
                decision: decision(&r.decision)?,
                reason: r.decision_reason,
                moves_on: r.moves_on,
                server: r.server,
                tags: r.tags,
                notes: r.notes,
                php: r.php,
            };
            out.push(PlanRow {
                id: r.id,
                unicode: r.unicode,
                customer_id: r.customer_id,
                plan,
                proposal: r.proposal.as_deref().map(decision).transpose()?,
                mail_is_used: r.mail,
                may_live: r.may_live,
                archived: r.archived,
                revision: r.revision,
            });
        }
        Ok(out)
    }

    /// Writes plans; a server is named by its name, one that is not there any more is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_plans(&mut self, rows: &[NewPlan]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|r| r.id).collect();
        let decisions: Vec<String> = rows.iter().map(|r| r.plan.decision.as_str().to_owned()).collect();
        let reasons: Vec<String> = rows.iter().map(|r| r.plan.reason.clone()).collect();
        let days: Vec<Option<NaiveDate>> = rows.iter().map(|r| r.plan.moves_on).collect();
        let servers: Vec<Option<String>> = rows.iter().map(|r| r.plan.server.clone()).collect();
        // Arrays of arrays have one length in Postgres; a line end is in no tag.
        let tags: Vec<String> = rows.iter().map(|r| r.plan.tags.join("\n")).collect();
        let notes: Vec<String> = rows.iter().map(|r| r.plan.notes.clone()).collect();
        let php: Vec<String> = rows.iter().map(|r| r.plan.php.clone()).collect();
        let decides: Vec<bool> = rows.iter().map(|r| r.decides).collect();
        sqlx::query!(
            "update homepages h set decision = t.decision, decision_reason = t.reason, moves_on = t.day,
                 new_server_id = (select s.id from web_servers s where s.name = t.server),
                 tags = case when t.tags = '' then '{}' else string_to_array(t.tags, e'\\n') end, notes = t.notes, php = t.php,
                 decided_at = case when t.decides then $10::timestamptz else h.decided_at end,
                 decided_by = case when t.decides then $11 else h.decided_by end,
                 revision = h.revision + 1, updated_at = $10
             from unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bool[])
                 as t (id, decision, reason, day, server, tags, notes, php, decides)
             where h.id = t.id",
            &ids,
            &decisions,
            &reasons,
            &days as &[Option<NaiveDate>],
            &servers as &[Option<String>],
            &tags,
            &notes,
            &php,
            &decides,
            self.now,
            self.scope.actor(),
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Those that are to be dropped and whose customers were told so in a letter that arrived and whose time is over, or said so
    /// themselves before `said_before`. Only what was written or said since the decision counts, and only with whose it is now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_to_be_archived(&mut self, said_before: DateTime<Utc>) -> Result<Vec<Uuid>, StoreError> {
        Ok(sqlx::query_scalar!(
            "select h.id from homepages h join domains d on d.id = h.domain_id
             where h.archived_at is null and h.decision = 'drop' and exists (
                 select from homepage_letter_items i join homepage_letters l on l.id = i.letter_id
                 where i.homepage_id = h.id and l.customer_id = d.customer_id
                     and (l.kind = 'drop' and l.created_at >= h.decided_at and l.expires_at <= $2 and i.answer is distinct from 'keep'
                             and exists (select from outbox o where o.id = l.id and o.state = 'sent')
                         or i.answer = 'let_go' and i.answered_at >= h.decided_at and i.answered_at < $1))
             order by h.id limit 1000",
            said_before,
            self.now
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// Archives homepages, or takes them out of the archive: what was said of their end before does not count any more then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn archive_homepages(&mut self, ids: &[Uuid], archived: bool) -> Result<(), StoreError> {
        sqlx::query!(
            "update homepages set archived_at = case when $2 then $3::timestamptz end, updated_at = $3, revision = revision + 1,
                 decided_at = case when $2 then decided_at else $3 end
             where id = any($1)",
            ids,
            archived,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
