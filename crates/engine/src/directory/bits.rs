//! Sets of numbers below a bound, a bit each: 125 KB for a million, whatever they hold.

/// A set of numbers below a bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    bound: u32,
}

impl Bits {
    /// The empty set.
    pub fn none(bound: u32) -> Self {
        Self {
            words: vec![0; bound.div_ceil(64) as usize],
            bound,
        }
    }

    /// All numbers below the bound.
    pub fn all(bound: u32) -> Self {
        let mut all = Self {
            words: vec![u64::MAX; bound.div_ceil(64) as usize],
            bound,
        };
        all.trim();
        all
    }

    /// The numbers for which something holds.
    pub fn of(bound: u32, holds: impl Fn(u32) -> bool) -> Self {
        let mut set = Self::none(bound);
        for (at, word) in set.words.iter_mut().enumerate() {
            let first = at as u32 * 64;
            for bit in 0..64.min(bound - first) {
                *word |= u64::from(holds(first + bit)) << bit;
            }
        }
        set
    }

    /// A set from its words, 64 numbers each.
    pub fn from_words(bound: u32, mut words: Vec<u64>) -> Self {
        words.resize(bound.div_ceil(64) as usize, 0);
        let mut set = Self { words, bound };
        set.trim();
        set
    }

    fn trim(&mut self) {
        if let (Some(last), 1..) = (self.words.last_mut(), self.bound % 64) {
            *last &= (1 << (self.bound % 64)) - 1;
        }
    }

    /// The words, 64 numbers each.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Whether a number is in it.
    pub fn has(&self, number: u32) -> bool {
        self.words
            .get(number as usize / 64)
            .is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Adds a number below the bound.
    pub fn add(&mut self, number: u32) {
        if number < self.bound {
            self.words[number as usize / 64] |= 1 << (number % 64);
        }
    }

    /// Takes a number out.
    pub fn remove(&mut self, number: u32) {
        if let Some(word) = self.words.get_mut(number as usize / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Keeps what the other set has too.
    pub fn and(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Adds what the other set has.
    pub fn or(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Takes out what the other set has.
    pub fn minus(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// What is not in it.
    pub fn not(&self) -> Self {
        let mut set = Self {
            words: self.words.iter().map(|word| !word).collect(),
            bound: self.bound,
        };
        set.trim();
        set
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    at as u32 * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn agrees_with_plain_sets(bound in 0u32..200, a in prop::collection::btree_set(0u32..200, 0..40), b in prop::collection::btree_set(0u32..200, 0..40)) {
            let cut = |set: &BTreeSet<u32>| set.iter().copied().filter(|n| *n < bound).collect::<BTreeSet<_>>();
            let (a, b) = (cut(&a), cut(&b));
            let make = |set: &BTreeSet<u32>| Bits::of(bound, |n| set.contains(&n));
            let list = |bits: &Bits| bits.iter().collect::<BTreeSet<_>>();
            prop_assert_eq!(list(&make(&a)), a.clone());
            prop_assert_eq!(make(&a).count() as usize, a.len());
            let mut both = make(&a); both.and(&make(&b));
            prop_assert_eq!(list(&both), &a & &b);
            let mut either = make(&a); either.or(&make(&b));
            prop_assert_eq!(list(&either), &a | &b);
            let mut less = make(&a); less.minus(&make(&b));
            prop_assert_eq!(list(&less), &a - &b);
            prop_assert_eq!(list(&make(&a).not()), &(0..bound).collect::<BTreeSet<_>>() - &a);
            prop_assert_eq!(Bits::all(bound).count(), bound);
            prop_assert_eq!(make(&a).is_empty(), a.is_empty());
        }
    }
}
