//! Black-box tests over HTTP, the command line and real servers. One binary: each further one links everything.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod access;
mod api;
mod bulk;
mod cli;
mod create;
mod events;
mod homepages;
mod hostile;
mod house;
mod import;
mod invitations;
mod login;
mod mail;
mod mail_arrangement;
mod mail_change;
mod mail_fleet;
mod mail_records;
mod mail_servers;
mod mail_signing;
mod mail_stack;
mod mail_table;
mod mail_tls;
mod mailer;
mod name_servers;
mod people;
mod pictures;
mod portal;
mod probe;
mod sites;
mod support;
mod tenants;
mod undo;
mod web_servers;
mod world;
mod zones;
