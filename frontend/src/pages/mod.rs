//! The pages, a file for each feature: view models in, views out.

pub mod dashboard;
pub mod identity;
pub mod imports;
pub mod lists;
pub mod message;
pub mod zone;
