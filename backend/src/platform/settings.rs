//! Settings: a file, the environment, flags, the later stronger. A wrong or unknown one is refused by its name.

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use hostler_core::{
    dns::profile::{self, RegistryProfile},
    mail::records::Strictness,
};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{
    fmt::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// All settings. Documented one by one in [`TABLE`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(missing_docs, reason = "TABLE documents them, and a test holds both against each other")]
pub struct Settings {
    pub data_dir: PathBuf,
    pub time_zone: chrono_tz_name::TimeZone,
    pub database: Database,
    pub http: Http,
    pub session: Session,
    pub dns: Dns,
    pub mail: Mail,
    pub probe: Probe,
    pub web: Web,
    pub import: Import,
    pub jobs: Jobs,
    pub log: Log,
}

macro_rules! section {
    ($name:ident { $($field:ident: $type:ty $(= $with:literal)? => $default:expr),* $(,)? }) => {
        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        #[expect(missing_docs, reason = "TABLE documents them")]
        pub struct $name { $($(#[serde(deserialize_with = $with)])? pub $field: $type),* }
        impl Default for $name {
            fn default() -> Self { Self { $($field: $default),* } }
        }
    };
}

section!(Database { url: Option<String> => None, owner_url: Option<String> => None, max_connections: u32 => 16 });
section!(Http {
    listen: SocketAddr => SocketAddr::from(([127, 0, 0, 1], 8080)),
    public_url: Option<String> => None,
    trusted_proxies: Vec<IpNet> = "one_or_many" => Vec::new(),
    workers: usize => 0,
});
section!(Session { idle_minutes: u32 => 720, max_days: u32 => 14, second_factor: SecondFactor => SecondFactor::Optional });
section!(Dns { resolvers: Vec<SocketAddr> = "one_or_many" => Vec::new(), profiles: Vec<RegistryProfile> => profile::defaults() });
section!(Probe {
    our_networks: Vec<IpNet> = "one_or_many" => Vec::new(),
    allow_networks: Vec<IpNet> = "one_or_many" => Vec::new(),
    agent: String => "Hostler (looks whether homepages live)".to_owned(),
    rate: u32 => 10,
    our_rate: u32 => 100,
    http_port: u16 => 80,
    https_port: u16 => 443,
    dns_port: u16 => 53,
    every_hours: u32 => 0,
    browser: PathBuf => PathBuf::new(),
});
section!(Web {
    site_dir: PathBuf => PathBuf::from("/srv/www"),
    run_dir: PathBuf => PathBuf::from("/run/php"),
    tls_dir: PathBuf => PathBuf::from("/etc/hostler/tls"),
    acme_dir: PathBuf => PathBuf::from("/var/lib/hostler/acme"),
    log_dir: PathBuf => PathBuf::from("/var/log/hostler-web"),
    http_port: u16 => 80,
    https_port: u16 => 443,
    wait_days: u32 => 30,
});
section!(Mail {
    hosts: Vec<String> = "one_or_many" => Vec::new(),
    smtp_url: Option<String> => None,
    from: String => "Hostler <hostler@localhost>".to_owned(),
    host_name: Option<String> => None,
    postmaster: Option<String> => None,
    store_dir: PathBuf => PathBuf::from("/var/vmail"),
    tls_certificate: Option<PathBuf> => None,
    tls_key: Option<PathBuf> => None,
    relay: Option<String> => None,
    rspamd: bool => false,
    mta_sts: Strictness => Strictness::None,
});
section!(Import { max_upload_mb: u32 => 64 });
section!(Jobs { workers: usize => 1 });
section!(Log { format: LogFormat => LogFormat::Text, filter: String => "info".to_owned() });

/// Who must have a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondFactor {
    /// Nobody must.
    Optional,
    /// The staff.
    Staff,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Time zones by their IANA names.
pub mod chrono_tz_name {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    /// A time zone that the tables know.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct TimeZone(pub hostler_web::time::Tz);

    impl Serialize for TimeZone {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.serialize_str(self.0.name())
        }
    }

    impl<'de> Deserialize<'de> for TimeZone {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let name = String::deserialize(from)?;
            name.parse()
                .map(Self)
                .map_err(|_| D::Error::custom(format!("`{name}` is no time zone such as Europe/Berlin")))
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: default_data_dir(),
            time_zone: chrono_tz_name::TimeZone(hostler_web::time::BERLIN),
            database: Database::default(),
            http: Http::default(),
            session: Session::default(),
            dns: Dns::default(),
            mail: Mail::default(),
            probe: Probe::default(),
            web: Web::default(),
            import: Import::default(),
            jobs: Jobs::default(),
            log: Log::default(),
        }
    }
}

fn default_data_dir() -> PathBuf {
    if rustix::process::geteuid().is_root() {
        return PathBuf::from("/var/lib/hostler");
    }
    let home = |name: &str, rest: &str| std::env::var_os(name).map(|base| PathBuf::from(base).join(rest));
    home("XDG_DATA_HOME", "hostler")
        .or_else(|| home("HOME", ".local/share/hostler"))
        .unwrap_or_else(|| PathBuf::from("hostler-data"))
}

/// `a,b`, `["a", "b"]` or a single value: the environment has no lists.
fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de> + std::str::FromStr>(from: D) -> Result<Vec<T>, D::Error>
where
    T::Err: std::fmt::Display,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    let texts = match OneOrMany::deserialize(from)? {
        OneOrMany::One(text) => text.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect(),
        OneOrMany::Many(texts) => texts,
    };
    texts.iter().map(|t| t.parse().map_err(|e| de::Error::custom(format!("`{t}`: {e}")))).collect()
}

/// Every setting: name, default as text, meaning.
pub const TABLE: &[(&str, &str, &str)] = &[
    (
        "data_dir",
        "/var/lib/hostler as root, else ~/.local/share/hostler",
        "Folder of the private PostgreSQL and everything else that is kept.",
    ),
    ("time_zone", "Europe/Berlin", "Time zone in which people read times; the database keeps UTC."),
    (
        "database.url",
        "none: a private PostgreSQL under data_dir",
        "PostgreSQL to use, such as postgres://hostler_server:…@db/hostler. The role must be bound by row-level security.",
    ),
    ("database.owner_url", "none: required with database.url", "The same database as its owner, for migrations."),
    ("database.max_connections", "16", "Connections to the database at the most, for each process."),
    ("http.listen", "127.0.0.1:8080", "Address and port of the panel. Put a reverse proxy with TLS before it."),
    (
        "http.public_url",
        "none",
        "Address by which people reach the panel, such as https://panel.example.de; links in mails and the origin check use it.",
    ),
    (
        "http.trusted_proxies",
        "none",
        "Networks of your reverse proxies, such as 127.0.0.1/32, several with commas: only from them does X-Forwarded-For say where a request comes from.",
    ),
    ("http.workers", "0: one for each core", "Threads that answer requests."),
    ("session.idle_minutes", "720", "A session without a request for so long is over."),
    ("session.max_days", "14", "A session is over after so many days in any case."),
    (
        "session.second_factor",
        "optional",
        "staff: the staff must set up a second factor before anything else; optional: everybody may.",
    ),
    (
        "dns.resolvers",
        "none: those of the system",
        "Resolvers for the probes, as address:port, several with commas: the records of mail and the keys that sign are looked up there.",
    ),
    (
        "dns.profiles",
        "de and * (see the handbook)",
        "Ranges of SOA values that registries accept, for each top-level domain; a list of tables with tld, refresh, retry, expire, minimum.",
    ),
    (
        "mail.hosts",
        "none: learned from the zones",
        "Names or addresses of your own mail servers, several with commas; a mailbox whose MX is none of them is reported.",
    ),
    (
        "mail.smtp_url",
        "none: mails are kept in the folder mails under data_dir",
        "Mail server for the panel's own mails: smtps://user:password@host, or smtp://host?tls=required.",
    ),
    ("mail.from", "Hostler <hostler@localhost>", "Sender of the panel's own mails."),
    ("mail.host_name", "the machine's", "Full name of the mail server that configuration is rendered for."),
    (
        "mail.postmaster",
        "the address in mail.from",
        "Who reads postmaster@ and abuse@ of the domains in which nobody else does.",
    ),
    ("mail.store_dir", "/var/vmail", "Folder on the mail server below which mail lies, as domain/name."),
    (
        "mail.tls_certificate",
        "none",
        "Certificate of the mail server with its chain (PEM); without one no password is taken from other machines.",
    ),
    ("mail.tls_key", "none", "Its key (PEM)."),
    (
        "mail.relay",
        "none: to each domain's MX",
        "Where mail to other providers goes instead, such as [relay.example.de]:25.",
    ),
    (
        "mail.rspamd",
        "false",
        "true: rspamd on the mail server judges arriving mail and signs what people send; its configuration is rendered as well.",
    ),
    (
        "mail.mta_sts",
        "none",
        "testing or enforce: the records of a mail domain offer MTA-STS, and the panel answers with the policy at mta-sts.DOMAIN, for which your reverse proxy needs certificates.",
    ),
    (
        "probe.our_networks",
        "none: every address is yours",
        "Networks of your web servers, old and new, several with commas: a homepage that is served from others has moved away.",
    ),
    (
        "probe.allow_networks",
        "none",
        "Networks that homepages may lie in although they are not public, such as 10.1.2.0/24; the panel connects to no others of the kind.",
    ),
    (
        "probe.agent",
        "Hostler (looks whether homepages live)",
        "What the probe calls itself; name an address at which you can be reached.",
    ),
    ("probe.rate", "10", "Requests a second to one address that is not yours, at the most."),
    ("probe.our_rate", "100", "Requests a second to one of your own web servers, at the most."),
    ("probe.http_port", "80", "Port at which homepages are asked by HTTP; another one is for laboratories."),
    ("probe.https_port", "443", "Port at which homepages are asked by HTTPS; another one is for laboratories."),
    ("probe.dns_port", "53", "Port at which name servers are asked; another one is for laboratories."),
    (
        "probe.browser",
        "none: no pictures",
        "A Chromium, such as /usr/bin/chromium, that takes a small picture of each homepage after a look. It runs in its own sandbox and as nobody, and reaches what a look may reach.",
    ),
    (
        "probe.every_hours",
        "0: only when somebody asks",
        "All homepages are looked at again after so many hours, and what the last look doubted an hour after it.",
    ),
    ("web.site_dir", "/srv/www", "Folder on the new web server in which each homepage has one."),
    ("web.run_dir", "/run/php", "Folder of PHP's sockets on the new web server."),
    (
        "web.tls_dir",
        "/etc/hostler/tls",
        "Folder on the new web server with a folder for each homepage, in which fullchain.pem and privkey.pem are.",
    ),
    (
        "web.acme_dir",
        "/var/lib/hostler/acme",
        "Folder on the new web server from which whoever signs certificates is answered (webroot).",
    ),
    ("web.log_dir", "/var/log/hostler-web", "Folder on the new web server with a log for each homepage."),
    ("web.http_port", "80", "Port of the new web server for HTTP."),
    ("web.https_port", "443", "Port of the new web server for HTTPS."),
    (
        "web.wait_days",
        "30",
        "A homepage that is to be dropped is archived so many days after its customer was told, unless somebody objects.",
    ),
    ("import.max_upload_mb", "64", "Largest archive of papers that can be uploaded, in megabytes."),
    ("jobs.workers", "1", "Jobs that this process runs at once; 0 leaves them to other processes."),
    ("log.format", "text", "text or json."),
    ("log.filter", "info", "What is logged, such as info or hostler=debug,warn."),
];

/// The name of a setting in the environment.
#[must_use]
pub fn env_name(setting: &str) -> String {
    format!("HOSTLER_{}", setting.to_ascii_uppercase().replace('.', "__"))
}

/// [`TABLE`] as Markdown, for the handbook.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "# Settings\n\nA TOML file (`--config FILE` or `HOSTLER_CONFIG`), then the environment, then `--set NAME=VALUE` on the command \
         line; the later wins. Generated by `hostler settings`; a test keeps it true.\n\n| setting | environment | default | meaning |\n|---|---|---|---|\n",
    );
    for (name, default, meaning) in TABLE {
        let _ = writeln!(out, "| `{name}` | `{}` | {default} | {meaning} |", env_name(name));
    }
    out
}

/// Reads the settings.
///
/// # Errors
/// A sentence that names the setting, where it came from, and what is wrong with it.
pub fn load(file: Option<&Path>, flags: &[(String, String)]) -> Result<Settings, String> {
    let mut figment = Figment::from(Serialized::defaults(Settings::default()));
    if let Some(file) = file {
        if !file.is_file() {
            return Err(format!("the settings file {} is not there", file.display()));
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    figment = figment.merge(Env::prefixed("HOSTLER_").ignore(&["CONFIG"]).split("__"));
    for (name, value) in flags {
        let value: figment::value::Value = value.parse().unwrap_or_else(|never| match never {});
        figment = figment.merge(Serialized::default(name, value));
    }
    let settings: Settings = figment.extract().map_err(|errors| {
        let told: Vec<String> = errors.into_iter().map(|error| explain(&error)).collect();
        told.join("; ")
    })?;
    if let Some(url) = &settings.http.public_url
        && !(url.starts_with("https://") || url.starts_with("http://"))
    {
        return Err(format!("setting http.public_url: `{url}` does not begin with https:// or http://"));
    }
    if !(1..=365).contains(&settings.web.wait_days) {
        return Err(format!("setting web.wait_days: `{}` is not from 1 to 365", settings.web.wait_days));
    }
    if settings.mail.from.parse::<lettre::message::Mailbox>().is_err() {
        return Err(format!(
            "setting mail.from: `{}` is no address such as Panel <panel@example.de>",
            settings.mail.from
        ));
    }
    if let Some(postmaster) = &settings.mail.postmaster
        && let Err(reason) = hostler_core::names::EmailAddress::parse(postmaster)
    {
        return Err(format!("setting mail.postmaster: `{postmaster}`: {reason}"));
    }
    Ok(settings)
}

fn explain(error: &figment::Error) -> String {
    use figment::error::Kind;
    let at = error.path.join(".");
    let name = match &error.kind {
        Kind::UnknownField(field, _) if at.is_empty() || at.ends_with(field.as_str()) => {
            if at.is_empty() {
                field.clone()
            } else {
                at
            }
        }
        Kind::UnknownField(field, _) => format!("{at}.{field}"),
        _ => at,
    };
    let from = error.metadata.as_ref().map_or(String::new(), |m| match &m.source {
        // figment names the line of our own code for what the command line set.
        Some(figment::Source::Code(_)) => " (from the command line)".to_owned(),
        Some(source) => format!(" (from {source})"),
        None => format!(" (from {})", m.name),
    });
    let reason = match &error.kind {
        Kind::UnknownField(..) => "there is no such setting".to_owned(),
        kind => kind.to_string(),
    };
    format!("setting {name}{from}: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn the_table_lists_exactly_the_settings() {
        let mut names = Vec::new();
        let all = serde_json::to_value(Settings::default()).unwrap();
        for (section, value) in all.as_object().unwrap() {
            match value.as_object() {
                Some(fields) => names.extend(fields.keys().map(|f| format!("{section}.{f}"))),
                None => names.push(section.clone()),
            }
        }
        names.sort();
        let mut listed: Vec<_> = TABLE.iter().map(|(n, ..)| (*n).to_owned()).collect();
        listed.sort();
        assert_eq!(names, listed);
    }

    #[test]
    fn wrong_and_unknown_settings_are_refused_by_name() {
        for (name, value, told) in [
            ("dns.resolver", "x", "dns.resolver"),
            ("nonsense", "x", "nonsense"),
            ("http.listen", "here", "http.listen"),
            ("time_zone", "Mars/Base", "time_zone"),
            ("log.format", "xml", "log.format"),
            ("http.public_url", "panel", "http.public_url"),
            ("http.trusted_proxies", "localhost", "http.trusted_proxies"),
            ("session.second_factor", "maybe", "session.second_factor"),
            ("mail.from", "nobody", "mail.from"),
            ("mail.mta_sts", "strict", "mail.mta_sts"),
            ("web.wait_days", "0", "web.wait_days"),
        ] {
            let error = load(None, &flag(name, value)).unwrap_err();
            assert!(error.contains(told), "{name}: {error}");
        }
    }

    #[test]
    fn lists_are_written_with_commas() {
        let settings = load(None, &flag("dns.resolvers", "127.0.0.1:53,127.0.0.2:5353")).unwrap();
        assert_eq!(settings.dns.resolvers.len(), 2);
    }

    #[test]
    fn docker_compose_sets_only_what_there_is() {
        let compose = include_str!("../../../docker-compose.yml");
        let known: Vec<String> = TABLE.iter().map(|(name, ..)| env_name(name)).collect();
        let set: Vec<&str> = compose
            .lines()
            .filter_map(|line| line.trim().split_once(':').map(|(name, _)| name))
            .filter(|name| name.starts_with("HOSTLER_"))
            .collect();
        assert!(set.len() > 1);
        for name in set {
            assert!(known.iter().any(|k| k == name), "{name} is no setting");
        }
    }

    #[test]
    fn the_handbook_has_the_table_as_it_is() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, markdown()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), markdown(), "run UPDATE_DOCS=1 cargo test");
    }
}
