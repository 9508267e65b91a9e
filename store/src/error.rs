//! What can go wrong between the panel and its database.

/// An error of the store.
///
/// `NotFound`, `Stale`, `ReadOnly`, `Constraint`, `Value` and `Busy` are somebody's answer; the rest is the operator's business.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row for this scope.
    #[error("not found")]
    NotFound,
    /// The row was changed since it was read.
    #[error("changed by someone else in the meantime")]
    Stale,
    /// The scope may only look.
    #[error("this scope may only look")]
    ReadOnly,
    /// A named constraint refused the row.
    #[error("constraint {0} refused the row")]
    Constraint(String),
    /// A value that no row could have: a NUL in a text, a day before the calendar begins (SQLSTATE class 22).
    #[error("a value that the database cannot hold: {0}")]
    Value(sqlx::Error),
    /// Two changes waited for each other and this one was undone; the same again may succeed.
    #[error("undone by another change at the same moment: {0}")]
    Busy(sqlx::Error),
    /// The database holds something that the program cannot read: a fault of this program or of somebody's SQL.
    #[error("inconsistent row in {table}: {reason}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The database failed or cannot be reached.
    #[error("database: {0}")]
    Database(sqlx::Error),
    /// The database sorts texts by a language.
    #[error("the database sorts texts by {0}, not by code points; make it with `template template0 locale 'C.UTF-8'`")]
    Collation(String),
    /// A migration failed.
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::Database(db) => match db.constraint() {
                Some(name) => Self::Constraint(name.to_owned()),
                None => match db.code().as_deref() {
                    Some("40001" | "40P01" | "55P03") => Self::Busy(error),
                    Some(code) if code.starts_with("22") => Self::Value(error),
                    _ => Self::Database(error),
                },
            },
            _ => Self::Database(error),
        }
    }
}
