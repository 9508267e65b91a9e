//! With a certificate, over TLS, and with no database running: what was rendered is all that the mail servers need.

use crate::{
    cli::{data_dir, hostler},
    mail_stack::{Dialog, FarEnd, PATIENCE, Stack, done, root},
};
use lettre::{
    SmtpTransport, Transport as _,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

const HASHED: &str = "vier Worte ohne Sinn 47";

/// What the IMAP server says over TLS after each of these lines, up to the answer with the last one's tag.
fn imap_over_tls(stack: &Stack, ca: &std::path::Path, lines: &[&str]) -> String {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-quiet", "-verify_return_error", "-verify_hostname", "mx.h.example", "-CAfile"]);
    command.arg(ca).arg("-connect").arg(format!("{}:993", stack.address));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || BufReader::new(output).lines().map_while(Result::ok).all(|l| tell.send(l).is_ok()));
    let mut all = String::new();
    for line in lines {
        input.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        let tag = format!("{} ", line.split(' ').next().unwrap());
        loop {
            let answer = told.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("{line}: {e}: {all}{}", stack.log()));
            all.push_str(&format!("{answer}\n"));
            if answer.starts_with(&tag) {
                break;
            }
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    all
}

#[test]
fn over_tls_and_without_a_database() {
    let (data, papers) = (data_dir(), data_dir());
    let far = FarEnd::start();
    let mut stack = Stack::new(far.port);
    let (key, certificate) = (stack.folder().join("key.pem"), stack.folder().join("certificate.pem"));
    let mut make = Command::new("openssl");
    make.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    make.args(["-subj", "/CN=mx.h.example", "-addext", "subjectAltName=DNS:mx.h.example"]);
    // Otherwise it would be an authority, which no server may be.
    make.args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"]);
    done(make.arg(&key).arg("-out").arg(&certificate));

    let hash = done(root("doveadm").args(["pw", "-s", "ARGON2ID", "-p", HASHED]));
    fs::create_dir(papers.path().join("mail")).unwrap();
    let file = |name: &str, text: &str| fs::write(papers.path().join(name), text).unwrap();
    file("customers.csv", "Kundennr;Firma\nK1;Eins\n");
    file("domains.csv", "Domain;Kundennr\nk.example;K1\n");
    file("mail/passwd", &format!("chef@k.example:{}:5000:5000::/x::\n", hash.trim()));
    file("mail/virtual", "info@k.example chef@k.example\n");
    done(hostler(data.path()).args(["import", "papers"]).arg(papers.path()));
    let mut render = hostler(data.path());
    render.args(["render", "mail", "--dialect", "dovecot-2.3", "--listen", &stack.address.to_string(), "--out"]);
    render.arg(stack.out()).arg("--run").arg(stack.folder().join("run"));
    let settings = [
        ("mail.host_name", "mx.h.example".to_owned()),
        ("mail.store_dir", stack.folder().join("mail").display().to_string()),
        ("mail.tls_certificate", certificate.display().to_string()),
        ("mail.tls_key", key.display().to_string()),
        ("mail.relay", format!("[127.0.0.1]:{}", far.port)),
    ];
    for (name, value) in &settings {
        render.arg("--set").arg(format!("{name}={value}"));
    }
    done(&mut render);
    // Each command stopped its own database: from here on there is none.
    assert!(!data.path().join("postgres/data/postmaster.pid").exists(), "the database still runs");
    stack.give();
    done(root("sh").arg(stack.out().join("activate")));
    stack.start();

    let ca = Certificate::from_pem(&fs::read(&certificate).unwrap()).unwrap();
    let parameters = TlsParameters::builder("mx.h.example".to_owned()).add_root_certificate(ca).build().unwrap();
    let mail = |from: &str, to: &str, subject: &str| {
        let builder = lettre::Message::builder().from(from.parse().unwrap()).to(to.parse().unwrap());
        builder.subject(subject).body("Guten Tag.".to_owned()).unwrap()
    };
    let door = |port: u16, tls: Tls| {
        let builder = SmtpTransport::builder_dangerous(stack.address.to_string());
        builder.port(port).tls(tls).timeout(Some(PATIENCE))
    };
    let chef = || Credentials::new("chef@k.example".to_owned(), HASHED.to_owned());
    // From others, encrypted, by the alias; and from one's own program, either way that RFC 8314 knows.
    let outside = door(25, Tls::Required(parameters.clone())).build();
    outside.send(&mail("a@else.example", "info@k.example", "verschluesselt")).unwrap();
    for (port, tls) in [(587, Tls::Required(parameters.clone())), (465, Tls::Wrapper(parameters.clone()))] {
        let own = door(port, tls).credentials(chef()).build();
        own.send(&mail("info@k.example", "fern@else.example", &format!("durch {port}"))).unwrap();
        assert_eq!(far.wait(&format!("Subject: durch {port}"), 1).len(), 1, "{}", stack.log());
    }
    // No password goes over the wire as it is.
    let mut plain = Dialog::smtp(stack.address, 587);
    let refused = plain.plain_login("chef@k.example", HASHED);
    assert!(refused.starts_with('5'), "{refused}");
    let mut plain = Dialog::open(stack.address, 143);
    assert!(plain.line().contains("LOGINDISABLED"));
    assert!(!stack.pop3("chef@k.example", HASHED));
    let login = format!("a LOGIN chef@k.example \"{HASHED}\"");
    let started = std::time::Instant::now();
    loop {
        let all = imap_over_tls(&stack, &certificate, &[&login, "b SELECT INBOX", "c SEARCH SUBJECT verschluesselt"]);
        assert!(all.contains("a OK"), "{all}");
        if all.lines().any(|l| l.starts_with("* SEARCH 1")) {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{all}{}", stack.log());
    }
    assert!(!data.path().join("postgres/data/postmaster.pid").exists());
}
