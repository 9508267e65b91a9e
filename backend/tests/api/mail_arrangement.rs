//! What docker-compose.yml starts for mail, natively: the same script, on the same folders, with Postfix, Dovecot and rspamd.

use crate::{
    cli::{data_dir, hostler},
    mail_stack::{Dialog, FarEnd, PATIENCE, Stack, done, root},
};
use std::{
    fs,
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

const PASSWORD: &str = "vier Worte ohne Sinn 47";

struct Servers(Child);

impl Servers {
    fn end(&mut self) {
        let _ = root("kill").arg(self.0.id().to_string()).output();
        let _ = self.0.wait();
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.end();
    }
}

fn import(data: &Path, names: &[&str]) {
    let papers = data_dir();
    let hash = done(root("doveadm").args(["pw", "-s", "SHA512-CRYPT", "-p", PASSWORD]));
    fs::create_dir(papers.path().join("mail")).unwrap();
    fs::write(papers.path().join("domains.csv"), "Domain;Kundennr\nk.example;\n").unwrap();
    let passwd: String = names.iter().map(|n| format!("{n}@k.example:{}:5000:5000::/x::\n", hash.trim())).collect();
    fs::write(papers.path().join("mail/passwd"), passwd).unwrap();
    done(hostler(data).args(["import", "papers"]).arg(papers.path()));
}

/// What is said to a mail for that address.
fn answer(stack: &Stack, to: &str) -> String {
    let mut smtp = Dialog::smtp(stack.address, 25);
    let from = smtp.say("MAIL FROM:<a@else.example>");
    if from.starts_with("250") { smtp.say(&format!("RCPT TO:<{to}>")) } else { from }
}

fn until(said: &dyn Fn() -> String, what: &str, limit: Duration, mut good: impl FnMut() -> bool) {
    let started = Instant::now();
    while !good() {
        assert!(started.elapsed() < limit, "{what}: {}", said());
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn the_arrangement_of_docker_compose_starts_and_follows_the_panel() {
    let data = data_dir();
    let far = FarEnd::start();
    let stack = Stack::new(far.port);
    import(data.path(), &["chef"]);
    // An operator's own settings of rspamd: all top-level domains would take it half a minute.
    let own = stack.out().join("rspamd/override.d");
    fs::create_dir_all(&own).unwrap();
    let few = own.join("few.dat");
    fs::write(&few, "com\nde\nexample\n").unwrap();
    let dns = "dns { nameserver = [\"127.0.0.1:1\"]; timeout = 0.2s; retransmits = 1; }";
    fs::write(own.join("options.inc"), format!("url_tld = \"{}\";\n{dns}\n", few.display())).unwrap();

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/mail-servers");
    let binary = Path::new(env!("CARGO_BIN_EXE_hostler")).parent().unwrap();
    let mut command = root("env");
    command.arg(format!("PATH={}:/usr/sbin:/usr/bin:/sbin:/bin", binary.display()));
    for (name, value) in [
        ("HOSTLER_DATA_DIR", data.path().display().to_string()),
        ("MAIL_SERVERS_INTERVAL", "2".to_owned()),
        ("HOSTLER_MAIL__HOST_NAME", "mx.h.example".to_owned()),
        ("HOSTLER_MAIL__STORE_DIR", stack.folder().join("mail").display().to_string()),
        ("HOSTLER_MAIL__RELAY", format!("[127.0.0.1]:{}", far.port)),
        ("HOSTLER_MAIL__RSPAMD", "true".to_owned()),
    ] {
        command.arg(format!("{name}={value}"));
    }
    command.arg(script).arg(stack.out()).arg(stack.folder().join("run"));
    command.args(["--listen", &stack.address.to_string()]).stdout(Stdio::null());
    let told = stack.folder().join("told");
    command.stderr(fs::File::create(&told).unwrap());
    let said = || fs::read_to_string(&told).unwrap();
    let mut servers = Servers(command.spawn().unwrap());

    let minute = Duration::from_secs(60);
    until(&said, "nobody answers", minute, || TcpStream::connect((stack.address, 25)).is_ok());
    until(&said, "no mail is taken", minute, || answer(&stack, "chef@k.example").starts_with("250"));
    assert!(answer(&stack, "neu@k.example").starts_with("550"));
    let mut smtp = stack.smtp();
    assert!(smtp.mail("a@else.example", &["chef@k.example"], "Subject: compose").starts_with("250"));
    assert!(stack.arrived("chef@k.example", PASSWORD, "compose"), "{}", stack.log());
    // What changes in the panel is there without anybody doing anything.
    import(data.path(), &["chef", "neu"]);
    until(&said, "the new mailbox takes no mail", minute, || answer(&stack, "neu@k.example").starts_with("250"));
    servers.end();
    until(&said, "they go on", PATIENCE, || TcpStream::connect((stack.address, 25)).is_err());
    assert!(TcpStream::connect((stack.address, 143)).is_err() && TcpStream::connect((stack.address, 11332)).is_err());
}

/// Nobody here can start it, so at least everything that it names is there.
#[test]
fn the_compose_file_names_what_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap();
    let (compose, docker) = (read("docker-compose.yml"), read("Dockerfile"));
    let settings: Vec<String> =
        hostler::platform::settings::TABLE.iter().map(|(n, ..)| hostler::platform::settings::env_name(n)).collect();
    let named: Vec<&str> = compose
        .lines()
        .filter_map(|l| l.trim().split_once(": "))
        .map(|(name, _)| name)
        .filter(|n| n.starts_with("HOSTLER_"))
        .collect();
    assert!(named.len() > 10, "{named:?}");
    for name in named {
        assert!(settings.iter().any(|s| s == name), "{name} is no setting");
    }
    for target in compose.lines().filter_map(|l| l.split_once("target: ")).map(|(_, t)| t.trim_end_matches([' ', '}']))
    {
        assert!(docker.contains(&format!(" AS {target}\n")), "the Dockerfile has no stage {target}");
    }
    for copied in docker.lines().filter_map(|l| l.strip_prefix("COPY scripts/")) {
        assert!(root.join("scripts").join(copied.split(' ').next().unwrap()).is_file(), "{copied}");
    }
    let volumes = compose.split("\nvolumes:\n").nth(1).unwrap();
    for mounted in ["postgres", "mail", "mail-configuration", "mail-state"] {
        assert!(volumes.contains(&format!("  {mounted}:\n")), "{mounted}");
    }
    // Every package that the mail stage installs is one that the tests run on.
    let setup = read("scripts/setup");
    for package in
        docker.split_whitespace().filter(|w| w.starts_with("postfix") || w.starts_with("dovecot-") || *w == "rspamd")
    {
        assert!(setup.contains(package), "{package} is not tested");
    }
}
