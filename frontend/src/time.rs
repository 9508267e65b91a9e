//! Times as people read them: the database keeps UTC.

use crate::i18n::Lang;
use chrono::{DateTime, NaiveDate, Utc};
pub use chrono_tz::Tz;

/// Where most readers are.
pub const BERLIN: Tz = chrono_tz::Europe::Berlin;

/// Date and time to the minute.
#[must_use]
pub fn date_time(at: DateTime<Utc>, zone: Tz, lang: Lang) -> String {
    let pattern = match lang {
        Lang::De => "%d.%m.%Y %H:%M",
        Lang::En => "%Y-%m-%d %H:%M",
    };
    at.with_timezone(&zone).format(pattern).to_string()
}

/// A date.
#[must_use]
pub fn date(at: DateTime<Utc>, zone: Tz, lang: Lang) -> String {
    day(at.with_timezone(&zone).date_naive(), lang)
}

/// A day.
#[must_use]
pub fn day(day: NaiveDate, lang: Lang) -> String {
    day.format(if lang == Lang::De { "%d.%m.%Y" } else { "%Y-%m-%d" }).to_string()
}

/// A size in octets with a fitting unit.
#[must_use]
pub fn size(bytes: i64, lang: Lang) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    // Tenths are enough: the size of a mailbox is read, not added up.
    let mut tenths = bytes.saturating_mul(10);
    while tenths >= 10_000 && unit + 1 < units.len() {
        tenths /= 1000;
        unit += 1;
    }
    let name = units.get(unit).copied().unwrap_or_default();
    let mark = if lang == Lang::De { ',' } else { '.' };
    if unit == 0 || tenths >= 100 {
        format!("{} {name}", tenths / 10)
    } else {
        format!("{}{mark}{} {name}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_follow_the_language() {
        let at = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        assert_eq!(date_time(at, BERLIN, Lang::De), "18.11.2026 12:06");
        assert_eq!(date_time(at, BERLIN, Lang::En), "2026-11-18 12:06");
        assert_eq!(size(1_500_000, Lang::De), "1,5 MB");
        assert_eq!(size(999, Lang::En), "999 B");
        assert_eq!(size(12_000_000_000, Lang::En), "12 GB");
    }
}
