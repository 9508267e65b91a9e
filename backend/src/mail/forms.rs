//! What the forms of mailboxes and aliases say, read and shown again.

use super::rules::{MailboxPatch, Wrong};
pub(super) use crate::http::form::Form;
use chrono::NaiveDate;
use hostler_store::mailboxes::MailboxData;
use hostler_web::pages::mail::MailboxForm;

/// `1,5 GB`, `500 MB`, `2 GiB` or octets; nothing: no limit.
pub(super) fn octets(text: &str) -> Result<Option<i64>, String> {
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return Ok(None);
    }
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (amount, unit) = text.split_at(split);
    let factor: f64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" | "k" => 1e3,
        "mb" | "m" => 1e6,
        "gb" | "g" => 1e9,
        "tb" | "t" => 1e12,
        "kib" => 1024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        _ => return Err("a size such as 500 MB or 2 GB".to_owned()),
    };
    let octets = amount.parse::<f64>().map_err(|_| "a size such as 500 MB or 2 GB".to_owned())? * factor;
    // What is beyond any quota is told so by the rules.
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond an integer becomes the largest")]
    Ok(Some(octets.round() as i64))
}

/// A size as the form has it: exact, in the largest unit that it is a whole number of.
fn exact(octets: i64) -> String {
    let units = [(1_000_000_000, "GB"), (1_073_741_824, "GiB"), (1_000_000, "MB"), (1_048_576, "MiB"), (1024, "KiB")];
    units
        .iter()
        .find(|(size, _)| octets % size == 0)
        .map_or_else(|| octets.to_string(), |(size, unit)| format!("{} {unit}", octets / size))
}

/// A mailbox as its forms have it.
pub(super) fn typed(address: &str, d: &MailboxData) -> MailboxForm {
    let day = |d: Option<NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    MailboxForm {
        address: address.to_owned(),
        name: d.name.clone(),
        protocols: d.protocols.clone(),
        quota: d.quota_bytes.map(exact).unwrap_or_default(),
        quota_messages: d.quota_messages.map(|n| n.to_string()).unwrap_or_default(),
        forward: d.forward.join("\n"),
        keep: d.keep,
        send_as: d.send_as.join("\n"),
        reply_on: d.reply_on,
        reply_from: day(d.reply_from),
        reply_until: day(d.reply_until),
        reply_subject: d.reply_subject.clone(),
        reply_text: d.reply_text.clone(),
        reply_days: d.reply_days.to_string(),
        junk_at: d.junk_at.map(|n| n.to_string()).unwrap_or_default(),
        label: String::new(),
    }
}

fn junk_at(form: &Form, wrong: &mut Wrong) -> Option<i16> {
    match form.one("junk_at").trim() {
        "" => None,
        text => text.parse().map(Some).unwrap_or_else(|_| {
            wrong.push(("junk_at", "from 1 to 20, or never".to_owned()));
            None
        }),
    }
}

/// What the form of a mailbox's owner says about spam.
pub(super) fn junk(form: &Form) -> (MailboxPatch, Wrong) {
    let mut wrong = Vec::new();
    (MailboxPatch { junk_at: Some(junk_at(form, &mut wrong)), ..MailboxPatch::default() }, wrong)
}

/// What the form of a mailbox's owner says about forwards.
pub(super) fn forward(form: &Form) -> (MailboxPatch, Wrong) {
    let (forward, keep) = (Some(form.words("forward")), Some(form.one("keep") == "1"));
    (MailboxPatch { forward, keep, ..MailboxPatch::default() }, Vec::new())
}

/// What the settings' form says, and which of its fields cannot be read.
pub(super) fn settings(form: &Form) -> (MailboxPatch, Wrong) {
    let mut wrong = Vec::new();
    let quota_bytes = octets(&form.one("quota_bytes")).unwrap_or_else(|reason| {
        wrong.push(("quota_bytes", reason));
        None
    });
    let messages = form.one("quota_messages");
    let quota_messages = match messages.trim() {
        "" => None,
        text => text.parse().map(Some).unwrap_or_else(|_| {
            wrong.push(("quota_messages", "at least 1, or no limit".to_owned()));
            None
        }),
    };
    let patch = MailboxPatch {
        name: Some(form.one("name")),
        protocols: Some(form.all("protocols")),
        quota_bytes: Some(quota_bytes),
        quota_messages: Some(quota_messages),
        forward: Some(form.words("forward")),
        keep: Some(form.one("keep") == "1"),
        send_as: Some(form.words("send_as")),
        junk_at: Some(junk_at(form, &mut wrong)),
        ..MailboxPatch::default()
    };
    (patch, wrong)
}

/// What the out-of-office form says.
pub(super) fn reply(form: &Form) -> (MailboxPatch, Wrong) {
    let mut wrong = Vec::new();
    let mut day = |name: &'static str| match form.one(name).trim() {
        "" => None,
        text => text.parse::<NaiveDate>().map(Some).unwrap_or_else(|_| {
            wrong.push((name, "a day such as 2026-12-24".to_owned()));
            None
        }),
    };
    let (from, until) = (day("reply_from"), day("reply_until"));
    let patch = MailboxPatch {
        reply_on: Some(form.one("reply_on") == "1"),
        reply_from: Some(from),
        reply_until: Some(until),
        reply_subject: Some(form.one("reply_subject")),
        reply_text: Some(form.one("reply_text")),
        reply_days: Some(form.one("reply_days").trim().parse().unwrap_or(0)),
        ..MailboxPatch::default()
    };
    (patch, wrong)
}

/// What was typed over what there is.
pub(super) fn over(mut shown: MailboxForm, form: &Form) -> MailboxForm {
    match form.one("part").as_str() {
        "junk" => shown.junk_at = form.one("junk_at"),
        "forward" => {
            shown.forward = form.one("forward");
            shown.keep = form.one("keep") == "1";
        }
        "reply" => {
            shown.reply_on = form.one("reply_on") == "1";
            shown.reply_from = form.one("reply_from");
            shown.reply_until = form.one("reply_until");
            shown.reply_subject = form.one("reply_subject");
            shown.reply_text = form.one("reply_text");
            shown.reply_days = form.one("reply_days");
        }
        _ => {
            shown.name = form.one("name");
            shown.protocols = form.all("protocols");
            shown.quota = form.one("quota_bytes");
            shown.quota_messages = form.one("quota_messages");
            shown.forward = form.one("forward");
            shown.keep = form.one("keep") == "1";
            shown.send_as = form.one("send_as");
            shown.junk_at = form.one("junk_at");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_written() {
        for (text, value) in [
            ("", None),
            ("2 GB", Some(2_000_000_000)),
            ("1,5gb", Some(1_500_000_000)),
            ("500 MB", Some(500_000_000)),
            ("1 GiB", Some(1_073_741_824)),
            ("1234", Some(1234)),
            ("0", Some(0)),
            ("99999999999999999999 TB", Some(i64::MAX)),
        ] {
            assert_eq!(octets(text), Ok(value), "{text}");
        }
        for text in ["-1 GB", "viel", "1 XB", "1.2.3 GB", "NaN"] {
            assert!(octets(text).is_err(), "{text}");
        }
        for size in [2_000_000_000, 1_500_000_000, 1_073_741_824, 10_485_760, 1234] {
            assert_eq!(octets(&exact(size)), Ok(Some(size)));
        }
    }
}
