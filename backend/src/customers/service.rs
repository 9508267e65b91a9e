//! The use cases of customers.

use crate::{http::visit::Actor, platform::context::Context};
use hostler_core::names::EmailAddress;
use hostler_store::{StoreError, audit::Change, customers::Customer};
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

/// Changes a customer's data; answers it.
///
/// # Errors
/// The fields that are wrong, `NotFound`, `Stale`.
pub(super) async fn update(
    context: &Context,
    actor: &Actor,
    (id, revision): (Uuid, i32),
    patch: &CustomerPatch,
) -> Result<Customer, CustomerError> {
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
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    tx.update_customer(&new).await?;
    let change = Change::new("edit-customer", ("customer", id), &old.number).customer(Some(id));
    tx.audit(change.before(Some(&told(&old))).after(Some(&told(&new)))).await?;
    tx.commit().await?;
    new.revision += 1;
    Ok(new)
}
