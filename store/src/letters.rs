//! Letters to customers about their homepages, and what they answer by the link in them.

use crate::{Store, StoreError, Tx, View};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A homepage that somebody is written to about.
#[derive(Debug, Clone)]
pub struct Addressed {
    /// Id.
    pub id: Uuid,
    /// Main name, U-labels.
    pub unicode: String,
    /// What it is held to be.
    pub class: Option<String>,
    /// Its customer; none: nobody can be written to.
    pub customer_id: Option<Uuid>,
    /// The customer's number.
    pub number: Option<String>,
    /// The customer's name.
    pub company: Option<String>,
    /// Whom the letter greets.
    pub contact: Option<String>,
    /// Where it goes; empty: nowhere.
    pub email: Option<String>,
    /// The customer's country.
    pub country: Option<String>,
    /// What is decided of it.
    pub decision: String,
    /// When somebody was written to about it last, for the same reason.
    pub written_at: Option<DateTime<Utc>>,
}

/// A letter to be written.
#[derive(Debug, Clone)]
pub struct NewLetter<'l> {
    /// To which customer.
    pub customer: Uuid,
    /// `ask` or `drop`.
    pub kind: &'l str,
    /// Where it goes.
    pub recipient: &'l str,
    /// Hash of the link's token.
    pub token_hash: &'l [u8],
    /// Until when the link works.
    pub expires_at: DateTime<Utc>,
    /// The homepages that it is about.
    pub homepages: &'l [Uuid],
}

/// A letter whose link was opened.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Id.
    pub id: Uuid,
    /// `ask` or `drop`.
    pub kind: String,
    /// The customer that it was written to.
    pub customer_id: Uuid,
    /// The customer's name.
    pub company: String,
    /// Where it went.
    pub recipient: String,
    /// The customer's country.
    pub country: String,
    /// The homepages that it is about and that are still this customer's.
    pub items: Vec<LetterItem>,
}

/// A homepage in a letter.
#[derive(Debug, Clone)]
pub struct LetterItem {
    /// Id.
    pub id: Uuid,
    /// Main name, U-labels.
    pub unicode: String,
    /// What it is held to be.
    pub class: Option<String>,
    /// `keep` or `let_go`, once it was answered.
    pub answer: Option<String>,
    /// Whether it is archived by now.
    pub archived: bool,
}

/// A letter about a homepage, as its page shows it.
#[derive(Debug, Clone)]
pub struct LetterLine {
    /// `ask` or `drop`.
    pub kind: String,
    /// Where it went.
    pub recipient: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What became of the mail: `waiting`, `sent`, `failed`, `bounced`; none: its trace is gone.
    pub state: Option<String>,
    /// What was answered.
    pub answer: Option<String>,
    /// When.
    pub answered_at: Option<DateTime<Utc>>,
}

impl View {
    /// Letters about a homepage, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn letters_about(&mut self, homepage: Uuid) -> Result<Vec<LetterLine>, StoreError> {
        Ok(sqlx::query_as!(
            LetterLine,
            r#"select l.kind, l.recipient, l.created_at as at, o.state as "state?", i.answer, i.answered_at
             from homepage_letters l join homepage_letter_items i on i.letter_id = l.id left join outbox o on o.id = l.id
             where i.homepage_id = $1 order by l.created_at desc limit 20"#,
            homepage
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }
}

impl Tx {
    /// These homepages with whom to write to, in the order of customers; those that are archived are left out. Whoever else would
    /// write about one of them waits until the end.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn addressed(&mut self, ids: &[Uuid], kind: &str) -> Result<Vec<Addressed>, StoreError> {
        sqlx::query!("select id from homepages where id = any($1) order by id for update", ids)
            .fetch_all(&mut *self.tx)
            .await?;
        Ok(sqlx::query_as!(
            Addressed,
            r#"select h.id, h.unicode, h.class, c.id as "customer_id?", c.number as "number?", c.company as "company?", c.contact as "contact?",
                 c.email as "email?", c.country as "country?", h.decision,
                 (select max(l.created_at) from homepage_letters l join homepage_letter_items i on i.letter_id = l.id
                     where i.homepage_id = h.id and l.kind = $2) as written_at
             from homepages h left join domains d on d.id = h.domain_id left join customers c on c.id = d.customer_id and c.archived_at is null
             where h.id = any($1) and h.archived_at is null order by c.number, h.name"#,
            ids,
            kind
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }

    /// Notes a letter under the id of its mail.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_letter(&mut self, id: Uuid, letter: &NewLetter<'_>) -> Result<(), StoreError> {
        sqlx::query!(
            "insert into homepage_letters (id, customer_id, kind, recipient, token_hash, created_at, created_by, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            id,
            letter.customer,
            letter.kind,
            letter.recipient,
            letter.token_hash,
            self.now,
            self.scope.actor(),
            letter.expires_at,
        )
        .execute(&mut *self.tx)
        .await?;
        sqlx::query!(
            "insert into homepage_letter_items (letter_id, homepage_id) select $1, t.id from unnest($2::uuid[]) t (id)",
            id,
            letter.homepages
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Notes what was answered by a letter's link about one of its homepages.
    ///
    /// # Errors
    /// `NotFound` if the letter is not about it.
    pub async fn answer_letter(&mut self, letter: Uuid, homepage: Uuid, answer: &str) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "update homepage_letter_items set answer = $3, answered_at = $4 where letter_id = $1 and homepage_id = $2",
            letter,
            homepage,
            answer,
            self.now
        )
        .execute(&mut *self.tx)
        .await?;
        crate::tx::ensure_one(done.rows_affected())
    }
}

impl Store {
    /// The letter that a link's token belongs to, as long as it works.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn letter(&self, token_hash: &[u8], now: DateTime<Utc>) -> Result<Letter, StoreError> {
        // Whoever holds the link sees what was written to its customer, and nothing else.
        let mut view = self.view(&crate::Scope::for_machine("letter")).await?;
        let l = sqlx::query!(
            "select l.id, l.kind, l.customer_id, l.recipient, c.company, c.country from homepage_letters l join customers c on c.id = l.customer_id
             where l.token_hash = $1 and l.expires_at > $2",
            token_hash,
            now
        )
        .fetch_one(&mut *view.tx)
        .await?;
        let items = sqlx::query_as!(
            LetterItem,
            r#"select h.id, h.unicode, h.class, i.answer, h.archived_at is not null as "archived!"
             from homepage_letter_items i join homepages h on h.id = i.homepage_id join domains d on d.id = h.domain_id
             where i.letter_id = $1 and d.customer_id = $2 order by h.name"#,
            l.id,
            l.customer_id
        )
        .fetch_all(&mut *view.tx)
        .await?;
        Ok(Letter {
            id: l.id,
            kind: l.kind,
            customer_id: l.customer_id,
            company: l.company,
            recipient: l.recipient,
            country: l.country,
            items,
        })
    }
}
