//! `hostler probe` and `hostler homepages`: which homepages live.

use super::{Common, Failure, close, print, unable};
use crate::{
    homepages::sweep,
    observe::sweep::Seen,
    platform::{context::Context, jobs::Progress},
};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use hostler_core::web::{Class, Decision};
use hostler_store::{
    Scope,
    homepages::HomepageFilter,
    list::{Page, Sort},
    looks::Which,
};
use serde_json::json;
use std::fmt::Write as _;

#[derive(Debug, Args)]
pub(super) struct ProbeArgs {
    /// Only homepages whose name holds this
    #[arg(long, value_name = "TEXT", default_value = "")]
    filter: String,
    /// Prints what was seen as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Homepages {
    /// The homepages of a class, as they are held to be
    List {
        /// The class, such as alive or parked
        #[arg(long)]
        class: Option<String>,
        /// What becomes of them: undecided, move, ask, drop or elsewhere
        #[arg(long)]
        decision: Option<String>,
        /// csv or json
        #[arg(long, default_value = "csv")]
        format: Format,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Format {
    Csv,
    Json,
}

pub(super) async fn probe(common: &Common, args: ProbeArgs) -> Result<(), Failure> {
    let (context, embedded) = common.open().await?;
    let result = sweep(&context, &args).await;
    close(context, embedded).await;
    print(&result?)
}

async fn sweep(context: &Context, args: &ProbeArgs) -> Result<String, Failure> {
    let scope = Scope::for_machine("probe");
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    let which = Which::Named(args.filter.clone());
    let told = |one: Seen, at: DateTime<Utc>| {
        if !args.json {
            return lines.push(line(&one));
        }
        let verdict = &one.verdict;
        let held = sweep::held(&one);
        rows.push(json!({
            "name": one.target.name, "class": verdict.class, "confidence": verdict.confidence, "signals": verdict.signals,
            "observed_at": at, "held": held.or(one.target.held).map(|h| h.class), "kept": held.is_some(), "seen": one.look,
        }));
    };
    let counts = sweep::sweep(context, &scope, &which, &Progress::default(), told).await.map_err(unable)?;
    if args.json {
        return Ok(format!("{}\n", serde_json::to_string(&rows).map_err(unable)?));
    }
    lines.sort();
    let mut out = String::new();
    for line in lines {
        // What a page says of itself is no command to the terminal.
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out);
    for (class, n) in counts {
        let _ = writeln!(out, "{n:>6} {}", class.as_str());
    }
    Ok(out)
}

/// A line about one homepage.
fn line(one: &Seen) -> String {
    let verdict = &one.verdict;
    let why: Vec<String> = verdict.signals.iter().map(|s| format!("{} {}", s.name, s.value)).collect();
    let blind = if one.look.is_blind() { " (could not be seen from here: not kept)" } else { "" };
    format!("{:<20} {:>3} {}  {}{blind}", verdict.class.as_str(), verdict.confidence, one.target.name, why.join(", "))
}

pub(super) async fn homepages(common: &Common, command: Homepages) -> Result<(), Failure> {
    let Homepages::List { class, decision, format } = command;
    if let Some(text) = class.as_ref().filter(|text| Class::parse(text).is_none()) {
        return Err(Failure::Unable(format!("--class {text}: one of {}", Class::names())));
    }
    if let Some(text) = decision.as_ref().filter(|text| Decision::parse(text).is_none()) {
        return Err(Failure::Unable(format!("--decision {text}: one of {}", Decision::names())));
    }
    let (context, embedded) = common.open().await?;
    let listed = async {
        let mut view = context.store.view(&Scope::for_machine("homepages list")).await?;
        let filter = HomepageFilter { class, decision, ..HomepageFilter::default() };
        let page = Page { limit: i64::from(i32::MAX), offset: 0 };
        view.homepages(&filter, Sort { column: 0, descending: false }, page).await
    };
    let listed = listed.await;
    close(context, embedded).await;
    let items = listed.map_err(unable)?.items;
    match format {
        Format::Json => {
            let rows: Vec<_> = items
                .iter()
                .map(|h| json!({ "name": h.name, "class": h.class, "doubt": h.doubt, "since": h.class_since, "looked_at": h.looked_at,
                    "kind": h.kind, "root": h.root, "customer": h.customer_number, "decision": h.decision, "proposal": h.inside.proposal,
                    "moves_on": h.moves_on }))
                .collect();
            print(&format!("{}\n", serde_json::to_string(&rows).map_err(unable)?))
        }
        Format::Csv => {
            let mut out = csv::Writer::from_writer(Vec::new());
            out.write_record([
                "name",
                "class",
                "doubt",
                "since",
                "looked_at",
                "kind",
                "root",
                "customer",
                "decision",
                "proposal",
            ])
            .map_err(unable)?;
            for h in items {
                let at = |at: Option<DateTime<Utc>>| at.map(|a| a.to_rfc3339()).unwrap_or_default();
                let row = [
                    h.name,
                    h.class.unwrap_or_default(),
                    h.doubt.unwrap_or_default(),
                    at(h.class_since),
                    at(h.looked_at),
                    h.kind,
                    h.root,
                    h.customer_number.unwrap_or_default(),
                    h.decision,
                    h.inside.proposal.unwrap_or_default(),
                ];
                // A spreadsheet takes some beginnings for a formula.
                out.write_record(row.iter().map(|cell| crate::http::csv::safe(cell).into_owned())).map_err(unable)?;
            }
            let text = out.into_inner().map_err(unable)?;
            print(&String::from_utf8_lossy(&text))
        }
    }
}
