//! `hostler zone`

use super::{Common, Failure, print, remote, unable};
use crate::domains::check;
use clap::Subcommand;
use std::path::PathBuf;

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
