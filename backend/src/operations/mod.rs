//! What goes on: jobs, events, the API's document.

mod api;
mod document;
mod events;

use crate::http::{
    openapi::Doc,
    routes::{Access, Routes},
};
use actix_web::http::Method;
use hostler_core::access::Action;

pub use events::Hub;

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    let jobs = Access::May(Action::ReadPapers);
    let doc = |id, summary| Doc::new(id, "operations", summary);
    let document = doc("openapi", "This document").text("application/json");
    routes.api(Method::GET, "/api/v1/openapi.json", Access::Public, document::json, document);
    let page = doc("document", "This document as a page").text("text/html");
    routes.api(Method::GET, "/api/v1", Access::Public, document::page, page);
    let me = doc("me", "Who is asking, and what they may do").answers::<api::MeBody>(200);
    routes.api(Method::GET, "/api/v1/me", Access::Inside, api::me, me);
    let job = doc("get_job", "One job").answers::<api::JobBody>(200);
    routes.api(Method::GET, "/api/v1/jobs/{id}", jobs, api::job, job);
    let events = doc("events", "Server-sent events: `jobs` when jobs go on, `change` for every change that you may read in the log, `missed` when there were too many to tell; `Last-Event-ID` goes on from there").text("text/event-stream");
    routes.api(Method::GET, "/api/v1/events", Access::Inside, events::stream, events);
}
