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
    // A file's name has 255 octets, `.new.` before it included; a zone's may have more.
    if file.len() > 200 {
        let hash =
            file.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        file.truncate(180);
        let _ = write!(file, "~{hash:016x}");
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

/// A main configuration that serves the rendered folder, whose absolute path is `dir`: authoritative only, no
/// recursion, no transfers. The caller has seen to it that the path holds no quote and no line break.
#[must_use]
pub fn main_config(flavor: Flavor, dir: &str) -> String {
    let include = flavor.include_file();
    let (local, _) = local_config(flavor, dir, None);
    match flavor {
        Flavor::Bind => format!(
            "// Written by Hostler. Ports, addresses and keys of the machine belong into {local}, which is kept.\n\
             options {{\n\
             \tdirectory \"{dir}\";\n\
             \tpid-file \"{dir}/run/named.pid\";\n\
             \tsession-keyfile \"{dir}/run/session.key\";\n\
             \tlock-file none;\n\
             \trecursion no;\n\
             \tallow-transfer {{ none; }};\n\
             \tnotify no;\n\
             \tdnssec-validation no;\n\
             \tminimal-responses yes;\n\
             \tcheck-names primary warn;\n\
             \tmax-records-per-type 0;\n\
             \tmax-types-per-name 0;\n\
             \tinclude \"{dir}/{local}\";\n\
             }};\n\
             include \"{dir}/{include}\";\n"
        ),
        Flavor::Nsd => format!(
            "# Written by Hostler. Ports, addresses and keys of the machine belong into {local}, which is kept.\n\
             server:\n\
             \tusername: \"\"\n\
             \tchroot: \"\"\n\
             \tzonesdir: \"{dir}\"\n\
             \tdatabase: \"\"\n\
             \tpidfile: \"{dir}/run/nsd.pid\"\n\
             \txfrdfile: \"{dir}/run/xfrd.state\"\n\
             \tzonelistfile: \"{dir}/run/zone.list\"\n\
             \txfrdir: \"{dir}/run\"\n\
             \thide-version: yes\n\
             include: \"{dir}/{local}\"\n\
             include: \"{dir}/{include}\"\n"
        ),
        Flavor::Knot => format!(
            "# Written by Hostler. Ports, addresses and keys of the machine belong into {local}, which is kept.\n\
             include: \"{dir}/{local}\"\n\
             database:\n    storage: \"{dir}/db\"\n\
             template:\n  - id: default\n    storage: \"{dir}\"\n    semantic-checks: on\n    zonefile-load: difference\n    \
             zonefile-sync: -1\n    journal-content: changes\n\
             include: \"{dir}/{include}\"\n"
        ),
    }
}

/// What belongs to the machine and is written only if it is not there: the file's name, and where the server listens.
#[must_use]
pub fn local_config(flavor: Flavor, dir: &str, listen: Option<std::net::SocketAddr>) -> (&'static str, String) {
    match flavor {
        Flavor::Bind => {
            let text = listen.map_or_else(
                || "// listen-on port 53 { any; };\n".to_owned(),
                |a| format!("listen-on port {} {{ {}; }};\nlisten-on-v6 {{ none; }};\n", a.port(), a.ip()),
            );
            ("local.named.conf", text)
        }
        Flavor::Nsd => {
            let listen = listen.map_or_else(
                || "\t# ip-address: 192.0.2.1\n".to_owned(),
                |a| format!("\tip-address: {}@{}\n", a.ip(), a.port()),
            );
            ("local.nsd.conf", format!("server:\n{listen}remote-control:\n\tcontrol-enable: no\n"))
        }
        Flavor::Knot => {
            let listen =
                listen.map_or_else(|| "[ 0.0.0.0@53, ::@53 ]".to_owned(), |a| format!("{}@{}", a.ip(), a.port()));
            (
                "local.knot.conf",
                format!(
                    "server:\n    rundir: \"{dir}/run\"\n    listen: {listen}\nlog:\n  - target: stderr\n    any: info\n"
                ),
            )
        }
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
