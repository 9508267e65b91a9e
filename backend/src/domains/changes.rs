//! Several changes of a zone's records at once: what the editor in the browser has staged, and what automation sends.

use super::{
    editor::{self, Changes},
    pages::{self, Refused},
    service::{self, EditError},
    zone_api::{self, ChangesBody, DryRun, fresh},
    zone_editor,
};
use crate::http::{
    App,
    api::{if_match, tagged},
    body,
    fault::{Fault, Kind},
    page::saved,
    path,
    visit::Actor,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use hostler_core::dns::{
    Zone,
    diff::diff,
    lint,
    typed::{RecordInput, Wrong},
};
use hostler_store::StoreError;
use hostler_web::{
    i18n::Lang,
    islands::{Put, Staged},
    ui::form::FieldErrors,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Changes at the most.
const MOST: usize = 5000;

/// A record to be put into the zone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PutBody {
    /// Id of the record that it replaces; without it, it comes beside the others.
    id: Option<i64>,
    /// `@`, a name in the zone, or an absolute one with its final dot.
    #[schema(max_length = 300)]
    owner: String,
    /// Seconds, or with units such as `1h`; without it the SOA's.
    #[serde(default)]
    #[schema(max_length = 20)]
    ttl: String,
    /// Type.
    #[serde(rename = "type")]
    #[schema(max_length = 20)]
    rtype: String,
    /// Data as in a zone file.
    #[schema(max_length = 70000)]
    data: String,
}

/// Several changes of a zone's records: all of them happen, or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangesPut {
    /// Ids of records that go.
    #[serde(default)]
    remove: Vec<i64>,
    /// Records that come.
    #[serde(default)]
    put: Vec<PutBody>,
    /// Publish what comes of it in the same transaction.
    #[serde(default)]
    publish: bool,
    /// Stands beside the version.
    #[serde(default)]
    #[schema(max_length = 300)]
    note: String,
}

impl ChangesPut {
    fn changes(self) -> Result<Changes, Fault> {
        if self.remove.len() + self.put.len() > MOST {
            return Err(Fault::field("put", format!("more than {MOST} changes at once")));
        }
        let input = |p: PutBody| (p.id, RecordInput { owner: p.owner, ttl: p.ttl, rtype: p.rtype, data: p.data });
        Ok(Changes { remove: self.remove, put: self.put.into_iter().map(input).collect() })
    }
}

/// `POST /api/v1/zones/{id}/changes`
///
/// # Errors
/// 404, 412, 422, 428.
pub(super) async fn api(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    request: HttpRequest,
    bytes: web::Bytes,
) -> Result<HttpResponse, Fault> {
    let (zone, dry): (Uuid, DryRun) = (path::parse(&zone)?, body::query(&request)?);
    let wanted: ChangesPut = body::parse(&bytes)?;
    let revision = if_match(&request)?;
    let note = wanted.publish.then(|| wanted.note.trim().to_owned());
    let changes = wanted.changes()?;
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = zone_api::load(&app, &mut view, zone).await?;
    drop(view);
    fresh(revision, &loaded)?;
    let records = editor::changed(&loaded, &changes).map_err(zone_api::fault)?;
    let new = Zone { origin: loaded.origin.clone(), records };
    let findings = lint::lint(&new, &app.context.settings.dns.profiles);
    let done = zone_editor(&app, &actor).put_changes(zone, revision, &changes, note.as_deref(), dry.dry_run()).await;
    let audit_entry = done.map_err(zone_api::fault)?;
    let found = zone_api::findings(&findings, None);
    let body = ChangesBody::new(dry.dry_run(), zone_api::changes(&diff(&loaded.zone(), &new)), found, audit_entry);
    let mut view = app.context.store.view(&actor.scope).await?;
    Ok(tagged(zone_api::load(&app, &mut view, zone).await?.row.revision, &body))
}

/// What the editor in the browser sends.
#[derive(Debug, Deserialize)]
pub(super) struct ChangesForm {
    revision: i32,
    #[serde(default)]
    changes: String,
    #[serde(default)]
    then: String,
}

/// What was wrong with the changes, each with the record that it is about.
fn told(lang: Lang, changes: &Changes, wrong: &[(usize, Wrong)]) -> String {
    let line = |(i, wrong): &(usize, Wrong)| {
        let input = changes.put.get(*i).map(|(_, input)| input);
        let name = input.map(|r| format!("{} {}", r.owner, r.rtype)).unwrap_or_default();
        let reasons: Vec<String> = wrong.values().map(|r| lang.reason(r)).collect();
        format!("{name}: {}", reasons.join("; "))
    };
    wrong.iter().take(10).map(line).collect::<Vec<_>>().join("\n")
}

/// `POST /zones/{id}/changes`: what is refused stays in the editor.
///
/// # Errors
/// 404 if there is no such zone for this visitor.
pub(super) async fn page(
    app: web::Data<App>,
    actor: Actor,
    zone: web::Path<String>,
    form: web::Form<ChangesForm>,
) -> Result<HttpResponse, Fault> {
    let (zone, lang) = (path::parse::<Uuid>(&zone)?, actor.visit.lang);
    let wanted: ChangesPut = serde_json::from_str(&form.changes).map_err(|_| Kind::BadRequest)?;
    let changes = wanted.changes()?;
    let publish = (form.then == "publish").then_some("");
    let done = zone_editor(&app, &actor).put_changes(zone, form.revision, &changes, publish, false).await;
    let (status, error) = match done {
        Ok(entry) if publish.is_some() => {
            return Ok(saved(&format!("/zones/{zone}/versions"), lang.t("editor-published"), entry));
        }
        Ok(entry) => return Ok(saved(&format!("/zones/{zone}/publish"), lang.t("record-noted"), entry)),
        Err(EditError::Fields(fields)) => {
            let reasons: Vec<String> = fields.values().map(|r| lang.reason(r)).collect();
            (StatusCode::UNPROCESSABLE_ENTITY, reasons.join("\n"))
        }
        Err(EditError::Changes(wrong)) => (StatusCode::UNPROCESSABLE_ENTITY, told(lang, &changes, &wrong)),
        Err(EditError::HasErrors) => (StatusCode::UNPROCESSABLE_ENTITY, lang.t("publish-stopped").to_owned()),
        // Somebody else was quicker: what was typed is shown over the newer state as far as its records are still there.
        Err(EditError::Store(StoreError::Stale)) => {
            (StatusCode::PRECONDITION_FAILED, lang.t("error-stale-text").to_owned())
        }
        Err(error) => return Err(pages::plain(error)),
    };
    let mut view = app.context.store.view(&actor.scope).await?;
    let loaded = service::load(&mut view, zone, &app.context.settings.dns.profiles).await?;
    let there = |id: &i64| loaded.records.iter().any(|r| r.id == *id);
    let staged = Staged {
        remove: changes.remove.into_iter().filter(there).collect(),
        put: changes
            .put
            .into_iter()
            .map(|(id, r)| Put { id: id.filter(there), owner: r.owner, ttl: r.ttl, rtype: r.rtype, data: r.data })
            .collect(),
    };
    let refused = Refused { staged, errors: FieldErrors::from([("", error)]) };
    pages::refused(&app, view, &actor, &loaded, refused, status).await
}
