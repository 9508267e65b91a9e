//! The program.

use std::process::ExitCode;

#[actix_web::main]
async fn main() -> ExitCode {
    hostler::cli::run().await
}
