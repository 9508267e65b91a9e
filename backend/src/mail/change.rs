//! One change of chosen mailboxes: looked at first, done at once, taken back as a whole.

use super::{
    rules::{MailboxPatch, Wrong},
    service::{self, By, MailError, Note, allowed, field, told},
};
use crate::http::{App, visit::Actor};
use hostler_core::{access::Action, mail::Role};
use hostler_store::{
    StoreError, Tx, View,
    list::{Page, Sort},
    mail::MailFilter,
    mail_servers::{Placed, Placement},
    mailboxes::{MailUse, MailboxData, MailboxRow},
    new_id,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Mailboxes that one change may be about.
pub(super) const MOST: usize = 1000;
/// How long whoever logs in waits after a mailbox went to another server: servers follow within a minute, and what was open at the
/// old one has ended by then. Dovecot takes no more than five minutes.
pub(super) const PATIENCE: chrono::Duration = chrono::Duration::seconds(120);

/// What is done to each of the mailboxes; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = MailboxChange)]
pub(super) struct Wanted {
    /// What is set of them.
    pub(super) data: MailboxPatch,
    /// The server that they live on; staff only. Their mail has to be there: this says where it is read and delivered.
    #[schema(max_length = 32)]
    pub(super) server: Option<String>,
    /// Whether their mail waits while it is being moved; staff only.
    pub(super) held: Option<bool>,
    /// Whether they are given up.
    pub(super) give_up: bool,
}

impl Wanted {
    fn places(&self) -> bool {
        self.server.is_some() || self.held.is_some()
    }

    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// What becomes of a mailbox.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) id: Uuid,
    pub(super) address: String,
    /// What differs: name of the field, as it was, as it is.
    pub(super) differs: Vec<(String, Value, Value)>,
    /// Why nothing was done.
    pub(super) wrong: Wrong,
}

/// What became of all.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcomes {
    pub(super) rows: Vec<Outcome>,
    /// A place in the log from which all of it is taken back.
    pub(super) entry: Option<i64>,
}

/// The mailboxes that a filter leaves, or `None` if they are more than one change may be about.
///
/// # Errors
/// When the database fails.
pub(super) async fn selected(view: &mut View, filter: &MailFilter) -> Result<Option<Vec<Uuid>>, StoreError> {
    // A list shows all where nothing can be searched for, and aliases are no mailboxes. A change is about none then.
    if filter.alias == Some(true) {
        return Ok(Some(Vec::new()));
    }
    if !filter.q.is_empty() && filter.q.trim().trim_matches('\0').is_empty() {
        return Ok(Some(Vec::new()));
    }
    let only = MailFilter { alias: Some(false), ..filter.clone() };
    let page = Page { limit: i64::try_from(MOST + 1).unwrap_or(i64::MAX), offset: 0 };
    let found = view.mail(&only, Sort { column: 0, descending: false }, page).await?.items;
    Ok((found.len() <= MOST).then(|| found.into_iter().map(|m| m.id).collect()))
}

/// Where a mailbox lives, for the log.
pub(super) fn placement(p: &Placement) -> Value {
    json!({ "server": p.server, "held": p.held })
}

/// A mailbox with what is to become of it.
struct Step {
    old: MailboxRow,
    data: MailboxData,
    placed: Option<(Placement, Placement)>,
}

impl Step {
    fn differs(&self, give_up: bool) -> Vec<(String, Value, Value)> {
        if give_up {
            return vec![("give_up".to_owned(), Value::Bool(false), Value::Bool(true))];
        }
        let mut out = Vec::new();
        let mut compare = |old: Value, new: Value| {
            if let (Value::Object(old), Value::Object(mut new)) = (old, new) {
                for (name, was) in old {
                    match new.remove(&name) {
                        Some(is) if is != was => out.push((name, was, is)),
                        _ => {}
                    }
                }
            }
        };
        compare(told(&self.old.data), told(&self.data));
        if let Some((old, new)) = &self.placed {
            compare(placement(old), placement(new));
        }
        out
    }
}

/// Changes mailboxes in one unit of work; what is refused of them leaves the others. With `dry` nothing is changed, and what is
/// said is what would be. Ids of which there is no mailbox for this visitor are left out.
///
/// # Errors
/// What stops all of them.
pub(super) async fn change(
    app: &App,
    actor: &Actor,
    ids: &[Uuid],
    wanted: &Wanted,
    dry: bool,
) -> Result<Outcomes, MailError> {
    change_at(app, actor, (ids, None), wanted, dry).await
}

/// As [`change`], of what is as it was at `revision`, if that is said.
///
/// # Errors
/// `Stale` for each row that is not.
pub(super) async fn change_at(
    app: &App,
    actor: &Actor,
    (ids, revision): (&[Uuid], Option<i32>),
    wanted: &Wanted,
    dry: bool,
) -> Result<Outcomes, MailError> {
    if ids.len() > MOST {
        return Err(field("ids", format!("at most {MOST} mailboxes")));
    }
    if wanted.is_nothing() {
        return Err(field("change", "nothing is to be changed"));
    }
    if wanted.give_up && *wanted != (Wanted { give_up: true, ..Wanted::default() }) {
        return Err(field("give_up", "what is given up cannot be changed as well"));
    }
    let mut view = app.context.store.view(&actor.scope).await?;
    let server = target(&mut view, actor, wanted).await?;
    let rows = view.mailboxes(ids).await?;
    let places: HashMap<Uuid, Placed> = match wanted.places() {
        true => view.placements(ids).await?.into_iter().map(|p| (p.id, p)).collect(),
        false => HashMap::new(),
    };
    drop(view);
    let by = By::from(actor);
    let mut steps = Vec::with_capacity(rows.len());
    for old in rows {
        if revision.is_some_and(|r| r != old.revision) {
            return Err(StoreError::Stale.into());
        }
        let data = match service::changed(app, &by, &old, &wanted.data).await {
            Ok(data) => data,
            Err(MailError::Fields(wrong)) => {
                steps.push(Err(Outcome { id: old.id, address: old.address, differs: Vec::new(), wrong }));
                continue;
            }
            Err(other) => return Err(other),
        };
        let placed = places.get(&old.id).map(|p| {
            let mut new = p.placement.clone();
            new.server = wanted.server.clone().or(new.server);
            new.held = wanted.held.unwrap_or(new.held);
            (p.placement.clone(), new)
        });
        steps.push(Ok(Step { old, data, placed }));
    }
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    let done = write(&mut tx, steps, wanted, server).await?;
    if !dry {
        tx.commit().await?;
    }
    Ok(done)
}

/// The names of the servers that mailboxes can live on.
///
/// # Errors
/// When the database fails.
pub(super) async fn homes(view: &mut View) -> Result<Vec<String>, StoreError> {
    let all = view.mail_servers().await?.into_iter().filter(|s| s.data.server.roles.has(Role::Store));
    Ok(all.map(|s| s.data.server.name.to_string()).collect())
}

/// The server that mailboxes are to live on, if one is named.
async fn target(view: &mut View, actor: &Actor, wanted: &Wanted) -> Result<Option<Uuid>, MailError> {
    let mut wrong = Wrong::new();
    if wanted.places() && !actor.may(Action::ServeMail) {
        for (name, given) in [("server", wanted.server.is_some()), ("held", wanted.held.is_some())] {
            if given {
                wrong.push((name, "only the provider's staff moves mailboxes".to_owned()));
            }
        }
        return Err(MailError::Fields(wrong));
    }
    let Some(name) = &wanted.server else { return Ok(None) };
    let all = view.mail_servers().await?;
    let found = all.iter().find(|s| s.data.server.name.as_str() == name);
    match found {
        Some(s) if s.data.server.roles.has(Role::Store) => Ok(Some(s.id)),
        Some(_) => Err(field("server", "mailboxes live on a server with the role store only")),
        None => Err(field("server", "there is no mail server of that name")),
    }
}

async fn write(
    tx: &mut Tx,
    steps: Vec<Result<Step, Outcome>>,
    wanted: &Wanted,
    server: Option<Uuid>,
) -> Result<Outcomes, MailError> {
    let now = tx.now();
    let batch = (steps.len() > 1).then(|| new_id(now));
    let note = Note { batch, undoes: None };
    let customers: Vec<Uuid> = steps.iter().flatten().filter_map(|s| s.old.customer_id).collect();
    let mut uses: HashMap<Uuid, MailUse> = match wanted.data.quota_bytes {
        Some(_) => tx.mail_uses(&customers).await?,
        None => HashMap::new(),
    };
    let mut done = Outcomes::default();
    let mut placed = Vec::new();
    for step in steps {
        let step = match step {
            Ok(step) => step,
            Err(refused) => {
                done.rows.push(refused);
                continue;
            }
        };
        let old = &step.old;
        let mut row = Outcome { id: old.id, address: old.address.clone(), differs: Vec::new(), wrong: Wrong::new() };
        match one(tx, &step, wanted, &mut uses, note).await {
            Ok(entry) => {
                row.differs = step.differs(wanted.give_up);
                done.entry = entry.or(done.entry);
            }
            Err(MailError::Fields(wrong)) => row.wrong = wrong,
            Err(MailError::Store(StoreError::Stale | StoreError::NotFound)) => {
                row.wrong = vec![("revision", "it was changed in the meantime".to_owned())];
            }
            Err(other) => return Err(other),
        }
        if let (true, Some((before, after))) = (row.wrong.is_empty(), &step.placed)
            && before != after
        {
            placed.push(old.id);
            let change = note.of("place-mailbox", old).before(Some(&placement(before)));
            done.entry = Some(tx.audit(change.after(Some(&placement(after)))).await?);
        }
        done.rows.push(row);
    }
    if !placed.is_empty() {
        tx.place_mailboxes(&placed, server, wanted.held, now + PATIENCE).await?;
    }
    Ok(done)
}

/// Writes the settings of one; answers the place in the log, if something differs.
async fn one(
    tx: &mut Tx,
    step: &Step,
    wanted: &Wanted,
    uses: &mut HashMap<Uuid, MailUse>,
    note: Note,
) -> Result<Option<i64>, MailError> {
    let (old, data) = (&step.old, &step.data);
    if wanted.give_up {
        return Ok(Some(service::give_up(tx, old, note).await?));
    }
    if *data == old.data {
        // Where it lives may differ: that was looked at before.
        tx.mailbox_unchanged(old.id, old.revision).await?;
        return Ok(None);
    }
    let used = old.customer_id.and_then(|c| uses.get_mut(&c)).filter(|_| data.quota_bytes != old.data.quota_bytes);
    let Some(used) = used else { return Ok(Some(service::write(tx, old, data, note).await?)) };
    let mut with = *used;
    let more = data.quota_bytes.unwrap_or(0).saturating_sub(old.data.quota_bytes.unwrap_or(0));
    with.quota_bytes = with.quota_bytes.saturating_add(more);
    allowed(with, data.quota_bytes, Some(old.data.quota_bytes))?;
    let entry = service::write(tx, old, data, note).await?;
    // Only what was written counts for those that follow.
    *used = with;
    Ok(Some(entry))
}
