//! The first page.

mod pages;
mod search;
mod views;

pub use views::views;

use crate::http::routes::{Access, Routes};
use hostler_core::access::Action;

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    routes.get("/", Access::Inside, pages::overview);
    routes.post("/views", Access::May(Action::OwnAccount), views::keep);
    routes.post("/views/{id}/forget", Access::May(Action::OwnAccount), views::forget);
    routes.get("/search", Access::Inside, search::search);
}
