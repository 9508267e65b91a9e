//! The Postgres that Hostler runs for itself where none is given.
//!
//! The system's binaries, a data directory of its own, a unix socket and no network. Several processes (the server
//! and a command beside it) may use it at once: each holds a shared lock, and the last one to let go stops it. A
//! process that was killed leaves it running; the next one finds it and goes on with it.

use sqlx::postgres::PgConnectOptions;
use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Owner of the cluster and of every table.
pub const OWNER: &str = "hostler_owner";
/// Role of the running panel.
pub const SERVER: &str = "hostler_server";
/// System user that Postgres runs as where Hostler was started as root.
pub const SYSTEM_USER: &str = "hostler-postgres";
/// Longest path of a unix socket is 107 octets; Postgres adds `/.s.PGSQL.5432.lock`.
const MAX_SOCKET_DIR: usize = 85;

/// Why Postgres could not be started.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No binaries.
    #[error(
        "no PostgreSQL found under /usr/lib/postgresql and none in PATH: install it (Debian: apt-get install postgresql) or give a database.url"
    )]
    NotInstalled,
    /// The data directory cannot be used.
    #[error("{path}: {source}")]
    Path {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The unprivileged user cannot reach the data directory.
    #[error(
        "PostgreSQL refuses to run as root, and the user {SYSTEM_USER} cannot enter {0}: choose a data_dir outside, such as /var/lib/hostler"
    )]
    Unreachable(PathBuf),
    /// A program failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// Which.
        program: &'static str,
        /// What it said.
        output: String,
    },
}

/// A running Postgres that this process uses.
#[derive(Debug)]
pub struct Embedded {
    bin: PathBuf,
    data: PathBuf,
    socket_dir: PathBuf,
    user: Option<(u32, u32)>,
    lock_path: PathBuf,
    users: Option<File>,
    fast: bool,
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError + '_ {
    move |source| EmbeddedError::Path { path: path.to_owned(), source }
}

/// The PostgreSQL that made the cluster; for a new one the newest installed, or the one in PATH.
fn binaries(cluster: &Path) -> Option<PathBuf> {
    if let Ok(version) = fs::read_to_string(cluster.join("PG_VERSION")) {
        let bin = Path::new("/usr/lib/postgresql").join(version.trim()).join("bin");
        if bin.join("postgres").is_file() {
            return Some(bin);
        }
    }
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|e| Some((e.file_name().to_str()?.parse().ok()?, e.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin).or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|dir| dir.join("initdb").is_file() && dir.join("postgres").is_file())
    })
}

impl Embedded {
    /// Starts Postgres with its data under `data_dir`, or joins the one that runs there. `fast` gives up safety
    /// against power loss, for tests. `say` is told what takes long.
    ///
    /// # Errors
    /// When there is no PostgreSQL, the directory cannot be used, or it does not start.
    pub fn start(data_dir: &Path, fast: bool, say: &dyn Fn(&str)) -> Result<Self, EmbeddedError> {
        let bin = binaries(&data_dir.join("postgres/data")).ok_or(EmbeddedError::NotInstalled)?;
        fs::create_dir_all(data_dir).map_err(at(data_dir))?;
        let data_dir = fs::canonicalize(data_dir).map_err(at(data_dir))?;
        let user = if rustix::process::geteuid().is_root() { Some(system_user(say)?) } else { None };
        let home = data_dir.join("postgres");
        fs::create_dir_all(&home).map_err(at(&home))?;
        own(&home, user)?;
        let mut this = Self {
            bin,
            data: home.join("data"),
            socket_dir: socket_dir(&home, user)?,
            user,
            lock_path: home.join("users.lock"),
            users: None,
            fast: false,
        };
        this.check_reachable(&home)?;
        // Starting and stopping exclude each other; using goes on beside both.
        let gate = lock_file(&home.join("start.lock"))?;
        gate.lock().map_err(at(&home))?;
        this.initialise(say)?;
        this.fast = fast;
        this.wake()?;
        let users = lock_file(&this.lock_path)?;
        users.lock_shared().map_err(at(&this.lock_path))?;
        this.users = Some(users);
        Ok(this)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.stdin(Stdio::null()).current_dir("/").env("LC_ALL", "C.UTF-8");
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    fn check_reachable(&self, home: &Path) -> Result<(), EmbeddedError> {
        let Some((uid, gid)) = self.user else { return Ok(()) };
        let reached = Command::new("test").arg("-w").arg(home).current_dir("/").uid(uid).gid(gid).status();
        match reached {
            Ok(status) if status.success() => Ok(()),
            _ => Err(EmbeddedError::Unreachable(home.to_owned())),
        }
    }

    fn initialise(&self, say: &dyn Fn(&str)) -> Result<(), EmbeddedError> {
        if self.data.join("PG_VERSION").exists() {
            return Ok(());
        }
        say("creating the private PostgreSQL cluster");
        let mut command = self.command("initdb");
        command.arg("-D").arg(&self.data).args([
            "-U",
            OWNER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-instructions",
        ]);
        run("initdb", command)
    }

    /// Whether the server of this data directory answers.
    fn running(&self) -> bool {
        let mut command = self.command("pg_ctl");
        command.arg("status").arg("-D").arg(&self.data).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Whether it takes connections.
    fn ready(&self) -> bool {
        let mut command = self.command("pg_isready");
        command
            .arg("-q")
            .arg("-t")
            .arg("2")
            .arg("-h")
            .arg(&self.socket_dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// Starts the server unless it answers. One that was killed a moment ago leaves a pid and children behind, so it is
    /// tried for some seconds.
    fn wake(&self) -> Result<(), EmbeddedError> {
        let mut tries = 0;
        loop {
            if self.running() && self.ready() {
                return Ok(());
            }
            match self.run(self.fast) {
                Ok(()) => return Ok(()),
                Err(error) if tries >= 20 => return Err(error),
                Err(_) => std::thread::sleep(std::time::Duration::from_millis(500)),
            }
            tries += 1;
        }
    }

    /// Starts the server again if it died; answers whether it had to.
    ///
    /// # Errors
    /// When it does not start.
    pub fn revive(&self) -> Result<bool, EmbeddedError> {
        if self.ready() {
            return Ok(false);
        }
        let gate = self.lock_path.with_file_name("start.lock");
        let gate_file = lock_file(&gate)?;
        gate_file.lock().map_err(at(&gate))?;
        self.wake()?;
        Ok(true)
    }

    fn run(&self, fast: bool) -> Result<(), EmbeddedError> {
        let mut options = format!(
            "-c listen_addresses='' -c unix_socket_directories='{}' -c unix_socket_permissions=0700 \
             -c max_connections=100 -c shared_buffers=64MB -c jit=off -c random_page_cost=1.1 \
             -c log_min_messages=warning -c autovacuum_naptime=5s -c max_parallel_workers_per_gather=0",
            self.socket_dir.display()
        );
        if fast {
            options.push_str(" -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400");
        }
        let log = self.data.join("server.log");
        let mut command = self.command("pg_ctl");
        command
            .args(["start", "-w", "-s", "-t", "60", "-D"])
            .arg(&self.data)
            .arg("-l")
            .arg(&log)
            .arg("-o")
            .arg(options);
        // Its standard streams would keep a pipe open for as long as the server lives.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        // A group of its own: the Ctrl-C that ends the panel must not reach the server before its clients are gone.
        command.process_group(0);
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            other => {
                let tail: Vec<String> =
                    fs::read_to_string(&log).unwrap_or_default().lines().rev().take(5).map(str::to_owned).collect();
                let output = format!("{other:?}; {}", tail.into_iter().rev().collect::<Vec<_>>().join(" | "));
                Err(EmbeddedError::Failed { program: "pg_ctl start", output })
            }
        }
    }

    /// How to connect as the owner, for migrations.
    #[must_use]
    pub fn owner(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.socket_dir).username(OWNER).database("postgres")
    }

    /// How to connect as the running panel.
    #[must_use]
    pub fn server(&self) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass().socket(&self.socket_dir).username(SERVER).database("postgres")
    }

    /// A URL of the owner, for tools that want one.
    #[must_use]
    pub fn owner_url(&self) -> String {
        let dir = self.socket_dir.as_os_str().as_bytes().iter().fold(String::new(), |mut text, b| {
            use std::fmt::Write as _;
            let _ = write!(text, "%{b:02x}");
            text
        });
        format!("postgres://{OWNER}@{dir}/postgres")
    }

    /// Lets go of the server, and stops it if nobody else uses it.
    ///
    /// # Errors
    /// When it does not stop.
    pub fn stop(mut self) -> Result<(), EmbeddedError> {
        self.release()
    }

    fn release(&mut self) -> Result<(), EmbeddedError> {
        let Some(users) = self.users.take() else { return Ok(()) };
        let gate = self.lock_path.with_file_name("start.lock");
        let gate_file = lock_file(&gate)?;
        gate_file.lock().map_err(at(&gate))?;
        users.unlock().map_err(at(&self.lock_path))?;
        // Somebody else still holds it: they will stop the server.
        if users.try_lock().is_err() {
            return Ok(());
        }
        let mut command = self.command("pg_ctl");
        command.args(["stop", "-w", "-s", "-m", "fast", "-t", "60", "-D"]).arg(&self.data);
        run("pg_ctl stop", command)
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        if let Err(error) = self.release() {
            tracing::warn!(%error, "the embedded PostgreSQL did not stop");
        }
    }
}

fn run(program: &'static str, mut command: Command) -> Result<(), EmbeddedError> {
    let failed = |output: String| EmbeddedError::Failed { program, output };
    let output = command.output().map_err(|e| failed(e.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

fn lock_file(path: &Path) -> Result<File, EmbeddedError> {
    File::options().create(true).truncate(false).write(true).open(path).map_err(at(path))
}

fn own(path: &Path, user: Option<(u32, u32)>) -> Result<(), EmbeddedError> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(at(path))?;
    if let Some((uid, gid)) = user {
        std::os::unix::fs::chown(path, Some(uid), Some(gid)).map_err(at(path))?;
    }
    Ok(())
}

/// A directory whose path is short enough for a socket, entered by this user only.
fn socket_dir(home: &Path, user: Option<(u32, u32)>) -> Result<PathBuf, EmbeddedError> {
    let mut dir = home.join("run");
    if dir.as_os_str().len() > MAX_SOCKET_DIR || dir.as_os_str().as_bytes().contains(&b'\'') {
        use sha2::Digest as _;
        let hash = sha2::Sha256::digest(home.as_os_str().as_bytes());
        let short: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
        dir = std::env::temp_dir().join(format!("hostler-{short}"));
    }
    match fs::create_dir(&dir) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(at(&dir)(error)),
        Err(_) => {
            // Below /tmp somebody else may have been there first.
            use std::os::unix::fs::MetadataExt;
            let found = fs::symlink_metadata(&dir).map_err(at(&dir))?;
            let mine = [Some(rustix::process::geteuid().as_raw()), user.map(|(uid, _)| uid)];
            if !found.is_dir() || !mine.contains(&Some(found.uid())) {
                return Err(at(&dir)(io::Error::from(io::ErrorKind::PermissionDenied)));
            }
            own(&dir, user)?;
        }
        Ok(()) => own(&dir, user)?,
    }
    Ok(dir)
}

/// The system user for Postgres, made if it is not there: it refuses to run as root.
fn system_user(say: &dyn Fn(&str)) -> Result<(u32, u32), EmbeddedError> {
    if let Some(found) = lookup_user() {
        return Ok(found);
    }
    say("creating the system user hostler-postgres, as PostgreSQL refuses to run as root");
    let mut command = Command::new("useradd");
    command.args([
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/usr/sbin/nologin",
    ]);
    command.arg(OsStr::new(SYSTEM_USER));
    let made = run("useradd", command);
    // Two processes may start at once: whoever came second finds the user there.
    lookup_user()
        .ok_or_else(|| made.err().unwrap_or(EmbeddedError::Failed { program: "useradd", output: String::new() }))
}

fn lookup_user() -> Option<(u32, u32)> {
    let output = Command::new("getent").args(["passwd", SYSTEM_USER]).output().ok()?;
    let line = String::from_utf8(output.stdout).ok()?;
    let mut fields = line.trim().split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_use_it_and_the_last_one_stops_it() {
        let dir = tempfile::Builder::new().prefix("hpg").tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let first = Embedded::start(dir.path(), true, &|_| {}).unwrap();
        let second = Embedded::start(dir.path(), true, &|_| {}).unwrap();
        first.stop().unwrap();
        assert!(second.running(), "stopped under its user");
        assert!(!second.revive().unwrap(), "it lives");
        let pid = fs::read_to_string(second.data.join("postmaster.pid")).unwrap();
        let pid = rustix::process::Pid::from_raw(pid.lines().next().unwrap().parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        while second.ready() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        assert!(second.revive().unwrap(), "it was started again");
        assert!(second.ready());
        let pid_file = second.data.join("postmaster.pid");
        second.stop().unwrap();
        assert!(!pid_file.exists(), "left running");
    }
}
