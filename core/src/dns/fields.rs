//! The parts of RDATA, from text to octets and back. What a type consists of stands in [`super::rtype`].

use super::{
    RType, Typed,
    lexer::Token,
    loc,
    rdata::{RDataError, Soa},
    rtype::Field,
    svcb, ttl,
};
use crate::names::Name;
use std::{
    fmt::Write as _,
    net::{Ipv4Addr, Ipv6Addr},
};

pub(super) const HEX: &str = "hexadecimal with an even number of digits";

/// A token as it is quoted in an error: short, and without what a terminal would obey.
pub(super) fn shown(token: &Token<'_>) -> String {
    String::from_utf8_lossy(&token.raw).chars().filter(|c| !c.is_control()).take(60).collect()
}

pub(super) fn bad(expected: &'static str, token: &Token<'_>) -> RDataError {
    RDataError::Bad { expected, text: shown(token) }
}

fn expected(field: Field) -> &'static str {
    match field {
        Field::U8 => "a number from 0 to 255",
        Field::U16 => "a number from 0 to 65535",
        Field::U32 => "a number from 0 to 4294967295",
        Field::Seconds => "a time in seconds or with units such as 1h30m",
        Field::Algorithm => "a DNSSEC algorithm",
        Field::Type => "a record type",
        Field::Ip4 => "an IPv4 address",
        Field::Ip6 => "an IPv6 address",
        Field::Name => "a name",
        Field::Text | Field::Texts | Field::LongText => "a text",
        Field::Tag => "a tag of letters and digits (RFC 8659 §4.1)",
        Field::Hex => HEX,
        Field::Base64 => "base 64",
        Field::Loc => "a location (RFC 1876 §3)",
        Field::SvcParams => "a list of parameters (RFC 9460 §2.1)",
    }
}

pub(super) fn encode(layout: &[Field], tokens: &[Token<'_>], origin: Option<&Name>) -> Result<Vec<u8>, RDataError> {
    let mut wire = Vec::with_capacity(32);
    let mut rest = tokens;
    for &field in layout {
        // These take all that is left.
        match field {
            Field::Texts => {
                if rest.is_empty() {
                    return Err(RDataError::Missing(expected(field)));
                }
                for token in rest {
                    push_text(&mut wire, token)?;
                }
                rest = &[];
                continue;
            }
            Field::Hex | Field::Base64 => {
                if rest.is_empty() {
                    return Err(RDataError::Missing(expected(field)));
                }
                blob(field, rest, &mut wire)?;
                rest = &[];
                continue;
            }
            Field::Loc => {
                wire.extend_from_slice(&loc::parse(rest)?);
                rest = &[];
                continue;
            }
            Field::SvcParams => {
                let alias = wire.starts_with(&[0, 0]);
                svcb::parse(rest, alias, &mut wire)?;
                rest = &[];
                continue;
            }
            _ => {}
        }
        let (token, after) = rest.split_first().ok_or(RDataError::Missing(expected(field)))?;
        rest = after;
        encode_one(field, token, origin, &mut wire)?;
    }
    match rest.first() {
        Some(extra) => Err(RDataError::Extra(shown(extra))),
        None => Ok(wire),
    }
}

fn encode_one(field: Field, token: &Token<'_>, origin: Option<&Name>, wire: &mut Vec<u8>) -> Result<(), RDataError> {
    let wrong = || bad(expected(field), token);
    let word = || token.word().ok_or_else(wrong);
    match field {
        Field::U8 => wire.push(number(word()?).ok_or_else(wrong)?),
        Field::U16 => wire.extend_from_slice(&number::<u16>(word()?).ok_or_else(wrong)?.to_be_bytes()),
        Field::U32 => wire.extend_from_slice(&number::<u32>(word()?).ok_or_else(wrong)?.to_be_bytes()),
        Field::Seconds => wire.extend_from_slice(&ttl::parse(&token.raw).ok_or_else(wrong)?.to_be_bytes()),
        Field::Algorithm => wire.push(algorithm(word()?).ok_or_else(wrong)?),
        Field::Type => wire.extend_from_slice(&word()?.parse::<RType>().map_err(|_| wrong())?.0.to_be_bytes()),
        Field::Ip4 => wire.extend_from_slice(&word()?.parse::<Ipv4Addr>().map_err(|_| wrong())?.octets()),
        Field::Ip6 => wire.extend_from_slice(&word()?.parse::<Ipv6Addr>().map_err(|_| wrong())?.octets()),
        Field::Name => {
            if token.quoted {
                return Err(wrong());
            }
            let name = Name::parse_bytes(&token.raw, origin)
                .map_err(|error| RDataError::Name { text: shown(token), error })?;
            wire.extend_from_slice(name.wire());
        }
        Field::Text => push_text(wire, token)?,
        Field::Tag => {
            let tag = word()?;
            match u8::try_from(tag.len()) {
                Ok(len) if len > 0 && tag.bytes().all(|b| b.is_ascii_alphanumeric()) => wire.push(len),
                _ => return Err(wrong()),
            }
            wire.extend_from_slice(tag.as_bytes());
        }
        Field::LongText => wire.extend_from_slice(&decode_text(token)?),
        Field::Texts | Field::Hex | Field::Base64 | Field::Loc | Field::SvcParams => {}
    }
    Ok(())
}

/// Decimal digits only: `+5` and ` 5` are not numbers in a zone.
pub(super) fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn algorithm(text: &str) -> Option<u8> {
    const MNEMONICS: [(&str, u8); 13] = [
        ("RSAMD5", 1),
        ("DH", 2),
        ("DSA", 3),
        ("RSASHA1", 5),
        ("DSA-NSEC3-SHA1", 6),
        ("RSASHA1-NSEC3-SHA1", 7),
        ("RSASHA256", 8),
        ("RSASHA512", 10),
        ("ECC-GOST", 12),
        ("ECDSAP256SHA256", 13),
        ("ECDSAP384SHA384", 14),
        ("ED25519", 15),
        ("ED448", 16),
    ];
    number(text).or_else(|| MNEMONICS.iter().find(|(m, _)| m.eq_ignore_ascii_case(text)).map(|(_, n)| *n))
}

fn push_text(wire: &mut Vec<u8>, token: &Token<'_>) -> Result<(), RDataError> {
    let text = decode_text(token)?;
    wire.push(u8::try_from(text.len()).map_err(|_| RDataError::TextTooLong(text.len()))?);
    wire.extend_from_slice(&text);
    Ok(())
}

/// Resolves `\X` and `\DDD`.
pub(super) fn decode_text(token: &Token<'_>) -> Result<Vec<u8>, RDataError> {
    let mut text = Vec::with_capacity(token.raw.len());
    let mut i = 0;
    while let Some(&byte) = token.raw.get(i) {
        i += 1;
        match byte {
            b'\\' => {
                let after = token.raw.get(i..).unwrap_or_default();
                let (octet, used) = crate::names::unescape(after)
                    .ok_or_else(|| bad("a text with complete escapes (RFC 1035 §5.1)", token))?;
                text.push(octet);
                i += used;
            }
            b'"' if !token.quoted => return Err(bad("a text without a quote inside", token)),
            other => text.push(other),
        }
    }
    Ok(text)
}

fn blob(field: Field, tokens: &[Token<'_>], wire: &mut Vec<u8>) -> Result<(), RDataError> {
    let wrong = || tokens.first().map_or(RDataError::Missing(expected(field)), |t| bad(expected(field), t));
    let joined: Vec<u8> = tokens.iter().flat_map(|t| t.raw.iter().copied()).collect();
    let octets = match field {
        Field::Hex => from_hex(&joined),
        _ => from_base64(&joined),
    };
    wire.extend_from_slice(&octets.filter(|o| !o.is_empty()).ok_or_else(wrong)?);
    Ok(())
}

/// RFC 3597 §5: the length, then hexadecimal in any number of words.
pub(super) fn generic(tokens: &[Token<'_>]) -> Result<Vec<u8>, RDataError> {
    let (len, rest) = tokens.split_first().ok_or(RDataError::Missing("the number of octets"))?;
    let joined: Vec<u8> = rest.iter().flat_map(|t| t.raw.iter().copied()).collect();
    let octets = from_hex(&joined).ok_or_else(|| rest.first().map_or(RDataError::Missing(HEX), |t| bad(HEX, t)))?;
    match len.word().and_then(number::<usize>) {
        Some(count) if count == octets.len() => Ok(octets),
        _ => Err(bad("the number of octets that follow (RFC 3597 §5)", len)),
    }
}

pub(super) fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let pairs = text.chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}

pub(super) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut have) = (0u32, 0u32);
    for &byte in body {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push(u8::try_from(bits >> have & 0xff).ok()?);
        }
    }
    // Bits behind the last octet must be zero, or two texts would mean the same octets.
    (bits & ((1 << have) - 1) == 0).then_some(out)
}

pub(super) fn push_base64(octets: &[u8], out: &mut String) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in octets.chunks(3) {
        let mut bits = 0u32;
        for i in 0..3 {
            bits = bits << 8 | u32::from(chunk.get(i).copied().unwrap_or(0));
        }
        for i in 0..4usize {
            let index = usize::try_from(bits >> (18 - 6 * i) & 63).unwrap_or(0);
            out.push(if i > chunk.len() { '=' } else { char::from(ALPHABET.get(index).copied().unwrap_or(b'A')) });
        }
    }
}

/// How many octets of `wire` the layout takes, if they are valid for it.
pub(super) fn walk(layout: &[Field], wire: &[u8]) -> Option<usize> {
    let mut at = 0;
    for &field in layout {
        at += size(field, wire, at)?;
    }
    Some(at)
}

/// Octets of one field that starts at `at`, if it is all there and valid.
fn size(field: Field, wire: &[u8], at: usize) -> Option<usize> {
    let rest = wire.get(at..)?;
    let fixed = |n: usize| (rest.len() >= n).then_some(n);
    match field {
        Field::U8 | Field::Algorithm => fixed(1),
        Field::U16 => fixed(2),
        Field::Type => {
            let number = u16::from_be_bytes(rest.get(..2)?.try_into().ok()?);
            RType(number).to_string().parse::<RType>().ok().map(|_| 2)
        }
        Field::U32 | Field::Seconds | Field::Ip4 => fixed(4),
        Field::Ip6 => fixed(16),
        Field::Name => Name::from_wire(rest).ok().map(|(_, used)| used),
        Field::Text => fixed(1 + usize::from(*rest.first()?)),
        Field::Texts => {
            let mut used = 0;
            while used < rest.len() {
                used += 1 + usize::from(*rest.get(used)?);
            }
            (used == rest.len() && used > 0).then_some(used)
        }
        Field::Tag => {
            let len = usize::from(*rest.first()?);
            let tag = rest.get(1..=len)?;
            (len > 0 && tag.iter().all(u8::is_ascii_alphanumeric)).then_some(1 + len)
        }
        Field::LongText => Some(rest.len()),
        Field::Hex | Field::Base64 => (!rest.is_empty()).then_some(rest.len()),
        Field::Loc => loc::valid(rest).then_some(16),
        Field::SvcParams => svcb::valid(rest, wire.starts_with(&[0, 0])).then_some(rest.len()),
    }
}

pub(super) fn lower_names(layout: &[Field], wire: &mut [u8]) {
    let mut at = 0;
    for &field in layout {
        let Some(used) = size(field, wire, at) else { return };
        if field == Field::Name
            && let Some(name) = wire.get_mut(at..at + used)
        {
            // Length octets are below 64 and so never letters.
            name.make_ascii_lowercase();
        }
        at += used;
    }
}

pub(super) fn names(layout: &[Field], wire: &[u8]) -> Vec<Name> {
    let (mut at, mut found) = (0, Vec::new());
    for &field in layout {
        let Some(used) = size(field, wire, at) else { break };
        if field == Field::Name
            && let Some(Ok((name, _))) = wire.get(at..).map(Name::from_wire)
        {
            found.push(name);
        }
        at += used;
    }
    found
}

pub(super) fn push_quoted(octets: &[u8], out: &mut String) {
    out.push('"');
    push_escaped(octets, out);
    out.push('"');
}

pub(super) fn push_escaped(octets: &[u8], out: &mut String) {
    for &byte in octets {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            0x20..=0x7e => out.push(char::from(byte)),
            _ => crate::names::push_decimal_escape(out, byte),
        }
    }
}

pub(super) fn push_hex(octets: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in octets {
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0')));
        }
    }
}

pub(super) fn write_generic(wire: &[u8], out: &mut String) {
    let _ = write!(out, "\\# {}", wire.len());
    if !wire.is_empty() {
        out.push(' ');
        push_hex(wire, out);
    }
}

fn be(octets: &[u8]) -> u32 {
    octets.iter().fold(0, |value, b| value << 8 | u32::from(*b))
}

pub(super) fn write(layout: &[Field], wire: &[u8], out: &mut String) {
    let mut at = 0;
    for (i, &field) in layout.iter().enumerate() {
        let used = size(field, wire, at).unwrap_or(0);
        let part = wire.get(at..at + used).unwrap_or_default();
        at += used;
        if i > 0 && !(field == Field::SvcParams && part.is_empty()) {
            out.push(' ');
        }
        match field {
            Field::U8 | Field::U16 | Field::U32 | Field::Seconds | Field::Algorithm => {
                let _ = write!(out, "{}", be(part));
            }
            Field::Type => {
                let _ = write!(out, "{}", RType(u16::try_from(be(part)).unwrap_or(0)));
            }
            Field::Ip4 => {
                let _ = write!(out, "{}", Ipv4Addr::from(be(part)));
            }
            Field::Ip6 => {
                let octets: [u8; 16] = part.try_into().unwrap_or([0; 16]);
                let _ = write!(out, "{}", Ipv6Addr::from(octets));
            }
            Field::Name => {
                if let Ok((name, _)) = Name::from_wire(part) {
                    name.write(out);
                }
            }
            Field::Text | Field::Texts => {
                for (n, string) in strings(part).enumerate() {
                    if n > 0 {
                        out.push(' ');
                    }
                    push_quoted(string, out);
                }
            }
            Field::Tag => out.push_str(&String::from_utf8_lossy(part.get(1..).unwrap_or_default())),
            Field::LongText => push_quoted(part, out),
            Field::Hex => push_hex(part, out),
            Field::Base64 => push_base64(part, out),
            Field::Loc => loc::write(part, out),
            Field::SvcParams => svcb::write(part, out),
        }
    }
}

fn strings(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&len, after) = rest.split_first()?;
        let (string, next) = after.split_at_checked(usize::from(len))?;
        rest = next;
        Some(string)
    })
}

pub(super) fn typed(rtype: RType, wire: &[u8]) -> Option<Typed> {
    let name = |at: usize| Name::from_wire(wire.get(at..)?).ok();
    let u16_at = |at: usize| Some(u16::from_be_bytes(wire.get(at..at + 2)?.try_into().ok()?));
    Some(match rtype {
        RType::A => Typed::A(Ipv4Addr::from(be(wire))),
        RType::AAAA => Typed::Aaaa(Ipv6Addr::from(<[u8; 16]>::try_from(wire).ok()?)),
        RType::NS => Typed::Ns(name(0)?.0),
        RType::CNAME => Typed::Cname(name(0)?.0),
        RType::PTR => Typed::Ptr(name(0)?.0),
        RType::DNAME => Typed::Dname(name(0)?.0),
        RType::MX => Typed::Mx { preference: u16_at(0)?, exchange: name(2)?.0 },
        RType::SRV => Typed::Srv { priority: u16_at(0)?, weight: u16_at(2)?, port: u16_at(4)?, target: name(6)?.0 },
        RType::SOA => {
            let (mname, used) = name(0)?;
            let (rname, more) = name(used)?;
            let at = used + more;
            let u32_at = |n: usize| Some(be(wire.get(at + 4 * n..at + 4 * n + 4)?));
            Typed::Soa(Soa {
                mname,
                rname,
                serial: u32_at(0)?,
                refresh: u32_at(1)?,
                retry: u32_at(2)?,
                expire: u32_at(3)?,
                minimum: u32_at(4)?,
            })
        }
        RType::TXT | RType::SPF => Typed::Txt(strings(wire).map(<[u8]>::to_vec).collect()),
        RType::CAA => {
            let (flags, rest) = wire.split_first()?;
            let (&len, rest) = rest.split_first()?;
            let (tag, value) = rest.split_at_checked(usize::from(len))?;
            Typed::Caa { flags: *flags, tag: String::from_utf8(tag.to_vec()).ok()?, value: value.to_vec() }
        }
        RType::SVCB | RType::HTTPS => Typed::Svcb { priority: u16_at(0)?, target: name(2)?.0 },
        RType::TLSA => match wire {
            [usage, selector, matching, data @ ..] => {
                Typed::Tlsa { usage: *usage, selector: *selector, matching: *matching, data: data.to_vec() }
            }
            _ => return None,
        },
        RType::DS => Typed::Ds {
            tag: u16_at(0)?,
            algorithm: *wire.get(2)?,
            digest_type: *wire.get(3)?,
            digest: wire.get(4..)?.to_vec(),
        },
        _ => Typed::Other,
    })
}
