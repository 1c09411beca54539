//! Errors as servers answer them (RFC 7644 §3.12, RFC 9865 §2.3), and what they send instead.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::fields::{Fields, as_text, read_by_value};
use crate::schema::words;
use crate::text;

words! {
    /// The kinds of errors (RFC 7644 §3.12, table 9; RFC 9865 §2.3).
    ScimType {
        /// The filter is wrong or not supported.
        InvalidFilter = "invalidFilter",
        /// There are more results than the server is willing to return.
        TooMany = "tooMany",
        /// A value that must be unique is taken.
        Uniqueness = "uniqueness",
        /// The change is not allowed for that attribute.
        Mutability = "mutability",
        /// The request's structure is wrong.
        InvalidSyntax = "invalidSyntax",
        /// The path is wrong.
        InvalidPath = "invalidPath",
        /// The path leads to nothing.
        NoTarget = "noTarget",
        /// A value is missing or wrong.
        InvalidValue = "invalidValue",
        /// The protocol's version is not supported.
        InvalidVers = "invalidVers",
        /// The request would show sensitive data in its URI.
        Sensitive = "sensitive",
        /// The cursor is wrong.
        InvalidCursor = "invalidCursor",
        /// The cursor is too old: begin again.
        ExpiredCursor = "expiredCursor",
        /// The count is wrong, or differs from that of the first page.
        InvalidCount = "invalidCount",
    }
}

impl ScimType {
    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            Self::Sensitive => 403,
            _ => 400,
        }
    }
}

/// A SCIM error (RFC 7644 §3.12).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ErrorBody {
    /// The HTTP status, which servers send as a text or as a number.
    pub status: Option<u16>,
    /// What kind of error it is. A word that the RFCs do not know stays in `other`.
    pub scim_type: Option<ScimType>,
    /// What is wrong, for people.
    pub detail: Option<String>,
    /// Other members, as they were.
    pub other: Map<String, Value>,
}

impl ErrorBody {
    /// An error to answer with. The detail should help a person.
    pub fn new(status: u16, scim_type: Option<ScimType>, detail: impl Into<String>) -> Self {
        Self {
            status: Some(status),
            scim_type,
            detail: Some(detail.into()),
            other: Map::new(),
        }
    }

    /// Reads an error tolerantly; `schemas` is not asked for.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        let status = fields.number("status").and_then(|status| u16::try_from(status).ok());
        let scim_type = fields.word("scimType", ScimType::from_name);
        let detail = fields.text("detail");
        let mut other = fields.rest();
        if let Some(key) = text::key_of(&other, "schemas") {
            other.shift_remove(&key);
        }
        Self {
            status,
            scim_type,
            detail,
            other,
        }
    }
}

impl Serialize for ErrorBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schemas", &[crate::urn::ERROR])?;
        if let Some(kind) = self.scim_type {
            map.serialize_entry("scimType", &kind)?;
        }
        if let Some(detail) = &self.detail {
            map.serialize_entry("detail", detail)?;
        }
        if let Some(status) = self.status {
            map.serialize_entry("status", &status.to_string())?;
        }
        for (name, value) in &self.other {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

read_by_value!(ErrorBody);

/// What came with an error status.
#[derive(Debug, Clone, PartialEq)]
pub enum ErrorAnswer {
    /// A SCIM error, or JSON with the same members.
    Scim(ErrorBody),
    /// Other JSON, with the message that could be found in it.
    Json(Option<String>),
    /// A web page, with its title.
    Html(Option<String>),
    /// Some text, cut to 300 characters.
    Text(String),
    /// Nothing.
    Empty,
}

impl ErrorAnswer {
    /// Reads the body of an answer with an error status, whatever it is.
    pub fn read(body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
        if body.is_empty() {
            return Self::Empty;
        }
        if let Ok(value) = serde_json::from_slice::<Value>(body) {
            return Self::from_json(value);
        }
        let text = String::from_utf8_lossy(&body[..body.len().min(64 * 1024)]);
        if crate::page::looks_like_html(body) {
            return Self::Html(title(&text));
        }
        Self::Text(text.chars().filter(|c| !c.is_control() || *c == '\n').take(300).collect())
    }

    fn from_json(value: Value) -> Self {
        let Value::Object(map) = &value else {
            return Self::Json(as_text(&value));
        };
        let is_error = |schema: &Value| schema.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(crate::urn::ERROR));
        let named = text::get(map, "schemas")
            .and_then(Value::as_array)
            .is_some_and(|schemas| schemas.iter().any(is_error));
        if named || text::get(map, "scimType").is_some() || text::get(map, "detail").is_some_and(Value::is_string) {
            return Self::Scim(ErrorBody::from_value(value));
        }
        Self::Json(message(map, 0))
    }

    /// What is wrong, for people, when the server said it.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Scim(body) => body.detail.as_deref(),
            Self::Json(text) | Self::Html(text) => text.as_deref(),
            Self::Text(text) => Some(text),
            Self::Empty => None,
        }
    }

    /// The kind of error, when the server said it.
    pub fn scim_type(&self) -> Option<ScimType> {
        match self {
            Self::Scim(body) => body.scim_type,
            _ => None,
        }
    }
}

impl fmt::Display for ErrorAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scim(ErrorBody {
                scim_type: Some(kind),
                detail: Some(detail),
                ..
            }) => write!(f, "{kind}: {detail}"),
            Self::Scim(ErrorBody { scim_type: Some(kind), .. }) => write!(f, "{kind}"),
            Self::Scim(ErrorBody { detail: Some(detail), .. }) => f.write_str(detail),
            Self::Scim(_) => f.write_str("a SCIM error without detail"),
            Self::Json(Some(message)) | Self::Text(message) => f.write_str(message),
            Self::Json(None) => f.write_str("JSON that is no SCIM error"),
            Self::Html(Some(title)) => write!(f, "a web page with the title \"{title}\""),
            Self::Html(None) => f.write_str("a web page"),
            Self::Empty => f.write_str("an empty answer"),
        }
    }
}

/// The message in an error of another kind: OAuth's (RFC 6749), SCIM 1.1's `Errors`, problem details, and plain habits.
fn message(map: &Map<String, Value>, depth: usize) -> Option<String> {
    const NAMES: [&str; 10] = [
        "error_description",
        "errorSummary",
        "message",
        "errorMessage",
        "description",
        "title",
        "reason",
        "error",
        "errors",
        "fault",
    ];
    if depth > 3 {
        return None;
    }
    NAMES.iter().filter_map(|name| text::get(map, name)).find_map(|value| match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Object(map) => message(map, depth + 1),
        Value::Array(items) => items.iter().find_map(|item| match item {
            Value::Object(map) => message(map, depth + 1),
            Value::String(text) => Some(text.clone()),
            _ => None,
        }),
        _ => None,
    })
}

fn title(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let title: String = html[start..end]
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(120)
        .collect();
    (!title.is_empty()).then_some(title)
}
