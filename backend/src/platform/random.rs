//! The one place that asks for randomness.

use getrandom::SysRng;
use rand_core::UnwrapErr;

/// Random octets of the operating system.
///
/// # Errors
/// When it has none, which leaves nothing sensible to do but to refuse the request.
#[expect(clippy::disallowed_methods, reason = "everybody else takes randomness from here")]
pub fn octets<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets)?;
    Ok(octets)
}

/// The operating system's random octets, for a generator that takes them one by one; without any it panics.
#[must_use]
pub fn source() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// 256 random bits as text for a URL or a cookie.
///
/// # Errors
/// As [`octets`].
pub fn token() -> Result<String, getrandom::Error> {
    Ok(hex(&octets::<32>()?))
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(octets: &[u8]) -> String {
    use std::fmt::Write as _;
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}
