//! Many mailboxes at once, in as many statements as one takes.

use crate::{
    StoreError, Tx,
    mailboxes::{MailDomain, MailUse, MailboxData},
    new_id,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// A mailbox to be made with others.
#[derive(Debug, Clone)]
pub struct NewMailboxRow<'r> {
    /// Its domain.
    pub domain: Uuid,
    /// Its address.
    pub address: &'r str,
    /// What is set of it.
    pub data: &'r MailboxData,
    /// The hash of its password as Dovecot reads it.
    pub hash: &'r str,
    /// That hash's scheme.
    pub scheme: &'r str,
}

impl Tx {
    /// The domains of these names as far as there are some for this scope, each held until the end: their addresses are made
    /// one after the other. They are taken in one order, so that two who take several wait for each other only once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_domains(&mut self, names: &[String]) -> Result<HashMap<String, MailDomain>, StoreError> {
        let found = sqlx::query_as!(
            MailDomain,
            "select id, name, customer_id from domains where name = any($1) and archived_at is null order by id",
            names,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let ids: Vec<Uuid> = found.iter().map(|d| d.id).collect();
        // A mailbox and an alias are in two tables, and one address is one thing.
        self.hold(&ids, 4).await?;
        Ok(found.into_iter().map(|d| (d.name.clone(), d)).collect())
    }

    /// What customers have by now, held until the end: two who make mailboxes at once are counted one after the other.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_uses(&mut self, customers: &[Uuid]) -> Result<HashMap<Uuid, MailUse>, StoreError> {
        let mut sorted = customers.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        self.hold(&sorted, 5).await?;
        let rows = sqlx::query!(
            r#"select c.id, count(m.id) as "mailboxes!",
                 least(coalesce(sum(m.quota_bytes), 0), 9223372036854775807)::bigint as "quota_bytes!", p.max_mailboxes, p.max_mail_bytes
             from customers c join plans p on p.id = c.plan_id
             left join domains d on d.customer_id = c.id
             left join mailboxes m on m.domain_id = d.id and m.archived_at is null
             where c.id = any($1) group by c.id, p.id"#,
            &sorted,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let mut uses = HashMap::new();
        for r in rows {
            let used = MailUse {
                mailboxes: r.mailboxes,
                quota_bytes: r.quota_bytes,
                max_mailboxes: r.max_mailboxes,
                max_mail_bytes: r.max_mail_bytes,
            };
            uses.insert(r.id, used);
        }
        Ok(uses)
    }

    pub(crate) async fn hold(&mut self, sorted: &[Uuid], what: i64) -> Result<(), StoreError> {
        sqlx::query!(
            "select pg_advisory_xact_lock(hashtextextended(t.id::text, $2)) from unnest($1::uuid[]) with ordinality as t (id, n) order by t.n",
            sorted,
            what,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Which of these addresses are a mailbox or an alias (`false`), or were a mailbox that was given up (`true`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_addresses(&mut self, addresses: &[String]) -> Result<HashMap<String, bool>, StoreError> {
        let rows = sqlx::query!(
            r#"select address as "address!", archived_at is not null as "given_up!" from mailboxes where address = any($1)
             union all select address, false from aliases where address = any($1) and archived_at is null"#,
            addresses,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let mut known = HashMap::new();
        for r in rows {
            // A mailbox that was given up may be an alias by now.
            known.entry(r.address).and_modify(|up| *up &= r.given_up).or_insert(r.given_up);
        }
        Ok(known)
    }

    /// Makes mailboxes whose addresses are nothing yet; answers their ids by address. One that became something meanwhile is
    /// left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_mailboxes(&mut self, rows: &[NewMailboxRow<'_>]) -> Result<HashMap<String, Uuid>, StoreError> {
        let row = |r: &NewMailboxRow<'_>| {
            let mut row = json!({ "id": new_id(self.now), "address": r.address, "domain": r.domain, "hash": r.hash, "scheme": r.scheme });
            if let (Some(row), Ok(Value::Object(data))) = (row.as_object_mut(), serde_json::to_value(r.data)) {
                row.extend(data);
            }
            row
        };
        let rows = Value::Array(rows.iter().map(row).collect());
        let made = sqlx::query!(
            "insert into mailboxes (id, address, domain_id, name, protocols, quota_bytes, quota_messages, storage, forward, keep, send_as,
                 reply_on, reply_from, reply_until, reply_subject, reply_text, reply_days, junk_at, password_hash, password_scheme,
                 password_at, created_at, updated_at)
             select t.id, t.address, t.domain, t.name, t.protocols, t.quota_bytes, t.quota_messages, t.storage, t.forward, t.keep, t.send_as,
                 t.reply_on, t.reply_from, t.reply_until, t.reply_subject, t.reply_text, t.reply_days, t.junk_at, t.hash, t.scheme, $2, $2, $2
             from jsonb_to_recordset($1) as t (id uuid, address text, domain uuid, hash text, scheme text, name text, protocols text[],
                 quota_bytes bigint, quota_messages integer, storage text, forward text[], keep boolean, send_as text[], reply_on boolean,
                 reply_from date, reply_until date, reply_subject text, reply_text text, reply_days smallint, junk_at smallint)
             where not exists (select from aliases a where a.address = t.address and a.archived_at is null)
             on conflict on constraint mailboxes_address_key do nothing returning id, address",
            rows,
            self.now,
        )
        .fetch_all(&mut *self.tx)
        .await?;
        Ok(made.into_iter().map(|r| (r.address, r.id)).collect())
    }
}
