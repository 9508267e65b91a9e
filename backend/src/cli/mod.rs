//! The command line. Only the answer goes to standard output; progress goes to standard error, on a terminal.
//!
//! Exit status: 0 done, 1 the answer is no, 2 wrong use or could not run.

mod admin;
mod dns;
mod mail;
mod observe;
mod papers;
mod probe;
mod remote;
mod render;
mod serve;

use crate::platform::{
    context::Context,
    settings::{self, Settings},
};
use clap::{Args, Parser, Subcommand};
use hostler_store::embedded::Embedded;
use std::{io::IsTerminal, net::SocketAddr, path::PathBuf, process::ExitCode};

/// A control panel for small hosting providers.
#[derive(Debug, Parser)]
#[command(name = "hostler", version, about)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every command.
#[derive(Debug, Clone, Args)]
struct Common {
    /// Settings file (TOML)
    #[arg(long, global = true, env = "HOSTLER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sets one setting, stronger than file and environment; see `hostler settings`
    #[arg(long = "set", global = true, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Folder for everything that is kept (setting data_dir)
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// PostgreSQL to use instead of a private one (setting database.url)
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// A panel elsewhere, whose API does the work (api, zone get, zone put, import papers)
    #[arg(long, global = true, value_name = "URL", conflicts_with_all = ["database_url", "data_dir"])]
    server: Option<String>,
    /// File with the token for it
    #[arg(long, global = true, value_name = "FILE", requires = "server")]
    token_file: Option<PathBuf>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    text.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())).ok_or_else(|| "write NAME=VALUE".to_owned())
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts the panel
    Serve {
        /// Address and port (setting http.listen)
        #[arg(long, value_name = "ADDRESS:PORT")]
        listen: Option<SocketAddr>,
    },
    /// Judges and rewrites zone files
    #[command(subcommand)]
    Zone(dns::Zone),
    /// Takes over what an old system left
    #[command(subcommand)]
    Import(papers::Import),
    /// Writes configuration for servers
    #[command(subcommand)]
    Render(render::Render),
    /// Takes what was seen on the servers
    #[command(subcommand)]
    Observe(observe::Observe),
    /// Manages the logins of the staff
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Takes mails that came back
    #[command(subcommand)]
    Mail(mail::Mail),
    /// Looks at every homepage, and says which live
    Probe(probe::ProbeArgs),
    /// Lists homepages by what they are held to be
    #[command(subcommand)]
    Homepages(probe::Homepages),
    /// Sends one request to the API of a panel (with --server)
    Api(remote::Request),
    /// Prints all settings as Markdown
    Settings,
}

impl Command {
    /// Whether `--server` goes with it: as a panel elsewhere whose API does it, or as the mail or web server that it is about.
    fn takes_server(&self) -> bool {
        let remote =
            matches!(self, Self::Api(_) | Self::Import(_) | Self::Zone(dns::Zone::Get { .. } | dns::Zone::Put { .. }));
        remote || matches!(self, Self::Render(render::Render::Mail(_) | render::Render::Web { .. }))
    }
}

/// Why a command did not do what it should.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The answer is no.
    No,
    /// Wrong use, or it could not run.
    Unable(String),
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self::Unable(text)
    }
}

/// A failure with the words of an error.
pub(crate) fn unable(error: impl ToString) -> Failure {
    Failure::Unable(error.to_string())
}

/// Says something to people who watch.
fn say(text: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("hostler: {text}");
    }
}

impl Common {
    fn settings(&self) -> Result<Settings, Failure> {
        let mut flags = self.set.clone();
        if let Some(dir) = &self.data_dir {
            flags.push(("data_dir".to_owned(), dir.display().to_string()));
        }
        if let Some(url) = &self.database_url {
            flags.push(("database.url".to_owned(), url.clone()));
        }
        settings::load(self.config.as_deref(), &flags).map_err(Failure::Unable)
    }

    /// The database of a command that is not the server.
    async fn open(&self) -> Result<(Context, Option<Embedded>), Failure> {
        Context::open(self.settings()?, say).await.map_err(unable)
    }
}

/// Prints an answer. A reader that went away has what it wanted; a full disk has not.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut out = std::io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Unable(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Lets go of the private PostgreSQL, off this thread.
async fn close(context: Context, embedded: Option<Embedded>) {
    context.store.close().await;
    drop(context);
    if let Some(embedded) = embedded {
        let stopped = tokio::task::spawn_blocking(move || embedded.stop()).await;
        if let Ok(Err(error)) = stopped {
            eprintln!("hostler: {error}");
        }
    }
}

/// Runs what waits for a network or a disk.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(unable)?
}

/// Runs the command line.
pub async fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    if cli.common.server.is_some() && !cli.command.takes_server() {
        eprintln!("hostler: --server does not go with this command, which works on this machine");
        return ExitCode::from(2);
    }
    let result = match cli.command {
        Command::Serve { listen } => serve::run(&cli.common, listen).await,
        Command::Zone(command) => off_thread(move || dns::zone(&cli.common, command)).await,
        Command::Import(command) => papers::run(&cli.common, command).await,
        Command::Render(command) => render::run(&cli.common, command).await,
        Command::Observe(command) => observe::run(&cli.common, command).await,
        Command::Admin(command) => admin::run(&cli.common, command).await,
        Command::Mail(command) => mail::run(&cli.common, command).await,
        Command::Probe(args) => probe::probe(&cli.common, args).await,
        Command::Homepages(command) => probe::homepages(&cli.common, command).await,
        Command::Api(request) => off_thread(move || remote::request(&cli.common, &request)).await,
        Command::Settings => print(&settings::markdown()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::No) => ExitCode::from(1),
        Err(Failure::Unable(reason)) => {
            eprintln!("hostler: {reason}");
            ExitCode::from(2)
        }
    }
}
