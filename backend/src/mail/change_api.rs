//! One change of chosen mailboxes in the API.

use super::{
    api::since,
    change::{self, MOST, Wanted},
    mailbox_api::{ManyQuery, WrongItem, wrong},
    service::MailError,
};
use crate::http::{App, api::once, body, fault::Fault, visit::Actor};
use actix_web::{HttpRequest, HttpResponse, web};
use hostler_store::mail::MailFilter;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which mailboxes, as the list of addresses filters them; all of it must fit.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailboxSelection)]
pub(super) struct Selection {
    /// Text in the address.
    #[schema(max_length = 300)]
    q: Option<String>,
    /// Of this customer.
    customer: Option<Uuid>,
    /// With an old password of this scheme.
    #[schema(max_length = 60)]
    scheme: Option<String>,
    /// To which nobody has logged in for so many days.
    unused: Option<u16>,
    /// On the mail server of this name.
    #[schema(max_length = 32)]
    server: Option<String>,
    /// These and no others; nothing else can be asked for then.
    #[schema(max_items = 1000)]
    ids: Option<Vec<Uuid>>,
}

/// What to do, and to which mailboxes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailboxesChange)]
pub(super) struct ChangeBody {
    selection: Selection,
    change: Wanted,
}

/// What differs in a field.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailboxDifference)]
pub(super) struct Difference {
    before: Value,
    after: Value,
}

/// What became of a mailbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailboxOutcome)]
pub(super) struct OutcomeItem {
    id: Uuid,
    address: String,
    /// What differs, by field; nothing: it was so already, or it was refused.
    differs: BTreeMap<String, Difference>,
    /// Why it was refused.
    errors: Vec<WrongItem>,
}

/// What became of all.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MailboxOutcomes)]
pub(super) struct OutcomesBody {
    dry_run: bool,
    /// So many were changed, or would be.
    changed: usize,
    /// A place in the log: `POST /api/v1/audit/{id}/undo` takes all of it back.
    audit: Option<i64>,
    items: Vec<OutcomeItem>,
}

async fn meant(app: &App, actor: &Actor, selection: Selection) -> Result<Vec<Uuid>, Fault> {
    let narrowed = selection.q.is_some()
        || selection.customer.is_some()
        || selection.scheme.is_some()
        || selection.unused.is_some()
        || selection.server.is_some();
    match selection.ids {
        Some(_) if narrowed => {
            Err(Fault::field("selection.ids", "ids stand alone: nothing else can be asked for then"))
        }
        Some(ids) if ids.len() > MOST => Err(Fault::field("selection.ids", format!("at most {MOST} mailboxes"))),
        Some(ids) => Ok(ids),
        // All there are is said by a filter that is empty on purpose, not by one that was forgotten.
        None if !narrowed => {
            Err(Fault::field("selection", "say which mailboxes: q, customer, scheme, unused, server or ids"))
        }
        None => {
            let q = selection.q.unwrap_or_default();
            if q.contains('\0') {
                return Err(Fault::field("selection.q", "a text that addresses can hold"));
            }
            let filter = MailFilter {
                q,
                alias: Some(false),
                scheme: selection.scheme,
                customer: selection.customer,
                unused_since: selection.unused.map(|days| since(app, days)),
                server: selection.server,
            };
            let found = change::selected(&mut app.context.store.view(&actor.scope).await?, &filter).await?;
            found.ok_or_else(|| Fault::field("selection", format!("more than {MOST} mailboxes fit: narrow it")))
        }
    }
}

/// `POST /api/v1/mailboxes/change`
///
/// # Errors
/// 409, 422.
pub(super) async fn change(
    app: web::Data<App>,
    actor: Actor,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let dry = body::query::<ManyQuery>(&request)?.dry_run;
    let wanted: ChangeBody = body::parse(&bytes)?;
    let (app_ref, actor_ref): (&App, &Actor) = (&app, &actor);
    once(&app.context, &actor, &request, &bytes, || async move {
        let ids = meant(app_ref, actor_ref, wanted.selection).await?;
        let done =
            change::change(app_ref, actor_ref, &ids, &wanted.change, dry).await.map_err(|error| match error {
                MailError::Fields(fields) => Fault::invalid(
                    fields.into_iter().map(|(name, reason)| (format!("change.{name}"), reason)).collect(),
                ),
                other => other.into(),
            })?;
        let changed = done.rows.iter().filter(|r| r.wrong.is_empty() && !r.differs.is_empty()).count();
        let item = |row: change::Outcome| OutcomeItem {
            id: row.id,
            address: row.address,
            differs: row.differs.into_iter().map(|(n, before, after)| (n, Difference { before, after })).collect(),
            errors: wrong(MailError::Fields(row.wrong))
                .fields
                .into_iter()
                .map(|(field, detail)| WrongItem { field, detail })
                .collect(),
        };
        let audit = done.entry.filter(|_| !dry);
        let answer = OutcomesBody { dry_run: dry, changed, audit, items: done.rows.into_iter().map(item).collect() };
        Ok((200, serde_json::to_value(answer).map_err(Fault::internal)?))
    })
    .await
}
