//! What becomes of homepages: decided one by one or many at once, with a preview and a way back.

use crate::http::{
    App,
    body::given,
    form::{Refused, Wrong},
    visit::Actor,
};
use chrono::NaiveDate;
use hostler_core::web::{Decision, vhost::PhpVersion};
use hostler_store::{
    StoreError, Tx, View,
    audit::Change,
    decisions::{NewPlan, Plan, PlanRow},
    homepages::HomepageFilter,
    new_id,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// Homepages that one change may be about.
pub(super) const MOST: usize = 2000;
const MOST_TAGS: usize = 20;

/// What is said of homepages; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = HomepagePlan)]
pub(super) struct Patch {
    /// `undecided`, `move`, `ask`, `drop` or `elsewhere`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<String>,
    /// Whether each is decided as the looks at it speak for, in place of `decision`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) as_proposed: bool,
    /// Why.
    #[schema(max_length = 500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// The day on which it moves, which its customer sees; null: not known.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) moves_on: Option<Option<NaiveDate>>,
    /// Name of the new web server that it goes to; null: the one that takes new homepages.
    #[schema(max_length = 32)]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) server: Option<Option<String>>,
    /// Words to find it by, in place of those that it has.
    #[schema(max_items = 20)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tags: Option<Vec<String>>,
    /// Words that it gets as well.
    #[schema(max_items = 20)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) add_tags: Vec<String>,
    /// Words that it loses.
    #[schema(max_items = 20)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) remove_tags: Vec<String>,
    /// What the staff should know.
    #[schema(max_length = 5000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) notes: Option<String>,
    /// The PHP that it needs, such as 7.4; empty: its server's.
    #[schema(max_length = 3)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) php: Option<String>,
}

/// What becomes of a homepage.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) id: Uuid,
    pub(super) name: String,
    /// What differs: name of the field, as it was, as it is.
    pub(super) differs: Vec<(&'static str, Value, Value)>,
    /// Whether it is to be dropped though its domain's mail is used, which speaks against it.
    pub(super) drops_used: bool,
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

/// What the homepage's customer may read of it in the log.
pub(super) fn shown(plan: &Plan) -> Value {
    json!({ "decision": plan.decision.as_str(), "moves_on": plan.moves_on })
}

/// What the staff alone may.
pub(super) fn noted(plan: &Plan) -> Value {
    json!({ "reason": plan.reason, "server": plan.server, "tags": plan.tags, "notes": plan.notes, "php": plan.php })
}

/// Whether a text is of visible characters, and of line ends where it may have several.
///
/// # Errors
/// Why not.
pub(super) fn plain(text: &str, most: usize, lines: bool) -> Result<(), String> {
    if text.chars().count() > most {
        return Err(format!("at most {most} characters"));
    }
    if text.chars().any(|c| c == '\0' || (c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t')))) {
        return Err("it holds characters that cannot be seen".to_owned());
    }
    Ok(())
}

fn tag(text: &str) -> Result<String, String> {
    let tag = text.trim();
    plain(tag, 40, false)?;
    // A list of them is written with commas.
    if tag.is_empty() || tag.contains(',') {
        Err("a word of up to 40 characters without a comma".to_owned())
    } else {
        Ok(tag.to_owned())
    }
}

/// What is said, judged field by field; `servers` are the names that homepages can go to.
pub(super) struct Judged {
    decision: Option<Decision>,
    tags: Option<Vec<String>>,
    add: Vec<String>,
    remove: Vec<String>,
}

pub(super) fn judged(patch: &Patch, servers: &[String]) -> Result<Judged, Refused> {
    let mut wrong = Wrong::new();
    let mut out = Judged { decision: None, tags: None, add: Vec::new(), remove: Vec::new() };
    if let Some(decision) = &patch.decision {
        out.decision = Decision::parse(decision);
        if out.decision.is_none() {
            wrong.push(("decision", format!("one of {}", Decision::names())));
        } else if patch.as_proposed {
            wrong.push(("as_proposed", "either a decision, or as it is proposed".to_owned()));
        }
    }
    if let Some(Err(reason)) = patch.reason.as_ref().map(|r| plain(r, 500, false)) {
        wrong.push(("reason", reason));
    }
    if let Some(Err(reason)) = patch.notes.as_ref().map(|n| plain(n, 5000, true)) {
        wrong.push(("notes", reason));
    }
    if let Some(php) = patch.php.as_ref().filter(|p| !p.is_empty())
        && PhpVersion::parse(php).is_none()
    {
        wrong.push(("php", "a version such as 8.2".to_owned()));
    }
    if let Some(Some(server)) = &patch.server
        && !servers.contains(server)
    {
        wrong.push(("server", "there is no new web server of that name".to_owned()));
    }
    let mut words = |name: &'static str, list: &[String]| -> Vec<String> {
        let mut good = Vec::new();
        for text in list {
            match tag(text) {
                Ok(tag) if !good.contains(&tag) => good.push(tag),
                Ok(_) => {}
                Err(reason) => {
                    wrong.push((name, reason));
                    break;
                }
            }
        }
        good
    };
    out.tags = patch.tags.as_ref().map(|t| words("tags", t));
    out.add = words("add_tags", &patch.add_tags);
    out.remove = words("remove_tags", &patch.remove_tags);
    if wrong.is_empty() { Ok(out) } else { Err(Refused::Fields(wrong)) }
}

/// A plan as it is to be.
pub(super) fn changed(row: &PlanRow, patch: &Patch, judged: &Judged) -> Result<Plan, Wrong> {
    let refused = |name, reason: &str| Err(vec![(name, reason.to_owned())]);
    let mut plan = row.plan.clone();
    if row.archived {
        return refused("homepage", "it is archived: take that back first");
    }
    if patch.as_proposed {
        match row.proposal {
            // It was proposed by what was known at the last look.
            Some(Decision::Drop) if row.mail_is_used || row.may_live => {
                return refused("as_proposed", "it was proposed to drop it, and it is used or in doubt by now");
            }
            Some(proposal) => plan.decision = proposal,
            None => return refused("as_proposed", "nothing is proposed for it"),
        }
    }
    plan.decision = judged.decision.unwrap_or(plan.decision);
    if let Some(reason) = &patch.reason {
        reason.trim().clone_into(&mut plan.reason);
    } else if plan.decision != row.plan.decision {
        // The old reason was one for something else.
        plan.reason = String::new();
    }
    plan.moves_on = patch.moves_on.unwrap_or(plan.moves_on);
    if let Some(server) = &patch.server {
        plan.server.clone_from(server);
    }
    if let Some(tags) = &judged.tags {
        plan.tags.clone_from(tags);
    }
    plan.tags.retain(|t| !judged.remove.contains(t));
    for tag in &judged.add {
        if !plan.tags.contains(tag) {
            plan.tags.push(tag.clone());
        }
    }
    plan.tags.sort();
    if plan.tags.len() > MOST_TAGS {
        return refused("tags", "at most 20 tags");
    }
    if let Some(notes) = &patch.notes {
        plan.notes.clone_from(notes);
    }
    if let Some(php) = &patch.php {
        plan.php.clone_from(php);
    }
    Ok(plan)
}

fn differs(old: &Plan, new: &Plan) -> Vec<(&'static str, Value, Value)> {
    let values = |p: &Plan| {
        [
            ("decision", json!(p.decision.as_str())),
            ("reason", json!(p.reason)),
            ("moves_on", json!(p.moves_on)),
            ("server", json!(p.server)),
            ("tags", json!(p.tags)),
            ("notes", json!(p.notes)),
            ("php", json!(p.php)),
        ]
    };
    let pairs = values(old).into_iter().zip(values(new));
    pairs.filter(|(o, n)| o != n).map(|((name, old), (_, new))| (name, old, new)).collect()
}

/// The homepages that a filter leaves, or `None` if they are more than one change may be about.
///
/// # Errors
/// When the database fails.
pub(super) async fn selected(view: &mut View, filter: &HomepageFilter) -> Result<Option<Vec<Uuid>>, StoreError> {
    // A list shows all where nothing can be searched for. A change is about none then.
    if !filter.q.is_empty() && filter.q.trim().trim_matches('\0').is_empty() {
        return Ok(Some(Vec::new()));
    }
    let found = view.homepage_ids(filter, i64::try_from(MOST + 1).unwrap_or(i64::MAX)).await?;
    Ok((found.len() <= MOST).then_some(found))
}

/// The names of the servers that homepages can move to.
///
/// # Errors
/// When the database fails.
pub(super) async fn new_servers(view: &mut View) -> Result<Vec<String>, StoreError> {
    Ok(view.web_servers().await?.into_iter().filter(|s| s.data.is_new).map(|s| s.data.name).collect())
}

/// Says what becomes of homepages, in one unit of work; what is refused of them leaves the others. With `dry` nothing is changed.
/// Ids of which there is no homepage are left out.
///
/// # Errors
/// What stops all of them; `Stale` if one is not as it was at `revision`, if that is said.
pub(super) async fn change(
    app: &App,
    actor: &Actor,
    (ids, revision): (&[Uuid], Option<i32>),
    patch: &Patch,
    dry: bool,
) -> Result<Outcomes, Refused> {
    if ids.len() > MOST {
        return Err(Refused::field("ids", format!("at most {MOST} homepages")));
    }
    if *patch == Patch::default() {
        return Err(Refused::field("change", "nothing is to be changed"));
    }
    let servers = new_servers(&mut app.context.store.view(&actor.scope).await?).await?;
    let judged = judged(patch, &servers)?;
    let mut tx = app.context.store.begin(&actor.scope, app.context.clock.now()).await?;
    let rows = tx.plans(ids).await?;
    if let Some(revision) = revision
        && rows.iter().any(|r| r.revision != revision)
    {
        return Err(StoreError::Stale.into());
    }
    let mut done = Outcomes::default();
    let mut steps = Vec::with_capacity(rows.len());
    for row in rows {
        let mut outcome = Outcome {
            id: row.id,
            name: row.unicode.clone(),
            differs: Vec::new(),
            drops_used: false,
            wrong: Wrong::new(),
        };
        match changed(&row, patch, &judged) {
            Ok(plan) => {
                outcome.differs = differs(&row.plan, &plan);
                outcome.drops_used =
                    plan.decision == Decision::Drop && row.mail_is_used && row.plan.decision != Decision::Drop;
                if !outcome.differs.is_empty() {
                    steps.push((row, plan));
                }
            }
            Err(wrong) => outcome.wrong = wrong,
        }
        done.rows.push(outcome);
    }
    if dry {
        return Ok(done);
    }
    done.entry = write(&mut tx, steps, None, None).await?;
    tx.commit().await?;
    Ok(done)
}

/// Writes plans and the log, as part of a batch or as one of its own; answers the last place in the log.
///
/// # Errors
/// When the database fails.
pub(super) async fn write(
    tx: &mut Tx,
    steps: Vec<(PlanRow, Plan)>,
    batch: Option<Uuid>,
    undoes: Option<i64>,
) -> Result<Option<i64>, StoreError> {
    let batch = Some(batch.unwrap_or_else(|| new_id(tx.now())));
    let new = |(row, plan): &(PlanRow, Plan)| NewPlan {
        id: row.id,
        plan: plan.clone(),
        decides: row.plan.decision != plan.decision,
    };
    tx.put_plans(&steps.iter().map(new).collect::<Vec<_>>()).await?;
    let mut last = None;
    for (row, plan) in &steps {
        let change = |action| {
            let action = if undoes.is_some() { "undo" } else { action };
            Change::new(action, ("homepage", row.id), &row.unicode).batch(batch).undoes(undoes)
        };
        let (before, after) = (noted(&row.plan), noted(plan));
        if before != after {
            last = Some(tx.audit(change("note-homepage").before(Some(&before)).after(Some(&after))).await?);
        }
        let (before, after) = (shown(&row.plan), shown(plan));
        if before != after {
            let entry = change("decide-homepage").customer(row.customer_id);
            last = Some(tx.audit(entry.before(Some(&before)).after(Some(&after))).await?);
        }
    }
    Ok(last)
}
