//! What `cargo xtask` does, as a library: the tests of the real window use the same virtual desk and the same builds.

pub mod build;
pub mod desk;
pub mod leash;
pub mod licences;
pub mod picture;
pub mod place;
pub mod proc;
pub mod rules;
pub mod run;
pub mod rust_tests;
pub mod setup;
pub mod shots;
pub mod steps;
pub mod suite;
pub mod types;
pub mod ui;

use std::path::{Path, PathBuf};

/// Why a task could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A program ended with an error.
    #[error("`{line}` ended with {status}")]
    Command {
        /// The command line.
        line: String,
        /// How it ended.
        status: String,
    },
    /// A program could not be started.
    #[error("`{program}` could not be started: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something that is needed is not on this machine.
    #[error("{what} is missing. {how}")]
    Missing {
        /// What.
        what: String,
        /// How to get it.
        how: String,
    },
    /// A rule of this repository is broken.
    #[error("{}", .0.join("\n"))]
    Broken(Vec<String>),
    /// Something did not happen in time.
    #[error("{what} did not happen within {seconds} s")]
    Late {
        /// What.
        what: String,
        /// How long was waited.
        seconds: u64,
    },
    /// What a program wrote cannot be understood.
    #[error("{what} cannot be understood: {why}")]
    Unreadable {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
}

impl Failure {
    /// A failure about a file.
    pub fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::File {
            path: path.to_owned(),
            source,
        }
    }
}

/// How a task comes out.
pub type Outcome<T = ()> = Result<T, Failure>;
