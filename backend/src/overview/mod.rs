//! The first page.

mod pages;

use actix_web::web;

/// The routes of this feature.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/", web::get().to(pages::overview));
}
