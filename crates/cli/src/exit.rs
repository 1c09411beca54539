//! How the process ends: the five codes that scripts depend on, and failures in plain words.

use std::process::ExitCode;

use lanyard_engine::Error;
use lanyard_engine::view::Fault;

/// The code for wrong use, the one that clap uses too.
pub const USED_WRONGLY: u8 = 2;

/// How a command ended that did what it could.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All is well.
    Well,
    /// A verdict failed: a test said no, a chain is broken, a finding is open.
    Failed,
    /// Something that was asked for could not be evaluated: what was printed is a part only.
    NotEvaluated,
    /// It failed, and the document on standard output says why.
    Error,
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        Self::from(match verdict {
            Verdict::Well => 0,
            Verdict::Failed => 1,
            Verdict::NotEvaluated => 3,
            Verdict::Error => 4,
        })
    }
}

/// Why a command could not do what it was asked to.
#[derive(Debug)]
pub struct Failure {
    /// In plain words.
    pub fault: Box<Fault>,
    /// The code to end with.
    pub code: u8,
}

impl Failure {
    /// Wrong use: the command line is at fault.
    pub fn usage(what: impl Into<String>) -> Self {
        let fault = fault(
            "usage",
            what.into(),
            "Nothing was done.",
            "See `lanyard help`, or `--help` after the command.",
        );
        Self {
            fault: Box::new(fault),
            code: USED_WRONGLY,
        }
    }

    /// A file or stream that could not be used.
    pub fn file(path: &str, error: std::io::Error) -> Self {
        Error::File {
            path: path.to_owned(),
            source: error,
        }
        .into()
    }

    /// Something that may well be there, in a part of a source that was not read.
    pub fn not_evaluated(mut self) -> Self {
        self.code = 3;
        "Not every source was read in full: it may exist all the same.".clone_into(&mut self.fault.means);
        "Run `lanyard sync`, then ask again; `lanyard status` says what is missing.".clone_into(&mut self.fault.next);
        self
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self {
            fault: Box::new(fault),
            code: 4,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::Filter(_)
            | Error::Input { .. }
            | Error::NotFound {
                what: "source" | "rule" | "finding",
                ..
            } => USED_WRONGLY,
            _ => 4,
        };
        Self {
            fault: Box::new(error.fault()),
            code,
        }
    }
}

/// A fault of the command line's own.
pub fn fault(code: &str, what: String, means: &str, next: &str) -> Fault {
    Fault {
        code: code.into(),
        what,
        means: means.into(),
        next: next.into(),
        action: None,
        details: Vec::new(),
    }
}
