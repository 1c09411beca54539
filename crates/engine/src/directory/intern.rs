//! Texts that come again and again (titles, departments), each held once.

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

/// No text.
pub const NONE: u32 = 0;

/// A table of different texts, numbered from 1; 0 is no text.
#[derive(Clone, Debug)]
pub struct Interned {
    text: String,
    /// Where each text ends; text 0 is empty.
    ends: Vec<u32>,
    index: HashTable<u32>,
}

impl Default for Interned {
    fn default() -> Self {
        Self {
            text: String::new(),
            ends: vec![0],
            index: HashTable::new(),
        }
    }
}

impl Interned {
    /// The number of a text; a new one when it was not there. Empty texts are no text.
    pub fn add(&mut self, text: Option<&str>) -> u32 {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return NONE;
        };
        let hash = xxh3_64(text.as_bytes());
        if let Some(number) = self.index.find(hash, |number| slice(&self.text, &self.ends, *number) == text) {
            return *number;
        }
        let Ok(end) = u32::try_from(self.text.len() + text.len()) else {
            return NONE;
        };
        self.text.push_str(text);
        self.ends.push(end);
        let number = self.ends.len() as u32 - 1;
        let (all, ends) = (&self.text, &self.ends);
        self.index
            .insert_unique(hash, number, |number| xxh3_64(slice(all, ends, *number).as_bytes()));
        number
    }

    /// The text of a number; empty for 0.
    pub fn get(&self, number: u32) -> &str {
        slice(&self.text, &self.ends, number)
    }

    /// The text of a number; none for 0.
    pub fn text(&self, number: u32) -> Option<&str> {
        (number != NONE).then(|| self.get(number))
    }

    /// How many numbers there are, 0 included.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Gives back what only adding needs.
    pub fn finish(&mut self) {
        self.index = HashTable::new();
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Bytes of memory that it holds.
    pub fn memory(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * 4 + self.index.capacity() * 5
    }
}

fn slice<'t>(text: &'t str, ends: &[u32], number: u32) -> &'t str {
    let at = number as usize;
    match (at.checked_sub(1).and_then(|before| ends.get(before)), ends.get(at)) {
        (Some(start), Some(end)) => &text[*start as usize..*end as usize],
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_has_the_same_number() {
        let mut table = Interned::default();
        let numbers: Vec<u32> = ["Ops", "", "ops", "Ops"].iter().map(|text| table.add(Some(text))).collect();
        assert_eq!(numbers, [1, 0, 2, 1]);
        assert_eq!(table.add(None), NONE);
        table.finish();
        assert_eq!(
            (table.get(1), table.get(2), table.get(0), table.text(0), table.len()),
            ("Ops", "ops", "", None, 3)
        );
    }
}
