//! Sources: HTTP in, documents out. They know no store.

pub mod scim;

use crate::view::Fault;

/// Why a source did not answer as it should.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SourceError {
    /// The request was cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl SourceError {
    /// A stable code.
    pub fn code(&self) -> &'static str {
        "cancelled"
    }

    /// The error as a person sees it.
    pub fn fault(&self) -> Fault {
        Fault { code: self.code().into(), what: self.to_string(), means: String::new(), next: String::new(), action: None, details: Vec::new() }
    }
}
