//! Domains and their zones: lists, the editor, publishing, rendering for name servers.

pub mod check;
mod lists;
pub mod pages;
pub mod render;
pub mod service;

pub use lists::{COLUMNS, row};

use actix_web::web;

/// Largest zone text that a form may carry: percent-encoding makes it three times as long.
const MAX_TEXT_FORM: usize = 3 * hostler_core::dns::parser::MAX_TEXT;

/// The routes of this feature.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/domains", web::get().to(lists::list))
        .service(
            web::resource("/zones/{id}/text")
                .app_data(web::FormConfig::default().limit(MAX_TEXT_FORM))
                .route(web::get().to(pages::text))
                .route(web::post().to(pages::save_text)),
        )
        .route("/zones/{id}", web::get().to(pages::records))
        .route("/zones/{id}/records", web::post().to(pages::add_record))
        .route("/zones/{id}/records/{record}", web::post().to(pages::update_record))
        .route("/zones/{id}/records/{record}/delete", web::post().to(pages::delete_record))
        .route("/zones/{id}/publish", web::get().to(pages::publish))
        .route("/zones/{id}/publish", web::post().to(pages::submit_publish))
        .route("/zones/{id}/discard", web::post().to(pages::discard))
        .route("/zones/{id}/versions", web::get().to(pages::versions))
        .route("/zones/{id}/versions/{number}", web::get().to(pages::version));
}
