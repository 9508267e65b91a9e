//! The provider's mail servers, and on which of them mailboxes live.

use crate::{StoreError, Tx, View, new_id};
use chrono::{DateTime, Utc};
use hostler_core::{
    mail::{MailServer, Role, ServerName},
    names::DomainName,
};
use sqlx::PgConnection;
use std::net::IpAddr;
use uuid::Uuid;

/// What is said of a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServerData {
    /// As the others and the world know it.
    pub server: MailServer,
    /// Whether new mailboxes are made on it.
    pub takes_new: bool,
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct MailServerRow {
    /// Id.
    pub id: Uuid,
    /// What is said of it.
    pub data: MailServerData,
    /// How many mailboxes live on it.
    pub mailboxes: i64,
    /// Changes with every edit.
    pub revision: i32,
}

/// Where a mailbox lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The server's name; none where servers have no names.
    pub server: Option<String>,
    /// Whether its mail waits while it is being moved.
    pub held: bool,
    /// Until when whoever logs in waits.
    pub delay_until: Option<DateTime<Utc>>,
}

/// A mailbox at the end of a mail's way.
#[derive(Debug, Clone)]
pub struct MailEnd {
    /// Its address.
    pub address: String,
    /// The server that it lives on; none where servers have no names.
    pub server: Option<String>,
    /// Most octets.
    pub quota_bytes: Option<i64>,
    /// Most mails.
    pub quota_messages: Option<i32>,
    /// Whether its mail waits while it is being moved.
    pub held: bool,
}

/// A mailbox that is to live elsewhere.
#[derive(Debug, Clone)]
pub struct Placed {
    /// Its id.
    pub id: Uuid,
    /// Its address.
    pub address: String,
    /// Its domain's customer.
    pub customer_id: Option<Uuid>,
    /// Where it lives now.
    pub placement: Placement,
}

fn server(name: &str, host_name: &str, address: &str, roles: &[String]) -> Result<MailServer, StoreError> {
    let broken =
        |reason: String| StoreError::Inconsistent { table: "mail_servers", reason: format!("{name}: {reason}") };
    Ok(MailServer {
        name: ServerName::parse(name).map_err(broken)?,
        host_name: DomainName::parse(host_name).map_err(|e| broken(e.to_string()))?,
        address: address.parse::<IpAddr>().map_err(|e| broken(e.to_string()))?,
        roles: roles.iter().filter_map(|r| Role::parse(r)).collect(),
    })
}

async fn servers(connection: &mut PgConnection) -> Result<Vec<MailServerRow>, StoreError> {
    let rows = sqlx::query!(
        r#"select s.id, s.name, s.host_name, host(s.address) as "address!", s.roles, s.takes_new, s.revision, coalesce(m.n, 0) as "mailboxes!"
         from mail_servers s left join (select server_id, count(*) as n from mailboxes
             where archived_at is null and server_id is not null group by 1) m on m.server_id = s.id
         order by s.name collate "C" limit 500"#
    )
    .fetch_all(connection)
    .await?;
    let mut out = Vec::with_capacity(rows.len());
    for r in rows {
        let server = server(&r.name, &r.host_name, &r.address, &r.roles)?;
        let data = MailServerData { server, takes_new: r.takes_new };
        out.push(MailServerRow { id: r.id, data, mailboxes: r.mailboxes, revision: r.revision });
    }
    Ok(out)
}

impl View {
    /// The mail servers, in the order of their names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_servers(&mut self) -> Result<Vec<MailServerRow>, StoreError> {
        servers(&mut self.tx).await
    }
}

/// A name among the servers, with its roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHost {
    /// Its full name.
    pub host_name: String,
    /// What it is there for.
    pub roles: Vec<String>,
}

impl ServerHost {
    /// Whether it is there for that.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.iter().any(|r| r == role.as_str())
    }
}

impl View {
    /// The full names of the mail servers with their roles, in the order of what they are called; customers may know them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_hosts(&mut self) -> Result<Vec<ServerHost>, StoreError> {
        Ok(sqlx::query_as!(ServerHost, r#"select host_name, roles from mail_servers order by name collate "C""#)
            .fetch_all(&mut *self.tx)
            .await?)
    }

    /// What there is to know of mailboxes in which a mail ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_ends(&mut self, addresses: &[String]) -> Result<Vec<MailEnd>, StoreError> {
        Ok(sqlx::query_as!(
            MailEnd,
            r#"select m.address, s.name as "server?", m.quota_bytes, m.quota_messages, m.frozen_at is not null as "held!"
             from mailboxes m left join mail_servers s on s.id = m.server_id where m.address = any($1) and m.archived_at is null"#,
            addresses
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// Where these mailboxes live, as far as they are there, in the order of their addresses.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn placements(&mut self, ids: &[Uuid]) -> Result<Vec<Placed>, StoreError> {
        let rows = sqlx::query!(
            r#"select m.id, m.address, d.customer_id as "customer_id?", s.name as "server?", m.frozen_at is not null as "held!", m.delay_until
             from mailboxes m left join domains d on d.id = m.domain_id left join mail_servers s on s.id = m.server_id
             where m.id = any($1) and m.archived_at is null order by m.address"#,
            ids
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let mut placed = Vec::with_capacity(rows.len());
        for r in rows {
            placed.push(Placed {
                id: r.id,
                address: r.address,
                customer_id: r.customer_id,
                placement: Placement { server: r.server, held: r.held, delay_until: r.delay_until },
            });
        }
        Ok(placed)
    }
}

impl Tx {
    /// The mail servers; whoever else changes them waits until the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_mail_servers(&mut self) -> Result<Vec<MailServerRow>, StoreError> {
        self.hold(&[Uuid::nil()], 6).await?;
        servers(&mut self.tx).await
    }

    /// Adds a mail server. The first that keeps mail gets every mailbox that lives nowhere yet.
    ///
    /// # Errors
    /// `mail_servers_name_key`, `mail_servers_host_name_key`, `mail_servers_address_key` if there is one of that already.
    pub async fn add_mail_server(&mut self, data: &MailServerData) -> Result<Uuid, StoreError> {
        let id = new_id(self.now);
        self.one_takes_new(data).await?;
        let (name, host_name, address, roles) = fields(&data.server);
        sqlx::query!(
            "insert into mail_servers (id, name, host_name, address, roles, takes_new, created_at, updated_at)
             values ($1, $2, $3, $4::text::inet, $5, $6, $7, $7)",
            id,
            name,
            host_name,
            address,
            &roles,
            data.takes_new,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        self.house_the_homeless(id, data).await?;
        Ok(id)
    }

    /// Changes a mail server.
    ///
    /// # Errors
    /// `NotFound`, `Stale` if it was changed since `revision`, and as [`Self::add_mail_server`].
    pub async fn update_mail_server(
        &mut self,
        id: Uuid,
        revision: i32,
        data: &MailServerData,
    ) -> Result<(), StoreError> {
        let current = sqlx::query_scalar!("select revision from mail_servers where id = $1 for update", id)
            .fetch_one(&mut *self.tx)
            .await?;
        if current != revision {
            return Err(StoreError::Stale);
        }
        self.one_takes_new(data).await?;
        let (name, host_name, address, roles) = fields(&data.server);
        sqlx::query!(
            "update mail_servers set name = $2, host_name = $3, address = $4::text::inet, roles = $5, takes_new = $6, updated_at = $7,
                 revision = revision + 1
             where id = $1",
            id,
            name,
            host_name,
            address,
            &roles,
            data.takes_new,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        self.house_the_homeless(id, data).await
    }

    async fn one_takes_new(&mut self, data: &MailServerData) -> Result<(), StoreError> {
        if data.takes_new {
            sqlx::query!("update mail_servers set takes_new = false, revision = revision + 1 where takes_new")
                .execute(&mut *self.tx)
                .await?;
        }
        Ok(())
    }

    async fn house_the_homeless(&mut self, id: Uuid, data: &MailServerData) -> Result<(), StoreError> {
        if data.takes_new {
            sqlx::query!("update mailboxes set server_id = $1 where server_id is null", id)
                .execute(&mut *self.tx)
                .await?;
        }
        Ok(())
    }

    /// Takes a mail server away; mailboxes on it live nowhere then.
    ///
    /// # Errors
    /// `NotFound`, `Stale`.
    pub async fn drop_mail_server(&mut self, id: Uuid, revision: i32) -> Result<(), StoreError> {
        let current = sqlx::query_scalar!("select revision from mail_servers where id = $1 for update", id)
            .fetch_one(&mut *self.tx)
            .await?;
        if current != revision {
            return Err(StoreError::Stale);
        }
        sqlx::query!("delete from mail_servers where id = $1", id).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Whether a mailbox is as it was at that revision; its row is held until the end.
    ///
    /// # Errors
    /// `Stale` if not, `NotFound`.
    pub async fn mailbox_unchanged(&mut self, id: Uuid, revision: i32) -> Result<(), StoreError> {
        if self.mailbox_revision(id).await? == revision { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Says where mailboxes live and whether their mail waits. Whoever logs in to one that goes elsewhere waits until `delay`.
    ///
    /// # Errors
    /// `Stale` if the server keeps no mailboxes any more.
    pub async fn place_mailboxes(
        &mut self,
        ids: &[Uuid],
        server: Option<Uuid>,
        held: Option<bool>,
        delay: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        if let Some(server) = server {
            let keeps = sqlx::query_scalar!(
                "select id from mail_servers where id = $1 and 'store' = any (roles) for share",
                server
            );
            keeps.fetch_optional(&mut *self.tx).await?.ok_or(StoreError::Stale)?;
        }
        sqlx::query!(
            "update mailboxes set
                 delay_until = case when $2::uuid is not null and server_id is distinct from $2 then $4::timestamptz else delay_until end,
                 server_id = coalesce($2, server_id),
                 frozen_at = case when $3 then coalesce(frozen_at, $5::timestamptz) when not $3 then null else frozen_at end,
                 updated_at = $5, revision = revision + 1
             where id = any($1) and archived_at is null",
            ids,
            server,
            held,
            delay,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

/// A server's columns.
fn fields(server: &MailServer) -> (&str, &str, String, Vec<String>) {
    let roles = Role::ALL.into_iter().filter(|r| server.roles.has(*r)).map(|r| r.as_str().to_owned()).collect();
    (server.name.as_str(), server.host_name.as_str(), server.address.to_string(), roles)
}
