//! How fast homepages are looked at, beside bare requests to the same server, and how much memory that takes.
//!
//! The laboratory (a DNS and an HTTP server, all of whose homepages answer) is this program in a process of its own: what it takes is
//! not counted, but for the cores that both share.
#![expect(clippy::unwrap_used, reason = "a bench that cannot go on ends")]

use futures_util::StreamExt as _;
use hickory_resolver::proto::{
    op::{Message, MessageType, ResponseCode},
    rr::{RData, Record, RecordType, rdata},
};
use hostler::{
    observe::{ours::Ours, sweep::Prober},
    platform::{clock::Clock, settings},
};
use hostler_core::web::Class;
use hostler_store::looks::ToLook;
use std::{
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr},
    process::{Command, Stdio},
    time::Instant,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UdpSocket},
};

const HOMEPAGES: usize = 60_000;
const LAB: Ipv4Addr = Ipv4Addr::new(127, 7, 7, 7);

const PAGE: &str = "<html lang=de><title>Bäckerei</title><p>Brötchen, Kuchen und Brot aus eigener Backstube, jeden Tag ab sechs Uhr frisch für \
    Sie gebacken, in der dritten Generation am Marktplatz, mit Mehl aus der Mühle nebenan und viel Zeit für den Teig.</p>";

const UNKNOWN: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

async fn http(listener: TcpListener) {
    let said: &'static str = Box::leak(
        format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PAGE}", PAGE.len())
            .into_boxed_str(),
    );
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut request = [0; 2048];
            let mut n = 0;
            while !request[..n].windows(4).any(|w| w == b"\r\n\r\n") {
                match stream.read(&mut request[n..]).await {
                    Ok(more) if more > 0 => n += more,
                    _ => return,
                }
            }
            // A server has something else for names that it does not know.
            let unknown = request[..n].windows(8).any(|w| w == b".invalid");
            let _ = stream.write_all(if unknown { UNKNOWN } else { said }.as_bytes()).await;
        });
    }
}

async fn dns(socket: UdpSocket) {
    let mut buffer = [0; 1500];
    while let Ok((n, from)) = socket.recv_from(&mut buffer).await {
        let Ok(question) = Message::from_vec(&buffer[..n]) else { continue };
        let Some(query) = question.queries.first().cloned() else { continue };
        let mut answer = question.clone();
        answer.metadata.message_type = MessageType::Response;
        answer.metadata.response_code = ResponseCode::NoError;
        answer.metadata.authoritative = true;
        if query.query_type() == RecordType::A {
            answer.add_answer(Record::from_rdata(query.name().clone(), 60, RData::A(rdata::A(LAB))));
        }
        let _ = socket.send_to(&answer.to_vec().unwrap(), from).await;
    }
}

/// Serves until its standard input ends, and prints its ports.
fn lab() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let web = TcpListener::bind((LAB, 0)).await.unwrap();
        let names = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        println!("{} {}", web.local_addr().unwrap().port(), names.local_addr().unwrap().port());
        tokio::spawn(http(web));
        tokio::spawn(dns(names));
        let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await;
    });
}

/// The most memory that this process ever had, in megabytes (`proc(5)`, VmHWM).
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1000
}

async fn bare(port: u16) -> f64 {
    let began = Instant::now();
    let ask = |n: usize| async move {
        let mut stream = TcpStream::connect((LAB, port)).await.unwrap();
        let request = format!("GET / HTTP/1.1\r\nHost: h{n}.example\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
    };
    futures_util::stream::iter(0..HOMEPAGES).map(ask).buffer_unordered(256).count().await;
    f64::from(u32::try_from(HOMEPAGES).unwrap()) / began.elapsed().as_secs_f64()
}

async fn looked(port: u16, dns: u16) -> f64 {
    let resolvers: SocketAddr = ([127, 0, 0, 1], dns).into();
    // Nobody listens for HTTPS: it is refused, as on many an old server.
    let flags = [
        ("dns.resolvers", resolvers.to_string()),
        ("probe.allow_networks", format!("{LAB}/32,127.0.0.1/32")),
        ("probe.our_networks", format!("{LAB}/32")),
        ("probe.http_port", port.to_string()),
        ("probe.https_port", "9".to_owned()),
        ("probe.our_rate", "1000000".to_owned()),
        ("data_dir", "/nonexistent".to_owned()),
    ];
    let flags: Vec<(String, String)> = flags.into_iter().map(|(n, v)| (n.to_owned(), v)).collect();
    let settings = settings::load(None, &flags).unwrap();
    let ours = Ours::of_networks(settings.probe.our_networks.clone());
    let prober = Prober::new(&settings, ours, Clock::default().now()).unwrap();
    let target = |n: usize| ToLook {
        id: uuid::Uuid::from_u128(n as u128),
        name: format!("h{n}.example"),
        aliases: Vec::new(),
        listens: Vec::new(),
        is_redirect: false,
        hits: None,
        uploaded_at: None,
        new_server: None,
        mail_is_used: false,
        held: None,
    };
    let began = Instant::now();
    let mut alive = 0;
    let mut seen = std::pin::pin!(prober.sweep((0..HOMEPAGES).map(target).collect()));
    while let Some(one) = seen.next().await {
        assert_eq!(one.verdict.class, Class::Alive, "every homepage of the laboratory lives: {:?}", one.look);
        alive += 1;
    }
    assert_eq!(alive, HOMEPAGES);
    f64::from(u32::try_from(HOMEPAGES).unwrap()) / began.elapsed().as_secs_f64()
}

fn main() {
    if std::env::args().any(|a| a == "--lab") {
        return lab();
    }
    let own = std::env::current_exe().unwrap();
    let mut child = Command::new(own).arg("--lab").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (port, dns) = line.trim().split_once(' ').unwrap();
    let (port, dns) = (port.parse().unwrap(), dns.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let reference = runtime.block_on(bare(port));
    let ours = runtime.block_on(looked(port, dns));
    println!(
        "{HOMEPAGES} homepages looked at: {ours:.0} a second, {} MB at the most; bare requests: {reference:.0} a second ({:.2} ×)",
        peak(),
        ours / reference
    );
    drop(child.stdin.take());
    child.wait().unwrap();
}
