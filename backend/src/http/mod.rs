//! The web server. It knows requests, pages and errors, and no feature.

pub mod assets;
pub mod fault;
pub mod health;
pub mod list;
pub mod middleware;
pub mod page;
pub mod server;
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
    /// Password hashing off the workers.
    pub hasher: crate::identity::service::Hasher,
}
