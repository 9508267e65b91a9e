//! Puts routes and workers together.

use super::{App, assets, health, middleware::around};
use crate::{
    customers, domains, homepages, identity, import, mail, overview,
    platform::{context::Context, jobs, metrics::Metrics},
};
use actix_web::{App as Actix, HttpServer, middleware::from_fn, web};
use std::{io, net::TcpListener, sync::Arc};
use tokio::sync::watch;

/// Largest form, in octets. Zone texts and uploads have bounds of their own.
const MAX_FORM: usize = 256 << 10;

/// All routes of the panel.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/healthz", web::get().to(health::healthz))
        .route("/readyz", web::get().to(health::readyz))
        .route("/metrics", web::get().to(health::metrics))
        .route("/assets/{file}", web::get().to(assets::get));
    identity::routes(config);
    overview::routes(config);
    customers::routes(config);
    domains::routes(config);
    homepages::routes(config);
    mail::routes(config);
    import::routes(config);
}

/// Makes the shared state of a server.
///
/// # Errors
/// When the system has no randomness.
pub fn app(context: Context) -> Result<App, getrandom::Error> {
    Ok(App {
        context,
        metrics: Metrics::default(),
        assets: Arc::new(assets::Assets::load()),
        hasher: identity::service::Hasher::new()?,
    })
}

/// Answers requests on `listener` and runs jobs until the process is asked to stop.
///
/// # Errors
/// When the listener cannot be used.
pub async fn run(app: App, listener: TcpListener) -> io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let workers: Vec<_> = (0..app.context.settings.jobs.workers)
        .map(|_| tokio::spawn(jobs::work(app.context.clone(), stopped.clone())))
        .collect();
    let threads = app.context.settings.http.workers;
    let data = web::Data::new(app);
    let mut server = HttpServer::new(move || {
        Actix::new()
            .app_data(data.clone())
            .app_data(web::FormConfig::default().limit(MAX_FORM))
            .app_data(web::PayloadConfig::new(MAX_FORM))
            .wrap(from_fn(around))
            .configure(routes)
    })
    .shutdown_timeout(10);
    if threads > 0 {
        server = server.workers(threads);
    }
    let result = server.listen(listener)?.run().await;
    // Nobody listens any more is the only way in which this can fail.
    let _ = stop.send(true);
    for worker in workers {
        let _ = worker.await;
    }
    result
}
