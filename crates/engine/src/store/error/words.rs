//! What an error of the store means, in plain words, and what to do next.

use std::path::Path;

use super::{StoreError, plain};
use crate::store::{backup, ledger};
use crate::view::{FaultDetail, FixAction};

impl StoreError {
    pub(super) fn meaning(&self) -> (String, String, Option<FixAction>) {
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
                    ledger::HEAD_FILE,
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
            Self::NoRun { .. } => (
                "Runs are counted from 1 in each data folder.".into(),
                "Look at the list of runs, or choose the data folder that it was begun in.".into(),
                None,
            ),
        }
    }

    pub(super) fn details(&self) -> Vec<FaultDetail> {
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
            Self::KeyMalformed | Self::Random { .. } | Self::NameTaken { .. } | Self::NoSource { .. } | Self::NoRun { .. } => Vec::new(),
        }
    }
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
            ledger::HEAD_FILE,
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
