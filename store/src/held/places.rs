//! Sets of places.

/// Places of entries, a bit each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places(Vec<u64>);

/// The word and the bit of a place.
fn bit(place: usize) -> (usize, u64) {
    (place / 64, 1 << (place % 64))
}

impl Places {
    /// Adds one.
    pub(crate) fn insert(&mut self, place: usize) {
        let (word, bit) = bit(place);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Takes one away.
    pub(crate) fn remove(&mut self, place: usize) {
        let (word, bit) = bit(place);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    /// Whether it is among them.
    pub(crate) fn contains(&self, place: usize) -> bool {
        let (word, bit) = bit(place);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> i64 {
        self.0.iter().map(|word| i64::from(word.count_ones())).sum()
    }

    /// Those that are in both.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// Those that are not in the other.
    pub(crate) fn without(&self, other: &Self) -> Self {
        let rest = other.0.iter().copied().chain(std::iter::repeat(0));
        Self(self.0.iter().zip(rest).map(|(a, b)| a & !b).collect())
    }

    /// Those that a condition leaves.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let all: Vec<usize> = self.iter().collect();
        all.into_iter().filter(|place| !keep(*place)).for_each(|place| self.remove(place));
    }

    /// All of them, from the first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(n, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(n * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_kept_beyond_a_word() {
        let of = |places: &[usize]| {
            let mut set = Places::default();
            places.iter().for_each(|place| set.insert(*place));
            set
        };
        let (mut a, b) = (of(&[0, 63, 64, 200]), of(&[63, 65]));
        assert_eq!((a.len(), a.contains(64), a.contains(65), a.contains(9999)), (4, true, false, false));
        assert_eq!(a.and(&b).iter().collect::<Vec<_>>(), [63]);
        assert_eq!(a.without(&b).iter().collect::<Vec<_>>(), [0, 64, 200]);
        assert_eq!(b.without(&a).iter().collect::<Vec<_>>(), [65]);
        a.remove(64);
        a.retain(|place| place != 0);
        assert_eq!(a.iter().collect::<Vec<_>>(), [63, 200]);
    }
}
