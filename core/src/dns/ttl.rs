//! Times to live and the other time spans of a zone (RFC 2181 §8; units as BIND writes them).

/// Longest TTL (RFC 2181 §8), in seconds. BIND turns larger ones into 0, others keep them: nobody may write them.
pub const MAX_TTL: u32 = 0x7fff_ffff;

/// Seconds from `3600`, `1h`, `1h30m`, `2W`. `None` if it is not such a text or does not fit into 32 bits.
#[must_use]
pub fn parse(text: &[u8]) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    let (mut total, mut number, mut digits) = (0u64, 0u64, false);
    for &byte in text {
        if byte.is_ascii_digit() {
            number = number.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
            digits = true;
            continue;
        }
        let unit = match byte.to_ascii_lowercase() {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        if !digits {
            return None;
        }
        total = total.checked_add(number.checked_mul(unit)?)?;
        (number, digits) = (0, false);
    }
    u32::try_from(total.checked_add(number)?).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn units_add_up_and_nonsense_is_refused() {
        for (text, seconds) in [
            ("3600", Some(3600)),
            ("1h30m", Some(5400)),
            ("2W", Some(1_209_600)),
            ("4294967295", Some(u32::MAX)),
            ("", None),
        ] {
            assert_eq!(super::parse(text.as_bytes()), seconds, "{text}");
        }
        for text in ["h", "1x", "4294967296", "99999999999999999999", "-1", "1 h"] {
            assert_eq!(super::parse(text.as_bytes()), None, "{text}");
        }
    }
}
