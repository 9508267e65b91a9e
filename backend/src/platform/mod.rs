//! What every feature stands on: settings, telemetry, the database, jobs, time and randomness.

pub mod clock;
pub mod context;
pub mod folder;
pub mod jobs;
pub mod mailer;
pub mod metrics;
pub mod random;
pub mod resolver;
pub mod settings;
pub mod telemetry;
