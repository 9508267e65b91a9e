//! The lines of the zone editor, and what is judged of them.

use super::{said, sentence};
use hostler_core::{
    dns::{
        Record, Zone, lint,
        profile::RegistryProfile,
        typed::{self, RecordInput},
    },
    names::Name,
};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// A record as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its id.
    pub id: i64,
    /// Owner relative to the apex.
    pub owner: String,
    /// Time to live.
    pub ttl: String,
    /// Type.
    pub rtype: String,
    /// Data.
    pub data: String,
}

/// A record to be put into the zone: in the place of the one whose id it has, or beside the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// Id of the record that it replaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Owner.
    pub owner: String,
    /// Time to live.
    pub ttl: String,
    /// Type.
    #[serde(rename = "type")]
    pub rtype: String,
    /// Data.
    pub data: String,
}

/// Changes that are not sent yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// Ids of records that go.
    pub remove: Vec<i64>,
    /// Records that come.
    pub put: Vec<Put>,
}

impl Staged {
    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.remove.len() + self.put.len()
    }
}

/// A line of the editor at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Now {
    /// The line's own number.
    pub key: u32,
    /// Id of the record that it came from.
    pub id: Option<i64>,
    /// As it came.
    pub was: Option<RecordInput>,
    /// As it is typed; nothing where the record goes.
    pub now: Option<RecordInput>,
}

/// What is said of the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Judged {
    /// By the number of the line: whether it is an error, and the sentence.
    pub lines: HashMap<u32, Vec<(bool, String)>>,
    /// Of the zone as a whole.
    pub general: Vec<(bool, String)>,
    /// Whether a line cannot be read.
    pub unreadable: bool,
    /// Whether the zone has errors, so that it cannot be published.
    pub errors: bool,
    /// What would be sent.
    pub staged: Staged,
    /// The same for people: a sign, the line that goes, the line that comes.
    pub changes: Vec<(char, String, String)>,
}

fn told(input: &RecordInput) -> String {
    format!("{} {} {} {}", input.owner, input.ttl, input.rtype, input.data)
}

/// Judges the lines as a zone, by the rules that the server has. What only the server can read, as it has the tables of
/// internationalised names, is left to it.
pub(super) fn judge(
    lines: &[Now],
    origin: &Name,
    default_ttl: u32,
    profiles: &[RegistryProfile],
    texts: &[(String, String)],
) -> Judged {
    let mut out = Judged::default();
    let (mut records, mut keys): (Vec<Record>, Vec<u32>) = (Vec::new(), Vec::new());
    let mut there = HashSet::new();
    for line in lines {
        let Some(now) = &line.now else {
            out.staged.remove.extend(line.id);
            out.changes.push(('−', line.was.as_ref().map(told).unwrap_or_default(), String::new()));
            continue;
        };
        if line.was.as_ref() != Some(now) {
            out.staged.put.push(Put {
                id: line.id,
                owner: now.owner.clone(),
                ttl: now.ttl.clone(),
                rtype: now.rtype.clone(),
                data: now.data.clone(),
            });
            let sign = if line.was.is_some() { '~' } else { '+' };
            out.changes.push((sign, line.was.as_ref().map(told).unwrap_or_default(), told(now)));
        }
        let plain = now.owner.is_ascii() && now.data.is_ascii();
        match typed::read_record(now, origin, default_ttl) {
            Ok(record) => {
                if !there.insert((record.owner.clone(), record.data.clone())) {
                    let text = "the same record is there already (RFC 2181 §5)".to_owned();
                    out.lines.entry(line.key).or_default().push((true, said(text, texts)));
                    out.unreadable = true;
                }
                records.push(record);
                keys.push(line.key);
            }
            Err(_) if cfg!(not(feature = "ssr")) && !plain => {}
            Err(wrong) => {
                let told = wrong.into_values().map(|text| (true, said(text, texts)));
                out.lines.entry(line.key).or_default().extend(told);
                out.unreadable = true;
            }
        }
    }
    let zone = Zone { origin: origin.clone(), records };
    for finding in lint::lint(&zone, profiles) {
        let error = finding.rule.severity() == lint::Severity::Error;
        out.errors |= error;
        let said = (error, sentence(&finding, texts));
        match finding.record.and_then(|i| keys.get(i)) {
            Some(key) => out.lines.entry(*key).or_default().push(said),
            None => out.general.push(said),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(owner: &str, rtype: &str, data: &str) -> RecordInput {
        RecordInput { owner: owner.into(), ttl: "300".into(), rtype: rtype.into(), data: data.into() }
    }

    fn lines() -> Vec<Now> {
        let zone = [
            input("@", "SOA", "ns.example.net. hostmaster.example.net. 1 14400 3600 1209600 3600"),
            input("@", "NS", "ns.example.net."),
            input("@", "NS", "ns.example.org."),
            input("www", "A", "192.0.2.1"),
        ];
        let line = |(i, r): (u32, RecordInput)| Now {
            key: i,
            id: Some(i64::from(i) + 10),
            was: Some(r.clone()),
            now: Some(r),
        };
        (0..).zip(zone).map(line).collect()
    }

    fn judged(lines: &[Now]) -> Judged {
        judge(lines, &Name::parse("example.de.", None).unwrap(), 3600, &hostler_core::dns::profile::defaults(), &[])
    }

    #[test]
    fn nothing_is_staged_until_something_changes() {
        let judged = judged(&lines());
        assert_eq!((judged.staged.count(), judged.changes.len()), (0, 0));
        assert!(!judged.errors && !judged.unreadable, "{judged:?}");
    }

    #[test]
    fn what_goes_what_comes_and_what_changes_is_staged_and_judged_in_its_line() {
        let mut lines = lines();
        lines[3].now = Some(input("www", "A", "192.0.2.2"));
        lines[2].now = None;
        lines.push(Now { key: 9, id: None, was: None, now: Some(input("www", "CNAME", "other.example.")) });
        lines.push(Now { key: 10, id: None, was: None, now: Some(input("bad", "A", "192.0.2")) });
        lines.push(Now { key: 11, id: None, was: None, now: Some(input("www", "A", "192.0.2.2")) });
        let judged = judged(&lines);
        assert_eq!(judged.staged.remove, [12]);
        assert_eq!(judged.staged.put.iter().map(|p| p.id).collect::<Vec<_>>(), [Some(13), None, None, None]);
        assert_eq!(judged.changes.iter().map(|(sign, ..)| *sign).collect::<String>(), "−~+++");
        assert!(judged.errors && judged.lines[&9].iter().any(|(error, _)| *error), "CNAME beside other data");
        assert!(judged.unreadable && judged.lines.contains_key(&10) && judged.lines.contains_key(&11));
    }
}
