//! A request and what came back, fit to be shown: no credential in it.

use crate::view::{FaultDetail, SourceKind};

/// A request and what came back, fit to be shown: credentials never enter, and answers are redacted and cut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exchange {
    /// Which system was spoken to.
    pub system: SourceKind,
    /// The method.
    pub method: String,
    /// Host, and port where it is not the usual one.
    pub host: String,
    /// The URL; values of query parameters that are not SCIM's are left out.
    pub url: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The id that the server gave the request (`X-Request-Id` and the like).
    pub request_id: Option<String>,
    /// `Content-Type` of the answer.
    pub content_type: Option<String>,
    /// The beginning of the answer, redacted.
    pub answer: Option<String>,
}

impl Exchange {
    /// The URL's path.
    pub fn path(&self) -> &str {
        let after = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let path = after.find('/').map_or("/", |at| &after[at..]);
        path.split('?').next().unwrap_or(path)
    }

    /// The lines of a fault's details.
    pub fn details(&self) -> Vec<FaultDetail> {
        let mut lines = Vec::new();
        let mut line = |name: &str, value: String| lines.push(FaultDetail { name: name.into(), value });
        line("Request", format!("{} {}", self.method, self.url));
        if let Some(status) = self.status {
            line("Status", status.to_string());
        }
        if let Some(id) = &self.request_id {
            line("Request id", id.clone());
        }
        if let Some(kind) = &self.content_type {
            line("Content type", kind.clone());
        }
        if let Some(answer) = &self.answer {
            line("Answer", answer.clone());
        }
        lines
    }
}
