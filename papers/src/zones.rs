//! `dns/named.conf` with `dns/zones/*`.

use super::{Papers, Sourced, files::PaperFiles, named_conf, refusal, text};
use hostler_core::papers::PaperZone;
use hostler_core::{
    dns::{self, lint, profile::RegistryProfile, server::config_name},
    names::Name,
};
use std::collections::{BTreeSet, HashMap};

const FOLDER: &str = "dns/zones/";
/// Records in all zones of one import.
const MAX_ALL_RECORDS: usize = 1_000_000;

/// Reads a zone file: the row, or the line and reason why it cannot be read.
///
/// # Errors
/// The line of the first error, and it with the number of all.
fn read_zone(origin: &Name, bytes: &[u8], profiles: &[RegistryProfile]) -> Result<PaperZone, (u32, String)> {
    let parsed = dns::parse(bytes, origin).map_err(|errors| {
        let more = if errors.len() > 1 { format!(" (and {} more errors)", errors.len() - 1) } else { String::new() };
        errors.first().map_or((1, String::new()), |e| (e.line, format!("{}{more}", e.reason)))
    })?;
    let findings = lint::lint_parsed(&parsed, profiles);
    let errors = findings.iter().filter(|f| f.rule.severity() == lint::Severity::Error).count();
    let mut zone = parsed.zone;
    zone.canonicalise();
    let publish = lint::loadable(&findings).then(|| Some((zone.serial()?.0, dns::writer::canonical(&zone)))).flatten();
    Ok(PaperZone {
        name: origin.to_string().trim_end_matches('.').to_ascii_lowercase(),
        zone,
        errors: i32::try_from(errors).unwrap_or(i32::MAX),
        warnings: i32::try_from(findings.len() - errors).unwrap_or(i32::MAX),
        publish,
    })
}

pub(super) fn read(files: &PaperFiles, profiles: &[RegistryProfile], papers: &mut Papers, step: &mut dyn FnMut(usize)) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut seen: HashMap<String, String> = HashMap::new();
    let mut total = 0;
    let by_base: HashMap<String, &str> =
        files.under(FOLDER).map(|(name, _)| (base(name).to_ascii_lowercase(), name)).collect();
    for (conf, bytes) in files.named_confs() {
        let statements = match named_conf::read(bytes) {
            Ok(statements) => statements,
            Err((line, reason)) => {
                papers.refused.push(refusal(conf, Some(line), reason, bytes));
                continue;
            }
        };
        for (line, path) in named_conf::includes(bytes) {
            let there = files.named_confs().any(|(name, _)| base(name) == base(&path));
            if !there && !path.ends_with("named.conf.options") && !path.ends_with(".key") && !path.ends_with(".keys") {
                let reason = format!(
                    "the included file {} is not among the papers; zones in it are missing",
                    text::shown(&path)
                );
                papers.refused.push(refusal(conf, Some(line), reason, path.as_bytes()));
            }
        }
        for statement in statements {
            // The root's hints are the resolver's business.
            if statement.kind == "hint" {
                continue;
            }
            let raw = format!(
                "zone \"{}\" {{ type {}; file \"{}\"; }};\n",
                statement.name,
                statement.kind,
                statement.file.as_deref().unwrap_or("")
            );
            let mut refuse =
                |reason: String| papers.refused.push(refusal(conf, Some(statement.line), reason, raw.as_bytes()));
            let shown = text::shown(&statement.name);
            let file = statement.file.as_deref().and_then(|f| by_base.get(&base(f).to_ascii_lowercase()).copied());
            if let Some(file) = file {
                used.insert(file.to_owned());
            }
            if matches!(statement.kind.as_str(), "forward" | "static-stub" | "stub" | "redirect" | "mirror") {
                refuse(format!("the zone {shown} is of type {}: it has no data of its own", statement.kind));
                continue;
            }
            if !statement.public {
                refuse(format!(
                    "the zone {shown} stands in a view that not everybody may ask; take it over by hand if everybody shall"
                ));
                continue;
            }
            if !statement.class_in {
                refuse(format!("the zone {shown} is not of class IN"));
                continue;
            }
            if matches!(statement.kind.as_str(), "slave" | "secondary") {
                refuse(format!("the zone {shown} is a secondary: its data is at its primary"));
                continue;
            }
            let Some(file) = file else {
                refuse(match &statement.file {
                    Some(name) => format!("the file {} of the zone {shown} is not in dns/zones/", text::shown(name)),
                    None => format!("the zone {shown} names no file"),
                });
                continue;
            };
            let Some(origin) = origin(&statement.name) else {
                refuse(format!("`{shown}` is not a zone's name"));
                continue;
            };
            let here = format!("{conf} line {}", statement.line);
            add(files, profiles, papers, (&mut seen, &mut total), origin, file, &here);
            step(seen.len());
        }
    }
    let listed = files.named_confs().next().is_some();
    for (file, bytes) in files.under(FOLDER) {
        if used.contains(file) {
            continue;
        }
        if listed {
            papers.refused.push(refusal(file, None, "no zone in named.conf has this file", bytes));
            continue;
        }
        // Without named.conf the name of the file is the name of the zone.
        match origin(zone_of_file(file)) {
            Some(origin) => add(files, profiles, papers, (&mut seen, &mut total), origin, file, file),
            None => papers.refused.push(refusal(
                file,
                None,
                "the file's name is not a zone's name, and there is no named.conf",
                bytes,
            )),
        }
        step(seen.len());
    }
}

fn add(
    files: &PaperFiles,
    profiles: &[RegistryProfile],
    papers: &mut Papers,
    (seen, total): (&mut HashMap<String, String>, &mut usize),
    origin: Name,
    file: &str,
    here: &str,
) {
    let bytes = files.get(file).unwrap_or_default();
    // One file may be named for many zones: the bound is on what comes of all of them.
    if *total > MAX_ALL_RECORDS {
        papers.refused.push(refusal(file, None, "the papers have more than 1000000 records in all", b""));
        return;
    }
    match read_zone(&origin, bytes, profiles) {
        Ok(zone) => {
            if let Some(first) = seen.get(&zone.name) {
                papers.refused.push(refusal(
                    file,
                    None,
                    format!("the zone {} stands already in {first}", zone.name),
                    bytes,
                ));
                return;
            }
            *total += zone.zone.records.len();
            seen.insert(zone.name.clone(), here.to_owned());
            papers.zones.push(Sourced { row: zone, file: file.to_owned(), line: 1 });
        }
        Err((line, reason)) => papers.refused.push(refusal(file, Some(line), reason, bytes)),
    }
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn zone_of_file(file: &str) -> &str {
    let name = base(file);
    let name = name.strip_prefix("db.").unwrap_or(name);
    [".db", ".zone", ".hosts", ".txt"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// A zone's name that every server's configuration can carry. The root is nobody's to host.
fn origin(text: &str) -> Option<Name> {
    let name = Name::parse(&format!("{}.", text.trim_end_matches('.')), None).ok()?;
    let fine = name.depth() > 0 && config_name(&name).is_some();
    fine.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hostler_core::dns::profile;

    const GOOD: &str = "$TTL 60\n@ SOA ns1.h.de. h.h.de. 7 14400 1800 1209600 3600\n@ NS ns1.h.de.\n";

    fn read_files(list: &[(&str, &str)]) -> Papers {
        let mut files = PaperFiles::default();
        files.all.extend(list.iter().map(|(n, b)| ((*n).to_owned(), b.as_bytes().to_vec())));
        let mut papers = Papers::default();
        read(&files, &profile::defaults(), &mut papers, &mut |_| {});
        papers
    }

    #[test]
    fn zones_come_from_the_files_that_named_conf_names() {
        let papers = read_files(&[
            (
                "dns/named.conf",
                "zone \"A.de\" { type master; file \"/etc/bind/a.db\"; };\nzone \"b.de\" { type master; file \"gone\"; };\n\
              zone \"c.de\" { type slave; file \"c\"; };\nzone \"d.de\" { type master; file \"d\"; };\nzone \"../x\" { type master; file \"a.db\"; };\n\
              zone \".\" { type hint; file \"root\"; };\nzone \"a.de.\" { type master; file \"d2\"; };",
            ),
            ("dns/zones/a.db", GOOD),
            ("dns/zones/d", "$INCLUDE /etc/passwd\nx y z\n"),
            ("dns/zones/d2", GOOD),
            ("dns/zones/stray", GOOD),
        ]);
        assert_eq!(
            papers.zones.iter().map(|z| (z.row.name.as_str(), z.row.publish.as_ref().unwrap().0)).collect::<Vec<_>>(),
            [("a.de", 7)]
        );
        let told: Vec<_> =
            papers.refused.iter().map(|r| format!("{}:{} {}", r.file, r.line.unwrap_or(0), r.reason)).collect();
        assert_eq!(
            told,
            [
                "dns/named.conf:2 the file gone of the zone b.de is not in dns/zones/",
                "dns/named.conf:3 the zone c.de is a secondary: its data is at its primary",
                "dns/zones/d:1 $INCLUDE is refused: a zone must stand on its own (and 1 more errors)",
                "dns/named.conf:5 `../x` is not a zone's name",
                "dns/zones/d2:0 the zone a.de stands already in dns/named.conf line 1",
                "dns/zones/stray:0 no zone in named.conf has this file",
            ]
        );
    }

    #[test]
    fn without_named_conf_the_file_names_the_zone() {
        let papers = read_files(&[("dns/zones/db.müller.de", GOOD), ("dns/zones/b.de.zone", "@ NS x")]);
        assert_eq!(papers.zones[0].row.name, "xn--mller-kva.de");
        assert_eq!(papers.refused.len(), 1);
    }
}
