//! Under which names the mail servers are known: to the world by MX records, to people by their mail programs.

use super::render::host_name;
use crate::platform::settings;
use hostler_core::{mail::Role, names::DomainName};
use hostler_store::{StoreError, View, mail_servers::ServerHost};

/// The names, in the order of what the servers are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Who takes mail from others.
    pub mx: Vec<String>,
    /// Who sends without being one of those.
    pub senders: Vec<String>,
    /// Where people read their mail.
    pub reader: String,
    /// Where people send it.
    pub sender: String,
}

/// The names by the servers that have some, and by the setting `mail.host_name`: where it is set, people's programs go there.
///
/// # Errors
/// When the database fails.
pub async fn names(view: &mut View, settings: &settings::Mail) -> Result<Names, StoreError> {
    Ok(named(&view.mail_hosts().await?, settings.host_name.as_deref(), || host_name(settings)))
}

fn named(servers: &[ServerHost], set: Option<&str>, own: impl Fn() -> String) -> Names {
    let with = |role: Role| servers.iter().filter(move |s| s.has(role)).map(|s| s.host_name.clone());
    let first = |roles: &[Role]| {
        let known = set.map(str::to_owned).or_else(|| roles.iter().find_map(|r| with(*r).next()));
        known.unwrap_or_else(&own)
    };
    let mut mx: Vec<String> = with(Role::Mx).collect();
    // What a mailbox answers goes out from where it lives.
    let sends = |s: &&ServerHost| !s.has(Role::Mx) && (s.has(Role::Submission) || s.has(Role::Store));
    let senders = servers.iter().filter(sends).map(|s| s.host_name.clone()).collect();
    if mx.is_empty() {
        mx.push(own());
    }
    Names { mx, senders, reader: first(&[Role::Proxy, Role::Store]), sender: first(&[Role::Submission]) }
}

impl Names {
    /// The servers that take mail, as names of the DNS.
    ///
    /// # Errors
    /// The first that is none.
    pub fn exchanges(&self) -> Result<Vec<DomainName>, String> {
        parsed(&self.mx)
    }

    /// Those that send besides.
    ///
    /// # Errors
    /// The first that is none.
    pub fn other_senders(&self) -> Result<Vec<DomainName>, String> {
        parsed(&self.senders)
    }
}

fn parsed(names: &[String]) -> Result<Vec<DomainName>, String> {
    names.iter().map(|name| DomainName::parse(name).map_err(|e| format!("`{name}`: {e}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_known_for_what_it_does() {
        let server = |host: &str, roles: &[&str]| ServerHost {
            host_name: host.to_owned(),
            roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        };
        let alone = named(&[], None, || "here.example".to_owned());
        assert_eq!((alone.mx.as_slice(), alone.reader.as_str()), (&["here.example".to_owned()][..], "here.example"));
        let all = [
            server("in.example", &["mx"]),
            server("in2.example", &["mx", "store"]),
            server("out.example", &["submission"]),
            server("read.example", &["proxy"]),
            server("store.example", &["store"]),
        ];
        let names = named(&all, None, || "here.example".to_owned());
        assert_eq!(names.mx, ["in.example", "in2.example"]);
        assert_eq!(names.senders, ["out.example", "store.example"]);
        assert_eq!((names.reader.as_str(), names.sender.as_str()), ("read.example", "out.example"));
        let names = named(&all, Some("mail.example"), || "mail.example".to_owned());
        assert_eq!((names.reader.as_str(), names.sender.as_str()), ("mail.example", "mail.example"));
        assert_eq!(names.mx.len(), 2);
    }
}
