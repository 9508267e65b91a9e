//! An old provider's papers, from the upload to the rows.
//!
//! `hostler-papers` reads them; [`plan`] holds what they say against the database, [`service`] writes it.

mod api;
pub mod jobs;
pub mod pages;
pub mod plan;
pub mod service;
mod uploads;

pub use pages::routes;
