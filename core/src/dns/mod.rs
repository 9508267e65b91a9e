//! DNS zones: read, judged, compared, written.
//!
//! Text goes through [`lexer`] and [`parser`] into a [`Zone`] of [`Record`]s whose [`RData`] is valid wire format of
//! its type by construction; [`lint`] judges it, [`serial`] numbers it, [`writer`] writes it. The crates' own readers
//! and printers lose data (escapes, `@`, RFC 3597), which is why this is ours; wire format is the meeting point with
//! hickory and with every name server.

pub mod diff;
mod fields;
mod generate;
pub mod lexer;
pub mod lint;
mod loc;
pub mod parser;
pub mod profile;
pub mod rdata;
pub mod record;
pub mod rtype;
pub mod serial;
pub mod server;
mod svcb;
pub mod template;
pub mod ttl;
pub mod typed;
pub mod writer;

pub use parser::{ParseError, Parsed, parse};
pub use rdata::{RData, RDataError, Typed};
pub use record::{Record, Zone};
pub use rtype::RType;
pub use serial::Serial;
