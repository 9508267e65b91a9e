//! How many rows a list has.

use std::fmt;

/// A number of rows; of a search that finds very many, the number up to which they were counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many there are at least.
    pub n: i64,
    /// Whether there are more than that.
    pub more: bool,
}

impl Count {
    /// Nothing.
    pub const NONE: Self = Self { n: 0, more: false };

    /// Whether a page that ends behind so many rows has another one after it.
    #[must_use]
    pub fn goes_on_after(self, rows: i64) -> bool {
        self.more || rows < self.n
    }
}

impl From<i64> for Count {
    fn from(n: i64) -> Self {
        Self { n, more: false }
    }
}

impl std::ops::Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { n: self.n.saturating_add(other.n), more: self.more || other.more }
    }
}

impl std::iter::Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::NONE, |all, one| all + one)
    }
}

/// `412`, or `1000+`.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.n, if self.more { "+" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_counted_out_stays_so_in_a_sum() {
        let many = Count { n: 1000, more: true };
        let all: Count = [many, Count::from(12)].into_iter().sum();
        assert_eq!((all.to_string(), all.goes_on_after(5000)), ("1012+".to_owned(), true));
        assert_eq!(Count::from(12).to_string(), "12");
        assert!(Count::from(12).goes_on_after(11) && !Count::from(12).goes_on_after(12));
    }
}
