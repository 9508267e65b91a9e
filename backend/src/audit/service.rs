//! What can be taken back, and how.

use crate::{
    domains::{editor::Editor, service::EditError},
    http::fault::{Fault, Kind},
};
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use hostler_store::{
    StoreError, View,
    audit::{AuditFilter, Entry},
};
use hostler_web::time::Tz;
use serde_json::Value;

/// The changes of zones that can be taken back one by one.
const UNDOABLE: &[&str] = &[
    "add-record",
    "edit-record",
    "edit-records",
    "delete-record",
    "edit-text",
    "discard",
    "restore",
    "bulk-zones",
    "undo",
];

/// Whether an entry can be taken back.
#[must_use]
pub fn undoable(entry: &Entry) -> bool {
    entry.entity == "zone" && !entry.undone && UNDOABLE.contains(&entry.action.as_str())
}

/// A side of an entry as text: a text as it is, anything else as JSON.
#[must_use]
pub fn text(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

/// Midnight of a day as people there have it.
pub(super) fn midnight(text: &str, zone: Tz, days_later: u64) -> Option<DateTime<Utc>> {
    let day: NaiveDate = text.parse().ok()?;
    let day = day.checked_add_days(chrono::Days::new(days_later))?.and_hms_opt(0, 0, 0)?;
    zone.from_local_datetime(&day).earliest().map(|at| at.with_timezone(&Utc))
}

/// The filter that a list's query asks for.
#[must_use]
pub fn filter(query: &crate::http::list::ListQuery, zone: Tz) -> AuditFilter {
    AuditFilter {
        q: query.get("q").to_owned(),
        entity: query.some("entity"),
        id: query.some("id"),
        action: query.some("action"),
        from: midnight(query.get("from"), zone, 0),
        until: midnight(query.get("until"), zone, 1),
        batch: query.id("batch"),
    }
}

/// Takes an entry back; answers it. A part of a larger change is taken back with all of it.
///
/// # Errors
/// `NotFound` if it is not there for this scope or cannot be taken back, `Overtaken` if things have moved on.
pub async fn undo(editor: &Editor<'_>, entry: i64) -> Result<Entry, EditError> {
    let mut view: View = editor.store.view(editor.scope).await?;
    let found = view.audit_entry(entry).await?;
    if !undoable(&found) {
        return Err(if found.undone { EditError::Overtaken } else { StoreError::NotFound.into() });
    }
    let all = match found.batch_id {
        Some(batch) => {
            let filter = AuditFilter { batch: Some(batch), ..AuditFilter::default() };
            // Later entries first, should one zone have several.
            view.audit_below(&filter, None, 20_000).await?.into_iter().filter(undoable).collect()
        }
        None => vec![found.clone()],
    };
    drop(view);
    let batch = found.batch_id.map(|_| hostler_store::new_id(editor.clock.now()));
    let mut tx = editor.begin().await?;
    for entry in all {
        let zone = entry.entity_id.parse().map_err(|_| StoreError::NotFound)?;
        editor.undo(&mut tx, zone, (entry.id, batch), entry.before.as_ref(), entry.after.as_ref()).await?;
    }
    tx.commit().await?;
    Ok(found)
}

/// Why it was not taken back. What a plan refuses to an edit, it refuses to the way back as well.
pub(super) fn refused(error: EditError) -> Fault {
    match error {
        EditError::Store(error) => error.into(),
        EditError::Overtaken => Kind::Conflict.into(),
        EditError::Fields(_) | EditError::Changes(_) | EditError::HasErrors => Kind::Forbidden.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_readers() {
        let zone = hostler_web::time::BERLIN;
        assert_eq!(midnight("2026-07-01", zone, 0).unwrap().to_rfc3339(), "2026-06-30T22:00:00+00:00");
        assert_eq!(midnight("2026-12-31", zone, 1).unwrap().to_rfc3339(), "2026-12-31T23:00:00+00:00");
        assert_eq!(midnight("yesterday", zone, 0), None);
    }
}
