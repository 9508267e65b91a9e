//! A visit to a homepage: hop by hop, within bounds of time, octets and redirects.

use super::{
    guarded::{Guard, Refusal},
    pace::Pace,
    tls::Authorities,
};
use chrono::DateTime;
use encoding_rs::Encoding;
use hostler_core::web::{Certificate, Dns, End, Hop, Page, Visit};
use http_body_util::{BodyExt as _, Empty};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::{self, HeaderMap, HeaderValue},
};
use hyper_util::rt::TokioIo;
use std::{io::Read as _, net::IpAddr, sync::Arc, time::Duration};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use url::{Host, Url};

/// Longest visit, all hops together.
const TOTAL: Duration = Duration::from_secs(15);
/// Most octets of a page, on the way and unpacked.
const MOST: usize = 512 << 10;
/// Longest address that a redirect may lead to.
const LONGEST: usize = 2000;
/// Most redirects that are followed.
const REDIRECTS: usize = 5;
/// Longest time that a server may ask to be left alone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Who visits, and how fast.
pub(super) struct Fetcher {
    pub(super) guard: Guard,
    pub(super) pace: Pace,
    pub(super) authorities: Authorities,
    /// What it calls itself.
    pub(super) agent: HeaderValue,
    /// Requests a second to one address: ours, and others'.
    pub(super) rates: (u32, u32),
    /// Whether somebody has said which addresses are ours.
    pub(super) knows_ours: bool,
    /// Which addresses are ours.
    pub(super) ours: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
}

/// An answer as far as it was read.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    cut: bool,
}

/// What one hop came to.
enum Step {
    Answer(Answer, Option<Certificate>),
    End(End),
}

fn end_of(refusal: Refusal) -> End {
    match refusal {
        Refusal::Refused => End::Refused,
        Refusal::TimedOut => End::TimedOut,
        Refusal::Forbidden(to) => End::Forbidden { to },
        Refusal::NoAddress => End::Garbled { reason: "its next name has no address".to_owned() },
        Refusal::NoSight(reason) => End::NoSight { reason },
    }
}

impl Fetcher {
    fn rate(&self, address: IpAddr) -> u32 {
        if self.knows_ours && (self.ours)(address) { self.rates.0 } else { self.rates.1 }
    }

    /// Visits an address, whose name has these addresses.
    pub(super) async fn visit(&self, url: &str, addresses: &[IpAddr]) -> Visit {
        let (mut hops, mut gate) = (Vec::new(), None);
        let mut end = match Url::parse(url) {
            Ok(url) => self.walk(url, addresses.to_vec(), &mut hops, &mut gate).await,
            Err(_) => End::Garbled { reason: "no address".to_owned() },
        };
        // There was a page, even if nothing is behind it.
        if let Some((passed, page)) = gate
            && !matches!(&end, End::Page { page } if says_something(page))
        {
            hops.truncate(passed);
            end = End::Page { page: Box::new(page) };
        }
        Visit { hops, end }
    }

    /// Goes from hop to hop. `gate` becomes a page that only sends its readers on within the site, with the number of hops to it.
    async fn walk(
        &self,
        mut url: Url,
        mut addresses: Vec<IpAddr>,
        hops: &mut Vec<Hop>,
        gate: &mut Option<(usize, Page)>,
    ) -> End {
        let mut left = TOTAL;
        for _ in 0..=REDIRECTS {
            let chosen = match self.guard.choose(&addresses) {
                Ok(chosen) => chosen,
                Err(refusal) => return end_of(refusal),
            };
            let (answer, certificate, address) = match self.first(&url, &chosen, &mut left).await {
                Ok(found) => found,
                Err(end) => return end,
            };
            hops.push(Hop { url: url.to_string(), address, status: answer.status, certificate });
            self.heed(address, &answer);
            let next = match redirect(&url, &answer) {
                Some(next) => next,
                None => {
                    let Some(page) = read_page(answer).await else {
                        return End::NoSight { reason: "the page could not be read".to_owned() };
                    };
                    match sent_on(&url, &page).filter(|_| gate.is_none()) {
                        Some(next) => {
                            *gate = Some((hops.len(), page));
                            next
                        }
                        None => return End::Page { page: Box::new(page) },
                    }
                }
            };
            match self.follow(&url, &next, &mut addresses).await {
                Ok(next) => url = next,
                Err(end) => return end,
            }
        }
        End::TooManyRedirects
    }

    /// What the first of these addresses answers at which somebody listens.
    async fn first(
        &self,
        url: &Url,
        chosen: &[IpAddr],
        left: &mut Duration,
    ) -> Result<(Answer, Option<Certificate>, IpAddr), End> {
        let mut end: Option<End> = None;
        for &address in chosen {
            // Waiting for one's turn is not the server's slowness.
            self.pace.turn(address, self.rate(address)).await;
            let began = tokio::time::Instant::now();
            let step = tokio::time::timeout(*left, self.hop(url, address)).await.unwrap_or(Step::End(End::TimedOut));
            *left = left.saturating_sub(began.elapsed());
            match step {
                Step::Answer(answer, certificate) => return Ok((answer, certificate, address)),
                // What is wrong here is told only if nothing was learned there.
                Step::End(End::NoSight { .. }) if end.is_some() => {}
                Step::End(other) => end = Some(other),
            }
            // Another one may do better, but for one that has said something.
            if left.is_zero() || !matches!(end, Some(End::Refused | End::TimedOut | End::NoSight { .. })) {
                break;
            }
        }
        Err(end.unwrap_or(End::TimedOut))
    }

    /// The page that an address answers for a name, or the one that it only leads on to, as a visit sees it; no redirect is followed.
    pub(super) async fn page_of(&self, host: &str, address: IpAddr) -> Option<Page> {
        let mut url = Url::parse(&format!("http://{host}/")).ok()?;
        let mut gate: Option<Page> = None;
        loop {
            self.pace.turn(address, self.rate(address)).await;
            let page = match tokio::time::timeout(TOTAL, self.hop(&url, address)).await {
                Ok(Step::Answer(answer, _)) => read_page(answer).await,
                Ok(Step::End(_)) | Err(_) => None,
            };
            if gate.is_some() {
                return page.filter(says_something).or(gate);
            }
            let page = page?;
            match sent_on(&url, &page).and_then(|to| url.join(&to).ok()) {
                // Another way than HTTP is not that of this question.
                Some(next) if next.scheme() == "http" && next.port().is_none() => (url, gate) = (next, Some(page)),
                _ => return Some(page),
            }
        }
    }

    /// A server that is asked too much says so.
    fn heed(&self, address: IpAddr, answer: &Answer) {
        if matches!(answer.status, 429 | 503) {
            let seconds = answer.headers.get(header::RETRY_AFTER).and_then(|v| v.to_str().ok()?.trim().parse().ok());
            let wait = Duration::from_secs(seconds.unwrap_or(2)).min(PATIENCE);
            self.pace.put_off(address, tokio::time::Instant::now() + wait);
        }
    }

    /// Where a redirect leads, with the addresses of its name if that is another.
    async fn follow(&self, from: &Url, to: &str, addresses: &mut Vec<IpAddr>) -> Result<Url, End> {
        let forbidden = |to: &str| End::Forbidden { to: to.chars().take(200).collect() };
        let url = from.join(to).map_err(|_| End::Garbled { reason: "it leads to no address".to_owned() })?;
        // Nobody's name and password, no other port, no other way than HTTP.
        let plain = matches!(url.scheme(), "http" | "https") && url.port().is_none();
        if !plain || !url.username().is_empty() || url.password().is_some() {
            return Err(forbidden(to));
        }
        match url.host() {
            Some(Host::Domain(name)) if from.host_str() != Some(name) => match self.guard.resolve(name).await {
                Dns::Addresses { addresses: found } => *addresses = found,
                _ => {
                    let name: String = name.chars().take(200).collect();
                    return Err(End::Garbled { reason: format!("it leads to {name}, which has no address") });
                }
            },
            Some(Host::Domain(_)) => {}
            // An address in place of a name is nobody's homepage.
            _ => return Err(forbidden(to)),
        }
        Ok(url)
    }

    async fn hop(&self, url: &Url, address: IpAddr) -> Step {
        let https = url.scheme() == "https";
        let stream = match self.guard.connect(address, https).await {
            Ok(stream) => stream,
            Err(refusal) => return Step::End(end_of(refusal)),
        };
        let garbled = |reason: String| Step::End(End::Garbled { reason: reason.chars().take(200).collect() });
        if !https {
            return match self.ask(url, TokioIo::new(stream)).await {
                Ok(answer) => Step::Answer(answer, None),
                Err(reason) => garbled(reason),
            };
        }
        let (config, problem) = match self.authorities.config() {
            Ok(made) => made,
            Err(reason) => return garbled(reason),
        };
        let Ok(name) = ServerName::try_from(url.host_str().unwrap_or_default().to_owned()) else {
            return garbled("a name that TLS does not know".to_owned());
        };
        let stream = match TlsConnector::from(config).connect(name, stream).await {
            Ok(stream) => stream,
            Err(error) => return garbled(format!("TLS: {error}")),
        };
        let problem = problem.lock().map(|mut p| p.take()).unwrap_or_default();
        match self.ask(url, TokioIo::new(stream)).await {
            Ok(answer) => Step::Answer(answer, Some(Certificate { problem })),
            Err(reason) => garbled(reason),
        }
    }

    async fn ask<S>(&self, url: &Url, io: TokioIo<S>) -> Result<Answer, String>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
            .max_buf_size(64 << 10)
            .max_headers(300)
            // Browsers show what servers get wrong here.
            .allow_obsolete_multiline_headers_in_responses(true)
            .allow_spaces_after_header_name_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(io)
            .await
            .map_err(|e| e.to_string())?;
        // It ends with the answer, or when this is dropped.
        let driver = tokio::spawn(connection);
        let ended = Ended(driver);
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let request = Request::get(target)
            .header(header::HOST, url.host_str().unwrap_or_default())
            .header(header::USER_AGENT, self.agent.clone())
            .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.5")
            .header(header::ACCEPT_LANGUAGE, "de,en;q=0.7")
            .header(header::ACCEPT_ENCODING, "gzip")
            .header(header::CONNECTION, "close")
            .body(Empty::<Bytes>::new())
            .map_err(|e| e.to_string())?;
        let response = sender.send_request(request).await.map_err(|e| e.to_string())?;
        let answer = read(response).await;
        drop(ended);
        answer
    }
}

/// Ends the task that drives a connection, whatever becomes of the visit.
struct Ended(tokio::task::JoinHandle<Result<(), hyper::Error>>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn read(response: Response<Incoming>) -> Result<Answer, String> {
    let (parts, mut incoming) = response.into_parts();
    let (mut body, mut cut) = (Vec::new(), false);
    while let Some(frame) = incoming.frame().await {
        // What came until then is worth looking at.
        let Ok(frame) = frame else { break };
        if let Some(data) = frame.data_ref() {
            let room = MOST.saturating_sub(body.len());
            body.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
            if data.len() > room {
                cut = true;
                break;
            }
        }
    }
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body, cut })
}

/// Where an answer leads.
fn redirect(from: &Url, answer: &Answer) -> Option<String> {
    if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let to = answer.headers.get(header::LOCATION)?;
    let to: String = String::from_utf8_lossy(to.as_bytes()).chars().take(LONGEST).collect();
    // Some lead to themselves for want of a page.
    (from.join(&to).ok().as_ref() != Some(from)).then_some(to)
}

/// Whether a page says more than the one that leads to it.
fn says_something(page: &Page) -> bool {
    page.status < 400 && (page.words > 0 || page.assets || !page.title.is_empty())
}

/// Words up to which a page that sends its readers on is only a gate.
const GATE_WORDS: u32 = 20;

/// Where a page of few words sends its readers by itself, if that is another page of the same host.
fn sent_on(from: &Url, page: &Page) -> Option<String> {
    let to: String = page.refresh.as_ref()?.chars().take(LONGEST).collect();
    let mut next = from.join(&to).ok()?;
    next.set_fragment(None);
    let within = next.host_str() == from.host_str() && next != *from;
    (within && page.status < 400 && page.words < GATE_WORDS).then_some(to)
}

/// Unpacks within bounds: a few octets may stand for a gigabyte.
fn unpacked(answer: &Answer) -> (Vec<u8>, bool) {
    let gzip = answer.headers.get(header::CONTENT_ENCODING).is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"gzip"));
    if !gzip {
        return (answer.body.clone(), answer.cut);
    }
    let mut out = Vec::new();
    let limit = u64::try_from(MOST + 1).unwrap_or(u64::MAX);
    // A part of it is better than nothing.
    let _ = flate2::read::GzDecoder::new(answer.body.as_slice()).take(limit).read_to_end(&mut out);
    let more = out.len() > MOST;
    out.truncate(MOST);
    (out, answer.cut || more)
}

/// The charset that a header or the page's own beginning names; otherwise UTF-8, or what most old pages were written in.
fn decoded(headers: &HeaderMap, body: &[u8]) -> String {
    let named = |text: &str| {
        let at = text.to_ascii_lowercase().find("charset=")?;
        let label = text.get(at + 8..)?.trim_start_matches(['"', '\'', ' ']);
        let label = label.split(['"', '\'', ';', '>', ' ', '/']).next()?;
        Encoding::for_label(label.as_bytes())
    };
    let header = headers.get(header::CONTENT_TYPE).and_then(|v| named(v.to_str().ok()?));
    let head = String::from_utf8_lossy(body.get(..body.len().min(1024)).unwrap_or_default()).into_owned();
    let encoding = header.or_else(|| named(&head)).unwrap_or_else(|| match std::str::from_utf8(body) {
        Ok(_) => encoding_rs::UTF_8,
        Err(error) if error.error_len().is_none() => encoding_rs::UTF_8,
        Err(_) => encoding_rs::WINDOWS_1252,
    });
    encoding.decode(body).0.into_owned()
}

/// Reads a page off the thread on which everybody else waits.
async fn read_page(answer: Answer) -> Option<Page> {
    tokio::task::spawn_blocking(move || page(&answer)).await.ok()
}

fn page(answer: &Answer) -> Page {
    let (body, cut) = unpacked(answer);
    let mut page = Page::read(answer.status, &decoded(&answer.headers, &body));
    let modified = answer.headers.get(header::LAST_MODIFIED).and_then(|v| v.to_str().ok());
    page.modified = modified.and_then(|v| DateTime::parse_from_rfc2822(v).ok()).map(|at| at.timestamp());
    (page.size, page.cut) = (u64::try_from(body.len()).unwrap_or(u64::MAX), cut);
    page
}
