//! What the Makefile needs beyond a line of shell.
//!
//! - `islands`: builds the wasm bundle into `target/islands`, from which the server embeds it.
//! - `sqlx [--check]`: renews `store/.sqlx` against a private Postgres, or says whether it is true.
//! - `with-postgres COMMAND…`: runs a command with `DATABASE_URL` of a throw-away Postgres.

mod islands;
mod postgres;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["islands"] => islands::build(),
        ["sqlx"] => postgres::prepare(false),
        ["sqlx", "--check"] => postgres::prepare(true),
        ["with-postgres", program, rest @ ..] => postgres::run_with(program, rest),
        _ => Err("usage: cargo xtask islands | sqlx [--check] | with-postgres COMMAND…".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("xtask: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a command; says which one failed.
fn run(command: &mut std::process::Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
}

/// The project's root.
fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
