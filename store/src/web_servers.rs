//! The provider's web servers, old and new, and which homepages go to which.

use crate::{StoreError, Tx, View, new_id};
use std::collections::HashMap;
use std::net::IpAddr;
use uuid::Uuid;

/// What is said of a web server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebServerData {
    /// What it is called among the staff.
    pub name: String,
    /// Whether homepages go to it; otherwise they leave it.
    pub is_new: bool,
    /// At which it answers, the one that it is asked at first.
    pub addresses: Vec<IpAddr>,
    /// The PHP of its homepages, such as 8.2.
    pub php: String,
    /// Whether homepages that move go to it, unless another is named for them.
    pub takes_new: bool,
}

/// A web server.
#[derive(Debug, Clone)]
pub struct WebServerRow {
    /// Id.
    pub id: Uuid,
    /// What is said of it.
    pub data: WebServerData,
    /// Changes with every edit.
    pub revision: i32,
}

/// A homepage that is rendered for its new server.
#[derive(Debug, Clone)]
pub struct WebIntent {
    /// Its main name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// `static`, `php`, `redirect` or `proxy`.
    pub kind: String,
    /// Its document root on the old server.
    pub root: String,
    /// Where a redirect or proxy leads.
    pub target: String,
    /// Whether it answered by HTTPS.
    pub tls: bool,
    /// The PHP that it needs; empty: its server's.
    pub php: String,
    /// The first of its customer's homepages, by name, that have this document root; itself without one.
    pub folder: String,
}

/// An address, with the number of homepages whose names lead to it by our own zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedTo {
    /// The address.
    pub address: IpAddr,
    /// Homepages.
    pub homepages: i64,
    /// Whether a virtual host of the papers answers at it.
    pub listens: bool,
}

fn addresses(name: &str, texts: &[String]) -> Result<Vec<IpAddr>, StoreError> {
    let wrong =
        |e: std::net::AddrParseError| StoreError::Inconsistent { table: "web_servers", reason: format!("{name}: {e}") };
    texts.iter().map(|t| t.parse().map_err(wrong)).collect()
}

fn texts(addresses: &[IpAddr]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}

impl View {
    /// The web servers, in the order of their names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn web_servers(&mut self) -> Result<Vec<WebServerRow>, StoreError> {
        let rows = sqlx::query!(
            r#"select s.id, s.name, s.side, array(select host(a) from unnest(s.addresses) a) as "addresses!", s.php, s.takes_new, s.revision
             from web_servers s order by s.name collate "C" limit 500"#
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let mut out = Vec::with_capacity(rows.len());
        for r in rows {
            let addresses = addresses(&r.name, &r.addresses)?;
            let data =
                WebServerData { name: r.name, is_new: r.side == "new", addresses, php: r.php, takes_new: r.takes_new };
            out.push(WebServerRow { id: r.id, data, revision: r.revision });
        }
        Ok(out)
    }

    /// How many homepages are to move to each web server; one to which none moves is left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn moves_by_server(&mut self) -> Result<HashMap<Uuid, i64>, StoreError> {
        let rows = sqlx::query!(
            r#"select coalesce(h.new_server_id, (select id from web_servers where takes_new)) as server, count(*) as "n!" from homepages h
             where h.archived_at is null and h.decision = 'move' group by 1"#
        );
        let rows = rows.fetch_all(&mut *self.tx).await?;
        Ok(rows.into_iter().filter_map(|r| Some((r.server?, r.n))).collect())
    }

    /// The homepages that are to move to a server, in the order of their names.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn web_intent(&mut self, server: Uuid) -> Result<Vec<WebIntent>, StoreError> {
        Ok(sqlx::query_as!(
            WebIntent,
            r#"select h.name, h.aliases, h.kind, h.root, h.target, h.tls, h.php,
                 case when h.root = '' then h.name else (select min(o.name collate "C") from homepages o left join domains e on e.id = o.domain_id
                     where o.root = h.root and o.name not like '*%' and e.customer_id is not distinct from d.customer_id) end as "folder!"
             from homepages h left join domains d on d.id = h.domain_id
             where h.archived_at is null and h.decision = 'move'
                 and coalesce(h.new_server_id, (select id from web_servers where takes_new)) = $1
             order by h.name collate "C""#,
            server
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// Where the names of our homepages lead by our own zones, and at which addresses their virtual hosts answer.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn led_to(&mut self) -> Result<Vec<LedTo>, StoreError> {
        let rows = sqlx::query!(
            r#"with zoned as (
                 select r.data as address, count(distinct h.id) as n from homepages h
                     join zones z on z.domain_id = h.domain_id join records r on r.zone_id = z.id
                 where h.archived_at is null and r.rtype in ('A', 'AAAA') and lower(r.owner) = h.name || '.' group by 1
             ), heard as (
                 select host(a) as address, count(*) as n from homepages h, unnest(h.listens) a where h.archived_at is null group by 1
             )
             select coalesce(z.address, h.address) as "address!", coalesce(z.n, 0) as "zoned!", coalesce(h.n, 0) as "heard!"
             from zoned z full join heard h on h.address = z.address order by 2 desc, 3 desc, 1 limit 1000"#
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let led = |address: String, zoned: i64, heard: i64| {
            Some(LedTo { address: address.parse().ok()?, homepages: zoned.max(heard), listens: heard > 0 })
        };
        Ok(rows.into_iter().filter_map(|r| led(r.address, r.zoned, r.heard)).collect())
    }
}

impl Tx {
    /// Adds a web server, or changes one; answers its id.
    ///
    /// # Errors
    /// `NotFound`, `Stale` if it was changed since, `web_servers_name_key` if there is one of that name already.
    pub async fn save_web_server(
        &mut self,
        old: Option<(Uuid, i32)>,
        data: &WebServerData,
    ) -> Result<Uuid, StoreError> {
        // Of two who change servers at once one waits.
        self.hold(&[Uuid::nil()], 7).await?;
        if let Some((id, revision)) = old {
            self.web_server_unchanged(id, revision).await?;
        }
        if data.takes_new {
            sqlx::query!(
                "update web_servers set takes_new = false, revision = revision + 1 where takes_new and id is distinct from $1",
                old.map(|(id, _)| id)
            )
            .execute(&mut *self.tx)
            .await?;
        }
        let id = old.map_or_else(|| new_id(self.now), |(id, _)| id);
        sqlx::query!(
            "insert into web_servers (id, name, side, addresses, php, takes_new, created_at, updated_at)
             values ($1, $2, $3, $4::text[]::inet[], $5, $6, $7, $7)
             on conflict on constraint web_servers_pkey do update set name = excluded.name, side = excluded.side,
                 addresses = excluded.addresses, php = excluded.php, takes_new = excluded.takes_new,
                 updated_at = excluded.updated_at, revision = web_servers.revision + 1",
            id,
            data.name,
            if data.is_new { "new" } else { "old" },
            &texts(&data.addresses),
            data.php,
            data.takes_new,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(id)
    }

    async fn web_server_unchanged(&mut self, id: Uuid, revision: i32) -> Result<(), StoreError> {
        let current = sqlx::query_scalar!("select revision from web_servers where id = $1 for update", id)
            .fetch_one(&mut *self.tx)
            .await?;
        if current == revision { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Takes a web server away; homepages that were to go to it go to the one that takes new ones.
    ///
    /// # Errors
    /// `NotFound`, `Stale`.
    pub async fn drop_web_server(&mut self, id: Uuid, revision: i32) -> Result<(), StoreError> {
        self.hold(&[Uuid::nil()], 7).await?;
        self.web_server_unchanged(id, revision).await?;
        sqlx::query!("delete from web_servers where id = $1", id).execute(&mut *self.tx).await?;
        Ok(())
    }
}
