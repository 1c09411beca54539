//! A limit on nesting, checked without recursion.

use super::ReadError;

/// How deep objects and lists may go in an answer. SCIM itself needs six; readers with a stack of their own stop at 128.
pub const MAX_DEPTH: usize = 100;

/// Refuses a text that goes deeper, with the offset of the place. `outer` is how deep the text itself stands. Brackets within
/// texts do not count; what is no JSON is not looked for.
pub(super) fn check(text: &str, outer: usize) -> Result<(), ReadError> {
    let bytes = text.as_bytes();
    // Nearly every resource has fewer brackets than would be needed, and counting them is the faster walk by far.
    if outer + opening_brackets(bytes) <= MAX_DEPTH {
        return Ok(());
    }
    let mut depth = outer;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at + 1),
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(ReadError::TooDeep { offset: at });
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

/// How many opening brackets there are, in texts too. `[` and `{` differ in one bit; a byte holds the count of a short piece,
/// so that many bytes are counted at once.
fn opening_brackets(bytes: &[u8]) -> usize {
    let count = |piece: &[u8]| usize::from(piece.iter().map(|byte| u8::from(byte | 0x20 == b'{')).sum::<u8>());
    bytes.chunks(128).map(count).sum()
}

/// The place of the quote that ends a text, or the end.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    /// Whether one of the eight bytes is zero: the borrow of a subtraction reaches its top bit.
    fn has_zero(word: u64) -> bool {
        word.wrapping_sub(ONES) & !word & (ONES << 7) != 0
    }
    loop {
        while let Some(chunk) = bytes.get(at..at + 8).and_then(|chunk| <[u8; 8]>::try_from(chunk).ok()) {
            let word = u64::from_le_bytes(chunk);
            if has_zero(word ^ (ONES * b'"' as u64)) || has_zero(word ^ (ONES * b'\\' as u64)) {
                break;
            }
            at += 8;
        }
        match bytes.get(at) {
            Some(b'"') | None => return at,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}
