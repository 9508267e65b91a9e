//! What mail is meant to do on one server.

use super::{MailServer, Secret, SigningKey};
use crate::names::{DomainName, EmailAddress};
use std::fmt;

/// A way to one's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// RFC 9051.
    Imap,
    /// RFC 1939.
    Pop3,
    /// Sending, RFC 6409.
    Submission,
    /// Filters of one's own, RFC 5804.
    Sieve,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Imap, Self::Pop3, Self::Submission, Self::Sieve];

    /// Its name in URLs, the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Submission => "smtp",
            Self::Sieve => "sieve",
        }
    }

    /// The protocol of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == text)
    }
}

/// A set of protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Protocols(u8);

impl Protocols {
    /// Every protocol.
    #[must_use]
    pub fn all() -> Self {
        Protocol::ALL.into_iter().collect()
    }

    /// Whether it is among them.
    #[must_use]
    pub fn has(self, protocol: Protocol) -> bool {
        self.0 & (1 << protocol as u8) != 0
    }

    /// Those in it.
    pub fn iter(self) -> impl Iterator<Item = Protocol> {
        Protocol::ALL.into_iter().filter(move |p| self.has(*p))
    }
}

impl FromIterator<Protocol> for Protocols {
    fn from_iter<I: IntoIterator<Item = Protocol>>(protocols: I) -> Self {
        Self(protocols.into_iter().fold(0, |set, p| set | (1 << p as u8)))
    }
}

/// How the mail of a mailbox lies on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Storage {
    /// A file a mail; every program reads it.
    #[default]
    Maildir,
    /// Dovecot's own: many mails a file.
    Mdbox,
}

/// An answer while somebody is away (RFC 5230).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// First day, `YYYY-MM-DD`, in the server's time zone.
    pub from: Option<String>,
    /// Last day.
    pub until: Option<String>,
    /// Subject of the answer.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// Days in which a sender gets it once.
    pub days: u16,
}

/// A password for one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPassword {
    /// Its hash.
    pub secret: Secret,
    /// What it opens.
    pub protocols: Protocols,
}

/// A mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Its address.
    pub address: EmailAddress,
    /// Which one of this address it is, from 0: each has a folder of its own.
    pub incarnation: u32,
    /// Its password's hash; without one nobody logs in.
    pub secret: Option<Secret>,
    /// What may be used; mail arrives in any case.
    pub protocols: Protocols,
    /// Most octets of mail.
    pub quota_bytes: Option<u64>,
    /// Most mails.
    pub quota_messages: Option<u32>,
    /// How its mail lies on the disk.
    pub storage: Storage,
    /// Where its mail goes as well, or instead.
    pub forward: Vec<EmailAddress>,
    /// Whether forwarded mail also stays.
    pub keep: bool,
    /// What answers while its owner is away.
    pub reply: Option<Reply>,
    /// Stars of `X-Spam-Level` from which its mail goes to the folder Junk.
    pub junk_at: Option<u8>,
    /// Passwords of devices; at most [`Self::MOST_APP_PASSWORDS`].
    pub app_passwords: Vec<AppPassword>,
    /// Addresses beside its own and its aliases' that it may send from.
    pub send_as: Vec<EmailAddress>,
    /// Whether its mail is being moved: the server asks senders to come again later.
    pub frozen: bool,
    /// The server on which it lives, by its place in [`Intent::servers`]; where servers have names, one without is nowhere.
    pub home: Option<usize>,
    /// Until when whoever logs in has to wait, in seconds since 1970: what was open at the old home has ended by then.
    pub delay_until: Option<i64>,
}

impl Mailbox {
    /// Dovecot looks into one file after the other, so there are so many.
    pub const MOST_APP_PASSWORDS: usize = 8;

    /// One as it is at first.
    #[must_use]
    pub fn new(address: EmailAddress) -> Self {
        Self {
            address,
            incarnation: 0,
            secret: None,
            protocols: Protocols::all(),
            quota_bytes: None,
            quota_messages: None,
            storage: Storage::default(),
            forward: Vec::new(),
            keep: true,
            reply: None,
            junk_at: None,
            app_passwords: Vec::new(),
            send_as: Vec::new(),
            frozen: false,
            home: None,
            delay_until: None,
        }
    }
}

/// The left side of an alias.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// One address.
    Address(EmailAddress),
    /// Every address of a domain that is nothing else.
    CatchAll(DomainName),
}

impl Source {
    /// The domain that it belongs to.
    #[must_use]
    pub fn domain(&self) -> &DomainName {
        match self {
            Self::Address(address) => address.domain(),
            Self::CatchAll(domain) => domain,
        }
    }

    /// Parses `local@domain` or `@domain`.
    ///
    /// # Errors
    /// Why it is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim_matches([' ', '\t']);
        match text.strip_prefix('@') {
            Some(domain) => Ok(Self::CatchAll(DomainName::parse(domain).map_err(|e| e.to_string())?)),
            None => Ok(Self::Address(EmailAddress::parse(text).map_err(|e| e.to_string())?)),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::CatchAll(domain) => write!(f, "@{domain}"),
        }
    }
}

/// Where an alias leads: an address, or the same name in another domain.
pub type Target = Source;

/// An address that leads elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The address.
    pub source: Source,
    /// Where it leads.
    pub targets: Vec<Target>,
}

impl Alias {
    /// Most targets of one alias; a list of more people is a mailing list's work.
    pub const MOST_TARGETS: usize = 200;
}

/// All that a server has to know.
#[derive(Debug, Clone, Default)]
pub struct Intent {
    /// The provider's mail servers, in the order of their names; none: there is one, without a name.
    pub servers: Vec<MailServer>,
    /// Domains whose mail arrives here, in order.
    pub domains: Vec<DomainName>,
    /// Mailboxes, in the order of their addresses.
    pub mailboxes: Vec<Mailbox>,
    /// Aliases, in the order of their addresses.
    pub aliases: Vec<Alias>,
    /// Keys that sign, in the order of their domains and names.
    pub keys: Vec<SigningKey>,
    /// Domains that judge spam otherwise, in order.
    pub spam: Vec<SpamLevel>,
    /// What is already left out.
    pub withheld: Vec<Withheld>,
    /// Who reads `postmaster@` and `abuse@` of domains in which nobody else does.
    pub postmaster: Option<EmailAddress>,
}

/// From how many points of the filter on mail for a domain is spam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpamLevel {
    /// The domain.
    pub domain: DomainName,
    /// It is marked.
    pub mark_at: u16,
    /// It is refused.
    pub refuse_at: u16,
}

impl SpamLevel {
    /// Where nothing is set.
    pub const MARK_AT: i16 = 6;
    /// Where nothing is set.
    pub const REFUSE_AT: i16 = 15;
}

/// Something that is left out, since a server could not carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// What.
    pub what: String,
    /// Why.
    pub reason: String,
}

/// Whether an address can be served here as a mailbox's (`login`) or an alias's.
///
/// A mailbox's name is a folder, a key of a passwd-file and a login: letters, digits, `.`, `_` and `-`, none of the last two in
/// front. An alias is only a key of a map, so it may hold `+`, `&`, `'`, `=` and `~` as well.
///
/// # Errors
/// The character that is in the way.
pub fn servable(address: &EmailAddress, login: bool) -> Result<(), char> {
    let local = address.local();
    let fine =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c) || !login && "+&'=~".contains(c);
    match local.chars().find(|&c| !fine(c)) {
        Some(bad) => Err(bad),
        None => match local.chars().next() {
            Some(first) if !first.is_ascii_alphanumeric() && first != '_' => Err(first),
            _ => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_paths_keys_and_logins() {
        let at = |local: &str| EmailAddress::parse(&format!("{local}@a.de")).unwrap();
        for local in ["info", "a.b-c_d", "_x", "1"] {
            assert_eq!(servable(&at(local), true), Ok(()), "{local}");
        }
        for (local, bad) in [
            ("a+b", '+'),
            ("a%b", '%'),
            ("-a", '-'),
            ("a/b", '/'),
            ("$a", '$'),
            ("#a", '#'),
            ("{a}", '{'),
            ("o'x", '\''),
        ] {
            assert_eq!(servable(&at(local), true), Err(bad), "{local}");
        }
        assert_eq!(servable(&at("o'brien+news"), false), Ok(()));
        assert_eq!(servable(&at("a`b"), false), Err('`'));
    }

    #[test]
    fn sets_of_protocols() {
        let some: Protocols = [Protocol::Imap, Protocol::Sieve].into_iter().collect();
        assert!(some.has(Protocol::Imap) && !some.has(Protocol::Pop3));
        assert_eq!(Protocols::all().iter().count(), 4);
        assert_eq!(Protocol::parse("smtp"), Some(Protocol::Submission));
    }
}
