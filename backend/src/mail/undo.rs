//! Changes of mailboxes taken back: one, or all of what was done at once.

use super::{
    change::{PATIENCE, placement},
    service::{self, By, MailError, Note, told, within_plan},
};
use crate::http::{
    App,
    fault::{Fault, Kind},
    visit::Actor,
};
use hostler_store::{
    StoreError, Tx, View,
    audit::Entry,
    mail_servers::Placement,
    mailboxes::{MailboxData, MailboxRow},
    new_id,
};
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// The way back of an entry.
enum Back {
    /// One that was made is given up.
    GiveUp(MailboxRow),
    /// One that was given up is there again, without the passwords of its devices.
    Revive(Uuid),
    /// Its settings are as they were.
    Set(MailboxRow, MailboxData),
    /// It lives where it did; none: servers had no names then.
    Place(MailboxRow, Placement, Option<Uuid>),
}

/// Takes changes back, as far as nobody has changed the same since: all of them or none.
///
/// # Errors
/// 404 if a mailbox is not there for this visitor, 409 with its address if it was changed since.
pub async fn undo(app: &App, actor: &Actor, entries: &[Entry]) -> Result<(), Fault> {
    let mut steps = Vec::with_capacity(entries.len());
    for entry in entries {
        steps.push((entry, back(app, actor, entry).await?));
    }
    let now = app.context.clock.now();
    let batch = (entries.len() > 1).then(|| new_id(now));
    let mut tx = app.context.store.begin(&actor.scope, now).await?;
    // What is taken back of a mailbox first makes the rest of it newer than it was looked at.
    let mut steps_of: HashMap<Uuid, i32> = HashMap::new();
    for (entry, mut step) in steps {
        if let Back::GiveUp(row) | Back::Set(row, _) | Back::Place(row, ..) = &mut step {
            let done = steps_of.entry(row.id).or_default();
            row.revision += *done;
            *done += 1;
        }
        let note = Note { batch, undoes: Some(entry.id) };
        take(&mut tx, entry, step, note).await.map_err(|error| match error {
            MailError::Fields(_) | MailError::Store(StoreError::Stale | StoreError::NotFound) => overtaken(entry),
            other => other.into(),
        })?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether an entry says where a mailbox lives, also one that takes another back.
#[must_use]
pub fn is_placement(entry: &Entry) -> bool {
    entry.entity == "mailbox" && entry.before.as_ref().is_some_and(|b| b.get("held").is_some())
}

fn overtaken(entry: &Entry) -> Fault {
    let reason = format!("{} was changed again since", entry.label);
    Fault { kind: Kind::Conflict, cause: String::new(), fields: vec![("mailbox".to_owned(), reason)] }
}

async fn back(app: &App, actor: &Actor, entry: &Entry) -> Result<Back, Fault> {
    let id: Uuid = entry.entity_id.parse().map_err(|_| Kind::NotFound)?;
    if entry.action == "delete-mailbox" {
        return Ok(Back::Revive(id));
    }
    let mut view = app.context.store.view(&actor.scope).await?;
    let now = view.mailbox(id).await?;
    let as_it_left_it =
        |shown: &Value| if entry.after.as_ref() == Some(shown) { Ok(()) } else { Err(overtaken(entry)) };
    if entry.action == "create-mailbox" {
        as_it_left_it(&told(&now.data))?;
        return Ok(Back::GiveUp(now));
    }
    if is_placement(entry) {
        let placed = view.placements(&[id]).await?.pop().ok_or(Kind::NotFound)?;
        as_it_left_it(&placement(&placed.placement))?;
        let (old, server) = place_before(&mut view, entry).await?;
        return Ok(Back::Place(now, old, server));
    }
    drop(view);
    let patch = entry.way_back(&told(&now.data)).ok_or_else(|| overtaken(entry))?;
    let patch = serde_json::from_value(patch).map_err(Fault::internal)?;
    let data = service::changed(app, &By::from(actor), &now, &patch).await?;
    Ok(Back::Set(now, data))
}

/// Where it lived before, with the server's id; one that is not there any more is nothing to go back to.
async fn place_before(view: &mut View, entry: &Entry) -> Result<(Placement, Option<Uuid>), Fault> {
    let before = entry.before.as_ref();
    let name = before.and_then(|b| b.get("server")).and_then(Value::as_str).map(str::to_owned);
    let held = before.and_then(|b| b.get("held")).and_then(Value::as_bool).unwrap_or_default();
    let server = match &name {
        None => None,
        Some(name) => {
            let all = view.mail_servers().await?;
            Some(all.iter().find(|s| s.data.server.name.as_str() == name).ok_or_else(|| overtaken(entry))?.id)
        }
    };
    Ok((Placement { server: name, held, delay_until: None }, server))
}

async fn take(tx: &mut Tx, entry: &Entry, step: Back, note: Note) -> Result<(), MailError> {
    match step {
        Back::GiveUp(row) => {
            service::give_up(tx, &row, note).await?;
        }
        Back::Set(old, data) => {
            service::set(tx, &old, &data, note).await?;
        }
        Back::Place(row, old, server) => {
            tx.mailbox_unchanged(row.id, row.revision).await?;
            let delay = tx.now() + PATIENCE;
            tx.place_mailboxes(&[row.id], server, Some(old.held), delay).await?;
            let change = note.of("place-mailbox", &row).before(entry.after.as_ref());
            tx.audit(change.after(Some(&placement(&old)))).await?;
        }
        Back::Revive(id) => {
            let conflict = || service::field("address", "it was changed again since");
            let (local, domain) = entry.label.split_once('@').ok_or_else(conflict)?;
            let domain = tx.mail_domain(domain).await?;
            if !tx.revive_mailbox(id, &format!("{local}@{}", domain.name), entry.at).await? {
                return Err(conflict());
            }
            let quota = entry.before.as_ref().and_then(|b| b.get("quota_bytes")).and_then(Value::as_i64);
            within_plan(tx, domain.customer_id, quota, None).await?;
            let change =
                hostler_store::audit::Change::new("undo", ("mailbox", id), &entry.label).customer(domain.customer_id);
            tx.audit(change.after(entry.before.as_ref()).batch(note.batch).undoes(note.undoes)).await?;
        }
    }
    Ok(())
}
