//! The figures that issue by issue are promised, each beside its reference, measured in the same run.
//!
//! `make bench` prints them as a table. Nothing is asserted here: the machine is shared and noisy, so what counts is
//! the ratio. References that are not installed are said to be missing, never made up.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on ends")]

use hostler_core::{
    dns::{parse, writer},
    mail,
    names::{DomainName, EmailAddress, Name},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const ZONES: usize = 10_000;
const MAILBOXES: usize = 100_000;
const ALIASES: usize = 30_000;
const MAIL_DOMAINS: usize = 5_000;

/// The best of some runs: what the machine can do when nobody disturbs.
fn best(runs: usize, mut work: impl FnMut()) -> Duration {
    (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn zone_text(i: usize) -> String {
    format!(
        "$TTL 3600\n@ SOA ns1.h.example. hostmaster.h.example. {} 14400 1800 1209600 3600\n@ NS ns1.h.example.\n@ NS ns2.h.example.\n\
         @ A 192.0.2.{}\nwww CNAME @\n@ MX 10 mail.h.example.\n@ TXT \"v=spf1 mx -all\"\n_dmarc TXT \"v=DMARC1; p=none\"\nftp A 192.0.2.1\n\
         shop A 192.0.2.2\n@ AAAA 2001:db8::{:x}\n_sip._tcp SRV 0 5 5060 sip\n",
        2026010100 + i,
        i % 250 + 1,
        i % 60000 + 1
    )
}

fn time(command: &mut Command) -> Option<Duration> {
    let start = Instant::now();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    status.success().then(|| start.elapsed())
}

fn row(what: &str, ours: Duration, reference: &str, theirs: Option<Duration>) {
    match theirs {
        Some(theirs) => {
            let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
            println!("{what:<44} {:>9.1} ms   {reference:<30} {:>9.1} ms   {ratio:>8.1} ×", ms(ours), ms(theirs));
        }
        None => println!("{what:<44} {:>9.1} ms   {reference:<30}   not installed", ms(ours)),
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn write_all(zones: &[(Name, hostler_core::dns::Zone)], dir: &Path) {
    let _ = fs::remove_dir_all(dir);
    fs::create_dir_all(dir).unwrap();
    for (origin, zone) in zones {
        fs::write(dir.join(hostler_core::dns::server::zone_file(origin)), writer::canonical(zone)).unwrap();
    }
}

/// A hundred thousand mailboxes and thirty thousand aliases, as files for the mail servers.
fn mail_bench(work: &Path) {
    let at = |text: String| EmailAddress::parse(&text).unwrap();
    let mut intent = mail::Intent {
        domains: (0..MAIL_DOMAINS).map(|d| DomainName::parse(&format!("kunde-{d}.example")).unwrap()).collect(),
        postmaster: Some(at("post@h.example".to_owned())),
        ..mail::Intent::default()
    };
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for i in 0..MAILBOXES {
        let mut mailbox = mail::Mailbox::new(at(format!("name-{i}@kunde-{}.example", i % MAIL_DOMAINS)));
        mailbox.secret = Some(mail::Secret::parse(hash).unwrap());
        mailbox.quota_bytes = Some(1_000_000_000);
        intent.mailboxes.push(mailbox);
    }
    for i in 0..ALIASES {
        let domain = format!("kunde-{}.example", i % MAIL_DOMAINS);
        let target = mail::Source::Address(at(format!("name-{}@{domain}", i % MAIL_DOMAINS)));
        intent.aliases.push(mail::Alias {
            source: mail::Source::Address(at(format!("alias-{i}@{domain}"))),
            targets: vec![target],
        });
    }
    let server = mail::Server {
        name: None,
        host_name: "mx.h.example".to_owned(),
        listen: None,
        mail_dir: PathBuf::from("/var/vmail"),
        run: None,
        tls: None,
        relay: None,
        maps: mail::MapType::Lmdb,
        rspamd: false,
        dialect: mail::Dialect::Dovecot23,
    };
    let before = resident();
    let render = best(3, || {
        assert!(mail::files(&intent, &server, Path::new("/etc/hostler"), "").unwrap().withheld.is_empty());
    });
    let made = mail::files(&intent, &server, Path::new("/etc/hostler"), "").unwrap();
    let dir = work.join("mail");
    for (path, content) in &made.files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let copied = work.join("mail-copied");
    let copy = best(3, || {
        let _ = fs::remove_dir_all(&copied);
        time(Command::new("cp").arg("-r").arg(&dir).arg(&copied)).unwrap();
    });
    row("render 100,000 mailboxes, 30,000 aliases", render, "cp -r of the result", Some(copy));
    println!("{:<44} {:>9.1} MB for all of it, {:.1} MB more while rendering", "", peak(), peak() - before);
}

fn status(field: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// Memory of this process, in megabytes.
fn resident() -> f64 {
    status("VmRSS:")
}

/// The most that it had.
fn peak() -> f64 {
    status("VmHWM:")
}

fn zones_bench(work: &Path) {
    let zones: Vec<_> = (0..ZONES)
        .map(|i| {
            let origin = Name::parse(&format!("kunde-{i}.example."), None).unwrap();
            let zone = parse(zone_text(i).as_bytes(), &origin).unwrap().zone;
            (origin, zone)
        })
        .collect();
    let dir = work.join("zones");
    let write = best(3, || write_all(&zones, &dir));
    let copied = work.join("copied");
    let copy = best(3, || {
        let _ = fs::remove_dir_all(&copied);
        time(Command::new("cp").arg("-r").arg(&dir).arg(&copied)).unwrap();
    });
    let read = best(3, || {
        for (origin, _) in &zones {
            let text = fs::read(dir.join(hostler_core::dns::server::zone_file(origin))).unwrap();
            assert_eq!(parse(&text, origin).unwrap().zone.records.len(), 12);
        }
    });
    let mut conf = format!("options {{ directory \"{}\"; }};\n", dir.display());
    for (origin, _) in &zones {
        let name = origin.to_string();
        conf.push_str(&format!(
            "zone \"{}\" {{ type primary; file \"{}\"; }};\n",
            name.trim_end_matches('.'),
            hostler_core::dns::server::zone_file(origin)
        ));
    }
    fs::write(work.join("named.conf"), conf).unwrap();
    let named = ["/usr/bin/named-checkconf", "/usr/sbin/named-checkconf"].into_iter().find(|p| Path::new(p).exists());
    let check =
        named.and_then(|p| (0..3).filter_map(|_| time(Command::new(p).arg("-z").arg(work.join("named.conf")))).min());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = |script: &str, mode: &str| {
        let interpreter = std::env::var("BENCH_PYTHON").unwrap_or_else(|_| "/usr/bin/python3".to_owned());
        time(
            Command::new(interpreter)
                .arg(root.join("e2e/lab").join(script))
                .arg(mode)
                .arg(&dir)
                .arg(work.join("python-out")),
        )
    };
    row("write 10,000 zones of 12 records", write, "octoDNS", python("bench_octodns.py", "write"));
    row("", write, "dnspython", python("bench_dnspython.py", "write"));
    row("", write, "cp -r of the result", Some(copy));
    row("parse 10,000 zones of 12 records", read, "named-checkconf -z", check);
    row("", read, "dnspython", python("bench_dnspython.py", "read"));
}

fn hostler() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_hostler"))
}

fn commands_bench(work: &Path) {
    let papers = work.join("papers");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    time(Command::new("python3").arg(root.join("e2e/lab/papers.py")).arg("--out").arg(&papers)).unwrap();
    let data = work.join("data");
    // The private Postgres is made once and not counted: `import` means the import.
    time(
        Command::new(hostler())
            .args(["render", "dns", "--flavor", "bind", "--out"])
            .arg(work.join("empty"))
            .env("HOSTLER_DATA_DIR", &data),
    )
    .unwrap();
    let import =
        time(Command::new(hostler()).args(["import", "papers"]).arg(&papers).env("HOSTLER_DATA_DIR", &data)).unwrap();
    let bare = time(
        Command::new(hostler())
            .args(["render", "dns", "--flavor", "bind", "--out"])
            .arg(work.join("empty2"))
            .env("HOSTLER_DATA_DIR", &data),
    )
    .unwrap();
    row("import the papers of 600 homepages", import, "render the 612 zones of them", Some(bare));
}

fn main() {
    // cargo passes --bench; `cargo test --benches` must not measure for minutes.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let work = tempfile::Builder::new().prefix("hbench").tempdir_in("/tmp").expect("a folder below /tmp");
    fs::set_permissions(work.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    println!("{:<44} {:>12}   {:<30} {:>12}   {:>10}", "what", "hostler", "reference", "", "ratio");
    // First: the memory that it asks about is that of the whole process.
    mail_bench(work.path());
    zones_bench(work.path());
    commands_bench(work.path());
}
