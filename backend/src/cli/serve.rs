//! `hostler serve`

use super::{Common, Failure, close, say, unable};
use crate::{
    http::server,
    platform::{context::Context, telemetry},
};
use hostler_store::embedded::Embedded;
use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

pub(super) async fn run(common: &Common, listen: Option<SocketAddr>) -> Result<(), Failure> {
    let mut settings = common.settings()?;
    if let Some(listen) = listen {
        settings.http.listen = listen;
    }
    telemetry::start(&settings.log).map_err(Failure::Unable)?;
    // First the port: without it there is no use in starting a database.
    let listener = TcpListener::bind(settings.http.listen)
        .map_err(|e| format!("setting http.listen: {}: {e}", settings.http.listen))?;
    let address = listener.local_addr().map_err(unable)?;
    let (context, embedded) = Context::open(settings, say).await.map_err(unable)?;
    let app = server::app(context.clone()).map_err(unable)?;
    tracing::info!(%address, "the panel answers");
    let http = &context.settings.http;
    if http.trusted_proxies.is_empty() && http.public_url.as_deref().is_some_and(|url| url.starts_with("https:")) {
        // The panel speaks no TLS itself, so something stands before it, and everybody seems to come from there.
        tracing::warn!(
            "http.public_url is https and http.trusted_proxies is empty: log-ins are throttled for all together"
        );
    }
    let embedded = embedded.map(Arc::new);
    let watcher = embedded.clone().map(|embedded| tokio::spawn(watch(embedded)));
    let result = server::run(app, listener).await;
    if let Some(watcher) = watcher {
        watcher.abort();
        // Its end lets go of the PostgreSQL, which only then is ours alone to stop.
        let _ = watcher.await;
    }
    close(context, embedded.and_then(Arc::into_inner)).await;
    result.map_err(unable)
}

/// Starts the private PostgreSQL again if it died under the panel.
async fn watch(embedded: Arc<Embedded>) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let looked = embedded.clone();
        match tokio::task::spawn_blocking(move || looked.revive()).await {
            Ok(Ok(true)) => tracing::warn!("the private PostgreSQL had died and was started again"),
            Ok(Err(error)) => tracing::error!(%error, "the private PostgreSQL does not start"),
            _ => {}
        }
    }
}
