//! The engine's error: one enum over the rooms' own, each with a code, a cause in plain words and a next step.

use crate::evidence::EvidenceError;
use crate::secrets::SecretError;
use crate::sources::SourceError;
use crate::store::StoreError;
use crate::view::{Fault, FaultDetail, FilterProblem, PlanProblem, sentence};

/// Anything that the engine can fail at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A source did not answer as it should.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The cache or the ledger could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keychain could not be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Evidence could not be made, written or read.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// A SCIM filter that cannot be evaluated.
    #[error("the filter cannot be read: {}", .0.message)]
    Filter(FilterProblem),
    /// Something that was asked for does not exist.
    #[error("there is no {what} “{name}”")]
    NotFound {
        /// What was asked for: `source`, `person`, `group`, …
        what: &'static str,
        /// Under which name.
        name: String,
    },
    /// A setting that cannot be.
    #[error("{field}: {problem}")]
    Input {
        /// The setting's name as the form shows it.
        field: &'static str,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// The same source is being synced already.
    #[error("{name} is being synced already")]
    Busy {
        /// The source's name.
        name: String,
    },
    /// A plan of de-provisioning that cannot be run as it is.
    #[error("{file} cannot be run: {}", told(problems))]
    Plan {
        /// The file's name, or `the plan`.
        file: String,
        /// What is wrong with it.
        problems: Vec<PlanProblem>,
    },
    /// What was asked for cannot be done as things stand.
    #[error("{what}")]
    Refused {
        /// A stable code such as `run.guarded`.
        code: &'static str,
        /// Why.
        what: String,
        /// What to do.
        next: String,
    },
    /// A file could not be written or read.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    /// A stable code such as `scim.unauthorized`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Source(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Secret(error) => error.code(),
            Self::Evidence(error) => error.code(),
            Self::Filter(_) => "filter.unreadable",
            Self::NotFound { .. } => "notFound",
            Self::Input { .. } => "input.invalid",
            Self::Busy { .. } => "sync.busy",
            Self::Plan { .. } => "plan.invalid",
            Self::Refused { code, .. } => code,
            Self::File { .. } => "file.failed",
        }
    }

    /// The error as a person sees it.
    pub fn fault(&self) -> Fault {
        let (means, next) = match self {
            Self::Source(error) => return error.fault(),
            Self::Store(error) => return error.fault(),
            Self::Secret(error) => return error.fault(),
            Self::Evidence(error) => return error.fault(),
            Self::Filter(_) => ("Nothing was filtered.", "Mend the filter where it is marked."),
            Self::NotFound { .. } => (
                "It may have been removed, or its source not synced yet.",
                "Look it up in the list again, or sync its source.",
            ),
            Self::Input { .. } => ("Nothing was saved.", "Change the setting and try again."),
            Self::Busy { .. } => ("The running sync goes on.", "Wait for it, or cancel it first."),
            Self::Plan { .. } => ("Nothing was planned.", "Mend the plan where it is marked."),
            Self::Refused { next, .. } => ("Nothing was changed by this.", next.as_str()),
            Self::File { .. } => (
                "The file was not finished.",
                "Choose another place, or see to its permissions and the space left.",
            ),
        };
        let details = match self {
            Self::Filter(problem) => vec![FaultDetail {
                name: "At".into(),
                value: format!("{}–{}", problem.start, problem.end),
            }],
            Self::Plan { problems, .. } => problems
                .iter()
                .map(|problem| FaultDetail {
                    name: format!("Line {}, column {}", problem.line, problem.column),
                    value: problem.message.clone(),
                })
                .collect(),
            _ => Vec::new(),
        };
        Fault {
            code: self.code().into(),
            what: sentence(&self.to_string()),
            means: means.into(),
            next: next.into(),
            action: None,
            details,
        }
    }
}

/// The first of a plan's problems, with its place, and how many more there are.
fn told(problems: &[PlanProblem]) -> String {
    let Some(first) = problems.first() else {
        return "it cannot be read".into();
    };
    let more = match problems.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!("line {}, column {}: {}{more}", first.line, first.column, first.message)
}
