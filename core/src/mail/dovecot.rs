//! The passwd-files that Dovecot reads.

use super::{AppPassword, Dialect, Mailbox, Protocol, Role, Storage, fleet::Seat};
use std::{fmt::Write as _, path::Path};

/// The passwd-file: `user:password:uid:gid:gecos:home:shell:extra`, variables expanded in the extra fields only. Every part is
/// made of what has no colon, no blank and no `%`: a servable address, a [`super::Secret`], numbers.
pub(super) fn users(mailboxes: &[&Mailbox], seat: &Seat<'_>, mail_dir: &Path, out: &mut String) {
    for mailbox in mailboxes {
        let secret = hash(mailbox);
        let (domain, local) = (mailbox.address.domain(), mailbox.address.local());
        let _ = write!(out, "{}:{secret}::::{}/{domain}/{local}", mailbox.address, mail_dir.display());
        if mailbox.incarnation > 0 {
            // No servable name has a tilde.
            let _ = write!(out, "~{}", mailbox.incarnation);
        }
        out.push_str("::");
        // Each dialect passes over what is the other's, without a word.
        let mut extra = match seat.dialect() {
            Dialect::Dovecot23 => extra_23(mailbox),
            Dialect::Dovecot24 => extra_24(mailbox),
        };
        extra.extend(seat.way(mailbox));
        out.push_str(&extra.join(" "));
        out.push('\n');
    }
}

fn hash(mailbox: &Mailbox) -> &str {
    // `*` is no hash of anything.
    mailbox.secret.as_ref().map_or("{CRYPT}*", super::Secret::expose)
}

/// Those whose password is known here while their mailbox lives elsewhere. Only a passdb reads them: no mail is kept here.
pub(super) fn elsewhere(mailboxes: &[&Mailbox], seat: &Seat<'_>) -> String {
    let mut out = String::with_capacity(mailboxes.len() * 160);
    for mailbox in mailboxes {
        let _ = writeln!(out, "{}:{}::::::{}", mailbox.address, hash(mailbox), seat.way(mailbox).join(" "));
    }
    out
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

/// Who may not use which protocol: keys `protocol/address`. Where nobody leads on, a mailbox that lives elsewhere cannot be read.
pub(super) fn denied(mailboxes: &[&Mailbox], seat: &Seat<'_>) -> String {
    let mut out = String::new();
    for mailbox in mailboxes {
        let shut = seat.elsewhere(mailbox).is_some() && !seat.has(Role::Proxy);
        let closed = |p: &Protocol| !mailbox.protocols.has(*p) || (shut && *p != Protocol::Submission);
        for protocol in Protocol::ALL.into_iter().filter(closed) {
            let _ = writeln!(out, "{}/{}:", protocol.as_str(), mailbox.address);
        }
    }
    out
}

/// The passwd-file of the app passwords in that place: keys `protocol/address`.
pub(super) fn app_passwords(mailboxes: &[&Mailbox], seat: &Seat<'_>, place: usize) -> String {
    let mut out = String::new();
    for mailbox in mailboxes {
        let Some(AppPassword { secret, protocols }) = mailbox.app_passwords.get(place) else { continue };
        let way = match seat.way(mailbox) {
            none if none.is_empty() => String::new(),
            fields => format!("::::::{}", fields.join(" ")),
        };
        for protocol in protocols.iter() {
            let _ = writeln!(out, "{}/{}:{}{way}", protocol.as_str(), mailbox.address, secret.expose());
        }
    }
    out
}
