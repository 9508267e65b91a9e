//! The command line: answers, exit statuses, the private Postgres.

use crate::support::{ZONE, demo};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

pub(crate) fn hostler(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hostler"));
    command.env("HOSTLER_DATA_DIR", data).env_remove("HOSTLER_CONFIG").env_remove("DATABASE_URL").stdin(Stdio::null());
    command
}

/// A folder that the unprivileged Postgres can enter.
pub(crate) fn data_dir() -> tempfile::TempDir {
    let dir = tempfile::Builder::new().prefix("hcli").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn zone_check_says_no_with_status_1_and_wrong_use_is_2() {
    let dir = data_dir();
    let file = dir.path().join("zone");
    let check = |text: &str| {
        std::fs::write(&file, text).unwrap();
        run(hostler(dir.path()).args(["zone", "check"]).arg(&file).args(["--origin", "a.example", "--json"]))
    };
    let good = check(ZONE);
    assert_eq!(good.status.code(), Some(0), "{}", stdout(&good));
    let bad = check(&format!("{ZONE}www A 192.0.2.9\n"));
    assert_eq!(bad.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_str(&stdout(&bad)).unwrap();
    assert_eq!(
        (&report["ok"], &report["findings"][0]["code"], &report["findings"][0]["line"]),
        (&false.into(), &"cname-and-other".into(), &6.into())
    );
    let unreadable = check("x\n$INCLUDE y\n");
    assert_eq!(unreadable.status.code(), Some(1));
    assert_eq!(run(hostler(dir.path()).args(["zone", "check", "/nowhere", "--origin", "a"])).status.code(), Some(2));
    assert_eq!(run(hostler(dir.path()).args(["zone", "check"])).status.code(), Some(2));
    assert_eq!(run(hostler(dir.path()).args(["nonsense"])).status.code(), Some(2));
}

#[test]
fn zone_format_is_stable_and_only_the_zone_is_on_stdout() {
    let dir = data_dir();
    let file = dir.path().join("zone");
    std::fs::write(&file, ZONE).unwrap();
    let format = || run(hostler(dir.path()).args(["zone", "format"]).arg(&file).args(["--origin", "a.example."]));
    let first = stdout(&format());
    std::fs::write(&file, &first).unwrap();
    assert_eq!(stdout(&format()), first);
    assert!(first.starts_with("a.example.\t3600\tIN\tSOA\t"), "{first}");
}

#[test]
fn a_wrong_setting_is_refused_by_its_name() {
    let dir = data_dir();
    for (name, value, told) in
        [("HOSTLER_DNS__RESOLVER", "127.0.0.1:53", "dns.resolver"), ("HOSTLER_HTTP__LISTEN", "x", "http.listen")]
    {
        let output = run(hostler(dir.path()).env(name, value).args(["serve"]));
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(told), "{output:?}");
    }
    let file = dir.path().join("s.toml");
    std::fs::write(&file, "[dns]\nresolvers = [\"127.0.0.1:5399\"]\nbogus = 1\n").unwrap();
    let output = run(hostler(dir.path()).args(["serve", "--config"]).arg(&file));
    assert!(String::from_utf8_lossy(&output.stderr).contains("dns.bogus"), "{output:?}");
}

struct Panel {
    child: Child,
    address: String,
}

impl Panel {
    fn start(data: &Path) -> Self {
        Self::start_with(data, None)
    }

    fn start_with(data: &Path, database: Option<&str>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let mut command = hostler(data);
        if let Some(url) = database {
            command.env("HOSTLER_DATABASE__OWNER_URL", url);
            command.env("HOSTLER_DATABASE__URL", url.replace("hostler_owner@", "hostler_server@"));
        }
        let log = std::fs::File::create(data.join("panel.log")).unwrap();
        let child = command.args(["serve", "--listen", &address]).stderr(log).stdout(Stdio::null()).spawn().unwrap();
        let panel = Self { child, address };
        let started = Instant::now();
        while !panel.get("/readyz").contains("ready") {
            assert!(started.elapsed() < Duration::from_secs(60), "the panel does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        panel
    }

    fn get(&self, path: &str) -> String {
        let Ok(mut stream) = TcpStream::connect(&self.address) else { return String::new() };
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer
    }

    fn stop(mut self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Panel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_private_postgres_survives_a_killed_panel_and_ends_with_the_last_user() {
    let dir = data_dir();
    let mut create = hostler(dir.path());
    create
        .args(["admin", "create", "--email", "a@b.example", "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = create.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"a long enough password\n").unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    let pid_file = dir.path().join("postgres/data/postmaster.pid");
    assert!(!pid_file.exists(), "a command ends its Postgres");

    Panel::start(dir.path()).stop(rustix::process::Signal::KILL);
    assert!(pid_file.exists(), "a killed panel leaves its Postgres");
    let panel = Panel::start(dir.path());
    assert!(panel.get("/login").contains("200 OK"));

    // A command beside the panel uses the same Postgres and leaves it running.
    let plan = run(hostler(dir.path()).args(["import", "papers", "--json"]).arg(demo()));
    assert_eq!(plan.status.code(), Some(0), "{}", String::from_utf8_lossy(&plan.stderr));
    let plan: serde_json::Value = serde_json::from_str(&stdout(&plan)).unwrap();
    assert!(plan["create"]["zones"].as_u64().unwrap() > 40 && plan["refused"][0]["file"].is_string(), "{plan}");
    assert!(panel.get("/readyz").contains("ready"));
    panel.stop(rustix::process::Signal::TERM);
    assert!(!pid_file.exists(), "the last user stops it");
    // Jobs end before the threads whose connections they may use.
    let log = std::fs::read_to_string(dir.path().join("panel.log")).unwrap();
    assert!(!log.contains("WARN") && !log.contains("being shutdown"), "{log}");

    let dry = run(hostler(dir.path()).args(["import", "papers", "--dry-run", "--json"]).arg(demo()));
    let dry: serde_json::Value = serde_json::from_str(&stdout(&dry)).unwrap();
    assert_eq!(
        dry["create"],
        serde_json::json!({"customers": 0, "domains": 0, "zones": 0, "homepages": 0, "mailboxes": 0, "aliases": 0})
    );
    assert_eq!(run(hostler(dir.path()).args(["import", "papers", "/nowhere"])).status.code(), Some(2));
}

/// Zones rendered from a database that is given, by its owner.
fn rendered_on(data: &Path, url: &str) -> Output {
    let owner = format!("database.owner_url={url}");
    let database = ["--database-url", url, "--set", &owner];
    run(hostler(data).args(database).args(["render", "dns", "--flavor", "bind", "--out", "/nowhere"]))
}

/// What docker-compose.yml arranges, natively: the panel on a PostgreSQL that it is given.
#[sqlx::test(migrations = false)]
async fn the_panel_runs_on_a_given_database_and_starts_none_of_its_own(pool: sqlx::PgPool) {
    use sqlx::ConnectOptions;
    let url = pool.connect_options().to_url_lossy().to_string();
    let dir = data_dir();
    // As its owner it would see everybody's rows, whoever asks.
    let unbound = rendered_on(dir.path(), &url);
    assert_eq!(unbound.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unbound.stderr).contains("bypasses row-level security"));
    let path = dir.path().to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let panel = Panel::start_with(&path, Some(&url));
        let answer = panel.get("/login");
        panel.stop(rustix::process::Signal::TERM);
        answer
    })
    .await
    .unwrap();
    assert!(answer.contains("200 OK"), "{answer}");
    assert!(!dir.path().join("postgres").exists());
    let tables: (i64,) = sqlx::query_as("select count(*) from information_schema.tables where table_name = 'zones'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(tables.0, 1);
}

/// What begins with a text must stand together, or a search misses some.
#[sqlx::test(migrations = false)]
async fn a_database_that_sorts_by_a_language_is_refused(pool: sqlx::PgPool) {
    use sqlx::ConnectOptions;
    let name = format!("sorted_{}", uuid::Uuid::new_v4().simple());
    let make = format!("create database {name} template template0 locale_provider icu icu_locale 'cs'");
    sqlx::query(sqlx::AssertSqlSafe(make)).execute(&pool).await.unwrap();
    let url = pool.connect_options().as_ref().clone().database(&name).to_url_lossy().to_string();
    let dir = data_dir();
    let out = rendered_on(dir.path(), &url);
    assert_eq!(out.status.code(), Some(2));
    let told = String::from_utf8_lossy(&out.stderr);
    assert!(told.contains("sorts texts by a locale of ICU") && told.contains("locale 'C.UTF-8'"), "{told}");
    sqlx::query(sqlx::AssertSqlSafe(format!("drop database {name} with (force)"))).execute(&pool).await.unwrap();
}

/// A file that only its owner reads, with a token of that person for everything.
fn token(data: &Path, url: &str, email: &str) -> std::path::PathBuf {
    let mut create = hostler(data);
    create
        .env("HOSTLER_DATABASE__OWNER_URL", url)
        .env("HOSTLER_DATABASE__URL", url.replace("hostler_owner@", "hostler_server@"));
    let mut made = create
        .args(["admin", "create", "--email", email, "--password-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    made.stdin.take().unwrap().write_all(b"ein langes Passwort\n").unwrap();
    assert!(made.wait().unwrap().success());
    let mut token = hostler(data);
    token
        .env("HOSTLER_DATABASE__OWNER_URL", url)
        .env("HOSTLER_DATABASE__URL", url.replace("hostler_owner@", "hostler_server@"));
    let output = run(token.args(["admin", "token", "--email", email]));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let file = data.join("token");
    std::fs::write(&file, stdout(&output)).unwrap();
    file
}

/// Automation from another machine: papers, a zone from a file, and any other request.
#[sqlx::test(migrations = false)]
async fn the_command_line_works_on_a_panel_elsewhere(pool: sqlx::PgPool) {
    use sqlx::ConnectOptions;
    let url = pool.connect_options().to_url_lossy().to_string();
    let dir = data_dir();
    let path = dir.path().to_owned();
    tokio::task::spawn_blocking(move || elsewhere(&path, &url)).await.unwrap();
}

fn elsewhere(dir: &Path, url: &str) {
    let panel = Panel::start_with(dir, Some(url));
    let token = token(dir, url, "admin@h.example");
    let server = format!("http://{}", panel.address);
    let call = |args: &[&str]| {
        let mut command = hostler(dir);
        command.env_remove("HOSTLER_DATA_DIR").args(args).args(["--server", &server, "--token-file"]).arg(&token);
        run(&mut command)
    };
    let papers = demo().display().to_string();
    let plan = call(&["import", "papers", &papers, "--dry-run", "--json"]);
    assert_eq!(plan.status.code(), Some(0), "{}", String::from_utf8_lossy(&plan.stderr));
    let plan: serde_json::Value = serde_json::from_str(&stdout(&plan)).unwrap();
    assert!(plan["create"]["zones"].as_u64().unwrap() > 40, "{plan}");
    assert!(stdout(&call(&["api", "GET", "/domains?limit=1"])).contains("\"total\":0"), "a plan changes nothing");
    let done = call(&["import", "papers", &papers, "--json"]);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    let again = call(&["import", "papers", &papers]);
    assert!(stdout(&again).contains("create             0"), "{}", stdout(&again));

    let listed: serde_json::Value =
        serde_json::from_str(&stdout(&call(&["api", "GET", "/domains?zone=fine&limit=1"]))).unwrap();
    let name = listed["items"][0]["name"].as_str().unwrap().to_owned();
    let got = call(&["zone", "get", &name]);
    let text = stdout(&got);
    assert!(text.contains("\tIN\tSOA\t"), "{text}");
    let file = dir.join("zone");
    let file_name = file.display().to_string();
    std::fs::write(&file, format!("{text}neu.{name}. 300 IN A 192.0.2.77\n")).unwrap();
    let dry = call(&["zone", "put", &file_name, "--origin", &name, "--dry-run"]);
    assert_eq!(stdout(&dry), format!("+ neu.{name}.\t300\tIN\tA\t192.0.2.77\n"));
    assert_eq!(stdout(&call(&["zone", "get", &name])), text, "tried only");
    let put = call(&["zone", "put", &file_name, "--origin", &name, "--publish", "--note", "vom Automaten"]);
    assert_eq!(put.status.code(), Some(0), "{}", String::from_utf8_lossy(&put.stderr));
    let id = listed["items"][0]["zone_id"].as_str().unwrap();
    let versions = stdout(&call(&["api", "GET", &format!("zones/{id}/versions")]));
    assert!(versions.contains("vom Automaten"), "{versions}");

    // What is refused, and what cannot be done.
    std::fs::write(&file, "x\n$INCLUDE y\n").unwrap();
    let refused = call(&["zone", "put", &file_name, "--origin", &name]);
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && told.contains("text:") && stdout(&refused).is_empty(), "{told}");
    assert_eq!(call(&["zone", "get", "nowhere.example"]).status.code(), Some(1));
    assert_eq!(call(&["api", "GET", "/nothing"]).status.code(), Some(1));
    assert_eq!(call(&["render", "dns", "--flavor", "bind", "--out", "/x"]).status.code(), Some(2));
    let bare = |args: &[&str]| run(hostler(dir).env_remove("HOSTLER_DATA_DIR").args(args));
    let token = token.display().to_string();
    for (server, told) in [("http://panel.example", "https"), ("nonsense", "--server")] {
        let output = bare(&["api", "GET", "/me", "--server", server, "--token-file", &token]);
        assert!(output.status.code() == Some(2), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(told), "{output:?}");
    }
    std::fs::write(dir.join("wrong"), "hst_nonsense").unwrap();
    let wrong = dir.join("wrong").display().to_string();
    let stranger = bare(&["api", "GET", "/me", "--server", &server, "--token-file", &wrong]);
    assert_eq!(stranger.status.code(), Some(2), "an unknown token cannot ask at all");
    assert_eq!(bare(&["api", "GET", "/me"]).status.code(), Some(2));
}

#[test]
fn a_mail_server_is_named_as_a_panel_elsewhere_is() {
    let data = data_dir();
    let out = data.path().join("out");
    let render = |args: &[&str]| {
        let mut command = hostler(data.path());
        command.args(["render", "mail", "--dialect", "dovecot-2.3", "--out"]).arg(&out).args(args);
        let done = command.output().unwrap();
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let (code, said) = render(&["--server", "nirgends"]);
    assert!(code == Some(2) && said.contains("no mail server is called nirgends"), "{said}");
    let (code, said) = render(&["--server", "../x"]);
    assert!(code == Some(2) && said.contains("letters, digits and -"), "{said}");
    assert!(!out.join("postfix/main.cf").exists(), "nothing is half written");
    let (code, said) = render(&[]);
    assert_eq!(code, Some(0), "{said}");
}
