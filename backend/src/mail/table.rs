//! A table of mailboxes and aliases (CSV): read, planned, then put into effect. The plan is what doing it would say.

use super::{
    aliases, forms,
    many::{self, NewMailbox},
    rules::{MailboxPatch, Wrong},
    service::{self, By, MailError},
};
use crate::http::{App, visit::Actor};
use hostler_core::mail::Source;
use hostler_papers::{Lines, fold, separator};
use hostler_store::{StoreError, mail::Known};
use std::collections::{HashMap, HashSet};

/// Rows of a table, at the most.
pub(super) const MOST_ROWS: usize = 1000;

/// Largest table, in octets.
pub(super) const MOST_OCTETS: usize = 2 << 20;

/// Columns by the names that people give them, folded to letters; the first is how it is named to them.
const COLUMNS: &[(&str, &[&str])] = &[
    ("address", &["adresse", "address", "email", "emailadresse", "emailaddress", "mail"]),
    ("name", &["name", "inhaber", "owner"]),
    ("password", &["passwort", "password", "kennwort"]),
    ("quota", &["speicher", "quota", "quotabytes", "size", "groesse"]),
    ("forward", &["weiterleitung", "weiterleiten", "forward", "forwards"]),
    ("protocols", &["wege", "protokolle", "protocols"]),
    ("targets", &["ziele", "ziel", "targets", "target"]),
];

/// A row as it was read.
#[derive(Debug)]
pub(super) struct Row {
    /// Its line in the table, from 1.
    pub(super) line: u32,
    /// The address.
    pub(super) address: String,
    password: Option<String>,
    patch: MailboxPatch,
    targets: Option<Vec<String>>,
    wrong: Wrong,
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is made; a password that was made for it is shown once.
    Create(Option<String>),
    /// It is changed.
    Update,
    /// It is so already.
    Identical,
    /// Nothing, for these reasons by their fields.
    Refused(Wrong),
}

/// A cell as it was meant: our own tables put a quote before what a spreadsheet would take for a formula.
fn meant(cell: &str) -> &str {
    let cell = cell.trim();
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    }
}

fn words(cell: &str) -> Vec<String> {
    cell.split([',', ';', ' ', '\t', '\r', '\n']).filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

/// Reads a table. An empty cell leaves what is there.
///
/// # Errors
/// Why it is no such table.
pub(super) fn read(text: &str) -> Result<Vec<Row>, String> {
    if text.len() > MOST_OCTETS {
        return Err(format!("a table has at most {MOST_OCTETS} octets"));
    }
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().delimiter(separator(text)).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let mut columns = Vec::new();
    for title in &header {
        let folded = fold(title);
        let known = COLUMNS.iter().find(|(_, names)| names.contains(&folded.as_str()));
        let (column, _) = known.ok_or_else(|| format!("nothing is known of a column `{}`", short(title)))?;
        if columns.contains(column) {
            return Err(format!("two columns say {column}"));
        }
        columns.push(*column);
    }
    if !columns.contains(&"address") {
        return Err("the first line names no column Adresse or address".to_owned());
    }
    let (mut rows, mut lines) = (Vec::new(), Lines::new(text));
    for record in reader.records() {
        let record = record.map_err(|e| e.to_string())?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return Err(format!("a table has at most {MOST_ROWS} rows"));
        }
        let (line, _) = lines.at(record.position());
        rows.push(row(&columns, &record, line));
    }
    if rows.is_empty() { Err("the table has no rows".to_owned()) } else { Ok(rows) }
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

fn row(columns: &[&str], record: &csv::StringRecord, line: u32) -> Row {
    let mut row = Row {
        line,
        address: String::new(),
        password: None,
        patch: MailboxPatch::default(),
        targets: None,
        wrong: Vec::new(),
    };
    if record.len() > columns.len() {
        row.wrong.push(("address", "the row has more cells than the first line".to_owned()));
    }
    for (column, cell) in columns.iter().zip(record) {
        let cell = meant(cell);
        match *column {
            "address" => row.address = short(cell),
            _ if cell.is_empty() => {}
            "name" => row.patch.name = Some(cell.to_owned()),
            "password" => row.password = Some(cell.to_owned()),
            "quota" => match cell.to_lowercase().as_str() {
                "-" | "none" | "ohne" | "keine" => row.patch.quota_bytes = Some(None),
                _ => match forms::octets(cell) {
                    Ok(octets) => row.patch.quota_bytes = Some(octets),
                    Err(reason) => row.wrong.push(("quota_bytes", reason)),
                },
            },
            "forward" if cell == "-" => row.patch.forward = Some(Vec::new()),
            "forward" => row.patch.forward = Some(words(cell)),
            "protocols" => row.patch.protocols = Some(words(&cell.to_lowercase())),
            _ => row.targets = Some(words(cell)),
        }
    }
    row
}

/// An address as it is kept, for finding what is there.
fn key(address: &str) -> String {
    Source::parse(address).map_or_else(|_| address.to_owned(), |source| source.to_string())
}

/// What is done with a row.
enum Step {
    Refuse(Wrong),
    MakeMailbox,
    MakeAlias,
    ChangeMailbox(Known),
    ChangeAlias(Known),
}

fn step(row: &Row, known: &HashMap<String, Known>, seen: &mut HashSet<String>) -> Step {
    let one = |field, reason: &str| Step::Refuse(vec![(field, reason.to_owned())]);
    let key = key(&row.address);
    if !row.wrong.is_empty() {
        return Step::Refuse(row.wrong.clone());
    }
    if !seen.insert(key.clone()) {
        return one("address", "this address is in the table twice");
    }
    let alias = row.targets.is_some();
    let mailbox = row.password.is_some() || row.patch != MailboxPatch::default();
    if alias && mailbox {
        return one("targets", "an alias has targets and nothing else");
    }
    match known.get(&key) {
        Some(k) if k.alias && mailbox => one("address", "this address is an alias, which has targets and nothing else"),
        Some(k) if !k.alias && alias => one("targets", "this address is a mailbox, which has no targets"),
        Some(_) if row.password.is_some() => {
            one("password", "this mailbox is there already: its password is set on its page")
        }
        Some(k) if k.alias => Step::ChangeAlias(*k),
        Some(k) => Step::ChangeMailbox(*k),
        None if alias => Step::MakeAlias,
        None if row.address.starts_with('@') => one("targets", "a catch-all needs targets"),
        None => Step::MakeMailbox,
    }
}

/// What became of one row. Whatever stops it stops no other: those before it are made, and their passwords are shown now or never.
fn outcome<T>(result: Result<T, MailError>, good: impl FnOnce(T) -> Outcome) -> Outcome {
    match result {
        Ok(value) => good(value),
        Err(MailError::Fields(wrong)) => Outcome::Refused(wrong),
        Err(MailError::Store(StoreError::Stale | StoreError::NotFound)) => {
            Outcome::Refused(vec![("address", "it was changed by somebody else meanwhile".to_owned())])
        }
        Err(error) => {
            tracing::error!(%error, "a row of a table");
            Outcome::Refused(vec![("address", "it could not be done; please try again".to_owned())])
        }
    }
}

/// What becomes of each row; with `dry` nothing happens, and it is what would.
///
/// # Errors
/// What stops all of them before anything is done.
pub(super) async fn run(app: &App, actor: &Actor, rows: &[Row], dry: bool) -> Result<Vec<Outcome>, MailError> {
    let keys: Vec<String> = rows.iter().map(|r| key(&r.address)).collect();
    let known = app.context.store.view(&actor.scope).await?.known_of(&keys).await?;
    let mut seen = HashSet::new();
    let steps: Vec<Step> = rows.iter().map(|r| step(r, &known, &mut seen)).collect();
    let new = |row: &Row| NewMailbox {
        address: row.address.clone(),
        password: row.password.clone(),
        patch: row.patch.clone(),
    };
    let boxes: Vec<NewMailbox> =
        rows.iter().zip(&steps).filter(|(_, s)| matches!(s, Step::MakeMailbox)).map(|(r, _)| new(r)).collect();
    // Mailboxes first: aliases of the same table may lead to them.
    let made = many::create(app, actor, &boxes, dry).await?;
    // What a plan can count on: the mailboxes that will be made, and the aliases of the rows before.
    let mut coming: HashSet<String> =
        boxes.iter().zip(&made).filter(|(_, made)| made.is_ok()).map(|(b, _)| key(&b.address)).collect();
    let mut made = made.into_iter();
    let mut outcomes = Vec::with_capacity(rows.len());
    for (row, step) in rows.iter().zip(steps) {
        let targets = row.targets.as_deref().unwrap_or_default();
        // Those that the table makes are there when it is done.
        let there: Vec<String> = targets.iter().filter(|t| !dry || !coming.contains(&key(t))).cloned().collect();
        outcomes.push(match step {
            Step::Refuse(wrong) => Outcome::Refused(wrong),
            Step::MakeMailbox => match made.next() {
                Some(Ok((_, password))) => Outcome::Create((!dry && row.password.is_none()).then_some(password)),
                Some(Err(wrong)) => Outcome::Refused(wrong),
                None => Outcome::Identical,
            },
            Step::MakeAlias if dry => {
                let planned = aliases::plan(app, actor, &row.address, &there).await;
                if planned.is_ok() {
                    coming.insert(key(&row.address));
                }
                outcome(planned, |()| Outcome::Create(None))
            }
            Step::MakeAlias => {
                outcome(aliases::create(app, actor, &row.address, targets).await, |_| Outcome::Create(None))
            }
            Step::ChangeAlias(k) => change_alias(app, actor, (k, row), &there, dry).await,
            Step::ChangeMailbox(k) if dry => outcome(planned(app, actor, k, &row.patch).await, |outcome| outcome),
            Step::ChangeMailbox(k) => {
                let done = service::update(app, By::from(actor), (k.id, k.revision), &row.patch).await;
                outcome(done, |(_, entry)| entry.map_or(Outcome::Identical, |_| Outcome::Update))
            }
        });
    }
    Ok(outcomes)
}

async fn change_alias(app: &App, actor: &Actor, (k, row): (Known, &Row), there: &[String], dry: bool) -> Outcome {
    let Some(targets) = &row.targets else { return Outcome::Identical };
    let old = async { app.context.store.view(&actor.scope).await?.alias(k.id).await }.await;
    let old = match old {
        Ok(old) => old,
        Err(error) => return outcome(Err::<(), _>(MailError::from(error)), |()| Outcome::Identical),
    };
    if old.targets.iter().eq(targets.iter().map(|t| key(t)).collect::<Vec<_>>().iter()) {
        Outcome::Identical
    } else if dry {
        outcome(aliases::plan(app, actor, &row.address, there).await, |()| Outcome::Update)
    } else {
        let done = aliases::update(app, actor, (k.id, k.revision), targets, None).await;
        outcome(done, |(_, entry)| entry.map_or(Outcome::Identical, |_| Outcome::Update))
    }
}

/// What a change of a mailbox would be.
async fn planned(app: &App, actor: &Actor, known: Known, patch: &MailboxPatch) -> Result<Outcome, MailError> {
    let old = app.context.store.view(&actor.scope).await?.mailbox(known.id).await?;
    let data = service::changed(app, &By::from(actor), &old, patch).await?;
    Ok(if data == old.data { Outcome::Identical } else { Outcome::Update })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_by_its_first_line() {
        let rows = read(
            "\u{feff}E-Mail;Name;Speicher;Weiterleitung\nA@K.example;\"Weiß; Anna\";1 GB;x@y.example, z@y.example\n;;;\n\
             '+b@k.example;'=1+1;ohne;-\n",
        )
        .unwrap();
        assert_eq!((rows.len(), rows[0].line, rows[1].line), (2, 2, 4));
        let windows = read("Adresse\r\na@b.de\r\n\r\nc@b.de\r\n").unwrap();
        assert_eq!((windows[0].line, windows[1].line), (2, 4));
        assert_eq!(rows[0].patch.name.as_deref(), Some("Weiß; Anna"));
        assert_eq!(rows[0].patch.quota_bytes, Some(Some(1_000_000_000)));
        assert_eq!(rows[0].patch.forward.as_ref().unwrap().len(), 2);
        assert_eq!((rows[1].address.as_str(), rows[1].patch.name.as_deref()), ("+b@k.example", Some("=1+1")));
        assert_eq!((rows[1].patch.quota_bytes, rows[1].patch.forward.as_deref()), (Some(None), Some(&[][..])));
        let comma = read("address,targets\ninfo@k.example,\"a@k.example,b@k.example\"\n").unwrap();
        assert_eq!(comma[0].targets.as_ref().unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_such_table_is_refused_with_the_reason() {
        for (text, told) in [
            ("", "no column"),
            ("Name\nx\n", "no column"),
            ("Adresse;Farbe\na@b.de;rot\n", "Farbe"),
            ("Adresse;E-Mail\na@b.de;c@d.de\n", "two columns"),
            ("Adresse\n\n", "no rows"),
            (&format!("Adresse\n{}", "a@b.de\n".repeat(MOST_ROWS + 1)), "at most"),
            (&"x".repeat(MOST_OCTETS + 1), "octets"),
        ] {
            let reason = read(text).unwrap_err();
            assert!(reason.contains(told), "{told}: {reason}");
        }
        let rows = read("Adresse;Speicher\na@b.de;viel\nb@b.de;1 GB;zu;viel\n").unwrap();
        assert_eq!(rows.iter().map(|r| r.wrong.len()).collect::<Vec<_>>(), [1, 1]);
    }
}
