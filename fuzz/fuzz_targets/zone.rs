//! Any text: read without a panic; what is read is judged without a panic and written so that it reads back the same.
#![no_main]

use hostler_core::{
    dns::{lint, parse, profile, writer},
    names::Name,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(origin) = Name::parse("example.de.", None) else { return };
    let Ok(parsed) = parse(text, &origin) else { return };
    let _ = lint::lint_parsed(&parsed, &profile::defaults());
    let mut zone = parsed.zone;
    let written = writer::canonical(&zone);
    zone.canonicalise();
    match parse(written.as_bytes(), &origin) {
        Ok(again) => assert_eq!(again.zone.records, zone.records),
        Err(errors) => panic!("{errors:?}\n{written}"),
    }
});
