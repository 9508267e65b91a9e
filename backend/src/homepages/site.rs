//! What a homepage is: its names, what it is made of, where its files lie. From the papers, or said here.

use super::{plan::plain, query::KINDS};
use crate::{
    http::{
        App,
        fault::{Fault, Kind as FaultKind},
        form::{Refused, Wrong},
        visit::Actor,
    },
    import::jobs::RECONCILE,
};
use hostler_core::{
    names::DomainName,
    web::vhost::{HostName, Kind},
};
use hostler_store::{
    StoreError, Tx,
    audit::{Change, Entry},
    sites::{SiteData, SiteRow},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// Names that a homepage may have beside its main one.
const MOST_ALIASES: usize = 200;

/// What is said of a homepage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SiteData)]
pub(super) struct SiteBody {
    /// Its main name. It stays: papers and looks know the homepage by it.
    #[schema(max_length = 253)]
    pub(super) name: String,
    /// Other names, also `*.example.de`.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub(super) aliases: Vec<String>,
    /// `static`, `php`, `redirect` or `proxy`.
    pub(super) kind: String,
    /// Document root on the old server; those of one customer with the same one keep sharing a folder.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub(super) root: String,
    /// Where a redirect leads, or the server behind a proxy: `https://example.de$request_uri`, `http://127.0.0.1:3000`.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub(super) target: String,
    /// Whether it answers by HTTPS; then whoever comes by HTTP is led there.
    #[serde(default)]
    pub(super) tls: bool,
}

impl From<SiteData> for SiteBody {
    fn from(data: SiteData) -> Self {
        let SiteData { name, aliases, kind, root, target, tls, unicode: _ } = data;
        Self { name, aliases, kind, root, target, tls }
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// Judges each field by itself. Of one that is `known` the main name stays, whatever papers have for one.
fn judged(body: &SiteBody, known: Option<&SiteData>) -> Result<SiteData, Refused> {
    let mut wrong = Wrong::new();
    let name = match known {
        Some(known) if known.name == body.name.trim() => Ok((known.name.clone(), known.unicode.clone())),
        Some(_) => Err("the main name stays: another name is another homepage".to_owned()),
        None => DomainName::parse(body.name.trim())
            .map(|name| (name.to_string(), name.to_unicode()))
            .map_err(|e| e.to_string()),
    };
    if let Err(reason) = &name {
        wrong.push(("name", reason.clone()));
    }
    let mut aliases: Vec<String> = Vec::new();
    for text in body.aliases.iter().map(|a| a.trim()).filter(|a| !a.is_empty()) {
        match HostName::parse(text).map(|a| a.to_string()) {
            Ok(alias) if aliases.contains(&alias) || name.as_ref().is_ok_and(|(n, _)| *n == alias) => {}
            Ok(alias) => aliases.push(alias),
            Err(reason) => {
                wrong.push(("aliases", format!("`{}`: {reason}", short(text))));
                break;
            }
        }
    }
    if aliases.len() > MOST_ALIASES {
        wrong.push(("aliases", format!("at most {MOST_ALIASES} names")));
    }
    let target = body.target.trim();
    if !KINDS.contains(&body.kind.as_str()) {
        wrong.push(("kind", format!("one of {}", KINDS.join(", "))));
    } else if let Err(reason) = Kind::leads(&body.kind, target) {
        wrong.push(("target", reason));
    } else if !target.is_empty() && !matches!(body.kind.as_str(), "redirect" | "proxy") {
        wrong.push(("target", "only a redirect or a proxy leads elsewhere".to_owned()));
    }
    let root = body.root.trim();
    if let Err(reason) = plain(root, 500, false) {
        wrong.push(("root", reason));
    } else if !root.is_empty() && !root.starts_with('/') {
        wrong.push(("root", "a path from the root, such as /var/www/example".to_owned()));
    }
    match name {
        Ok((name, unicode)) if wrong.is_empty() => Ok(SiteData {
            name,
            unicode,
            aliases,
            kind: body.kind.clone(),
            root: root.to_owned(),
            target: target.to_owned(),
            tls: body.tls,
        }),
        _ => Err(Refused::Fields(wrong)),
    }
}

/// One name is one homepage's.
pub(super) async fn free(tx: &mut Tx, data: &SiteData, but: Option<Uuid>) -> Result<(), Refused> {
    let mut names = vec![data.name.clone()];
    names.extend(data.aliases.iter().cloned());
    let Some(taken) = tx.served(&names, but).await?.into_iter().next() else { return Ok(()) };
    let field = if taken.name == data.name { "name" } else { "aliases" };
    let reason = match taken.archived {
        true => format!("`{}` is that of an archived homepage, {}: take that back first", taken.name, taken.by),
        false => format!("`{}` is served already by {}", taken.name, taken.by),
    };
    Err(Refused::field(field, reason))
}

async fn begin(app: &App, actor: &Actor) -> Result<Tx, StoreError> {
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    // An import writes names as well, and of two who take the same one at once only one may have it.
    tx.lock_imports().await?;
    Ok(tx)
}

/// Makes a homepage; answers its id and the place in the log.
///
/// # Errors
/// The fields that are wrong.
pub(super) async fn create(app: &App, actor: &Actor, body: &SiteBody) -> Result<(Uuid, i64), Refused> {
    let data = judged(body, None)?;
    let mut tx = begin(app, actor).await?;
    free(&mut tx, &data, None).await?;
    let parts = data.name.match_indices('.').filter_map(|(at, _)| data.name.get(at + 1..));
    let within: Vec<String> = std::iter::once(data.name.as_str()).chain(parts).map(str::to_owned).collect();
    let (id, customer) = tx.create_site(&data, &within).await?;
    let unicode = data.unicode.clone();
    let change = Change::new("create-homepage", ("homepage", id), &unicode).customer(customer);
    let entry = tx.audit(change.after(Some(&SiteBody::from(data)))).await?;
    tx.enqueue_once(RECONCILE, Value::Null, RECONCILE);
    tx.commit().await?;
    Ok((id, entry))
}

async fn write(tx: &mut Tx, row: &SiteRow, data: SiteData, undoes: Option<i64>) -> Result<i64, Refused> {
    free(tx, &data, Some(row.id)).await?;
    tx.put_site(row.id, &data).await?;
    let action = if undoes.is_some() { "undo" } else { "edit-homepage" };
    let change = Change::new(action, ("homepage", row.id), &row.data.unicode).customer(row.customer_id).undoes(undoes);
    let (before, after) = (SiteBody::from(row.data.clone()), SiteBody::from(data));
    let entry = tx.audit(change.before(Some(&before)).after(Some(&after))).await?;
    tx.enqueue_once(RECONCILE, Value::Null, RECONCILE);
    Ok(entry)
}

/// Changes what a homepage is; answers the place in the log, if anything differs.
///
/// # Errors
/// The fields that are wrong, `NotFound`, `Stale`.
pub(super) async fn update(
    app: &App,
    actor: &Actor,
    (id, revision): (Uuid, i32),
    body: &SiteBody,
) -> Result<Option<i64>, Refused> {
    let mut tx = begin(app, actor).await?;
    // Whether it is there comes before what is wrong with what is said of it.
    let row = tx.site(id).await?;
    if row.revision != revision {
        return Err(StoreError::Stale.into());
    }
    let data = judged(body, Some(&row.data))?;
    if row.archived {
        return Err(Refused::field("name", "it is archived: take that back first"));
    }
    if data == row.data {
        return Ok(None);
    }
    let entry = write(&mut tx, &row, data, None).await?;
    tx.commit().await?;
    Ok(Some(entry))
}

/// Whether an entry of the log is about what a homepage is, and not about what becomes of it.
#[must_use]
pub fn is_about_site(entry: &Entry) -> bool {
    entry.entity == "homepage"
        && entry.after.as_ref().or(entry.before.as_ref()).is_some_and(|v| v.get("aliases").is_some())
}

/// Takes a change back, or takes what was made away again.
///
/// # Errors
/// 404 if it is not there, 409 if it was changed since or a name is another's by now.
pub(super) async fn undo(app: &App, actor: &Actor, entry: &Entry) -> Result<(), Fault> {
    let id: Uuid = entry.entity_id.parse().map_err(|_| FaultKind::NotFound)?;
    let mut tx = begin(app, actor).await?;
    let row = tx.site(id).await?;
    let now = serde_json::to_value(SiteBody::from(row.data.clone())).map_err(Fault::internal)?;
    if entry.before.is_none() {
        // Nobody has done anything with it since.
        if entry.after.as_ref() != Some(&now) || row.revision != 1 {
            return Err(FaultKind::Conflict.into());
        }
        tx.drop_site(id).await?;
        let change = Change::new("undo", ("homepage", id), &row.data.unicode).customer(row.customer_id);
        tx.audit(change.before(entry.after.as_ref()).undoes(Some(entry.id))).await?;
        tx.enqueue_once(RECONCILE, Value::Null, RECONCILE);
    } else {
        if row.archived {
            return Err(FaultKind::Conflict.into());
        }
        let back = entry.way_back(&now).ok_or(FaultKind::Conflict)?;
        let mut was = now;
        if let (Value::Object(was), Value::Object(back)) = (&mut was, back) {
            was.extend(back);
        }
        let body: SiteBody = serde_json::from_value(was).map_err(Fault::internal)?;
        // What papers said of it may be less than what is asked of people.
        let SiteBody { name, aliases, kind, root, target, tls } = body;
        let data = SiteData { name, unicode: row.data.unicode.clone(), aliases, kind, root, target, tls };
        write(&mut tx, &row, data, Some(entry.id)).await.map_err(Refused::in_the_way)?;
    }
    tx.commit().await?;
    Ok(())
}
