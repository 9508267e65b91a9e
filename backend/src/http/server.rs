//! Puts routes and workers together.

use super::{
    App, assets, health,
    middleware::around,
    routes::{Access, Routes, Table},
};
use crate::{
    audit, customers, domains, handbook, homepages, identity, import, mail, operations, overview,
    platform::{context::Context, jobs, metrics::Metrics},
};
use actix_web::{App as Actix, HttpServer, middleware::from_fn, web};
use std::{io, net::TcpListener, sync::Arc};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Largest form, in octets. Zone texts and uploads have bounds of their own.
const MAX_FORM: usize = 256 << 10;

/// All routes of the panel.
#[must_use]
pub fn routes() -> Routes {
    let mut routes = Routes::default();
    routes.get("/healthz", Access::Public, health::healthz);
    routes.get("/readyz", Access::Public, health::readyz);
    routes.get("/metrics", Access::Public, health::metrics);
    routes.get("/assets/{file}", Access::Public, assets::get);
    identity::routes(&mut routes);
    overview::routes(&mut routes);
    customers::routes(&mut routes);
    domains::routes(&mut routes);
    homepages::routes(&mut routes);
    mail::routes(&mut routes);
    import::routes(&mut routes);
    audit::routes(&mut routes);
    operations::routes(&mut routes);
    handbook::routes(&mut routes);
    routes
}

/// Puts the routes and what they share into a server.
pub fn configure(config: &mut web::ServiceConfig) {
    config.app_data(web::FormConfig::default().limit(MAX_FORM)).app_data(web::PayloadConfig::new(MAX_FORM));
    routes().register(config);
}

/// Makes the shared state of a server.
///
/// # Errors
/// When the system has no randomness.
pub fn app(context: Context) -> io::Result<App> {
    let passkeys = identity::passkeys::Passkeys::new(context.settings.http.public_url.as_deref());
    Ok(App {
        context,
        metrics: Metrics::default(),
        assets: Arc::new(assets::Assets::load()),
        table: Arc::new(Table::new(routes().table())?),
        hub: operations::Hub::default(),
        passkeys,
        hasher: identity::hashing::Hasher::new().map_err(|e| io::Error::other(e.to_string()))?,
    })
}

/// Answers requests on `listener` and runs jobs until the process is asked to stop.
///
/// # Errors
/// When the listener cannot be used.
pub async fn run(app: App, listener: TcpListener) -> io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let hub = tokio::spawn(app.hub.clone().listen(app.context.clone(), stopped.clone()));
    let workers: Vec<_> = (0..app.context.settings.jobs.workers)
        .map(|_| tokio::spawn(jobs::work(app.context.clone(), stopped.clone())))
        .collect();
    let threads = app.context.settings.http.workers;
    let data = web::Data::new(app);
    let mut server =
        HttpServer::new(move || Actix::new().app_data(data.clone()).wrap(from_fn(around)).configure(configure))
            .shutdown_timeout(10)
            .disable_signals();
    if threads > 0 {
        server = server.workers(threads);
    }
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let running = server.listen(listener)?.run();
    let handle = running.handle();
    let mut running = actix_web::rt::spawn(running);
    let ended = tokio::select! {
        ended = &mut running => Some(ended),
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
    };
    // The jobs first: a connection to the database that they use may be that of a thread that answers requests, and ends with it.
    // Nobody listens any more is the only way in which this can fail.
    let _ = stop.send(true);
    let jobs = async {
        let _ = hub.await;
        for worker in workers {
            let _ = worker.await;
        }
    };
    tokio::select! {
        () = jobs => {}
        // Who asks twice does not wait for them.
        _ = interrupt.recv() => {}
    }
    let ended = match ended {
        Some(ended) => ended,
        None => {
            handle.stop(true).await;
            running.await
        }
    };
    ended.map_err(io::Error::other)?
}
