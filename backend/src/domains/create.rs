//! Makes new zones from templates.

use super::editor::read_text;
use crate::{http::visit::Actor, platform::context::Context};
use hostler_core::{
    dns::{
        Zone,
        lint::{self, Finding, Severity},
        template, writer,
    },
    names::{DomainName, Name, display_unicode},
};
use hostler_store::{
    StoreError,
    audit::{Change, Entry},
    templates::TemplateRow,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

use super::service::EditError;

/// Largest text of a template, in octets.
pub(super) const MAX_TEMPLATE: usize = 64 << 10;

const TAKEN: &str = "there is a zone of that name already";
const ANOTHERS: &str = "the domain of that name belongs to another customer";

/// A zone to be made.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewZone {
    /// Name, with U-labels or A-labels.
    #[schema(max_length = 253)]
    pub name: String,
    /// Number of the customer; without it the domain is nobody's.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub customer: String,
    /// Name of the template.
    #[schema(max_length = 60)]
    pub template: String,
    /// Values of the template's variables.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

/// A zone as it would be made.
#[derive(Debug)]
pub struct Planned {
    /// Its name with A-labels.
    pub name: DomainName,
    /// The customer.
    pub customer: Option<Uuid>,
    /// The zone.
    pub zone: Zone,
    /// What the lint says.
    pub findings: Vec<Finding>,
}

/// Why a zone or a template was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Fields and what is wrong with them.
    #[error("fields: {0:?}")]
    Fields(Vec<(&'static str, String)>),
    /// The store refused.
    #[error("{0}")]
    Store(#[from] StoreError),
}

fn one(name: &'static str, reason: impl ToString) -> CreateError {
    CreateError::Fields(vec![(name, reason.to_string())])
}

fn read(text: &str, origin: &Name, field: &'static str) -> Result<Zone, CreateError> {
    read_text(text, origin).map_err(|error| match error {
        EditError::Fields(fields) => one(field, fields.into_values().collect::<Vec<_>>().join("\n")),
        other => one(field, other),
    })
}

/// What would be made.
///
/// # Errors
/// The fields that are wrong.
pub async fn plan(context: &Context, actor: &Actor, wanted: &NewZone) -> Result<Planned, CreateError> {
    let name = DomainName::parse(wanted.name.trim().trim_end_matches('.')).map_err(|e| one("name", e))?;
    let origin = Name::parse(&format!("{}.", name.as_str()), None).map_err(|e| one("name", e))?;
    let mut view = context.store.view(&actor.scope).await?;
    let customer = match wanted.customer.trim() {
        "" => None,
        number => match view.customer_by_number(number).await {
            Ok(id) => Some(id),
            Err(StoreError::NotFound) => return Err(one("customer", "there is no customer of that number")),
            Err(error) => return Err(error.into()),
        },
    };
    if view.domain_is_anothers(name.as_str(), customer).await? {
        return Err(one("name", ANOTHERS));
    }
    if view.zone_id(name.as_str()).await?.is_some() {
        return Err(one("name", TAKEN));
    }
    let templates = view.zone_templates().await?;
    let found = templates.iter().find(|t| t.name == wanted.template);
    let text = found.ok_or_else(|| one("template", "there is no template of that name"))?;
    let filled = template::fill(&text.content, &wanted.variables).map_err(|e| one("variables", e))?;
    let zone = read(&filled, &origin, "variables")?;
    let findings = lint::lint(&zone, &context.settings.dns.profiles);
    Ok(Planned { name, customer, zone, findings })
}

/// Makes the zone; it is published by a person who has looked at it.
///
/// # Errors
/// `name` if there is a zone of that name, or the domain is another customer's.
pub async fn create(context: &Context, actor: &Actor, planned: &Planned) -> Result<Uuid, CreateError> {
    let name = planned.name.as_str();
    let mut zone = planned.zone.clone();
    zone.canonicalise();
    let errors = planned.findings.iter().filter(|f| f.rule.severity() == Severity::Error).count();
    let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let counts = (count(errors), count(planned.findings.len() - errors));
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    let made = tx.create_zone((name, &display_unicode(name)), planned.customer, &zone.records, counts).await;
    let id = made.map_err(|error| match error {
        StoreError::Constraint(key) if key == "zones_name_key" => one("name", TAKEN),
        StoreError::NotFound => one("name", ANOTHERS),
        other => other.into(),
    })?;
    let change = Change::new("create-zone", ("zone", id), name).customer(planned.customer);
    tx.audit(change.after(Some(&writer::canonical(&zone)))).await?;
    tx.commit().await?;
    Ok(id)
}

/// Adds a template, or changes the one that was read at that revision; answers its id.
///
/// # Errors
/// The fields that are wrong, `Stale`.
pub async fn save_template(
    context: &Context,
    actor: &Actor,
    old: Option<(Uuid, i32)>,
    (name, content): (&str, &str),
) -> Result<Uuid, CreateError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
        return Err(one("name", "from 1 to 60 characters, no control characters"));
    }
    if content.len() > MAX_TEMPLATE {
        return Err(one("content", "at most 64 kB"));
    }
    let names = template::variables(content).map_err(|e| one("content", e))?;
    // With a value that fits everywhere the rest must be a zone; addresses take an address.
    let example = |n: &String| {
        if n.contains("6") {
            "2001:db8::1"
        } else if n.contains("ip") || n.contains('4') {
            "192.0.2.1"
        } else {
            "a.example."
        }
    };
    let values = names.iter().map(|n| (n.clone(), example(n).to_owned())).collect();
    let filled = template::fill(content, &values).map_err(|e| one("content", e))?;
    let origin = Name::parse("example.", None).map_err(|e| one("content", e))?;
    read(&filled, &origin, "content")?;
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    let before = match old {
        Some((id, _)) => Some(tx.template(id).await?),
        None => None,
    };
    let saved = match old {
        Some((id, revision)) => tx.update_template(id, revision, name, content).await.map(|()| id),
        None => tx.add_template(name, content).await,
    };
    let id = saved.map_err(|error| match error {
        StoreError::Constraint(key) if key == "zone_templates_name_key" => {
            one("name", "there is a template of that name already")
        }
        other => other.into(),
    })?;
    let change = Change::new("save-template", ("template", id), name);
    let before = before.map(|t| told(&t.name, &t.content));
    tx.audit(change.before(before.as_ref()).after(Some(&told(name, content)))).await?;
    tx.commit().await?;
    Ok(id)
}

fn told(name: &str, content: &str) -> Value {
    json!({ "name": name, "content": content })
}

/// Takes a change of a template back, if the template is still as the change left it.
///
/// # Errors
/// `Overtaken` by a later change, `NotFound`.
pub async fn undo_template(context: &Context, actor: &Actor, entry: &Entry) -> Result<(), EditError> {
    let id: Uuid = entry.entity_id.parse().map_err(|_| StoreError::NotFound)?;
    let mut tx = context.store.begin(&actor.scope, context.clock.now()).await?;
    let now = tx.template(id).await?;
    let shown = told(&now.name, &now.content);
    if entry.after.as_ref() != Some(&shown) {
        return Err(EditError::Overtaken);
    }
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    match &entry.before {
        Some(old) => {
            let saved = tx.update_template(id, now.revision, &text(old, "name"), &text(old, "content")).await;
            saved.map_err(|error| match error {
                StoreError::Constraint(_) => EditError::Overtaken,
                other => other.into(),
            })?;
        }
        None => tx.drop_template(id).await?,
    }
    let change = Change::new("undo", ("template", id), &entry.label).before(Some(&shown)).after(entry.before.as_ref());
    tx.audit(change.undoes(Some(entry.id))).await?;
    Ok(tx.commit().await?)
}

/// The variables of all templates, by the template's name.
#[must_use]
pub fn variables(template: &TemplateRow) -> Vec<String> {
    template::variables(&template.content).unwrap_or_default()
}
