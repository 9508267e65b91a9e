//! The parts of `$GENERATE` (BIND 9 manual, "The $GENERATE Directive"): its range, and what `$` stands for in each turn.

use super::ttl;

/// `start-stop[/step]`, within 31 bits.
pub(super) fn parse_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, step) = text.split_once('/').unwrap_or((text, "1"));
    let (start, stop) = range.split_once('-')?;
    let number = |t: &str| super::fields::number::<u32>(t).filter(|n| *n <= ttl::MAX_TTL).map(u64::from);
    let (start, stop, step) = (number(start)?, number(stop)?, number(step)?);
    (start <= stop && step > 0).then_some((start, stop, step))
}

/// Replaces `$` and `${offset,width,base}` by `value`; `$$` and `\$` stand for a dollar sign.
pub(super) fn expand(text: &[u8], value: u64) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() + 8);
    let mut i = 0;
    while let Some(&byte) = text.get(i) {
        i += 1;
        match (byte, text.get(i)) {
            (b'\\', Some(b'$')) | (b'$', Some(b'$')) => {
                out.push(b'$');
                i += 1;
            }
            (b'\\', Some(&next)) => {
                out.extend_from_slice(&[b'\\', next]);
                i += 1;
            }
            (b'$', Some(b'{')) => {
                let rest = text.get(i + 1..)?;
                let end = rest.iter().position(|b| *b == b'}')?;
                out.extend_from_slice(format_number(std::str::from_utf8(rest.get(..end)?).ok()?, value)?.as_bytes());
                i += end + 2;
            }
            (b'$', _) => out.extend_from_slice(value.to_string().as_bytes()),
            _ => out.push(byte),
        }
    }
    Some(out)
}

fn format_number(modifier: &str, value: u64) -> Option<String> {
    let mut parts = modifier.split(',');
    let offset: i64 = parts.next()?.parse().ok()?;
    let width: usize = parts.next().map_or(Some(0), |w| w.parse().ok())?;
    let base = parts.next().unwrap_or("d");
    let number = i64::try_from(value).ok()?.checked_add(offset).filter(|n| *n >= 0)?;
    if width > 64 || parts.next().is_some() {
        return None;
    }
    Some(match base {
        "d" => format!("{number:0width$}"),
        "o" => format!("{number:0width$o}"),
        "x" => format!("{number:0width$x}"),
        "X" => format!("{number:0width$X}"),
        // Nibbles from the lowest, as ip6.arpa has them: the width counts the dots too.
        "n" | "N" => {
            let mut nibbles = String::new();
            let mut left = number;
            while left > 0 || nibbles.is_empty() || nibbles.len() < width {
                if !nibbles.is_empty() {
                    nibbles.push('.');
                    if nibbles.len() >= width && left == 0 {
                        break;
                    }
                }
                let digit = char::from_digit(u32::try_from(left & 15).ok()?, 16)?;
                nibbles.push(if base == "N" { digit.to_ascii_uppercase() } else { digit });
                left >>= 4;
            }
            nibbles
        }
        _ => return None,
    })
}
