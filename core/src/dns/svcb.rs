//! Service parameters of SVCB and HTTPS (RFC 9460 §2.1, §7, appendix A).

use super::{
    fields::{self, bad},
    lexer::Token,
    rdata::RDataError,
};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::Write as _,
    net::{Ipv4Addr, Ipv6Addr},
};

const KEYS: [&str; 9] =
    ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"];

fn key_number(text: &str) -> Option<u16> {
    if let Some(at) = KEYS.iter().position(|k| *k == text) {
        return u16::try_from(at).ok();
    }
    let digits = text.strip_prefix("key")?;
    if digits.len() > 1 && digits.starts_with('0') { None } else { fields::number(digits) }
}

fn push_key(key: u16, out: &mut String) {
    match KEYS.get(usize::from(key)) {
        // BIND 9.18, NSD 4.6 and Knot 3.2 do not know `ohttp` by its name yet.
        Some(name) if key < 8 => out.push_str(name),
        _ => {
            let _ = write!(out, "key{key}");
        }
    }
}

pub(super) fn parse(tokens: &[Token<'_>], alias: bool, wire: &mut Vec<u8>) -> Result<(), RDataError> {
    let mut params: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
    for token in tokens {
        if alias {
            return Err(bad("allowed with priority 0 (RFC 9460 §2.4.1)", token));
        }
        let (key, value) = split(token)?;
        let number =
            key_number(&key).ok_or_else(|| bad("a service parameter such as alpn=h2 (RFC 9460 §2.1)", token))?;
        let octets = encode(number, value.as_ref())
            .ok_or_else(|| bad("a valid value of this parameter (RFC 9460 §7)", token))?;
        if params.insert(number, octets).is_some() {
            return Err(RDataError::Bad { expected: "a key that stands only once (RFC 9460 §2.1)", text: key });
        }
    }
    let start = wire.len();
    for (key, value) in &params {
        wire.extend_from_slice(&key.to_be_bytes());
        wire.extend_from_slice(&u16::try_from(value.len()).map_err(|_| RDataError::TooLong)?.to_be_bytes());
        wire.extend_from_slice(value);
    }
    // What is left to go wrong once every value is valid is a mandatory key that is missing.
    if valid(wire.get(start..).unwrap_or_default(), alias) {
        Ok(())
    } else {
        Err(RDataError::Bad { expected: "a list of keys that are there (RFC 9460 §8)", text: "mandatory".to_owned() })
    }
}

/// `key`, `key=value` or `key="value"`: the key, and the value with its escapes resolved.
fn split(token: &Token<'_>) -> Result<(String, Option<Vec<u8>>), RDataError> {
    let text = if token.quoted { None } else { Some(&*token.raw) };
    let text = text.ok_or_else(|| bad("a service parameter without quotes around the key", token))?;
    let equals = text.iter().position(|b| *b == b'=');
    let (key, value) = match equals {
        None => (text, None),
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
    };
    let key = String::from_utf8_lossy(key).to_ascii_lowercase();
    let Some(value) = value else { return Ok((key, None)) };
    let inner = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\""));
    let part = Token { raw: Cow::Borrowed(inner.unwrap_or(value)), quoted: inner.is_some() };
    Ok((key, Some(fields::decode_text(&part)?)))
}

/// Splits a value list at commas; `\,` and `\\` stand for themselves (RFC 9460 appendix A.1).
fn list(value: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut items = vec![Vec::new()];
    let mut bytes = value.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b',' => items.push(Vec::new()),
            b'\\' => items.last_mut()?.push(*bytes.next().filter(|b| matches!(b, b',' | b'\\'))?),
            other => items.last_mut()?.push(other),
        }
    }
    items.iter().all(|i| !i.is_empty()).then_some(items)
}

fn encode(key: u16, value: Option<&Vec<u8>>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let text = |v: &Vec<u8>| String::from_utf8(v.clone()).ok();
    match (key, value) {
        (2 | 8, None) => {}
        (2 | 8, Some(v)) if v.is_empty() => {}
        (2 | 8, Some(_)) | (0 | 1 | 3..=7, None) => return None,
        (0, Some(v)) => {
            let mut keys: Vec<u16> = text(v)?.split(',').map(key_number).collect::<Option<_>>()?;
            keys.sort_unstable();
            keys.iter().for_each(|k| out.extend_from_slice(&k.to_be_bytes()));
        }
        (1, Some(v)) => {
            for id in list(v)? {
                out.push(u8::try_from(id.len()).ok()?);
                out.extend_from_slice(&id);
            }
        }
        (3, Some(v)) => out.extend_from_slice(&fields::number::<u16>(&text(v)?)?.to_be_bytes()),
        (4, Some(v)) => {
            for ip in text(v)?.split(',') {
                out.extend_from_slice(&ip.parse::<Ipv4Addr>().ok()?.octets());
            }
        }
        (5, Some(v)) => out = fields::from_base64(v)?,
        (6, Some(v)) => {
            for ip in text(v)?.split(',') {
                out.extend_from_slice(&ip.parse::<Ipv6Addr>().ok()?.octets());
            }
        }
        (_, Some(v)) => out.clone_from(v),
        (_, None) => {}
    }
    valid_value(key, &out).then_some(out)
}

fn valid_value(key: u16, value: &[u8]) -> bool {
    match key {
        0 => {
            let keys: Vec<u16> = value.chunks_exact(2).map(|c| u16::from_be_bytes([c[0], c[1]])).collect();
            !value.is_empty() && value.len().is_multiple_of(2) && keys.is_sorted_by(|a, b| a < b) && !keys.contains(&0)
        }
        1 => {
            let mut at = 0;
            while let Some(&len) = value.get(at) {
                if len == 0 {
                    return false;
                }
                at += 1 + usize::from(len);
            }
            at == value.len() && at > 0
        }
        2 | 8 => value.is_empty(),
        3 => value.len() == 2,
        4 => !value.is_empty() && value.len().is_multiple_of(4),
        5 => !value.is_empty(),
        6 => !value.is_empty() && value.len().is_multiple_of(16),
        7 => !value.is_empty() && std::str::from_utf8(value).is_ok(),
        _ => true,
    }
}

fn params(mut wire: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut found = Vec::new();
    while let Some((&[k1, k2, l1, l2], rest)) = wire.split_first_chunk::<4>() {
        let (value, next) = rest.split_at_checked(usize::from(u16::from_be_bytes([l1, l2])))?;
        found.push((u16::from_be_bytes([k1, k2]), value));
        wire = next;
    }
    wire.is_empty().then_some(found)
}

pub(super) fn valid(wire: &[u8], alias: bool) -> bool {
    let Some(params) = params(wire) else { return false };
    let has = |key: u16| params.iter().any(|(k, _)| *k == key);
    let mandatory = params.iter().find(|(k, _)| *k == 0).map(|(_, v)| *v).unwrap_or_default();
    (!alias || params.is_empty())
        && params.is_sorted_by(|a, b| a.0 < b.0)
        && params.iter().all(|(k, v)| valid_value(*k, v))
        && mandatory.chunks_exact(2).all(|c| has(u16::from_be_bytes([c[0], c[1]])))
        // no-default-alpn without alpn makes the record unusable (RFC 9460 §7.1.1).
        && (!has(2) || has(1))
}

pub(super) fn write(wire: &[u8], out: &mut String) {
    for (i, (key, value)) in params(wire).unwrap_or_default().into_iter().enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push_key(key, out);
        match key {
            2 | 8 => {}
            0 => {
                out.push('=');
                for (n, chunk) in value.chunks_exact(2).enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    push_key(u16::from_be_bytes([chunk[0], chunk[1]]), out);
                }
            }
            1 => {
                let mut items = Vec::new();
                let mut rest = value;
                while let Some((&len, after)) = rest.split_first() {
                    let (id, next) = after.split_at_checked(usize::from(len)).unwrap_or((after, &[]));
                    if !items.is_empty() {
                        items.push(b',');
                    }
                    for &byte in id {
                        if matches!(byte, b',' | b'\\') {
                            items.push(b'\\');
                        }
                        items.push(byte);
                    }
                    rest = next;
                }
                out.push('=');
                fields::push_quoted(&items, out);
            }
            3 => {
                let _ = write!(out, "={}", value.iter().fold(0u32, |v, b| v << 8 | u32::from(*b)));
            }
            4 => {
                let all: Vec<String> =
                    value.chunks_exact(4).map(|c| Ipv4Addr::new(c[0], c[1], c[2], c[3]).to_string()).collect();
                let _ = write!(out, "={}", all.join(","));
            }
            5 => {
                out.push('=');
                fields::push_base64(value, out);
            }
            6 => {
                let ip = |c: &[u8]| <[u8; 16]>::try_from(c).map(|o| Ipv6Addr::from(o).to_string()).unwrap_or_default();
                let all: Vec<String> = value.chunks_exact(16).map(ip).collect();
                let _ = write!(out, "={}", all.join(","));
            }
            _ if value.is_empty() => {}
            _ => {
                out.push('=');
                fields::push_quoted(value, out);
            }
        }
    }
}
