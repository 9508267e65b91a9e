//! Homepages: what was seen of one, and which of them live.
//!
//! A [`Look`] is what one look at a homepage brought: the DNS, and a visit by HTTP and by HTTPS. [`classify`] makes a
//! [`Verdict`] of it, with the signals for and against; [`settle`] keeps one failed look from changing what is held to be true.
//! [`guard`] says which addresses nobody is led to. [`propose`] says what becomes of a homepage by what is known of it, which people
//! decide ([`Decision`]); [`vhost`] makes the new web server's files of those that move.

mod classify;
mod decide;
pub mod guard;
mod look;
mod page;
mod phrases;
mod settle;
pub mod vhost;

pub use classify::{Circumstances, Class, Signal, Verdict, classify};
pub use decide::{Decision, Known, UNTOUCHED, Witness, propose, witnesses};
pub use look::{Authority, Certificate, Delegation, Dns, End, Hop, Look, Said, Visit};
pub use page::{Page, distance};
pub use settle::{Held, settle};
