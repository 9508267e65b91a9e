//! What happens to a mail: each step from an address to where it ends.

use crate::platform::settings;
use hostler_core::{
    mail::{End, Route, Source},
    names::EmailAddress,
};
use hostler_store::{StoreError, View, mail_servers::MailEnd};
use serde::Serialize;
use std::{collections::HashMap, fmt::Write as _};
use utoipa::ToSchema;

/// A step.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RouteStep)]
pub struct StepBody {
    /// From which address.
    pub from: String,
    /// By what: `alias`, `forward`, `catch-all`, `extension`, `postmaster`.
    pub by: String,
    /// To which.
    pub to: Vec<String>,
}

/// Where it ends.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = RouteEnd)]
pub struct EndBody {
    /// The address.
    pub address: String,
    /// `mailbox`, `elsewhere`, `unknown` or `loop`.
    pub kind: String,
    /// The server that the mailbox lives on; null if servers have no names.
    pub server: Option<String>,
    /// Most octets that the mailbox takes; null: no limit.
    pub quota_bytes: Option<i64>,
    /// Most mails that it takes; null: no limit.
    pub quota_messages: Option<i32>,
    /// Whether its mail waits while it is being moved.
    pub held: bool,
}

/// The way of a mail.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MailRoute)]
pub struct RouteBody {
    /// Whom it is to.
    pub address: String,
    /// Whether somebody gets it, and it goes in no circle.
    pub delivers: bool,
    /// Its steps.
    pub steps: Vec<StepBody>,
    /// Where it ends.
    pub ends: Vec<EndBody>,
    /// Whether it leads to more addresses than a server follows.
    pub too_many: bool,
}

/// Who reads `postmaster@` and `abuse@` where nobody else does: the setting, or whom the panel's own mails come from. A panel that was
/// never set up sends from localhost, where no mail goes.
#[must_use]
pub fn postmaster(mail: &settings::Mail) -> Option<EmailAddress> {
    let text = mail.postmaster.as_deref().unwrap_or(&mail.from);
    EmailAddress::parse(text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>'))).ok()
}

/// Follows a route to its ends.
///
/// # Errors
/// When the database fails.
pub async fn follow(view: &mut View, mut route: Route) -> Result<Route, StoreError> {
    loop {
        let open = route.open();
        if open.is_empty() {
            return Ok(route);
        }
        route.tell(&view.mail_entries(&open).await?);
    }
}

/// The way of a mail to an address.
///
/// # Errors
/// When the database fails.
pub async fn check(view: &mut View, address: EmailAddress, mail: &settings::Mail) -> Result<RouteBody, StoreError> {
    let shown = address.to_string();
    let route = follow(view, Route::from(address, postmaster(mail))).await?;
    let mut way = body(shown, &route);
    let boxes: Vec<String> = way.ends.iter().filter(|e| e.kind == "mailbox").map(|e| e.address.clone()).collect();
    let known: HashMap<String, MailEnd> =
        view.mail_ends(&boxes).await?.into_iter().map(|end| (end.address.clone(), end)).collect();
    for end in way.ends.iter_mut().filter(|e| e.kind == "mailbox") {
        if let Some(known) = known.get(&end.address) {
            end.server.clone_from(&known.server);
            (end.quota_bytes, end.quota_messages, end.held) = (known.quota_bytes, known.quota_messages, known.held);
        }
    }
    Ok(way)
}

/// Why an address cannot lead to these targets, if so: a circle, nobody at the end, too many.
///
/// # Errors
/// When the database fails.
pub async fn objection(view: &mut View, source: &Source, targets: &[Source]) -> Result<Option<String>, StoreError> {
    if targets.is_empty() {
        return Ok(None);
    }
    let route = follow(view, Route::with(source, targets, None)).await?;
    if route.too_many {
        return Ok(Some(format!("it leads to more than {} addresses in the end", Route::MOST)));
    }
    Ok(route.ends.iter().find_map(|end| match end {
        End::Loop(address) => Some(format!("it leads in a circle back to {address}")),
        End::Unknown(address) => Some(format!("it leads to {address}, which nobody has")),
        _ => None,
    }))
}

fn body(address: String, route: &Route) -> RouteBody {
    let step = |s: &hostler_core::mail::Step| StepBody { from: s.from.clone(), by: s.by.to_owned(), to: s.to.clone() };
    let end = |e: &End| {
        let (address, kind) = match e {
            End::Mailbox(a) => (a, "mailbox"),
            End::Elsewhere(a) => (a, "elsewhere"),
            End::Unknown(a) => (a, "unknown"),
            End::Loop(a) => (a, "loop"),
        };
        EndBody {
            address: address.clone(),
            kind: kind.to_owned(),
            server: None,
            quota_bytes: None,
            quota_messages: None,
            held: false,
        }
    };
    RouteBody {
        address,
        delivers: route.delivers(),
        steps: route.steps.iter().map(step).collect(),
        ends: route.ends.iter().map(end).collect(),
        too_many: route.too_many,
    }
}

fn limits(end: &EndBody) -> String {
    let held = end.held.then(|| "its mail waits while it is being moved".to_owned());
    let bytes = end.quota_bytes.map(|n| format!("at most {n} octets"));
    let mails = end.quota_messages.map(|n| format!("at most {n} mails"));
    let all: Vec<String> = bytes.into_iter().chain(mails).chain(held).collect();
    if all.is_empty() { " (no limits)".to_owned() } else { format!(" ({})", all.join("; ")) }
}

/// The way for people at a terminal.
#[must_use]
pub fn text(route: &RouteBody) -> String {
    let mut out = format!("{}\n", route.address);
    for step in &route.steps {
        let _ = writeln!(out, "  {} {} → {}", step.from, step.by, step.to.join(", "));
    }
    for end in &route.ends {
        let told = match end.kind.as_str() {
            "mailbox" => "arrives in the mailbox",
            "elsewhere" => "goes on to another provider:",
            "unknown" => "is refused, nobody has",
            _ => "is lost in a circle at",
        };
        let _ = write!(out, "  {told} {}", end.address);
        if let Some(server) = &end.server {
            let _ = write!(out, " on {server}");
        }
        if end.kind == "mailbox" {
            out.push_str(&limits(end));
        }
        out.push('\n');
    }
    if route.too_many {
        out.push_str("  is cut off: it leads to more addresses than a server follows\n");
    }
    out
}
