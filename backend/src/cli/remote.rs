//! The API of a panel elsewhere: `--server URL --token-file FILE`.

use super::{Common, Failure, print, say, unable};
use crate::{import::plan::Plan, platform::random};
use clap::Args;
use hostler_core::names::DomainName;
use serde_json::Value;
use std::{
    io::Read as _,
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

/// Longest answer that is read, in octets.
const MAX_ANSWER: u64 = 256 << 20;
/// A panel that says nothing for so long is not there.
const LIMIT: Duration = Duration::from_secs(60);

/// One request to the API.
#[derive(Debug, Args)]
pub(super) struct Request {
    /// GET, POST, PUT, PATCH or DELETE
    method: String,
    /// Path below /api/v1, with its query
    path: String,
    /// File with the body; - for standard input
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// The state that a change is made on, as the ETag said it
    #[arg(long, value_name = "TAG")]
    if_match: Option<String>,
    /// The same key and body again get the first answer
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

/// A panel and the token for it.
pub(super) struct Remote {
    base: Url,
    token: String,
    agent: ureq::Agent,
}

/// What the panel answered.
struct Answer {
    etag: Option<String>,
    text: String,
}

impl Remote {
    /// The panel that the flags name.
    ///
    /// # Errors
    /// When a flag is missing or wrong. A token is not sent over an open line.
    pub(super) fn open(common: &Common) -> Result<Self, Failure> {
        let server =
            common.server.as_deref().ok_or_else(|| "--server is missing: the address of the panel".to_owned())?;
        let base = Url::parse(server).map_err(|e| format!("--server: {e}"))?;
        let local = match base.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if base.scheme() != "https" && !(base.scheme() == "http" && local) {
            return Err(Failure::Unable("--server: an https address; http only to this machine".to_owned()));
        }
        let file =
            common.token_file.as_deref().ok_or_else(|| "--token-file is missing: a file with a token".to_owned())?;
        let token = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?.trim().to_owned();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Failure::Unable(format!("{}: no token in it", file.display())));
        }
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(LIMIT))
            .timeout_recv_response(Some(LIMIT * 5))
            .max_redirects(0)
            .user_agent(concat!("hostler/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Ok(Self { base, token, agent })
    }

    /// Sends a request; a refusal is told on standard error.
    ///
    /// # Errors
    /// `No` if the panel refuses, `Unable` if it cannot be reached, does not know the token, or has a fault.
    fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<(&str, &[u8])>,
    ) -> Result<Answer, Failure> {
        let base = self.base.as_str().trim_end_matches('/');
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{base}/api/v1/{}", path.trim_start_matches('/')))
            .header("authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some((kind, _)) = body {
            request = request.header("content-type", kind);
        }
        let request = request.body(body.map(|(_, octets)| octets).unwrap_or_default()).map_err(unable)?;
        let mut answer = self.agent.run(request).map_err(|e| format!("{}: {e}", self.base))?;
        let status = answer.status().as_u16();
        let etag = answer.headers().get("etag").and_then(|v| v.to_str().ok()).map(str::to_owned);
        let mut text = String::new();
        answer.body_mut().as_reader().take(MAX_ANSWER).read_to_string(&mut text).map_err(unable)?;
        if (200..300).contains(&status) {
            return Ok(Answer { etag, text });
        }
        eprintln!("hostler: {}", refusal(status, &text));
        match status {
            401 | 300..=399 | 500.. => Err(Failure::Unable(format!("{}: {status}", self.base))),
            _ => Err(Failure::No),
        }
    }

    fn value(&self, method: &str, path: &str) -> Result<(Value, Option<String>), Failure> {
        let answer = self.call(method, path, &[], None)?;
        Ok((serde_json::from_str(&answer.text).map_err(unable)?, answer.etag))
    }

    /// The zone of a name: its id and its state.
    fn zone(&self, origin: &str) -> Result<(String, String, Value), Failure> {
        let name = DomainName::parse(origin.trim_end_matches('.')).map_err(|e| format!("--origin: {e}"))?;
        let (found, _) = self.value("GET", &format!("domains?limit=500&q={}", name.as_str()))?;
        let id = found["items"].as_array().into_iter().flatten().find(|d| d["name"] == name.as_str());
        let Some(id) = id.and_then(|d| d["zone_id"].as_str()) else {
            eprintln!("hostler: there is no zone {} at {}", name.as_str(), self.base);
            return Err(Failure::No);
        };
        let (zone, etag) = self.value("GET", &format!("zones/{id}"))?;
        Ok((id.to_owned(), etag.unwrap_or_default(), zone))
    }
}

/// A problem (RFC 9457) in a line or more.
fn refusal(status: u16, text: &str) -> String {
    let Ok(problem) = serde_json::from_str::<Value>(text) else { return format!("the panel answers {status}") };
    let part = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut out = format!("{} ({status}): {}", part(&problem["title"]), part(&problem["detail"]));
    for error in problem["errors"].as_array().into_iter().flatten() {
        out.push_str(&format!("\n  {}: {}", part(&error["field"]), part(&error["detail"])));
    }
    out
}

/// `hostler api`
pub(super) fn request(common: &Common, request: &Request) -> Result<(), Failure> {
    let remote = Remote::open(common)?;
    let body = match request.body.as_deref() {
        None => None,
        Some(file) if file == Path::new("-") => {
            let mut octets = Vec::new();
            std::io::stdin().read_to_end(&mut octets).map_err(unable)?;
            Some(octets)
        }
        Some(file) => Some(std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?),
    };
    let headers: Vec<(&str, &str)> = [("if-match", &request.if_match), ("idempotency-key", &request.idempotency_key)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .collect();
    let body = body.as_deref().map(|octets| ("application/json", octets));
    let answer = remote.call(&request.method.to_ascii_uppercase(), &request.path, &headers, body)?;
    if let Some(etag) = answer.etag {
        say(&format!("ETag: {etag}"));
    }
    if answer.text.is_empty() || answer.text.ends_with('\n') {
        print(&answer.text)
    } else {
        print(&format!("{}\n", answer.text))
    }
}

/// `hostler zone get`: the records as a zone file.
pub(super) fn zone_get(common: &Common, origin: &str) -> Result<(), Failure> {
    let (_, _, zone) = Remote::open(common)?.zone(origin)?;
    let mut out = String::new();
    for record in zone["records"].as_array().into_iter().flatten() {
        let text = |name: &str| record[name].as_str().unwrap_or_default();
        out.push_str(&format!("{}\t{}\tIN\t{}\t{}\n", text("owner"), record["ttl"], text("type"), text("data")));
    }
    print(&out)
}

/// What `hostler zone put` does besides putting.
pub(super) struct Put<'p> {
    pub(super) publish: bool,
    pub(super) note: &'p str,
    pub(super) dry_run: bool,
    pub(super) json: bool,
}

/// `hostler zone put`: a file in the place of all records.
pub(super) fn zone_put(common: &Common, origin: &str, octets: &[u8], how: &Put<'_>) -> Result<(), Failure> {
    let remote = Remote::open(common)?;
    let text = std::str::from_utf8(octets).map_err(|_| "the file is not UTF-8".to_owned())?;
    let (id, etag, _) = remote.zone(origin)?;
    let tried = if how.dry_run { "?dry_run=true" } else { "" };
    let body = serde_json::json!({ "text": text }).to_string();
    let send = |path: String, tag: &str, body: &str| {
        remote.call("PUT", &path, &[("if-match", tag)], Some(("application/json", body.as_bytes())))
    };
    let done = send(format!("zones/{id}/text{tried}"), &etag, &body)?;
    let changes: Value = serde_json::from_str(&done.text).map_err(unable)?;
    if how.json {
        print(&format!("{changes}\n"))?;
    } else {
        for change in changes["changes"].as_array().into_iter().flatten() {
            for (sign, name) in [('-', "before"), ('+', "after")] {
                if let Some(line) = change[name].as_str() {
                    print(&format!("{sign} {line}\n"))?;
                }
            }
        }
    }
    if how.publish && !how.dry_run {
        let body = serde_json::json!({ "note": how.note }).to_string();
        let tag = done.etag.unwrap_or(etag);
        remote.call(
            "POST",
            &format!("zones/{id}/publish"),
            &[("if-match", &tag)],
            Some(("application/json", body.as_bytes())),
        )?;
    }
    Ok(())
}

/// `hostler import papers` on a panel elsewhere: uploads an archive, waits for the plan, and has it done.
pub(super) fn import(common: &Common, name: &str, archive: &[u8], dry_run: bool) -> Result<Plan, Failure> {
    let remote = Remote::open(common)?;
    say("uploading the papers");
    let key = random::token().map_err(unable)?;
    let source: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let octets = Some(("application/octet-stream", archive));
    let taken = remote.call("POST", &format!("imports?source={source}"), &[("idempotency-key", &key)], octets)?;
    let taken: Value = serde_json::from_str(&taken.text).map_err(unable)?;
    let id = taken["id"].as_str().unwrap_or_default().to_owned();
    let wait = |wanted: &str| -> Result<Plan, Failure> {
        loop {
            let (import, _) = remote.value("GET", &format!("imports/{id}"))?;
            match import["state"].as_str().unwrap_or_default() {
                state if state == wanted => return serde_json::from_value(import["plan"].clone()).map_err(unable),
                "failed" => return Err(Failure::Unable(import["error"].as_str().unwrap_or("it failed").to_owned())),
                _ if import["job"].is_null() && import["state"] != "reading" && wanted == "applied" => {
                    return Err(Failure::Unable("the import was not applied: its job ended".to_owned()));
                }
                _ => std::thread::sleep(Duration::from_millis(300)),
            }
        }
    };
    say("waiting for the plan");
    let plan = wait("planned")?;
    if dry_run {
        return Ok(plan);
    }
    say("taking them over");
    remote.call("POST", &format!("imports/{id}/apply"), &[], None)?;
    wait("applied")
}
