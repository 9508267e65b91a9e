//! Mail: what a provider's mail is meant to do, and what follows from it for the mail servers.
//!
//! [`Intent`] is all of it for one server. [`files`] makes the files from it that Postfix, Dovecot and rspamd start from, and
//! [`Route`] says what would happen to a mail. Both follow the same rules, and both are pure.
//!
//! What reaches a file is safe by its type: addresses are [`crate::names::EmailAddress`]es whose local part is servable, hashes are
//! [`Secret`]s, texts go through the one function of their format. What cannot be served is withheld and named.

mod activate;
pub mod dkim;
mod dovecot;
mod dovecot_conf;
mod files;
mod fleet;
mod intent;
mod maps;
mod nftables;
mod postfix;
pub mod records;
mod route;
mod rspamd;
mod secret;
mod sieve;

pub use dkim::SigningKey;
pub use files::{Dialect, Files, MapType, Server, Tls, files, parts};
pub use fleet::{MailServer, Role, Roles, ServerName};
pub use intent::{
    Alias, AppPassword, Intent, Mailbox, Protocol, Protocols, Reply, Source, SpamLevel, Storage, Target, Withheld,
    servable,
};
pub use route::{End, Entry, Route, Step};
pub use secret::{Secret, SecretError};
