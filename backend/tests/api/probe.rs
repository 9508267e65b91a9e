//! A small laboratory: our web server, a foreign one and a forbidden one on the loopback, and their own DNS. The command line looks at
//! homepages of every class, and at some that mean harm.

use crate::{
    cli::{data_dir, hostler},
    mail_stack::done,
    name_servers::{Server, free_address, start},
};
use serde_json::Value;
use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio_rustls::rustls::{
    self,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

/// Addresses that no other test has.
pub(crate) fn addresses() -> [Ipv4Addr; 6] {
    let [a, b, ..] = *uuid::Uuid::new_v4().as_bytes();
    [1, 2, 3, 4, 5, 6].map(|last| Ipv4Addr::new(127, 200 + a % 50, b, last))
}

const SHOP: &str = "<html lang=de><title>Bäckerei</title><p>Brötchen, Kuchen und Brot aus eigener Backstube, jeden Tag ab sechs Uhr \
    frisch für Sie gebacken, in der dritten Generation am Marktplatz.</p>";

fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len()).into_bytes();
    out.extend_from_slice(body);
    out
}

pub(crate) fn html(body: &str) -> Vec<u8> {
    answer("200 OK", "Content-Type: text/html; charset=utf-8\r\n", body.as_bytes())
}

fn leads_to(to: &str) -> Vec<u8> {
    answer("301 Moved", &format!("Location: {to}\r\n"), b"")
}

/// A hundred megabytes of nothing, in a few kilobytes; made once, since that takes a while.
fn bomb() -> Vec<u8> {
    static BOMB: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..100 {
            packed.write_all(&vec![b' '; 1 << 20]).unwrap();
        }
        answer("200 OK", "Content-Encoding: gzip\r\n", &packed.finish().unwrap())
    });
    BOMB.clone()
}

/// What our server says to a request.
fn ours(stream: &mut dyn std::io::Write, host: &str, path: &str, flaps: &AtomicUsize) -> std::io::Result<()> {
    let name = host.strip_suffix(".example").unwrap_or_default();
    let said = match name {
        "lebt" | "kaputt-tls" | "zwei" => html(SHOP),
        "nul" => html(&format!("<title>a\0b</title>{SHOP}")),
        "still" => answer(
            "200 OK",
            "Content-Type: text/html; charset=utf-8\r\nLast-Modified: Tue, 03 Feb 2015 10:00:00 GMT\r\n",
            SHOP.as_bytes(),
        ),
        "tor" | "totes-tor" if path == "/" => {
            html("<meta http-equiv=refresh content='1; URL=start.html'><p>Willkommen")
        }
        "tor" => html("<h1>Hier entsteht eine neue Homepage</h1>"),
        "totes-tor" => answer("404 Not Found", "", b"<h1>Not Found</h1>"),
        "verweis" => html("<meta http-equiv=refresh content='0; url=de/start.html'>"),
        "flattert" if flaps.fetch_add(1, Ordering::SeqCst) == 1 => answer("500 Oh", "", b"Fehler"),
        "flattert" => html(SHOP),
        "alt-latin" => {
            let body: Vec<u8> = SHOP.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
            answer("200 OK", "Content-Type: text/html\r\n", &body)
        }
        "eigen" if path == "/" => leads_to("http://eigen.example/start"),
        "eigen" => html(SHOP),
        "fort" => leads_to("http://fremd.example/"),
        "rund" => leads_to(&format!("/{}x", path.trim_start_matches('/'))),
        "baustelle" => html("<h1>Hier entsteht eine neue Homepage</h1>"),
        "verkauf" => html("<title>verkauf</title><p>Diese Domain steht zum Verkauf. Angebot machen!</p>"),
        "weg404" => answer("404 Not Found", "", b"<h1>Not Found</h1>"),
        "weg500" => answer("500 Oh", "", b"<h1>Internal Error</h1>"),
        "bombe" => bomb(),
        "innen-ip" => leads_to("http://127.0.0.1/geheim"),
        "innen-zahl" => leads_to("http://2130706433/geheim"),
        "innen-v6" => leads_to("http://[::ffff:127.0.0.1]/geheim"),
        "innen-name" => leads_to("http://verboten.example/geheim"),
        "innen-port" => leads_to("http://lebt.example:22/"),
        "innen-datei" => leads_to("file:///etc/passwd"),
        "riese" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")?;
            let line = "Wort um Wort um Wort ".repeat(500);
            while stream.write_all(line.as_bytes()).is_ok() {}
            return Ok(());
        }
        "loris" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")?;
            while stream.write_all(b".").and_then(|()| stream.flush()).is_ok() {
                std::thread::sleep(Duration::from_millis(400));
            }
            return Ok(());
        }
        "stumm" => {
            std::thread::sleep(Duration::from_secs(20));
            return Ok(());
        }
        // Whatever else it is asked for.
        _ => html("<title>Welcome to nginx!</title><h1>Welcome to nginx!</h1><p>Thank you for using nginx.</p>"),
    };
    stream.write_all(&said)
}

pub(crate) fn asked(stream: &mut impl std::io::Read) -> Option<(String, String)> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut host = String::new();
    for line in lines {
        let line = line.ok()?;
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("host: ") {
            value.clone_into(&mut host);
        }
    }
    Some((host, path))
}

/// What the last of our servers says to names that it does not know: it leads on to a page of its own, which no phrase gives away.
fn stranger(path: &str) -> Vec<u8> {
    match path {
        "/" => html("<meta http-equiv=refresh content='0; url=/cgi/standard.html'>"),
        _ => html(
            "<p>Diesen Namen hat hier niemand bestellt, weshalb diese Maschine mit einigen freundlichen Worten antwortet, die zu keiner Homepage gehören und auf jeden Namen dieselben sind.",
        ),
    }
}

fn serve(listener: TcpListener, flaps: Arc<AtomicUsize>, leads_strangers: bool) {
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let flaps = flaps.clone();
            std::thread::spawn(move || {
                stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
                stream.set_write_timeout(Some(Duration::from_secs(20))).ok()?;
                let (host, path) = asked(&mut stream)?;
                let done = if leads_strangers && host != "zwei.example" {
                    stream.write_all(&stranger(&path))
                } else {
                    ours(&mut stream, &host, &path, &flaps)
                };
                // What is still on its way is not lost to a reset.
                let _ = stream.shutdown(std::net::Shutdown::Write);
                let _ = stream.read(&mut [0; 64]);
                done.ok()
            });
        }
    });
}

/// HTTPS with a certificate that nobody vouches for.
fn serve_tls(listener: TcpListener, folder: &Path) {
    let (key, cert) = (folder.join("key.pem"), folder.join("cert.pem"));
    let mut made = Command::new("openssl");
    made.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
    ]);
    made.args(["/CN=kaputt-tls.example", "-addext", "subjectAltName=DNS:kaputt-tls.example", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&cert);
    done(&mut made);
    let chain = vec![CertificateDer::from_pem_file(cert).unwrap()];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config =
        config.with_no_client_auth().with_single_cert(chain, PrivateKeyDer::from_pem_file(key).unwrap()).unwrap();
    let config = Arc::new(config);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let Ok(mut session) = rustls::ServerConnection::new(config.clone()) else { return };
            std::thread::spawn(move || {
                stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
                let mut tls = rustls::Stream::new(&mut session, &mut stream);
                asked(&mut tls)?;
                tls.write_all(&html(SHOP)).ok()?;
                session.send_close_notify();
                session.write_tls(&mut stream).ok()
            });
        }
    });
}

/// Counts who comes, and says nothing.
pub(crate) fn trap(listener: TcpListener) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    std::thread::spawn(move || {
        for _ in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    count
}

/// The laboratory's DNS: a Knot that has `example` and nothing else.
fn names(
    folder: &Path,
    [own, secret, foreign, forbidden, dead, last]: [Ipv4Addr; 6],
) -> (Server, std::net::SocketAddr) {
    let mut zone = String::from(
        "$ORIGIN example.\n$TTL 60\n@ SOA ns.example. h.example. 1 14400 1800 1209600 60\n@ NS ns\nns A 127.0.0.1\nohne-adresse MX 10 ns\n",
    );

    for (name, _) in TRUTH {
        if let Some(label) = name.strip_suffix(".example") {
            let address = match label {
                "kaputt-tls" => secret,
                "umgezogen" => foreign,
                "tot" => dead,
                "zwei" | "vorgabe" => last,
                "ohne-adresse" | "gibt-es-nicht" => continue,
                _ => own,
            };
            let _ = writeln!(zone, "{label} A {address}");
            // Where nobody listens, and where somebody does.
            if label == "zwei" {
                let _ = writeln!(zone, "{label} A {dead}");
            }
            if label == "doppelt" {
                let _ = writeln!(zone, "{label} A {forbidden}");
            }
        }
    }
    let _ = write!(zone, "fremd A {foreign}\nverboten A {forbidden}\n");
    answers(folder, &zone)
}

/// A Knot that has `example` and nothing else.
pub(crate) fn answers(folder: &Path, zone: &str) -> (Server, std::net::SocketAddr) {
    fs::write(folder.join("example"), zone).unwrap();
    let address = free_address();
    let (path, ip, port) = (folder.display(), address.ip(), address.port());
    fs::write(
        folder.join("knot.conf"),
        format!("server:\n  rundir: {path}\n  listen: {ip}@{port}\ndatabase:\n  storage: {path}/db\nlog:\n  - target: stderr\n    any: warning\ntemplate:\n  - id: default\n    storage: {path}\n    file: \"%s\"\nzone:\n  - domain: example\n"),
    )
    .unwrap();
    (start("knot", folder, address), address)
}

/// Each homepage, and what it is.
const TRUTH: &[(&str, &str)] = &[
    ("lebt.example", "alive"),
    ("alt-latin.example", "alive"),
    ("eigen.example", "alive"),
    ("flattert.example", "alive"),
    ("kaputt-tls.example", "alive_tls_broken"),
    ("zwei.example", "alive"),
    ("nul.example", "alive"),
    ("verweis.example", "alive"),
    // What one sees is what the first page leads to; if that is not there, the first page is.
    ("tor.example", "placeholder"),
    ("vorgabe.example", "server_default"),
    ("totes-tor.example", "alive"),
    ("still.example", "stale"),
    ("riese.example", "alive"),
    ("bombe.example", "alive"),
    ("fort.example", "redirect_elsewhere"),
    ("baustelle.example", "placeholder"),
    ("verkauf.example", "parked"),
    ("vergessen.example", "server_default"),
    ("weg404.example", "error"),
    ("weg500.example", "error"),
    ("rund.example", "error"),
    ("innen-ip.example", "error"),
    ("innen-zahl.example", "error"),
    ("innen-v6.example", "error"),
    ("innen-name.example", "error"),
    ("innen-port.example", "error"),
    ("innen-datei.example", "error"),
    ("doppelt.example", "error"),
    ("tot.example", "unreachable"),
    ("stumm.example", "unreachable"),
    ("loris.example", "unreachable"),
    ("umgezogen.example", "moved_away"),
    ("ohne-adresse.example", "no_address"),
    ("gibt-es-nicht.example", "nxdomain"),
    ("nirgends.lab", "dns_broken"),
];

/// Logs of two months: people come to one, robots to the other.
fn logs(folder: &Path) {
    fs::create_dir_all(folder.join("logs")).unwrap();
    let now = hostler::platform::clock::Clock::default().now();
    let line = |days: i64, agent: &str| {
        let at = (now - chrono::Duration::days(days)).format("%d/%b/%Y:%H:%M:%S +0000");
        format!("192.0.2.1 - - [{at}] \"GET / HTTP/1.1\" 200 12 \"-\" \"{agent}\"\n")
    };
    let write = |name: &str, agent: &str| {
        let text = [60, 30, 1].map(|days| line(days, agent)).concat();
        fs::write(folder.join("logs").join(format!("{name}-access.log")), text).unwrap();
    };
    write("lebt.example", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    write("still.example", "Mozilla/5.0 (compatible; Examplebot/2.1)");
}

#[test]
fn the_laboratory_is_seen_as_it_is() {
    let (data, folder, papers) = (data_dir(), tempfile::tempdir().unwrap(), data_dir());
    let all = addresses();
    let [own, secret, foreign, forbidden, ..] = all;
    let listen = |address: Ipv4Addr, port: u16| TcpListener::bind((address, port)).unwrap();
    let first = listen(own, 0);
    let http = first.local_addr().unwrap().port();
    let tls = listen(secret, 0);
    let https = tls.local_addr().unwrap().port();
    let flaps = Arc::new(AtomicUsize::new(0));
    for listener in [first, listen(secret, http), listen(foreign, http), listen(all[5], http)] {
        let last = listener.local_addr().unwrap().ip() == IpAddr::from(all[5]);
        serve(listener, flaps.clone(), last);
    }
    serve_tls(tls, folder.path());
    bomb();
    // Whatever is asked of them, by whatever port.
    let traps = [trap(listen(forbidden, http)), trap(listen(forbidden, https))];
    let (_knot, dns) = names(folder.path(), all);

    fs::create_dir_all(papers.path().join("web/sites-enabled")).unwrap();
    for (name, _) in TRUTH {
        // Which servers are ours the papers say.
        let (dead, last) = (all[4], all[5]);
        // One answers at one of them only; where one of several says nothing, nobody knows what it has.
        let hosts = match *name {
            "gibt-es-nicht.example" => format!("{own}:80"),
            _ => format!("{own}:80 {secret}:80 {dead}:80 {last}:80"),
        };
        let text = format!("<VirtualHost {hosts}>\nServerName {name}\nDocumentRoot /srv/{name}\n</VirtualHost>\n");
        fs::write(papers.path().join(format!("web/sites-enabled/{name}.conf")), text).unwrap();
    }
    done(hostler(data.path()).args(["import", "papers"]).arg(papers.path()));
    logs(folder.path());
    let read = done(hostler(data.path()).args(["observe", "weblogs"]).arg(folder.path().join("logs")));
    assert!(read.contains("1 homepages visited by people, 1 by nobody"), "{read}");
    let settings = [
        format!("dns.resolvers={dns}"),
        format!("probe.dns_port={}", dns.port()),
        format!("probe.allow_networks=127.0.0.1/32,{own}/32,{secret}/32,{foreign}/32,{}/32,{}/32", all[4], all[5]),
        format!("probe.http_port={http}"),
        format!("probe.https_port={https}"),
    ];
    let look = || -> Vec<Value> {
        let mut command = hostler(data.path());
        command.args(["probe", "--json"]);
        for set in &settings {
            command.args(["--set", set]);
        }
        serde_json::from_str(&done(&mut command)).unwrap()
    };
    let began = Instant::now();
    let seen = look();
    // Those that say nothing are given up after their time, and hold up nobody else.
    assert!(began.elapsed() < Duration::from_secs(45), "{:?}", began.elapsed());
    assert_eq!(seen.len(), TRUTH.len());
    let of = |rows: &[Value], name: &str| rows.iter().find(|r| r["name"] == name).unwrap().clone();
    let wrong: Vec<_> =
        TRUTH.iter().map(|(name, class)| (of(&seen, name), class)).filter(|(r, class)| r["class"] != **class).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(traps.iter().all(|t| t.load(Ordering::SeqCst) == 0), "nobody was led to where nobody is led");
    let page = |row: &Value, field: &str| row["seen"]["http"]["end"]["page"][field].clone();
    assert_eq!(page(&of(&seen, "alt-latin.example"), "title"), "Bäckerei", "old pages have no charset");
    assert_eq!(page(&of(&seen, "riese.example"), "cut"), true);
    assert_eq!(of(&seen, "eigen.example")["seen"]["http"]["hops"].as_array().unwrap().len(), 2);

    // Each name server by itself, and the mail.
    let lebt = of(&seen, "lebt.example");
    let servers = lebt["seen"]["delegation"]["servers"].as_array().unwrap().clone();
    let told: Vec<(&str, &str)> =
        servers.iter().map(|s| (s["name"].as_str().unwrap(), s["answer"]["said"].as_str().unwrap())).collect();
    // The laboratory's zone is one above everybody's names: of those one server is asked.
    assert_eq!(told, [("ns.example", "addresses")], "{servers:?}");
    assert_eq!(of(&seen, "ohne-adresse.example")["seen"]["mx"], serde_json::json!(["ns.example"]));
    // Of a name that there is not, our own server has nothing either: two witnesses, and it is proposed to drop it.
    let gone = of(&seen, "gibt-es-nicht.example");
    let own_server = gone["signals"].as_array().unwrap().iter().find(|s| s["name"] == "old_server").unwrap().clone();
    assert_eq!(own_server["supports"], true, "{own_server}");
    let proposed = |name: &str| {
        let list = done(hostler(data.path()).args(["homepages", "list", "--format", "json"]));
        let rows: Vec<Value> = serde_json::from_str(&list).unwrap();
        of(&rows, name)["proposal"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(
        ["gibt-es-nicht.example", "lebt.example", "still.example", "umgezogen.example", "verkauf.example"]
            .map(proposed),
        ["drop", "move", "ask", "elsewhere", "ask"]
    );

    // One bad look changes nothing; what is kept says so.
    let again = look();
    let flattert = of(&again, "flattert.example");
    assert_eq!((&flattert["class"], &flattert["held"]), (&Value::from("error"), &Value::from("alive")), "{flattert}");
    // Of resolvers that say nothing nothing follows.
    let mut deaf = hostler(data.path());
    deaf.args(["probe", "--set", "dns.resolvers=127.0.0.1:9"]);
    let deaf = deaf.output().unwrap();
    assert_eq!(deaf.status.code(), Some(2), "{}", String::from_utf8_lossy(&deaf.stderr));
    assert!(String::from_utf8_lossy(&deaf.stderr).contains("do not answer"));
    let list =
        |class: &str| done(hostler(data.path()).args(["homepages", "list", "--class", class, "--format", "csv"]));
    let alive = list("alive");
    assert!(alive.contains("flattert.example,alive,error,"), "{alive}");
    assert_eq!(list("parked").lines().count(), 2);
    assert!(list("nxdomain").contains("gibt-es-nicht.example"));
    let ip: IpAddr = forbidden.into();
    assert!(TcpStream::connect((ip, http)).is_ok(), "the trap was there all the time");
}
