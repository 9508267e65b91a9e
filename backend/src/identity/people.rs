//! Logins of others: inviting, changing, switching off.

use super::{links, service::person_name};
use crate::{
    http::{
        fault::{Fault, Kind},
        visit::Actor,
    },
    platform::context::Context,
};
use hostler_core::{
    access::{Action, Role, Side},
    names::EmailAddress,
};
use hostler_store::{
    StoreError, Tx,
    audit::{Change, Entry},
    invitations::NewLogin,
    links::Purpose,
    outbox::NewMail,
    users::{Household, LAST_MANAGER, LoginRow},
};
use hostler_web::i18n::Lang;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Why somebody was not invited or changed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Fields and what is wrong with them: keys of the catalogue or sentences of a reader.
    #[error("fields: {0:?}")]
    Fields(Vec<(&'static str, String)>),
    /// Links cannot be mailed while the panel does not know its own address.
    #[error("setting http.public_url is not set")]
    NoPublicUrl,
    /// Nobody takes their own rights away by mistake.
    #[error("one's own login")]
    Oneself,
    /// Nobody would be left who manages these logins.
    #[error("the last one who manages them")]
    LastManager,
    /// The action is not this person's.
    #[error("forbidden")]
    Forbidden,
    /// It was changed since, so it cannot be taken back.
    #[error("changed since")]
    Overtaken,
    /// Too many invitations within an hour.
    #[error("too many invitations")]
    TooMany,
    /// The store refused.
    #[error("{0}")]
    Store(StoreError),
}

impl From<PeopleError> for Fault {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Store(error) => error.into(),
            PeopleError::Fields(fields) => Self::named(fields),
            PeopleError::Oneself | PeopleError::LastManager | PeopleError::Overtaken => Kind::Conflict.into(),
            PeopleError::TooMany => Kind::TooMany.into(),
            PeopleError::Forbidden => Kind::Forbidden.into(),
            PeopleError::NoPublicUrl => {
                Self::field("email", "the setting http.public_url is not set, so no link can be mailed")
            }
        }
    }
}

impl From<StoreError> for PeopleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Constraint(name) if name == LAST_MANAGER => Self::LastManager,
            other => Self::Store(other),
        }
    }
}

/// Invitations to one address, and of one household, within an hour.
const MOST_TO_ONE: i64 = 3;
const MOST_OF_ALL: i64 = 50;

/// An invitation as it was asked for.
#[derive(Debug, Clone, Default)]
pub struct Invitation {
    /// Address.
    pub email: String,
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub role: String,
    /// Number of the reseller, for a reseller's login.
    pub reseller: String,
}

/// The roles that a household's logins may have.
#[must_use]
pub fn roles(household: Household) -> &'static [Role] {
    match household {
        Household::House => &[Role::Admin, Role::Operator, Role::Billing, Role::Reseller],
        Household::Customer(_) => &[Role::Owner, Role::Member, Role::Payer],
    }
}

/// Whether somebody manages that household's logins.
fn allowed(actor: &Actor, household: Household) -> Result<(), PeopleError> {
    let action = match household {
        Household::House => Action::ManageStaff,
        Household::Customer(_) => Action::ManageLogins,
    };
    if actor.may(action) { Ok(()) } else { Err(PeopleError::Forbidden) }
}

fn role_in(household: Household, text: &str) -> Option<Role> {
    Role::parse(text).filter(|role| roles(household).contains(role))
}

/// What the log says of a login.
#[derive(Debug, Serialize)]
struct Told<'t> {
    name: &'t str,
    role: &'t str,
}

/// What the log says of a login that was switched.
#[derive(Debug, Serialize)]
struct Switched {
    on: bool,
}

/// Invites somebody: a login without a password, and a mail with a link to take it up. Whether the address has a login
/// elsewhere is told to nobody but the staff; its owner is told by mail.
///
/// # Errors
/// The fields that are wrong; `NotFound` for a customer that is not there.
pub async fn invite(
    context: &Context,
    actor: &Actor,
    household: Household,
    wanted: &Invitation,
) -> Result<(), PeopleError> {
    allowed(actor, household)?;
    let url = context.settings.http.public_url.as_deref().ok_or(PeopleError::NoPublicUrl)?;
    let lang = actor.visit.lang;
    let mut wrong = Vec::new();
    let email = EmailAddress::parse(wanted.email.trim()).map_err(|e| wrong.push(("email", e.to_string()))).ok();
    let name = person_name(&wanted.name).map_err(|e| wrong.push(("name", e.to_owned()))).ok();
    let role = role_in(household, &wanted.role);
    if role.is_none() {
        wrong.push(("role", "not a role of this household".to_owned()));
    }
    let (Some(email), Some(name), Some(role)) = (email, name, role) else { return Err(PeopleError::Fields(wrong)) };
    let email = email.to_string();
    let mut view = context.store.view(&actor.scope).await?;
    let mut reseller_id = None;
    let customer_id = match household {
        Household::House => None,
        Household::Customer(id) => Some(view.customer(id).await?.id),
    };
    if role == Role::Reseller {
        match view.reseller_id(wanted.reseller.trim()).await {
            Ok(id) => reseller_id = Some(id),
            Err(StoreError::NotFound) => {
                return Err(PeopleError::Fields(vec![("reseller", "there is no reseller of that number".to_owned())]));
            }
            Err(error) => return Err(error.into()),
        }
    }
    drop(view);
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    let new = NewLogin { email: &email, name, role, customer_id, reseller_id, lang: lang.code() };
    let (same, all) = tx.invitations_since(household, &email, context.clock.now() - chrono::Duration::hours(1)).await?;
    if same >= MOST_TO_ONE || (actor.side() != Side::Staff && all >= MOST_OF_ALL) {
        return Err(PeopleError::TooMany);
    }
    let who = &format!("{} ({})", actor.login().name, actor.login().email);
    let made = tx.invite_login(&new).await?;
    let (subject, body) = match made {
        Some(user) => {
            let link = links::mint(&mut tx, url, user, Purpose::Invite, None).await?;
            (lang.t("mail-invite-subject"), lang.f("mail-invite", &[("name", &name), ("who", who), ("link", &link)]))
        }
        None if actor.side() == Side::Staff => {
            return Err(PeopleError::Fields(vec![("email", "this address has a login already".to_owned())]));
        }
        None => (lang.t("mail-invite-subject"), lang.f("mail-invite-taken", &[("name", &name), ("who", who)])),
    };
    tx.queue_mail(&NewMail {
        kind: "invite",
        user: made,
        customer: customer_id,
        recipient: &email,
        subject,
        body: &body,
    })
    .await?;
    tx.audit(
        // The address, not an id: whether there is a new login is told by nothing.
        Change::new("invite", ("login", &email), &email)
            .customer(customer_id)
            .after(Some(&Told { name, role: role.as_str() })),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes an invitation back.
///
/// # Errors
/// `NotFound` if that household has not invited the address.
pub async fn withdraw(context: &Context, actor: &Actor, household: Household, email: &str) -> Result<(), PeopleError> {
    let email = EmailAddress::parse(email.trim()).map_err(|_| StoreError::NotFound)?.to_string();
    take_back(context, actor, household, Change::new("withdraw-invite", ("login", &email), &email), &email).await
}

async fn take_back(
    context: &Context,
    actor: &Actor,
    household: Household,
    change: Change<'_>,
    email: &str,
) -> Result<(), PeopleError> {
    allowed(actor, household)?;
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    tx.withdraw_invitation(household, email).await?;
    note(&mut tx, change, household).await?;
    Ok(tx.commit().await?)
}

/// Takes an invitation back that the log tells of.
///
/// # Errors
/// `Overtaken` if it was taken up or taken back already.
pub async fn undo_invitation(context: &Context, actor: &Actor, entry: &Entry) -> Result<(), PeopleError> {
    let household = entry.customer_id.map_or(Household::House, Household::Customer);
    let email = &entry.label;
    let change = Change::new("undo", ("login", email), email).before(entry.after.as_ref()).undoes(Some(entry.id));
    take_back(context, actor, household, change, email).await.map_err(|error| match error {
        PeopleError::Store(StoreError::NotFound) => PeopleError::Overtaken,
        other => other,
    })
}

async fn found(context: &Context, actor: &Actor, household: Household, id: Uuid) -> Result<LoginRow, PeopleError> {
    allowed(actor, household)?;
    if actor.login().id == id {
        return Err(PeopleError::Oneself);
    }
    let mut view = context.store.view(&actor.scope).await?;
    Ok(view.login_in(id, household).await?)
}

fn customer(household: Household) -> Option<Uuid> {
    match household {
        Household::House => None,
        Household::Customer(id) => Some(id),
    }
}

async fn note(tx: &mut Tx, change: Change<'_>, household: Household) -> Result<i64, StoreError> {
    tx.audit(change.customer(customer(household))).await
}

/// Takes a change of a login back, as far as it is still as the change left it.
///
/// # Errors
/// `NotFound`, `Overtaken`, and what changing it anew would be refused for.
pub async fn undo(context: &Context, actor: &Actor, entry: &Entry) -> Result<(), PeopleError> {
    let household = entry.customer_id.map_or(Household::House, Household::Customer);
    let id: Uuid = entry.entity_id.parse().map_err(|_| StoreError::NotFound)?;
    let now = found(context, actor, household, id).await?;
    let (Some(before), Some(after)) = (&entry.before, &entry.after) else { return Err(StoreError::NotFound.into()) };
    let shown = json!({ "name": now.name, "role": now.role.as_str(), "on": now.disabled_at.is_none() });
    let same = after.as_object().is_some_and(|after| after.iter().all(|(name, value)| shown.get(name) == Some(value)));
    if !same {
        return Err(PeopleError::Overtaken);
    }
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    if let Some(on) = before.get("on").and_then(Value::as_bool) {
        tx.switch_login(id, on, household).await?;
    } else {
        let text = |name: &str| before.get(name).and_then(Value::as_str).unwrap_or_default();
        let role = role_in(household, text("role")).ok_or(StoreError::NotFound)?;
        tx.update_login(id, now.revision, text("name"), role, household).await?;
    }
    let change = Change::new("undo", ("login", id), &now.email).before(Some(after)).after(Some(before));
    note(&mut tx, change.undoes(Some(entry.id)), household).await?;
    Ok(tx.commit().await?)
}

/// Gives a login another name and role; answers the place in the log.
///
/// # Errors
/// The fields that are wrong, `NotFound`, `Stale`.
pub async fn update(
    context: &Context,
    actor: &Actor,
    household: Household,
    (id, revision): (Uuid, i32),
    (name, role): (&str, &str),
) -> Result<i64, PeopleError> {
    let old = found(context, actor, household, id).await?;
    let mut wrong = Vec::new();
    let name = person_name(name).map_err(|e| wrong.push(("name", e.to_owned()))).ok();
    // A reseller's login stays one, and nobody becomes one: it would need a reseller.
    let role = role_in(household, role).filter(|r| (*r == Role::Reseller) == (old.role == Role::Reseller));
    if role.is_none() {
        wrong.push(("role", "not a role of this household".to_owned()));
    }
    let (Some(name), Some(role)) = (name, role) else { return Err(PeopleError::Fields(wrong)) };
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    tx.update_login(id, revision, name, role, household).await?;
    let change = Change::new("edit-login", ("login", id), &old.email)
        .before(Some(&Told { name: &old.name, role: old.role.as_str() }))
        .after(Some(&Told { name, role: role.as_str() }));
    let entry = note(&mut tx, change, household).await?;
    tx.commit().await?;
    Ok(entry)
}

/// Switches a login off or on again; answers the place in the log.
///
/// # Errors
/// `NotFound`, `Oneself`.
pub async fn switch(
    context: &Context,
    actor: &Actor,
    household: Household,
    id: Uuid,
    on: bool,
) -> Result<i64, PeopleError> {
    let old = found(context, actor, household, id).await?;
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    tx.switch_login(id, on, household).await?;
    let action = if on { "enable-login" } else { "disable-login" };
    let change = Change::new(action, ("login", id), &old.email)
        .before(Some(&Switched { on: old.disabled_at.is_none() }))
        .after(Some(&Switched { on }));
    let entry = note(&mut tx, change, household).await?;
    tx.commit().await?;
    Ok(entry)
}

/// A reader's sentence in the visitor's language.
#[must_use]
pub fn told(lang: Lang, fields: &[(&'static str, String)]) -> hostler_web::ui::form::FieldErrors {
    fields.iter().map(|(name, reason)| (*name, lang.reason(reason))).collect()
}
