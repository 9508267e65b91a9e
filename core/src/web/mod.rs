//! Homepages: what was seen of one, and which of them live.
//!
//! A [`Look`] is what one look at a homepage brought: the DNS, and a visit by HTTP and by HTTPS. [`classify`] makes a
//! [`Verdict`] of it, with the signals for and against; [`settle`] keeps one failed look from changing what is held to be true.
//! [`guard`] says which addresses nobody is led to.

mod classify;
pub mod guard;
mod look;
mod page;
mod phrases;
mod settle;

pub use classify::{Circumstances, Class, Signal, Verdict, classify};
pub use look::{Certificate, Dns, End, Hop, Look, Visit};
pub use page::{Page, distance};
pub use settle::{Held, settle};
