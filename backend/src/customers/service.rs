//! The use cases of customers.

use crate::{
    http::{
        fault::{Fault, Kind},
        visit::Actor,
    },
    platform::context::Context,
};
use hostler_core::names::EmailAddress;
use hostler_store::{
    StoreError,
    audit::{Change, Entry},
    customers::Customer,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What of a customer can be changed; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomerPatch {
    #[schema(max_length = 200)]
    pub(super) company: Option<String>,
    #[schema(max_length = 200)]
    pub(super) contact: Option<String>,
    #[schema(max_length = 200)]
    pub(super) street: Option<String>,
    #[schema(max_length = 200)]
    pub(super) postcode: Option<String>,
    #[schema(max_length = 200)]
    pub(super) city: Option<String>,
    #[schema(max_length = 200)]
    pub(super) country: Option<String>,
    #[schema(max_length = 254)]
    pub(super) email: Option<String>,
    #[schema(max_length = 200)]
    pub(super) vat_id: Option<String>,
}

/// Why a customer was not changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CustomerError {
    /// Fields and what is wrong with them.
    #[error("fields: {0:?}")]
    Fields(Vec<(&'static str, String)>),
    /// The store refused.
    #[error("{0}")]
    Store(#[from] StoreError),
}

fn told(c: &Customer) -> serde_json::Value {
    serde_json::json!({
        "company": c.company, "contact": c.contact, "street": c.street, "postcode": c.postcode, "city": c.city,
        "country": c.country, "email": c.email, "vat_id": c.vat_id,
    })
}

impl From<CustomerError> for Fault {
    fn from(error: CustomerError) -> Self {
        match error {
            CustomerError::Fields(fields) => Self::named(fields),
            CustomerError::Store(error) => error.into(),
        }
    }
}

/// Takes a change of a customer's data back, as far as nobody has changed the same fields since.
///
/// # Errors
/// 404 if there is none for this visitor, 409 if it was changed since.
pub async fn undo(context: &Context, actor: &Actor, entry: &Entry) -> Result<(), Fault> {
    let id: Uuid = entry.entity_id.parse().map_err(|_| Kind::NotFound)?;
    let old = context.store.view(&actor.scope).await?.customer(id).await?;
    let back = entry.way_back(&told(&old)).ok_or(Kind::Conflict)?;
    let patch: CustomerPatch = serde_json::from_value(back).map_err(Fault::internal)?;
    update(context, actor, (id, old.revision), &patch, Some(entry.id)).await?;
    Ok(())
}

/// Changes a customer's data, or takes the entry `undoes` back; answers it with its place in the log. Where nothing differs, nothing happens.
///
/// # Errors
/// The fields that are wrong, `NotFound`, `Stale`.
pub(super) async fn update(
    context: &Context,
    actor: &Actor,
    (id, revision): (Uuid, i32),
    patch: &CustomerPatch,
    undoes: Option<i64>,
) -> Result<(Customer, Option<i64>), CustomerError> {
    let mut view = context.store.view(&actor.scope).await?;
    let old = view.customer(id).await?;
    drop(view);
    let mut new = Customer { revision, ..old.clone() };
    let mut wrong = Vec::new();
    for (name, value, field) in [
        ("company", &patch.company, &mut new.company),
        ("contact", &patch.contact, &mut new.contact),
        ("street", &patch.street, &mut new.street),
        ("postcode", &patch.postcode, &mut new.postcode),
        ("city", &patch.city, &mut new.city),
        ("country", &patch.country, &mut new.country),
        ("vat_id", &patch.vat_id, &mut new.vat_id),
    ] {
        let Some(value) = value else { continue };
        let value = value.trim();
        if value.chars().count() > 200 || value.chars().any(char::is_control) {
            wrong.push((name, "at most 200 characters, no control characters".to_owned()));
        }
        value.clone_into(field);
    }
    match patch.email.as_deref().map(str::trim) {
        None => {}
        Some("") => new.email.clear(),
        Some(text) => match EmailAddress::parse(text) {
            Ok(address) => new.email = address.to_string(),
            Err(reason) => wrong.push(("email", reason.to_string())),
        },
    }
    if !wrong.is_empty() {
        return Err(CustomerError::Fields(wrong));
    }
    if told(&new) == told(&old) && revision == old.revision {
        return Ok((old, None));
    }
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    tx.update_customer(&new).await?;
    let action = if undoes.is_some() { "undo" } else { "edit-customer" };
    let change = Change::new(action, ("customer", id), &old.number).customer(Some(id)).undoes(undoes);
    let entry = tx.audit(change.before(Some(&told(&old))).after(Some(&told(&new)))).await?;
    tx.commit().await?;
    new.revision += 1;
    Ok((new, Some(entry)))
}
