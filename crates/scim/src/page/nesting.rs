//! A limit on nesting, checked without recursion before anything else looks at a text.

use super::ReadError;

/// How deep objects and lists may go in an answer. SCIM itself needs six; readers with a stack of their own stop at 128.
pub const MAX_DEPTH: usize = 100;

/// Refuses a text that goes deeper. Brackets within texts do not count; what is no JSON is not looked for.
pub(super) fn check(text: &str) -> Result<(), ReadError> {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += 1;
                loop {
                    match bytes.get(at) {
                        Some(b'"') | None => break,
                        Some(b'\\') => at += 2,
                        Some(_) => at += 1,
                    }
                }
            }
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
