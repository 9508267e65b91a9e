//! Master files (RFC 1035 §5, RFC 2308 §4, BIND's `$GENERATE`) into zones.

use super::{
    RData, RDataError, RType, Record, Typed, Zone, generate,
    lexer::{Entry, LexError, Lexer, Token},
    ttl,
};
use crate::names::{Name, NameError};
use std::borrow::Cow;

/// Most octets of zone text that are read; the largest zone of a small provider has some hundred kilobytes.
pub const MAX_TEXT: usize = 16 << 20;
/// Most records a zone may have, `$GENERATE` included.
pub const MAX_RECORDS: usize = 200_000;
/// Most records that all `$GENERATE` of a zone may make: a /16 of reverse names. A line costs its writer nothing.
pub const MAX_GENERATE: u64 = 65_536;
/// Errors listed before reading stops: a file that is no zone at all says so once, not a million times.
const MAX_ERRORS: usize = 100;

/// An error with its line, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ParseError {
    /// The line.
    pub line: u32,
    /// What is wrong there.
    pub reason: Reason,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Cannot be cut into words.
    #[error("{0}")]
    Lex(#[from] LexError),
    /// The record's data is wrong.
    #[error("{rtype}: {error}")]
    Data {
        /// The record type.
        rtype: RType,
        /// What is wrong with the data.
        error: RDataError,
    },
    /// A name is wrong.
    #[error("`{text}`: {error}")]
    Name {
        /// What stands there.
        text: String,
        /// Why it is no name.
        error: NameError,
    },
    /// The first record has no owner to inherit.
    #[error("the line has no owner name and there is none before it")]
    NoOwner,
    /// No record type on the line.
    #[error("the line has no record type")]
    NoType,
    /// A word that is no type.
    #[error("`{0}` is not a record type")]
    UnknownType(String),
    /// A class other than IN.
    #[error("class {0} is not served here, only IN")]
    Class(String),
    /// No TTL anywhere.
    #[error("the record has no TTL and there is neither a $TTL nor a TTL before it (RFC 1035 §5.1, RFC 2308 §4)")]
    NoTtl,
    /// RFC 2181 §8.
    #[error("the TTL {0} is over 2147483647 (RFC 2181 §8)")]
    TtlTooLarge(u32),
    /// Files of the machine are none of a zone's business.
    #[error("$INCLUDE is refused: a zone must stand on its own")]
    Include,
    /// A directive that no server knows.
    #[error("the directive {0} is unknown")]
    Directive(String),
    /// A directive with wrong words behind it.
    #[error("{directive} expects {expected}")]
    DirectiveUse {
        /// The directive.
        directive: &'static str,
        /// What must follow it.
        expected: &'static str,
    },
    /// A range beyond [`MAX_GENERATE`].
    #[error("$GENERATE would make {0} records, at most 65536 are allowed")]
    GenerateTooLarge(u64),
    /// Text beyond [`MAX_TEXT`].
    #[error("the zone has {0} octets, at most 16777216 are read")]
    TextTooLarge(usize),
    /// Data beyond [`MAX_TEXT`].
    #[error("the zone's records have more than 16777216 octets")]
    TooMuchData,
    /// Records beyond [`MAX_RECORDS`].
    #[error("the zone has more than 200000 records")]
    TooManyRecords,
}

/// What was read.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The zone, records in the order of the file.
    pub zone: Zone,
    /// The line of each record.
    pub lines: Vec<u32>,
    /// Lines on which an unquoted `;` cut a text off.
    pub cut: Vec<u32>,
    /// Lines whose record said its TTL itself.
    pub warnings: Vec<(u32, Warning)>,
}

/// Something that was read although it may not mean what its author thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// TTL taken from the record before (RFC 1035) or the SOA minimum, as there is no `$TTL`.
    ImplicitTtl,
}

struct Parser {
    octets: usize,
    /// Records that `$GENERATE` made or would make.
    generated: u64,
    origin: Name,
    owner: Option<Name>,
    default_ttl: Option<u32>,
    last_ttl: Option<u32>,
    parsed: Parsed,
}

/// Reads a master file of the zone `origin`.
///
/// # Errors
/// Every line that could not be read, with the reason; nothing is returned of a zone that has one.
pub fn parse(text: &[u8], origin: &Name) -> Result<Parsed, Vec<ParseError>> {
    if text.len() > MAX_TEXT {
        return Err(vec![ParseError { line: 1, reason: Reason::TextTooLarge(text.len()) }]);
    }
    parse_own(text, origin)
}

/// As [`parse`] without the bound on the text: what was within it once may be longer in its canonical form.
///
/// # Errors
/// As [`parse`].
pub fn parse_own(text: &[u8], origin: &Name) -> Result<Parsed, Vec<ParseError>> {
    let mut parser = Parser {
        octets: 0,
        generated: 0,
        origin: origin.clone(),
        owner: None,
        default_ttl: None,
        last_ttl: None,
        parsed: Parsed {
            zone: Zone { origin: origin.clone(), records: Vec::with_capacity(text.len() / 40) },
            lines: Vec::new(),
            cut: Vec::new(),
            warnings: Vec::new(),
        },
    };
    let mut errors = Vec::new();
    for entry in Lexer::new(text) {
        let result = match entry {
            Ok(entry) => parser.entry(&entry).map_err(|reason| ParseError { line: entry.line, reason }),
            Err((line, error)) => Err(ParseError { line, reason: error.into() }),
        };
        if let Err(error) = result {
            let fatal = matches!(error.reason, Reason::TooManyRecords | Reason::TooMuchData);
            errors.push(error);
            if fatal || errors.len() >= MAX_ERRORS {
                break;
            }
        }
    }
    if errors.is_empty() { Ok(parser.parsed) } else { Err(errors) }
}

impl Parser {
    fn entry(&mut self, entry: &Entry<'_>) -> Result<(), Reason> {
        let Some(first) = entry.tokens.first() else { return Ok(()) };
        if !entry.inherits_owner && !first.quoted && first.raw.starts_with(b"$") {
            return self.directive(entry, first);
        }
        let mut tokens = entry.tokens.as_slice();
        if !entry.inherits_owner {
            self.owner = Some(self.name(first)?);
            tokens = tokens.get(1..).unwrap_or_default();
        }
        let owner = self.owner.clone().ok_or(Reason::NoOwner)?;
        let (ttl, rtype, tokens) = head(tokens)?;
        let record = self.record(entry.line, owner, ttl, rtype, tokens)?;
        if let (Some(line), Typed::Txt(_)) = (entry.cut, record.data.typed()) {
            self.parsed.cut.push(line);
        }
        self.push(entry.line, record)
    }

    fn push(&mut self, line: u32, record: Record) -> Result<(), Reason> {
        if self.parsed.zone.records.len() >= MAX_RECORDS {
            return Err(Reason::TooManyRecords);
        }
        // `$GENERATE` makes much of little: the bound is on what comes out of it.
        self.octets += record.owner.wire().len() + record.data.wire().len();
        if self.octets > MAX_TEXT {
            return Err(Reason::TooMuchData);
        }
        self.parsed.zone.records.push(record);
        self.parsed.lines.push(line);
        Ok(())
    }

    fn name(&self, token: &Token<'_>) -> Result<Name, Reason> {
        Name::parse_bytes(&token.raw, Some(&self.origin))
            .map_err(|error| Reason::Name { text: super::fields::shown(token), error })
    }

    fn record(
        &mut self,
        line: u32,
        owner: Name,
        ttl: Option<u32>,
        rtype: RType,
        tokens: &[Token<'_>],
    ) -> Result<Record, Reason> {
        let data =
            RData::from_tokens(rtype, tokens, Some(&self.origin)).map_err(|error| Reason::Data { rtype, error })?;
        let ttl = match (ttl, self.default_ttl, self.last_ttl) {
            (Some(own), _, _) => own,
            (None, Some(default), _) => default,
            (None, None, Some(last)) => {
                self.parsed.warnings.push((line, Warning::ImplicitTtl));
                last
            }
            (None, None, None) => match data.typed() {
                Typed::Soa(soa) => {
                    self.parsed.warnings.push((line, Warning::ImplicitTtl));
                    self.default_ttl = Some(soa.minimum);
                    soa.minimum
                }
                _ => return Err(Reason::NoTtl),
            },
        };
        if ttl > ttl::MAX_TTL {
            return Err(Reason::TtlTooLarge(ttl));
        }
        self.last_ttl = Some(ttl);
        Ok(Record { owner, ttl, data })
    }

    fn directive(&mut self, entry: &Entry<'_>, first: &Token<'_>) -> Result<(), Reason> {
        let name = String::from_utf8_lossy(&first.raw).to_ascii_uppercase();
        let rest = entry.tokens.get(1..).unwrap_or_default();
        match name.as_str() {
            "$ORIGIN" => match rest {
                [token] => {
                    self.origin = self.name(token)?;
                    Ok(())
                }
                _ => Err(Reason::DirectiveUse { directive: "$ORIGIN", expected: "one name" }),
            },
            "$TTL" => {
                let wrong = Reason::DirectiveUse { directive: "$TTL", expected: "a time such as 3600 or 1h" };
                let [token] = rest else { return Err(wrong) };
                let ttl = ttl::parse(&token.raw).ok_or(wrong)?;
                if ttl > ttl::MAX_TTL {
                    return Err(Reason::TtlTooLarge(ttl));
                }
                self.default_ttl = Some(ttl);
                Ok(())
            }
            "$INCLUDE" => Err(Reason::Include),
            "$GENERATE" => self.generate(entry.line, rest),
            _ => Err(Reason::Directive(super::fields::shown(first))),
        }
    }

    /// `$GENERATE start-stop[/step] lhs [ttl] [class] type rhs`, as BIND's manual has it.
    fn generate(&mut self, line: u32, tokens: &[Token<'_>]) -> Result<(), Reason> {
        const WRONG: Reason =
            Reason::DirectiveUse { directive: "$GENERATE", expected: "start-stop[/step] name [ttl] [IN] type value" };
        let [range, lhs, rest @ ..] = tokens else { return Err(WRONG) };
        let (start, stop, step) = range.word().and_then(generate::parse_range).ok_or(WRONG)?;
        let count = (stop - start) / step + 1;
        self.generated = self.generated.saturating_add(count);
        if self.generated > MAX_GENERATE {
            return Err(Reason::GenerateTooLarge(self.generated));
        }
        let (ttl, rtype, values) = head(rest)?;
        let mut value = start;
        while value <= stop {
            let expand = |token: &Token<'_>| -> Result<Token<'static>, Reason> {
                let raw = generate::expand(&token.raw, value).ok_or(WRONG)?;
                Ok(Token { raw: Cow::Owned(raw), quoted: token.quoted })
            };
            let owner = self.name(&expand(lhs)?)?;
            let words = values.iter().map(&expand).collect::<Result<Vec<_>, _>>()?;
            // A quoted value is the whole value in BIND's eyes, to be cut into words itself.
            let inner = match words.as_slice() {
                [only] if only.quoted => Lexer::new(&only.raw).next().transpose().map_err(|(_, error)| error)?,
                _ => None,
            };
            let words = inner.as_ref().map_or(words.as_slice(), |entry| entry.tokens.as_slice());
            let record = self.record(line, owner, ttl, rtype, words)?;
            self.push(line, record)?;
            value += step;
        }
        Ok(())
    }
}

/// TTL and class in either order, then the type; the words left are its data.
fn head<'t, 'a>(tokens: &'t [Token<'a>]) -> Result<(Option<u32>, RType, &'t [Token<'a>]), Reason> {
    let (mut ttl, mut class) = (None, false);
    let mut rest = tokens;
    loop {
        let (token, after) = rest.split_first().ok_or(Reason::NoType)?;
        let word = token.word().ok_or_else(|| Reason::UnknownType(super::fields::shown(token)))?;
        rest = after;
        if ttl.is_none()
            && word.starts_with(|c: char| c.is_ascii_digit())
            && let Some(seconds) = ttl::parse(word.as_bytes())
        {
            ttl = Some(seconds);
        } else if !class && (word.eq_ignore_ascii_case("IN") || word.eq_ignore_ascii_case("CLASS1")) {
            class = true;
        } else if !class && ["CH", "HS", "CS", "NONE", "ANY"].iter().any(|c| word.eq_ignore_ascii_case(c)) {
            return Err(Reason::Class(word.to_ascii_uppercase()));
        } else {
            let rtype = word.parse().map_err(|_| Reason::UnknownType(super::fields::shown(token)))?;
            return Ok((ttl, rtype, rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn origin() -> Name {
        Name::parse("example.de.", None).unwrap()
    }

    fn lines(text: &str) -> Vec<String> {
        let parsed = parse(text.as_bytes(), &origin()).unwrap();
        parsed.zone.records.iter().map(|r| format!("{} {} {} {}", r.owner, r.ttl, r.rtype(), r.data)).collect()
    }

    fn errors(text: &str) -> Vec<String> {
        parse(text.as_bytes(), &origin()).unwrap_err().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_zone_as_people_write_it() {
        assert_eq!(
            lines(
                "$ttl 1h30m\n@ IN SOA ns1 hostmaster (\n  2026112201 ; serial\n  3h 1h 4w 1h )\n\tNS ns1\n  IN 60 NS ns2.other.\n\
                 www 300 ( A ; web\n 192.0.2.1 )\n$ORIGIN sub\nw CNAME @\n$ORIGIN example.de.\nmail\tIN\tA 192.0.2.2\n"
            ),
            [
                "example.de. 5400 SOA ns1.example.de. hostmaster.example.de. 2026112201 10800 3600 2419200 3600",
                "example.de. 5400 NS ns1.example.de.",
                "example.de. 60 NS ns2.other.",
                "www.example.de. 300 A 192.0.2.1",
                "w.sub.example.de. 5400 CNAME sub.example.de.",
                "mail.example.de. 5400 A 192.0.2.2",
            ]
        );
    }

    #[test]
    fn a_dkim_key_over_several_lines_keeps_its_strings() {
        assert_eq!(
            lines("$TTL 60\ns._domainkey TXT ( \"v=DKIM1; k=rsa; \"\n \"p=abc\" )"),
            [r#"s._domainkey.example.de. 60 TXT "v=DKIM1; k=rsa; " "p=abc""#]
        );
    }

    #[test]
    fn a_ttl_comes_from_the_record_the_directive_the_one_before_or_the_soa() {
        let ttls = |text: &str| -> Vec<u32> {
            parse(text.as_bytes(), &origin()).unwrap().zone.records.iter().map(|r| r.ttl).collect()
        };
        assert_eq!(ttls("@ SOA ns1 h 1 2 3 4 77\na A 192.0.2.1\nb 5 A 192.0.2.1\nc A 192.0.2.3"), [77, 77, 5, 77]);
        assert_eq!(ttls("a 9 A 192.0.2.1\nb A 192.0.2.1\n$TTL 1m\nc A 192.0.2.3"), [9, 9, 60]);
    }

    #[test]
    fn generate_counts_within_bounds() {
        assert_eq!(
            lines("$TTL 60\n$GENERATE 1-5/2 host${0,3,d} A 192.0.2.$"),
            [
                "host001.example.de. 60 A 192.0.2.1",
                "host003.example.de. 60 A 192.0.2.3",
                "host005.example.de. 60 A 192.0.2.5"
            ]
        );
        assert_eq!(lines("$TTL 60\n$GENERATE 1-1 m$ MX \"10 ns$\""), ["m1.example.de. 60 MX 10 ns1.example.de."]);
        assert_eq!(lines("$TTL 60\n$GENERATE 1-1 t$ TXT \"a b\""), ["t1.example.de. 60 TXT \"a\" \"b\""]);
        assert_eq!(lines("$TTL 60\n$GENERATE 10-10 ${0,3,n} PTR p$$.x."), ["a.0.example.de. 60 PTR p\\$.x."]);
        assert_eq!(
            errors("$GENERATE 0-2147483647 a$ 60 A 192.0.2.1"),
            ["line 1: $GENERATE would make 2147483648 records, at most 65536 are allowed"]
        );
        let twice = "$GENERATE 1-40000 a$ 60 A 192.0.2.1\n$GENERATE 1-40000 b$ 60 A 192.0.2.1";
        assert_eq!(
            errors(twice),
            ["line 2: $GENERATE would make 80000 records, at most 65536 are allowed"],
            "over all lines"
        );
        for bad in [
            "$GENERATE 5-1 a A 192.0.2.1",
            "$GENERATE 1-2/0 a$ 60 A 192.0.2.1",
            "$GENERATE 1-2 a${0,99} 60 A 192.0.2.1",
            "$GENERATE",
        ] {
            assert!(parse(bad.as_bytes(), &origin()).is_err(), "{bad}");
        }
    }

    #[test]
    fn generate_cannot_make_gigabytes() {
        let line = format!("$TTL 60\n$GENERATE 0-65535 x$ TXT {}", format!("\"{}\" ", "y".repeat(255)).repeat(20));
        assert_eq!(errors(&line), ["line 2: the zone's records have more than 16777216 octets"]);
    }

    #[test]
    fn every_error_names_its_line_and_reading_goes_on() {
        assert_eq!(
            errors(
                "$TTL 60\na A 1.2.3\n$INCLUDE /etc/passwd\nb FOO x\nc CH A 1.2.3.4\nd 4294967295 A 192.0.2.1\n$FOO\ne\n\"f"
            ),
            [
                "line 2: A: `1.2.3` is not an IPv4 address",
                "line 3: $INCLUDE is refused: a zone must stand on its own",
                "line 4: `FOO` is not a record type",
                "line 5: class CH is not served here, only IN",
                "line 6: the TTL 4294967295 is over 2147483647 (RFC 2181 §8)",
                "line 7: the directive $FOO is unknown",
                "line 8: the line has no record type",
                "line 9: a quoted text is not closed before the end of the line",
            ]
        );
        assert_eq!(
            errors("a A 192.0.2.1"),
            [
                "line 1: the record has no TTL and there is neither a $TTL nor a TTL before it (RFC 1035 §5.1, RFC 2308 §4)"
            ]
        );
    }

    #[test]
    fn what_a_semicolon_cut_off_is_reported() {
        let parsed = parse(b"$TTL 60\nk TXT v=DKIM1; p=abc\nm A 192.0.2.1;c\n", &origin()).unwrap();
        assert_eq!(parsed.cut, [2]);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&text, &origin());
        }
    }
}
