//! Many mailboxes at once, in one unit of work: for the API and for tables.

use super::{
    rules::{MailboxPatch, Wrong},
    service::{MailError, NO_DOMAIN, TAKEN, allowed, field, judged, password, told},
};
use crate::http::{App, visit::Actor};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hostler_core::names::EmailAddress;
use hostler_store::{Tx, audit::Change, mailbox_batch::NewMailboxRow, mailboxes::MailboxData};
use uuid::Uuid;

/// A mailbox to be made with others.
pub(super) struct NewMailbox {
    /// Its address.
    pub(super) address: String,
    /// Its password; without one it gets one.
    pub(super) password: Option<String>,
    /// What is set of it.
    pub(super) patch: MailboxPatch,
}

/// What became of one of many: its id and its password, or the fields that are wrong.
pub(super) type Made = Result<(Uuid, String), Wrong>;

/// Keeps what is wrong with one of many apart from what stops all of them.
fn one_of_many<T>(result: Result<T, MailError>) -> Result<Result<T, Wrong>, MailError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(MailError::Fields(wrong)) => Ok(Err(wrong)),
        Err(other) => Err(other),
    }
}

/// One of many, ready to be written.
struct Ready {
    address: EmailAddress,
    data: MailboxData,
    password: String,
    hash: String,
}

async fn ready(
    app: &App,
    (address, data): (EmailAddress, MailboxData),
    chosen: Option<&str>,
    dry: bool,
) -> Result<Ready, MailError> {
    let text = address.to_string();
    let known = [text.as_str(), address.local(), data.name.as_str()];
    let (password, hash) = if dry {
        if let Some(chosen) = chosen {
            app.hasher.judge(chosen, &known).await.map_err(|reason| field("password", reason.to_string()))?;
        }
        (String::new(), "{ARGON2ID}".to_owned())
    } else {
        password(&app.hasher, chosen, &known).await?
    };
    Ok(Ready { address, data, password, hash })
}

/// Makes many mailboxes in one unit of work; what is refused of them leaves the others. With `dry` nothing is made, and
/// what is said is what would be.
///
/// # Errors
/// What stops all of them.
pub(super) async fn create(app: &App, actor: &Actor, wanted: &[NewMailbox], dry: bool) -> Result<Vec<Made>, MailError> {
    let mut view = app.context.store.view(&actor.scope).await?;
    let mut rows = Vec::with_capacity(wanted.len());
    for one in wanted {
        rows.push(one_of_many(judged(&mut view, &one.address, &one.patch).await)?);
    }
    // A hash is dear: none is made for what cannot be made anyway. What is told here is judged again when it is written.
    let good = || rows.iter().filter_map(|r| r.as_ref().ok());
    let names: Vec<String> = good().map(|(address, _)| address.domain().to_string()).collect();
    let texts: Vec<String> = good().map(|(address, _)| address.to_string()).collect();
    let (here, known) = (view.domains_here(&names).await?, view.known_of(&texts).await?);
    let possible = |(address, data): (EmailAddress, MailboxData)| {
        let reason = match (here.contains(address.domain().as_str()), known.contains_key(&address.to_string())) {
            (false, _) => NO_DOMAIN,
            (true, true) => TAKEN,
            (true, false) => return Ok((address, data)),
        };
        Err(vec![("address", reason.to_owned())])
    };
    let rows: Vec<Result<_, Wrong>> = rows.into_iter().map(|row| row.and_then(possible)).collect();
    drop(view);
    let hashing = rows.into_iter().zip(wanted).map(|(row, one)| async move {
        match row {
            Ok(row) => one_of_many(ready(app, row, one.password.as_deref(), dry).await),
            Err(wrong) => Ok(Err(wrong)),
        }
    });
    // As many at once as there are threads for it: others log in meanwhile.
    let rows: Vec<Result<Ready, Wrong>> = stream::iter(hashing).buffered(2).try_collect().await?;
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    let made = insert(&mut tx, rows).await?;
    if !dry {
        tx.commit().await?;
    }
    Ok(made)
}

/// Writes those of many that can be written.
async fn insert(tx: &mut Tx, rows: Vec<Result<Ready, Wrong>>) -> Result<Vec<Made>, MailError> {
    let ready = || rows.iter().filter_map(|r| r.as_ref().ok());
    let mut names: Vec<String> = ready().map(|r| r.address.domain().to_string()).collect();
    names.sort_unstable();
    names.dedup();
    let domains = tx.mail_domains(&names).await?;
    let customers: Vec<Uuid> = domains.values().filter_map(|d| d.customer_id).collect();
    let mut uses = tx.mail_uses(&customers).await?;
    let texts: Vec<String> = ready().map(|r| r.address.to_string()).collect();
    let mut known = tx.known_addresses(&texts).await?;
    // In their order, so that what is left of a plan goes to whoever comes first.
    let mut judged = Vec::with_capacity(rows.len());
    for row in rows {
        judged.push(row.and_then(|row| {
            let text = row.address.to_string();
            let one = |name, reason: &str| vec![(name, reason.to_owned())];
            let domain = domains.get(row.address.domain().as_str()).ok_or_else(|| one("address", NO_DOMAIN))?;
            let again = match known.get(&text) {
                Some(false) => return Err(one("address", TAKEN)),
                Some(true) => true,
                None => false,
            };
            if let Some(used) = domain.customer_id.and_then(|c| uses.get_mut(&c)) {
                let mut with = *used;
                with.mailboxes += 1;
                with.quota_bytes = with.quota_bytes.saturating_add(row.data.quota_bytes.unwrap_or(0));
                match allowed(with, row.data.quota_bytes, None) {
                    Ok(()) => *used = with,
                    Err(MailError::Fields(wrong)) => return Err(wrong),
                    Err(other) => return Err(one("address", &other.to_string())),
                }
            }
            known.insert(text.clone(), false);
            Ok((row, text, domain, again))
        }));
    }
    let fresh: Vec<NewMailboxRow<'_>> = judged
        .iter()
        .filter_map(|r| r.as_ref().ok())
        .filter(|(.., again)| !again)
        .map(|(row, text, domain, _)| NewMailboxRow {
            domain: domain.id,
            address: text,
            data: &row.data,
            hash: &row.hash,
            scheme: "ARGON2ID",
        })
        .collect();
    let ids = tx.create_mailboxes(&fresh).await?;
    let mut made = Vec::with_capacity(judged.len());
    for row in judged {
        let (row, text, domain, again) = match row {
            Ok(row) => row,
            Err(wrong) => {
                made.push(Err(wrong));
                continue;
            }
        };
        let id = if again {
            Some(tx.create_mailbox(domain.id, &text, &row.data, Some((&row.hash, "ARGON2ID"))).await?)
        } else {
            ids.get(&text).copied()
        };
        let Some(id) = id else {
            made.push(Err(vec![("address", TAKEN.to_owned())]));
            continue;
        };
        let change = Change::new("create-mailbox", ("mailbox", id), &text).customer(domain.customer_id);
        tx.audit(change.after(Some(&told(&row.data)))).await?;
        made.push(Ok((id, row.password)));
    }
    Ok(made)
}
