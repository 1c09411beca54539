//! Evidence of a run: signed, exported, and checked without the machine that made it.
//!
//! [`seal`] turns a closed run into the bytes of `record.json` and its signature; the caller keeps both as they are. [`export()`] packs them with a
//! report, the personal values (or without them), and the recipe to check all of it with `openssl` and `sha256sum`. [`verify()`] checks a pack.
//! Nothing here reaches a network, the ledger or the keychain. The format is written down in `docs/evidence.md`.

mod export;
mod files;
mod key;
mod pack;
mod record;
mod report;
mod sums;
#[cfg(test)]
mod tests;
mod verify;

pub use export::{Stored, export};
pub use key::{EvidenceKey, PublicKey};
pub use record::{Closing, FORMAT, Link, Sealed, seal};
pub use verify::{KnownKey, verify};

use crate::view::{Fault, FaultDetail, sentence};

/// Why evidence could not be made or written.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The run is not closed, so there is nothing to sign yet.
    #[error("run {run} is not closed")]
    Open {
        /// The run.
        run: i64,
    },
    /// What is to be signed does not hold together.
    #[error("the evidence of run {run} does not hold together: {problem}")]
    Unsound {
        /// The run.
        run: i64,
        /// What does not fit.
        problem: String,
    },
    /// A key that cannot be read.
    #[error("the key cannot be read: {problem}")]
    Key {
        /// What is wrong with it.
        problem: String,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
    /// There is something at the place to write to.
    #[error("{path} exists already")]
    Exists {
        /// The place.
        path: String,
    },
    /// The report could not be drawn.
    #[error("the report could not be drawn as PDF: {problem}")]
    Report {
        /// What is wrong.
        problem: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

impl EvidenceError {
    /// A stable code such as `evidence.exists`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Open { .. } => "evidence.open",
            Self::Unsound { .. } => "evidence.unsound",
            Self::Key { .. } => "evidence.key",
            Self::Random { .. } => "evidence.random",
            Self::Exists { .. } => "evidence.exists",
            Self::Report { .. } => "evidence.report",
            Self::File { .. } => "evidence.file",
        }
    }

    /// The error as a person sees it.
    pub fn fault(&self) -> Fault {
        let (means, next) = match self {
            Self::Open { .. } => ("Nothing was signed and nothing was written.", "Close the run first."),
            Self::Unsound { .. } => (
                "Nothing was signed: a signature would vouch for something that is not so.",
                "Verify the audit log; if its chain holds, report this as a defect.",
            ),
            Self::Key { .. } => (
                "Nothing was signed.",
                "Give the key as PEM (SubjectPublicKeyInfo), or its fingerprint of 16 hexadecimal digits.",
            ),
            Self::Random { .. } => ("Nothing was signed.", "Try again; if it stays so, restart the machine."),
            Self::Exists { .. } => (
                "Nothing was written: evidence never takes the place of another file.",
                "Choose another name.",
            ),
            Self::Report { .. } => ("Nothing was written.", "Report this as a defect, with the run's number."),
            Self::File { .. } => (
                "Nothing was finished there.",
                "Choose another place, or see to its permissions and the space left.",
            ),
        };
        Fault {
            code: self.code().into(),
            what: sentence(&self.to_string()),
            means: means.into(),
            next: next.into(),
            action: None,
            details: Vec::<FaultDetail>::new(),
        }
    }
}
