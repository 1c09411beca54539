//! Errors as SCIM answers them (RFC 7644 §3.12).

use lanyard_scim::message::{ErrorBody, ScimType};
use serde_json::Value;

/// A request that was refused: status, `scimType` where the RFC has one, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {detail}")]
pub struct Refusal {
    /// HTTP status code.
    pub status: u16,
    /// The keyword of RFC 7644 §3.12 or RFC 9865 §2.3.
    pub scim_type: Option<ScimType>,
    /// What went wrong, for people.
    pub detail: String,
}

impl Refusal {
    pub(crate) fn plain(status: u16, detail: impl Into<String>) -> Self {
        Self {
            status,
            scim_type: None,
            detail: detail.into(),
        }
    }

    pub(crate) fn of(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self {
            status: scim_type.status(),
            scim_type: Some(scim_type),
            detail: detail.into(),
        }
    }

    pub(crate) fn invalid_value(detail: impl Into<String>) -> Self {
        Self::of(ScimType::InvalidValue, detail)
    }

    pub(crate) fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::of(ScimType::InvalidSyntax, detail)
    }

    pub(crate) fn not_found(id: &str) -> Self {
        Self::plain(404, format!("Resource {id} not found"))
    }

    /// The error message of RFC 7644 §3.12.
    pub(crate) fn to_value(&self) -> Value {
        // The fields are texts and a number: turning them into a value cannot fail.
        serde_json::to_value(ErrorBody::new(self.status, self.scim_type, self.detail.clone())).unwrap_or_default()
    }
}
