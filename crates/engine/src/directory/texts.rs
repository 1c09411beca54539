//! The texts of many records in one piece of memory, folded for search, with the originals beside them where folding lost something.
//!
//! Each record has the same number of fields. A field is its folded text and then [`END`]. What UTF-8 never uses marks the rest:
//! a query can never match across fields or match a mark.
//!
//! - A field that is the same text as an earlier field of its record is only [`SAME`] plus that field's number.
//! - Where folding changed nothing but the case of ASCII letters, one bit per byte tells which letters were capitals.
//! - Where it changed more, [`ODD`] stands before the end, and the original is kept whole in a table of its own.

use std::borrow::Cow;

use super::fold::fold;

/// Ends a field.
pub const END: u8 = 0xff;
/// Before the end of a field: its original is in the table of odd ones.
const ODD: u8 = 0xfe;
/// Begins a field that is the same as field 0; +1 for field 1 and so on, up to 4.
const SAME: u8 = 0xf8;
/// A folded field is cut after so many bytes; the original is whole.
const LONGEST: usize = 4096;
/// No more text is taken in when it comes near what offsets can tell.
const FULL: usize = u32::MAX as usize - 8 * (LONGEST + 8);

/// Texts of records, `fields` each.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    fields: usize,
    bytes: Vec<u8>,
    /// One bit per byte: a capital letter in the original. Shorter than needed where no capital follows.
    capitals: Vec<u64>,
    /// Where each record starts, and the end of the last.
    starts: Vec<u32>,
    /// Record × fields + field, and where its original is in `originals`; ascending.
    odd: Vec<(u64, u64)>,
    originals: String,
    /// Records of which a folded field was cut; ascending.
    cut: Vec<u32>,
}

impl Texts {
    /// No records yet, of so many fields (5 at most).
    pub fn new(fields: usize) -> Self {
        Self {
            fields: fields.min(5),
            starts: vec![0],
            ..Self::default()
        }
    }

    /// How many records there are.
    pub fn len(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    /// Adds a record. An absent field is an empty one.
    pub fn push(&mut self, fields: &[Option<&str>]) {
        for field in 0..self.fields {
            let text = fields.get(field).copied().flatten().unwrap_or_default();
            if !text.is_empty() {
                match (0..field).find(|earlier| fields[*earlier] == Some(text)) {
                    Some(earlier) => self.bytes.push(SAME + earlier as u8),
                    None => self.push_text(field, text),
                }
            }
            self.bytes.push(END);
        }
        self.starts.push(self.bytes.len() as u32);
    }

    fn push_text(&mut self, field: usize, text: &str) {
        if text.len() <= LONGEST && text.is_ascii() && self.bytes.len() < FULL {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(text.as_bytes());
            if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
                let added = &mut self.bytes[start..];
                self.capitals.resize((start + added.len()) / 64 + 1, 0);
                for (at, byte) in added.iter_mut().enumerate() {
                    let capital = byte.is_ascii_uppercase();
                    self.capitals[(start + at) / 64] |= u64::from(capital) << ((start + at) % 64);
                    *byte |= u8::from(capital) << 5;
                }
            }
            return;
        }
        let folded = fold(text);
        let room = if self.bytes.len() < FULL { LONGEST } else { 0 };
        let end = floor_boundary(&folded, room);
        self.bytes.extend_from_slice(&folded.as_bytes()[..end]);
        self.bytes.push(ODD);
        let record = self.starts.len() as u64 - 1;
        if end < folded.len() && self.cut.last().is_none_or(|last| u64::from(*last) != record) {
            self.cut.push(record as u32);
        }
        self.odd
            .push((record * self.fields as u64 + field as u64, self.originals.len() as u64));
        self.originals.push_str(text);
    }

    /// Gives back what was reserved and is not needed.
    pub fn finish(&mut self) {
        self.bytes.shrink_to_fit();
        self.capitals.shrink_to_fit();
        self.starts.shrink_to_fit();
        self.odd.shrink_to_fit();
        self.originals.shrink_to_fit();
    }

    /// All folded texts, for a scan.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where each record starts in [`Self::bytes`], and the end of the last.
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// A record's folded fields, with their ends.
    pub fn record(&self, record: u32) -> &[u8] {
        &self.bytes[self.starts[record as usize] as usize..self.starts[record as usize + 1] as usize]
    }

    /// Where a field of a record is in [`Self::bytes`], marks left out; and whether its original is an odd one.
    fn place(&self, record: u32, field: usize) -> (usize, usize, usize, bool) {
        let mut start = self.starts[record as usize] as usize;
        let limit = self.starts[record as usize + 1] as usize;
        let end_of = |start: usize| start + memchr::memchr(END, &self.bytes[start..limit]).unwrap_or(limit - start);
        let mut first = [(start, start); 5];
        for at in first.iter_mut().take(field + 1) {
            let end = end_of(start);
            *at = (start, end);
            start = (end + 1).min(limit);
        }
        let mut which = field;
        let (mut from, mut to) = first[field];
        if to > from && (SAME..ODD).contains(&self.bytes[from]) {
            which = usize::from(self.bytes[from] - SAME).min(field);
            (from, to) = first[which];
        }
        let odd = to > from && self.bytes[to - 1] == ODD;
        (from, to - usize::from(odd), which, odd)
    }

    /// Whether a record's first field is absent or empty.
    pub fn lacks_first(&self, record: u32) -> bool {
        self.record(record).first().is_none_or(|byte| *byte == END)
    }

    /// A field's folded text.
    pub fn folded(&self, record: u32, field: usize) -> &[u8] {
        let (from, to, ..) = self.place(record, field);
        &self.bytes[from..to]
    }

    /// A field as it came; empty where it is absent.
    pub fn original(&self, record: u32, field: usize) -> Cow<'_, str> {
        let (from, to, which, odd) = self.place(record, field);
        if odd {
            let number = u64::from(record) * self.fields as u64 + which as u64;
            if let Ok(at) = self.odd.binary_search_by_key(&number, |(number, _)| *number) {
                let end = self.odd.get(at + 1).map_or(self.originals.len(), |(_, end)| *end as usize);
                return Cow::Borrowed(&self.originals[self.odd[at].1 as usize..end]);
            }
        }
        let folded = std::str::from_utf8(&self.bytes[from..to]).unwrap_or_default();
        if !self.has_capitals(from, to) {
            return Cow::Borrowed(folded);
        }
        Cow::Owned(
            folded
                .char_indices()
                .map(|(at, letter)| {
                    if self.is_capital(from + at) {
                        letter.to_ascii_uppercase()
                    } else {
                        letter
                    }
                })
                .collect(),
        )
    }

    /// The same; none where it is absent or empty.
    pub fn text(&self, record: u32, field: usize) -> Option<Cow<'_, str>> {
        Some(self.original(record, field)).filter(|text| !text.is_empty())
    }

    /// Records of which a field is too long to be searched whole.
    pub fn cut(&self) -> &[u32] {
        &self.cut
    }

    /// Whether a field's original differs from the folded text by the case of ASCII letters at most.
    pub fn is_plain(&self, record: u32, field: usize) -> bool {
        !self.place(record, field).3
    }

    /// Whether two fields that fold alike have the same originals.
    pub fn same_original(&self, one: (u32, usize), other: (u32, usize)) -> bool {
        let (from, to, _, odd) = self.place(one.0, one.1);
        let (there, end, _, also_odd) = self.place(other.0, other.1);
        if odd || also_odd {
            return self.original(one.0, one.1) == self.original(other.0, other.1);
        }
        to - from == end - there && (0..to - from).all(|at| self.is_capital(from + at) == self.is_capital(there + at))
    }

    fn is_capital(&self, at: usize) -> bool {
        self.capitals.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    fn has_capitals(&self, from: usize, to: usize) -> bool {
        (from / 64..to.div_ceil(64)).any(|word| self.capitals.get(word).is_some_and(|word| *word != 0))
    }

    /// Bytes of memory that it holds.
    pub fn memory(&self) -> usize {
        self.bytes.capacity()
            + self.capitals.capacity() * 8
            + self.starts.capacity() * 4
            + self.odd.capacity() * 16
            + self.originals.capacity()
    }
}

/// The last border of a character at or before `at`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn originals_come_back_and_folded_texts_are_folded(
            records in prop::collection::vec(prop::collection::vec(prop::option::of("[aAbB@é\u{301}ßक़日]{0,6}"), 4), 0..20)
        ) {
            let mut texts = Texts::new(4);
            for record in &records {
                texts.push(&record.iter().map(Option::as_deref).collect::<Vec<_>>());
            }
            texts.finish();
            prop_assert_eq!(texts.len() as usize, records.len());
            for (at, record) in records.iter().enumerate() {
                for (field, text) in record.iter().enumerate() {
                    let text = text.clone().unwrap_or_default();
                    prop_assert_eq!(&*texts.original(at as u32, field), &text);
                    prop_assert_eq!(std::str::from_utf8(texts.folded(at as u32, field)).unwrap(), &*fold(&text));
                    prop_assert!(!texts.is_plain(at as u32, field) || text.is_ascii());
                }
            }
        }
    }

    #[test]
    fn a_very_long_text_is_cut_for_search_only() {
        let long = "Ä".repeat(9_000);
        let mut texts = Texts::new(2);
        texts.push(&[Some(&long), Some("x")]);
        assert_eq!(texts.original(0, 0), long);
        assert_eq!(texts.folded(0, 0).len(), LONGEST);
        assert_eq!(texts.folded(0, 1), b"x");
    }
}
