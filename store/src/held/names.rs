//! What is listed by a name, searched by a text and sorted by a few columns.

use super::{places::Places, texts::Texts};
use crate::list::Page;
use std::cmp::Ordering;

/// So many are put into their places one by one, which is quicker than sorting all.
const FEW: usize = 100;

/// A name and which of two kinds it is: papers may have a mailbox and an alias of one address.
pub(crate) type Key = (String, bool);

/// What is known of a name.
pub(crate) trait Known {
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
    /// Their places, in the order of each column.
    orders: Vec<Vec<usize>>,
}

impl<T: Known> Default for Names<T> {
    fn default() -> Self {
        Self {
            texts: Texts::default(),
            known: Vec::new(),
            here: Places::default(),
            orders: vec![Vec::new(); T::COLUMNS],
        }
    }
}

impl<T: Known> Names<T> {
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
        }
    }

    /// Adds one by its name and what is searched, which begins with the name, and answers its place.
    pub(crate) fn push(&mut self, name: &str, text: &str, known: T) -> usize {
        self.texts.push(text);
        self.known.push((name.len(), known));
        self.here.insert(self.known.len() - 1);
        self.known.len() - 1
    }

    /// Brings the orders up to what was taken away and added.
    pub(crate) fn sort(&mut self, added: &[usize]) {
        for column in 0..T::COLUMNS {
            let mut order = std::mem::take(&mut self.orders[column]);
            order.retain(|place| self.here.contains(*place));
            if added.len() <= FEW {
                for new in added {
                    let at = order.partition_point(|place| self.compare(column, *place, *new).is_lt());
                    order.insert(at, *new);
                }
            } else {
                order.extend(added);
                order.sort_by(|a, b| self.compare(column, *a, *b));
            }
            self.orders[column] = order;
        }
    }

    /// Whether more was taken away than is there: then it is better made anew.
    pub(crate) fn is_worn(&self) -> bool {
        self.known.len() > 2 * self.order(0).len() + 1000
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
