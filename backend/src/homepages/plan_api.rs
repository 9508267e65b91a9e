//! What becomes of homepages, in the API.

use super::{
    plan::{self, MOST, Outcome, Patch},
    query,
};
use crate::http::{
    App,
    api::{if_match, json, once},
    body,
    fault::Fault,
    form::Refused,
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::homepages::HomepageFilter;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Whether something is only tried.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DryQuery {
    /// Says what would happen, and changes nothing.
    #[serde(default)]
    pub(super) dry_run: bool,
}

/// Which homepages, as the list filters them; all of it must fit.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HomepageSelection)]
pub(super) struct Selection {
    /// Text in a name or the document root.
    #[schema(max_length = 300)]
    q: Option<String>,
    /// Of this customer.
    customer: Option<Uuid>,
    /// Of the customers of the reseller of this number.
    #[schema(max_length = 40)]
    reseller: Option<String>,
    /// What it is held to be.
    class: Option<String>,
    /// What is decided.
    decision: Option<String>,
    /// What is proposed.
    proposal: Option<String>,
    /// With this tag.
    #[schema(max_length = 40)]
    tag: Option<String>,
    /// These and no others; nothing else can be asked for then.
    #[schema(max_items = 2000)]
    ids: Option<Vec<Uuid>>,
}

impl Selection {
    fn filter(self) -> Result<HomepageFilter, Fault> {
        let wrong = |name: &str| format!("selection.{name}");
        query::known(self.class.as_deref(), self.decision.as_deref(), self.proposal.as_deref())
            .map_err(|(name, reason)| Fault::field(&wrong(name), reason))?;
        let q = self.q.unwrap_or_default();
        if [Some(&q), self.tag.as_ref(), self.reseller.as_ref()].into_iter().flatten().any(|t| t.contains('\0')) {
            return Err(Fault::field("selection.q", "a text that names can hold"));
        }
        Ok(HomepageFilter {
            q,
            class: self.class,
            decision: self.decision,
            proposal: self.proposal,
            customer: self.customer,
            reseller: self.reseller,
            tag: self.tag,
            ..HomepageFilter::default()
        })
    }

    fn is_narrowed(&self) -> bool {
        let texts = [&self.q, &self.class, &self.decision, &self.proposal, &self.reseller, &self.tag];
        texts.iter().any(|t| t.is_some()) || self.customer.is_some()
    }

    /// The homepages that are meant.
    ///
    /// # Errors
    /// What is wrong with it; that it names none; that too many fit.
    pub(super) async fn meant(self, app: &App, actor: &Actor) -> Result<Vec<Uuid>, Fault> {
        let narrowed = self.is_narrowed();
        match self.ids {
            Some(_) if narrowed => {
                Err(Fault::field("selection.ids", "ids stand alone: nothing else can be asked for then"))
            }
            Some(ids) if ids.len() > MOST => Err(Fault::field("selection.ids", format!("at most {MOST} homepages"))),
            Some(ids) => Ok(ids),
            // All there are is said by a filter that is empty on purpose, not by one that was forgotten.
            None if !narrowed => Err(Fault::field(
                "selection",
                "say which homepages: q, customer, reseller, class, decision, proposal, tag or ids",
            )),
            None => {
                let found = plan::selected(&mut app.context.store.view(&actor.scope).await?, &self.filter()?).await?;
                found.ok_or_else(|| Fault::field("selection", format!("more than {MOST} homepages fit: narrow it")))
            }
        }
    }
}

/// What is said, and of which homepages.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HomepagesChange)]
pub(super) struct ChangeBody {
    selection: Selection,
    change: Patch,
}

/// What differs in a field.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HomepageDifference)]
pub(super) struct Difference {
    before: Value,
    after: Value,
}

/// A field that is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HomepageWrong)]
pub(super) struct WrongItem {
    field: String,
    detail: String,
}

/// What became of a homepage.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HomepageOutcome)]
pub(super) struct OutcomeItem {
    id: Uuid,
    name: String,
    /// What differs, by field; nothing: it was so already, or it was refused.
    differs: BTreeMap<&'static str, Difference>,
    /// What speaks against it, though it is done: `mail_used`.
    warning: Option<&'static str>,
    /// Why it was refused.
    errors: Vec<WrongItem>,
}

/// What became of all.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HomepageOutcomes)]
pub(super) struct OutcomesBody {
    dry_run: bool,
    /// So many were changed, or would be.
    changed: usize,
    /// A place in the log: `POST /api/v1/audit/{id}/undo` takes all of it back.
    audit: Option<i64>,
    items: Vec<OutcomeItem>,
}

fn item(row: Outcome) -> OutcomeItem {
    OutcomeItem {
        id: row.id,
        name: row.name,
        differs: row.differs.into_iter().map(|(n, before, after)| (n, Difference { before, after })).collect(),
        warning: row.drops_used.then_some("mail_used"),
        errors: row.wrong.into_iter().map(|(field, detail)| WrongItem { field: field.to_owned(), detail }).collect(),
    }
}

fn body_of(done: plan::Outcomes, dry: bool) -> OutcomesBody {
    let changed = done.rows.iter().filter(|r| r.wrong.is_empty() && !r.differs.is_empty()).count();
    OutcomesBody { dry_run: dry, changed, audit: done.entry, items: done.rows.into_iter().map(item).collect() }
}

/// `POST /api/v1/homepages/plan`
///
/// # Errors
/// 409, 422.
pub(super) async fn change(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let dry = body::query::<DryQuery>(&request)?.dry_run;
    let wanted: ChangeBody = body::parse(&bytes)?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let ids = wanted.selection.meant(app_ref, actor_ref).await?;
        let done = plan::change(app_ref, actor_ref, (&ids, None), &wanted.change, dry).await;
        let done = done.map_err(|error| match error {
            Refused::Fields(fields) => {
                Fault::invalid(fields.into_iter().map(|(name, reason)| (format!("change.{name}"), reason)).collect())
            }
            other => other.into(),
        })?;
        Ok((200, serde_json::to_value(body_of(done, dry)).map_err(Fault::internal)?))
    })
    .await
}

/// `PATCH /api/v1/homepages/{id}`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn update(
    app: web::Data<App>,
    actor: Actor,
    id: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let id: Uuid = path::parse(&id)?;
    let revision = if_match(&request)?;
    let patch: Patch = body::parse(&bytes)?;
    // Whether it is there comes before what is wrong with what is said of it.
    app.context.store.view(&actor.scope).await?.homepage(id).await?;
    let done = plan::change(&app, &actor, (&[id], Some(revision)), &patch, false).await?;
    match done.rows.iter().find(|r| !r.wrong.is_empty()) {
        Some(row) => Err(Fault::named(row.wrong.clone())),
        None => Ok(json(&body_of(done, false))),
    }
}
