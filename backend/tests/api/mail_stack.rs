//! Postfix and Dovecot in a folder of their own, and who talks to them.

use crate::support::Browser;
use hostler::mail::render;
use hostler_core::mail::{Dialect, MapType, Server, ServerName};
use hostler_store::Scope;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A command that runs as root.
pub(crate) fn root(program: &str) -> Command {
    let mut command = if rustix::process::geteuid().is_root() {
        Command::new(program)
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", program]);
        sudo
    };
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").current_dir("/").stdin(Stdio::null());
    command
}

pub(crate) fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|e| panic!("{command:?} cannot be started: {e}"))
}

pub(crate) fn done(command: &mut Command) -> String {
    let out = output(command);
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// An address of this machine's own that no other test has: process and time make it.
fn own_address() -> Ipv4Addr {
    let id = uuid::Uuid::new_v4();
    let [a, b, c, ..] = *id.as_bytes();
    Ipv4Addr::new(127, 64 + a % 128, b, 1 + c % 250)
}

/// A mail server at the far end: takes every mail and keeps it.
pub(crate) struct FarEnd {
    pub(crate) port: u16,
    mails: Arc<Mutex<Vec<String>>>,
}

impl FarEnd {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let kept = mails.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                std::thread::spawn(move || Self::talk(stream, &kept));
            }
        });
        Self { port, mails }
    }

    pub(crate) fn talk(mut stream: TcpStream, kept: &Mutex<Vec<String>>) -> Option<()> {
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
        let (mut mail, mut data) = (String::new(), false);
        stream.write_all(b"220 far\r\n").ok()?;
        loop {
            let line = lines.next()?.ok()?;
            if data {
                if line == "." {
                    kept.lock().ok()?.push(std::mem::take(&mut mail));
                    data = false;
                    stream.write_all(b"250 ok\r\n").ok()?;
                } else {
                    mail.push_str(&line);
                    mail.push('\n');
                }
                continue;
            }
            let upper = line.to_ascii_uppercase();
            data = upper == "DATA";
            if upper.starts_with("MAIL") || upper.starts_with("RCPT") {
                mail.push_str(&line);
                mail.push('\n');
            }
            stream.write_all(if data { b"354 go\r\n" } else { b"250 ok\r\n" }).ok()?;
        }
    }

    /// Waits until so many mails with that text are here.
    pub(crate) fn wait(&self, text: &str, number: usize) -> Vec<String> {
        let started = Instant::now();
        loop {
            let found: Vec<String> = self.mails.lock().unwrap().iter().filter(|m| m.contains(text)).cloned().collect();
            if found.len() >= number || started.elapsed() > PATIENCE {
                return found;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A conversation in lines.
pub(crate) struct Dialog {
    pub(crate) stream: TcpStream,
    lines: BufReader<TcpStream>,
}

impl Dialog {
    pub(crate) fn open(address: Ipv4Addr, port: u16) -> Self {
        let stream = TcpStream::connect((address, port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap());
        Self { stream, lines }
    }

    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    /// An SMTP answer, its lines as one.
    pub(crate) fn answer(&mut self) -> String {
        let mut all = String::new();
        loop {
            let line = self.line();
            all.push_str(&line);
            if line.len() < 4 || line.as_bytes()[3] == b' ' {
                return all;
            }
        }
    }

    pub(crate) fn smtp(address: Ipv4Addr, port: u16) -> Self {
        let mut dialog = Self::open(address, port);
        assert!(dialog.answer().starts_with("220"));
        assert!(dialog.say("EHLO client.example").starts_with("250"));
        dialog
    }

    pub(crate) fn say(&mut self, line: &str) -> String {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.answer()
    }

    pub(crate) fn plain_login(&mut self, user: &str, password: &str) -> String {
        self.say(&format!("AUTH PLAIN {}", base64(format!("\0{user}\0{password}").as_bytes())))
    }

    /// Sends a mail whole; answers what was said in the end.
    pub(crate) fn mail(&mut self, from: &str, to: &[&str], headers: &str) -> String {
        assert!(self.say(&format!("MAIL FROM:<{from}>")).starts_with("250"));
        for to in to {
            let answer = self.say(&format!("RCPT TO:<{to}>"));
            assert!(answer.starts_with("250"), "{to}: {answer}");
        }
        assert!(self.say("DATA").starts_with("354"));
        self.say(&format!("From: {from}\r\n{headers}\r\n\r\nGuten Tag.\r\n."))
    }
}

fn base64(octets: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in octets.chunks(3) {
        let n = chunk.iter().chain([&0, &0]).take(3).fold(0u32, |n, b| n << 8 | u32::from(*b));
        for i in 0..4 {
            let letter = LETTERS[(n >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

/// A mail server as Debian has it, with nothing of its own.
pub(crate) fn server() -> Server {
    Server {
        name: None,
        host_name: "mx.h.example".to_owned(),
        listen: None,
        mail_dir: "/var/vmail".into(),
        run: None,
        tls: None,
        relay: None,
        maps: MapType::Lmdb,
        dialect: Dialect::Dovecot23,
        rspamd: false,
    }
}

/// Postfix and Dovecot in a folder of their own.
pub(crate) struct Stack {
    folder: tempfile::TempDir,
    pub(crate) address: Ipv4Addr,
    relay: String,
    /// Which of several servers it is.
    name: Option<ServerName>,
    /// Whether rspamd stands before it.
    signs: bool,
    dovecot: Option<Child>,
    rspamd: Option<Child>,
}

impl Stack {
    pub(crate) fn new(relay: u16) -> Self {
        let folder = tempfile::Builder::new().prefix("hm").tempdir_in("/tmp").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            folder,
            address: own_address(),
            relay: format!("[127.0.0.1]:{relay}"),
            name: None,
            signs: false,
            dovecot: None,
            rspamd: None,
        }
    }

    /// One of several.
    pub(crate) fn named(relay: u16, name: &str) -> Self {
        let mut stack = Self::new(relay);
        stack.name = Some(ServerName::parse(name).unwrap());
        stack
    }

    /// One with rspamd before it.
    pub(crate) fn signing(relay: u16) -> Self {
        let mut stack = Self::new(relay);
        stack.signs = true;
        stack
    }

    pub(crate) fn out(&self) -> std::path::PathBuf {
        self.folder.path().join("out")
    }

    /// Renders what the panel says by now, and puts it into use.
    pub(crate) async fn renew(&self, browser: &Browser) -> Vec<(String, String)> {
        let withheld = self.render(browser).await;
        done(root("sh").arg(self.out().join("activate")));
        withheld
    }

    /// Renders what the panel says by now.
    pub(crate) async fn render(&self, browser: &Browser) -> Vec<(String, String)> {
        let server = Server {
            name: self.name.clone(),
            host_name: self.name.as_ref().map_or("mx".to_owned(), ToString::to_string) + ".h.example",
            listen: Some(IpAddr::V4(self.address)),
            mail_dir: self.folder.path().join("mail"),
            run: Some(self.folder.path().join("run")),
            relay: Some(self.relay.clone()),
            rspamd: self.signs,
            ..server()
        };
        let mut settings = browser.context.settings.mail.clone();
        settings.postmaster = Some("chef@kunde.example".to_owned());
        let scope = Scope::for_machine("test");
        let rendered = render::render(
            &browser.context.store,
            &scope,
            &server,
            &settings,
            &self.out(),
            browser.context.clock.now(),
        )
        .await
        .unwrap();
        self.give();
        rendered.withheld
    }

    /// What the renderer does itself where it may: files to those who read them.
    pub(crate) fn give(&self) {
        if !rustix::process::geteuid().is_root() {
            let path = self.folder.path().display();
            let script = format!(
                "chown postfix {path}/run/postfix/data; cd {path}/out/dovecot; for f in users elsewhere denied app?; do [ -e $f ] || continue; chgrp dovecot $f; chmod 640 $f; done"
            );
            done(root("sh").args(["-c", &script]));
            if self.signs {
                let script = format!(
                    "chown _rspamd {path}/run/rspamd/*; cd {path}/out/rspamd/dkim && chgrp _rspamd *.key && chmod 640 *.key; :"
                );
                done(root("sh").args(["-c", &script]));
            }
        }
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn start(&mut self) {
        self.start_with(&[143, 110], &[25, 587]);
    }

    /// Starts those that have something to do, and waits for their doors.
    pub(crate) fn start_with(&mut self, dovecot: &[u16], postfix: &[u16]) {
        let mail = self.folder.path().join("mail");
        done(root("install").args(["-d", "-m", "0770", "-o", "5000", "-g", "5000"]).arg(mail));
        let conf = self.out().join("dovecot/dovecot.conf");
        let child = root("dovecot").args(["-F", "-c"]).arg(conf).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.dovecot = Some(child.unwrap());
        self.wait_for(dovecot);
        self.wait_for_auth();
        if self.signs {
            self.rspamd = Some(self.start_rspamd());
            self.wait_for(&[11332]);
        }
        // Later: a submission server that finds nobody to ask for passwords ends, and Postfix starts none for a minute.
        done(root("postfix").arg("-c").arg(self.out().join("postfix")).arg("start"));
        self.wait_for(postfix);
    }

    fn wait_for_auth(&self) {
        let (started, socket) = (Instant::now(), self.folder.path().join("run/postfix/queue/private/auth"));
        while !output(root("test").arg("-S").arg(&socket)).status.success() {
            assert!(started.elapsed() < PATIENCE, "nobody knows passwords: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The rendered `local.d` as it is; beside it what a test alone needs: few top-level domains, since all of them take 25
    /// seconds, nobody to ask in the DNS, and a subject that is always spam.
    fn start_rspamd(&self) -> Child {
        let (conf, run) = (self.folder.path().join("rspamd"), self.folder.path().join("run/rspamd"));
        fs::create_dir_all(conf.join("override.d")).unwrap();
        for part in ["local.d", "dkim"] {
            std::os::unix::fs::symlink(self.out().join("rspamd").join(part), conf.join(part)).unwrap();
        }
        let few = conf.join("few.dat");
        fs::write(&few, "com\nnet\norg\nde\nexample\n").unwrap();
        let options = format!(
            "url_tld = \"{}\";\ndns {{ nameserver = [\"127.0.0.1:1\"]; timeout = 0.2s; retransmits = 1; }}\n",
            few.display()
        );
        fs::write(conf.join("override.d/options.inc"), options).unwrap();
        let rule = "config['regexp']['TEST_SPAM'] = { re = 'Subject=/HEUTE BILLIG/{header}', score = 8.0, description = 'test' }\n";
        fs::write(conf.join("rspamd.local.lua"), rule).unwrap();
        let mut command = root("rspamd");
        command.args(["-f", "-c", "/etc/rspamd/rspamd.conf", "-u", "_rspamd", "-g", "_rspamd"]);
        command.arg(format!("--var=LOCAL_CONFDIR={}", conf.display()));
        for (name, part) in [("RUNDIR", "run"), ("DBDIR", "db"), ("LOGDIR", "log")] {
            command.arg(format!("--var={name}={}", run.join(part).display()));
        }
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let pid = run.join("run/rspamd.pid");
        done(root("sh").args(["-c", &format!("echo {} > {}", child.id(), pid.display())]));
        child
    }

    /// Ends rspamd, as if it had crashed.
    pub(crate) fn stop_rspamd(&mut self) {
        if let Some(mut child) = self.rspamd.take() {
            // Sudo passes it on.
            let _ = root("kill").arg(child.id().to_string()).output();
            let _ = child.wait();
        }
    }

    pub(crate) fn wait_for(&self, ports: &[u16]) {
        let started = Instant::now();
        for &port in ports {
            while TcpStream::connect((self.address, port)).is_err() {
                assert!(started.elapsed() < PATIENCE, "nobody listens on {port}: {}", self.log());
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }

    pub(crate) fn log(&self) -> String {
        let read = |path: &str| {
            let out = output(root("tail").args(["-n", "40"]).arg(self.folder.path().join("run").join(path)));
            String::from_utf8_lossy(&out.stdout).into_owned()
        };
        read("postfix/mail.log") + &read("dovecot/dovecot.log") + &read("rspamd/log/rspamd.log")
    }

    pub(crate) fn smtp(&self) -> Dialog {
        Dialog::smtp(self.address, 25)
    }

    pub(crate) fn imap(&self, user: &str, password: &str) -> Option<Imap> {
        let started = Instant::now();
        loop {
            let mut dialog = Dialog::open(self.address, 143);
            dialog.line();
            let mut imap = Imap { dialog, n: 0 };
            // Reading its configuration anew, Dovecot ends connections that are not logged in yet.
            match imap.try_all(&format!("LOGIN {user} \"{password}\"")) {
                Some(answer) => return answer.lines().last().is_some_and(|l| l.starts_with("OK")).then_some(imap),
                None => assert!(started.elapsed() < PATIENCE, "{user}: every connection ends: {}", self.log()),
            }
        }
    }

    pub(crate) fn pop3(&self, user: &str, password: &str) -> bool {
        let mut dialog = Dialog::open(self.address, 110);
        dialog.line();
        for line in [format!("USER {user}\r\n"), format!("PASS {password}\r\n")] {
            dialog.stream.write_all(line.as_bytes()).unwrap();
            if !dialog.line().starts_with("+OK") {
                return false;
            }
        }
        true
    }

    /// Waits until a mail with that text lies in the mailbox.
    pub(crate) fn arrived(&self, user: &str, password: &str, text: &str) -> bool {
        self.arrived_in("INBOX", user, password, text)
    }

    /// As [`Self::arrived`], in a folder.
    pub(crate) fn arrived_in(&self, folder: &str, user: &str, password: &str, text: &str) -> bool {
        let mut imap = self.imap(user, password).unwrap_or_else(|| panic!("{user} cannot log in: {}", self.log()));
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            imap.say(&format!("SELECT {folder}"));
            if imap.all(&format!("SEARCH SUBJECT \"{text}\"")).lines().any(|l| l.starts_with("* SEARCH ")) {
                return true;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = root("postfix").arg("-c").arg(self.out().join("postfix")).arg("stop").output();
        self.stop_rspamd();
        if let Some(mut child) = self.dovecot.take() {
            let conf = self.out().join("dovecot/dovecot.conf");
            let _ = root("doveadm").arg("-c").arg(conf).arg("stop").output();
            let _ = child.wait();
        }
        // What belongs to others in it goes with root's hand.
        let _ = root("rm").arg("-rf").arg(self.folder.path()).output();
    }
}

pub(crate) struct Imap {
    dialog: Dialog,
    n: u32,
}

impl Imap {
    /// All lines of an answer, the last one without its tag.
    pub(crate) fn all(&mut self, command: &str) -> String {
        self.try_all(command).unwrap_or_else(|| panic!("{command}: the connection ended"))
    }

    /// As [`Self::all`]; nothing if the connection ended.
    pub(crate) fn try_all(&mut self, command: &str) -> Option<String> {
        self.n += 1;
        let tag = format!("a{} ", self.n);
        self.dialog.stream.write_all(format!("{tag}{command}\r\n").as_bytes()).unwrap();
        let mut all = String::new();
        loop {
            let line = self.dialog.line();
            if line.is_empty() {
                return None;
            }
            if let Some(last) = line.strip_prefix(&tag) {
                return Some(all + last);
            }
            all.push_str(&line);
        }
    }

    /// How it ended: `… OK` or `… NO`.
    pub(crate) fn say(&mut self, command: &str) -> String {
        let all = self.all(command);
        all.lines().last().and_then(|l| l.split(' ').next()).unwrap_or_default().to_owned()
    }
}
