//! The provider's mail servers by name: what each is there for, and how one is seen from another.

use super::{Dialect, Intent, Mailbox, Server};
use crate::names::DomainName;
use std::{fmt, net::IpAddr};

/// What a mail server is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Mailboxes live on it, and are read there.
    Store,
    /// It takes mail from others (RFC 5321), as the domains' MX.
    Mx,
    /// It takes mail from our own people (RFC 6409).
    Submission,
    /// It leads who reads mail to where the mailbox lives.
    Proxy,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Store, Self::Mx, Self::Submission, Self::Proxy];

    /// Its name in URLs, the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Mx => "mx",
            Self::Submission => "submission",
            Self::Proxy => "proxy",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }
}

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u8);

impl Roles {
    /// Whether it is among them.
    #[must_use]
    pub fn has(self, role: Role) -> bool {
        self.0 & (1 << role as u8) != 0
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().fold(0, |set, r| set | (1 << r as u8)))
    }
}

/// What a provider calls a server: letters, digits and `-`, at most 32, one word in every file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerName(String);

impl ServerName {
    /// Reads a name; capital letters are small ones.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let name = text.trim().to_ascii_lowercase();
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > 32 || !name.chars().all(fine) || name.starts_with('-') || name.ends_with('-')
        {
            return Err("1 to 32 letters, digits and -, none of the last at its ends".to_owned());
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mail server of the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// What it is called among us.
    pub name: ServerName,
    /// Its full name, as its certificate and the MX records have it.
    pub host_name: DomainName,
    /// Where the others reach it, and from where it speaks to them.
    pub address: IpAddr,
    /// What it is there for.
    pub roles: Roles,
}

/// One server among the others: what its files are made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seat<'a> {
    /// It, if it has a name; without one it does everything for everybody.
    own: Option<(usize, &'a MailServer)>,
    servers: &'a [MailServer],
    dialect: Dialect,
    tls: bool,
}

impl<'a> Seat<'a> {
    /// The seat of a server, if the intent knows its name.
    pub(super) fn of(intent: &'a Intent, server: &Server) -> Option<Self> {
        let own = match &server.name {
            None => None,
            Some(name) => Some(intent.servers.iter().enumerate().find(|(_, s)| s.name == *name)?),
        };
        Some(Self { own, servers: &intent.servers, dialect: server.dialect, tls: server.tls.is_some() })
    }

    pub(super) fn has(&self, role: Role) -> bool {
        self.own.is_none_or(|(_, own)| own.roles.has(role))
    }

    /// Whether Postfix has work on it.
    pub(super) fn has_postfix(&self) -> bool {
        [Role::Store, Role::Mx, Role::Submission].into_iter().any(|r| self.has(r))
    }

    /// Whether Dovecot has work on it: keeping mail, leading to it, or knowing who may send.
    pub(super) fn has_dovecot(&self) -> bool {
        [Role::Store, Role::Proxy, Role::Submission].into_iter().any(|r| self.has(r))
    }

    /// Whether mail from or to the world passes through it.
    pub(super) fn signs(&self) -> bool {
        self.has(Role::Mx) || self.has(Role::Submission)
    }

    /// Whether people read mail here.
    pub(super) fn is_read(&self) -> bool {
        self.has(Role::Store) || self.has(Role::Proxy)
    }

    /// Whether it has to know passwords of those whose mailboxes live elsewhere.
    pub(super) fn knows_all(&self) -> bool {
        self.own.is_some() && (self.has(Role::Proxy) || self.has(Role::Submission))
    }

    /// Its own address among the others.
    pub(super) fn address(&self) -> Option<IpAddr> {
        self.own.map(|(_, own)| own.address)
    }

    /// The others.
    pub(super) fn others(&self) -> impl Iterator<Item = &'a MailServer> + use<'a> {
        let own = self.own.map(|(place, _)| place);
        self.servers.iter().enumerate().filter(move |(i, _)| own.is_some_and(|o| o != *i)).map(|(_, s)| s)
    }

    /// Whether a mailbox lives here.
    pub(super) fn is_home(&self, mailbox: &Mailbox) -> bool {
        self.own.is_none_or(|(place, _)| mailbox.home == Some(place))
    }

    /// Where a mailbox lives, if that is another server.
    pub(super) fn elsewhere(&self, mailbox: &Mailbox) -> Option<&'a MailServer> {
        let (place, _) = self.own?;
        mailbox.home.filter(|h| *h != place).and_then(|h| self.servers.get(h))
    }

    /// What a passwd-file says of the way to a mailbox that lives elsewhere, and of when its door opens: extra fields of a passdb
    /// (Dovecot, "Passdb proxy"). A boolean field is true by being there, so what does not apply is left out.
    pub(super) fn way(&self, mailbox: &Mailbox) -> Vec<String> {
        let mut fields = Vec::new();
        if let (Some(home), true) = (self.elsewhere(mailbox), self.has(Role::Proxy)) {
            fields.push("proxy_maybe=y".to_owned());
            if self.tls {
                // The certificate is held against the name, the address needs no look-up.
                fields.push(format!("host={} hostip={} starttls=y", home.host_name, home.address));
            } else {
                fields.push(format!("host={}", home.address));
            }
            if let Some(own) = self.address() {
                fields.push(format!("source_ip={own}"));
            }
        }
        // Where nobody reads, nobody waits: Postfix would not, and whoever sends would be told of a failure. Nor where there is one
        // server only: nothing has moved.
        if self.own.is_some() && self.is_read() {
            // Everybody's clients come back at once otherwise.
            fields.extend(mailbox.delay_until.map(|at| format!("delay_until={at}+5")));
        }
        fields
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }
}

/// An address as a single host of a network list (Postfix's `mynetworks`).
pub(super) fn network(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => format!("{v4}/32"),
        IpAddr::V6(v6) => format!("[{v6}]/128"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_word_everywhere() {
        assert_eq!(ServerName::parse(" Mail-1 ").unwrap().as_str(), "mail-1");
        for bad in ["", "-a", "a-", "a b", "a.b", "a\nb", "ä", "a/../b", &"x".repeat(33)] {
            assert!(ServerName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn sets_of_roles() {
        let some: Roles = [Role::Mx, Role::Proxy].into_iter().collect();
        assert!(some.has(Role::Mx) && !some.has(Role::Store));
        assert!(Role::ALL.into_iter().all(|r| Role::parse(r.as_str()) == Some(r)));
    }
}
