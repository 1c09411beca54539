//! Opening the ledger: what must hold before anything is written to it, and the daily copy.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::head::Head;
use super::identity::Identity;
use super::{Aside, AuditDraft, FileOptions, Ledger, audit, identity, options, schema, sql, verify, within};
use crate::store::file::{self, Key};
use crate::store::folder::Folder;
use crate::store::{StoreError, backup};

/// Up to this length a file is read through at each opening; it takes some 50 ms then.
const SMALL: u64 = 16 * 1024 * 1024;

pub fn open(path: &Path, key: Key, folder: &Folder) -> Result<Ledger, StoreError> {
    let length = fs::metadata(path).map_or(0, |meta| meta.len());
    // A log that was left behind: an unclean end, or another process at work.
    let unclean = fs::metadata(wal(path)).is_ok_and(|meta| meta.len() > 0);
    // Read before the ledger is, since another process may be appending to both.
    let head = Head::read(path, &folder.id)?;

    let mut writer = file::open(path, &key, &options())?;
    if length > 0 && length <= SMALL {
        file::quick_check(&writer, "ledger").map_err(|error| error.at(path))?;
    }
    file::migrate_with_backup(&mut writer, path, &key, &schema::migrations(), &options())?;
    let Identity { folder: owner, salt } =
        within(&mut writer, |connection| identity::establish(connection, folder)).map_err(|error| error.at(path))?;
    if owner != folder.id {
        return Err(StoreError::OtherFolder {
            path: path.to_path_buf(),
            ledger: owner,
            folder: folder.id.clone(),
        });
    }
    end_holds(&writer, path, &owner).map_err(|error| error.at(path))?;
    let actor = actor();
    match head {
        Some(head) => head.check(&writer, path).map_err(|error| error.at(path))?,
        None => note_missing_head(&mut writer, path, &owner, &actor).map_err(|error| error.at(path))?,
    }

    let reader = file::open(
        path,
        &key,
        &FileOptions {
            create: false,
            ..options()
        },
    )?;
    let aside = Arc::new(Aside::default());
    let background = (length > 0).then(|| care(path, &key, &aside, unclean && length > SMALL)).flatten();
    Ok(Ledger {
        path: path.to_path_buf(),
        key,
        folder: owner,
        salt,
        actor,
        writer: Mutex::new(writer),
        reader: Mutex::new(reader),
        aside,
        background: Mutex::new(background),
    })
}

/// The last entry must give its hash, and follow from the one before.
fn end_holds(connection: &Connection, path: &Path, folder: &str) -> Result<(), StoreError> {
    let Some(last) = audit::last(connection)? else { return Ok(()) };
    let before = if last.seq > 1 {
        audit::at(connection, last.seq - 1)?.map(|entry| entry.hash)
    } else {
        Some(audit::genesis(folder))
    };
    let problem = match before {
        Some(previous) => verify::fault_of(&last, last.seq, &previous),
        None => Some(format!("entry {} is missing", last.seq - 1)),
    };
    problem.map_or(Ok(()), |problem| {
        Err(StoreError::Chain {
            path: path.to_path_buf(),
            entry: last.seq,
            problem,
        })
    })
}

/// A restored backup comes without the file that says how long the ledger was; so does one that somebody cut. Either way it is written down.
fn note_missing_head(connection: &mut Connection, path: &Path, folder: &str, actor: &str) -> Result<(), StoreError> {
    let (entries, hash) = within(connection, |connection| {
        // Another process may have made the ledger in the meantime. It writes the head before its first entry.
        if let Some(head) = Head::read(path, folder)? {
            head.check(connection, path)?;
            return Ok((head.entries, head.hash));
        }
        let Some(last) = audit::last(connection)? else {
            return Ok((0, audit::genesis(folder)));
        };
        let draft = AuditDraft {
            action: "ledger.unanchored",
            source: None,
            summary: format!(
                "The ledger was opened without its head file; it held {} entries. It was restored from a backup, or the file was lost.",
                last.seq
            ),
            data: serde_json::json!({ "entries": last.seq, "hash": last.hash }),
        };
        let entry = audit::append(connection, folder, actor, draft)?;
        Ok((entry.seq, entry.hash))
    })?;
    Head::write(path, folder, entries, &hash);
    Ok(())
}

/// The daily check and copy, on a thread of its own; none where it is not due.
fn care(path: &Path, key: &Key, aside: &Arc<Aside>, check_at_once: bool) -> Option<std::thread::JoinHandle<()>> {
    if backup::place(path, &today()).exists() && !check_at_once {
        return None;
    }
    let (path, key, told) = (path.to_path_buf(), key.clone(), Arc::clone(aside));
    let work = move || match check_and_back_up(&path, &key) {
        Ok(_) => {}
        Err(StoreError::Broken { detail, .. }) => *told.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(detail),
        Err(error) => {
            let notice = format!(
                "The ledger could not be backed up today: {error}. It is in order itself; the copy is tried again at the next start."
            );
            told.notices.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
        }
    };
    match std::thread::Builder::new().name("ledger-backup".into()).spawn(work) {
        Ok(running) => Some(running),
        Err(error) => {
            tracing::warn!(%error, "no thread for the ledger's backup");
            None
        }
    }
}

/// Reads the file through, and only then copies it. Both see the same moment.
pub fn check_and_back_up(path: &Path, key: &Key) -> Result<std::path::PathBuf, StoreError> {
    let with = FileOptions {
        create: false,
        ..options()
    };
    let mut connection = file::open(path, key, &with)?;
    let snapshot = connection.transaction().map_err(|error| sql(error).at(path))?;
    file::quick_check(&snapshot, "ledger").map_err(|error| error.at(path))?;
    backup::rotate(&snapshot, path, key, &with, &today())
}

fn today() -> String {
    jiff::Zoned::now().strftime("%Y%m%d").to_string()
}

fn wal(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// `user@host`, as the system says.
fn actor() -> String {
    let user = whoami::username().unwrap_or_else(|_| "unknown".into());
    let host = whoami::hostname().unwrap_or_else(|_| "unknown".into());
    format!("{user}@{host}")
}
