//! The use cases of mailboxes.

use super::{
    check,
    rules::{self, MailboxPatch, Wrong},
};
use crate::{
    http::{App, visit::Actor},
    identity::hashing::{Hasher, PasswordError},
    platform::random,
};
use hostler_core::{
    mail::{Mailbox, Protocol, Source},
    names::EmailAddress,
};
use hostler_store::{
    Scope, StoreError, Tx, View,
    audit::Change,
    mailboxes::{MailUse, MailboxData, MailboxRow},
};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) const NO_DOMAIN: &str = "its domain is none of yours here";
pub(super) const TAKEN: &str = "this address is a mailbox or an alias already";

pub(crate) use crate::http::form::Refused as MailError;

pub(super) fn field(name: &'static str, reason: impl Into<String>) -> MailError {
    MailError::field(name, reason)
}

/// Four groups of five letters and digits that cannot be mistaken for each other: 99 bits.
fn generated() -> Result<String, MailError> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let octets = random::octets::<20>().map_err(|e| MailError::Internal(e.to_string()))?;
    let letters: Vec<char> =
        octets.iter().filter_map(|b| LETTERS.get(usize::from(b % 32))).map(|b| char::from(*b)).collect();
    Ok(letters.chunks(5).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

/// A password and its hash as Dovecot reads it: the one that was chosen, or a new one.
pub(super) async fn password(
    hasher: &Hasher,
    chosen: Option<&str>,
    known: &[&str],
) -> Result<(String, String), MailError> {
    let password = match chosen {
        Some(password) => password.to_owned(),
        None => generated()?,
    };
    match hasher.make(&password, known).await {
        Ok(hash) => Ok((password, format!("{{ARGON2ID}}{hash}"))),
        Err(PasswordError::Hash(cause)) => Err(MailError::Internal(cause)),
        Err(reason) => Err(field("password", reason.to_string())),
    }
}

/// What the log keeps of a mailbox.
pub(super) fn told(data: &MailboxData) -> Value {
    // Structs of texts, numbers and days always have a JSON form.
    serde_json::to_value(data).unwrap_or_default()
}

/// Whether forwards lead somewhere and in no circle, and other senders are the customer's own.
async fn judge(view: &mut View, address: &EmailAddress, data: &MailboxData) -> Result<Wrong, StoreError> {
    let mut wrong = Wrong::new();
    let targets: Vec<Source> = data.forward.iter().filter_map(|t| Source::parse(t).ok()).collect();
    if targets.contains(&Source::Address(address.clone())) {
        wrong.push(("forward", "a mailbox cannot forward to itself".to_owned()));
    } else if let Some(reason) = check::objection(view, &Source::Address(address.clone()), &targets).await? {
        wrong.push(("forward", reason));
    }
    for sender in &data.send_as {
        let domain = sender.rsplit_once('@').map_or("", |(_, d)| d);
        if !view.shares_customer(address.domain().as_str(), domain).await? {
            wrong.push(("send_as", format!("`{sender}`: its domain is not one of the same customer")));
        }
    }
    Ok(wrong)
}

/// Whether a plan allows a mailbox with this quota, which had that one, or is new (`None`). What makes things no worse is let
/// through, so that a customer beyond the plan can come back into it.
pub(super) async fn within_plan(
    tx: &mut Tx,
    customer: Option<Uuid>,
    new: Option<i64>,
    old: Option<Option<i64>>,
) -> Result<(), MailError> {
    match customer {
        Some(customer) => allowed(tx.mail_use(customer).await?, new, old),
        None => Ok(()),
    }
}

/// As [`within_plan`], of what is used together with the mailbox itself.
pub(super) fn allowed(used: MailUse, new: Option<i64>, old: Option<Option<i64>>) -> Result<(), MailError> {
    let count = used.max_mailboxes.filter(|most| old.is_none() && used.mailboxes > i64::from(*most));
    if let Some(most) = count {
        return Err(field("address", format!("the plan allows {most} mailboxes")));
    }
    let Some(most) = used.max_mail_bytes else { return Ok(()) };
    match (new, old) {
        (_, Some(None)) => Ok(()),
        (None, _) => Err(field("quota_bytes", "the plan allows so much in all, so every mailbox needs a limit")),
        (Some(new), Some(Some(old))) if new <= old => Ok(()),
        (Some(_), _) if used.quota_bytes > most => {
            Err(field("quota_bytes", format!("all mailboxes together may have {most} octets by the plan")))
        }
        _ => Ok(()),
    }
}

/// Who changes a mailbox.
pub(super) struct By<'b> {
    /// In whose name.
    pub(super) scope: &'b Scope,
    /// What is looked at to judge where forwards lead.
    pub(super) around: Scope,
    /// Whether it is the mailbox's owner, who may set less than its customer.
    pub(super) own: bool,
}

impl<'b> From<&'b Actor> for By<'b> {
    fn from(actor: &'b Actor) -> Self {
        Self { scope: &actor.scope, around: actor.scope.clone(), own: false }
    }
}

/// Makes a mailbox; answers its id, and its password if one was made for it.
///
/// # Errors
/// The fields that are wrong.
pub(super) async fn create(
    app: &App,
    actor: &Actor,
    address: &str,
    chosen: Option<&str>,
    patch: &MailboxPatch,
) -> Result<(Uuid, String), MailError> {
    let (address, data) = judged(&mut app.context.store.view(&actor.scope).await?, address, patch).await?;
    let text = address.to_string();
    let (password, hash) = password(&app.hasher, chosen, &[&text, address.local(), &data.name]).await?;
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    let id = insert(&mut tx, &address, &data, &hash).await?;
    tx.commit().await?;
    Ok((id, password))
}

/// The address and the data of a mailbox that is to be made.
pub(super) async fn judged(
    view: &mut View,
    address: &str,
    patch: &MailboxPatch,
) -> Result<(EmailAddress, MailboxData), MailError> {
    let (data, mut wrong) = rules::applied(&MailboxData::default(), patch);
    let address = match rules::new_address(address, true) {
        Ok(address) => address,
        Err(reason) => {
            wrong.push(("address", reason));
            return Err(MailError::Fields(wrong));
        }
    };
    wrong.extend(judge(view, &address, &data).await?);
    if wrong.is_empty() { Ok((address, data)) } else { Err(MailError::Fields(wrong)) }
}

async fn insert(tx: &mut Tx, address: &EmailAddress, data: &MailboxData, hash: &str) -> Result<Uuid, MailError> {
    let text = address.to_string();
    let domain = match tx.mail_domain(address.domain().as_str()).await {
        Err(StoreError::NotFound) => return Err(field("address", NO_DOMAIN)),
        other => other?,
    };
    let id = match tx.create_mailbox(domain.id, &text, data, Some((hash, "ARGON2ID"))).await {
        Err(StoreError::Constraint(name)) if name == "mailboxes_address_key" => {
            return Err(field("address", TAKEN));
        }
        other => other?,
    };
    within_plan(tx, domain.customer_id, data.quota_bytes, None).await?;
    let change = Change::new("create-mailbox", ("mailbox", id), &text).customer(domain.customer_id);
    tx.audit(change.after(Some(&told(data)))).await?;
    Ok(id)
}

/// What a change would leave of a mailbox's settings.
///
/// # Errors
/// The fields that are wrong.
pub(super) async fn changed(
    app: &App,
    by: &By<'_>,
    old: &MailboxRow,
    patch: &MailboxPatch,
) -> Result<MailboxData, MailError> {
    let (data, mut wrong) = rules::applied(&old.data, patch);
    if data.storage != old.data.storage {
        wrong.push(("storage", "it is chosen when a mailbox is made: its mail lies there already".to_owned()));
    }
    let address = EmailAddress::parse(&old.address).map_err(|e| MailError::Internal(e.to_string()))?;
    if wrong.is_empty() && (data.forward != old.data.forward || data.send_as != old.data.send_as) {
        wrong.extend(judge(&mut app.context.store.view(&by.around).await?, &address, &data).await?);
    }
    if wrong.is_empty() { Ok(data) } else { Err(MailError::Fields(wrong)) }
}

/// Changes a mailbox; answers it with its place in the log. Where nothing differs, nothing happens.
///
/// # Errors
/// The fields that are wrong, `NotFound`, `Stale`.
pub(super) async fn update(
    app: &App,
    by: By<'_>,
    (id, revision): (Uuid, i32),
    patch: &MailboxPatch,
) -> Result<(MailboxRow, Option<i64>), MailError> {
    let old = app.context.store.view(by.scope).await?.mailbox(id).await?;
    let data = changed(app, &by, &old, patch).await?;
    if data == old.data && revision == old.revision {
        return Ok((old, None));
    }
    let mut tx = app.context.store.begin(by.scope, app.context.clock.now()).await?;
    let row = MailboxRow { revision, ..old };
    let entry = if by.own {
        tx.update_own_mailbox(id, revision, &data).await?;
        note_set(&mut tx, &row, &data, Note::default()).await?
    } else {
        set(&mut tx, &row, &data, Note::default()).await?
    };
    tx.commit().await?;
    Ok((MailboxRow { data, revision: revision + 1, ..row }, Some(entry)))
}

/// Writes what [`changed`] judged, if the plan allows it; answers its place in the log.
pub(super) async fn set(tx: &mut Tx, old: &MailboxRow, data: &MailboxData, note: Note) -> Result<i64, MailError> {
    let entry = write(tx, old, data, note).await?;
    if data.quota_bytes != old.data.quota_bytes {
        within_plan(tx, old.customer_id, data.quota_bytes, Some(old.data.quota_bytes)).await?;
    }
    Ok(entry)
}

/// As [`set`], where the plan was asked before.
pub(super) async fn write(tx: &mut Tx, old: &MailboxRow, data: &MailboxData, note: Note) -> Result<i64, StoreError> {
    tx.update_mailbox(old.id, old.revision, data).await?;
    note_set(tx, old, data, note).await
}

async fn note_set(tx: &mut Tx, old: &MailboxRow, data: &MailboxData, note: Note) -> Result<i64, StoreError> {
    let change = note.of("edit-mailbox", old).before(Some(&told(&old.data)));
    tx.audit(change.after(Some(&told(data)))).await
}

/// Gives a mailbox another password; answers it if it was made here.
///
/// # Errors
/// The field that is wrong, `NotFound`.
pub(super) async fn set_password(
    app: &App,
    scope: &Scope,
    id: Uuid,
    chosen: Option<&str>,
) -> Result<String, MailError> {
    let mailbox = app.context.store.view(scope).await?.mailbox(id).await?;
    let local = mailbox.address.split('@').next().unwrap_or_default();
    let (password, hash) = password(&app.hasher, chosen, &[&mailbox.address, local, &mailbox.data.name]).await?;
    let mut tx = app.context.store.begin(scope, app.context.clock.now()).await?;
    tx.set_mailbox_password(id, &hash, "ARGON2ID").await?;
    tx.audit(Change::new("set-mailbox-password", ("mailbox", id), &mailbox.address).customer(mailbox.customer_id))
        .await?;
    tx.commit().await?;
    Ok(password)
}

/// Gives a mailbox up: it takes no mail any more and opens to nobody. What is in it stays on the server.
///
/// # Errors
/// `NotFound`, `Stale`.
pub(super) async fn delete(app: &App, actor: &Actor, id: Uuid, revision: i32) -> Result<(), MailError> {
    let mailbox = app.context.store.view(&actor.scope).await?.mailbox(id).await?;
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    give_up(&mut tx, &MailboxRow { revision, ..mailbox }, Note::default()).await?;
    tx.commit().await?;
    Ok(())
}

/// As [`delete`], as a part of what `note` says.
pub(super) async fn give_up(tx: &mut Tx, mailbox: &MailboxRow, note: Note) -> Result<i64, StoreError> {
    tx.archive_mailbox(mailbox.id, mailbox.revision).await?;
    tx.audit(note.of("delete-mailbox", mailbox).before(Some(&told(&mailbox.data)))).await
}

/// What a change is part of, for the log.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Note {
    /// The larger change.
    pub(super) batch: Option<Uuid>,
    /// The entry that it takes back.
    pub(super) undoes: Option<i64>,
}

impl Note {
    /// The entry of a change of a mailbox.
    pub(super) fn of<'c>(self, action: &'c str, mailbox: &'c MailboxRow) -> Change<'c> {
        let action = if self.undoes.is_some() { "undo" } else { action };
        let change = Change::new(action, ("mailbox", mailbox.id), &mailbox.address).customer(mailbox.customer_id);
        change.batch(self.batch).undoes(self.undoes)
    }
}

/// Makes a password for one device; answers its id and the password.
///
/// # Errors
/// The field that is wrong, `NotFound`.
pub(super) async fn add_app_password(
    app: &App,
    scope: &Scope,
    id: Uuid,
    label: &str,
    protocols: &[String],
) -> Result<(Uuid, String), MailError> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 60 || label.chars().any(char::is_control) {
        return Err(field("label", "from 1 to 60 characters, no control characters"));
    }
    if protocols.is_empty() || protocols.iter().any(|p| Protocol::parse(p).is_none()) {
        return Err(field("protocols", "at least one of imap, pop3, smtp, sieve"));
    }
    let mut sorted: Vec<String> = protocols.to_vec();
    sorted.sort();
    sorted.dedup();
    let mailbox = app.context.store.view(scope).await?.mailbox(id).await?;
    let (password, hash) = password(&app.hasher, None, &[]).await?;
    let mut tx = app.context.store.begin(scope, app.context.clock.now()).await?;
    let made = match tx.add_app_password(id, label, &hash, &sorted, Mailbox::MOST_APP_PASSWORDS).await {
        Err(StoreError::Constraint(name)) if name == "app_passwords_most" => {
            return Err(field(
                "label",
                format!("a mailbox has at most {} passwords for devices", Mailbox::MOST_APP_PASSWORDS),
            ));
        }
        other => other?,
    };
    let change = Change::new("add-app-password", ("mailbox", id), &mailbox.address).customer(mailbox.customer_id);
    tx.audit(change.after(Some(&json!({ "label": label, "protocols": sorted })))).await?;
    tx.commit().await?;
    Ok((made, password))
}

/// Makes a device's password open nothing any more.
///
/// # Errors
/// `NotFound`.
pub(super) async fn revoke_app_password(
    app: &App,
    scope: &Scope,
    id: Uuid,
    app_password: Uuid,
) -> Result<(), MailError> {
    let mailbox = app.context.store.view(scope).await?.mailbox(id).await?;
    let mut tx = app.context.store.begin(scope, app.context.clock.now()).await?;
    let label = tx.revoke_app_password(id, app_password).await?;
    let change = Change::new("revoke-app-password", ("mailbox", id), &mailbox.address).customer(mailbox.customer_id);
    tx.audit(change.before(Some(&json!({ "label": label })))).await?;
    tx.commit().await?;
    Ok(())
}
