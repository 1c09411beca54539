//! What can go wrong in the shell itself, as a person sees it.

use lanyard_engine::view::{Fault, FaultDetail, FixAction};

/// An error of the shell.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// The engine panicked; a report was written.
    #[error("Lanyard met an error of its own")]
    Panicked,
    /// The web view named a path that no dialog gave.
    #[error("{path} was not chosen just now")]
    NotPicked {
        /// The path.
        path: String,
    },
    /// A picked file is too large to be what it should be.
    #[error("{path} has {bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// The path.
        path: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A picked file could not be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The `lanyard` program could not be started.
    #[error("the demo company's servers could not be started: {source}")]
    LabNotStarted {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// The `lanyard` program did not say where it serves.
    #[error("the demo company's servers did not come up: {reason}")]
    LabSilent {
        /// What was seen instead.
        reason: String,
    },
}

impl From<ShellError> for Fault {
    fn from(error: ShellError) -> Self {
        let (code, means, next, action) = match &error {
            ShellError::Panicked => (
                "window.panicked",
                "What was asked for was not done. What was saved before is safe.",
                "Try again. If it happens again, report it with the file in the data folder's “reports”; it holds no secrets.",
                Some(FixAction::Retry),
            ),
            ShellError::NotPicked { .. } => (
                "path.notPicked",
                "Nothing was read or written.",
                "Choose the place in the dialog again.",
                None,
            ),
            ShellError::TooLarge { .. } => (
                "file.tooLarge",
                "Nothing was taken from it.",
                "Choose the file that holds the certificate only.",
                None,
            ),
            ShellError::Unreadable { .. } => (
                "file.unreadable",
                "Nothing was taken from it.",
                "Choose a text file that you may read.",
                None,
            ),
            ShellError::LabNotStarted { .. } => (
                "demo.notStarted",
                "The demo company is not there. Your own data is not touched.",
                "Install Lanyard again, so that the “lanyard” program stands beside its window.",
                Some(FixAction::Retry),
            ),
            ShellError::LabSilent { .. } => (
                "demo.notStarted",
                "The demo company is not there. Your own data is not touched.",
                "Try again; the details say what was seen.",
                Some(FixAction::Retry),
            ),
        };
        let details = match &error {
            ShellError::LabNotStarted { program, .. } => vec![FaultDetail {
                name: "Program".into(),
                value: program.clone(),
            }],
            _ => Vec::new(),
        };
        Self {
            code: code.into(),
            what: error.to_string(),
            means: means.into(),
            next: next.into(),
            action,
            details,
        }
    }
}
