//! Pages of lists.

use sqlx::{Postgres, QueryBuilder};
use std::{collections::HashMap, hash::Hash};

/// Rows on a page unless the view says otherwise.
pub const PAGE_ROWS: i64 = 50;
/// The farthest row that paging goes to; beyond it a search serves better.
const MAX_OFFSET: i64 = 1_000_000;

/// Which part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Rows at the most.
    pub limit: i64,
    /// Rows before it.
    pub offset: i64,
}

impl Page {
    /// The page of that number, from 1.
    #[must_use]
    pub fn number(number: i64, limit: i64) -> Self {
        let limit = limit.clamp(1, 500);
        Self { limit, offset: ((number.max(1) - 1).saturating_mul(limit)).min(MAX_OFFSET) }
    }
}

/// A page of a list with the number of all rows.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Rows in all pages.
    pub total: i64,
}

/// A column to sort by and its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Position in the list's own table of sortable columns.
    pub column: usize,
    /// From the largest.
    pub descending: bool,
}

/// Brings rows that were read by their keys into the order of these.
pub(crate) fn in_order<T, K: Hash + Eq>(rows: &mut [T], keys: &[K], key: impl Fn(&T) -> K) {
    let places: HashMap<&K, usize> = keys.iter().enumerate().map(|(place, key)| (key, place)).collect();
    rows.sort_by_cached_key(|row| places.get(&key(row)).copied());
}

/// What of a text is searched for: at most 200 characters, no name is longer, and none that no text in the database has.
pub(crate) fn searched(text: &str) -> String {
    text.trim().chars().filter(|c| *c != '\0').take(200).collect()
}

/// `%text%` with the wildcards of LIKE taken for themselves.
pub(crate) fn pattern(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('%');
    for c in searched(text).chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('%');
    out
}

/// Appends ` order by COLUMN [desc], TIE limit … offset …`. Columns come from the caller's fixed table only.
pub(crate) fn finish(
    query: &mut QueryBuilder<Postgres>,
    columns: &[&'static str],
    tie: &'static str,
    sort: Sort,
    page: Page,
) {
    let column = columns.get(sort.column).copied().unwrap_or(tie);
    query.push(" order by ").push(column);
    // What the rows are told apart by is never missing, and an index in its order serves both directions.
    let is_tie = column == tie;
    if sort.descending {
        query.push(if is_tie { " desc" } else { " desc nulls last" });
    }
    if !is_tie {
        query.push(", ").push(tie);
    }
    query.push(" limit ").push_bind(page.limit).push(" offset ").push_bind(page.offset);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_searched_as_themselves() {
        assert_eq!(pattern(" 100%_a\\\0 "), "%100\\%\\_a\\\\%");
        assert!(pattern(&"x".repeat(10_000_000)).len() < 300);
    }

    #[test]
    fn pages_stay_within_bounds() {
        assert_eq!(Page::number(-5, 0), Page { limit: 1, offset: 0 });
        assert_eq!(Page::number(i64::MAX, 500), Page { limit: 500, offset: MAX_OFFSET });
    }
}
