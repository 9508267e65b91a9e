//! `hostler import papers`

use super::{Common, Failure, close, off_thread, print, remote, say, unable};
use crate::import::{plan::Plan, service};
use clap::Subcommand;
use hostler_papers::{Papers, files::PaperFiles};
use hostler_store::Scope;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Takes over an old provider's papers from a folder or an archive
    Papers {
        /// Folder, zip or tar
        path: PathBuf,
        /// Only makes the plan
        #[arg(long)]
        dry_run: bool,
        /// Prints the plan as JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(common: &Common, command: Import) -> Result<(), Failure> {
    let Import::Papers { path, dry_run, json } = command;
    let name = path.file_name().map_or_else(|| "papers".to_owned(), |n| n.to_string_lossy().into_owned());
    if common.server.is_some() {
        let common = common.clone();
        let plan = off_thread(move || remote::import(&common, &name, &archive(&path)?, dry_run)).await?;
        return show(&plan, dry_run, json);
    }
    let settings = common.settings()?;
    say("reading the papers");
    let files = if path.is_file() {
        let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        PaperFiles::from_archive(&bytes)
    } else {
        PaperFiles::from_folder(&path)
    }
    .map_err(unable)?;
    let papers = Papers::read(&files, &settings.dns.profiles, &mut |_, _, _| {});
    let (context, embedded) = common.open().await?;
    let target = service::Target { source: &name, import: None, own_mail_hosts: &settings.mail.hosts };
    say(if dry_run { "making the plan" } else { "taking them over" });
    let result =
        service::run(&context.store, &Scope::for_machine("import"), context.clock.clone(), papers, target, dry_run)
            .await;
    close(context, embedded).await;
    show(&result.map_err(unable)?, dry_run, json)
}

fn show(plan: &Plan, dry_run: bool, json: bool) -> Result<(), Failure> {
    if json {
        print(&format!("{}\n", serde_json::to_string(plan).map_err(unable)?))
    } else {
        print(&text(plan, dry_run))
    }
}

/// The papers as one file: an archive as it is, a folder packed.
fn archive(path: &Path) -> Result<Vec<u8>, Failure> {
    let told = |e: std::io::Error| format!("{}: {e}", path.display());
    if path.is_file() {
        return Ok(std::fs::read(path).map_err(told)?);
    }
    let packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(packed);
    builder.follow_symlinks(false);
    builder.append_dir_all("", path).map_err(told)?;
    Ok(builder.into_inner().and_then(flate2::write::GzEncoder::finish).map_err(told)?)
}

fn text(plan: &Plan, dry_run: bool) -> String {
    use std::fmt::Write as _;
    let mut out = String::from(if dry_run { "plan (nothing was changed)\n" } else { "done\n" });
    let _ = writeln!(
        out,
        "{:<10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "customers", "domains", "zones", "homepages", "mailboxes", "aliases"
    );
    for (name, c) in
        [("create", plan.create), ("update", plan.update), ("identical", plan.identical), ("conflict", plan.conflict)]
    {
        let _ = writeln!(
            out,
            "{name:<10} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
            c.customers, c.domains, c.zones, c.homepages, c.mailboxes, c.aliases
        );
    }
    for (title, notes) in [("moving", &plan.moving), ("conflict", &plan.conflicts), ("refused", &plan.refused)] {
        for note in notes {
            let line = note.line.map_or(String::new(), |l| format!(":{l}"));
            let _ = writeln!(out, "{title}: {}{line}: {}", note.file, note.reason);
        }
    }
    out
}
