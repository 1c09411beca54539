//! Why a PATCH request cannot be read or applied.

use crate::message::ScimType;

/// Why a PATCH request cannot be read or applied: what to answer with status 400 (RFC 7644 §3.5.2, §3.12).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{detail}", place(*.operation, .path.as_deref()))]
pub struct PatchError {
    /// The `scimType` of the answer.
    pub scim_type: ScimType,
    /// What is wrong, in plain words.
    pub detail: String,
    /// The path of the operation, or the member of its value, that is wrong.
    pub path: Option<String>,
    /// Which operation, counted from 0.
    pub operation: Option<usize>,
}

fn place(operation: Option<usize>, path: Option<&str>) -> String {
    match (operation, path) {
        (Some(index), Some(path)) => format!("operation {} ({path}): ", index + 1),
        (Some(index), None) => format!("operation {}: ", index + 1),
        (None, Some(path)) => format!("{path}: "),
        (None, None) => String::new(),
    }
}

impl PatchError {
    pub(super) fn new(scim_type: ScimType, path: Option<&str>, detail: impl Into<String>) -> Self {
        Self {
            scim_type,
            detail: detail.into(),
            path: path.map(str::to_owned),
            operation: None,
        }
    }

    pub(super) fn at(mut self, index: usize) -> Self {
        self.operation = Some(index);
        self
    }
}
