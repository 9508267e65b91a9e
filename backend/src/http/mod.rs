//! The web server. It knows requests, pages and errors, and no feature.

pub mod api;
pub mod assets;
pub mod body;
pub mod csv;
pub mod fault;
pub mod form;
pub mod health;
pub mod list;
pub mod middleware;
pub mod openapi;
pub mod page;
pub mod path;
pub mod routes;
pub mod server;
mod sheet;
pub mod visit;

use crate::platform::{context::Context, metrics::Metrics};
use std::sync::Arc;

/// What every handler shares.
#[derive(Debug, Clone)]
pub struct App {
    /// Settings, database, time.
    pub context: Context,
    /// Numbers.
    pub metrics: Metrics,
    /// Styles and islands.
    pub assets: Arc<assets::Assets>,
    /// What answers where, and who may ask.
    pub table: Arc<routes::Table>,
    /// News for who watches.
    pub hub: crate::operations::Hub,
    /// Passkeys, where a public address is set that browsers accept for them.
    pub passkeys: Option<crate::identity::passkeys::Passkeys>,
    /// Password hashing off the workers.
    pub hasher: crate::identity::hashing::Hasher,
}
