//! Who is who: log-in, sessions, language.

pub mod pages;
pub mod service;

use actix_web::web;

/// The routes of this feature.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/login", web::get().to(pages::login))
        .route("/login", web::post().to(pages::submit))
        .route("/logout", web::post().to(pages::logout))
        .route("/language/{lang}", web::get().to(pages::language));
}
