//! Looks at the world: what the DNS answers, and what homepages do. Whatever address a customer's name leads to, only
//! [`guarded::Guard`] opens a connection, and only to where anybody may be led.

mod authority;
mod fetch;
mod gate;
pub mod guarded;
pub mod ours;
mod pace;
pub mod picture;
pub mod sweep;
mod tls;
