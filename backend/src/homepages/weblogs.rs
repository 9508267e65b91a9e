//! Whether people come, and when something was uploaded last, by the logs of web and FTP servers.
//!
//! Access logs in the combined format (Apache, nginx), with the virtual host before it or in the file's name; `xferlog` of FTP servers;
//! `uploads.tsv` with a name and a time in each line. Robots are no people, and neither is who asks for pictures only.

use chrono::{DateTime, Duration, NaiveDateTime, TimeZone as _, Utc};
use hostler_store::looks::{LogRow, Named};
use hostler_web::time::Tz;
use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// Visits count for so long before the end of the logs.
const WINDOW: Duration = Duration::days(90);
/// From fewer days it does not follow that nobody comes.
const ENOUGH: Duration = Duration::days(28);
/// Folders below each other that are looked into.
const DEEPEST: usize = 4;
/// Longest line that is read whole.
const LONGEST: u64 = 64 << 10;

/// What the logs say of one homepage.
#[derive(Debug, Default)]
struct Told {
    /// Days of the visits, as numbers of days, with how many there were.
    visits: BTreeMap<i64, u32>,
    last: Option<DateTime<Utc>>,
    first_line: Option<DateTime<Utc>>,
    last_line: Option<DateTime<Utc>>,
    /// Whether some line did not say who asked, so that nothing follows from there being no visits.
    unknown: bool,
    uploaded: Option<DateTime<Utc>>,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Weblogs {
    told: HashMap<Uuid, Told>,
    /// Files that were read.
    pub files: usize,
    /// Names in logs that no homepage has.
    pub strangers: usize,
}

/// Homepages by every name and document root.
struct Index {
    names: HashMap<String, Uuid>,
    /// The longest first.
    roots: Vec<(String, Uuid)>,
}

impl Index {
    fn new(all: &[Named]) -> Self {
        let mut names = HashMap::new();
        for h in all {
            names.extend(h.aliases.iter().map(|a| (a.clone(), h.id)));
        }
        // A main name is its homepage's.
        names.extend(all.iter().map(|h| (h.name.clone(), h.id)));
        let mut roots: Vec<(String, Uuid)> = all
            .iter()
            .filter(|h| !h.root.is_empty())
            .map(|h| (format!("{}/", h.root.trim_end_matches('/')), h.id))
            .collect();
        roots.sort_by_key(|(root, _)| std::cmp::Reverse(root.len()));
        Self { names, roots }
    }

    fn of_name(&self, name: &str) -> Option<Uuid> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let bare = name
            .rsplit_once(':')
            .filter(|(_, p)| p.bytes().all(|b| b.is_ascii_digit()))
            .map_or(name.as_str(), |(h, _)| h);
        self.names.get(bare).copied()
    }

    /// `www.k.example-access.log.2.gz`, `access_www.k.example.log`, `www.k.example/access.log`.
    fn of_path(&self, path: &Path) -> Option<Uuid> {
        path.components().rev().find_map(|part| {
            let text = part.as_os_str().to_str()?.to_ascii_lowercase();
            let mut text = text.trim_end_matches(".gz");
            loop {
                if let Some(id) = self.names.get(text) {
                    return Some(*id);
                }
                let ends = [".log", "access", "ssl", "ssl_access", "_log", "-", "_", "."];
                let begins = ["access", "ssl", "-", "_", "."];
                let digits = text.trim_end_matches(|c: char| c.is_ascii_digit());
                let shorter = ends.iter().find_map(|e| text.strip_suffix(e));
                let shorter = shorter.or_else(|| begins.iter().find_map(|b| text.strip_prefix(b)));
                text = match shorter {
                    Some(shorter) => shorter,
                    None if digits.len() < text.len() && digits.ends_with(['.', '-']) => digits,
                    None => return None,
                };
            }
        })
    }

    fn of_root(&self, path: &str) -> Option<Uuid> {
        self.roots.iter().find(|(root, _)| path.starts_with(root.as_str())).map(|(_, id)| *id)
    }
}

/// What calls itself so is no person.
const ROBOTS: [&str; 22] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "curl",
    "wget",
    "python",
    "monitor",
    "uptime",
    "feed",
    "check",
    "scan",
    "http-client",
    "java/",
    "go-http",
    "php",
    "hostler",
    "facebookexternal",
    "preview",
    "headless",
    "archive",
    "validator",
];
/// What is asked for besides a page, or by who looks for holes.
const NO_PAGES: [&str; 19] = [
    ".css",
    ".js",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".webp",
    ".ico",
    ".svg",
    ".woff",
    ".woff2",
    ".xml",
    ".txt",
    ".json",
    ".map",
    "wp-login.php",
    "xmlrpc.php",
    "wp-cron.php",
    ".env",
];

/// Who asked, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// A person, for a page.
    Person,
    /// A robot, or for something besides a page.
    Other,
    /// The log does not say.
    Unknown,
}

/// A request in the combined format, perhaps with more behind it: the virtual host before it, when, and who asked.
fn request(line: &str) -> Option<(Option<&str>, DateTime<Utc>, Who)> {
    let (before, rest) = line.split_once(" [")?;
    let (stamp, rest) = rest.split_once("] \"")?;
    let at = DateTime::parse_from_str(stamp, "%d/%b/%Y:%H:%M:%S %z").ok()?.to_utc();
    let words: Vec<&str> = before.split(' ').collect();
    // Host, address, ident, user; a user's name may hold blanks.
    let host = words
        .first()
        .filter(|w| words.len() >= 4 && w.parse::<std::net::IpAddr>().is_err() && w.contains('.'))
        .copied();
    let (asked, rest) = rest.split_once("\" ")?;
    let (method, path) = asked.split_once(' ')?;
    let path = path.split(' ').next()?.split(['?', '#']).next()?.to_ascii_lowercase();
    let (status, rest) = rest.split_once(' ')?;
    let page = method == "GET" && matches!(status, "200" | "304") && !NO_PAGES.iter().any(|n| path.ends_with(n));
    // Octets, then the page before, then what it calls itself; a server escapes quotes within them.
    let agent = rest.split('"').nth(3).map(str::to_ascii_lowercase);
    let who = match agent {
        _ if !page => Who::Other,
        None => Who::Unknown,
        Some(agent) if agent.contains("mozilla/") && !ROBOTS.iter().any(|r| agent.contains(r)) => Who::Person,
        Some(_) => Who::Other,
    };
    Some((host, at, who))
}

/// When and where something was uploaded, in the format of `xferlog(5)`.
fn transfer(line: &str, zone: Tz) -> Option<(DateTime<Utc>, &str)> {
    let stamp = line.get(..24)?;
    let naive = NaiveDateTime::parse_from_str(stamp, "%a %b %e %H:%M:%S %Y").ok()?;
    let at = zone.from_local_datetime(&naive).latest()?.to_utc();
    // Seconds, host, octets, then a path; from its end nine words: kind, action, direction, mode, user, service, method, id, state.
    let rest = line.get(24..)?.trim_start();
    let mut words = rest.splitn(4, ' ');
    let (_, _, _, tail) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let mut back = tail.rsplitn(10, ' ');
    let direction = back.nth(6)?;
    let path = back.nth(2)?;
    (direction == "i").then_some((at, path))
}

fn lines(file: &Path, mut each: impl FnMut(&str)) -> io::Result<()> {
    let opened = File::open(file)?;
    let read: Box<dyn Read> = match file.extension().is_some_and(|e| e == "gz") {
        true => Box::new(flate2::read::MultiGzDecoder::new(opened)),
        false => Box::new(opened),
    };
    let mut read = BufReader::with_capacity(1 << 16, read);
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut read).take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        each(String::from_utf8_lossy(&line).trim_end());
    }
}

fn files(dir: &Path, depth: usize, out: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && depth < DEEPEST {
            files(&entry.path(), depth + 1, out)?;
        } else if kind.is_file() {
            out.push(entry.path());
        }
    }
    Ok(())
}

/// Reads the logs in a folder and those below it.
///
/// # Errors
/// When one cannot be read, with its name.
pub fn read(dir: &Path, homepages: &[Named], now: DateTime<Utc>, zone: Tz) -> Result<Weblogs, String> {
    let index = Index::new(homepages);
    // A clock that is wrong is no witness.
    let ahead = now + Duration::days(1);
    let mut all = Vec::new();
    files(dir, 0, &mut all).map_err(|e| format!("{}: {e}", dir.display()))?;
    all.sort();
    let mut logs = Weblogs::default();
    for file in all {
        let below = file.strip_prefix(dir).unwrap_or(&file).to_owned();
        let name = below.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        let done = if name.starts_with("xferlog") {
            lines(&file, |line| {
                if let Some((at, path)) = transfer(line, zone).filter(|(at, _)| *at < ahead)
                    && let Some(id) = index.of_root(path)
                {
                    logs.uploaded(id, at);
                }
            })
        } else if name == "uploads.tsv" {
            lines(&file, |line| {
                if let Some((name, stamp)) = line.split_once('\t')
                    && let (Some(id), Ok(at)) = (index.of_name(name), DateTime::parse_from_rfc3339(stamp.trim()))
                {
                    logs.uploaded(id, at.to_utc());
                }
            })
        } else {
            let of_file = index.of_path(&below);
            lines(&file, |line| {
                let Some((host, at, who)) = request(line).filter(|(_, at, _)| *at < ahead) else { return };
                match host.map_or(of_file, |h| index.of_name(h).or(of_file)) {
                    Some(id) => logs.asked(id, at, who),
                    None => logs.strangers += 1,
                }
            })
        };
        done.map_err(|e| format!("{}: {e}", file.display()))?;
        logs.files += 1;
    }
    Ok(logs)
}

impl Weblogs {
    fn uploaded(&mut self, id: Uuid, at: DateTime<Utc>) {
        let told = self.told.entry(id).or_default();
        told.uploaded = told.uploaded.max(Some(at));
    }

    fn asked(&mut self, id: Uuid, at: DateTime<Utc>, who: Who) {
        let told = self.told.entry(id).or_default();
        told.first_line = Some(told.first_line.map_or(at, |first| first.min(at)));
        told.last_line = told.last_line.max(Some(at));
        match who {
            Who::Person => {
                told.last = told.last.max(Some(at));
                *told.visits.entry(at.timestamp().div_euclid(86_400)).or_default() += 1;
            }
            Who::Unknown => told.unknown = true,
            Who::Other => {}
        }
    }

    /// As it is kept: of each homepage what its own lines say, from the first to the last of them.
    #[must_use]
    pub fn rows(&self) -> Vec<LogRow> {
        let row = |(id, told): (&Uuid, &Told)| {
            let mut hits = None;
            if let (Some(first), Some(last)) = (told.first_line, told.last_line) {
                let since = (last - WINDOW).timestamp().div_euclid(86_400);
                let sum: u64 = told.visits.range(since..).map(|(_, n)| u64::from(*n)).sum();
                // That nobody came in a few days says nothing, nor does a log that does not say who.
                let silent = last - first >= ENOUGH && !told.unknown;
                hits = (sum > 0 || silent).then(|| i32::try_from(sum).unwrap_or(i32::MAX));
            }
            LogRow {
                homepage: *id,
                hits,
                last_hit_at: told.last,
                logs_until: told.last_line,
                uploaded_at: told.uploaded,
            }
        };
        let mut rows: Vec<LogRow> = self.told.iter().map(row).collect();
        rows.sort_by_key(|r| r.homepage);
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn named(n: u128, name: &str, root: &str) -> Named {
        Named {
            id: Uuid::from_u128(n),
            name: name.to_owned(),
            aliases: vec![format!("alias-{name}")],
            root: root.to_owned(),
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-26T12:00:00Z".parse().unwrap()
    }

    const PERSON: &str = "\"-\" \"Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\"";

    #[test]
    fn people_are_counted_and_robots_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put(
            "www.a.example-access.log",
            &format!(
                "192.0.2.1 - - [20/Nov/2026:10:00:00 +0100] \"GET / HTTP/1.1\" 200 12 {PERSON}\n\
                 192.0.2.1 - - [20/Nov/2026:10:00:00 +0100] \"GET /style.css?x HTTP/1.1\" 200 12 {PERSON}\n\
                 192.0.2.1 - - [20/Nov/2026:10:00:01 +0100] \"GET /weg HTTP/1.1\" 404 12 {PERSON}\n\
                 192.0.2.1 - - [21/Nov/2026:10:00:01 +0100] \"GET / HTTP/1.1\" 200 12 \"-\" \"Mozilla/5.0 (compatible; Googlebot/2.1)\"\n\
                 garbage\n"
            ),
        );
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writeln!(packed, "192.0.2.1 - - [01/Jan/2026:10:00:00 +0100] \"GET / HTTP/1.1\" 200 12 {PERSON}").unwrap();
        fs::write(dir.path().join("www.a.example-access.log.2.gz"), packed.finish().unwrap()).unwrap();
        put(
            "b.example/access.log.1",
            &format!("2001:db8::1 - - [01/Oct/2026:10:00:00 +0200] \"GET / HTTP/1.1\" 200 1 {PERSON}\n"),
        );
        put(
            "other_vhosts_access.log",
            &format!(
                "alias-c.example:443 192.0.2.1 - - [25/Nov/2026:10:00:00 +0100] \"GET / HTTP/2.0\" 304 0 {PERSON}\n\
                 fremd.example:80 192.0.2.1 - - [25/Nov/2026:10:00:00 +0100] \"GET / HTTP/2.0\" 200 0 {PERSON}\n"
            ),
        );
        put(
            "access_d.example.log-20261101",
            "192.0.2.1 - - [01/Nov/2026:10:00:00 +0100] \"GET / HTTP/1.1\" 200 1 \"-\" \"curl/8\" \"-\"\n\
             192.0.2.1 - - [01/Sep/2026:10:00:00 +0200] \"GET / HTTP/1.1\" 200 1 \"-\" \"curl/8\" \"-\"\n\
             192.0.2.1 - - [01/Jan/2036:10:00:00 +0100] \"GET / HTTP/1.1\" 200 1 \"-\" \"curl/8\" \"-\"\n",
        );
        put(
            "xferlog",
            "Thu Nov 26 10:00:00 2026 1 192.0.2.1 120 /srv/a/bild mit blank.jpg b _ i r web ftp 0 * c\nThu Nov 26 11:00:00 2026 1 192.0.2.1 120 /srv/a/x b _ o r web ftp 0 * c\n",
        );
        put("uploads.tsv", "b.example\t2020-01-01T00:00:00Z\n");
        let all = [
            named(1, "www.a.example", "/srv/a"),
            named(2, "b.example", "/srv/b"),
            named(3, "c.example", ""),
            named(4, "d.example", ""),
        ];
        let logs = read(dir.path(), &all, now(), hostler_web::time::BERLIN).unwrap();
        assert_eq!((logs.files, logs.strangers), (7, 1));
        let rows = logs.rows();
        let hits: Vec<Option<i32>> = rows.iter().map(|r| r.hits).collect();
        assert_eq!(hits, [Some(1), Some(1), Some(1), Some(0)]);
        let at = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(rows[0].uploaded_at, at("2026-11-26T09:00:00Z"));
        assert_eq!(rows[1].uploaded_at, at("2020-01-01T00:00:00Z"));
        assert_eq!(rows[0].logs_until, at("2026-11-21T09:00:01Z"));
        assert_eq!(rows[0].last_hit_at, at("2026-11-20T09:00:00Z"));
    }

    #[test]
    fn a_few_days_without_visitors_say_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let line = "192.0.2.1 - - [20/Nov/2026:10:00:00 +0100] \"GET / HTTP/1.1\" 200 1 \"-\" \"curl/8\"\n";
        fs::write(dir.path().join("b.example.log"), line).unwrap();
        let rows = read(dir.path(), &[named(2, "b.example", "")], now(), hostler_web::time::BERLIN).unwrap().rows();
        assert_eq!((rows.len(), rows[0].hits), (1, None));
    }

    #[test]
    fn the_agent_is_the_agent_whatever_stands_behind_it() {
        let of = |rest: &str| {
            let line = format!("192.0.2.1 - - [20/Nov/2026:10:00:00 +0100] \"GET / HTTP/1.1\" 200 12{rest}");
            request(&line).map(|(_, _, who)| who)
        };
        assert_eq!(of(&format!(" {PERSON}")), Some(Who::Person));
        // What nginx calls `main` ends with who it was forwarded for; `common` says nothing of agents.
        assert_eq!(of(&format!(" {PERSON} \"-\"")), Some(Who::Person));
        assert_eq!(of(""), Some(Who::Unknown));
        assert_eq!(of(" \"-\" \"curl/8\""), Some(Who::Other));
    }
}
