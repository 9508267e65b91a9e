//! The first page.

mod pages;
mod search;

use crate::http::routes::{Access, Routes};

/// The routes of this feature.
pub fn routes(routes: &mut Routes) {
    routes.get("/", Access::Inside, pages::overview);
    routes.get("/search", Access::Inside, search::search);
}
