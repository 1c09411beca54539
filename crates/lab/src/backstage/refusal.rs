//! Why the portal does not do what it was asked, in the shape of Backstage's error middleware.

use serde_json::{Value, json};

/// An error with the name of its class in `@backstage/errors`, which decides the status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status} {name}: {message}")]
pub struct PortalRefusal {
    /// HTTP status.
    pub status: u16,
    /// Such as `NotAllowedError`.
    pub name: &'static str,
    /// For people.
    pub message: String,
}

impl PortalRefusal {
    fn new(status: u16, name: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            name,
            message: message.into(),
        }
    }

    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::new(400, "InputError", message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, "AuthenticationError", message)
    }

    pub(crate) fn not_allowed(message: impl Into<String>) -> Self {
        Self::new(403, "NotAllowedError", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "NotFoundError", message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "ConflictError", message)
    }

    pub(crate) fn broken(status: u16, message: impl Into<String>) -> Self {
        Self::new(status, "Error", message)
    }

    /// What express answers where no route is.
    pub(crate) fn no_route(method: &str, path: &str) -> Self {
        Self::not_found(format!("Cannot {method} {path}"))
    }

    /// The body; `url` is the path below the plugin's own root.
    pub(crate) fn body(&self, method: &str, url: &str) -> Value {
        json!({
            "error": {"name": self.name, "message": self.message},
            "request": {"method": method, "url": url},
            "response": {"statusCode": self.status},
        })
    }
}
