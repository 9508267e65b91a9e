//! The provider's web servers: which addresses are ours, and where homepages move to.

use crate::http::{
    App,
    fault::{Fault, Kind},
    form::{Refused, Wrong},
    visit::Actor,
};
use hostler_core::web::vhost::PhpVersion;
use hostler_store::{
    StoreError,
    audit::{Change, Entry},
    web_servers::WebServerData,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::IpAddr;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is said of a web server.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebServerData)]
pub(super) struct ServerData {
    /// What it is called among the staff, and by `hostler render web --server NAME`.
    #[schema(max_length = 32)]
    pub(super) name: String,
    /// `old`: homepages leave it; `new`: they go to it.
    pub(super) side: String,
    /// Addresses at which it answers, the one that it is asked at first.
    #[schema(max_items = 50)]
    pub(super) addresses: Vec<String>,
    /// The PHP of its homepages, such as 8.2.
    #[serde(default = "php")]
    #[schema(max_length = 3)]
    pub(super) php: String,
    /// Whether homepages that move go to it, unless another is named for them.
    #[serde(default)]
    pub(super) takes_new: bool,
}

fn php() -> String {
    "8.2".to_owned()
}

impl From<&WebServerData> for ServerData {
    fn from(data: &WebServerData) -> Self {
        Self {
            name: data.name.clone(),
            side: if data.is_new { "new" } else { "old" }.to_owned(),
            addresses: data.addresses.iter().map(ToString::to_string).collect(),
            php: data.php.clone(),
            takes_new: data.takes_new,
        }
    }
}

/// Judges each field by itself.
fn judged(data: &ServerData) -> Result<WebServerData, Refused> {
    let mut wrong = Wrong::new();
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let name = &data.name;
    if name.is_empty() || name.len() > 32 || !name.chars().all(fine) || name.starts_with('-') || name.ends_with('-') {
        wrong.push(("name", "up to 32 small letters, digits and hyphens, such as web-1".to_owned()));
    }
    if !matches!(data.side.as_str(), "old" | "new") {
        wrong.push(("side", "old or new".to_owned()));
    }
    let mut addresses: Vec<IpAddr> = Vec::new();
    for text in &data.addresses {
        match text.trim().parse::<IpAddr>() {
            Ok(a) if !a.is_unspecified() && !a.is_multicast() => {
                if !addresses.contains(&a) {
                    addresses.push(a);
                }
            }
            _ => {
                let shown: String = text.chars().take(60).collect();
                wrong.push(("addresses", format!("`{shown}` is no address such as 192.0.2.1 or 2001:db8::1")));
                break;
            }
        }
    }
    if addresses.len() > 50 || (addresses.is_empty() && wrong.iter().all(|(n, _)| *n != "addresses")) {
        wrong.push(("addresses", "from 1 to 50 addresses".to_owned()));
    }
    if PhpVersion::parse(&data.php).is_none() {
        wrong.push(("php", "a version such as 8.2".to_owned()));
    }
    if data.takes_new && data.side == "old" {
        wrong.push(("takes_new", "homepages leave an old server".to_owned()));
    }
    if !wrong.is_empty() {
        return Err(Refused::Fields(wrong));
    }
    Ok(WebServerData {
        name: name.clone(),
        is_new: data.side == "new",
        addresses,
        php: data.php.clone(),
        takes_new: data.takes_new,
    })
}

/// Adds a web server, or changes one; answers its id and the place in the log.
///
/// # Errors
/// The fields that are wrong, `NotFound`, `Stale`.
pub(super) async fn save(
    app: &App,
    actor: &Actor,
    old: Option<(Uuid, i32)>,
    wanted: &ServerData,
    undoes: Option<i64>,
) -> Result<(Uuid, i64), Refused> {
    let mut data = judged(wanted)?;
    let all = app.context.store.view(&actor.scope).await?.web_servers().await?;
    let before = match old {
        Some((id, _)) => Some(all.iter().find(|s| s.id == id).ok_or(StoreError::NotFound)?),
        None => None,
    };
    let others = || all.iter().filter(|s| Some(s.id) != old.map(|(id, _)| id));
    if let Some(other) = others().find(|s| s.data.addresses.iter().any(|a| data.addresses.contains(a))) {
        return Err(Refused::field("addresses", format!("{} has one of them already", other.data.name)));
    }
    // Somewhere they have to go.
    data.takes_new |= data.is_new && !others().any(|s| s.data.takes_new);
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    let id = tx.save_web_server(old, &data).await.map_err(|error| match error {
        StoreError::Constraint(key) if key == "web_servers_name_key" => {
            Refused::field("name", "another web server has it already")
        }
        other => other.into(),
    })?;
    let action = if undoes.is_some() { "undo" } else { "save-web-server" };
    let change = Change::new(action, ("web-server", id), &data.name).undoes(undoes);
    let before = before.map(|s| ServerData::from(&s.data));
    let entry = tx.audit(change.before(before.as_ref()).after(Some(&ServerData::from(&data)))).await?;
    tx.commit().await?;
    Ok((id, entry))
}

/// Takes a web server away.
///
/// # Errors
/// `NotFound`, `Stale`.
pub(super) async fn drop(
    app: &App,
    actor: &Actor,
    (id, revision): (Uuid, i32),
    undoes: Option<i64>,
) -> Result<(), Refused> {
    let all = app.context.store.view(&actor.scope).await?.web_servers().await?;
    let old = all.iter().find(|s| s.id == id).ok_or(StoreError::NotFound)?;
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    tx.drop_web_server(id, revision).await?;
    let action = if undoes.is_some() { "undo" } else { "drop-web-server" };
    let change = Change::new(action, ("web-server", id), &old.data.name).undoes(undoes);
    tx.audit(change.before(Some(&ServerData::from(&old.data)))).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a change of a web server back.
///
/// # Errors
/// 404 if there is none, 409 if it was changed since or something is in the way.
pub async fn undo_server(app: &App, actor: &Actor, entry: &Entry) -> Result<(), Fault> {
    let id: Uuid = entry.entity_id.parse().map_err(|_| Kind::NotFound)?;
    let all = app.context.store.view(&actor.scope).await?.web_servers().await?;
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
    done.map_err(Refused::in_the_way)
}
