//! Orders: each column's rows once sorted, walked both ways. Empty values come last in both directions, equal ones in name order.

use std::cmp::Ordering;

use super::bits::Bits;
use super::search::in_two;

/// Rows in the order of a column.
#[derive(Debug)]
pub struct Order {
    rows: Vec<u32>,
    /// Places at which another value begins.
    borders: Bits,
    /// How many rows have a value; the others come after them.
    filled: u32,
}

impl Order {
    /// Sorts rows that are in name order by a rank: 0 for no value, equal ranks for equal values.
    pub fn by_rank(names: &[u32], rank: impl Fn(u32) -> u64 + Sync) -> Self {
        let mut keyed: Vec<(u64, u32)> = Vec::with_capacity(names.len());
        keyed.extend((0..names.len() as u32).map(|place| (rank(names[place as usize]).wrapping_sub(1), place)));
        sort(&mut keyed, Ord::cmp);
        Self::from_sorted(names, &keyed, |a, b| a.0 == b.0, |entry| entry.0 != u64::MAX)
    }

    /// Sorts rows that are in name order by a text; an empty one is no value.
    pub fn by_text<'t>(names: &[u32], text: impl Fn(u32) -> &'t [u8] + Sync) -> Self {
        let key = |place: u32| {
            let text = text(names[place as usize]);
            if text.is_empty() { u64::MAX } else { prefix(text) }
        };
        let mut keyed: Vec<(u64, u32)> = (0..names.len() as u32).map(|place| (key(place), place)).collect();
        let of = |entry: &(u64, u32)| text(names[entry.1 as usize]);
        sort(&mut keyed, |a, b| a.0.cmp(&b.0).then_with(|| of(a).cmp(of(b))).then(a.1.cmp(&b.1)));
        Self::from_sorted(names, &keyed, |a, b| a.0 == b.0 && of(a) == of(b), |entry| entry.0 != u64::MAX)
    }

    /// The order that the rows have already; each its own value.
    pub fn as_is(rows: Vec<u32>) -> Self {
        let filled = rows.len() as u32;
        Self {
            borders: Bits::all(filled),
            rows,
            filled,
        }
    }

    fn from_sorted(
        names: &[u32],
        keyed: &[(u64, u32)],
        same: impl Fn(&(u64, u32), &(u64, u32)) -> bool,
        has: impl Fn(&(u64, u32)) -> bool,
    ) -> Self {
        let filled = keyed.partition_point(&has) as u32;
        let borders = Bits::of(filled, |at| at == 0 || !same(&keyed[at as usize - 1], &keyed[at as usize]));
        Self {
            rows: keyed.iter().map(|(_, place)| names[*place as usize]).collect(),
            borders,
            filled,
        }
    }

    /// All rows, upwards.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The rows of a set in this order, so many from so far on.
    pub fn page(&self, set: &Bits, descending: bool, offset: u32, limit: u32) -> Vec<u32> {
        let mut skip = offset;
        let mut page = Vec::with_capacity(limit.min(1024) as usize);
        // Whether more is wanted after these.
        let mut take = |rows: &[u32]| {
            for row in rows.iter().filter(|row| set.has(**row)) {
                if page.len() >= limit as usize {
                    return false;
                }
                if skip > 0 {
                    skip -= 1;
                } else {
                    page.push(*row);
                }
            }
            page.len() < limit as usize
        };
        let filled = self.filled as usize;
        let mut more = true;
        if descending {
            let mut end = filled;
            while more && end > 0 {
                let mut start = end - 1;
                while start > 0 && !self.borders.has(start as u32) {
                    start -= 1;
                }
                more = take(&self.rows[start..end]);
                end = start;
            }
        } else {
            more = take(&self.rows[..filled]);
        }
        if more {
            take(&self.rows[filled..]);
        }
        page
    }
}

/// The first eight bytes of a text as a number that orders like it. Never the highest number: no text begins with such bytes.
pub fn prefix(text: &[u8]) -> u64 {
    let mut key = [0u8; 8];
    let length = text.len().min(8);
    key[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(key)
}

/// Sorts in two halves at the same time, then merges. The comparison tells all entries apart.
pub fn sort(entries: &mut [(u64, u32)], compare: impl Fn(&(u64, u32), &(u64, u32)) -> Ordering + Sync) {
    if entries.len() < 50_000 {
        entries.sort_unstable_by(&compare);
        return;
    }
    let middle = entries.len() / 2;
    let (low, high) = entries.split_at_mut(middle);
    std::thread::scope(|scope| {
        scope.spawn(|| high.sort_unstable_by(&compare));
        low.sort_unstable_by(&compare);
    });
    // Two runs: the stable sort finds and merges them.
    entries.sort_by(&compare);
}

/// The rank of each text of a table in folded order, from 1; 0 stays 0. Texts that fold alike share a rank.
pub fn ranks<'t>(count: usize, text: impl Fn(u32) -> &'t str) -> Vec<u32> {
    let mut order: Vec<(String, u32)> = (1..count as u32)
        .map(|number| (super::fold::fold(text(number)).into_owned(), number))
        .collect();
    order.sort_unstable();
    let mut ranks = vec![0; count.max(1)];
    let mut rank = 0;
    for (at, (folded, number)) in order.iter().enumerate() {
        if at == 0 || order[at - 1].0 != *folded {
            rank += 1;
        }
        ranks[*number as usize] = rank;
    }
    ranks
}

/// The records in the order of their names, and the place of each in it.
pub fn by_name<'t>(records: u32, folded: impl Fn(u32) -> &'t [u8] + Sync, original: impl Fn(u32) -> String + Sync) -> (Vec<u32>, Vec<u32>) {
    let keys = in_two(records, records as usize * 64, |range| {
        range.map(|record| (prefix(folded(record)), record)).collect::<Vec<_>>()
    });
    let mut keyed = keys.concat();
    sort(&mut keyed, |a, b| {
        a.0.cmp(&b.0)
            .then_with(|| folded(a.1).cmp(folded(b.1)))
            .then_with(|| {
                if a.1 == b.1 {
                    Ordering::Equal
                } else {
                    original(a.1).cmp(&original(b.1))
                }
            })
            .then(a.1.cmp(&b.1))
    });
    let order: Vec<u32> = keyed.iter().map(|(_, record)| *record).collect();
    let mut places = vec![0; records as usize];
    for (place, record) in order.iter().enumerate() {
        places[*record as usize] = place as u32;
    }
    (order, places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pages_are_windows_of_the_sorted_list(
            texts in prop::collection::vec("[abc]{0,2}", 0..60), kept in prop::collection::vec(any::<bool>(), 60),
            descending in any::<bool>(), offset in 0u32..20, limit in 0u32..20, by_text in any::<bool>(),
        ) {
            let names: Vec<u32> = (0..texts.len() as u32).rev().collect();
            let of = |row: u32| texts[row as usize].as_str();
            let order = if by_text {
                Order::by_text(&names, |row| of(row).as_bytes())
            } else {
                Order::by_rank(&names, |row| if of(row).is_empty() { 0 } else { 1 + prefix(of(row).as_bytes()) / 2 })
            };
            let set = Bits::of(texts.len() as u32, |row| kept[row as usize]);
            let mut expected: Vec<u32> = names.iter().copied().filter(|row| kept[*row as usize]).collect();
            expected.sort_by(|a, b| match (of(*a).is_empty(), of(*b).is_empty()) {
                (false, false) if descending => of(*b).cmp(of(*a)),
                (false, false) => of(*a).cmp(of(*b)),
                (a, b) => a.cmp(&b),
            });
            let expected: Vec<u32> = expected.into_iter().skip(offset as usize).take(limit as usize).collect();
            prop_assert_eq!(order.page(&set, descending, offset, limit), expected);
        }
    }

    #[test]
    fn two_halves_make_one_order() {
        let mut entries: Vec<(u64, u32)> = (0..120_000u32)
            .map(|at| (u64::from(at.wrapping_mul(2_654_435_761) % 1000), at))
            .collect();
        let mut expected = entries.clone();
        expected.sort();
        sort(&mut entries, Ord::cmp);
        assert_eq!(entries, expected);
    }

    #[test]
    fn texts_that_fold_alike_share_a_rank() {
        let texts = ["", "Zürich", "Aarhus", "zurich"];
        assert_eq!(ranks(4, |number| texts[number as usize]), [0, 2, 1, 2]);
    }
}
