//! Master files as every name server reads them: one record a line, every name absolute, every text quoted.

use super::{Record, Zone};
use std::fmt::Write as _;

/// One record as a line, without its end.
#[must_use]
pub fn line(record: &Record) -> String {
    let mut text = String::new();
    write_record(record, &mut text);
    text.truncate(text.trim_end().len());
    text
}

/// Writes one record as a line.
pub fn write_record(record: &Record, out: &mut String) {
    record.owner.write(out);
    let _ = write!(out, "\t{}\tIN\t{}\t", record.ttl, record.rtype());
    record.data.write(out);
    out.push('\n');
}

/// Writes the records in the order that they have; see [`canonical`] for the one form.
pub fn write(zone: &Zone, out: &mut String) {
    for record in &zone.records {
        write_record(record, out);
    }
}

/// The zone in its canonical form. The same records give the same bytes, whatever order they came in.
#[must_use]
pub fn canonical(zone: &Zone) -> String {
    let mut sorted = zone.clone();
    sorted.canonicalise();
    let mut out = String::with_capacity(sorted.records.len() * 64);
    write(&sorted, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dns::{RData, RType, parse},
        names::Name,
    };
    use hickory_proto::{
        rr,
        serialize::binary::{BinDecodable, BinDecoder},
    };
    use proptest::prelude::*;

    const SAMPLE: &str = "$TTL 3600\n@ SOA ns1 host\\.master 5 14400 1800 1209600 3600\n@ MX 10 mail\n@ NS ns1\nns1 A 192.0.2.1\n\
        mail A 192.0.2.2\nB CNAME a\na A 192.0.2.4\na A 192.0.2.3\n@ TXT \"v=spf1 mx -all\"\n\
        _dmarc TXT \"v=DMARC1; p=none\"\n@ HTTPS 1 . alpn=h2,h3\nx TYPE65280 \\# 2 abcd\na A 192.0.2.3\n";

    fn origin() -> Name {
        Name::parse("example.de.", None).unwrap()
    }

    #[test]
    fn the_canonical_form() {
        let zone = parse(SAMPLE.as_bytes(), &origin()).unwrap().zone;
        insta::assert_snapshot!(canonical(&zone));
    }

    #[test]
    fn order_and_duplicates_do_not_change_the_bytes() {
        let mut zone = parse(SAMPLE.as_bytes(), &origin()).unwrap().zone;
        let first = canonical(&zone);
        zone.records.reverse();
        assert_eq!(canonical(&zone), first);
        assert_eq!(canonical(&parse(first.as_bytes(), &origin()).unwrap().zone), first);
    }

    #[test]
    fn hickory_reads_the_same_records_from_our_octets() {
        let zone = parse(SAMPLE.as_bytes(), &origin()).unwrap().zone;
        for record in &zone.records {
            let mut message = record.owner.wire().to_vec();
            message.extend_from_slice(&record.rtype().0.to_be_bytes());
            message.extend_from_slice(&1u16.to_be_bytes());
            message.extend_from_slice(&record.ttl.to_be_bytes());
            message.extend_from_slice(&u16::try_from(record.data.wire().len()).unwrap().to_be_bytes());
            message.extend_from_slice(record.data.wire());
            let read = rr::Record::<rr::RData>::read(&mut BinDecoder::new(&message)).unwrap();
            assert_eq!(read.name.to_ascii().to_lowercase(), record.owner.to_string().to_lowercase());
            assert_eq!(read.ttl, record.ttl);
            assert_eq!(u16::from(read.record_type()), record.rtype().0);
            if record.rtype() == RType::MX {
                assert_eq!(read.data.to_string(), record.data.to_string());
            }
        }
    }

    fn any_record() -> impl Strategy<Value = Record> {
        let data = (0..RType::KNOWN.len(), prop::collection::vec(any::<u8>(), 0..60))
            .prop_filter_map("valid data", |(i, wire)| RData::from_wire(RType::KNOWN[i], &wire).ok());
        let texts = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 1..3).prop_map(|strings| {
            let wire: Vec<u8> =
                strings.iter().flat_map(|s| [&[u8::try_from(s.len()).unwrap()], &s[..]].concat()).collect();
            RData::from_wire(RType::TXT, &wire).unwrap()
        });
        let owner = prop::collection::vec(1u8..128, 1..20).prop_map(|label| {
            let mut wire = vec![u8::try_from(label.len()).unwrap()];
            wire.extend_from_slice(&label);
            wire.extend_from_slice(origin().wire());
            Name::from_wire(&wire).unwrap().0
        });
        (owner, 0u32..0x7fff_ffff, prop_oneof![data, texts]).prop_map(|(owner, ttl, data)| Record { owner, ttl, data })
    }

    proptest! {
        #[test]
        fn any_zone_is_read_back_as_it_was(records in prop::collection::vec(any_record(), 0..12)) {
            let mut zone = Zone { origin: origin(), records };
            let text = canonical(&zone);
            zone.canonicalise();
            let again = parse(text.as_bytes(), &origin()).map_err(|e| TestCaseError::fail(format!("{e:?}\n{text}")))?;
            prop_assert_eq!(again.zone.records, zone.records);
        }
    }
}
