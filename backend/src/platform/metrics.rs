//! Numbers for `/metrics` in OpenMetrics text.

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: String,
    status: u16,
}

/// The numbers of one process.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    requests: Family<Request, Counter>,
    seconds: Histogram,
    connections: Gauge,
    idle: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("hostler");
        let requests = Family::<Request, Counter>::default();
        let seconds = Histogram::new(exponential_buckets(0.000_5, 2.0, 14));
        let (connections, idle) = (Gauge::default(), Gauge::default());
        registry.register("http_requests", "Answered requests", requests.clone());
        registry.register("http_request_seconds", "Time to answer a request", seconds.clone());
        registry.register("db_connections", "Open connections to the database", connections.clone());
        registry.register("db_connections_idle", "Idle connections to the database", idle.clone());
        Self { registry: Arc::new(registry), requests, seconds, connections, idle }
    }
}

impl Metrics {
    /// Counts an answer. `route` is the pattern, never the path: a path may hold anything.
    pub fn count(&self, route: &str, method: &str, status: u16, seconds: f64) {
        // Any token is a method in HTTP: only those that are used get a number of their own.
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = known.into_iter().find(|m| *m == method).unwrap_or("other");
        let labels = Request { route: route.to_owned(), method: method.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        self.seconds.observe(seconds);
    }

    /// All numbers as text.
    #[must_use]
    pub fn text(&self, (connections, idle): (u32, usize)) -> String {
        self.connections.set(i64::from(connections));
        self.idle.set(i64::try_from(idle).unwrap_or(0));
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
