//! What can be taken back, and how.

use crate::{
    customers,
    domains::{create, editor::Editor, service::EditError, zone_editor},
    homepages,
    http::{
        App,
        fault::{Fault, Kind},
        visit::Actor,
    },
    identity::people,
    mail,
};
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use hostler_core::access::Action;
use hostler_store::{
    StoreError, View,
    audit::{AuditFilter, Entry},
};
use hostler_web::time::Tz;
use serde_json::Value;

/// What can be taken back: the kind of thing, the changes of it, and the action that it takes. Whose logins somebody
/// may change is asked with the household.
const UNDOABLE: &[(&str, &[&str], Action)] = &[
    (
        "zone",
        &[
            "create-zone",
            "add-record",
            "edit-record",
            "edit-records",
            "delete-record",
            "edit-text",
            "discard",
            "restore",
            "bulk-zones",
            "undo",
        ],
        Action::EditZones,
    ),
    ("customer", &["edit-customer", "undo"], Action::EditCustomers),
    ("mailbox", &["create-mailbox", "edit-mailbox", "delete-mailbox", "place-mailbox", "undo"], Action::EditMail),
    ("mail-server", &["save-mail-server", "undo"], Action::ServeMail),
    (
        "homepage",
        &["create-homepage", "edit-homepage", "decide-homepage", "note-homepage", "archive-homepage", "undo"],
        Action::DecideHomepages,
    ),
    ("web-server", &["save-web-server", "undo"], Action::ServeWeb),
    ("alias", &["create-alias", "edit-alias", "delete-alias", "undo"], Action::EditMail),
    ("login", &["invite", "edit-login", "enable-login", "disable-login", "undo"], Action::ManageLogins),
    ("template", &["save-template", "undo"], Action::CreateZones),
];

/// The action that it takes to take an entry back; `None` if it cannot be.
#[must_use]
pub fn undoable(entry: &Entry) -> Option<Action> {
    let (_, actions, action) = UNDOABLE.iter().find(|(entity, ..)| *entity == entry.entity)?;
    // An entry of the log's first days has no values to go back to, and what made or ended a thing is not taken back twice.
    let kept = match entry.action.as_str() {
        _ if entry.entity == "zone" => true,
        "invite" => true,
        // Before there was a way back the text alone was noted.
        "save-template" => entry.after.as_ref().is_some_and(Value::is_object),
        "create-mailbox" | "create-alias" | "create-homepage" | "save-mail-server" | "save-web-server" => {
            entry.after.is_some()
        }
        "delete-mailbox" | "delete-alias" => entry.before.is_some(),
        _ => entry.before.is_some() && entry.after.is_some(),
    };
    let action = match entry.action.as_str() {
        "create-zone" => Action::CreateZones,
        _ if homepages::is_about_site(entry) => Action::EditHomepages,
        // Where a mailbox lives is not its customer's to say, forth or back.
        _ if mail::is_placement(entry) => Action::ServeMail,
        _ => *action,
    };
    (kept && !entry.undone && actions.contains(&entry.action.as_str())).then_some(action)
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

/// Takes an entry back; answers it, and whether it was about several things. A part of a larger change is taken back with all of it.
///
/// # Errors
/// 404 if it is not there for this visitor or cannot be taken back, 409 if things have moved on.
pub(super) async fn undo(app: &App, actor: &Actor, entry: i64) -> Result<(Entry, bool), Fault> {
    // Let go of before the next is taken: who holds one connection and waits for another may wait for itself.
    let found = app.context.store.view(&actor.scope).await?.audit_entry(entry).await?;
    let Some(action) = undoable(&found) else {
        return Err(if found.undone { Kind::Conflict.into() } else { Kind::NotFound.into() });
    };
    actor.must(action)?;
    let mut several = false;
    match found.entity.as_str() {
        "customer" => customers::undo(&app.context, actor, &found).await?,
        "mailbox" => {
            let all = batch(&mut app.context.store.view(&actor.scope).await?, &found).await?;
            for action in all.iter().filter_map(undoable) {
                actor.must(action)?;
            }
            mail::undo(app, actor, &all).await?;
        }
        "mail-server" => mail::undo_server(app, actor, &found).await?,
        "web-server" => homepages::undo_server(app, actor, &found).await?,
        "homepage" => {
            let all = batch(&mut app.context.store.view(&actor.scope).await?, &found).await?;
            several = all.iter().any(|e| e.entity_id != found.entity_id);
            homepages::undo(app, actor, &all).await?;
        }
        "alias" => mail::undo_alias(app, actor, &found).await?,
        "login" if found.action == "invite" => people::undo_invitation(&app.context, actor, &found).await?,
        "login" => people::undo(&app.context, actor, &found).await?,
        "template" => create::undo_template(&app.context, actor, &found).await.map_err(refused)?,
        _ => undo_zones(&zone_editor(app, actor), &found).await?,
    }
    Ok((found, several))
}

/// An entry with all that it is part of and that can be taken back: later ones first, should one thing have several.
async fn batch(view: &mut View, found: &Entry) -> Result<Vec<Entry>, StoreError> {
    let Some(batch) = found.batch_id else { return Ok(vec![found.clone()]) };
    let filter = AuditFilter { batch: Some(batch), ..AuditFilter::default() };
    let all = view.audit_below(&filter, None, 20_000).await?;
    Ok(all.into_iter().filter(|e| undoable(e).is_some()).collect())
}

async fn undo_zones(editor: &Editor<'_>, found: &Entry) -> Result<(), Fault> {
    let all = batch(&mut editor.store.view(editor.scope).await?, found).await?;
    let batch = found.batch_id.map(|_| hostler_store::new_id(editor.clock.now()));
    let mut tx = editor.begin().await.map_err(refused)?;
    for entry in all {
        let zone = entry.entity_id.parse().map_err(|_| StoreError::NotFound)?;
        let done = if entry.action == "create-zone" {
            editor.unmake(&mut tx, zone, &entry).await
        } else {
            editor.undo(&mut tx, zone, (entry.id, batch), entry.before.as_ref(), entry.after.as_ref()).await
        };
        // All of it or nothing: whoever asks is told which zone stands in the way.
        done.map_err(|error| match error {
            EditError::Overtaken => Fault {
                kind: Kind::Conflict,
                cause: String::new(),
                fields: vec![("zone".to_owned(), format!("{} was changed again since", entry.label))],
            },
            other => refused(other),
        })?;
    }
    tx.commit().await?;
    Ok(())
}

/// Why it was not taken back. What a plan refuses to an edit, it refuses to the way back as well.
fn refused(error: EditError) -> Fault {
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
