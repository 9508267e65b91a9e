//! The rules of Hostler: names, DNS zones, an old provider's papers and what is wrong with them.
//!
//! Nothing here reads a file, a clock or a database. The same input gives the same output on any machine, natively
//! and in wasm, so every rule can be tested without a server and rendered ten thousand times a second.

pub mod access;
mod coded;
pub mod dns;
pub mod mail;
pub mod names;
pub mod papers;
pub mod reconcile;
pub mod web;
