//! `mail/vmailbox` and `mail/virtual` (Postfix maps), `mail/passwd` (Dovecot passwd-file), `mail/usage.tsv`.

use super::{Papers, Sourced, files::PaperFiles, refusal, text};
use hostler_core::papers::{PaperAlias, PaperMailbox};
use hostler_core::{
    mail::Secret,
    names::{DomainName, EmailAddress},
};
use std::collections::{BTreeMap, HashMap};

const VMAILBOX: &str = "mail/vmailbox";
const VIRTUAL: &str = "mail/virtual";
const PASSWD: &str = "mail/passwd";
const USAGE: &str = "mail/usage.tsv";
/// Most targets of an alias.
const MAX_TARGETS: usize = 1000;

/// A logical line of a Postfix table: a line that starts with a blank goes on with the one before (postmap(1)).
fn logical_lines(text: &str) -> Vec<(u32, String)> {
    let mut lines: Vec<(u32, String)> = Vec::new();
    for (number, line) in (1u32..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let bare = line.trim_start_matches([' ', '\t']);
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some((_, last)) if bare.len() < line.len() => {
                last.push(' ');
                last.push_str(bare);
            }
            _ => lines.push((number, line.trim_end().to_owned())),
        }
    }
    lines
}

fn address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|error| format!("`{}`: {error}", text::shown(text)))
}

#[derive(Default)]
struct Mailboxes {
    rows: BTreeMap<String, Sourced<PaperMailbox>>,
}

impl Mailboxes {
    fn entry(&mut self, address: &str, file: &str, line: u32) -> &mut PaperMailbox {
        let row = || PaperMailbox {
            address: address.to_owned(),
            path: None,
            password_hash: None,
            extra: String::new(),
            bytes: None,
            files: None,
        };
        &mut self
            .rows
            .entry(address.to_owned())
            .or_insert_with(|| Sourced { row: row(), file: file.to_owned(), line })
            .row
    }
}

pub(super) fn read(files: &PaperFiles, papers: &mut Papers) {
    let mut mailboxes = Mailboxes::default();
    each_line(files, VMAILBOX, papers, logical_lines, |_, line, text, seen| vmailbox(&mut mailboxes, line, text, seen));
    each_line(files, PASSWD, papers, plain_lines, |_, line, text, seen| passwd(&mut mailboxes, line, text, seen));
    each_line(files, USAGE, papers, plain_lines, |_, _, text, seen| usage(&mut mailboxes, text, seen));
    papers.mailboxes.extend(mailboxes.rows.into_values());
    each_line(files, VIRTUAL, papers, logical_lines, alias);
}

type Seen = HashMap<String, u32>;

fn each_line(
    files: &PaperFiles,
    name: &str,
    papers: &mut Papers,
    cut: fn(&str) -> Vec<(u32, String)>,
    mut read: impl FnMut(&mut Papers, u32, &str, &mut Seen) -> Result<(), String>,
) {
    let Some(bytes) = files.get(name) else { return };
    let mut seen = Seen::new();
    for (line, text) in cut(&text::decode(bytes)) {
        let result = match text.chars().find(|c| c.is_control() && *c != '\t') {
            Some(_) => Err("the line holds a control character".to_owned()),
            None => read(papers, line, &text, &mut seen),
        };
        if let Err(reason) = result {
            papers.refused.push(refusal(name, Some(line), reason, text.as_bytes()));
        }
    }
}

fn plain_lines(text: &str) -> Vec<(u32, String)> {
    (1u32..)
        .zip(text.split('\n'))
        .map(|(n, l)| (n, l.strip_suffix('\r').unwrap_or(l).to_owned()))
        .filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'))
        .collect()
}

fn once(seen: &mut Seen, key: &str, line: u32) -> Result<(), String> {
    match seen.insert(key.to_owned(), line) {
        Some(first) => {
            seen.insert(key.to_owned(), first);
            Err(format!("{key} stands already on line {first}"))
        }
        None => Ok(()),
    }
}

fn vmailbox(mailboxes: &mut Mailboxes, line: u32, text: &str, seen: &mut Seen) -> Result<(), String> {
    let (key, path) = text.split_once([' ', '\t']).ok_or("the line has no path behind the address")?;
    let path = path.trim();
    if key.starts_with('@') {
        return Err(format!("`{}` takes all mail of its domain into one mailbox; make it an alias", text::shown(key)));
    }
    let address = address(key)?;
    let bad = path.is_empty()
        || path.starts_with(['/', '~', '|', '-'])
        || path.split('/').any(|part| part == "..")
        || text::fault(path).is_some();
    if bad {
        return Err(format!("the path `{}` is not one below the mail folder", text::shown(path)));
    }
    let key = address.to_string();
    once(seen, &key, line)?;
    mailboxes.entry(&key, VMAILBOX, line).path = Some(path.to_owned());
    Ok(())
}

/// `user:password:uid:gid:gecos:home:shell:extra`, as Dovecot's passwd-file has it.
fn passwd(mailboxes: &mut Mailboxes, line: u32, text: &str, seen: &mut Seen) -> Result<(), String> {
    let mut fields = text.splitn(8, ':');
    let user = fields.next().unwrap_or_default();
    let hash = fields.next().ok_or("the line has no password field")?;
    let address = address(user)?;
    if hash.chars().any(char::is_whitespace) || hash.len() > 1000 {
        return Err("the password field holds a blank or is too long".to_owned());
    }
    let key = address.to_string();
    once(seen, &key, line)?;
    let mailbox = mailboxes.entry(&key, PASSWD, line);
    mailbox.password_hash = Some(hash.to_owned()).filter(|h| !h.is_empty());
    // uid, gid, gecos, home, shell and extra fields stay as they are: the old server's own words.
    let rest: Vec<&str> = fields.collect();
    mailbox.extra = rest.join(":").chars().take(2000).collect();
    // Where vmailbox names no place, the home is it.
    if let (None, Some(home)) = (&mailbox.path, rest.get(3).filter(|h| !h.is_empty())) {
        let fine = !home.split('/').any(|part| part == "..") && text::fault(home).is_none();
        mailbox.path = fine.then(|| (*home).to_owned());
    }
    Ok(())
}

fn usage(mailboxes: &mut Mailboxes, text: &str, seen: &mut Seen) -> Result<(), String> {
    let mut fields = text.split('\t');
    let (Some(user), Some(bytes)) = (fields.next(), fields.next()) else {
        return Err("the line has no size behind the address".to_owned());
    };
    let address = address(user)?.to_string();
    let number = |text: &str, what: &str| {
        text.trim()
            .parse::<i64>()
            .ok()
            .filter(|n| *n >= 0)
            .ok_or_else(|| format!("{what} `{}` is not a number", text::shown(text)))
    };
    let bytes = number(bytes, "the size")?;
    let files = fields.next().map(|f| number(f, "the number of files")).transpose()?;
    once(seen, &address, 0).map_err(|_| format!("{address} has its size already on an earlier line"))?;
    let mailbox = mailboxes.rows.get_mut(&address);
    let mailbox =
        mailbox.ok_or_else(|| format!("there is mail of {address}, but no such mailbox in vmailbox or passwd"))?;
    mailbox.row.bytes = Some(bytes);
    mailbox.row.files = files;
    Ok(())
}

fn alias(papers: &mut Papers, line: u32, text: &str, seen: &mut Seen) -> Result<(), String> {
    let (key, values) = text.split_once([' ', '\t']).ok_or("the line has no target behind the address")?;
    let key = match key.strip_prefix('@') {
        Some(domain) => format!("@{}", DomainName::parse(domain).map_err(|e| format!("`{}`: {e}", text::shown(key)))?),
        // `example.de anything` only says that the domain exists (virtual(5)).
        None if !key.contains('@') && DomainName::parse(key).is_ok() => return Ok(()),
        None => address(key)?.to_string(),
    };
    let mut targets = Vec::new();
    for target in values.split([',', ' ', '\t']).filter(|t| !t.is_empty()) {
        let target = match target {
            t if t.starts_with(['|', '/', '"']) || t.starts_with(":include:") => {
                return Err(format!("the target `{}` is a command or a file", text::shown(t)));
            }
            // A catch-all may keep the names as they are in another domain.
            t if t.starts_with('@') => {
                format!(
                    "@{}",
                    DomainName::parse(t.trim_start_matches('@'))
                        .map_err(|e| format!("the target `{}`: {e}", text::shown(t)))?
                )
            }
            t => address(t).map_err(|e| format!("the target {e}"))?.to_string(),
        };
        if !targets.contains(&target) {
            targets.push(target);
        }
        if targets.len() > MAX_TARGETS {
            return Err(format!("the alias has more than {MAX_TARGETS} targets"));
        }
    }
    if targets.is_empty() {
        return Err("the line has no target behind the address".to_owned());
    }
    if targets == [key.clone()] && !papers.mailboxes.iter().any(|m| m.row.address == key) {
        return Err(format!("{key} leads to itself and is no mailbox"));
    }
    once(seen, &key, line)?;
    papers.aliases.push(Sourced { row: PaperAlias { address: key, targets }, file: VIRTUAL.to_owned(), line });
    Ok(())
}

/// The scheme of a hash as Dovecot has it: `{SHA512-CRYPT}` in front, or what crypt(3) would make of it.
#[must_use]
pub fn scheme(hash: &str) -> String {
    // What no passwd-file could carry was refused when it was read, but for letters that no hash has.
    Secret::parse(hash).map_or_else(|_| "CRYPT".to_owned(), |secret| secret.scheme())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_maps(vmailbox: &str, passwd: &str, usage: &str, virtual_map: &str) -> Papers {
        let mut files = PaperFiles::default();
        for (name, text) in [(VMAILBOX, vmailbox), (PASSWD, passwd), (USAGE, usage), (VIRTUAL, virtual_map)] {
            files.all.insert(name.to_owned(), text.as_bytes().to_vec());
        }
        let mut papers = Papers::default();
        read(&files, &mut papers);
        papers
    }

    #[test]
    fn a_mailbox_is_what_three_papers_say_of_it() {
        let papers = read_maps(
            "# c\nInfo@Müller.de  mueller.de/info/\nb@a.de\n  a.de/b/\n",
            "info@müller.de:{SHA512-CRYPT}$6$x:5000:5000::/var/mail/x::userdb_quota_rule=*:storage=1G\nc@a.de:$1$abc$d::::::\n",
            "info@müller.de\t1048576\t12\nb@a.de\t5\n",
            "a@a.de b@a.de, c@a.de\n  other@x.org\n@A.de b@a.de\na.de anything\n",
        );
        assert!(papers.refused.is_empty(), "{:?}", papers.refused);
        let mailbox = papers.mailboxes.iter().find(|m| m.row.address == "info@xn--mller-kva.de").unwrap();
        assert_eq!(mailbox.row.extra, "5000:5000::/var/mail/x::userdb_quota_rule=*:storage=1G");
        assert_eq!(mailbox.row.path.as_deref(), Some("mueller.de/info/"));
        assert_eq!((mailbox.row.bytes, mailbox.row.files), (Some(1_048_576), Some(12)));
        assert_eq!(papers.mailboxes.len(), 3);
        assert_eq!(papers.aliases[0].row.targets, ["b@a.de", "c@a.de", "other@x.org"]);
        assert_eq!(papers.aliases[1].row.address, "@a.de");
    }

    #[test]
    fn what_must_not_reach_a_server_is_refused() {
        let papers = read_maps(
            "a@a.de ../../etc\nA@A.de x/\nb@a.de /abs\n@a.de all/\nb@a.de\nc@a.de a/\nC@a.de b/\n",
            "root:x:0:0\nd@a.de\ne@a.de:a b\n",
            "z@a.de\t1\nc@a.de\t-1\nc@a.de\n",
            "x@a.de |/bin/sh\ny@a.de /etc/passwd\nz@a.de :include:/x\nw@a.de root\nv@a.de v@a.de\nu@a.de\n\"q r\"@a.de c@a.de\ns@a.de c@a.de\nS@A.de d@x.org\n",
        );
        let told: Vec<_> = papers.refused.iter().map(|r| format!("{} {}", r.file, r.line.unwrap())).collect();
        assert_eq!(
            told,
            [
                "mail/vmailbox 1",
                "mail/vmailbox 3",
                "mail/vmailbox 4",
                "mail/vmailbox 5",
                "mail/vmailbox 7",
                "mail/passwd 1",
                "mail/passwd 2",
                "mail/passwd 3",
                "mail/usage.tsv 1",
                "mail/usage.tsv 2",
                "mail/usage.tsv 3",
                "mail/virtual 1",
                "mail/virtual 2",
                "mail/virtual 3",
                "mail/virtual 4",
                "mail/virtual 5",
                "mail/virtual 6",
                "mail/virtual 7",
                "mail/virtual 9",
            ]
        );
        assert_eq!(papers.mailboxes.iter().map(|m| m.row.address.as_str()).collect::<Vec<_>>(), ["a@a.de", "c@a.de"]);
    }

    #[test]
    fn schemes() {
        for (hash, name) in [
            ("{SSHA}x", "SSHA"),
            ("$6$a$b", "SHA512-CRYPT"),
            ("{md5-crypt}$1$", "MD5-CRYPT"),
            ("abJnggxhB/yWI", "CRYPT"),
            ("{}x", "CRYPT"),
        ] {
            assert_eq!(scheme(hash), name);
        }
    }
}
