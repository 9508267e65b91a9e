//! The first page, the search for everything, kept views.

mod api;
mod pages;
mod search;
mod service;
mod views;

pub use views::views;

use crate::http::{
    openapi::Doc,
    routes::{Access, Routes},
};
use actix_web::http::Method;
use hostler_core::access::Action;

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    routes.get("/", Access::Inside, pages::overview);
    routes.post("/views", Access::May(Action::OwnAccount), views::keep);
    routes.post("/views/{id}/forget", Access::May(Action::OwnAccount), views::forget);
    routes.get("/search", Access::Inside, search::search);
    let find = Doc::new("search", "search", "The first customers, domains, addresses and records with a text");
    let find = find.query::<api::SearchQuery>().answers::<api::HitsBody>(200);
    routes.api(Method::GET, "/api/v1/search", Access::Inside, api::search, find);
}
