//! Search as you type: any part of any field, over all texts at once.
//!
//! A letter alone is answered from a set per byte, made with the picture. More letters are looked for with `memmem`, only in
//! records that hold each of those bytes and that matched what was typed before. Long scans run on two threads.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use lanyard_access::Clusters;
use memchr::memmem::Finder;

use super::bits::Bits;
use super::fold::words;
use super::texts::Texts;

/// How many words and queries are remembered, 125 to 250 KB each at a million people.
const REMEMBERED: usize = 48;
/// Bytes of text from which two threads are worth their start.
const LONG: usize = 1 << 20;

/// What a query found.
#[derive(Debug)]
pub struct Hits {
    /// Accounts or groups.
    pub records: Bits,
    /// Identities or linked groups that hold one of them; none where each record is its own.
    clusters: Option<Bits>,
}

impl Hits {
    /// Identities or linked groups that hold one of the records.
    pub fn clusters(&self) -> &Bits {
        self.clusters.as_ref().unwrap_or(&self.records)
    }
}

/// The clusters of a set of records.
pub fn clusters_of(records: &Bits, clusters: &Clusters) -> Bits {
    if clusters.is_trivial() {
        return records.clone();
    }
    let mut found = Bits::none(clusters.len());
    for record in records.iter() {
        found.add(clusters.of(record));
    }
    found
}

/// What makes search quick: a set of records per byte, and what was asked lately.
#[derive(Debug, Default)]
pub struct Search {
    /// By byte: the records that hold it; none where no record does.
    bytes: Vec<Option<Bits>>,
    recent: Mutex<VecDeque<(String, Arc<Hits>)>>,
}

impl Search {
    /// Reads all texts once.
    pub fn new(texts: &Texts) -> Self {
        let parts = in_two(texts.len(), texts.bytes().len(), |range| byte_words(texts, range));
        let mut bytes: Vec<Option<Bits>> = Vec::with_capacity(256);
        for byte in 0..256usize {
            let present = parts.iter().any(|part| !part[byte].is_empty());
            bytes.push(present.then(|| {
                let mut all = Vec::with_capacity(texts.len().div_ceil(64) as usize);
                for (part, range) in parts.iter().zip(halves(texts.len())) {
                    let start = all.len();
                    all.extend_from_slice(&part[byte]);
                    all.resize(start + (range.end - range.start).div_ceil(64) as usize, 0);
                }
                Bits::from_words(texts.len(), all)
            }));
        }
        Self {
            bytes,
            recent: Mutex::default(),
        }
    }

    /// The records in one field of which each word of a query is found; none where the query asks for nothing.
    pub fn find(&self, texts: &Texts, clusters: &Clusters, query: &str) -> Option<Arc<Hits>> {
        let words = words(query);
        if words.is_empty() {
            return None;
        }
        let key = words.join(" ");
        if let Some(known) = self.known(&key) {
            return Some(known);
        }
        let mut records: Option<Bits> = None;
        for word in &words {
            let found = self.word(texts, word, records.as_ref());
            match &mut records {
                Some(records) => records.and(&found),
                None => records = Some(found),
            }
        }
        let records = records?;
        let clusters = (!clusters.is_trivial()).then(|| clusters_of(&records, clusters));
        let hits = Arc::new(Hits { records, clusters });
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|(known, _)| *known != key);
        recent.truncate(REMEMBERED - 1);
        recent.push_front((key, Arc::clone(&hits)));
        Some(hits)
    }

    fn known(&self, key: &str) -> Option<Arc<Hits>> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let at = recent.iter().position(|(known, _)| known == key)?;
        let entry = recent.remove(at)?;
        let hits = Arc::clone(&entry.1);
        recent.push_front(entry);
        Some(hits)
    }

    /// The records that can hold a word: those with all its bytes, which matched each part of it that was asked lately.
    /// Parts of other words that were asked narrow as well.
    pub fn possible(&self, texts: &Texts, word: &str) -> Bits {
        let mut possible = Bits::all(texts.len());
        let mut seen = [false; 256];
        for byte in word.bytes() {
            if std::mem::replace(&mut seen[usize::from(byte)], true) {
                continue;
            }
            match self.bytes.get(usize::from(byte)) {
                Some(Some(set)) => possible.and(set),
                _ => return Bits::none(texts.len()),
            }
        }
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        for (known, hits) in recent.iter() {
            if known.split(' ').all(|part| word.contains(part)) {
                possible.and(&hits.records);
            }
        }
        possible
    }

    /// The records that hold a word in one field, among `within`.
    fn word(&self, texts: &Texts, word: &str, within: Option<&Bits>) -> Bits {
        let mut possible = self.possible(texts, word);
        if let Some(within) = within {
            possible.and(within);
        }
        if word.len() == 1 {
            return possible;
        }
        scan(texts, word, &possible)
    }

    /// Bytes of memory that it holds, without what it remembers.
    pub fn memory(&self) -> usize {
        self.bytes.iter().flatten().map(|set| set.words().len() * 8).sum()
    }
}

/// The records among `possible` that hold a text in one field.
pub fn scan(texts: &Texts, text: &str, possible: &Bits) -> Bits {
    let finder = Finder::new(text.as_bytes());
    let candidates = possible.count();
    // Looking at single records costs more per byte than running through all.
    let few = candidates < texts.len() / 6;
    let work = if few { candidates as usize * 64 } else { texts.bytes().len() };
    let parts = in_two(texts.len(), work, |range| {
        if few {
            scan_few(texts, &finder, possible, range)
        } else {
            scan_all(texts, &finder, possible, range)
        }
    });
    Bits::from_words(texts.len(), parts.concat())
}

fn scan_few(texts: &Texts, finder: &Finder<'_>, possible: &Bits, range: Range<u32>) -> Vec<u64> {
    let first = range.start as usize / 64;
    let mut found = possible.words()[first..range.end.div_ceil(64) as usize].to_vec();
    for (at, word) in found.iter_mut().enumerate() {
        let mut left = *word;
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            if finder.find(texts.record((first + at) as u32 * 64 + bit)).is_none() {
                *word &= !(1 << bit);
            }
        }
    }
    found
}

fn scan_all(texts: &Texts, finder: &Finder<'_>, possible: &Bits, range: Range<u32>) -> Vec<u64> {
    let starts = texts.starts();
    let first = range.start as usize / 64;
    let mut found = vec![0u64; range.end.div_ceil(64) as usize - first];
    let end = starts[range.end as usize] as usize;
    let mut record = range.start as usize;
    let mut from = starts[record] as usize;
    while let Some(hit) = finder.find(&texts.bytes()[from..end]) {
        let hit = from + hit;
        // The next hit is near as a rule.
        let mut step = 1;
        while starts.get(record + step).is_some_and(|start| *start as usize <= hit) {
            record += step;
            step *= 2;
        }
        while step > 0 {
            if starts.get(record + step).is_some_and(|start| *start as usize <= hit) {
                record += step;
            }
            step /= 2;
        }
        found[record / 64 - first] |= 1 << (record % 64);
        record += 1;
        if record >= range.end as usize {
            break;
        }
        from = starts[record] as usize;
    }
    for (word, possible) in found.iter_mut().zip(&possible.words()[first..]) {
        *word &= possible;
    }
    found
}

/// By byte: the words of the set of records in a range that hold it; empty where none does.
fn byte_words(texts: &Texts, range: Range<u32>) -> Vec<Vec<u64>> {
    let words = (range.end - range.start).div_ceil(64) as usize;
    let mut sets: Vec<Vec<u64>> = vec![Vec::new(); 256];
    for record in range.clone() {
        let mut held = [0u64; 4];
        for byte in texts.record(record) {
            held[usize::from(*byte >> 6)] |= 1 << (byte & 63);
        }
        // Marks are no text.
        held[3] &= (1 << 56) - 1;
        let place = record - range.start;
        for (high, part) in held.iter().enumerate() {
            let mut left = *part;
            while left != 0 {
                let set = &mut sets[high * 64 + left.trailing_zeros() as usize];
                left &= left - 1;
                if set.is_empty() {
                    set.resize(words, 0);
                }
                set[place as usize / 64] |= 1 << (place % 64);
            }
        }
    }
    sets
}

/// Two ranges of records, the border on a word of a set.
fn halves(records: u32) -> [Range<u32>; 2] {
    let middle = (records / 2).div_ceil(64) * 64;
    let middle = middle.min(records);
    [0..middle, middle..records]
}

/// Does something for two halves, at the same time where it is much.
pub fn in_two<T: Send>(records: u32, work: usize, part: impl Fn(Range<u32>) -> T + Sync) -> Vec<T> {
    let [first, second] = halves(records);
    if second.is_empty() {
        return vec![part(first)];
    }
    if work < LONG {
        return vec![part(first), part(second)];
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(|| part(second.clone()));
        let one = part(first.clone());
        // A thread that panicked has left nothing; the work is done here then, and panics here if it must.
        let two = other.join().unwrap_or_else(|_| part(second.clone()));
        vec![one, two]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::fold::fold;
    use proptest::prelude::*;

    fn slowly(records: &[Vec<String>], query: &str) -> Vec<u32> {
        let folded = fold(query).into_owned();
        let found = |record: &Vec<String>| {
            folded
                .split_whitespace()
                .all(|word| record.iter().any(|field| fold(field).contains(word)))
        };
        (0..records.len() as u32).filter(|at| found(&records[*at as usize])).collect()
    }

    proptest! {
        #[test]
        fn finds_what_folding_and_looking_finds(
            records in prop::collection::vec(prop::collection::vec("[abAéßक़日 ]{0,7}", 3), 1..150),
            queries in prop::collection::vec("[abBeéक़日 ]{0,3}", 1..8),
        ) {
            let mut texts = Texts::new(3);
            for record in &records {
                texts.push(&record.iter().map(|field| Some(field.as_str())).collect::<Vec<_>>());
            }
            let search = Search::new(&texts);
            let clusters = Clusters::single(texts.len());
            for query in queries {
                // As it is typed, letter by letter.
                let mut typed = String::new();
                for letter in query.chars() {
                    typed.push(letter);
                    let found: Vec<u32> = match search.find(&texts, &clusters, &typed) {
                        Some(hits) => hits.records.iter().collect(),
                        None => (0..texts.len()).collect(),
                    };
                    prop_assert_eq!(found, slowly(&records, &typed), "{:?}", typed);
                }
            }
        }

        #[test]
        fn both_ways_of_scanning_agree(records in prop::collection::vec("[ab]{0,6}", 1..300), word in "[ab]{2,4}") {
            let mut texts = Texts::new(1);
            for record in &records {
                texts.push(&[Some(record)]);
            }
            let finder = Finder::new(word.as_bytes());
            let all = Bits::all(texts.len());
            let parts = |few: bool| in_two(texts.len(), if few { 0 } else { LONG }, |range| {
                if few { scan_few(&texts, &finder, &all, range) } else { scan_all(&texts, &finder, &all, range) }
            }).concat();
            prop_assert_eq!(parts(true), parts(false));
        }
    }
}
