//! Imports of papers: what was uploaded, what is planned, what was refused.

use crate::{StoreError, Tx, View, new_id, tx::ensure_one};
use chrono::{DateTime, Utc};
use hostler_core::papers::Refusal;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// An import.
#[derive(Debug, Clone)]
pub struct ImportRow {
    /// Id.
    pub id: Uuid,
    /// Name of the archive or folder.
    pub source: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// `reading`, `planned`, `applied` or `failed`.
    pub state: String,
    /// The plan.
    pub plan: Option<Value>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A refusal in a list.
#[derive(Debug, Clone)]
pub struct RefusalRow {
    /// Id.
    pub id: i64,
    /// File within the papers.
    pub file: String,
    /// Line.
    pub line: Option<i32>,
    /// Why.
    pub reason: String,
    /// Size of what is kept, in octets.
    pub size: i32,
}

impl Tx {
    /// Notes an upload.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_import(
        &mut self,
        source: &str,
        upload: Option<&[u8]>,
        state: &str,
    ) -> Result<Uuid, StoreError> {
        let id = new_id(self.now);
        sqlx::query!(
            "insert into imports (id, source, created_at, created_by, state, upload) values ($1, $2, $3, $4, $5, $6)",
            id,
            source,
            self.now,
            self.scope.actor(),
            state,
            upload,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(id)
    }

    /// Notes how an import goes on. Once applied, the upload is no longer needed and goes.
    ///
    /// # Errors
    /// `NotFound` if there is no such import.
    pub async fn set_import(
        &mut self,
        id: Uuid,
        state: &str,
        plan: Option<&Value>,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "update imports set state = $2, plan = coalesce($3, plan), error = $4,
                 upload = case when $2 = 'applied' then null else upload end,
                 applied_at = case when $2 = 'applied' then $5::timestamptz end
             where id = $1",
            id,
            state,
            plan,
            error,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        ensure_one(done.rows_affected())
    }

    /// Keeps what could not be read. What is kept already stays as it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keep_refusals(&mut self, import: Option<Uuid>, refusals: &[Refusal]) -> Result<(), StoreError> {
        let digests: Vec<Vec<u8>> = refusals.iter().map(digest).collect();
        let files: Vec<String> = refusals.iter().map(|r| r.file.clone()).collect();
        let lines: Vec<Option<i32>> = refusals.iter().map(|r| r.line).collect();
        let reasons: Vec<String> = refusals.iter().map(|r| r.reason.replace('\0', "\u{fffd}")).collect();
        let raws: Vec<Vec<u8>> = refusals.iter().map(|r| r.raw.clone()).collect();
        sqlx::query!(
            "insert into refusals (digest, import_id, file, line, reason, raw, created_at)
             select d, $1, f, l, r, w, $7 from unnest($2::bytea[], $3::text[], $4::integer[], $5::text[], $6::bytea[]) as t (d, f, l, r, w)
             on conflict on constraint refusals_digest_key do nothing",
            import,
            &digests,
            &files,
            &lines as &[Option<i32>],
            &reasons,
            &raws,
            self.now,
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// The refusals kept before that these papers, which name the same files, no longer give: they were mended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn drop_mended_refusals(&mut self, files: &[String], still: &[Refusal]) -> Result<(), StoreError> {
        let digests: Vec<Vec<u8>> = still.iter().map(digest).collect();
        sqlx::query!("delete from refusals where file = any($1) and digest <> all($2)", files, &digests)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

fn digest(refusal: &Refusal) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(refusal.file.as_bytes());
    hash.update([0]);
    hash.update(refusal.line.unwrap_or(0).to_be_bytes());
    hash.update(refusal.reason.as_bytes());
    hash.update([0]);
    hash.update(&refusal.raw);
    hash.finalize().to_vec()
}

impl View {
    /// The latest imports, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn imports(&mut self) -> Result<Vec<ImportRow>, StoreError> {
        Ok(sqlx::query_as!(
            ImportRow,
            "select id, source, created_at, created_by, state, null::jsonb as plan, error from imports
             order by created_at desc limit 20",
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// One import.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn import(&mut self, id: Uuid) -> Result<ImportRow, StoreError> {
        Ok(sqlx::query_as!(
            ImportRow,
            "select id, source, created_at, created_by, state, plan, error from imports where id = $1",
            id,
        )
        .fetch_one(&mut *self.tx)
        .await?)
    }

    /// The uploaded archive.
    ///
    /// # Errors
    /// `NotFound` if there is none any more.
    pub async fn import_upload(&mut self, id: Uuid) -> Result<Vec<u8>, StoreError> {
        sqlx::query_scalar!("select upload from imports where id = $1", id)
            .fetch_one(&mut *self.tx)
            .await?
            .ok_or(StoreError::NotFound)
    }

    /// What could not be read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refusals(&mut self, limit: i64) -> Result<Vec<RefusalRow>, StoreError> {
        Ok(sqlx::query_as!(
            RefusalRow,
            r#"select id, file, line, reason, length(raw) as "size!" from refusals order by file, line, id limit $1"#,
            limit,
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// One of them with its bytes.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn refusal(&mut self, id: i64) -> Result<(RefusalRow, Vec<u8>), StoreError> {
        let row = sqlx::query!("select id, file, line, reason, raw from refusals where id = $1", id)
            .fetch_one(&mut *self.tx)
            .await?;
        let size = i32::try_from(row.raw.len()).unwrap_or(i32::MAX);
        Ok((RefusalRow { id: row.id, file: row.file, line: row.line, reason: row.reason, size }, row.raw))
    }
}
