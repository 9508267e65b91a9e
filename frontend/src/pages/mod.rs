//! The pages, a file for each feature: view models in, views out.

pub mod account;
pub mod audit;
pub mod bulk;
pub mod customers;
pub mod dashboard;
pub mod decide;
pub mod document;
pub mod handbook;
pub mod homepage;
pub mod homepages;
pub mod identity;
pub mod imports;
pub mod lists;
pub mod mail;
pub mod mail_change;
pub mod mail_keys;
pub mod mail_records;
pub mod mail_servers;
pub mod mail_spam;
pub mod mail_table;
pub mod message;
pub mod people;
pub mod portal;
pub mod templates;
pub mod web_servers;
pub mod zone;
