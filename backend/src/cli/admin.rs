//! `hostler admin`

use super::{Common, Failure, close, print, unable};
use crate::identity::{service, tokens::Wanted};
use clap::Subcommand;
use std::io::Read;

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Makes a token for automation, with the rights of a login, and prints it
    Token {
        /// Address, the login name
        #[arg(long)]
        email: String,
        /// What it may do, such as hosting.read, several with commas; without it all that the login may
        #[arg(long, value_delimiter = ',')]
        actions: Vec<String>,
        /// Networks from which it works, several with commas; without them from everywhere
        #[arg(long, value_delimiter = ',')]
        networks: Vec<String>,
        /// Days that it works
        #[arg(long, default_value_t = 90)]
        days: i64,
    },
    /// Takes all second factors of a login away, for somebody who lost them
    ClearFactors {
        /// Address, the login name
        #[arg(long)]
        email: String,
    },
    /// Makes a login, or gives it a new password
    Create {
        /// Address, the login name
        #[arg(long)]
        email: String,
        /// Name for people
        #[arg(long)]
        name: Option<String>,
        /// Reads the password from standard input; it is never taken from the command line, where everybody sees it
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

pub(super) async fn run(common: &Common, command: Admin) -> Result<(), Failure> {
    let (email, name) = match command {
        Admin::Token { email, actions, networks, days } => {
            let (context, embedded) = common.open().await?;
            let wanted = Wanted { name: "command line".to_owned(), actions, networks, days };
            let made = service::create_token(&context, &email, wanted).await;
            close(context, embedded).await;
            return print(&format!("{}\n", made.map_err(unable)?));
        }
        Admin::ClearFactors { email } => {
            let (context, embedded) = common.open().await?;
            let cleared = service::clear_factors(&context, &email).await;
            close(context, embedded).await;
            cleared.map_err(unable)?;
            return print(&format!("{email} has no second factor any more, its sessions are over\n"));
        }
        Admin::Create { email, name, password_stdin: _ } => (email, name),
    };
    let mut password = String::new();
    std::io::stdin().take(4096).read_to_string(&mut password).map_err(|e| format!("standard input: {e}"))?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let (context, embedded) = common.open().await?;
    let made = service::create_admin(&context, &email, name.as_deref(), &password, context.clock.now()).await;
    close(context, embedded).await;
    match made.map_err(unable)? {
        true => print(&format!("created {email}\n")),
        false => print(&format!("{email} has a new password, its sessions are over\n")),
    }
}
