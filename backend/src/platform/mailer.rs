//! Sends what waits in the outbox: by SMTP, or into a folder where no mail server is set.

use super::{
    context::Context,
    jobs::{JobError, Progress},
};
use chrono::Duration;
use hostler_store::outbox::{DueMail, GIVE_UP_AFTER};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::Envelope,
    message::{
        Mailbox, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use serde_json::Value;
use std::path::Path;

/// The job that sends.
pub const SEND: &str = "mail-send";
/// A mail server that says nothing for so long is tried again later.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(60);

/// What became of a mail.
enum Sent {
    Yes(String),
    Later(String),
    /// Nothing to do with this mail: no other would get through either.
    Unreachable(String),
    Never(String),
}

fn message(mail: &DueMail, from: &Mailbox) -> Result<Message, String> {
    let to: Address = mail.recipient.parse().map_err(|e| format!("{}: {e}", mail.recipient))?;
    let header =
        |name: &'static str, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
    Message::builder()
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .from(from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(mail.subject.clone())
        .date(std::time::SystemTime::from(mail.created_at))
        .raw_header(header("Auto-Submitted", "auto-generated"))
        .raw_header(header("X-Auto-Response-Suppress", "All"))
        // Bounces go to the sender and quote the Message-ID, by which `hostler mail bounced` knows which one it was.
        .envelope(Envelope::new(Some(from.email.clone()), vec![to]).map_err(|e| e.to_string())?)
        .singlepart(SinglePart::plain(mail.body.clone()))
        .map_err(|e| e.to_string())
}

async fn deliver(url: &str, message: &Message) -> Sent {
    let transport = match AsyncSmtpTransport::<Tokio1Executor>::from_url(url) {
        Ok(builder) => builder.timeout(Some(LIMIT / 2)).build(),
        Err(error) => return Sent::Unreachable(format!("setting mail.smtp_url: {error}")),
    };
    match tokio::time::timeout(LIMIT, transport.send_raw(message.envelope(), &message.formatted())).await {
        Err(_) => Sent::Unreachable("the mail server says nothing".to_owned()),
        Ok(Ok(response)) => Sent::Yes(response.message().collect::<Vec<_>>().join(" ")),
        Ok(Err(error)) => {
            let code = error.status().map(|code| code.to_string());
            // A refusal of our own log-in says nothing about the mail.
            let ours = matches!(code.as_deref(), Some("530" | "534" | "535" | "538"));
            if ours || (code.is_none() && !error.is_client()) {
                Sent::Unreachable(error.to_string())
            } else if error.is_permanent() {
                Sent::Never(error.to_string())
            } else {
                Sent::Later(error.to_string())
            }
        }
    }
}

/// Writes a mail into a folder: temp, fsync, rename. Links that open accounts stand in mails, so nobody else may read it.
fn keep(dir: &Path, id: uuid::Uuid, octets: &[u8]) -> std::io::Result<()> {
    use std::{
        io::Write as _,
        os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let beside = dir.join(format!(".{id}"));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(octets)?;
    file.sync_all()?;
    std::fs::rename(beside, dir.join(format!("{id}.eml")))
}

async fn send_one(context: &Context, mail: &DueMail) -> Sent {
    let from: Mailbox = match context.settings.mail.from.parse() {
        Ok(from) => from,
        Err(error) => return Sent::Unreachable(format!("setting mail.from: {error}")),
    };
    let message = match message(mail, &from) {
        Ok(message) => message,
        Err(reason) => return Sent::Never(reason),
    };
    if let Some(url) = &context.settings.mail.smtp_url {
        return deliver(url, &message).await;
    }
    let (dir, id, octets) = (context.settings.data_dir.join("mails"), mail.id, message.formatted());
    match tokio::task::spawn_blocking(move || keep(&dir, id, &octets)).await {
        Ok(Ok(())) => Sent::Yes("kept in the folder mails: setting mail.smtp_url is not set".to_owned()),
        Ok(Err(error)) => Sent::Unreachable(error.to_string()),
        Err(error) => Sent::Unreachable(error.to_string()),
    }
}

/// How long to wait after so many attempts: minutes first, then hours.
fn pause(attempts: i32) -> Duration {
    Duration::minutes(1 << attempts.clamp(0, 7))
}

/// Sends everything that is due.
///
/// # Errors
/// When the database fails.
pub async fn send(context: &Context, progress: &Progress) -> Result<Value, JobError> {
    let mut sent = 0;
    while let Some(mail) = context.store.claim_mail(context.clock.now()).await? {
        let now = context.clock.now();
        let sent_now = send_one(context, &mail).await;
        let unreachable = matches!(sent_now, Sent::Unreachable(_));
        match sent_now {
            Sent::Yes(reply) => {
                sent += 1;
                context.store.settle_mail(mail.id, "sent", Some(&reply), now, None).await?;
            }
            Sent::Never(reply) => {
                tracing::warn!(mail = %mail.id, reply, "a mail was refused");
                context.store.settle_mail(mail.id, "failed", Some(&reply), now, None).await?;
            }
            Sent::Later(reply) | Sent::Unreachable(reply) if now - mail.created_at > GIVE_UP_AFTER => {
                tracing::warn!(mail = %mail.id, reply, "a mail was given up");
                context.store.settle_mail(mail.id, "failed", Some(&reply), now, None).await?;
            }
            Sent::Later(reply) | Sent::Unreachable(reply) => {
                tracing::info!(mail = %mail.id, reply, attempts = mail.attempts, "a mail has to wait");
                let again = now + pause(mail.attempts);
                context.store.settle_mail(mail.id, "waiting", Some(&reply), now, Some(again)).await?;
            }
        }
        progress.set(sent, 0, "");
        if unreachable {
            // Each would hold this worker for as long; the queue wakes the mailer again.
            context.store.postpone_mails(now, now + pause(0)).await?;
            break;
        }
    }
    Ok(Value::from(sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_two_hours() {
        assert_eq!([1, 3, 7, 50].map(|n| pause(n).num_minutes()), [2, 8, 128, 128]);
    }

    #[test]
    fn no_text_of_a_stranger_becomes_a_header() {
        let mail = DueMail {
            id: uuid::Uuid::nil(),
            recipient: "a@b.example".to_owned(),
            subject: "Hi\r\nBcc: evil@example.org".to_owned(),
            body: "Text\r\n.\r\nMAIL FROM:<x>".to_owned(),
            attempts: 1,
            created_at: chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        };
        let formatted = message(&mail, &"Panel <panel@h.example>".parse().unwrap()).unwrap().formatted();
        let text = String::from_utf8(formatted).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|l| l.to_ascii_lowercase().starts_with("bcc")), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated") && head.contains("MIME-Version: 1.0"), "{head}");
    }
}
