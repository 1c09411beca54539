//! Why the cache or the ledger could not be used, in terms a person can act on.

mod words;

use std::path::{Path, PathBuf};

use rusqlite::ffi::ErrorCode;

use crate::view::{Fault, sentence};

/// Why the cache or the ledger could not be used. `file` is `cache` or `ledger` throughout.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite said no, for a reason that has no name of its own here.
    #[error("the {file} could not be used: {source}")]
    Sql {
        /// Which file.
        file: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is there, but the key that was used does not open it.
    #[error("the key does not fit the {file} at {}", path.display())]
    WrongKey {
        /// Which file.
        file: &'static str,
        /// Where it is.
        path: PathBuf,
    },
    /// The file is there, and no key for it was found.
    #[error("the key of the {file} at {} is not in the keychain", path.display())]
    KeyLost {
        /// Which file.
        file: &'static str,
        /// Where it is.
        path: PathBuf,
    },
    /// What was found as a key is not 64 hexadecimal digits.
    #[error("what the keychain holds as a key is not a key")]
    KeyMalformed,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
    /// The file does not hold what it should: damaged, cut off, or not one of Lanyard's.
    #[error("the {file} at {} is damaged: {detail}", path.display())]
    Broken {
        /// Which file.
        file: &'static str,
        /// Where it is.
        path: PathBuf,
        /// What does not fit.
        detail: String,
    },
    /// A record in the file cannot be read, though the file as such is in order.
    #[error("a record in the {file} cannot be read: {what}")]
    Damaged {
        /// Which file.
        file: &'static str,
        /// What does not fit.
        what: String,
    },
    /// The ledger's chain does not hold where it was looked at.
    #[error("the audit log at {} does not hold at entry {entry}: {problem}", path.display())]
    Chain {
        /// Where the ledger is.
        path: PathBuf,
        /// The entry that does not fit.
        entry: i64,
        /// What does not fit.
        problem: String,
    },
    /// The ledger holds less than it held when it was last written.
    #[error("the ledger at {} held {expected} audit entries and now holds {found}", path.display())]
    RolledBack {
        /// Where the ledger is.
        path: PathBuf,
        /// How many entries it had.
        expected: i64,
        /// How many it has.
        found: i64,
    },
    /// The ledger belongs to another data folder.
    #[error("the ledger at {} belongs to the data folder {ledger}, and this is {folder}", path.display())]
    OtherFolder {
        /// Where the ledger is.
        path: PathBuf,
        /// The id in the ledger.
        ledger: String,
        /// The id in `folder.json`.
        folder: String,
    },
    /// Another process holds the file and did not let go in time.
    #[error("another process holds the {file}")]
    Busy {
        /// Which file.
        file: &'static str,
        /// Where it is.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("there is no space left for the {file} at {}", path.display())]
    DiskFull {
        /// Which file.
        file: &'static str,
        /// Where it is.
        path: PathBuf,
    },
    /// The file or its folder may not be read or written.
    #[error("Lanyard may not write to the {file} at {}", path.display())]
    NoPermission {
        /// Which file.
        file: &'static str,
        /// Where it is.
        path: PathBuf,
    },
    /// The file was written by a newer Lanyard.
    #[error("the {file} at {} has form {found}; this Lanyard knows forms up to {known}", path.display())]
    TooNew {
        /// Which file.
        file: &'static str,
        /// Where it is.
        path: PathBuf,
        /// The form that it has.
        found: i64,
        /// The newest form that is known.
        known: i64,
    },
    /// The file could not be brought to the present form. It is as it was before.
    #[error("the {file} at {} could not be brought from form {from} to form {to}: {reason}", path.display())]
    Migration {
        /// Which file.
        file: &'static str,
        /// Where it is.
        path: PathBuf,
        /// The form that it has.
        from: i64,
        /// The form that it should get.
        to: i64,
        /// Why not.
        reason: String,
    },
    /// A copy could not be made, or did not turn out the same.
    #[error("the {file} could not be backed up to {}: {reason}", path.display())]
    Backup {
        /// Which file.
        file: &'static str,
        /// Where the copy should be.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file beside the two could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A source of that name exists.
    #[error("there is a source named “{name}” already")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// No such source.
    #[error("there is no source {id}")]
    NoSource {
        /// Its number.
        id: i64,
    },
    /// No such run of de-provisioning.
    #[error("there is no run {run}")]
    NoRun {
        /// Its number.
        run: i64,
    },
}

impl StoreError {
    /// Gives an error of SQLite its name. The file's place is not known here; see [`Self::at`].
    pub fn sql(file: &'static str, source: rusqlite::Error) -> Self {
        let path = PathBuf::from(format!("{file}.db"));
        match code_of(&source) {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Broken {
                file,
                path,
                detail: plain(&source),
            },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => Self::Busy { file, path },
            Some(ErrorCode::DiskFull) => Self::DiskFull { file, path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => Self::NoPermission { file, path },
            _ => Self::Sql { file, source },
        }
    }

    /// The same error, with the place of the file that it is about.
    #[must_use]
    pub fn at(mut self, place: &Path) -> Self {
        match &mut self {
            Self::WrongKey { path, .. }
            | Self::KeyLost { path, .. }
            | Self::Broken { path, .. }
            | Self::Chain { path, .. }
            | Self::RolledBack { path, .. }
            | Self::OtherFolder { path, .. }
            | Self::Busy { path, .. }
            | Self::DiskFull { path, .. }
            | Self::NoPermission { path, .. }
            | Self::TooNew { path, .. }
            | Self::Migration { path, .. } => *path = place.to_path_buf(),
            Self::Sql { .. }
            | Self::KeyMalformed
            | Self::Random { .. }
            | Self::Damaged { .. }
            | Self::Backup { .. }
            | Self::File { .. }
            | Self::NameTaken { .. }
            | Self::NoSource { .. }
            | Self::NoRun { .. } => {}
        }
        self
    }

    /// Gives an error of the file system its name.
    pub fn io(file: &'static str, path: &Path, source: std::io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Self::NoPermission { file, path },
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull { file, path },
            _ => Self::File { path, source },
        }
    }

    /// Whether the file's content is in doubt, as opposed to the circumstances (a lock, a full disk, a permission).
    /// A cache with such an error is set aside and rebuilt; a ledger never is.
    pub fn is_broken(&self) -> bool {
        matches!(self, Self::Broken { .. } | Self::Damaged { .. } | Self::Migration { .. })
    }

    /// Whether the key is wrong, unreadable or lost.
    pub fn is_wrong_key(&self) -> bool {
        matches!(self, Self::WrongKey { .. } | Self::KeyLost { .. } | Self::KeyMalformed)
    }

    /// A stable code such as `ledger.broken` or `cache.wrongKey`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sql { file, .. } => by_file(file, "ledger.failed", "cache.failed"),
            Self::WrongKey { file, .. } => by_file(file, "ledger.wrongKey", "cache.wrongKey"),
            Self::KeyLost { file, .. } => by_file(file, "ledger.keyLost", "cache.keyLost"),
            Self::KeyMalformed => "store.keyMalformed",
            Self::Random { .. } => "store.noRandom",
            Self::Broken { file, .. } => by_file(file, "ledger.broken", "cache.broken"),
            Self::Damaged { file, .. } => by_file(file, "ledger.damaged", "cache.damaged"),
            Self::Chain { .. } => "ledger.chainBroken",
            Self::RolledBack { .. } => "ledger.rolledBack",
            Self::OtherFolder { .. } => "ledger.otherFolder",
            Self::Busy { file, .. } => by_file(file, "ledger.busy", "cache.busy"),
            Self::DiskFull { .. } => "store.diskFull",
            Self::NoPermission { .. } => "store.noPermission",
            Self::TooNew { file, .. } => by_file(file, "ledger.tooNew", "cache.tooNew"),
            Self::Migration { file, .. } => by_file(file, "ledger.migration", "cache.migration"),
            Self::Backup { .. } => "ledger.backup",
            Self::File { .. } => "store.file",
            Self::NameTaken { .. } => "source.nameTaken",
            Self::NoSource { .. } => "source.unknown",
            Self::NoRun { .. } => "run.unknown",
        }
    }

    /// The error as a person sees it.
    pub fn fault(&self) -> Fault {
        let (means, next, action) = self.meaning();
        Fault {
            code: self.code().into(),
            what: sentence(&self.to_string()),
            means,
            next,
            action,
            details: self.details(),
        }
    }
}

/// The primary code of an error of SQLite.
pub(in crate::store) fn code_of(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => Some(failure.code),
        rusqlite::Error::SqlInputError { error, .. } => Some(error.code),
        _ => None,
    }
}

/// What SQLite said, without the statement (which may hold values).
fn plain(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => message.clone().unwrap_or_else(|| failure.to_string()),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

fn by_file(file: &str, ledger: &'static str, cache: &'static str) -> &'static str {
    if file == "ledger" { ledger } else { cache }
}
