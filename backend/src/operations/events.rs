//! Server-sent events. One listener for each process hears the database; every viewer hears the listener, and asks the
//! database in their own name what of the news is theirs.

use crate::{
    http::{
        App,
        fault::Fault,
        routes::Access,
        visit::{Actor, Credentials},
    },
    platform::context::Context,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes},
};
use futures_util::{Stream, stream};
use hostler_core::access::Action;
use hostler_store::audit::NewsRow;
use std::{collections::BTreeSet, fmt::Write as _, time::Duration};
use tokio::sync::watch;

/// Without news a comment is sent so often: whoever went away is noticed, and proxies keep the connection.
const QUIET: Duration = Duration::from_secs(20);
/// A job reports many steps a second, an import writes thousands of entries: viewers are told so often.
const PAUSE: Duration = Duration::from_millis(300);
/// Numbers in the log are taken before they are committed: so many are looked at again for one that came late.
const LATE: i64 = 100;
/// Changes that are told one by one, those before them included; whoever missed more of them is told to look anew.
const MOST: i64 = 1000;

/// How often there was news.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct News {
    jobs: u64,
    changes: u64,
}

/// Where news comes from.
#[derive(Debug, Clone)]
pub struct Hub {
    news: watch::Sender<News>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { news: watch::Sender::new(News::default()) }
    }
}

impl Hub {
    fn tell(&self, channel: &str) {
        self.news.send_modify(|n| if channel == hostler_store::jobs::NEWS { n.changes += 1 } else { n.jobs += 1 });
    }

    /// Hears the database until `stop` says so.
    pub async fn listen(self, context: Context, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let Ok(mut listener) = context.store.listen_news().await else {
                tokio::time::sleep(Duration::from_secs(5)).await;
                continue;
            };
            // What came while nobody listened.
            self.tell(hostler_store::jobs::NEWS);
            loop {
                tokio::select! {
                    heard = listener.recv() => match heard {
                        Ok(heard) => self.tell(heard.channel()),
                        Err(_) => break,
                    },
                    _ = stop.changed() => return,
                }
            }
        }
    }
}

/// One who watches.
struct Viewer {
    app: web::Data<App>,
    actor: Actor,
    credentials: Credentials,
    news: watch::Receiver<News>,
    heard: News,
    /// The last entry of the log that was told of, and those shortly before it.
    last: i64,
    told: BTreeSet<i64>,
}

impl Viewer {
    /// What is new for this viewer as events; `None` when they are no longer let in.
    async fn look(&mut self) -> Option<String> {
        let now = *self.news.borrow_and_update();
        let (jobs, changes) = (now.jobs != self.heard.jobs, now.changes != self.heard.changes);
        self.heard = now;
        // A session may have ended since, a token been revoked, a role been changed.
        let visit = self.actor.visit.clone();
        self.actor = self.credentials.prove(&self.app, visit, Access::Inside).await.ok()?;
        let mut out = String::new();
        if jobs && self.actor.may(Action::ReadPapers) {
            out.push_str("event: jobs\ndata: {}\n\n");
        }
        if changes && self.actor.may(Action::ReadAudit) {
            let (entries, missed) = self.entries().await.ok()?;
            if missed {
                out.push_str("event: missed\ndata: {}\n\n");
            }
            for entry in entries {
                let data = serde_json::json!({ "action": entry.action, "entity": entry.entity, "id": entry.entity_id });
                let _ = write!(out, "event: change\nid: {}\ndata: {data}\n\n", entry.id);
            }
        }
        Some(if out.is_empty() { ": \n\n".to_owned() } else { out })
    }

    /// The entries that were not told of yet, and whether there are more before them than are told.
    async fn entries(&mut self) -> Result<(Vec<NewsRow>, bool), Fault> {
        let mut view = self.app.context.store.view(&self.actor.scope).await?;
        let mut found = view.audit_news(self.last - LATE, MOST).await?;
        let missed =
            i64::try_from(found.len()).is_ok_and(|n| n == MOST) && found.first().is_some_and(|e| e.id > self.last);
        found.retain(|e| self.told.insert(e.id));
        self.last = found.last().map_or(self.last, |e| e.id.max(self.last));
        self.told = self.told.split_off(&(self.last - LATE));
        Ok((found, missed))
    }
}

fn events(viewer: Viewer) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    stream::unfold((viewer, true), move |(mut viewer, first)| async move {
        // The first line tells the browser that it is connected.
        if first {
            return Some((Ok(Bytes::from_static(b"retry: 5000\n: connected\n\n")), (viewer, false)));
        }
        match tokio::time::timeout(QUIET, viewer.news.changed()).await {
            Ok(Err(_)) => None,
            Ok(Ok(())) => {
                tokio::time::sleep(PAUSE).await;
                let text = viewer.look().await?;
                Some((Ok(Bytes::from(text)), (viewer, false)))
            }
            Err(_) => Some((Ok(Bytes::from_static(b": \n\n")), (viewer, false))),
        }
    })
}

/// `GET /api/v1/events`
///
/// # Errors
/// When the database fails.
pub(super) async fn stream(app: web::Data<App>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Fault> {
    let mut news = app.hub.news.subscribe();
    let heard = *news.borrow_and_update();
    // Who was here before goes on where they were.
    let before = request.headers().get("last-event-id").and_then(|v| v.to_str().ok()?.parse().ok());
    let mut view = app.context.store.view(&actor.scope).await?;
    let newest = if actor.may(Action::ReadAudit) { view.audit_news(0, LATE).await? } else { Vec::new() };
    drop(view);
    let newest: BTreeSet<i64> = newest.into_iter().map(|e| e.id).collect();
    let last = before.unwrap_or(i64::MAX).min(newest.last().copied().unwrap_or(0)).max(0);
    let told = newest.into_iter().filter(|id| *id <= last).collect();
    // Whoever comes back is told at once what they missed.
    let heard = if before.is_some() { News { changes: heard.changes.wrapping_sub(1), ..heard } } else { heard };
    if before.is_some() {
        news.mark_changed();
    }
    let viewer = Viewer { app: app.clone(), actor, credentials: Credentials::of(&request), news, heard, last, told };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events(viewer)))
}
