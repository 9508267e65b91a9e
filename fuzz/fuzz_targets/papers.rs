//! Any bytes as any of the papers: read without a panic; everything refused has a reason.
#![no_main]

use hostler_core::dns::profile;
use hostler_papers::{Papers, files::PaperFiles};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 9] = [
    "customers.csv", "domains.csv", "dns/named.conf", "dns/zones/example.de", "web/sites-enabled/a.conf", "mail/vmailbox",
    "mail/virtual", "mail/passwd", "mail/usage.tsv",
];

fuzz_target!(|bytes: &[u8]| {
    // The first byte says which paper; an archive takes all.
    let Some((first, rest)) = bytes.split_first() else { return };
    let files = match NAMES.get(usize::from(*first) % 12) {
        Some(name) => {
            let mut files = PaperFiles::default();
            files.all.insert((*name).to_owned(), rest.to_vec());
            files
        }
        None => match PaperFiles::from_archive(rest) {
            Ok(files) => files,
            Err(_) => return,
        },
    };
    let papers = Papers::read(&files, &profile::defaults(), &mut |_, _, _| {});
    assert!(papers.refused.iter().all(|r| !r.reason.is_empty()));
});
