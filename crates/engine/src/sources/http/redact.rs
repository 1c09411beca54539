//! Redaction: what servers send back can hold what was sent to them.

use std::sync::{Mutex, PoisonError};

use url::Url;

use crate::secrets::Secret;

/// How much of an answer is shown, in characters.
const SHOWN: usize = 300;
/// How much of an answer is looked at, in bytes.
const LOOKED_AT: usize = 8192;
/// From this length on, a run of characters that could be a key is taken for one.
const RUN: usize = 24;
const MASK: &str = "[redacted]";

/// Knows a source's secrets, to take them out of texts.
#[derive(Default)]
pub(super) struct Redactor {
    known: Mutex<Vec<Secret>>,
}

impl Redactor {
    /// Learns a secret, as it is and as it stands in a URL.
    pub(super) fn learn(&self, secret: &str) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        for form in [secret, secret.trim(), encoded.as_str()] {
            if !form.is_empty() && !known.iter().any(|old| old.expose() == form) {
                known.push(Secret::new(form.to_owned()));
            }
        }
        // The longest first: a shorter one may be a part of it.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    }

    /// The text without the secrets that are known.
    pub(super) fn mask(&self, text: &str) -> String {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.iter().fold(text.to_owned(), |text, secret| replaced(&text, secret.expose()))
    }

    /// The beginning of an answer, fit to be kept as evidence: no known secret, nothing that looks like a key save GUIDs, which name things,
    /// one line, so many characters.
    pub(super) fn excerpt(&self, bytes: &[u8], characters: usize) -> String {
        self.shown(bytes, characters, true)
    }

    /// The beginning of an answer, fit to be shown: no known secret, nothing that looks like a key, one line, 300 characters.
    pub(super) fn clean(&self, bytes: &[u8]) -> String {
        self.shown(bytes, SHOWN, false)
    }

    fn shown(&self, bytes: &[u8], characters: usize, names: bool) -> String {
        let cut = bytes.len() > LOOKED_AT;
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)]).replace("\\/", "/");
        let mut text = mask_runs(&self.mask(&text), names);
        if cut {
            // A secret may begin before the cut: the last word goes.
            let end = text.rfind(|c: char| !could_be_key(c)).unwrap_or(0);
            text.truncate(end);
        }
        let line = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        match line.char_indices().nth(characters) {
            Some((at, _)) => format!("{}…", &line[..at]),
            None => line,
        }
    }
}

/// The text with each occurrence of a secret masked, whatever the case of its letters: some servers fold it.
fn replaced(text: &str, secret: &str) -> String {
    let (hay, needle) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    // Folding ASCII letters moves no byte, so places in one text are places in the other.
    for (at, found) in hay.match_indices(&needle) {
        out.push_str(&text[from..at]);
        out.push_str(MASK);
        from = at + found.len();
    }
    out.push_str(&text[from..]);
    out
}

fn could_be_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-' | '~')
}

/// Whether it is a GUID, which names something and opens nothing.
fn is_guid(run: &str) -> bool {
    let mut lengths = run.split('-').map(|part| (part.len(), part.bytes().all(|b| b.is_ascii_hexdigit())));
    [8, 4, 4, 4, 12].into_iter().all(|length| lengths.next() == Some((length, true))) && lengths.next().is_none()
}

/// Takes out long runs that look like base64 or hex: mixed letters and digits, or longer than any word. With `names`, GUIDs stay, alone or as
/// parts of a path.
fn mask_runs(text: &str, names: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !could_be_key(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if names && run.contains('/') && run.split('/').any(is_guid) {
            // A resource id: each part by itself.
            let parts: Vec<String> = run.split('/').map(|part| mask_runs(part, true)).collect();
            out.push_str(&parts.join("/"));
            let step = after.chars().next().map_or(0, char::len_utf8);
            out.push_str(&after[..step]);
            rest = &after[step..];
            continue;
        }
        let mixed = run.bytes().any(|b| b.is_ascii_digit()) && run.bytes().any(|b| b.is_ascii_alphabetic());
        if (run.len() >= 2 * RUN || (run.len() >= RUN && mixed)) && !(names && is_guid(run)) {
            out.push_str(MASK);
        } else {
            out.push_str(run);
        }
        let step = after.chars().next().map_or(0, char::len_utf8);
        out.push_str(&after[..step]);
        rest = &after[step..];
    }
    out
}

/// Whether a text has a run in it that looks like a key. GUIDs do not: they name things.
pub(in crate::sources) fn looks_like_key(text: &str) -> bool {
    mask_runs(text, true) != text
}

/// A URL fit to be shown: without user and password, and of the query only what SCIM, OData and the Resource
/// Manager themselves define, cut where long.
pub(super) fn shown_url(url: &Url) -> String {
    const OPEN: &[&str] = &[
        "startIndex",
        "count",
        "filter",
        "sortBy",
        "sortOrder",
        "attributes",
        "excludedAttributes",
        "cursor",
        "$select",
        "$top",
        "$filter",
        "$expand",
        "$count",
        "api-version",
    ];
    let mut shown = format!("{}{}", url.origin().ascii_serialization(), url.path());
    for (at, (name, value)) in url.query_pairs().enumerate() {
        shown.push(if at == 0 { '?' } else { '&' });
        let value = match () {
            () if !OPEN.contains(&name.as_ref()) => "…".to_owned(),
            // A cursor can be anything, keys included.
            () if name == "cursor" && !value.is_empty() => format!("{}…", value.chars().take(6).collect::<String>()),
            () => value.chars().take(200).collect(),
        };
        shown.push_str(&name.chars().take(60).collect::<String>());
        shown.push('=');
        shown.push_str(&value);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        let redactor = Redactor::default();
        redactor.learn("tok/en+1");
        redactor
    }

    #[test]
    fn known_secrets_go_in_every_form() {
        for text in [
            "x tok/en+1 y",
            "x TOK/en+1 y",
            "x tok%2Fen%2B1 y",
            "x tok%2fen%2b1 y",
            "x tok\\/en+1 y",
        ] {
            assert_eq!(redactor().clean(text.as_bytes()), "x [redacted] y");
        }
    }

    #[test]
    fn what_looks_like_a_key_goes() {
        let clean = |text: &str| redactor().clean(text.as_bytes());
        assert_eq!(clean("a 0123456789abcdef0123456789abcdef b"), "a [redacted] b");
        assert_eq!(
            clean("jwt eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.x"),
            "jwt [redacted].[redacted].x"
        );
        let plain = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"401","detail":"Unauthorized"}"#;
        assert_eq!(clean(plain), plain);
    }

    #[test]
    fn excerpts_keep_what_names_a_thing() {
        let guid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        let id = format!("/subscriptions/{guid}/providers/Microsoft.Authorization/roleAssignments/{guid}");
        for text in [guid, id.as_str()] {
            assert_eq!(redactor().excerpt(text.as_bytes(), 2000), text);
            assert!(redactor().clean(text.as_bytes()).contains(MASK));
        }
        let key = "0123456789abcdef0123456789abcdef";
        assert_eq!(
            redactor().excerpt(format!("tok/en+1 {key} /a/{guid}/{key}").as_bytes(), 2000),
            format!("{MASK} {MASK} /a/{guid}/{MASK}")
        );
        assert_eq!(redactor().excerpt(&b"a ".repeat(4000), 2000).chars().count(), 2001);
    }

    #[test]
    fn long_answers_are_cut_in_one_line() {
        let shown = redactor().clean("a\n\tb ".repeat(5000).as_bytes());
        assert_eq!(shown.chars().count(), SHOWN + 1);
        assert!(!shown.contains('\n'));
        // A secret across the border of what is looked at leaves no half behind.
        let mut text = vec![b'='; LOOKED_AT - 4];
        text.extend_from_slice(b"tok/en+1");
        assert!(!redactor().clean(&text).contains("tok"));
        assert!(!redactor().clean(&[0xff, 0xfe, b'a', 0]).is_empty());
    }

    #[test]
    fn urls_show_only_what_scim_defines() {
        let url = Url::parse("https://u:p@idp.example/scim/v2/Users?startIndex=1&key=s3cr3t&cursor=abcdefghij").unwrap();
        assert_eq!(
            shown_url(&url),
            "https://idp.example/scim/v2/Users?startIndex=1&key=…&cursor=abcdef…"
        );
    }
}
