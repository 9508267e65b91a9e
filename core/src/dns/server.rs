//! What a name server needs besides the zone files: the list of zones in its own language.

use crate::names::Name;
use std::fmt::Write as _;

/// A name server's dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    /// BIND 9.18.
    Bind,
    /// NSD 4.6.
    Nsd,
    /// Knot DNS 3.2.
    Knot,
}

impl Flavor {
    /// Name of the file that lists the zones, included by the server's main configuration.
    #[must_use]
    pub fn include_file(self) -> &'static str {
        match self {
            Self::Bind => "zones.named.conf",
            Self::Nsd => "zones.nsd.conf",
            Self::Knot => "zones.knot.conf",
        }
    }

    /// Name of the main configuration that starts the server from the rendered folder.
    #[must_use]
    pub fn main_file(self) -> &'static str {
        match self {
            Self::Bind => "named.conf",
            Self::Nsd => "nsd.conf",
            Self::Knot => "knot.conf",
        }
    }
}

/// The file of a zone: its name in lower case with `.zone` behind it. What is no letter, digit, hyphen, dot or
/// underscore becomes `%XX`, so that no name leaves the folder or hides in it.
#[must_use]
pub fn zone_file(origin: &Name) -> String {
    let mut file = String::new();
    for (i, label) in origin.labels().enumerate() {
        if i > 0 {
            file.push('.');
        }
        for &byte in label {
            match byte.to_ascii_lowercase() {
                b @ (b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') if !(i == 0 && file.is_empty() && b == b'-') => {
                    file.push(char::from(b));
                }
                other => {
                    let _ = write!(file, "%{other:02x}");
                }
            }
        }
    }
    if file.is_empty() {
        file.push_str("%root");
    }
    file.push_str(".zone");
    file
}

/// The zone's name as it may stand in quotes in every dialect; a name that could not is left out by the caller, for
/// such a zone cannot be configured at all.
#[must_use]
pub fn config_name(origin: &Name) -> Option<String> {
    let text = origin.to_string().to_ascii_lowercase();
    let text = if text == "." { text } else { text.trim_end_matches('.').to_owned() };
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b)).then_some(text)
}

/// The include file: every zone once, in the order given, files relative to the folder of zones.
#[must_use]
pub fn include(flavor: Flavor, zones: &[Name]) -> String {
    let mut out = String::with_capacity(zones.len() * 90 + 200);
    out.push_str(match flavor {
        Flavor::Bind => "// Written by Hostler. Changes here are lost with the next run.\n",
        Flavor::Nsd | Flavor::Knot => "# Written by Hostler. Changes here are lost with the next run.\n",
    });
    if flavor == Flavor::Knot && !zones.is_empty() {
        out.push_str("zone:\n");
    }
    for origin in zones {
        let Some(name) = config_name(origin) else { continue };
        let file = zone_file(origin);
        let _ = match flavor {
            Flavor::Bind => writeln!(out, "zone \"{name}\" {{ type primary; file \"zones/{file}\"; }};"),
            Flavor::Nsd => writeln!(out, "zone:\n\tname: \"{name}\"\n\tzonefile: \"zones/{file}\""),
            Flavor::Knot => writeln!(out, "  - domain: \"{name}\"\n    file: \"zones/{file}\""),
        };
    }
    out
}

/// A main configuration that serves the rendered folder as it is: authoritative only, no recursion, no transfers.
/// Paths are relative to the folder, in which the server is started.
#[must_use]
pub fn main_config(flavor: Flavor) -> String {
    let include = flavor.include_file();
    match flavor {
        Flavor::Bind => format!(
            "// Written by Hostler. Start in this folder: named -c named.conf\n\
             // Port, addresses and keys of the machine belong into local.named.conf, which is kept.\n\
             options {{\n\
             \tdirectory \".\";\n\
             \tpid-file \"named.pid\";\n\
             \tsession-keyfile \"session.key\";\n\
             \tlock-file none;\n\
             \trecursion no;\n\
             \tallow-transfer {{ none; }};\n\
             \tnotify no;\n\
             \tdnssec-validation no;\n\
             \tminimal-responses yes;\n\
             \tmasterfile-format text;\n\
             \tinclude \"local.named.conf\";\n\
             }};\n\
             include \"{include}\";\n"
        ),
        Flavor::Nsd => format!(
            "# Written by Hostler. Start in this folder: nsd -c nsd.conf\n\
             # Port, addresses and keys of the machine belong into local.nsd.conf, which is kept.\n\
             server:\n\
             \tusername: \"\"\n\
             \tchroot: \"\"\n\
             \tzonesdir: \"\"\n\
             \tdatabase: \"\"\n\
             \tpidfile: \"nsd.pid\"\n\
             \txfrdfile: \"xfrd.state\"\n\
             \tzonelistfile: \"zone.list\"\n\
             \thide-version: yes\n\
             include: \"local.nsd.conf\"\n\
             include: \"{include}\"\n"
        ),
        Flavor::Knot => format!(
            "# Written by Hostler. Start in this folder: knotd -c knot.conf\n\
             # Port, addresses and keys of the machine belong into local.knot.conf, which is kept.\n\
             include: local.knot.conf\n\
             database:\n    storage: db\n\
             template:\n  - id: default\n    storage: .\n    semantic-checks: on\n    zonefile-load: difference\n    \
             zonefile-sync: -1\n    journal-content: changes\n\
             include: {include}\n"
        ),
    }
}

/// What belongs to the machine and is written only if it is not there: where the server listens.
#[must_use]
pub fn local_config(flavor: Flavor) -> (&'static str, &'static str) {
    match flavor {
        Flavor::Bind => ("local.named.conf", "listen-on port 53 { any; };\nlisten-on-v6 port 53 { any; };\n"),
        Flavor::Nsd => ("local.nsd.conf", "server:\n\tport: 53\nremote-control:\n\tcontrol-enable: no\n"),
        Flavor::Knot => (
            "local.knot.conf",
            "server:\n    rundir: run\n    listen: [ 0.0.0.0@53, ::@53 ]\nlog:\n  - target: stderr\n    any: info\n",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_the_folder() {
        for (name, file) in [
            ("example.de.", "example.de.zone"),
            ("\\.\\./etc.de.", "%2e%2e%2fetc.de.zone"),
            ("0/25.2.0.192.in-addr.arpa.", "0%2f25.2.0.192.in-addr.arpa.zone"),
            ("-x.de.", "%2dx.de.zone"),
            (".", "%root.zone"),
        ] {
            assert_eq!(zone_file(&Name::parse(name, None).unwrap()), file);
        }
        assert_eq!(config_name(&Name::parse("a\\\"b.de.", None).unwrap()), None);
    }

    #[test]
    fn the_list_of_zones_in_each_dialect() {
        let zones = [Name::parse("a.de.", None).unwrap(), Name::parse("b.de.", None).unwrap()];
        for flavor in [Flavor::Bind, Flavor::Nsd, Flavor::Knot] {
            insta::assert_snapshot!(format!("{flavor:?}"), include(flavor, &zones));
        }
    }
}
