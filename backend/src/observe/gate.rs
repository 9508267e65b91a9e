//! The one way out of a browser that looks at somebody's page: a proxy that goes where the guard lets it, within bounds.

use super::guarded::Guard;
use hostler_core::web::Dns;
use std::{
    io,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinHandle,
};
use url::{Host, Url};

/// Most octets that go through, both ways, all connections together.
const MOST: u64 = 20 << 20;
/// Most connections at once.
const CONNECTIONS: usize = 24;
/// Longest head of a request.
const HEAD: usize = 32 << 10;
/// Longest silence.
const SILENCE: Duration = Duration::from_secs(10);

/// A proxy on this machine, which is gone with this.
pub(super) struct Gate {
    pub(super) port: u16,
    task: JoinHandle<()>,
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    host: String,
    https: bool,
    /// What is said to the server before everything else; nothing where a tunnel is asked for.
    first: Vec<u8>,
}

/// Reads the head of a request to a proxy (RFC 9110 §7.1, §9.3.6): a tunnel to port 443, or a page by HTTP.
fn wanted(head: &[u8]) -> Option<Wanted> {
    let text = std::str::from_utf8(head).ok()?;
    let (line, rest) = text.split_once("\r\n")?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    if method == "CONNECT" {
        let url = Url::parse(&format!("https://{target}/")).ok()?;
        return (url.port().is_none()).then(|| name(&url)).flatten().map(|host| Wanted {
            host,
            https: true,
            first: Vec::new(),
        });
    }
    let url = Url::parse(target).ok()?;
    if !matches!(method, "GET" | "HEAD") || url.scheme() != "http" || url.port().is_some() {
        return None;
    }
    let host = name(&url)?;
    let path = target.strip_prefix("http://").and_then(|t| t.find('/').and_then(|at| t.get(at..))).unwrap_or("/");
    let mut first = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for header in rest.split("\r\n").filter(|h| !h.is_empty()) {
        let (field, _) = header.split_once(':')?;
        let field = field.to_ascii_lowercase();
        if !field.starts_with("proxy-") && !matches!(field.as_str(), "host" | "connection" | "keep-alive" | "upgrade") {
            first.push_str(header);
            first.push_str("\r\n");
        }
    }
    first.push_str("\r\n");
    Some(Wanted { host, https: false, first: first.into_bytes() })
}

/// An address in place of a name is nobody's homepage.
fn name(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(name) => Some(name.to_owned()),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

async fn head(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|w| w == b"\r\n\r\n") {
        let read = tokio::time::timeout(SILENCE, client.read(&mut buffer)).await.ok()?.ok()?;
        head.extend_from_slice(buffer.get(..read)?);
        if read == 0 || head.len() > HEAD {
            return None;
        }
    }
    Some(head)
}

async fn connected(guard: &Guard, wanted: &Wanted) -> Option<TcpStream> {
    let Dns::Addresses { addresses } = guard.resolve(&wanted.host).await else { return None };
    for address in guard.choose(&addresses).ok()? {
        if let Ok(stream) = guard.connect(address, wanted.https).await {
            return Some(stream);
        }
    }
    None
}

/// Hands on what comes, until it ends, is silent for too long, or the octets of all are used up.
async fn hand_on(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, left: &AtomicU64) {
    let mut buffer = vec![0; 16 << 10];
    while let Ok(Ok(read)) = tokio::time::timeout(SILENCE, from.read(&mut buffer)).await {
        let octets = u64::try_from(read).unwrap_or(u64::MAX);
        let spent = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(octets)).is_err();
        let Some(part) = buffer.get(..read).filter(|p| !p.is_empty() && !spent) else { break };
        if to.write_all(part).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

async fn serve(mut client: TcpStream, guard: &Guard, left: &AtomicU64) -> Option<()> {
    let head = head(&mut client).await?;
    let found = match wanted(&head) {
        Some(wanted) => connected(guard, &wanted).await.map(|stream| (wanted, stream)),
        None => None,
    };
    let Some((wanted, mut server)) = found else {
        client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await.ok()?;
        return None;
    };
    if wanted.https {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
        let ((from_client, to_client), (from_server, to_server)) = (client.split(), server.split());
        tokio::join!(hand_on(from_client, to_server, left), hand_on(from_server, to_client, left));
    } else {
        // One request and no other: the next on this connection might be for somebody else.
        server.write_all(&wanted.first).await.ok()?;
        hand_on(server, client, left).await;
    }
    Some(())
}

impl Gate {
    /// Opens one.
    ///
    /// # Errors
    /// When there is no port.
    pub(super) async fn open(guard: Arc<Guard>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let task = tokio::spawn(async move {
            let (left, places) = (Arc::new(AtomicU64::new(MOST)), Arc::new(Semaphore::new(CONNECTIONS)));
            let mut open = tokio::task::JoinSet::new();
            while let Ok(place) = Arc::clone(&places).acquire_owned().await {
                let Ok((client, _)) = listener.accept().await else { break };
                let (guard, left) = (Arc::clone(&guard), Arc::clone(&left));
                open.spawn(async move {
                    let _ = serve(client, &guard, &left).await;
                    drop(place);
                });
                while open.try_join_next().is_some() {}
            }
        });
        Ok(Self { port, task })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_and_the_usual_ports_are_asked_for() {
        let of = |head: &str| wanted(head.as_bytes());
        let tunnel = Wanted { host: "a.example".to_owned(), https: true, first: Vec::new() };
        assert_eq!(of("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"), Some(tunnel));
        let page = of(
            "GET http://a.example/x?y=/z HTTP/1.1\r\nHost: b.example\r\nProxy-Connection: keep-alive\r\nAccept: */*\r\n\r\n",
        );
        let first = "GET /x?y=/z HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\nAccept: */*\r\n\r\n";
        assert_eq!(page, Some(Wanted { host: "a.example".to_owned(), https: false, first: first.as_bytes().to_vec() }));
        for head in [
            "CONNECT a.example:22 HTTP/1.1\r\n\r\n",
            "CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n",
            "CONNECT [::1]:443 HTTP/1.1\r\n\r\n",
            "GET http://10.0.0.1/ HTTP/1.1\r\n\r\n",
            "GET http://2130706433/ HTTP/1.1\r\n\r\n",
            "GET http://a.example:8080/ HTTP/1.1\r\n\r\n",
            "GET ftp://a.example/ HTTP/1.1\r\n\r\n",
            "GET /etc/passwd HTTP/1.1\r\n\r\n",
            "POST http://a.example/ HTTP/1.1\r\n\r\n",
            "GET http://a.example/ HTTP/1.1\r\nno header\r\n\r\n",
            "GET\r\n\r\n",
            "",
        ] {
            assert_eq!(of(head), None, "{head:?}");
        }
    }
}
