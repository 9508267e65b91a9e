//! A process with its settings and its database.

use super::{clock::Clock, settings::Settings};
use hostler_store::{
    Store, StoreError,
    embedded::{Embedded, EmbeddedError},
};
use sqlx_options::parse;
use std::sync::Arc;

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The private PostgreSQL does not run.
    #[error("private PostgreSQL: {0}")]
    Embedded(#[from] EmbeddedError),
    /// The database cannot be used.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The URL is none.
    #[error("setting {0}: not a PostgreSQL URL")]
    Url(&'static str),
    /// Nobody to migrate as.
    #[error(
        "setting database.owner_url: needed beside database.url, as the role that owns the tables and migrates them"
    )]
    Owner,
    /// Its role would see everybody's rows.
    #[error(
        "setting database.url: its role is a superuser or bypasses row-level security; connect as hostler_server and give the owner in database.owner_url"
    )]
    Unbound,
    /// A thread died.
    #[error("a thread died: {0}")]
    Thread(#[from] tokio::task::JoinError),
}

/// What every command and the server share.
#[derive(Debug, Clone)]
pub struct Context {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
}

mod sqlx_options {
    use super::OpenError;
    use hostler_store::ConnectOptions;

    pub(super) fn parse(url: &str, name: &'static str) -> Result<ConnectOptions, OpenError> {
        url.parse().map_err(|_| OpenError::Url(name))
    }
}

impl Context {
    /// Opens the database: the one that the settings name, or a private one. Brings its schema up to date. `say` is
    /// told what takes long.
    ///
    /// # Errors
    /// When there is no database to be had.
    pub async fn open(settings: Settings, say: fn(&str)) -> Result<(Self, Option<Embedded>), OpenError> {
        // Each worker listens on a connection of its own, and so does the hub of events; pages need some beside them.
        let most =
            settings.database.max_connections.max(u32::try_from(settings.jobs.workers).unwrap_or(u32::MAX - 5) + 5);
        let (owner, server, embedded) = match &settings.database.url {
            Some(url) => {
                let server = parse(url, "database.url")?;
                // The role of the running panel owns nothing, so it cannot migrate.
                let owner = settings.database.owner_url.as_deref().ok_or(OpenError::Owner)?;
                let owner = parse(owner, "database.owner_url")?;
                (owner, server, None)
            }
            None => {
                let data_dir = settings.data_dir.clone();
                let embedded = tokio::task::spawn_blocking(move || Embedded::start(&data_dir, false, &say)).await??;
                (embedded.owner(), embedded.server(), Some(embedded))
            }
        };
        Store::migrate(owner).await?;
        let store = Store::connect(server, most).await?;
        if !store.is_bound().await? {
            store.close().await;
            return Err(OpenError::Unbound);
        }
        Ok((Self { settings: Arc::new(settings), store, clock: Clock::default() }, embedded))
    }
}
