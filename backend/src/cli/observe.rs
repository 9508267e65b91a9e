//! `hostler observe`: what was seen in the world.

use super::{Common, Failure, close, print, unable};
use crate::{
    homepages::weblogs,
    mail::{facts, logins},
};
use clap::Subcommand;
use hostler_store::Scope;
use std::{io::Read, path::PathBuf};

/// Most octets that are read: a hundred thousand mailboxes make some fifteen million.
const MOST: u64 = 256 << 20;

#[derive(Debug, Subcommand)]
pub(super) enum Observe {
    /// Takes what `doveadm -f tab quota get -A` printed: how much mail each mailbox has
    Mailboxes {
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// Takes a log of Dovecot or Postfix: when the owner of each mailbox logged in last
    Logins {
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// Takes the logs of web and FTP servers: how many people visit each homepage, and when something was uploaded last
    Weblogs {
        /// The folder; those below it are read as well
        dir: PathBuf,
    },
}

pub(super) async fn run(common: &Common, command: Observe) -> Result<(), Failure> {
    match command {
        Observe::Mailboxes { file } => sizes(common, file).await,
        Observe::Logins { file } => log_ins(common, file).await,
        Observe::Weblogs { dir } => visits(common, dir).await,
    }
}

async fn visits(common: &Common, dir: PathBuf) -> Result<(), Failure> {
    let (context, embedded) = common.open().await?;
    let result = async {
        let scope = Scope::for_machine("observe weblogs");
        let names = context.store.view(&scope).await.map_err(unable)?.homepage_names().await.map_err(unable)?;
        let logs =
            weblogs::read(&dir, &names, context.clock.now(), context.settings.time_zone.0).map_err(Failure::Unable)?;
        let rows = logs.rows();
        let mut tx = context.store.begin(&scope, context.clock.now()).await.map_err(unable)?;
        tx.note_logs(&rows).await.map_err(unable)?;
        tx.commit().await.map_err(unable)?;
        let visited = rows.iter().filter(|r| r.hits.is_some_and(|h| h > 0)).count();
        let silent = rows.iter().filter(|r| r.hits == Some(0)).count();
        Ok::<_, Failure>(format!(
            "{} files: {visited} homepages visited by people, {silent} by nobody; {} requests for names not known here\n",
            logs.files, logs.strangers
        ))
    };
    let result = result.await;
    close(context, embedded).await;
    print(&result?)
}

async fn log_ins(common: &Common, file: PathBuf) -> Result<(), Failure> {
    let shown = file.display().to_string();
    let (context, embedded) = common.open().await?;
    let (now, zone) = (context.clock.now(), context.settings.time_zone.0);
    let result = async {
        let read = if shown == "-" {
            logins::read(std::io::stdin().lock(), now, zone)
        } else {
            std::fs::File::open(&file).and_then(|f| logins::read(std::io::BufReader::new(f), now, zone))
        };
        let found = read.map_err(|e| Failure::Unable(format!("{shown}: {e}")))?;
        let span = found.span.ok_or_else(|| Failure::Unable(format!("{shown}: no line begins with a time")))?;
        let rows: Vec<_> = found.last.into_iter().collect();
        let mut tx = context.store.begin(&Scope::for_machine("observe logins"), now).await.map_err(unable)?;
        let known = tx.see_logins(&rows, span).await.map_err(unable)?;
        tx.commit().await.map_err(unable)?;
        Ok::<_, Failure>((known, rows.len()))
    };
    let result = result.await;
    close(context, embedded).await;
    let (known, all) = result?;
    print(&format!(
        "{known} mailboxes logged in to, {} not known here\n",
        all.saturating_sub(usize::try_from(known).unwrap_or(0))
    ))
}

async fn sizes(common: &Common, file: PathBuf) -> Result<(), Failure> {
    let mut octets = Vec::new();
    let shown = file.display().to_string();
    let read = if shown == "-" {
        std::io::stdin().take(MOST).read_to_end(&mut octets)
    } else {
        std::fs::File::open(&file).and_then(|f| f.take(MOST).read_to_end(&mut octets))
    };
    read.map_err(|e| Failure::Unable(format!("{shown}: {e}")))?;
    let text = String::from_utf8(octets).map_err(|_| Failure::Unable(format!("{shown}: it is not UTF-8")))?;
    let seen = facts::read(&text).map_err(|reason| Failure::Unable(format!("{shown}: {reason}")))?;
    let rows: Vec<(String, Option<i64>, Option<i64>)> =
        seen.into_iter().map(|(address, seen)| (address, seen.bytes, seen.mails)).collect();
    let (context, embedded) = common.open().await?;
    let result = async {
        let mut tx = context.store.begin(&Scope::for_machine("observe mailboxes"), context.clock.now()).await?;
        let known = tx.see_mailboxes(&rows).await?;
        tx.commit().await?;
        Ok::<_, hostler_store::StoreError>(known)
    };
    let result = result.await;
    close(context, embedded).await;
    let known = result.map_err(unable)?;
    print(&format!(
        "{known} mailboxes seen, {} not known here\n",
        rows.len().saturating_sub(usize::try_from(known).unwrap_or(0))
    ))
}
