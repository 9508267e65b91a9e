//! What stands in a path.

use super::fault::{Fault, Kind};
use std::str::FromStr;

/// An id or a number. What is none is nobody's.
///
/// # Errors
/// 404.
pub fn parse<T: FromStr>(text: &str) -> Result<T, Fault> {
    text.parse().map_err(|_| Kind::NotFound.into())
}
