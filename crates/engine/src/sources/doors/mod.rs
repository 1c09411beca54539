//! Doors: what a de-provisioning run asks of a system and writes to it, whatever its kind.
//!
//! Each source's own room makes the [`Write`]s and the [`Look`]s that its system knows (`acts` and `looks`). A write is made before it is sent, so
//! that it can be shown as it will go; a look says what was seen, from what answers.
//!
//! | module | what it does |
//! | --- | --- |
//! | `sending` | a write goes out: to the source's own origins, once |
//! | `knock` | whether a credential that was handed over still opens anything |
//! | `told` | what a look saw, with the journal of its questions |
//! | `whose` | whose credential a source has |
//! | `meanings` | what a soft and a hard cut mean at products that are known |
//!
//! Whoever looks and meanwhile cancels gets a look that could not be told: it is not to be recorded.

mod knock;
mod meanings;
mod sending;
mod told;
mod whose;

use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::SourceError;
use crate::view::{Fault, Request};

pub(in crate::sources) use knock::{Knock, knock};
pub use meanings::{Meanings, meanings};
pub(in crate::sources) use sending::send;
pub(in crate::sources) use told::{Control, Left, Told, told};
pub use whose::Whose;

/// Whether a write may be sent again when it is not known whether it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Repeat {
    /// Sent twice, it leaves the same as sent once: a PATCH to a state, a DELETE.
    Safe,
    /// It makes something new: it is looked for first.
    LookFirst,
}

/// A write, ready to be sent. Its address is on one of the source's own origins; the credential is added when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Write {
    /// What is sent.
    pub request: Request,
    /// Whether it may be sent again.
    pub repeat: Repeat,
}

impl Write {
    /// A write without headers of its own.
    pub fn new(method: &Method, url: impl Into<String>, body: Option<&serde_json::Value>, repeat: Repeat) -> Self {
        Self {
            request: Request {
                method: method.to_string(),
                url: url.into(),
                headers: Vec::new(),
                body: body.map(ToString::to_string),
            },
            repeat,
        }
    }

    /// With this header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What removes something: a request, or, where the system's API offers none, words for a person. Verified afterwards all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Deed {
    /// Writes, of which one is to be taken: the next is sent only where the one before was refused in a way that [`refused_by_form`] knows.
    Writes(Vec<Write>),
    /// A person does it.
    ByHand {
        /// Why no request is sent.
        why: String,
        /// What to do, where, as written out for a person.
        what: String,
    },
}

/// Whether a server refused a write for its form alone, so that another form of it may do better: it did nothing.
pub fn refused_by_form(asked: &Asked) -> bool {
    matches!(asked.status, Some(400 | 405 | 415 | 422 | 501))
}

/// A question or a write, and its answer, as evidence keeps them. Never a secret: texts are redacted as errors are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The request.
    pub request: Request,
    /// The status; none where no answer came.
    pub status: Option<u16>,
    /// The request's id, as the server names it.
    pub request_id: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What the answer says about the subject: 2,000 characters at most.
    pub excerpt: String,
    /// SHA-256 of the whole body, in hexadecimal; none where no answer came.
    pub sha256: Option<String>,
    /// Why no answer came.
    pub fault: Option<Fault>,
}

/// What a look saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Seen {
    /// It is there, and gives access.
    There,
    /// It is there, and is switched off: an inactive account, an orphan, a soft-deleted user.
    Off,
    /// It is not there. Said only where the system was seen to answer for what is there.
    Gone,
    /// It could not be told: see [`Look::says`].
    NotEvaluated,
}

/// Something that a look found: a group, an assignment, a role, an entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Thing {
    /// Its id at the source.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What more there is to say: "on vault-prod", "nested in backup-operators".
    pub note: Option<String>,
    /// The whole of it as the source gave it, where a write needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<serde_json::Value>,
}

/// The answer to one question of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Look {
    /// What was seen.
    pub seen: Seen,
    /// What is there still, or what was asked about.
    pub things: Vec<Thing>,
    /// In words, with the reason where it could not be told.
    pub says: String,
    /// The questions and answers behind it.
    pub asked: Vec<Asked>,
}

impl Look {
    /// One that could not be told.
    pub fn not_evaluated(says: impl Into<String>, asked: Vec<Asked>) -> Self {
        Self {
            seen: Seen::NotEvaluated,
            things: Vec::new(),
            says: says.into(),
            asked,
        }
    }

    /// One that an error ended.
    pub fn failed(error: &SourceError, asked: Vec<Asked>) -> Self {
        Self::not_evaluated(error.to_string(), asked)
    }
}
