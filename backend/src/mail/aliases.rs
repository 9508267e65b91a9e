//! The use cases of aliases.

use super::{
    check, rules,
    service::{MailError, NO_DOMAIN, TAKEN, field},
};
use crate::http::{
    App,
    fault::{Fault, Kind},
    visit::Actor,
};
use hostler_core::mail::Source;
use hostler_store::{
    StoreError,
    aliases::AliasRow,
    audit::{Change, Entry},
};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

async fn judged(app: &App, actor: &Actor, source: &Source, texts: &[String]) -> Result<Vec<String>, MailError> {
    let targets = rules::targets(source, texts).map_err(|reason| field("targets", reason))?;
    let mut view = app.context.store.view(&actor.scope).await?;
    match check::objection(&mut view, source, &targets).await? {
        Some(reason) => Err(field("targets", reason)),
        None => Ok(targets.iter().map(ToString::to_string).collect()),
    }
}

/// Whether an alias could be made, or have these targets.
///
/// # Errors
/// The fields that are wrong.
pub(super) async fn plan(app: &App, actor: &Actor, address: &str, targets: &[String]) -> Result<(), MailError> {
    let source = named(address)?;
    // Without any there are only those that are made with it.
    if !targets.is_empty() {
        judged(app, actor, &source, targets).await?;
    }
    let domain = source.domain().to_string();
    let here = app.context.store.view(&actor.scope).await?.domains_here(std::slice::from_ref(&domain)).await?;
    if here.contains(&domain) { Ok(()) } else { Err(field("address", NO_DOMAIN)) }
}

fn named(address: &str) -> Result<Source, MailError> {
    match address.trim().strip_prefix('@') {
        Some(_) => Source::parse(address).map_err(|reason| field("address", reason)),
        None => Ok(Source::Address(rules::new_address(address, false).map_err(|reason| field("address", reason))?)),
    }
}

/// Makes an alias, or a catch-all (`@domain`).
///
/// # Errors
/// The fields that are wrong.
pub(super) async fn create(app: &App, actor: &Actor, address: &str, targets: &[String]) -> Result<Uuid, MailError> {
    let source = named(address)?;
    let targets = judged(app, actor, &source, targets).await?;
    let text = source.to_string();
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    let domain = match tx.mail_domain(source.domain().as_str()).await {
        Err(StoreError::NotFound) => return Err(field("address", NO_DOMAIN)),
        other => other?,
    };
    let id = match tx.create_alias(domain.id, &text, &targets).await {
        Err(StoreError::Constraint(name)) if name == "mailboxes_address_key" => {
            return Err(field("address", TAKEN));
        }
        other => other?,
    };
    let change = Change::new("create-alias", ("alias", id), &text).customer(domain.customer_id);
    tx.audit(change.after(Some(&json!({ "targets": targets })))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Gives an alias other targets, or takes the entry `undoes` back; answers it with its place in the log. Where nothing differs, nothing
/// happens.
///
/// # Errors
/// The fields that are wrong, `NotFound`, `Stale`.
pub(super) async fn update(
    app: &App,
    actor: &Actor,
    (id, revision): (Uuid, i32),
    targets: &[String],
    undoes: Option<i64>,
) -> Result<(AliasRow, Option<i64>), MailError> {
    let old = app.context.store.view(&actor.scope).await?.alias(id).await?;
    let source = Source::parse(&old.address).map_err(MailError::Internal)?;
    let targets = judged(app, actor, &source, targets).await?;
    if targets == old.targets && revision == old.revision {
        return Ok((old, None));
    }
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    tx.update_alias(id, revision, &targets).await?;
    let action = if undoes.is_some() { "undo" } else { "edit-alias" };
    let change = Change::new(action, ("alias", id), &old.address).customer(old.customer_id).undoes(undoes);
    let change = change.before(Some(&json!({ "targets": old.targets }))).after(Some(&json!({ "targets": targets })));
    let entry = tx.audit(change).await?;
    tx.commit().await?;
    Ok((AliasRow { targets, revision: revision + 1, ..old }, Some(entry)))
}

/// Gives an alias up.
///
/// # Errors
/// `NotFound`, `Stale`.
pub(super) async fn delete(app: &App, actor: &Actor, id: Uuid, revision: i32) -> Result<(), MailError> {
    let alias = app.context.store.view(&actor.scope).await?.alias(id).await?;
    give_up(app, actor, AliasRow { revision, ..alias }, None).await
}

async fn give_up(app: &App, actor: &Actor, alias: AliasRow, undoes: Option<i64>) -> Result<(), MailError> {
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    tx.archive_alias(alias.id, alias.revision).await?;
    let action = if undoes.is_some() { "undo" } else { "delete-alias" };
    let change = Change::new(action, ("alias", alias.id), &alias.address).customer(alias.customer_id);
    tx.audit(change.before(Some(&json!({ "targets": alias.targets }))).undoes(undoes)).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a change of an alias back, if nobody has changed it since: one that was made is given up, one that was given up is there
/// again.
///
/// # Errors
/// 404 if there is none for this visitor, 409 if it was changed since.
pub async fn undo(app: &App, actor: &Actor, entry: &Entry) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Back {
        targets: Vec<String>,
    }
    let id: Uuid = entry.entity_id.parse().map_err(|_| Kind::NotFound)?;
    if entry.action == "delete-alias" {
        let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
        let (local, domain) = entry.label.split_once('@').ok_or(Kind::NotFound)?;
        let domain = tx.mail_domain(domain).await?;
        if !tx.revive_alias(id, &format!("{local}@{}", domain.name), entry.at).await? {
            return Err(Kind::Conflict.into());
        }
        let change = Change::new("undo", ("alias", id), &entry.label).customer(domain.customer_id);
        tx.audit(change.after(entry.before.as_ref()).undoes(Some(entry.id))).await?;
        tx.commit().await?;
        return Ok(());
    }
    let old = app.context.store.view(&actor.scope).await?.alias(id).await?;
    if entry.action == "create-alias" {
        if entry.after.as_ref() != Some(&json!({ "targets": old.targets })) {
            return Err(Kind::Conflict.into());
        }
        return Ok(give_up(app, actor, old, Some(entry.id)).await?);
    }
    let back = entry.way_back(&json!({ "targets": old.targets })).ok_or(Kind::Conflict)?;
    let back: Back = serde_json::from_value(back).map_err(Fault::internal)?;
    update(app, actor, (id, old.revision), &back.targets, Some(entry.id)).await?;
    Ok(())
}
