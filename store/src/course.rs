//! How the work goes on: numbers of homepages by class and decision, day by day.

use crate::{StoreError, Tx, View};
use chrono::NaiveDate;

/// How many there were of a kind at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRow {
    /// The day.
    pub day: NaiveDate,
    /// `class` or `decision`.
    pub kind: String,
    /// Which.
    pub code: String,
    /// Homepages.
    pub n: i32,
}

impl View {
    /// The days since one, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn homepage_days(&mut self, since: NaiveDate) -> Result<Vec<DayRow>, StoreError> {
        Ok(sqlx::query_as!(
            DayRow,
            "select day, kind, code, n from homepage_days where day >= $1 order by day, kind, code limit 20000",
            since
        )
        .fetch_all(&mut *self.tx)
        .await?)
    }
}

impl Tx {
    /// Notes how many homepages there are of each class and decision on a day, in place of what was noted before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn note_day(&mut self, day: NaiveDate) -> Result<(), StoreError> {
        sqlx::query!("delete from homepage_days where day = $1", day).execute(&mut *self.tx).await?;
        sqlx::query!(
            "insert into homepage_days (day, kind, code, n)
             select $1::date, 'class', class, count(*)::integer from homepages where archived_at is null and class is not null group by class
             union all select $1::date, 'decision', decision, count(*)::integer from homepages where archived_at is null group by decision
             on conflict on constraint homepage_days_pkey do update set n = excluded.n",
            day
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
