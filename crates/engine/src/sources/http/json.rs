//! An answer as JSON, whatever the system.

use lanyard_scim::page::MAX_DEPTH;
use serde_json::Value;

use super::{Answer, HttpClient, nesting};
use crate::sources::SourceError;

impl Answer {
    /// The JSON of an answer; an object or a list.
    ///
    /// # Errors
    /// [`SourceError::Html`], [`SourceError::TooDeep`], [`SourceError::BrokenJson`], and [`SourceError::NotScim`] for JSON of another kind.
    pub(in crate::sources) fn json(&self, http: &HttpClient) -> Result<Value, SourceError> {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.body);
        if self.looks_like_html() {
            return Err(SourceError::Html { at: self.exchange(http) });
        }
        if nesting::deeper_than(MAX_DEPTH, body) {
            return Err(SourceError::TooDeep {
                at: self.exchange(http),
                limit: MAX_DEPTH,
            });
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(value) if value.is_object() || value.is_array() => Ok(value),
            Ok(_) => Err(SourceError::NotScim {
                at: self.exchange(http),
                why: "the answer is neither an object nor a list".into(),
            }),
            Err(_) if body.trim_ascii().is_empty() => Err(SourceError::NotScim {
                at: self.exchange(http),
                why: "the answer is empty".into(),
            }),
            Err(error) => Err(SourceError::BrokenJson {
                at: self.exchange(http),
                why: http.fit_to_show(&error.to_string()),
            }),
        }
    }
}
