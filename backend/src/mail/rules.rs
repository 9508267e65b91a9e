//! What may be said of a mailbox or an alias: each field judged by itself, with the reason where it is refused.

use crate::http::body::given;
use chrono::NaiveDate;
use hostler_core::{
    mail::{Alias, Protocol, Source, servable},
    names::{DomainName, EmailAddress},
};
use hostler_store::mailboxes::MailboxData;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(super) use crate::http::form::Wrong;

/// More than any disk here has; a petabyte.
const MAX_QUOTA: i64 = 1 << 50;
/// Addresses that a mailbox forwards to or sends as.
const MAX_ADDRESSES: usize = 50;

/// What of a mailbox can be set; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MailboxPatch {
    /// Whose it is.
    #[schema(max_length = 200)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// What may be used: imap, pop3, smtp, sieve.
    #[schema(max_items = 4)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) protocols: Option<Vec<String>>,
    /// Most octets of mail; null: no limit.
    #[schema(minimum = 1)]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) quota_bytes: Option<Option<i64>>,
    /// Most mails; null: no limit.
    #[schema(minimum = 1)]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) quota_messages: Option<Option<i32>>,
    /// `maildir` or `mdbox`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) storage: Option<String>,
    /// Where its mail goes as well.
    #[schema(max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) forward: Option<Vec<String>>,
    /// Whether forwarded mail also stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) keep: Option<bool>,
    /// Other addresses of the same customer that it may send from.
    #[schema(max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) send_as: Option<Vec<String>>,
    /// Whether the out-of-office answer is on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_on: Option<bool>,
    /// Its first day; null: at once.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) reply_from: Option<Option<NaiveDate>>,
    /// Its last day; null: until it is switched off.
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) reply_until: Option<Option<NaiveDate>>,
    #[schema(max_length = 200)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_subject: Option<String>,
    #[schema(max_length = 10000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_text: Option<String>,
    /// Days in which a sender gets it once.
    #[schema(minimum = 1, maximum = 60)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reply_days: Option<i16>,
    /// Stars of `X-Spam-Level` from which its mail goes to the folder Junk; null: never.
    #[schema(minimum = 1, maximum = 20)]
    #[serde(deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub(super) junk_at: Option<Option<i16>>,
}

/// Name of a mailbox or an alias as it can be made here.
///
/// # Errors
/// Why it cannot.
pub(super) fn new_address(text: &str, login: bool) -> Result<EmailAddress, String> {
    let address = EmailAddress::parse(text).map_err(|e| e.to_string())?;
    match servable(&address, login) {
        Ok(()) => Ok(address),
        Err(bad) if login => {
            Err(format!("a mailbox's name cannot hold or begin with {bad:?}; letters, digits, . _ - can stand in it"))
        }
        Err(bad) => Err(format!("an alias cannot hold or begin with {bad:?}")),
    }
}

/// Addresses that mail may go to or come from.
///
/// # Errors
/// The first that is wrong.
fn addresses(texts: &[String]) -> Result<Vec<String>, String> {
    if texts.len() > MAX_ADDRESSES {
        return Err(format!("at most {MAX_ADDRESSES} addresses"));
    }
    let mut out: Vec<String> = Vec::new();
    for text in texts.iter().filter(|t| !t.trim().is_empty()) {
        let shown: String = text.chars().take(80).collect();
        let address = new_address(text, false).map_err(|reason| format!("`{shown}`: {reason}"))?.to_string();
        if !out.contains(&address) {
            out.push(address);
        }
    }
    Ok(out)
}

/// Where an alias leads; `@domain` only from a catch-all.
///
/// # Errors
/// The first that is wrong.
pub(super) fn targets(source: &Source, texts: &[String]) -> Result<Vec<Source>, String> {
    let mut out: Vec<Source> = Vec::new();
    for text in texts.iter().map(|t| t.trim()).filter(|t| !t.is_empty()) {
        let shown: String = text.chars().take(80).collect();
        let target = match text.strip_prefix('@') {
            Some(domain) if matches!(source, Source::CatchAll(_)) => {
                DomainName::parse(domain).map(Source::CatchAll).map_err(|e| format!("`{shown}`: {e}"))?
            }
            Some(_) => return Err(format!("`{shown}`: only a catch-all can lead to another domain as a whole")),
            None => Source::Address(new_address(text, false).map_err(|reason| format!("`{shown}`: {reason}"))?),
        };
        if target == *source {
            return Err(format!("`{shown}`: an alias cannot lead to itself"));
        }
        if !out.contains(&target) {
            out.push(target);
        }
    }
    match out.len() {
        0 => Err("it leads nowhere: at least one address".to_owned()),
        n if n > Alias::MOST_TARGETS => {
            Err(format!("at most {} addresses; more are a mailing list", Alias::MOST_TARGETS))
        }
        _ => Ok(out),
    }
}

/// Puts what is given over what there is.
pub(super) fn applied(old: &MailboxData, patch: &MailboxPatch) -> (MailboxData, Wrong) {
    let (mut new, mut wrong) = (old.clone(), Wrong::new());
    let line = |text: &str| text.chars().count() <= 200 && !text.chars().any(char::is_control);
    if let Some(name) = &patch.name {
        name.trim().clone_into(&mut new.name);
        if !line(&new.name) {
            wrong.push(("name", "at most 200 characters, no control characters".to_owned()));
        }
    }
    if let Some(protocols) = &patch.protocols {
        new.protocols = Protocol::ALL.iter().map(|p| p.as_str().to_owned()).filter(|p| protocols.contains(p)).collect();
        if protocols.iter().any(|p| Protocol::parse(p).is_none()) {
            wrong.push(("protocols", "imap, pop3, smtp, sieve".to_owned()));
        }
    }
    if let Some(quota) = patch.quota_bytes {
        new.quota_bytes = quota;
        if quota.is_some_and(|q| !(1..=MAX_QUOTA).contains(&q)) {
            wrong.push(("quota_bytes", "from 1 octet to 1 PiB, or no limit".to_owned()));
        }
    }
    if let Some(quota) = patch.quota_messages {
        new.quota_messages = quota;
        if quota.is_some_and(|q| q < 1) {
            wrong.push(("quota_messages", "at least 1, or no limit".to_owned()));
        }
    }
    if let Some(storage) = &patch.storage {
        storage.clone_into(&mut new.storage);
        if !matches!(storage.as_str(), "maildir" | "mdbox") {
            wrong.push(("storage", "maildir or mdbox".to_owned()));
        }
    }
    for (name, given, field) in
        [("forward", &patch.forward, &mut new.forward), ("send_as", &patch.send_as, &mut new.send_as)]
    {
        match given.as_deref().map(addresses) {
            None => {}
            Some(Ok(list)) => *field = list,
            Some(Err(reason)) => wrong.push((name, reason)),
        }
    }
    if let Some(stars) = patch.junk_at {
        new.junk_at = stars;
        if stars.is_some_and(|n| !(1..=20).contains(&n)) {
            wrong.push(("junk_at", "from 1 to 20, or never".to_owned()));
        }
    }
    new.keep = patch.keep.unwrap_or(new.keep);
    reply(&mut new, patch, &mut wrong);
    (new, wrong)
}

fn reply(new: &mut MailboxData, patch: &MailboxPatch, wrong: &mut Wrong) {
    new.reply_on = patch.reply_on.unwrap_or(new.reply_on);
    new.reply_from = patch.reply_from.unwrap_or(new.reply_from);
    new.reply_until = patch.reply_until.unwrap_or(new.reply_until);
    if new.reply_from.zip(new.reply_until).is_some_and(|(from, until)| from > until) {
        wrong.push(("reply_until", "the last day is before the first".to_owned()));
    }
    let far = |day: Option<NaiveDate>| day.is_some_and(|d| !(2000..2200).contains(&chrono::Datelike::year(&d)));
    if far(new.reply_from) {
        wrong.push(("reply_from", "a day such as 2026-12-24".to_owned()));
    }
    if far(new.reply_until) {
        wrong.push(("reply_until", "a day such as 2026-12-24".to_owned()));
    }
    if let Some(subject) = &patch.reply_subject {
        subject.trim().clone_into(&mut new.reply_subject);
        if new.reply_subject.chars().count() > 200 || new.reply_subject.chars().any(char::is_control) {
            wrong.push(("reply_subject", "at most 200 characters, no control characters".to_owned()));
        }
    }
    if let Some(text) = &patch.reply_text {
        new.reply_text = text.replace("\r\n", "\n").trim_end().to_owned();
        let bad = |c: char| c.is_control() && c != '\n' && c != '\t';
        if new.reply_text.chars().count() > 10_000 || new.reply_text.chars().any(bad) {
            wrong.push(("reply_text", "at most 10000 characters, no control characters".to_owned()));
        }
    }
    if let Some(days) = patch.reply_days {
        new.reply_days = days;
        if !(1..=60).contains(&days) {
            wrong.push(("reply_days", "from 1 to 60 days".to_owned()));
        }
    }
    if new.reply_on && new.reply_text.trim().is_empty() {
        wrong.push(("reply_text", "the answer has no text".to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(json: &str) -> Vec<&'static str> {
        let patch: MailboxPatch = serde_json::from_str(json).unwrap();
        applied(&MailboxData::default(), &patch).1.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn fields_are_judged_one_by_one() {
        assert!(judged("{}").is_empty());
        assert!(judged(r#"{"quota_bytes": null, "quota_messages": null, "reply_until": null}"#).is_empty());
        for (json, field) in [
            (r#"{"quota_bytes": 0}"#, "quota_bytes"),
            (r#"{"quota_bytes": -1}"#, "quota_bytes"),
            (r#"{"quota_bytes": 9223372036854775807}"#, "quota_bytes"),
            (r#"{"quota_messages": 0}"#, "quota_messages"),
            (r#"{"name": "a\nb"}"#, "name"),
            (r#"{"protocols": ["ftp"]}"#, "protocols"),
            (r#"{"storage": "mbox"}"#, "storage"),
            (r#"{"forward": ["|cmd"]}"#, "forward"),
            (r#"{"forward": ["/etc/passwd"]}"#, "forward"),
            (r#"{"forward": [":include:/x"]}"#, "forward"),
            (r#"{"forward": ["a@b.de,c@d.de"]}"#, "forward"),
            (r#"{"forward": ["a@b.de\nc@d.de"]}"#, "forward"),
            (r#"{"send_as": ["@b.de"]}"#, "send_as"),
            (r#"{"reply_on": true}"#, "reply_text"),
            (r#"{"reply_text": "a\u0000b"}"#, "reply_text"),
            (r#"{"reply_subject": "a\r\nBcc: x@y.de"}"#, "reply_subject"),
            (r#"{"reply_days": 0}"#, "reply_days"),
            (r#"{"junk_at": 0}"#, "junk_at"),
            (r#"{"reply_from": "2026-12-24", "reply_until": "2026-12-23"}"#, "reply_until"),
        ] {
            assert_eq!(judged(json), [field], "{json}");
        }
        assert!(serde_json::from_str::<MailboxPatch>(r#"{"quota_bytes": 9223372036854775808}"#).is_err());
        assert!(serde_json::from_str::<MailboxPatch>(r#"{"domain_id": "x"}"#).is_err(), "nothing else can be set");
    }

    #[test]
    fn names_and_targets() {
        assert!(new_address("Info@Müller.de", true).is_ok());
        for text in ["../../x@a.de", "\"a b\"@a.de", "a+b@a.de", "a%b@a.de", "#a@a.de", "ü@a.de", "a:b@a.de", "$a@a.de"]
        {
            assert!(new_address(text, true).is_err(), "{text}");
        }
        let (one, all) = (Source::parse("x@a.de").unwrap(), Source::parse("@a.de").unwrap());
        let texts = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        assert!(targets(&one, &texts(&["X@A.de"])).is_err(), "itself, in other letters");
        assert!(targets(&one, &texts(&["@b.de"])).is_err());
        assert_eq!(targets(&all, &texts(&["@b.de", "c@d.de", "", "C@d.de"])).unwrap().len(), 2);
        assert!(targets(&one, &texts(&[" "])).is_err());
        let many: Vec<String> = (0..201).map(|n| format!("n{n}@b.de")).collect();
        assert!(targets(&one, &many).is_err());
    }
}
