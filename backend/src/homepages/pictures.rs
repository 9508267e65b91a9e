//! Pictures of homepages, for those who decide about them: taken by a job after looks, where the settings name a browser.

use super::sweep::listed;
use crate::{
    http::{App, fault::Fault, path, visit::Actor},
    observe::{
        guarded::Guard,
        picture::{Camera, PictureError},
    },
    platform::{
        context::Context,
        jobs::{JobError, Progress},
    },
};
use actix_web::{HttpResponse, http::header, web};
use chrono::Duration;
use hostler_core::web::{Class, Look};
use hostler_store::{Scope, Tx, looks::Which, pictures::ToTake};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// The job that takes pictures.
pub const PICTURES: &str = "homepages-pictures";
/// A picture that is older is taken anew after a look.
const FRESH_DAYS: i64 = 30;
/// Pictures that one job takes: the rest is another job's, so that others have their turn and nobody who stops the panel waits long.
const TOGETHER: usize = 10;
/// What every browser can show.
const BLANK: &str = "data:text/html,<p>Hostler";
/// What shows something.
const SHOWN: [Class; 8] = [
    Class::Alive,
    Class::AliveTlsBroken,
    Class::RedirectElsewhere,
    Class::Placeholder,
    Class::Parked,
    Class::ServerDefault,
    Class::Error,
    Class::Stale,
];

/// Of which, as the job keeps it; of all that are due, unless it says.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    ids: Option<Vec<Uuid>>,
}

/// Asks for pictures after a look, where there is a browser.
pub(super) fn ask(context: &Context, tx: &mut Tx, which: &Which) {
    if context.settings.probe.browser.as_os_str().is_empty() {
        return;
    }
    let (ids, key) = match which {
        Which::Ids(ids) => (Some(ids.clone()), format!("{PICTURES} {}", listed(ids))),
        Which::Named(_) | Which::InDoubt => (None, PICTURES.to_owned()),
    };
    tx.enqueue_once(PICTURES, serde_json::to_value(Payload { ids }).unwrap_or_default(), &key);
}

/// Where a browser is sent: by HTTPS where that answered with a page and a certificate that is fine.
fn address(homepage: &ToTake) -> String {
    let look: Option<Look> = serde_json::from_value(homepage.seen.clone()).ok();
    let fine = look.and_then(|l| l.https).is_some_and(|visit| {
        let certificates = visit.hops.iter().filter_map(|h| h.certificate.as_ref());
        visit.page().is_some() && certificates.clone().count() > 0 && certificates.clone().all(|c| c.problem.is_none())
    });
    format!("{}://{}/", if fine { "https" } else { "http" }, homepage.name)
}

/// The job.
///
/// # Errors
/// When there is no browser, it takes no pictures, or the database fails; those that were taken until then are kept.
pub async fn run(context: &Context, payload: &Value, progress: &Progress) -> Result<Value, JobError> {
    let payload: Payload = serde_json::from_value(payload.clone()).map_err(|e| JobError::Final(e.to_string()))?;
    let (scope, settings) = (Scope::for_machine("probe"), &context.settings);
    let browser = settings.probe.browser.clone();
    if browser.as_os_str().is_empty() {
        return Err(JobError::Final("probe.browser names no browser".to_owned()));
    }
    let camera = Camera::new(browser, Guard::new(&settings.dns, &settings.probe).map_err(JobError::Final)?);
    let classes: Vec<String> = SHOWN.iter().map(|c| c.as_str().to_owned()).collect();
    let older = context.clock.now() - Duration::days(FRESH_DAYS);
    let due = context.store.view(&scope).await?.pictures_due(&classes, payload.ids.as_deref(), older).await?;
    let (now, later) = due.split_at(due.len().min(TOGETHER));
    let (mut taken, mut failed) = (0, Vec::new());
    for (done, homepage) in now.iter().enumerate() {
        progress.set(done, now.len(), &homepage.name);
        if progress.cancelled() {
            return Err(JobError::Cancelled);
        }
        match camera.picture(&address(homepage)).await {
            Ok(png) => {
                let mut tx = context.store.begin(&scope, context.clock.now()).await?;
                tx.keep_picture(homepage.id, Some(&png)).await?;
                tx.commit().await?;
                taken += 1;
            }
            Err(PictureError::Browser(reason)) => return Err(JobError::Final(reason)),
            Err(PictureError::Page(reason)) => {
                tracing::info!(homepage = homepage.name, reason, "no picture");
                failed.push((homepage.id, reason));
            }
        }
    }
    // Where not one could be taken, it may be the browser; otherwise those pages are not tried again before the others.
    if let (0, Some((_, reason))) = (taken, failed.first()) {
        camera.picture(BLANK).await.map_err(|error| JobError::Final(format!("{error}; before that: {reason}")))?;
    }
    let mut tx = context.store.begin(&scope, context.clock.now()).await?;
    for (id, _) in &failed {
        tx.keep_picture(*id, None).await?;
    }
    if !later.is_empty() {
        let ids = payload.ids.is_some().then(|| later.iter().map(|h| h.id).collect::<Vec<_>>());
        let key = ids.as_ref().map_or_else(|| PICTURES.to_owned(), |ids| format!("{PICTURES} {}", listed(ids)));
        tx.enqueue_once(PICTURES, serde_json::to_value(Payload { ids }).unwrap_or_default(), &key);
    }
    tx.commit().await?;
    progress.set(now.len(), now.len(), "");
    Ok(json!({ "taken": taken, "failed": failed.len() }))
}

/// `GET /homepages/{id}/picture`
///
/// # Errors
/// 404 if there is none.
pub(super) async fn show(app: web::Data<App>, actor: Actor, id: web::Path<String>) -> Result<HttpResponse, Fault> {
    let (_, png) = app.context.store.view(&actor.scope).await?.picture(path::parse(&id)?).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/png"))
        // Its address names when it was taken.
        .insert_header((header::CACHE_CONTROL, "private, max-age=86400"))
        .body(png))
}
