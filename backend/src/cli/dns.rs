//! `hostler zone` and `hostler render dns`

use super::{Common, Failure, close, print, remote, unable};
use crate::domains::{check, render as folder};
use clap::{Subcommand, ValueEnum};
use hostler_core::dns::server::Flavor;
use hostler_store::Scope;
use std::{net::SocketAddr, path::PathBuf};

#[derive(Debug, Subcommand)]
pub(super) enum Zone {
    /// Says what is wrong with a zone file; exit status 1 if there are errors
    Check {
        /// The file
        file: PathBuf,
        /// The zone's name
        #[arg(long)]
        origin: String,
        /// Prints the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Prints the records of a zone of a panel, also those that are not published (with --server)
    Get {
        /// The zone's name
        origin: String,
    },
    /// Puts a file in the place of all records of a zone of a panel, and prints what changes (with --server)
    Put {
        /// The file
        file: PathBuf,
        /// The zone's name
        #[arg(long)]
        origin: String,
        /// Publishes the zone afterwards
        #[arg(long)]
        publish: bool,
        /// Stands beside the version
        #[arg(long, default_value = "")]
        note: String,
        /// Only says what would change
        #[arg(long)]
        dry_run: bool,
        /// Prints the answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Prints a zone file in its canonical form
    Format {
        /// The file
        file: PathBuf,
        /// The zone's name
        #[arg(long)]
        origin: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Render {
    /// The published zones as a folder that a name server starts from
    Dns {
        /// Which server
        #[arg(long)]
        flavor: FlavorArg,
        /// The folder; only what changed is written
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Address and port for the local configuration, where there is none yet
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<SocketAddr>,
        /// Prints what was done as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FlavorArg {
    Bind,
    Nsd,
    Knot,
}

impl From<FlavorArg> for Flavor {
    fn from(arg: FlavorArg) -> Self {
        match arg {
            FlavorArg::Bind => Self::Bind,
            FlavorArg::Nsd => Self::Nsd,
            FlavorArg::Knot => Self::Knot,
        }
    }
}

fn read(file: &PathBuf) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|e| Failure::Unable(format!("{}: {e}", file.display())))
}

pub(super) fn zone(common: &Common, command: Zone) -> Result<(), Failure> {
    match command {
        Zone::Check { file, origin, json } => {
            let settings = common.settings()?;
            let report = check::check(&read(&file)?, &check::origin(&origin)?, &settings.dns.profiles);
            if json {
                print(&format!("{}\n", serde_json::to_string(&report).map_err(unable)?))?;
            } else {
                print(&check::text(&report, &file.display().to_string()))?;
            }
            if report.ok { Ok(()) } else { Err(Failure::No) }
        }
        Zone::Get { origin } => remote::zone_get(common, &origin),
        Zone::Put { file, origin, publish, note, dry_run, json } => {
            let how = remote::Put { publish, note: &note, dry_run, json };
            remote::zone_put(common, &origin, &read(&file)?, &how)
        }
        Zone::Format { file, origin } => match check::format(&read(&file)?, &check::origin(&origin)?) {
            Ok(text) => print(&text),
            Err(errors) => {
                for error in errors {
                    eprintln!("{}:{}: {}", file.display(), error.line, error.reason);
                }
                Err(Failure::No)
            }
        },
    }
}

pub(super) async fn render(common: &Common, command: Render) -> Result<(), Failure> {
    let Render::Dns { flavor, out, listen, json } = command;
    let (context, embedded) = common.open().await?;
    let result = folder::render(&context.store, &Scope::for_machine("render"), flavor.into(), &out, listen).await;
    close(context, embedded).await;
    let rendered = result.map_err(unable)?;
    if json {
        print(&format!("{}\n", serde_json::to_string(&rendered).map_err(unable)?))?;
    } else {
        print(&format!(
            "{} zones, {} files written, {} removed\n",
            rendered.zones, rendered.written, rendered.removed
        ))?;
        for (name, errors) in &rendered.withheld {
            eprintln!("hostler: {name} is not served: {errors} errors");
        }
    }
    Ok(())
}
