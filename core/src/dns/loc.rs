//! LOC (RFC 1876): sixteen octets, and a text that people read off a map.

use super::{fields::bad, lexer::Token, rdata::RDataError};
use std::fmt::Write as _;

const EXPECTED: &str = "a location such as 52 22 23.000 N 4 53 32.000 E -2.00m 1m 10000m 10m (RFC 1876 §3)";
/// Zero latitude and longitude (RFC 1876 §2): thousandths of an arc second are counted from here.
const EQUATOR: u32 = 1 << 31;
/// Altitudes are counted in centimetres from 100 km below the spheroid.
const ALTITUDE_BASE: i64 = 10_000_000;

/// A size as mantissa and power of ten in centimetres: both nibbles at most 9.
fn valid_size(octet: u8) -> bool {
    octet >> 4 <= 9 && octet & 15 <= 9
}

pub(super) fn valid(wire: &[u8]) -> bool {
    let Some((&[version, size, horizontal, vertical, ..], rest)) = wire.split_first_chunk::<4>() else { return false };
    let angle = |at: usize| rest.get(at..at + 4).map(|o| o.iter().fold(0u32, |v, b| v << 8 | u32::from(*b)));
    let within = |value: Option<u32>, degrees: u32| value.is_some_and(|v| v.abs_diff(EQUATOR) <= degrees * 3_600_000);
    wire.len() == 16
        && version == 0
        && [size, horizontal, vertical].into_iter().all(valid_size)
        && within(angle(0), 90)
        && within(angle(4), 180)
}

pub(super) fn parse(tokens: &[Token<'_>]) -> Result<[u8; 16], RDataError> {
    let mut words = tokens.iter().peekable();
    let latitude = angle(&mut words, 90, ["N", "S"])?;
    let longitude = angle(&mut words, 180, ["E", "W"])?;
    let token = words.next().ok_or(RDataError::Missing("an altitude"))?;
    let altitude = token.word().and_then(centimetres).ok_or_else(|| bad(EXPECTED, token))?;
    let altitude = u32::try_from(altitude + ALTITUDE_BASE).map_err(|_| bad(EXPECTED, token))?;
    // Defaults of RFC 1876 §3: 1 m, 10 km, 10 m.
    let mut sizes = [0x12, 0x16, 0x13];
    for slot in &mut sizes {
        if let Some(token) = words.next() {
            let value = token.word().and_then(centimetres).filter(|v| (0..=9_000_000_000).contains(v));
            *slot = value.and_then(pack).ok_or_else(|| bad(EXPECTED, token))?;
        }
    }
    if let Some(extra) = words.next() {
        return Err(RDataError::Extra(super::fields::shown(extra)));
    }
    let mut wire = [0u8; 16];
    let parts =
        sizes.into_iter().chain(latitude.to_be_bytes()).chain(longitude.to_be_bytes()).chain(altitude.to_be_bytes());
    for (slot, octet) in wire.iter_mut().skip(1).zip(parts) {
        *slot = octet;
    }
    Ok(wire)
}

/// Degrees, then minutes and seconds if they are there, then the hemisphere.
fn angle<'t>(
    words: &mut impl Iterator<Item = &'t Token<'t>>,
    most: u32,
    [plus, minus]: [&str; 2],
) -> Result<u32, RDataError> {
    let (mut parts, mut thousandths) = (0, 0u32);
    loop {
        let token = words.next().ok_or(RDataError::Missing("a hemisphere"))?;
        let wrong = || bad(EXPECTED, token);
        let word = token.word().ok_or_else(wrong)?;
        if parts > 0 && (word.eq_ignore_ascii_case(plus) || word.eq_ignore_ascii_case(minus)) {
            if thousandths > most * 3_600_000 {
                return Err(wrong());
            }
            return Ok(if word.eq_ignore_ascii_case(plus) { EQUATOR + thousandths } else { EQUATOR - thousandths });
        }
        let value = match parts {
            0 => super::fields::number::<u32>(word).filter(|d| *d <= most).map(|d| d * 3_600_000),
            1 => super::fields::number::<u32>(word).filter(|m| *m < 60).map(|m| m * 60_000),
            2 => fixed(word, 3).filter(|s| (0..60_000).contains(s)).and_then(|s| u32::try_from(s).ok()),
            _ => None,
        };
        thousandths += value.ok_or_else(wrong)?;
        parts += 1;
    }
}

/// A decimal number with at most `places` digits behind the point, as a whole number of the last place.
fn fixed(text: &str, places: usize) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !digits(whole) || !digits(fraction) || fraction.len() > places {
        return None;
    }
    format!("{whole}{fraction:0<places$}").parse().ok()
}

fn centimetres(text: &str) -> Option<i64> {
    let text = text.strip_suffix(['m', 'M']).unwrap_or(text);
    match text.strip_prefix('-') {
        Some(below) => fixed(below, 2).map(|v| -v),
        None => fixed(text, 2),
    }
}

fn pack(centimetres: i64) -> Option<u8> {
    let (mut mantissa, mut power) = (centimetres, 0u8);
    while mantissa > 9 {
        mantissa /= 10;
        power += 1;
    }
    Some(u8::try_from(mantissa).ok()? << 4 | power)
}

pub(super) fn write(wire: &[u8], out: &mut String) {
    let number = |at: usize| wire.get(at..at + 4).unwrap_or_default().iter().fold(0u32, |v, b| v << 8 | u32::from(*b));
    for (at, plus, minus) in [(4, 'N', 'S'), (8, 'E', 'W')] {
        let value = number(at);
        let (thousandths, side) = (value.abs_diff(EQUATOR), if value >= EQUATOR { plus } else { minus });
        let (degrees, minutes) = (thousandths / 3_600_000, thousandths / 60_000 % 60);
        let _ = write!(out, "{degrees} {minutes} {}.{:03} {side} ", thousandths / 1000 % 60, thousandths % 1000);
    }
    let altitude = i64::from(number(12)) - ALTITUDE_BASE;
    let sign = if altitude < 0 { "-" } else { "" };
    let _ = write!(out, "{sign}{}.{:02}m", altitude.abs() / 100, altitude.abs() % 100);
    for octet in wire.get(1..4).unwrap_or_default() {
        let size = u64::from(octet >> 4) * 10u64.pow(u32::from(octet & 15));
        let _ = write!(out, " {}.{:02}m", size / 100, size % 100);
    }
}
