//! How deep JSON is nested, told without recursion: a reader that recurses must not meet a million brackets.

/// Whether brackets are nested deeper than `limit` levels. Brackets inside strings do not count. The bytes need not be JSON.
pub(crate) fn deeper_than(limit: usize, bytes: &[u8]) -> bool {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => at = string_end(bytes, at),
            _ => {}
        }
    }
    false
}

/// Where the string that begins at `at` (after its quote) has ended.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at..]) {
        at += found + 1;
        if bytes[at - 1] == b'"' {
            return at;
        }
        at = (at + 1).min(bytes.len());
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_and_strings_do_not() {
        let three = br#"{"a":["[[[[[","\"[[[",{}]}"#;
        assert!(deeper_than(2, three) && !deeper_than(3, three));
        assert!(deeper_than(100, "[".repeat(101).as_bytes()));
        assert!(!deeper_than(100, "[]".repeat(1000).as_bytes()));
        for open in ["\"", "\"\\", "\"abc", "]]]]"] {
            assert!(!deeper_than(1, open.as_bytes()));
        }
    }
}
