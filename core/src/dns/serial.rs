//! SOA serials (RFC 1982), numbered by date as people at a provider read them.

use std::fmt;

/// A zone's serial. It has no total order: compare with [`Serial::is_after`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Serial(pub u32);

impl Serial {
    /// Whether a secondary that holds `other` takes this one for newer (RFC 1982 §3.2). A difference of exactly 2^31
    /// is undefined there and counts as "no" here, in both directions.
    #[must_use]
    pub fn is_after(self, other: Self) -> bool {
        let ahead = self.0.wrapping_sub(other.0);
        ahead != 0 && ahead < 0x8000_0000
    }

    /// The serial for the next change: `YYYYMMDD00` of that day, or one more than now if that is not newer.
    ///
    /// It never goes backwards: after 99 changes in a day it counts on into "tomorrow", a serial from the future
    /// stays and counts on, and 4294967295 is followed by whatever RFC 1982 calls newer. Zero is skipped, as some
    /// secondaries take it for "no zone".
    #[must_use]
    pub fn next(self, year: u16, month: u8, day: u8) -> Self {
        let date = (u32::from(year) * 10_000 + u32::from(month) * 100 + u32::from(day)).wrapping_mul(100);
        let today = Self(date);
        if today.is_after(self) {
            return today;
        }
        match self.0.wrapping_add(1) {
            0 => Self(1),
            next => Self(next),
        }
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Serial;
    use proptest::prelude::*;

    #[test]
    fn the_known_cases() {
        for (now, next) in [
            (1, 2_026_112_200),
            (2_026_112_100, 2_026_112_200),
            (2_026_112_200, 2_026_112_201),
            (2_026_112_299, 2_026_112_300),
            (2_030_010_100, 2_030_010_101),
            (u32::MAX, 2_026_112_200),
            (0, 2_026_112_200),
        ] {
            assert_eq!(Serial(now).next(2026, 11, 22).0, next, "after {now}");
        }
    }

    proptest! {
        #[test]
        fn the_next_serial_is_always_newer(now: u32, year in 1970u16..2106, month in 1u8..13, day in 1u8..32) {
            prop_assert!(Serial(now).next(year, month, day).is_after(Serial(now)));
        }
    }
}
