//! Texts of new zones with variables: `{{ipv4}}`.
//!
//! A value is one word of the characters that names and addresses are made of, so that it cannot begin a line, a directive,
//! a comment or a quoted text: what it becomes is always a part of the record that it stands in.

use std::collections::BTreeMap;

/// Longest value, in characters: a name has no more.
const MAX_VALUE: usize = 255;

/// Why a template gives no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A variable's name is not one.
    #[error("`{0}` is no variable: letters, digits and _ only")]
    Name(String),
    /// `{{` without its end.
    #[error("a variable is not closed by }}}}")]
    Open,
    /// A value is missing.
    #[error("the value of {0} is missing")]
    Missing(String),
    /// A value may not stand in a zone.
    #[error("the value of {0} may hold letters, digits and . - _ : / @ + only")]
    Value(String),
}

fn pieces(text: &str) -> Result<Vec<(&str, Option<&str>)>, TemplateError> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or(TemplateError::Open)?;
        let name = name.trim();
        if name.is_empty() || name.len() > 40 || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(TemplateError::Name(name.chars().take(40).collect()));
        }
        out.push((before, Some(name)));
        rest = after;
    }
    out.push((rest, None));
    Ok(out)
}

/// The variables of a template, in the order in which they come first.
///
/// # Errors
/// When one is no variable.
pub fn variables(text: &str) -> Result<Vec<String>, TemplateError> {
    let mut names: Vec<String> = Vec::new();
    for (_, name) in pieces(text)? {
        if let Some(name) = name.filter(|n| !names.iter().any(|k| k == n)) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// The template with its variables' values in it.
///
/// # Errors
/// The variable whose value is missing or may not stand in a zone.
pub fn fill(text: &str, values: &BTreeMap<String, String>) -> Result<String, TemplateError> {
    let mut out = String::with_capacity(text.len() + 100);
    for (before, name) in pieces(text)? {
        out.push_str(before);
        let Some(name) = name else { continue };
        let value = values.get(name).map(|v| v.trim()).filter(|v| !v.is_empty());
        let value = value.ok_or_else(|| TemplateError::Missing(name.to_owned()))?;
        let fine = |c: char| c.is_alphanumeric() || ".-_:/@+".contains(c);
        if value.chars().count() > MAX_VALUE || !value.chars().all(fine) {
            return Err(TemplateError::Value(name.to_owned()));
        }
        out.push_str(value);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn variables_are_found_and_filled() {
        let text = "@ A {{ipv4}}\nwww A {{ ipv4 }}\n@ MX 10 {{mx}}\n";
        assert_eq!(variables(text).unwrap(), ["ipv4", "mx"]);
        let filled = fill(text, &values(&[("ipv4", "192.0.2.1"), ("mx", "mail.h.example.")])).unwrap();
        assert_eq!(filled, "@ A 192.0.2.1\nwww A 192.0.2.1\n@ MX 10 mail.h.example.\n");
        assert_eq!(fill(text, &values(&[("ipv4", "192.0.2.1")])), Err(TemplateError::Missing("mx".to_owned())));
        assert_eq!(variables("{{a b}}"), Err(TemplateError::Name("a b".to_owned())));
        assert_eq!(variables("{{a"), Err(TemplateError::Open));
    }

    proptest! {
        #[test]
        fn a_value_never_becomes_a_second_record(value in any::<String>()) {
            if let Ok(filled) = fill("@ TXT {{v}}\n", &values(&[("v", &value)])) {
                prop_assert_eq!(filled.lines().count(), 1);
                prop_assert!(!filled.contains([';', '"', '(', '$', '\\'].as_slice()));
                prop_assert_eq!(filled.matches(char::is_whitespace).count(), 3);
            }
        }
    }
}
