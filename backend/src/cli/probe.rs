//! `hostler probe` and `hostler homepages`: which homepages live.

use super::{Common, Failure, close, print, unable};
use crate::{
    observe::sweep::{Prober, Seen, Target},
    platform::context::Context,
};
use clap::{Args, Subcommand, ValueEnum};
use futures_util::StreamExt as _;
use hostler_core::web::{Class, Held, settle};
use hostler_store::{
    Scope,
    homepages::HomepageFilter,
    list::{Page, Sort},
    looks::LookRow,
};
use serde_json::json;
use std::{collections::BTreeMap, fmt::Write as _};
use uuid::Uuid;

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

/// Looks that are written together.
const TOGETHER: usize = 200;

/// A homepage, and what is held to be true of it so far.
type Known = (Uuid, Option<Held>);

pub(super) async fn probe(common: &Common, args: ProbeArgs) -> Result<(), Failure> {
    let (context, embedded) = common.open().await?;
    let result = sweep(&context, &args).await;
    close(context, embedded).await;
    print(&result?)
}

async fn sweep(context: &Context, args: &ProbeArgs) -> Result<String, Failure> {
    let scope = Scope::for_machine("probe");
    let mut view = context.store.view(&scope).await.map_err(unable)?;
    let found = view.homepages_to_look_at(&args.filter).await.map_err(unable)?;
    drop(view);
    let target =
        |h: hostler_store::looks::ToLook| Target { id: (h.id, h.held), name: h.name, mail_is_used: h.mail_is_used };
    let targets: Vec<Target<Known>> = found.into_iter().map(target).collect();
    let prober = Prober::new(&context.settings, context.clock.now()).map_err(Failure::Unable)?;
    prober.can_see().await.map_err(Failure::Unable)?;
    let mut chunks = std::pin::pin!(prober.sweep(targets).ready_chunks(TOGETHER));
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    while let Some(seen) = chunks.next().await {
        let at = context.clock.now();
        keep(context, &scope, &seen, at).await?;
        for one in seen {
            let verdict = &one.verdict;
            *counts.entry(verdict.class).or_default() += 1;
            if !args.json {
                lines.push(line(&one));
                continue;
            }
            rows.push(json!({
                "name": one.target.name, "class": verdict.class, "confidence": verdict.confidence, "signals": verdict.signals,
                "observed_at": at, "held": held(&one).or(one.target.id.1).map(|h| h.class), "kept": held(&one).is_some(), "seen": one.look,
            }));
        }
    }
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

/// What is held to be true after a look; nothing, if it failed here: that says nothing of who is there.
fn held(seen: &Seen<Known>) -> Option<Held> {
    (!seen.look.is_blind()).then(|| settle(seen.target.id.1, seen.verdict.class))
}

/// A line about one homepage.
fn line(one: &Seen<Known>) -> String {
    let verdict = &one.verdict;
    let why: Vec<String> = verdict.signals.iter().map(|s| format!("{} {}", s.name, s.value)).collect();
    let blind = if one.look.is_blind() { " (could not be seen from here: not kept)" } else { "" };
    format!("{:<20} {:>3} {}  {}{blind}", verdict.class.as_str(), verdict.confidence, one.target.name, why.join(", "))
}

async fn keep(
    context: &Context,
    scope: &Scope,
    seen: &[Seen<Known>],
    at: chrono::DateTime<chrono::Utc>,
) -> Result<(), Failure> {
    let rows: Vec<LookRow<'_>> = seen
        .iter()
        .filter_map(|s| Some(LookRow { homepage: s.target.id.0, look: &s.look, verdict: &s.verdict, held: held(s)? }))
        .collect();
    let mut tx = context.store.begin(scope, at).await.map_err(unable)?;
    tx.keep_looks(&rows, at).await.map_err(unable)?;
    tx.commit().await.map_err(unable)
}

pub(super) async fn homepages(common: &Common, command: Homepages) -> Result<(), Failure> {
    let Homepages::List { class, format } = command;
    if let Some(text) = class.as_ref().filter(|text| Class::parse(text).is_none()) {
        return Err(Failure::Unable(format!("--class {text}: one of {}", Class::names())));
    }
    let (context, embedded) = common.open().await?;
    let listed = async {
        let mut view = context.store.view(&Scope::for_machine("homepages list")).await?;
        let filter = HomepageFilter { class, ..HomepageFilter::default() };
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
                    "kind": h.kind, "root": h.root, "customer": h.customer_number }))
                .collect();
            print(&format!("{}\n", serde_json::to_string(&rows).map_err(unable)?))
        }
        Format::Csv => {
            let mut out = csv::Writer::from_writer(Vec::new());
            out.write_record(["name", "class", "doubt", "since", "looked_at", "kind", "root", "customer"])
                .map_err(unable)?;
            for h in items {
                let at = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|a| a.to_rfc3339()).unwrap_or_default();
                let row = [
                    h.name,
                    h.class.unwrap_or_default(),
                    h.doubt.unwrap_or_default(),
                    at(h.class_since),
                    at(h.looked_at),
                    h.kind,
                    h.root,
                    h.customer_number.unwrap_or_default(),
                ];
                // A spreadsheet takes some beginnings for a formula.
                out.write_record(row.iter().map(|cell| crate::http::csv::safe(cell).into_owned())).map_err(unable)?;
            }
            let text = out.into_inner().map_err(unable)?;
            print(&String::from_utf8_lossy(&text))
        }
    }
}
