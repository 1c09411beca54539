//! Orders: each column's rows once sorted, walked both ways. Empty values come last in both directions, equal ones in name order.

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
        sort(&mut keyed);
        let filled = keyed.partition_point(|entry| entry.0 != u64::MAX) as u32;
        Self {
            rows: keyed.iter().map(|(_, place)| names[*place as usize]).collect(),
            borders: Bits::of(filled, |at| at == 0 || keyed[at as usize - 1].0 != keyed[at as usize].0),
            filled,
        }
    }

    /// Sorts rows that are in name order by a text; an empty one is no value.
    pub fn by_text<'t>(names: &[u32], text: impl Fn(u32) -> &'t [u8] + Sync) -> Self {
        let of = |place: u32| text(names[place as usize]);
        let key = |place: u32| Some(of(place)).filter(|text| !text.is_empty()).map_or(u64::MAX, prefix);
        let count = names.len() as u32;
        let mut keyed = in_two(count, names.len() * 64, |range| {
            range.map(|place| (key(place), place)).collect::<Vec<_>>()
        })
        .concat();
        sort(&mut keyed);
        let filled = keyed.partition_point(|entry| entry.0 != u64::MAX) as u32;
        let begins = refine(&mut keyed, &of);
        Self {
            rows: keyed.iter().map(|(_, place)| names[*place as usize]).collect(),
            borders: Bits::of(filled, |at| begins[at as usize]),
            filled,
        }
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

/// Sorts by key, then by number: in two halves at the same time, which are merged then.
pub fn sort(entries: &mut [(u64, u32)]) {
    if entries.len() < 50_000 {
        entries.sort_unstable();
        return;
    }
    let (low, high) = entries.split_at_mut(entries.len() / 2);
    std::thread::scope(|scope| {
        scope.spawn(|| high.sort_unstable());
        low.sort_unstable();
    });
    // Two runs: the stable sort finds and merges them.
    entries.sort();
}

/// Sorts on by the whole texts what is sorted by their first eight bytes, then by number; where another text begins.
///
/// Texts are looked at eight bytes at a time, run by run: comparing them pair by pair would fetch each of them some twenty
/// times from all over the memory.
fn refine<'t>(entries: &mut [(u64, u32)], text: &(impl Fn(u32) -> &'t [u8] + Sync)) -> Vec<bool> {
    let mut begins: Vec<bool> = (0..entries.len()).map(|at| at == 0 || entries[at - 1].0 != entries[at].0).collect();
    let middle = (entries.len() / 2..entries.len()).find(|at| begins[*at]).unwrap_or(entries.len());
    let (low, high) = entries.split_at_mut(middle);
    let (low_begins, high_begins) = begins.split_at_mut(middle);
    if low.len() < 50_000 {
        refine_part(low, low_begins, text);
        refine_part(high, high_begins, text);
    } else {
        std::thread::scope(|scope| {
            scope.spawn(|| refine_part(high, high_begins, text));
            refine_part(low, low_begins, text);
        });
    }
    begins
}

fn refine_part<'t>(entries: &mut [(u64, u32)], begins: &mut [bool], text: &impl Fn(u32) -> &'t [u8]) {
    /// Runs up to this long are sorted by comparing.
    const SHORT: usize = 12;
    let rest = |number: u32, depth: usize| text(number).get(depth..).unwrap_or_default();
    let mut runs: Vec<(usize, usize, usize)> = runs_of(begins, 0, entries.len()).map(|(start, end)| (start, end, 8)).collect();
    while let Some((start, end, depth)) = runs.pop() {
        let run = &mut entries[start..end];
        if run.len() <= SHORT {
            run.sort_unstable_by(|a, b| rest(a.1, depth).cmp(rest(b.1, depth)).then(a.1.cmp(&b.1)));
            for at in 1..run.len() {
                begins[start + at] = rest(run[at - 1].1, depth) != rest(run[at].1, depth);
            }
            continue;
        }
        let mut more = false;
        for entry in run.iter_mut() {
            let rest = rest(entry.1, depth);
            entry.0 = prefix(rest);
            more |= !rest.is_empty();
        }
        if more {
            run.sort_unstable();
            for at in 1..run.len() {
                begins[start + at] = run[at - 1].0 != run[at].0;
            }
            runs.extend(runs_of(begins, start, end).map(|(start, end)| (start, end, depth + 8)));
        }
    }
}

/// The runs of more than one entry between two places.
fn runs_of(begins: &[bool], start: usize, end: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = start;
    std::iter::from_fn(move || {
        while at < end {
            let first = at;
            at += 1;
            while at < end && !begins[at] {
                at += 1;
            }
            if at - first > 1 {
                return Some((first, at));
            }
        }
        None
    })
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

/// The records in the order of their names, and the place of each in it: by folded names, then by the names as they are.
pub fn by_name<'t>(
    records: u32,
    folded: impl Fn(u32) -> &'t [u8] + Sync,
    same: impl Fn(u32, u32) -> bool,
    original: impl Fn(u32) -> String,
) -> (Vec<u32>, Vec<u32>) {
    let mut keyed = in_two(records, records as usize * 64, |range| {
        range.map(|record| (prefix(folded(record)), record)).collect::<Vec<_>>()
    })
    .concat();
    sort(&mut keyed);
    let begins = refine(&mut keyed, &folded);
    let mut order: Vec<u32> = keyed.into_iter().map(|(_, record)| record).collect();
    for (start, end) in runs_of(&begins, 0, order.len()) {
        let run = &mut order[start..end];
        if run.windows(2).any(|pair| !same(pair[0], pair[1])) {
            run.sort_by_cached_key(|record| (original(*record), *record));
        }
    }
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
        sort(&mut entries);
        assert_eq!(entries, expected);
    }

    proptest! {
        #[test]
        fn texts_are_ordered_whole_and_equal_ones_by_number(texts in prop::collection::vec("[ab]{0,2}(aaaaaaaa){0,3}[ab]{0,2}", 0..200)) {
            let folded = |record: u32| texts[record as usize].as_bytes();
            let (order, places) = by_name(texts.len() as u32, folded, |_, _| true, |_| String::new());
            let mut expected: Vec<u32> = (0..texts.len() as u32).collect();
            expected.sort_by_key(|record| (folded(*record), *record));
            prop_assert_eq!(&order, &expected);
            prop_assert!(order.iter().enumerate().all(|(place, record)| places[*record as usize] as usize == place));
            let by_text = Order::by_text(&expected, folded);
            let (empty, filled): (Vec<u32>, Vec<u32>) = expected.iter().partition(|record| folded(**record).is_empty());
            prop_assert_eq!(by_text.rows(), &[filled.clone(), empty].concat()[..]);
            let borders: Vec<u32> = (0..filled.len()).filter(|at| *at == 0 || folded(filled[at - 1]) != folded(filled[*at])).map(|at| at as u32).collect();
            prop_assert_eq!(by_text.borders.iter().collect::<Vec<_>>(), borders);
        }
    }

    #[test]
    fn texts_that_fold_alike_share_a_rank() {
        let texts = ["", "Zürich", "Aarhus", "zurich"];
        assert_eq!(ranks(4, |number| texts[number as usize]), [0, 2, 1, 2]);
    }
}
