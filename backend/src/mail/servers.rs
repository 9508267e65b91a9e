//! The provider's mail servers: what each is called and there for. Once there are some, every mailbox lives on one of them.

use super::service::{MailError, field};
use crate::http::{
    App,
    fault::{Fault, Kind},
    visit::Actor,
};
use hostler_core::{
    mail::{MailServer, Role, ServerName},
    names::DomainName,
};
use hostler_store::{
    StoreError,
    audit::{Change, Entry},
    mail_servers::{MailServerData, MailServerRow},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::IpAddr;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is said of a mail server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailServerData)]
pub(super) struct ServerData {
    /// What it is called among the staff, and by `hostler render mail --server NAME`.
    #[schema(max_length = 32)]
    pub(super) name: String,
    /// Its full name, as its certificate and the MX records have it.
    #[schema(max_length = 253)]
    pub(super) host_name: String,
    /// IPv4 or IPv6 address at which the other mail servers reach it, and from which it speaks to them.
    #[schema(max_length = 64)]
    pub(super) address: String,
    /// `store`: mailboxes live on it; `mx`: it takes mail from others; `submission`: it takes mail from our own people;
    /// `proxy`: it leads those who read mail to where their mailbox lives.
    #[schema(max_items = 4)]
    pub(super) roles: Vec<String>,
    /// Whether new mailboxes are made on it.
    #[serde(default)]
    pub(super) takes_new: bool,
}

impl From<&MailServerData> for ServerData {
    fn from(data: &MailServerData) -> Self {
        let server = &data.server;
        Self {
            name: server.name.to_string(),
            host_name: server.host_name.to_string(),
            address: server.address.to_string(),
            roles: Role::ALL.iter().filter(|r| server.roles.has(**r)).map(|r| r.as_str().to_owned()).collect(),
            takes_new: data.takes_new,
        }
    }
}

/// Judges each field by itself.
fn judged(data: &ServerData) -> Result<MailServerData, MailError> {
    let mut wrong = Vec::new();
    let name = ServerName::parse(&data.name).map_err(|reason| wrong.push(("name", reason))).ok();
    let host_name = DomainName::parse(&data.host_name).map_err(|e| wrong.push(("host_name", e.to_string()))).ok();
    let address = match data.address.trim().parse::<IpAddr>() {
        Ok(address) if address.is_unspecified() || address.is_multicast() => None,
        other => other.ok(),
    };
    if address.is_none() {
        wrong.push(("address", "an address such as 192.0.2.1 or 2001:db8::1".to_owned()));
    }
    let roles: Vec<Role> = data.roles.iter().filter_map(|r| Role::parse(r)).collect();
    if roles.is_empty() || roles.len() != data.roles.len() {
        wrong.push(("roles", "at least one of store, mx, submission, proxy".to_owned()));
    }
    match (name, host_name, address) {
        (Some(name), Some(host_name), Some(address)) if wrong.is_empty() => {
            let server = MailServer { name, host_name, address, roles: roles.into_iter().collect() };
            Ok(MailServerData { server, takes_new: data.takes_new })
        }
        _ => Err(MailError::Fields(wrong)),
    }
}

fn taken(error: StoreError) -> MailError {
    let name = match &error {
        StoreError::Constraint(key) if key == "mail_servers_name_key" => "name",
        StoreError::Constraint(key) if key == "mail_servers_host_name_key" => "host_name",
        StoreError::Constraint(key) if key == "mail_servers_address_key" => "address",
        _ => return error.into(),
    };
    field(name, "another mail server has it already")
}

/// Who stays behind when a server keeps no mail any more, or is taken away: `name` is the field that says so.
fn leaves_nobody(all: &[MailServerRow], id: Uuid, name: &'static str) -> Result<(), MailError> {
    let Some(old) = all.iter().find(|s| s.id == id) else { return Ok(()) };
    let others = all.iter().any(|s| s.id != id && s.data.server.roles.has(Role::Store));
    // The last server of all may go: mailboxes live on the one without a name again.
    if old.mailboxes > 0 && (all.len() > 1 || name == "roles") {
        return Err(field(name, format!("{} mailboxes live on it: move them first", old.mailboxes)));
    }
    if old.data.takes_new && others {
        return Err(field(name, "new mailboxes are made on it: say of another that it takes them"));
    }
    Ok(())
}

/// Adds a mail server, or changes one; answers its id and the place in the log.
///
/// # Errors
/// The fields that are wrong, `NotFound`, `Stale`.
pub(super) async fn save(
    app: &App,
    actor: &Actor,
    old: Option<(Uuid, i32)>,
    wanted: &ServerData,
    undoes: Option<i64>,
) -> Result<(Uuid, i64), MailError> {
    let mut data = judged(wanted)?;
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    let all = tx.hold_mail_servers().await?;
    let before = match old {
        Some((id, _)) => Some(all.iter().find(|s| s.id == id).ok_or(StoreError::NotFound)?),
        None => None,
    };
    let store = data.server.roles.has(Role::Store);
    let family = |address: &IpAddr| address.is_ipv4();
    let others = || all.iter().filter(|s| Some(s.id) != old.map(|(id, _)| id));
    if others().any(|s| family(&s.data.server.address) != family(&data.server.address)) {
        return Err(field(
            "address",
            "the other mail servers have addresses of the other family, and could not reach it",
        ));
    }
    if data.takes_new && !store {
        return Err(field("takes_new", "mailboxes live on a server with the role store only"));
    }
    let another = others().any(|s| s.data.takes_new);
    match before {
        Some(server) if !store => leaves_nobody(&all, server.id, "roles")?,
        Some(server) if server.data.takes_new && !data.takes_new => {
            return Err(field(
                "takes_new",
                "say of another server that it takes new mailboxes: this one does not then",
            ));
        }
        // Somewhere they have to be.
        _ if store && !another => data.takes_new = true,
        _ => {}
    }
    let id = match old {
        Some((id, revision)) => tx.update_mail_server(id, revision, &data).await.map(|()| id),
        None => tx.add_mail_server(&data).await,
    };
    let id = id.map_err(taken)?;
    let action = if undoes.is_some() { "undo" } else { "save-mail-server" };
    let name = data.server.name.to_string();
    let change = Change::new(action, ("mail-server", id), &name).undoes(undoes);
    let before = before.map(|s| ServerData::from(&s.data));
    let entry = tx.audit(change.before(before.as_ref()).after(Some(&ServerData::from(&data)))).await?;
    tx.commit().await?;
    Ok((id, entry))
}

/// Takes a mail server away.
///
/// # Errors
/// What is in the way, `NotFound`, `Stale`.
pub(super) async fn drop(
    app: &App,
    actor: &Actor,
    (id, revision): (Uuid, i32),
    undoes: Option<i64>,
) -> Result<(), MailError> {
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    let all = tx.hold_mail_servers().await?;
    let old = all.iter().find(|s| s.id == id).ok_or(StoreError::NotFound)?;
    leaves_nobody(&all, id, "server")?;
    tx.drop_mail_server(id, revision).await?;
    let action = if undoes.is_some() { "undo" } else { "drop-mail-server" };
    let name = old.data.server.name.to_string();
    let change = Change::new(action, ("mail-server", id), &name).undoes(undoes);
    tx.audit(change.before(Some(&ServerData::from(&old.data)))).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a change of a mail server back.
///
/// # Errors
/// 404 if there is none, 409 if it was changed since or something is in the way.
pub async fn undo_server(app: &App, actor: &Actor, entry: &Entry) -> Result<(), Fault> {
    let id: Uuid = entry.entity_id.parse().map_err(|_| Kind::NotFound)?;
    let all = app.context.store.view(&actor.scope).await?.mail_servers().await?;
    let now = all.iter().find(|s| s.id == id).ok_or(Kind::NotFound)?;
    let shown = serde_json::to_value(ServerData::from(&now.data)).map_err(Fault::internal)?;
    if entry.after.as_ref() != Some(&shown) {
        return Err(Kind::Conflict.into());
    }
    let old = (id, now.revision);
    let done = match &entry.before {
        Some(before) => {
            let wanted: ServerData = serde_json::from_value(Value::clone(before)).map_err(Fault::internal)?;
            save(app, actor, Some(old), &wanted, Some(entry.id)).await.map(|_| ())
        }
        None => drop(app, actor, old, Some(entry.id)).await,
    };
    done.map_err(MailError::in_the_way)
}
