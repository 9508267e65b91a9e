//! A throw-away Postgres for tests and for checking queries.

use crate::{root, run};
use embedded::Embedded;
use sqlx::ConnectOptions as _;
use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

// By its path and not by its crate: the crate does not compile while a query of it is not in the cache that this makes.
#[path = "../../store/src/embedded.rs"]
#[expect(dead_code, unreachable_pub, reason = "it is a public module of the store, which uses the rest of it")]
mod embedded;

static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

struct Throwaway {
    embedded: Embedded,
    _dir: tempfile::TempDir,
}

fn start() -> Result<Throwaway, String> {
    // Below /tmp, whatever the project's place: the unprivileged user of Postgres must be able to enter it.
    let dir = tempfile::Builder::new().prefix("hostler-pg").tempdir_in("/tmp").map_err(|e| e.to_string())?;
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).map_err(|e| e.to_string())?;
    let embedded = Embedded::start(dir.path(), true, &|text| eprintln!("xtask: {text}")).map_err(|e| e.to_string())?;
    Ok(Throwaway { embedded, _dir: dir })
}

/// Runs a command with a Postgres of its own in `DATABASE_URL`.
pub(crate) fn run_with(program: &str, args: &[&str]) -> Result<(), String> {
    let postgres = start()?;
    let result = run(Command::new(program).args(args).env("DATABASE_URL", postgres.embedded.owner_url()));
    postgres.embedded.stop().map_err(|e| e.to_string())?;
    result
}

async fn migrate(options: sqlx::postgres::PgConnectOptions) -> Result<(), String> {
    let mut connection = options.connect().await.map_err(|e| e.to_string())?;
    MIGRATOR.run(&mut connection).await.map_err(|e| e.to_string())
}

fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    files.filter_map(|e| Some((e.file_name().to_str()?.to_owned(), fs::read(e.path()).ok()?))).collect()
}

/// Writes what the query macros need to know without a database, or compares it with what is committed.
pub(crate) fn prepare(check: bool) -> Result<(), String> {
    let root = root();
    let committed = root.join("store/.sqlx");
    let fresh = tempfile::tempdir().map_err(|e| e.to_string())?;
    let postgres = start()?;
    let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
    runtime.block_on(migrate(postgres.embedded.owner()))?;
    // A folder of its own: in the usual one cargo would think that nothing is to be done.
    let target = root.join("target/sqlx");
    let lib = root.join("store/src/lib.rs");
    let _ = fs::File::options()
        .append(true)
        .open(&lib)
        .and_then(|f| f.set_modified(std::time::SystemTime::UNIX_EPOCH + age()));
    let result = run(Command::new("cargo")
        .args(["check", "--package", "hostler-store", "--target-dir"])
        .arg(&target)
        .current_dir(&root)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", fresh.path())
        .env("DATABASE_URL", postgres.embedded.owner_url()));
    postgres.embedded.stop().map_err(|e| e.to_string())?;
    result?;
    let (old, new) = (contents(&committed), contents(fresh.path()));
    if check {
        return if old == new {
            Ok(())
        } else {
            Err("store/.sqlx is not true: run `cargo xtask sqlx` and commit it".to_owned())
        };
    }
    let _ = fs::remove_dir_all(&committed);
    fs::create_dir_all(&committed).map_err(|e| e.to_string())?;
    for (name, bytes) in &new {
        fs::write(committed.join(name), bytes).map_err(|e| e.to_string())?;
    }
    eprintln!("xtask: {} queries", new.len());
    Ok(())
}

/// Now, for the time stamp that makes cargo look again.
#[expect(clippy::disallowed_methods, reason = "a tool of the build has no clock to inject")]
fn age() -> std::time::Duration {
    std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap_or_default()
}
