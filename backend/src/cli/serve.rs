//! `hostler serve`

use super::{Common, Failure, close, say, unable};
use crate::{
    http::server,
    platform::{context::Context, telemetry},
};
use std::net::{SocketAddr, TcpListener};

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
    let result = server::run(app, listener).await;
    close(context, embedded).await;
    result.map_err(unable)
}
