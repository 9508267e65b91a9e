//! Server-sent events. One listener for each process hears the database; every viewer hears the listener.

use crate::{
    http::{App, fault::Fault, visit::Actor},
    platform::context::Context,
};
use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Bytes},
};
use futures_util::{Stream, stream};
use hostler_core::access::Action;
use std::time::Duration;
use tokio::sync::watch;

/// Without news a comment is sent so often: whoever went away is noticed, and proxies keep the connection.
const QUIET: Duration = Duration::from_secs(20);

/// Where news comes from.
#[derive(Debug, Clone)]
pub struct Hub {
    news: watch::Sender<u64>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { news: watch::Sender::new(0) }
    }
}

impl Hub {
    /// Says that jobs go on.
    pub fn tell(&self) {
        self.news.send_modify(|n| *n += 1);
    }

    /// Hears the database until `stop` says so.
    pub async fn listen(self, context: Context, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let Ok(mut listener) = context.store.listen_jobs().await else {
                tokio::time::sleep(Duration::from_secs(5)).await;
                continue;
            };
            loop {
                tokio::select! {
                    heard = listener.recv() => match heard {
                        Ok(_) => self.tell(),
                        Err(_) => break,
                    },
                    _ = stop.changed() => return,
                }
            }
        }
    }
}

fn events(mut news: watch::Receiver<u64>, staff: bool) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    // The first line tells the browser that it is connected.
    news.mark_changed();
    stream::unfold((news, true), move |(mut news, first)| async move {
        if first {
            news.mark_unchanged();
            return Some((Ok(Bytes::from_static(b"retry: 5000\n: connected\n\n")), (news, false)));
        }
        let heard = tokio::time::timeout(QUIET, news.changed()).await;
        match heard {
            Ok(Err(_)) => None,
            // What a tenant's jobs are is not told to anybody; it has none of its own yet.
            Ok(Ok(())) if staff => {
                let n = *news.borrow_and_update();
                // A job reports many steps a second: viewers need one of them.
                tokio::time::sleep(Duration::from_millis(300)).await;
                Some((Ok(Bytes::from(format!("event: jobs\nid: {n}\ndata: {{}}\n\n"))), (news, false)))
            }
            _ => Some((Ok(Bytes::from_static(b": \n\n")), (news, false))),
        }
    })
}

/// `GET /api/v1/events`
///
/// # Errors
/// Never, once it is known who asks.
pub(super) async fn stream(app: web::Data<App>, actor: Actor) -> Result<HttpResponse, Fault> {
    let staff = actor.may(Action::ReadPapers);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events(app.hub.news.subscribe(), staff)))
}
