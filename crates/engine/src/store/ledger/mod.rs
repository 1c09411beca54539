//! The ledger: what must never be lost: sources' settings, history, the audit log, decisions. Append-only.
//!
//! One file per table. Each table only ever grows, and triggers in the file itself see to that; what changes is written as a new version. (History alone may
//! go, where a person set how long it is kept: see `removal`.)
//! The audit log is a chain of hashes, and vouches for the history. A file that does not hold is refused, with where its backups are; it is never
//! repaired, replaced or made anew by itself.

mod audit;
mod filters;
mod findings;
mod head;
mod history;
mod identity;
mod joins;
mod open;
mod past;
mod removal;
mod rewind;
mod rotations;
mod runs;
mod schema;
mod seen;
mod settings;
mod sources;
#[cfg(test)]
mod tests;
mod verify;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;
use super::file::{self, FileOptions, Key};
use super::folder::Folder;
use crate::record::{Decision, ResourceKind};
use crate::view::{
    AuditEntry, AuditPage, AuditQuery, Change, ChangeKind, ChangePage, FirstSeen, Millis, SavedFilter, SourceId, SourceSettings,
};

pub use crate::canonical::canonical;
pub use head::HEAD_FILE;
pub use past::pack as pack_past;
pub use rotations::{RotationDraft, StoredRotationRecord};
pub use runs::{Appended, RunAppend, RunAudit, RunDraftRow, StoredEvidence, StoredRun, StoredSignature};
pub use verify::HistoryCheck;

/// The file's name in the data folder.
pub const FILE: &str = "ledger.db";

/// A source as the ledger holds it.
#[derive(Clone, Debug)]
pub struct StoredSource {
    /// Its number.
    pub id: SourceId,
    /// Its settings.
    pub settings: SourceSettings,
    /// When it was added.
    pub added_at: Millis,
}

/// An entry for the audit log, before it has its place in the chain.
#[derive(Clone, Debug)]
pub struct AuditDraft {
    /// A stable name such as `source.added`.
    pub action: &'static str,
    /// Which source it is about.
    pub source: Option<SourceId>,
    /// In plain words.
    pub summary: String,
    /// The particulars. Never a secret.
    pub data: serde_json::Value,
}

/// A line of history, before it has its number.
#[derive(Clone, Debug)]
pub struct ChangeDraft {
    /// When the source says that it happened.
    pub changed_at: Option<Millis>,
    /// What happened.
    pub kind: ChangeKind,
    /// The attribute's path, or `members`.
    pub path: Option<String>,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
    /// A member's name.
    pub member_name: Option<String>,
}

/// All that changed about one account or group from one version of it to the next.
#[derive(Clone, Debug)]
pub struct Transition {
    /// `User` or `Group`.
    pub kind: ResourceKind,
    /// The id at the source.
    pub id: String,
    /// Its name at that time.
    pub name: String,
    /// A hash over the version before and the version after. A transition that equals the last one recorded
    /// for the same resource is the same one seen again after a crash, and is not recorded twice.
    pub hash: [u8; 16],
    /// The lines.
    pub changes: Vec<ChangeDraft>,
    /// What it said before, as [`pack_past`] packs it; none for one that is new, or where that is not known.
    pub past: Option<Vec<u8>>,
}

/// Which history is asked for; newest first.
#[derive(Clone, Debug, Default)]
pub struct ChangeQuery {
    /// Only of these accounts or groups.
    pub of: Vec<(SourceId, String)>,
    /// Where these accounts came in or went out as members too (pairs of source and member id).
    pub as_member: Vec<(SourceId, String)>,
    /// Only seen at or after this time.
    pub since: Option<Millis>,
    /// How many of the newest to pass over.
    pub offset: u32,
    /// How many are wanted.
    pub limit: u32,
}

/// The ledger, open. Usable from several threads; several processes may have the same one open.
pub struct Ledger {
    path: PathBuf,
    key: Key,
    folder: String,
    salt: [u8; 32],
    actor: String,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
    aside: Arc<Aside>,
    background: Mutex<Option<JoinHandle<()>>>,
}

/// What the check and the backup in the background found.
#[derive(Default)]
struct Aside {
    broken: Mutex<Option<String>>,
    notices: Mutex<Vec<String>>,
}

impl Ledger {
    /// Opens the ledger at `path`, or makes it, with the key as the keychain keeps it. Its folder's identity is made too where it is missing.
    ///
    /// # Errors
    /// [`StoreError::KeyMalformed`]; else as [`Self::open_with`].
    pub fn open(path: &Path, key: &crate::secrets::Secret) -> Result<Self, StoreError> {
        let folder = Folder::open(path.parent().unwrap_or(Path::new("")))?;
        Self::open_with(path, &Key::from_secret(key)?, &folder)
    }

    /// Opens the ledger of the data folder `folder` at `path`, or makes it.
    ///
    /// A small file is read through and checked; a large one is, once a day or after an unclean end, in the background. Once a day a checked copy goes
    /// to `backups`, and seven of them are kept. Before its form changes, it is copied beside itself.
    ///
    /// # Errors
    /// Each says what to do: [`StoreError::WrongKey`], [`StoreError::Broken`], [`StoreError::Chain`] (its last entry does not hold),
    /// [`StoreError::RolledBack`] (it holds less than it did), [`StoreError::TooNew`], [`StoreError::OtherFolder`], [`StoreError::NoPermission`],
    /// [`StoreError::DiskFull`], [`StoreError::Busy`]. The file is left as it was.
    pub fn open_with(path: &Path, key: &Key, folder: &Folder) -> Result<Self, StoreError> {
        open::open(path, key.clone(), folder)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The data folder's random id: 32 hexadecimal digits.
    pub fn folder_id(&self) -> &str {
        &self.folder
    }

    /// The data folder's salt for [`crate::secrets::fingerprint`].
    pub fn fingerprint_salt(&self) -> &[u8; 32] {
        &self.salt
    }

    /// What a person should know about the ledger's care (a backup that could not be made). Taken out by the call.
    pub fn take_notices(&self) -> Vec<String> {
        std::mem::take(&mut *self.aside.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The sources that were not removed, by number.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn sources(&self) -> Result<Vec<StoredSource>, StoreError> {
        self.read(sources::all)
    }

    /// Adds a source under a number that was never used.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] when another source has that name, whatever the case; else as any writing.
    pub fn add_source(&self, settings: &SourceSettings) -> Result<StoredSource, StoreError> {
        self.write(|connection| sources::add(connection, settings))
    }

    /// Gives a source new settings. The old ones stay in the ledger.
    ///
    /// # Errors
    /// [`StoreError::NoSource`], [`StoreError::NameTaken`]; else as any writing.
    pub fn update_source(&self, id: SourceId, settings: &SourceSettings) -> Result<(), StoreError> {
        self.write(|connection| sources::update(connection, id, settings))
    }

    /// Removes a source. Its settings and its history stay in the ledger.
    ///
    /// # Errors
    /// [`StoreError::NoSource`]; else as any writing.
    pub fn remove_source(&self, id: SourceId) -> Result<(), StoreError> {
        self.write(|connection| sources::remove(connection, id))
    }

    /// Appends an entry to the audit log. An entry `sync.ended` gets `data.history` on the way: the digest over all history that no entry covers yet.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn append_audit(&self, draft: AuditDraft) -> Result<AuditEntry, StoreError> {
        let entry = self.write(|connection| audit::append(connection, &self.folder, &self.actor, draft))?;
        self.note_head(&entry);
        Ok(entry)
    }

    /// A page of the audit log, newest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn audit(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        self.read(|connection| audit::page(connection, query))
    }

    /// What stands as `previous` in the audit log's first entry.
    pub fn genesis(&self) -> String {
        audit::genesis(&self.folder)
    }

    /// Shows every entry of the audit log to `look`, oldest first and as of one moment, until it says false.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn each_entry(&self, look: &mut dyn FnMut(AuditEntry) -> bool) -> Result<(), StoreError> {
        self.snapshot(|connection| audit::each(connection, false, |stored| Ok(look(stored.entry()?))))
    }

    /// Records what changed at a source, all of it or nothing. A transition that equals the last one of its account or group is passed over.
    /// Returns how many lines were written.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn record(&self, source: SourceId, seen_at: Millis, transitions: &[Transition]) -> Result<u64, StoreError> {
        self.write(|connection| history::record(connection, source, seen_at, transitions))
    }

    /// The hash of the last transition recorded for a resource.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn last_transition(&self, source: SourceId, kind: ResourceKind, id: &str) -> Result<Option<[u8; 16]>, StoreError> {
        self.read(|connection| history::last_hash(connection, source, id, kind))
    }

    /// How many lines of history there are about a source.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn count_history(&self, source: SourceId) -> Result<u64, StoreError> {
        self.read(|connection| history::count(connection, source))
    }

    /// The number of the last line of history, be it removed; 0 where there never was one. Lines count from 1 without gaps.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn history_end(&self) -> Result<i64, StoreError> {
        self.read(history::end)
    }

    /// The digest over the lines `from_seq..=to_seq` of the history, in hexadecimal; how it is reckoned is told in `history`.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when not all of them are there; else as any reading.
    pub fn history_digest(&self, from_seq: i64, to_seq: i64) -> Result<String, StoreError> {
        self.read(|connection| history::digest(connection, from_seq, to_seq))
    }

    /// Since when somebody is a direct member of a group that holds them now; ids are those at the source. None where that is not known.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn member_seen(&self, source: SourceId, group: &str, member: &str) -> Result<Option<FirstSeen>, StoreError> {
        self.read(|connection| seen::member(connection, source, group, member))
    }

    /// Since when a record that is held now has been as it is. None where that is not known.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn record_seen(&self, source: SourceId, id: &str, kind: ResourceKind) -> Result<Option<FirstSeen>, StoreError> {
        self.read(|connection| seen::record(connection, source, id, kind))
    }

    /// A page of the history, newest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn changes(&self, query: &ChangeQuery) -> Result<ChangePage, StoreError> {
        self.read(|connection| history::page(connection, query))
    }

    /// One line of the history.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn change(&self, seq: i64) -> Result<Option<Change>, StoreError> {
        self.read(|connection| history::one(connection, seq))
    }

    /// The saved filters, by screen and name.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn saved_filters(&self) -> Result<Vec<SavedFilter>, StoreError> {
        self.read(filters::all)
    }

    /// Saves a filter, in place of one of the same screen and name.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn save_filter(&self, filter: &SavedFilter) -> Result<(), StoreError> {
        self.write(|connection| filters::save(connection, filter))
    }

    /// Forgets a saved filter; no error where there is none.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn forget_filter(&self, screen: &str, name: &str) -> Result<(), StoreError> {
        self.write(|connection| filters::forget(connection, screen, name))
    }

    /// What an admin decided about who is the same, and stands; oldest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn joins(&self) -> Result<Vec<Decision>, StoreError> {
        self.read(joins::all)
    }

    /// The decisions that stood at a moment, oldest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn joins_at(&self, at: Millis) -> Result<Vec<Decision>, StoreError> {
        self.read(|connection| joins::standing(connection, at))
    }

    /// Writes down a decision about who is the same, by the operating system's user, at this time; gives it back as it stands then.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn decide_join(&self, decision: Decision) -> Result<Decision, StoreError> {
        let by = self.user().to_owned();
        self.write(|connection| joins::decide(connection, Decision { by, ..decision }))
    }

    /// The operating system's user.
    pub fn user(&self) -> &str {
        self.actor.rsplit_once('@').map_or(self.actor.as_str(), |(user, _)| user)
    }

    /// Notes beside the file which entry of the audit log is the last, once it is written.
    fn note_head(&self, entry: &AuditEntry) {
        head::Head::write(&self.path, &self.folder, entry.seq, &entry.hash);
    }

    /// The operating system's user and machine, as audit entries name who did something.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// A setting of the app.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.read(|connection| settings::get(connection, key))
    }

    /// Gives a setting of the app a new value, and tells of it in the audit log: both or neither. Not for secrets.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn set_setting_and_tell(&self, key: &str, value: &str, draft: AuditDraft) -> Result<(), StoreError> {
        let entry = self.write(|connection| {
            settings::set(connection, key, value)?;
            audit::append(connection, &self.folder, &self.actor, draft)
        })?;
        self.note_head(&entry);
        Ok(())
    }

    /// Gives a setting of the app a new value. Not for secrets.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.write(|connection| settings::set(connection, key, value))
    }

    /// Checks the file and makes today's backup now, unless it is there. Returns where it is.
    ///
    /// # Errors
    /// [`StoreError::Broken`] when the file does not hold (there is no backup then), [`StoreError::Backup`], [`StoreError::DiskFull`].
    pub fn back_up(&self) -> Result<PathBuf, StoreError> {
        open::check_and_back_up(&self.path, &self.key)
    }

    fn read<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.sound()?;
        let connection = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        ask(&connection).map_err(|error| error.at(&self.path))
    }

    /// Reads from a connection of its own, all of it as of one moment: long readings hold up nobody.
    fn snapshot<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.sound()?;
        let mut connection = file::open(
            &self.path,
            &self.key,
            &FileOptions {
                create: false,
                ..options()
            },
        )?;
        let outcome = connection.transaction().map_err(sql).and_then(|snapshot| ask(&snapshot));
        outcome.map_err(|error| error.at(&self.path))
    }

    /// Writes all of it or nothing. The lock is taken at once, so that what is read inside stays true until it is written.
    fn write<T>(&self, change: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.sound()?;
        let mut connection = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        within(&mut connection, change).map_err(|error| error.at(&self.path))
    }

    /// Refuses once the check in the background has found the file broken.
    fn sound(&self) -> Result<(), StoreError> {
        match self.aside.broken.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(detail) => Err(StoreError::Broken {
                file: "ledger",
                path: self.path.clone(),
                detail: detail.clone(),
            }),
            None => Ok(()),
        }
    }
}

impl Drop for Ledger {
    /// A backup that was begun is finished, or a short command would never leave one.
    fn drop(&mut self) {
        let running = self.background.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(running) = running {
            // A panic there was its own end; nothing depends on it.
            let _ = running.join();
        }
    }
}

/// How the ledger is opened: what was committed stays.
fn options() -> FileOptions {
    FileOptions::new("ledger")
}

fn within<T>(connection: &mut Connection, change: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
    let outcome = change(&transaction)?;
    transaction.commit().map_err(sql)?;
    Ok(outcome)
}

fn sql(error: rusqlite::Error) -> StoreError {
    StoreError::sql("ledger", error)
}

fn now() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}
