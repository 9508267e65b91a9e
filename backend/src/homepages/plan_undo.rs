//! The way back from what was decided about homepages.

use super::{
    plan::{Patch, changed, judged, noted, shown, write},
    site,
};
use crate::http::{
    App,
    fault::{Fault, Kind},
    form::Refused,
    visit::Actor,
};
use hostler_store::{
    audit::{Change, Entry},
    new_id,
};
use serde_json::Value;
use uuid::Uuid;

/// Takes changes back, as far as nobody has changed the same since: all of them or none.
///
/// # Errors
/// 404 if a homepage is not there, 409 with its name if it was changed since.
pub async fn undo(app: &App, actor: &Actor, entries: &[Entry]) -> Result<(), Fault> {
    if let [entry] = entries
        && site::is_about_site(entry)
    {
        return site::undo(app, actor, entry).await;
    }
    let ids: Vec<Uuid> = entries.iter().filter_map(|e| e.entity_id.parse().ok()).collect();
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    if entries.iter().any(|e| e.before.as_ref().is_some_and(|b| b.get("archived").is_some())) {
        // Names may come back.
        tx.lock_imports().await?;
    }
    let mut rows = tx.plans(&ids).await?;
    let batch = Some(new_id(tx.now()));
    let overtaken = |entry: &Entry| Fault {
        kind: Kind::Conflict,
        cause: String::new(),
        fields: vec![("homepage".to_owned(), format!("{} was changed again since", entry.label))],
    };
    for entry in entries {
        let row = rows.iter_mut().find(|r| r.id.to_string() == entry.entity_id).ok_or(Kind::NotFound)?;
        if entry.before.as_ref().is_some_and(|b| b.get("archived").is_some()) {
            let was = entry.before.as_ref().and_then(|b| b.get("archived")).and_then(Value::as_bool) == Some(true);
            if row.archived == was {
                return Err(overtaken(entry));
            }
            if !was {
                let data = tx.site(row.id).await?.data;
                site::free(&mut tx, &data, Some(row.id)).await.map_err(Refused::in_the_way)?;
            }
            tx.archive_homepages(&[row.id], was).await?;
            row.archived = was;
            let change = Change::new("undo", ("homepage", row.id), &row.unicode).customer(row.customer_id);
            let change = change.before(entry.after.as_ref()).after(entry.before.as_ref());
            tx.audit(change.undoes(Some(entry.id)).batch(batch)).await?;
            continue;
        }
        let mut now = shown(&row.plan);
        merge(&mut now, noted(&row.plan));
        let back = entry.way_back(&now).ok_or_else(|| overtaken(entry))?;
        let mut patch: Patch = serde_json::from_value(back).map_err(Fault::internal)?;
        // What it says of the reason is another entry's.
        patch.reason = patch.reason.or_else(|| Some(row.plan.reason.clone()));
        // A server that is not there any more is nothing to go back to.
        let known = match patch.server.as_ref().and_then(Option::as_ref) {
            Some(name) => vec![name.clone()],
            None => Vec::new(),
        };
        let judged = judged(&patch, &known).map_err(|_| overtaken(entry))?;
        let plan = changed(row, &patch, &judged).map_err(|_| overtaken(entry))?;
        let new = plan.clone();
        write(&mut tx, vec![(row.clone(), plan)], batch, Some(entry.id)).await?;
        row.plan = new;
    }
    tx.commit().await?;
    Ok(())
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}
