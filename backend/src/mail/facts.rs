//! What the mail servers say of the mailboxes: `doveadm -f tab quota get -A`.

use hostler_core::names::EmailAddress;
use std::collections::BTreeMap;

/// What was seen of one mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Octets.
    pub bytes: Option<i64>,
    /// Mails.
    pub mails: Option<i64>,
}

/// Reads the table that `doveadm -f tab quota get -A` prints: a head, then a line for each mailbox, quota and resource. Dovecot
/// counts storage in kibibytes. Of several quotas of a mailbox the largest counts.
///
/// # Errors
/// The line that is none of such a table.
pub fn read(text: &str) -> Result<BTreeMap<String, Seen>, String> {
    let mut lines = (1u32..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let head: Vec<&str> = lines.next().map(|(_, line)| line.split('\t').collect()).unwrap_or_default();
    let column = |name: &str| head.iter().position(|h| h.trim().eq_ignore_ascii_case(name));
    let (Some(user), Some(kind), Some(value)) = (column("Username"), column("Type"), column("Value")) else {
        return Err("the first line is not the head that `doveadm -f tab quota get -A` prints".to_owned());
    };
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    for (number, line) in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let cell =
            |at: usize| cells.get(at).map(|c| c.trim()).ok_or_else(|| format!("line {number}: it has too few columns"));
        let address = EmailAddress::parse(cell(user)?).map_err(|e| format!("line {number}: {e}"))?;
        let amount = cell(value)?.parse::<i64>().ok().filter(|n| *n >= 0);
        let amount = amount.ok_or_else(|| format!("line {number}: the value is not a number"))?;
        let entry = seen.entry(address.to_string()).or_default();
        match cell(kind)?.to_ascii_uppercase().as_str() {
            "STORAGE" => entry.bytes = entry.bytes.max(Some(amount.saturating_mul(1024))),
            "MESSAGE" => entry.mails = entry.mails.max(Some(amount)),
            other => return Err(format!("line {number}: nothing is known of the resource {other:?}")),
        }
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_doveadm_is_read_by_its_head() {
        let text = "Username\tQuota name\tType\tValue\tLimit\t%\ninfo@a.de\tUser quota\tSTORAGE\t2\t10240\t0\ninfo@a.de\tUser quota\tMESSAGE\t7\t-\t0\n\
            B@A.de\tUser quota\tSTORAGE\t0\t-\t0\n";
        let seen = read(text).unwrap();
        assert_eq!(seen["info@a.de"], Seen { bytes: Some(2048), mails: Some(7) });
        assert_eq!(seen["b@a.de"], Seen { bytes: Some(0), mails: None });
    }

    #[test]
    fn anything_else_is_refused_with_its_line() {
        let head = "Username\tType\tValue\n";
        for (text, told) in [
            ("", "head"),
            ("info@a.de\tSTORAGE\t1\n", "head"),
            (&format!("{head}info@a.de\tSTORAGE\n"), "line 2: it has too few"),
            (&format!("{head}\n../../x\tSTORAGE\t1\n"), "line 3"),
            (&format!("{head}info@a.de\tSTORAGE\t-1\n"), "not a number"),
            (&format!("{head}info@a.de\tSTORAGE\t99999999999999999999\n"), "not a number"),
            (&format!("{head}info@a.de\tINODES\t1\n"), "INODES"),
        ] {
            let reason = read(text).unwrap_err();
            assert!(reason.contains(told), "{text:?}: {reason}");
        }
    }
}
