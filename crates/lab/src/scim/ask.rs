//! A request and its answer before they are HTTP, and what is told of them afterwards.

use bytes::Bytes;
use serde_json::Value;

use super::refusal::Refusal;
use super::store::{Family, Slot};
use crate::faults::Strikes;

/// A request below the base URL.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    pub(crate) method: String,
    /// Such as `/Users/2819c223`, percent-decoded.
    pub(crate) path: String,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
    pub(crate) body: Bytes,
    /// Whether the body is labelled as something else than JSON.
    pub(crate) mislabelled: bool,
    pub(crate) strikes: Strikes,
    /// It was answered before; now it takes effect.
    pub(crate) due: bool,
    /// Whoever asks sees every second user and group.
    pub(crate) part: bool,
}

impl Ask {
    pub(crate) fn to(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn value(&self) -> Result<Value, Refusal> {
        if self.mislabelled {
            return Err(Refusal::plain(415, "send application/scim+json"));
        }
        serde_json::from_slice(&self.body).map_err(|error| Refusal::invalid_syntax(format!("the body is no JSON: {error}")))
    }
}

/// An answer, before it becomes HTTP.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) allow: Option<&'static str>,
    pub(crate) body: Bytes,
    /// The connection ends instead.
    pub(crate) lost: bool,
}

impl Answer {
    pub(super) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self {
            status,
            body: value.to_string().into(),
            ..Self::default()
        }
    }

    pub(crate) fn refusal(refusal: &Refusal) -> Self {
        Self::json(refusal.status, &refusal.to_value())
    }

    pub(super) fn method_not_allowed(allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::refusal(&Refusal::plain(405, format!("only {allow} here")))
        }
    }
}

/// A change that somebody made, for whoever provisions from this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) family: Family,
    /// At the server that changed.
    pub(crate) id: String,
    /// Its place there, which no other ever has.
    pub(crate) slot: Slot,
    /// `externalId` as it was before.
    pub(crate) external: Option<String>,
}

/// One request as it was seen: for tests that ask what a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Counted from 1.
    pub number: u64,
    /// HTTP method.
    pub method: String,
    /// Path and query as they came.
    pub target: String,
    /// Status of the answer; 0 when the connection was dropped instead.
    pub status: u16,
}
