//! The passwd-files that Dovecot reads.

use super::{AppPassword, Dialect, Mailbox, Protocol, Storage};
use std::{fmt::Write as _, path::Path};

/// The passwd-file: `user:password:uid:gid:gecos:home:shell:extra`, variables expanded in the extra fields only. Every part is
/// made of what has no colon, no blank and no `%`: a servable address, a [`super::Secret`], numbers.
pub(super) fn users(mailboxes: &[&Mailbox], dialect: Dialect, mail_dir: &Path, out: &mut String) {
    for mailbox in mailboxes {
        // `*` is no hash of anything.
        let secret = mailbox.secret.as_ref().map_or("{CRYPT}*", super::Secret::expose);
        let (domain, local) = (mailbox.address.domain(), mailbox.address.local());
        let _ = write!(out, "{}:{secret}::::{}/{domain}/{local}", mailbox.address, mail_dir.display());
        if mailbox.incarnation > 0 {
            // No servable name has a tilde.
            let _ = write!(out, "~{}", mailbox.incarnation);
        }
        out.push_str("::");
        // Each dialect passes over what is the other's, without a word.
        let extra = match dialect {
            Dialect::Dovecot23 => extra_23(mailbox),
            Dialect::Dovecot24 => extra_24(mailbox),
        };
        out.push_str(&extra.join(" "));
        out.push('\n');
    }
}

fn extra_23(mailbox: &Mailbox) -> Vec<String> {
    let mut rule = String::new();
    if let Some(bytes) = mailbox.quota_bytes {
        let _ = write!(rule, ":bytes={bytes}");
    }
    if let Some(mails) = mailbox.quota_messages {
        let _ = write!(rule, ":messages={mails}");
    }
    let mut extra = Vec::new();
    if mailbox.storage == Storage::Mdbox {
        extra.push("userdb_mail=mdbox:~/mdbox".to_owned());
    }
    if !rule.is_empty() {
        extra.push(format!("userdb_quota_rule=*{rule}"));
    }
    extra
}

fn extra_24(mailbox: &Mailbox) -> Vec<String> {
    let mut extra = Vec::new();
    if mailbox.storage == Storage::Mdbox {
        extra.push("userdb_mail_driver=mdbox userdb_mail_path=~/mdbox".to_owned());
    }
    if let Some(bytes) = mailbox.quota_bytes {
        extra.push(format!("userdb_quota_storage_size={bytes}B"));
    }
    if let Some(mails) = mailbox.quota_messages {
        extra.push(format!("userdb_quota_message_count={mails}"));
    }
    extra
}

/// Who may not use which protocol: keys `protocol/address`.
pub(super) fn denied(mailboxes: &[&Mailbox]) -> String {
    let mut out = String::new();
    for mailbox in mailboxes {
        for protocol in Protocol::ALL.into_iter().filter(|p| !mailbox.protocols.has(*p)) {
            let _ = writeln!(out, "{}/{}:", protocol.as_str(), mailbox.address);
        }
    }
    out
}

/// The passwd-file of the app passwords in that place: keys `protocol/address`.
pub(super) fn app_passwords(mailboxes: &[&Mailbox], place: usize) -> String {
    let mut out = String::new();
    for mailbox in mailboxes {
        let Some(AppPassword { secret, protocols }) = mailbox.app_passwords.get(place) else { continue };
        for protocol in protocols.iter() {
            let _ = writeln!(out, "{}/{}:{}", protocol.as_str(), mailbox.address, secret.expose());
        }
    }
    out
}
