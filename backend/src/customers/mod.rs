//! Customers as imported.

mod pages;

use actix_web::web;

/// The routes of this feature.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/customers", web::get().to(pages::list)).route("/customers/{id}", web::get().to(pages::one));
}
