//! A picture of a homepage as a browser shows it: a headless Chromium in its own sandbox, which reaches the world through our gate
//! only, for a short time.

use super::{gate::Gate, guarded::Guard};
use rustix::fs::OFlags;
use std::{
    fs::File,
    io::Read as _,
    os::unix::fs::{OpenOptionsExt as _, chown},
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};
use tokio::{process::Command, sync::Mutex};

/// Longest time for one picture.
const TOTAL: Duration = Duration::from_secs(20);
/// Most octets of a picture.
const MOST: u64 = 1 << 20;
/// The page is laid out at this size and taken at half of it, the least that there is.
const WINDOW: &str = "--window-size=1280,960";
const SCALE: &str = "--force-device-scale-factor=0.5";
/// Who owns nothing on a Debian: a browser at hostile pages must not run as root, nor as whom the database belongs to.
const NOBODY: u32 = 65_534;
/// A browser takes hundreds of megabytes: one at a time.
static ONE: Mutex<()> = Mutex::const_new(());

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The browser cannot be used at all.
    #[error("{0}")]
    Browser(String),
    /// There is none of this page.
    #[error("{0}")]
    Page(String),
}

/// Takes pictures.
pub struct Camera {
    browser: PathBuf,
    guard: Arc<Guard>,
}

fn arguments(dir: &Path, port: u16) -> Vec<String> {
    let mut all: Vec<String> = [
        "--headless",
        "--disable-gpu",
        "--hide-scrollbars",
        "--mute-audio",
        "--no-first-run",
        "--disable-extensions",
        "--disable-sync",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--deny-permission-prompts",
        "--block-new-web-contents",
        // Even this machine itself is asked for through the gate, which refuses it.
        "--proxy-bypass-list=<-loopback>",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        // What a page still loads by then is left out.
        "--timeout=10000",
        // Little for whoever wants much.
        "--renderer-process-limit=2",
        "--disk-cache-size=8000000",
        "--js-flags=--max-old-space-size=256",
        WINDOW,
        SCALE,
    ]
    .map(str::to_owned)
    .into();
    all.push(format!("--proxy-server=http://127.0.0.1:{port}"));
    all.push(format!("--user-data-dir={}", dir.join("profile").display()));
    all.push(format!("--screenshot={}", dir.join("picture.png").display()));
    all
}

impl Camera {
    /// With this browser.
    #[must_use]
    pub fn new(browser: PathBuf, guard: Guard) -> Self {
        Self { browser, guard: Arc::new(guard) }
    }

    /// A PNG of the page, 640 by 480.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn picture(&self, url: &str) -> Result<Vec<u8>, PictureError> {
        let _one = ONE.lock().await;
        let told = |what: &str, error: &dyn std::fmt::Display| PictureError::Browser(format!("{what}: {error}"));
        let gate = Gate::open(Arc::clone(&self.guard)).await.map_err(|e| told("no port for the browser", &e))?;
        let dir = tempfile::Builder::new().prefix("hostler-picture").tempdir();
        let dir = dir.map_err(|e| told("no folder for the browser", &e))?;
        let mut command = Command::new(&self.browser);
        command.args(arguments(dir.path(), gate.port)).arg(url);
        command.env_clear().env("HOME", dir.path()).env("PATH", "/usr/bin:/bin").current_dir(dir.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.kill_on_drop(true).process_group(0);
        if rustix::process::geteuid().is_root() {
            chown(dir.path(), Some(NOBODY), Some(NOBODY)).map_err(|e| told("no folder for the browser", &e))?;
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut child = command.spawn().map_err(|e| told(&self.browser.display().to_string(), &e))?;
        // Where memory runs out, this is what goes.
        if let Some(id) = child.id() {
            let _ = tokio::fs::write(format!("/proc/{id}/oom_score_adj"), "1000").await;
        }
        let group = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
        let ended = tokio::time::timeout(TOTAL, child.wait()).await;
        if ended.is_err()
            && let Some(group) = group
        {
            // Its helpers too. Until it is waited for, the number is its own.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            let _ = child.wait().await;
        }
        drop(gate);
        match ended {
            Ok(Ok(_)) => read(&dir.path().join("picture.png")).await.map_err(PictureError::Page),
            Ok(Err(error)) => Err(told("the browser", &error)),
            Err(_) => Err(PictureError::Page("the browser took too long".to_owned())),
        }
    }
}

async fn read(path: &Path) -> Result<Vec<u8>, String> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || {
        // The folder was the browser's: what lies there may be anything.
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
        let file = File::options().read(true).custom_flags(flags).open(path);
        let file = file.map_err(|_| "the browser made no picture".to_owned())?;
        let mut octets = Vec::new();
        let fit = file.metadata().is_ok_and(|m| m.is_file())
            && file.take(MOST + 1).read_to_end(&mut octets).is_ok_and(|n| u64::try_from(n).is_ok_and(|n| n <= MOST))
            && octets.starts_with(b"\x89PNG\r\n\x1a\n");
        if fit { Ok(octets) } else { Err("the browser made no fit picture".to_owned()) }
    })
    .await
    .unwrap_or_else(|e| Err(e.to_string()))
}
