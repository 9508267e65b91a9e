//! What is listed by a name, searched by a text and sorted by a few columns.

use super::{places::Places, texts::Texts};
use crate::list::Page;
use std::cmp::Ordering;

/// Octets of texts that are gone which may be held beside as many as there are.
const MOST_GONE: usize = 16 << 20;

/// A name and which of two kinds it is: papers may have a mailbox and an alias of one address.
pub(crate) type Key = (String, bool);

/// What is known of a name.
pub(crate) trait Entry {
    /// Columns that it is sorted by, the first one being the name.
    const COLUMNS: usize;

    /// Which of two kinds it is.
    fn kind(&self) -> bool;

    /// Its order in a column before that of the names.
    fn compare(&self, other: &Self, column: usize) -> Ordering;
}

/// Names with what is known of them, each at a place.
#[derive(Debug)]
pub(crate) struct Names<T> {
    texts: Texts,
    /// The octets of the name at the beginning of its text, and what is known of it.
    known: Vec<(usize, T)>,
    /// Those that are there; others were.
    here: Places,
    /// Octets of their texts.
    octets: usize,
    /// Their places, in the order of each column.
    orders: Vec<Vec<usize>>,
}

impl<T: Entry> Default for Names<T> {
    fn default() -> Self {
        Self {
            texts: Texts::default(),
            known: Vec::new(),
            here: Places::default(),
            octets: 0,
            orders: vec![Vec::new(); T::COLUMNS],
        }
    }
}

impl<T: Entry> Names<T> {
    pub(crate) fn name(&self, place: usize) -> &str {
        self.known.get(place).and_then(|(len, _)| self.texts.get(place).get(..*len)).unwrap_or_default()
    }

    pub(crate) fn known(&self, place: usize) -> Option<&T> {
        self.known.get(place).map(|(_, known)| known)
    }

    fn key(&self, place: usize) -> (&str, bool) {
        (self.name(place), self.known(place).is_some_and(T::kind))
    }

    fn compare(&self, column: usize, a: usize, b: usize) -> Ordering {
        let by = self.known(a).zip(self.known(b)).map_or(Ordering::Equal, |(a, b)| a.compare(b, column));
        by.then_with(|| self.key(a).cmp(&self.key(b)))
    }

    /// Takes a name away, if it is there; its place stays empty. It leaves the orders as they are until [`Self::sort`].
    pub(crate) fn remove(&mut self, (name, kind): &Key) {
        let order = self.order(0);
        let found = order.binary_search_by(|place| self.key(*place).cmp(&(name.as_str(), *kind)));
        if let Some(place) = found.ok().and_then(|at| order.get(at)).copied() {
            self.here.remove(place);
            self.octets -= self.texts.get(place).len();
        }
    }

    /// Adds one by its name and what is searched, which begins with the name, and answers its place.
    pub(crate) fn push(&mut self, name: &str, text: &str, known: T) -> usize {
        self.texts.push(text);
        self.octets += text.len();
        self.known.push((name.len(), known));
        self.here.insert(self.known.len() - 1);
        self.known.len() - 1
    }

    /// Brings the orders up to what was taken away and added.
    pub(crate) fn sort(&mut self, added: &[usize]) {
        for column in 0..T::COLUMNS {
            let mut old = std::mem::take(&mut self.orders[column]);
            old.retain(|place| self.here.contains(*place));
            let mut new = added.to_vec();
            new.sort_by(|a, b| self.compare(column, *a, *b));
            // Only the new ones are compared with others: what stands between two of them is taken over as it is.
            let mut order = Vec::with_capacity(old.len() + new.len());
            let mut rest = old.as_slice();
            for place in new {
                let at = rest.partition_point(|old| self.compare(column, *old, place).is_lt());
                let (before, behind) = rest.split_at(at);
                order.extend_from_slice(before);
                order.push(place);
                rest = behind;
            }
            order.extend_from_slice(rest);
            self.orders[column] = order;
        }
    }

    /// Whether more was taken away than is there: then it is better made anew.
    pub(crate) fn is_worn(&self) -> bool {
        self.known.len() > 2 * self.order(0).len() + 1000 || self.texts.octets() > 2 * self.octets + MOST_GONE
    }

    /// All places in the order of a column.
    pub(crate) fn order(&self, column: usize) -> &[usize] {
        self.orders.get(column).map(Vec::as_slice).unwrap_or_default()
    }

    /// The places of those whose text has `text` in it, which is in small letters as they are.
    pub(crate) fn containing(&self, text: &str) -> Places {
        if text.is_empty() { self.here.clone() } else { self.texts.containing(text).and(&self.here) }
    }
}

/// The places of a page.
pub(crate) fn page_of(order: impl Iterator<Item = usize>, shown: &Places, page: Page) -> impl Iterator<Item = usize> {
    let [limit, offset] = [page.limit, page.offset].map(|n| usize::try_from(n).unwrap_or(0));
    order.filter(|place| shown.contains(*place)).skip(offset).take(limit)
}
