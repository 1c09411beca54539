//! A page off the wire: each resource's place in the body and its id's hash, in one walk and without copies.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use lanyard_scim::page::Quirk;
use lanyard_scim::{Page, ReadError};
use xxhash_rust::xxh3::xxh3_128;

use super::reading::Facts;

/// Ids beyond this length are no ids: they would weigh down every index that holds them.
const LONGEST_ID: usize = 2048;
/// From this size on, a page is read on a thread that may block.
const LARGE: usize = 64 * 1024;

/// A page, read as far as paging needs.
pub(in crate::sources) struct ReadPage {
    pub(in crate::sources) body: Bytes,
    /// Places of the resources with a usable id, in order; as many as `facts.ids`.
    pub(in crate::sources) resources: Vec<Range<usize>>,
    pub(in crate::sources) facts: Facts,
}

impl ReadPage {
    /// The document at that place.
    pub(super) fn document(&self, at: usize) -> Option<&[u8]> {
        self.body.get(self.resources.get(at)?.clone())
    }
}

/// Reads a page, away from the reactor when it is large.
pub(super) async fn read(body: Bytes) -> Result<ReadPage, ReadError> {
    if body.len() < LARGE {
        return read_now(body);
    }
    match tokio::task::spawn_blocking(move || read_now(body)).await {
        Ok(read) => read,
        // The runtime is going down; nobody will look at this.
        Err(_) => Err(ReadError::CutShort { offset: 0 }),
    }
}

/// Reads a page.
pub(super) fn read_now(body: Bytes) -> Result<ReadPage, ReadError> {
    let page = Page::read(&body)?;
    let start = body.as_ptr() as usize;
    let mut resources = Vec::with_capacity(page.resources.len());
    let mut ids = Vec::with_capacity(page.resources.len());
    let mut unreadable = 0;
    for raw in &page.resources {
        let text = raw.get();
        match id(text) {
            Some(id) => {
                ids.push(xxh3_128(id.as_bytes()));
                // A raw value borrows from the body: its place is the difference of two addresses.
                let from = text.as_ptr() as usize - start;
                resources.push(from..from + text.len());
            }
            None => unreadable += 1,
        }
    }
    for quirk in &page.quirks {
        match quirk {
            Quirk::NotObjects(count) => unreadable += *count as u64,
            quirk => tracing::trace!(%quirk, "list answer"),
        }
    }
    let facts = Facts {
        ids,
        unreadable,
        total: page.total,
        next_cursor: page.next_cursor.map(Cow::into_owned),
    };
    Ok(ReadPage { body, resources, facts })
}

/// The `id` of a resource: a text or a number that is not empty nor absurdly long. The JSON is sound already.
pub(super) fn id(json: &str) -> Option<Cow<'_, str>> {
    let bytes = json.as_bytes();
    let mut at = after_space(bytes, 1);
    while *bytes.get(at)? == b'"' {
        let key_end = string_end(bytes, at + 1);
        let is_id = bytes.get(at + 1..key_end.saturating_sub(1))?.eq_ignore_ascii_case(b"id");
        let colon = after_space(bytes, key_end);
        let value = after_space(bytes, colon + 1);
        let end = value_end(bytes, value);
        if is_id {
            return usable(json.get(value..end)?);
        }
        let comma = after_space(bytes, end);
        if *bytes.get(comma)? != b',' {
            return None;
        }
        at = after_space(bytes, comma + 1);
    }
    None
}

fn usable(value: &str) -> Option<Cow<'_, str>> {
    let text: Cow<'_, str> = match value.as_bytes().first()? {
        b'"' if value.contains('\\') => Cow::Owned(serde_json::from_str(value).ok()?),
        b'"' => Cow::Borrowed(value.get(1..value.len() - 1)?),
        b'-' | b'0'..=b'9' => Cow::Borrowed(value),
        _ => return None,
    };
    (!text.trim().is_empty() && text.len() <= LONGEST_ID).then_some(text)
}

fn after_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// After the closing quote of the string whose first character is at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if bytes[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

fn value_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at + 1);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                if depth == 0 {
                    return at;
                }
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_are_found_wherever_they_stand() {
        for (json, expected) in [
            (r#"{"id":"a"}"#, Some("a")),
            (r#"{ "schemas" : ["x","id"] , "id" : "a b" , "x":1}"#, Some("a b")),
            (r#"{"x":{"id":"no"},"y":[{"id":"no"}],"ID":"yes"}"#, Some("yes")),
            (r#"{"x":"\"id\":\"no\"","id":"\u0061\/"}"#, Some("a/")),
            (r#"{"n":-1.5e3,"b":true,"z":null,"id":17}"#, Some("17")),
            (r#"{"id":""}"#, None),
            (r#"{"id":"  "}"#, None),
            (r#"{"id":null}"#, None),
            (r#"{"id":true}"#, None),
            (r#"{"id":{"id":"a"}}"#, None),
            (r#"{"id":["a"]}"#, None),
            (r#"{}"#, None),
            (r#"{ }"#, None),
            (r#"{"x":"id"}"#, None),
        ] {
            assert_eq!(id(json).as_deref(), expected, "{json}");
        }
        assert_eq!(id(&format!(r#"{{"id":"{}"}}"#, "x".repeat(LONGEST_ID + 1))), None);
    }

    #[test]
    fn places_are_those_of_the_documents() {
        let body = Bytes::from_static(br#"{"totalResults":3,"Resources":[ {"id":"a"}, 7, {"id":""},{"id":"b","x":[1]} ]}"#);
        let page = read_now(body).unwrap();
        assert_eq!(page.document(0), Some(&br#"{"id":"a"}"#[..]));
        assert_eq!(page.document(1), Some(&br#"{"id":"b","x":[1]}"#[..]));
        assert_eq!((page.document(2), page.facts.unreadable, page.facts.total), (None, 2, Some(3)));
    }

    proptest! {
        #[test]
        fn agrees_with_a_whole_reading(json in json_object()) {
            let text = serde_json::to_string(&json).unwrap();
            let slow = json.as_object().and_then(|map| map.get("id")).and_then(|id| match id {
                serde_json::Value::String(text) => Some(text.clone()),
                serde_json::Value::Number(number) => Some(number.to_string()),
                _ => None,
            }).filter(|id| !id.trim().is_empty());
            prop_assert_eq!(id(&text).map(Cow::into_owned), slow);
        }

        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = id(&text);
            let _ = read_now(Bytes::from(text));
        }
    }

    fn json_object() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "[ -~]{0,8}".prop_map(Into::into),
            "\\PC{0,4}".prop_map(Into::into),
        ];
        let value = leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::vec(("[a-z]{1,2}", inner), 0..4).prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
            ]
        });
        (
            prop::collection::vec(("[a-c]{1,3}", value.clone()), 0..4),
            prop::option::of(value),
            any::<bool>(),
        )
            .prop_map(|(pairs, id, first)| {
                let mut map: serde_json::Map<_, _> = serde_json::Map::new();
                if let (true, Some(id)) = (first, id.clone()) {
                    map.insert("id".into(), id);
                }
                map.extend(pairs);
                if let Some(id) = id {
                    map.insert("id".into(), id);
                }
                serde_json::Value::Object(map)
            })
    }
}
