//! What came instead of what was asked for.

use std::fmt;

use crate::message::ErrorBody;

/// Why a text cannot be read as a list answer or as a resource.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// There is nothing.
    #[error("the answer is empty")]
    Empty,
    /// It is a web page.
    #[error("the answer is a web page, not SCIM: the address may be wrong, or a sign-in page or a proxy stands before the server")]
    Html,
    /// It ends in the middle.
    #[error("the answer ends in the middle, after {offset} bytes")]
    CutShort {
        /// How many bytes there are.
        offset: usize,
    },
    /// It is no JSON.
    #[error("the answer is no JSON: {message} at byte {offset}")]
    NotJson {
        /// Byte offset of the place.
        offset: usize,
        /// What is wrong there.
        message: String,
    },
    /// It is JSON, and no list.
    #[error("the answer is no SCIM list, but {found}")]
    NotAList {
        /// What it is.
        found: Found,
    },
    /// Objects and lists go too deep.
    #[error("the answer nests deeper than {} levels, at byte {offset}", super::MAX_DEPTH)]
    TooDeep {
        /// Byte offset of the place.
        offset: usize,
    },
    /// A part has the wrong type.
    #[error("{what} should be {wanted}, and is {found}")]
    WrongType {
        /// The part.
        what: String,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: JsonKind,
    },
}

/// What came instead of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// A SCIM error.
    Error(Box<ErrorBody>),
    /// A resource or message of this schema.
    Schema(String),
    /// An object with these names and no schema (eight at most).
    Object(Vec<String>),
    /// JSON of another kind.
    Kind(JsonKind),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => match (&error.status, &error.detail) {
                (Some(status), Some(detail)) => write!(f, "a SCIM error with status {status}: {detail}"),
                (None, Some(detail)) => write!(f, "a SCIM error: {detail}"),
                (Some(status), None) => write!(f, "a SCIM error with status {status}"),
                (None, None) => f.write_str("a SCIM error"),
            },
            Self::Schema(urn) => write!(f, "a resource or message of the schema {urn}"),
            Self::Object(names) if names.is_empty() => f.write_str("an empty object"),
            Self::Object(names) => write!(f, "an object without Resources; it has {}", names.join(", ")),
            Self::Kind(kind) => write!(f, "{kind}"),
        }
    }
}

/// The kinds of JSON values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    List,
    /// An object.
    Object,
}

impl fmt::Display for JsonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "a truth value",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a bare list",
            Self::Object => "an object",
        })
    }
}

impl ReadError {
    /// The same error of a part, told with the offset in the whole.
    pub(crate) fn within(self, whole: &str, part: &str) -> Self {
        match self {
            Self::TooDeep { offset } => {
                let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
                Self::TooDeep {
                    offset: (start + offset).min(whole.len()),
                }
            }
            other => other,
        }
    }

    /// What `serde_json` says, with an offset in bytes.
    pub(crate) fn from_json(text: &str, error: &serde_json::Error) -> Self {
        if error.is_eof() {
            return Self::CutShort { offset: text.len() };
        }
        let offset = offset(text, error.line(), error.column());
        let message = error.to_string();
        // The place is told as an offset; lines mean little in an answer.
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        Self::NotJson {
            offset,
            message: message.to_owned(),
        }
    }
}

/// Lines and columns count from 1; the column counts bytes, and is 0 before the first byte of a line.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match text[start..].find('\n') {
            Some(end) => start += end + 1,
            None => break,
        }
    }
    (start + column.saturating_sub(1)).min(text.len())
}

/// The text of a body.
pub(crate) fn as_utf8(body: &[u8]) -> Result<&str, ReadError> {
    std::str::from_utf8(body).map_err(|error| match error.error_len() {
        None => ReadError::CutShort { offset: body.len() },
        Some(_) if looks_like_html(body) => ReadError::Html,
        Some(_) => ReadError::NotJson {
            offset: error.valid_up_to(),
            message: "bytes that are not UTF-8".to_owned(),
        },
    })
}

/// What a text begins with, before it is read.
pub(crate) fn first_thing(text: &str) -> Result<JsonKind, ReadError> {
    let start = text.trim_ascii_start();
    match start.bytes().next() {
        None => Err(ReadError::Empty),
        Some(b'{') => Ok(JsonKind::Object),
        Some(b'[') => Ok(JsonKind::List),
        Some(b'"') => Ok(JsonKind::Text),
        Some(b't' | b'f') => Ok(JsonKind::Bool),
        Some(b'n') => Ok(JsonKind::Null),
        Some(b'-' | b'0'..=b'9') => Ok(JsonKind::Number),
        Some(_) if looks_like_html(start.as_bytes()) => Err(ReadError::Html),
        Some(_) => {
            let offset = text.len() - start.len();
            Err(ReadError::NotJson {
                offset,
                message: "no JSON value begins like this".to_owned(),
            })
        }
    }
}

/// Whether a body is a web page, or other markup, by its beginning.
pub(crate) fn looks_like_html(body: &[u8]) -> bool {
    const TAGS: [&str; 9] = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<!--",
        "<?xml",
        "<script",
        "<title",
        "<h1",
    ];
    let start = &body.trim_ascii_start()[..body.trim_ascii_start().len().min(32)];
    TAGS.iter()
        .any(|tag| start.len() >= tag.len() && start[..tag.len()].eq_ignore_ascii_case(tag.as_bytes()))
}
