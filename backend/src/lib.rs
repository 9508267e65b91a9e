//! Hostler: the server, the command line, the workers. All IO that is not SQL is here.
//!
//! The layers are crates, the features are folders: `service.rs` holds the use cases, `pages.rs` the HTML, and
//! `mod.rs` is the feature's door. [`http`] and [`platform`] know no feature.

pub mod audit;
pub mod cli;
pub mod customers;
pub mod domains;
pub mod handbook;
pub mod homepages;
pub mod http;
pub mod identity;
pub mod import;
pub mod mail;
pub mod observe;
pub mod operations;
pub mod overview;
pub mod platform;
