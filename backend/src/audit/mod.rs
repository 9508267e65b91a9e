//! Who changed what: the log as a list, one entry, the log as CSV, and the way back.

mod api;
mod csv;
mod pages;
pub mod service;

use crate::http::{
    openapi::Doc,
    routes::{Access, Routes},
};
use actix_web::http::Method;
use hostler_core::access::Action;

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    routes.get("/audit", Access::May(Action::ReadAudit), pages::list);
    routes.get("/audit.csv", Access::May(Action::ReadAudit), csv::export);
    routes.get("/audit/{entry}", Access::May(Action::ReadAudit), pages::one);
    // Which action it takes depends on the entry.
    routes.post("/audit/{entry}/undo", Access::Inside, pages::undo);

    let list = Doc::new("list_audit", "audit", "Who changed what, newest first").query::<api::AuditQuery>();
    let list = list.answers::<api::EntriesBody>(200);
    routes.api(Method::GET, "/api/v1/audit", Access::May(Action::ReadAudit), api::list, list);
    let undo = Doc::new("undo", "audit", "Take a change back, with all that it is part of").empty(204);
    routes.api(Method::POST, "/api/v1/audit/{entry}/undo", Access::Inside, api::undo, undo);
}
