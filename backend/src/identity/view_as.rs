//! "View as": a customer's panel with a customer's eyes. Marked on every page and in the log, read-only until it is taken
//! over, over with the session.

use crate::{http::visit::Actor, platform::context::Context};
use hostler_store::{StoreError, audit::Change, sessions::Session};
use uuid::Uuid;

/// Begins to look with a customer's eyes.
///
/// # Errors
/// `NotFound` if there is no such customer for this person.
pub(super) async fn begin(
    context: &Context,
    actor: &Actor,
    session: &Session,
    customer: Uuid,
) -> Result<(), StoreError> {
    let mut view = context.store.view(&actor.scope).await?;
    let found = view.customer(customer).await?;
    drop(view);
    set(context, actor, session, ("view-as", customer, &found.number), Some(false)).await
}

/// Allows changes from now on, or ends it.
///
/// # Errors
/// `NotFound` if nobody is looked at.
pub(super) async fn go_on(
    context: &Context,
    actor: &Actor,
    session: &Session,
    take_over: bool,
) -> Result<(), StoreError> {
    let acting = session.acting().ok_or(StoreError::NotFound)?;
    let (action, writes) = if take_over { ("view-as-take-over", Some(true)) } else { ("view-as-end", None) };
    set(context, actor, session, (action, acting.customer_id, &acting.number), writes).await
}

async fn set(
    context: &Context,
    actor: &Actor,
    session: &Session,
    (action, customer, number): (&str, Uuid, &str),
    writes: Option<bool>,
) -> Result<(), StoreError> {
    // The session is the person's own, also while the customer may only be looked at.
    let mut tx = context.store.begin_identity(&actor.own(), context.clock.now()).await?;
    tx.act_for(session.id(), writes.map(|_| customer), writes.unwrap_or(false)).await?;
    tx.audit(Change::new(action, ("customer", customer), number).customer(Some(customer))).await?;
    tx.commit().await
}
