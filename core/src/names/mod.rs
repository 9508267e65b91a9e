//! Names and addresses, parsed once and valid for ever.

mod address;
mod domain;
mod label;

pub use address::{AddressError, EmailAddress};
pub use domain::{DomainError, DomainName};
pub use label::{MAX_LABEL, MAX_NAME, Name, NameError, display_unicode};
pub(crate) use label::{push_decimal_escape, unescape};
