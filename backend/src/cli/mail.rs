//! `hostler mail`

use super::{Common, Failure, close, print, unable};
use crate::mail::check;
use clap::Subcommand;
use hostler_core::names::EmailAddress;
use hostler_store::Scope;
use std::io::Read;
use uuid::Uuid;

/// A bounce is read up to here; the headers of what came back stand before it.
const MOST: u64 = 256 << 10;

#[derive(Debug, Subcommand)]
pub(super) enum Mail {
    /// Says what happens to a mail for an address, step by step; exit status 1 if nobody gets it
    Check {
        /// The address
        address: String,
        /// Prints the way as JSON
        #[arg(long)]
        json: bool,
    },
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
    match command {
        Mail::Check { address, json } => way(common, &address, json).await,
        Mail::Bounced => bounced(common).await,
    }
}

async fn way(common: &Common, address: &str, json: bool) -> Result<(), Failure> {
    let address = EmailAddress::parse(address).map_err(|e| Failure::Unable(format!("{address}: {e}")))?;
    let (context, embedded) = common.open().await?;
    let result = async {
        let mut view = context.store.view(&Scope::for_machine("mail check")).await?;
        check::check(&mut view, address, &context.settings.mail).await
    };
    let result = result.await;
    close(context, embedded).await;
    let route = result.map_err(unable)?;
    if json {
        print(&format!("{}\n", serde_json::to_string(&route).map_err(unable)?))?;
    } else {
        print(&check::text(&route))?;
    }
    if route.delivers { Ok(()) } else { Err(Failure::No) }
}

async fn bounced(common: &Common) -> Result<(), Failure> {
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
