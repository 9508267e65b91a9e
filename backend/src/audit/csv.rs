//! The log as CSV, as long as it is.

use super::service::{filter, text};
use crate::http::{App, csv::Csv, fault::Fault, list::ListQuery, visit::Actor};
use actix_web::{HttpRequest, HttpResponse, web};

/// Entries read at once.
const BATCH: i64 = 2000;
/// The most that one file holds: a filter by days makes the next.
const MOST: i64 = 100_000;

/// `GET /audit.csv`
///
/// # Errors
/// When the database fails.
pub(super) async fn export(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let query = ListQuery::parse(request.query_string());
    let filter = filter(&query, app.context.settings.time_zone.0);
    let mut view = app.context.store.view(&actor.scope).await?;
    let head = [
        "id",
        "at",
        "actor",
        "via",
        "address",
        "action",
        "entity",
        "entity_id",
        "label",
        "before",
        "after",
        "undoes",
        "request_id",
    ];
    let mut csv = Csv::new(&head)?;
    let (mut below, mut rows) = (None, 0);
    loop {
        let entries = view.audit_below(&filter, below, BATCH).await?;
        let Some(last) = entries.last() else { break };
        below = Some(last.id);
        rows += i64::try_from(entries.len()).unwrap_or(MOST);
        if rows > MOST {
            return Err(Csv::too_long(MOST));
        }
        for e in entries {
            csv.row(&[
                e.id.to_string(),
                e.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                e.actor,
                e.via.unwrap_or_default(),
                e.address.unwrap_or_default(),
                e.action,
                e.entity,
                e.entity_id,
                e.label,
                text(e.before.as_ref()),
                text(e.after.as_ref()),
                e.undoes.map(|u| u.to_string()).unwrap_or_default(),
                e.request_id.unwrap_or_default(),
            ])?;
        }
    }
    csv.answer("audit.csv")
}
