//! What homepages are: made, changed, taken away again.

use crate::{StoreError, Tx, new_id};
use uuid::Uuid;

/// What a homepage is, as its web server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteData {
    /// Main name, A-labels.
    pub name: String,
    /// Main name, U-labels.
    pub unicode: String,
    /// Other names, A-labels, also wildcards.
    pub aliases: Vec<String>,
    /// `static`, `php`, `redirect` or `proxy`.
    pub kind: String,
    /// Document root on the old server; empty: not known.
    pub root: String,
    /// Where a redirect or proxy leads; empty for the others.
    pub target: String,
    /// Whether it answers by HTTPS.
    pub tls: bool,
}

/// A homepage that is held until the end of the transaction.
#[derive(Debug, Clone)]
pub struct SiteRow {
    /// Id.
    pub id: Uuid,
    /// What it is.
    pub data: SiteData,
    /// Its customer, through the domain.
    pub customer_id: Option<Uuid>,
    /// Whether it is archived.
    pub archived: bool,
    /// Changes with every edit.
    pub revision: i32,
}

/// A name that a homepage answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The name, A-labels.
    pub name: String,
    /// The homepage's main name, U-labels.
    pub by: String,
    /// Whether that one is archived: then only its main name is taken.
    pub archived: bool,
}

impl Tx {
    /// One homepage, held until the end.
    ///
    /// # Errors
    /// `NotFound` if there is none for this scope.
    pub async fn site(&mut self, id: Uuid) -> Result<SiteRow, StoreError> {
        let r = sqlx::query!(
            r#"select h.id, h.name, h.unicode, h.aliases, h.kind, h.root, h.target, h.tls, d.customer_id as "customer_id?",
                 h.archived_at is not null as "archived!", h.revision
             from homepages h left join domains d on d.id = h.domain_id where h.id = $1 for update of h"#,
            id
        )
        .fetch_one(&mut *self.tx)
        .await?;
        let data = SiteData {
            name: r.name,
            unicode: r.unicode,
            aliases: r.aliases,
            kind: r.kind,
            root: r.root,
            target: r.target,
            tls: r.tls,
        };
        Ok(SiteRow { id: r.id, data, customer_id: r.customer_id, archived: r.archived, revision: r.revision })
    }

    /// Those of the names that a homepage other than `but` has already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn served(&mut self, names: &[String], but: Option<Uuid>) -> Result<Vec<Served>, StoreError> {
        Ok(sqlx::query_as!(
            Served,
            r#"select n.name as "name!", h.unicode as by, h.archived_at is not null as "archived!"
             from homepages h, unnest(array_prepend(h.name, case when h.archived_at is null then h.aliases else '{}' end)) n (name)
             where (h.name = any($1) or h.aliases && $1) and n.name = any($1) and h.id is distinct from $2
             order by 1, 2 limit 50"#,
            names,
            but
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// Makes a homepage; `within` are the domains that its name may lie in, of which the longest that is here has it. Answers its id
    /// and its customer.
    ///
    /// # Errors
    /// `homepages_name_key` if there is one of that name.
    pub async fn create_site(
        &mut self,
        data: &SiteData,
        within: &[String],
    ) -> Result<(Uuid, Option<Uuid>), StoreError> {
        let id = new_id(self.now);
        sqlx::query!(
            "insert into homepages (id, name, unicode, aliases, kind, root, target, tls, server, source, domain_id, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, '', '',
                 (select d.id from domains d where d.name = any($9) and d.archived_at is null order by length(d.name) desc limit 1), $10, $10)",
            id,
            data.name,
            data.unicode,
            &data.aliases,
            data.kind,
            data.root,
            data.target,
            data.tls,
            within,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok((id, self.site(id).await?.customer_id))
    }

    /// Changes what a homepage is, but for its main name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_site(&mut self, id: Uuid, data: &SiteData) -> Result<(), StoreError> {
        sqlx::query!(
            "update homepages set aliases = $2, kind = $3, root = $4, target = $5, tls = $6, revision = revision + 1, updated_at = $7
             where id = $1",
            id,
            &data.aliases,
            data.kind,
            data.root,
            data.target,
            data.tls,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Takes a homepage away that was made here by mistake, with all that was seen of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_site(&mut self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!("delete from homepages where id = $1", id).execute(&mut *self.tx).await?;
        Ok(())
    }
}
