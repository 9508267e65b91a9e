//! `hostler mail`

use super::{Common, Failure, close, print, unable};
use clap::Subcommand;
use std::io::Read;
use uuid::Uuid;

/// A bounce is read up to here; the headers of what came back stand before it.
const MOST: u64 = 256 << 10;

#[derive(Debug, Subcommand)]
pub(super) enum Mail {
    /// Reads a mail that came back from standard input, and notes for whom it was; for the mail server's alias of mail.from
    Bounced,
}

/// The numbers of our own mails that a text quotes: `<uuid@domain>`, as their Message-ID has it.
fn quoted(text: &str, domain: &str) -> Vec<Uuid> {
    let end = format!("@{domain}>");
    text.split('<')
        .skip(1)
        .filter_map(|part| {
            part.split_once(&end).map(|(id, _)| id).or_else(|| part.split_once(&end.to_lowercase()).map(|(id, _)| id))
        })
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// Why it came back, as the delivery report says it (RFC 3464).
fn reason(text: &str) -> String {
    let line = text.lines().find_map(|l| l.strip_prefix("Diagnostic-Code:").or_else(|| l.strip_prefix("Status:")));
    let reason = line.unwrap_or("it came back").trim();
    reason.chars().filter(|c| !c.is_control()).take(300).collect()
}

pub(super) async fn run(common: &Common, command: Mail) -> Result<(), Failure> {
    let Mail::Bounced = command;
    let mut octets = Vec::new();
    std::io::stdin().take(MOST).read_to_end(&mut octets).map_err(|e| format!("standard input: {e}"))?;
    let text = String::from_utf8_lossy(&octets).into_owned();
    let (context, embedded) = common.open().await?;
    let from = &context.settings.mail.from;
    let domain = from.rsplit_once('@').map_or("", |(_, d)| d.trim_end_matches('>')).to_owned();
    let mut noted = 0;
    let mut failed = None;
    for id in quoted(&text, &domain) {
        match context.store.bounce_mail(id, &reason(&text)).await {
            Ok(true) => noted += 1,
            Ok(false) => {}
            Err(error) => failed = Some(error),
        }
    }
    close(context, embedded).await;
    match failed {
        Some(error) => Err(unable(error)),
        None if noted == 0 => Err(Failure::No),
        None => print(&format!("{noted} noted\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_which_mail_it_is_about_and_why() {
        let id = "0193e0a0-0000-7000-8000-000000000001";
        let text = format!(
            "From: MAILER-DAEMON\n\nReporting-MTA: dns; x\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n\nMessage-ID: <{id}@panel.example>\nMessage-ID: <other@x>\n"
        );
        assert_eq!(quoted(&text, "panel.example"), [id.parse::<Uuid>().unwrap()]);
        assert!(quoted(&text, "elsewhere.example").is_empty());
        assert_eq!(reason(&text), "smtp; 550 5.1.1 unknown");
    }
}
