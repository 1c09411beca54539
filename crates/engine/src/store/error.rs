//! Why the cache or the ledger could not be used, in terms a person can act on.

use std::path::{Path, PathBuf};

use rusqlite::ffi::ErrorCode;

use super::backup;
use crate::view::{Fault, FaultDetail, FixAction, sentence};

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
            | Self::NoSource { .. } => {}
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

    fn meaning(&self) -> (String, String, Option<FixAction>) {
        let retry = Some(FixAction::Retry);
        let folder = Some(FixAction::OpenDataFolder);
        match self {
            Self::Sql { file, .. } => (nothing_lost(file), "Try again. If it stays so, restart Lanyard.".into(), retry),
            Self::WrongKey { file: "ledger", .. } => (
                "Nothing was changed. The audit log and the history cannot be read with the key that is in this machine's keychain.".into(),
                format!(
                    "{} The backups are locked with the same key. Without it, choose another data folder to start anew; keep this one.",
                    find_the_key()
                ),
                folder,
            ),
            Self::KeyLost { file: "ledger", .. } => (
                "Nothing was changed. The audit log and the history cannot be read without their key.".into(),
                format!(
                    "{} The backups are locked with the same key. Without it, choose another data folder to start anew; keep this one.",
                    find_the_key()
                ),
                folder,
            ),
            Self::WrongKey { .. } | Self::KeyLost { .. } => (rebuilt(), "Sync the sources again.".into(), None),
            Self::KeyMalformed => (
                "Nothing was read and nothing was changed.".into(),
                format!("The key must be 64 hexadecimal digits. {}", find_the_key()),
                None,
            ),
            Self::Random { .. } => (
                "No key could be made, so nothing was stored.".into(),
                "Restart the machine, then try again.".into(),
                retry,
            ),
            Self::Broken { file: "ledger", path, .. } => (
                "Nothing was changed: Lanyard does not repair or replace a ledger by itself. What the sources hold is not affected.".into(),
                restore(path),
                folder,
            ),
            Self::Broken { .. } => (rebuilt(), "Sync the sources again.".into(), None),
            Self::Damaged { file: "ledger", .. } => (
                "Nothing was changed. The record may have been written by a newer Lanyard, or changed outside it.".into(),
                "Check the audit log (`lanyard audit verify`); install the newest version; report this if it stays so.".into(),
                None,
            ),
            Self::Damaged { .. } => (
                "The rest of the cache can be used.".into(),
                "Sync the source again in full.".into(),
                None,
            ),
            Self::Chain { path, .. } => (
                "An entry was changed or taken out outside Lanyard, or the disk failed. Nothing is added to a chain that does not hold."
                    .into(),
                format!("Keep the file as evidence. {}", restore(path)),
                folder,
            ),
            Self::RolledBack { path, .. } => (
                "Entries that were written are gone: the file was replaced by an older one, cut off, or the disk failed.".into(),
                format!(
                    "If you restored a backup on purpose, move “{}” out of the folder too and start again; the audit log will say so. Else: {}",
                    super::ledger::HEAD_FILE,
                    restore(path)
                ),
                folder,
            ),
            Self::OtherFolder { ledger, .. } => (
                "Nothing was changed. Secrets of sources are kept under the folder's id, so they would not be found.".into(),
                format!(
                    "Put back the “folder.json” whose id is {ledger} (a copy is in “backups”), or open the folder that this ledger came from."
                ),
                folder,
            ),
            Self::Busy { file, .. } => (
                nothing_lost(file),
                "Wait for the other Lanyard (window or command) to end, or close it; then try again.".into(),
                retry,
            ),
            Self::DiskFull { file, .. } => (nothing_lost(file), "Make room on that disk, then try again.".into(), retry),
            Self::NoPermission { file, path } => (nothing_lost(file), permission(path), folder),
            Self::TooNew { file: "ledger", .. } => (
                "Nothing was changed: a newer Lanyard has used this folder.".into(),
                "Install that version or a newer one, or choose another data folder.".into(),
                folder,
            ),
            Self::TooNew { .. } => (
                "A newer Lanyard has used this folder. The cache can be rebuilt.".into(),
                "Sync the sources again.".into(),
                None,
            ),
            Self::Migration { .. } => (
                "The file is as it was before.".into(),
                "Try again. If it stays so, go back to the version of Lanyard that you had, and report this.".into(),
                retry,
            ),
            Self::Backup { .. } => (
                "The ledger itself is in order; there is no fresh copy of it.".into(),
                "See to the space and the permissions of the “backups” folder.".into(),
                folder,
            ),
            Self::File { .. } => (
                "The file was not read or not finished.".into(),
                "See to its permissions and the space left.".into(),
                folder,
            ),
            Self::NameTaken { .. } => ("Nothing was saved.".into(), "Choose another name.".into(), None),
            Self::NoSource { .. } => (
                "It was removed, perhaps in another window.".into(),
                "Look at the list of sources again.".into(),
                None,
            ),
        }
    }

    fn details(&self) -> Vec<FaultDetail> {
        let line = |name: &str, value: String| FaultDetail { name: name.into(), value };
        match self {
            Self::Sql { source, .. } => vec![line("SQLite", plain(source))],
            Self::WrongKey { path, .. }
            | Self::KeyLost { path, .. }
            | Self::Busy { path, .. }
            | Self::DiskFull { path, .. }
            | Self::NoPermission { path, .. }
            | Self::TooNew { path, .. }
            | Self::Migration { path, .. }
            | Self::Backup { path, .. }
            | Self::OtherFolder { path, .. }
            | Self::File { path, .. } => vec![line("File", path.display().to_string())],
            Self::Broken { file, path, detail } => {
                let mut lines = vec![line("File", path.display().to_string()), line("Found", detail.clone())];
                if *file == "ledger" {
                    lines.push(line("Newest backup", newest_backup(path)));
                }
                lines
            }
            Self::Chain { path, entry, problem } => vec![
                line("File", path.display().to_string()),
                line("Entry", entry.to_string()),
                line("Found", problem.clone()),
                line("Newest backup", newest_backup(path)),
            ],
            Self::RolledBack { path, expected, found } => vec![
                line("File", path.display().to_string()),
                line("Entries before", expected.to_string()),
                line("Entries now", found.to_string()),
                line("Newest backup", newest_backup(path)),
            ],
            Self::Damaged { what, .. } => vec![line("Found", what.clone())],
            Self::KeyMalformed | Self::Random { .. } | Self::NameTaken { .. } | Self::NoSource { .. } => Vec::new(),
        }
    }
}

/// The primary code of an error of SQLite.
pub(super) fn code_of(error: &rusqlite::Error) -> Option<ErrorCode> {
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

fn nothing_lost(file: &str) -> String {
    if file == "ledger" {
        "Nothing that was written before is lost.".into()
    } else {
        "What was read before is kept as far as it was saved.".into()
    }
}

fn rebuilt() -> String {
    "The cache only holds what the sources said; it is set aside and filled again by the next sync. The ledger is not touched.".into()
}

fn find_the_key() -> &'static str {
    if cfg!(target_os = "macos") {
        "Look for “Lanyard” in Keychain Access under the user who made this folder; a Time Machine backup of the login keychain brings it back. \
         Where LANYARD_CACHE_KEY was used, set it to the same value."
    } else if cfg!(target_os = "windows") {
        "Look for “Lanyard” in Credential Manager under the user who made this folder. Where LANYARD_CACHE_KEY was used, set it to the same value."
    } else {
        "Look for “Lanyard” in Passwords and Keys (seahorse), KWallet or KeePassXC under the user who made this folder. \
         Where LANYARD_CACHE_KEY was used, set it to the same value."
    }
}

fn newest_backup(path: &Path) -> String {
    backup::newest(path).map_or_else(|| "none".to_owned(), |newest| newest.display().to_string())
}

fn restore(path: &Path) -> String {
    let name = path
        .file_name()
        .map_or_else(|| "ledger.db".to_owned(), |name| name.to_string_lossy().into_owned());
    match backup::newest(path) {
        Some(newest) => format!(
            "Close Lanyard. Move “{name}”, “{name}-wal”, “{name}-shm” and “{}” out of the folder and keep them. Copy “{}” back as “{name}”. Start Lanyard: \
             it checks the copy. What was written after that backup is then missing from the ledger; the sources are synced as before.",
            super::ledger::HEAD_FILE,
            newest.display()
        ),
        None => format!(
            "There is no backup in “backups” yet. Close Lanyard and bring back “{name}” from a backup of this machine, or choose another data folder to start anew; \
             keep this one."
        ),
    }
}

fn permission(path: &Path) -> String {
    let folder = path.parent().unwrap_or(path).display();
    if cfg!(target_os = "windows") {
        format!("Give your user full control over {folder} (Properties, Security), or choose another data folder.")
    } else {
        format!(
            "Make {folder} and the files in it yours (chown) and writable (chmod u+rwX), see that the disk is not mounted read-only, or choose another data folder."
        )
    }
}
