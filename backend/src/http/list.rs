//! The query of a list: filters, order, page. What it does not know is ignored, what is out of bounds is drawn in.

use super::api::MOST_LETTERS;
use hostler_store::list::{PAGE_ROWS, Page, Sort};
use hostler_web::ui::list::{COLUMNS, ListState};
use uuid::Uuid;

/// A list's query string.
#[derive(Debug, Clone)]
pub struct ListQuery {
    values: Vec<(String, String)>,
}

impl ListQuery {
    /// Reads a query string; of a name that stands twice the last one counts.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        Self { values: serde_urlencoded::from_str(query).unwrap_or_default() }
    }

    /// A filter's value; empty where it is not set. A search ends after 300 characters, and where the database's texts do.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        let value = self.whole(name);
        let value = value.split('\0').next().unwrap_or_default();
        value.char_indices().nth(MOST_LETTERS).map_or(value, |(end, _)| &value[..end])
    }

    /// A value as it was sent, for what is more than a filter.
    #[must_use]
    pub fn whole(&self, name: &str) -> &str {
        self.values.iter().rev().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// Whether it was sent, with whatever value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(n, _)| n == name)
    }

    /// All ids of a name that may stand several times, or once with commas between them.
    #[must_use]
    pub fn ids(&self, name: &str) -> Vec<Uuid> {
        let values = self.values.iter().filter(|(n, _)| n == name);
        values.flat_map(|(_, v)| v.split(',')).filter_map(|id| id.parse().ok()).collect()
    }

    /// What was chosen one by one, if anything was. A value that is no id chooses none; it does not open the choice to all.
    #[must_use]
    pub fn picked(&self) -> Option<Vec<Uuid>> {
        self.has("pick").then(|| self.ids("pick"))
    }

    /// The same as the next form carries it; empty if nothing was chosen.
    #[must_use]
    pub fn carried_pick(&self) -> String {
        let ids = |ids: Vec<Uuid>| ids.iter().map(Uuid::to_string).collect::<Vec<_>>().join(",");
        match self.picked() {
            None => String::new(),
            // None of them: a value that still says that some were meant.
            Some(none) if none.is_empty() => "-".to_owned(),
            Some(some) => ids(some),
        }
    }

    /// A filter's value, if it is set.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name).to_owned()).filter(|v| !v.is_empty())
    }

    /// A filter that is an id.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<Uuid> {
        self.get(name).parse().ok()
    }

    /// Which page.
    #[must_use]
    pub fn page(&self) -> Page {
        Page::number(self.number(), PAGE_ROWS)
    }

    fn number(&self) -> i64 {
        self.get("page").parse().unwrap_or(1).clamp(1, 20_000)
    }

    /// The order, by the names of the list's columns.
    #[must_use]
    pub fn sort(&self, names: &[&str]) -> Sort {
        let text = self.get("sort");
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        match names.iter().position(|n| *n == name) {
            Some(column) => Sort { column, descending },
            None => Sort { column: 0, descending: false },
        }
    }

    /// What the page needs to show where it is.
    #[must_use]
    pub fn state(&self, path: &'static str, filters: &[&'static str], total: i64) -> ListState {
        ListState {
            path,
            filters: filters.iter().chain([&COLUMNS]).map(|name| (*name, self.get(name).to_owned())).collect(),
            sort: self
                .get("sort")
                .chars()
                .filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
                .take(40)
                .collect(),
            page: self.number(),
            limit: PAGE_ROWS,
            total,
        }
    }
}
