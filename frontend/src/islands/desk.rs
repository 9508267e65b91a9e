//! The rules behind the zone editor.
//!
//! What one sees of the editor is a script (`frontend/scripts/zone-editor.js`): the same as Leptos views made the bundle
//! half as large again as all of it may be. What is said of a record, how it comes apart, and what would be sent is here.

use super::{
    lines::{Judged, Now, Row, Staged, judge},
    said,
};
use hostler_core::{
    dns::{
        RData, RType, parser,
        profile::RegistryProfile,
        typed::{self, RecordInput},
    },
    names::Name,
};
use leptos::serde_json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a page tells the editor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeskData {
    /// Address of the zone's page.
    pub base: String,
    /// Apex.
    pub origin: String,
    /// Time to live of records that say none.
    pub default_ttl: u32,
    /// Revision that the page shows.
    pub revision: i32,
    /// The records.
    pub rows: Vec<Row>,
    /// Changes that the server refused.
    pub staged: Staged,
    /// The record to begin with.
    pub open: Option<i64>,
    /// Registries' SOA ranges.
    pub profiles: Vec<RegistryProfile>,
    /// Sentences of the lint by their codes; none in English.
    pub rules: Vec<(String, String)>,
    /// Texts by their keys.
    pub words: BTreeMap<String, String>,
    /// Types offered.
    pub types: Vec<String>,
}

/// What a pasted text holds.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Pasted {
    records: Vec<RecordInput>,
    errors: Vec<String>,
}

/// The rules of one zone's editor. Everything goes in and comes out as JSON: it is called by a script.
#[derive(Debug)]
pub struct Desk {
    origin: Name,
    default_ttl: u32,
    profiles: Vec<RegistryProfile>,
    rules: Vec<(String, String)>,
}

impl Desk {
    /// From a page's [`DeskData`]; `None` if it is none.
    #[must_use]
    pub fn new(data: &str) -> Option<Self> {
        let data: DeskData = serde_json::from_str(data).ok()?;
        let origin = Name::parse(&data.origin, None).ok()?;
        Some(Self { origin, default_ttl: data.default_ttl, profiles: data.profiles, rules: data.rules })
    }

    /// What is said of `[{key, id, was, now}]`, and what would be sent.
    #[must_use]
    pub fn judge(&self, lines: &str) -> String {
        let lines: Vec<Now> = serde_json::from_str(lines).unwrap_or_default();
        let judged: Judged = judge(&lines, &self.origin, self.default_ttl, &self.profiles, &self.rules);
        serde_json::to_string(&judged).unwrap_or_default()
    }

    /// Data as the fields of its type: `[[name, value]]`. A text without a name is one field.
    #[must_use]
    pub fn fields(&self, rtype: &str, data: &str) -> String {
        let rtype = rtype.parse::<RType>().ok();
        let names = rtype.map(typed::parts).unwrap_or_default();
        let fields: Vec<(&str, String)> = if names.is_empty() {
            let read = rtype.and_then(|t| RData::parse(t, data, Some(&self.origin)).ok());
            vec![("", read.as_ref().and_then(typed::plain_text).unwrap_or_else(|| data.to_owned()))]
        } else {
            names.iter().copied().zip(typed::split(data, names.len())).collect()
        };
        serde_json::to_string(&fields).unwrap_or_default()
    }

    /// The records of a pasted zone text, or what cannot be read in it; `line` is the word before a number.
    #[must_use]
    pub fn paste(&self, text: &str, line: &str) -> String {
        let pasted = match parser::parse(text.as_bytes(), &self.origin) {
            Ok(parsed) => Pasted {
                records: parsed
                    .zone
                    .records
                    .iter()
                    .map(|record| RecordInput {
                        owner: record.owner.relative_to(&self.origin),
                        ttl: record.ttl.to_string(),
                        rtype: record.rtype().to_string(),
                        data: record.data.to_string(),
                    })
                    .collect(),
                errors: Vec::new(),
            },
            Err(errors) => Pasted {
                records: Vec::new(),
                errors: errors
                    .iter()
                    .take(10)
                    .map(|e| format!("{line} {}: {}", e.line, said(e.reason.to_string(), &self.rules)))
                    .collect(),
            },
        };
        serde_json::to_string(&pasted).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk() -> Desk {
        let data = DeskData {
            base: "/zones/1".into(),
            origin: "example.de.".into(),
            default_ttl: 3600,
            revision: 1,
            rows: Vec::new(),
            staged: Staged::default(),
            open: None,
            profiles: Vec::new(),
            rules: Vec::new(),
            words: BTreeMap::new(),
            types: Vec::new(),
        };
        Desk::new(&serde_json::to_string(&data).unwrap()).unwrap()
    }

    #[test]
    fn data_stands_in_fields_and_texts_without_their_quotes() {
        let desk = desk();
        assert_eq!(desk.fields("MX", "10 mail.example.de."), r#"[["preference","10"],["host","mail.example.de."]]"#);
        assert_eq!(desk.fields("TXT", "\"v=spf1 mx -all\""), r#"[["","v=spf1 mx -all"]]"#);
        assert_eq!(desk.fields("A", "192.0.2.1"), r#"[["","192.0.2.1"]]"#);
        assert_eq!(desk.fields("TYPE65280", "\\# 0"), "[[\"\",\"\\\\# 0\"]]");
        assert_eq!(desk.fields("?", "x"), r#"[["","x"]]"#);
    }

    #[test]
    fn pasted_text_becomes_records_or_says_where_it_cannot_be_read() {
        let desk = desk();
        let pasted = desk.paste("www 300 IN A 192.0.2.1\n@ 300 IN MX 10 mail\n", "line");
        assert!(pasted.contains(r#""owner":"www""#) && pasted.contains("10 mail.example.de."), "{pasted}");
        let wrong = desk.paste("www 300 IN A 192.0.2\n", "line");
        assert!(wrong.contains("line 1: ") && wrong.contains(r#""records":[]"#), "{wrong}");
    }

    #[test]
    fn lines_come_and_judgements_go_as_json() {
        let lines = r#"[{"key":1,"id":7,"was":{"owner":"www","ttl":"300","rtype":"A","data":"192.0.2.1"},"now":null},
            {"key":2,"id":null,"was":null,"now":{"owner":"x","ttl":"","rtype":"A","data":"x"}}]"#;
        let judged = desk().judge(lines);
        assert!(judged.contains(r#""remove":[7]"#) && judged.contains(r#""unreadable":true"#), "{judged}");
        assert!(judged.contains(r#""put":[{"owner":"x","ttl":"","type":"A","data":"x"}]"#), "{judged}");
    }
}
