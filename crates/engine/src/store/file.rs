//! Opening SQLCipher files: key, settings, the check that the key fits, and bringing them to the present form.

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use rusqlite_migration::Migrations;

pub use super::key::Key;
use super::{StoreError, backup, error};

/// How much SQLite waits for the disk (`PRAGMA synchronous`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Synchronous {
    /// Not at all: a power cut may break the file. For a cache while it is filled for the first time.
    Off,
    /// At checkpoints: a power cut may lose the last transactions and breaks nothing.
    Normal,
    /// At each commit: what was committed stays.
    Full,
}

/// How to open a file.
#[derive(Clone, Debug)]
pub struct FileOptions {
    /// `cache` or `ledger`, for messages.
    pub file: &'static str,
    /// Bytes of a page. A file keeps the size that it was made with; opening it with another fails as with a wrong key.
    pub page_size: u32,
    /// How much to wait for the disk.
    pub synchronous: Synchronous,
    /// Memory for pages, in KiB.
    pub cache_kib: u32,
    /// Bytes of the file to map into memory. Encrypted pages must be copied out anyway, so this rarely helps.
    pub mmap_bytes: u64,
    /// How long to wait for another connection's lock.
    pub busy: Duration,
    /// Pages in the write-ahead log before it is folded into the file.
    pub checkpoint_pages: u32,
    /// Whether to make the file when it is not there.
    pub create: bool,
}

impl FileOptions {
    /// The careful settings: what was committed stays. `file` is `cache` or `ledger`.
    pub fn new(file: &'static str) -> Self {
        Self {
            file,
            page_size: 4096,
            synchronous: Synchronous::Full,
            cache_kib: 4 * 1024,
            mmap_bytes: 0,
            busy: Duration::from_secs(10),
            checkpoint_pages: 1000,
            create: true,
        }
    }
}

/// Opens an encrypted file, or makes it, and reads from it once, so that a key that does not fit is found here and not later.
///
/// New files and folders are for their owner alone. The file is put into WAL mode; foreign keys and recursive triggers are on.
///
/// # Errors
/// [`StoreError::WrongKey`], [`StoreError::Broken`] (not a database, damaged, or not encrypted by Lanyard), [`StoreError::Busy`],
/// [`StoreError::DiskFull`], [`StoreError::NoPermission`], [`StoreError::File`] (not there, and not to be made).
pub fn open(path: &Path, key: &Key, with: &FileOptions) -> Result<Connection, StoreError> {
    if with.create {
        prepare(path, with.file)?;
    }
    fs::metadata(path).map_err(|error| StoreError::io(with.file, path, error))?;
    // Two processes may make the same file at the same moment. The slower one then holds a salt that never reached the disk, and its
    // key seems not to fit; a new connection reads the salt that did.
    let mut tries = 3;
    loop {
        tries -= 1;
        match open_once(path, key, with) {
            Err(StoreError::WrongKey { .. }) if tries > 0 => std::thread::sleep(Duration::from_millis(40)),
            other => return other,
        }
    }
}

fn open_once(path: &Path, key: &Key, with: &FileOptions) -> Result<Connection, StoreError> {
    let failed = |error| StoreError::sql(with.file, error).at(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(with.busy).map_err(failed)?;
    // The log would go to standard error and say no more than the errors do.
    connection.execute_batch("PRAGMA cipher_log_level = NONE;").map_err(failed)?;
    // The error is not passed on: it would carry the statement, and with it the key.
    connection.execute_batch(&key.pragma()).map_err(|_| StoreError::Broken {
        file: with.file,
        path: path.to_path_buf(),
        detail: "the key could not be set".into(),
    })?;
    connection
        .execute_batch(&format!("PRAGMA cipher_page_size = {};", with.page_size))
        .map_err(failed)?;
    if let Err(error) = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)) {
        return Err(match error::code_of(&error) {
            Some(ErrorCode::NotADatabase) => why_unreadable(&connection, path, with),
            _ => failed(error),
        });
    }
    let synchronous = match with.synchronous {
        Synchronous::Off => "OFF",
        Synchronous::Normal => "NORMAL",
        Synchronous::Full => "FULL",
    };
    switch_to_wal(&connection, with.busy).map_err(failed)?;
    connection
        .execute_batch(&format!(
            "PRAGMA synchronous = {synchronous};
             PRAGMA foreign_keys = ON;
             PRAGMA recursive_triggers = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA cache_size = -{};
             PRAGMA wal_autocheckpoint = {};",
            with.cache_kib, with.checkpoint_pages
        ))
        .map_err(failed)?;
    if with.mmap_bytes > 0 {
        connection
            .pragma_update(None, "mmap_size", i64::try_from(with.mmap_bytes).unwrap_or(i64::MAX))
            .map_err(failed)?;
    }
    Ok(connection)
}

/// The switch needs the file for itself for a moment, and SQLite does not always wait for that by itself.
fn switch_to_wal(connection: &Connection, busy: Duration) -> Result<(), rusqlite::Error> {
    let until = Instant::now() + busy;
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)) {
            Err(error) if error::code_of(&error) == Some(ErrorCode::DatabaseBusy) && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(error),
            Ok(_) => return Ok(()),
        }
    }
}

/// With a wrong key no page's authentication code fits; in a damaged file most still do.
fn why_unreadable(connection: &Connection, path: &Path, with: &FileOptions) -> StoreError {
    let broken = |detail: String| StoreError::Broken {
        file: with.file,
        path: path.to_path_buf(),
        detail,
    };
    let mut start = Vec::new();
    let length = fs::metadata(path).map_or(0, |meta| meta.len());
    if let Ok(file) = fs::File::open(path)
        && file.take(16).read_to_end(&mut start).is_ok()
        && start == b"SQLite format 3\0"
    {
        return broken("it is a SQLite file without encryption, which Lanyard never writes".into());
    }
    let page = u64::from(with.page_size);
    if length < page || !length.is_multiple_of(page) {
        return broken(format!(
            "it is {length} bytes long, which is not a whole number of pages of {page}: it was cut off, or is another kind of file"
        ));
    }
    let pages = length / page;
    let bad = connection.prepare("PRAGMA cipher_integrity_check").and_then(|mut statement| {
        let mut rows = statement.query([])?;
        let mut bad = 0_u64;
        while rows.next()?.is_some() {
            bad += 1;
        }
        Ok(bad)
    });
    match bad {
        Ok(bad) if bad > 0 && bad < pages => broken(format!("{bad} of its {pages} pages are not as they were written")),
        _ => StoreError::WrongKey {
            file: with.file,
            path: path.to_path_buf(),
        },
    }
}

/// Makes the folder and the empty file, for their owner alone.
fn prepare(path: &Path, file: &'static str) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        make_folder(folder).map_err(|error| StoreError::io(file, folder, error))?;
    }
    if !path.exists() {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        owner_only(&mut options);
        options.open(path).map_err(|error| StoreError::io(file, path, error))?;
    }
    Ok(())
}

/// Makes a folder, and those above it, for their owner alone.
///
/// # Errors
/// What the file system says.
pub fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Lets only the owner read and write a file that is about to be made.
pub(super) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    // On Windows the user's own folder gives the right list of who may read.
    let _ = options;
}

/// Brings a file to the present form, without a copy of it beforehand: for files that can be rebuilt.
///
/// # Errors
/// [`StoreError::TooNew`] when a newer Lanyard wrote it, [`StoreError::Migration`] when a step failed (it is as it was before).
pub fn migrate(connection: &mut Connection, path: &Path, migrations: &Migrations<'_>, with: &FileOptions) -> Result<(), StoreError> {
    if let Some((found, known)) = pending(connection, path, migrations, with)? {
        step_up(connection, path, migrations, with, found, known)?;
    }
    Ok(())
}

/// Brings a file to the present form. Before an existing file is changed, it is copied to `NAME.before-vN`, and the copy is checked.
/// Returns where that copy is, if one was made.
///
/// # Errors
/// As [`migrate`], and [`StoreError::Backup`] when it could not be copied (it is not changed then).
pub fn migrate_with_backup(
    connection: &mut Connection,
    path: &Path,
    key: &Key,
    migrations: &Migrations<'_>,
    with: &FileOptions,
) -> Result<Option<PathBuf>, StoreError> {
    let Some((found, known)) = pending(connection, path, migrations, with)? else {
        return Ok(None);
    };
    let copy = if found > 0 {
        Some(backup::before_migration(connection, path, key, with, known)?)
    } else {
        None
    };
    step_up(connection, path, migrations, with, found, known)?;
    Ok(copy)
}

/// The file's form and the newest one, where they differ.
fn pending(
    connection: &Connection,
    path: &Path,
    migrations: &Migrations<'_>,
    with: &FileOptions,
) -> Result<Option<(i64, i64)>, StoreError> {
    let found = version(connection, path, with)?;
    let pending = i64::from(
        migrations
            .pending_migrations(connection)
            .map_err(|error| migration_error(with.file, path, found, found, &error))?,
    );
    match pending {
        0 => Ok(None),
        1.. => Ok(Some((found, found + pending))),
        _ => Err(StoreError::TooNew {
            file: with.file,
            path: path.to_path_buf(),
            found,
            known: found + pending,
        }),
    }
}

fn step_up(
    connection: &mut Connection,
    path: &Path,
    migrations: &Migrations<'_>,
    with: &FileOptions,
    found: i64,
    known: i64,
) -> Result<(), StoreError> {
    // Another process may be at it too: the second one waits for the lock, finds the work done, and goes on.
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    let outcome = migrations.to_latest(connection);
    connection.set_transaction_behavior(TransactionBehavior::Deferred);
    match outcome {
        Ok(()) => Ok(()),
        Err(_) if version(connection, path, with)? == known => Ok(()),
        Err(error) => Err(migration_error(with.file, path, found, known, &error)),
    }
}

/// The form of a file, as its header says.
fn version(connection: &Connection, path: &Path, with: &FileOptions) -> Result<i64, StoreError> {
    connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|error| StoreError::sql(with.file, error).at(path))
}

/// Reads the file through and checks its structure; each page's authentication code is checked on the way.
///
/// # Errors
/// [`StoreError::Broken`] with the first thing that does not fit.
pub fn quick_check(connection: &Connection, file: &'static str) -> Result<(), StoreError> {
    let path = connection.path().map_or_else(|| PathBuf::from(format!("{file}.db")), PathBuf::from);
    let report: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| StoreError::sql(file, error).at(&path))?;
    if report == "ok" {
        Ok(())
    } else {
        Err(StoreError::Broken {
            file,
            path,
            detail: report,
        })
    }
}

/// Sets a file aside under a new name (`NAME.set-aside-N`), its log with it, and returns that name. For the cache only: a ledger is never moved.
///
/// # Errors
/// [`StoreError::NoPermission`] and the like, when it cannot be renamed.
pub fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut number = 1_u32;
    let target = loop {
        let target = path.with_file_name(format!("{name}.set-aside-{number}"));
        if !target.exists() {
            break target;
        }
        number += 1;
    };
    let beside = |of: &Path, end: &str| {
        let mut name = of.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    for end in ["-wal", "-shm", ""] {
        let (from, to) = (beside(path, end), beside(&target, end));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound || end.is_empty() => {
                return Err(StoreError::io("cache", &from, error));
            }
            _ => {}
        }
    }
    Ok(target)
}

fn migration_error(file: &'static str, path: &Path, from: i64, to: i64, error: &rusqlite_migration::Error) -> StoreError {
    let reason = match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => match StoreError::sql(file, clone_failure(err)).at(path) {
            StoreError::Sql { source, .. } => source.to_string(),
            known => return known,
        },
        other => other.to_string(),
    };
    StoreError::Migration {
        file,
        path: path.to_path_buf(),
        from,
        to,
        reason,
    }
}

/// What of an error can be had from a reference: its code and message.
fn clone_failure(error: &rusqlite::Error) -> rusqlite::Error {
    match error {
        rusqlite::Error::SqliteFailure(failure, message) => rusqlite::Error::SqliteFailure(*failure, message.clone()),
        rusqlite::Error::SqlInputError { error, msg, .. } => rusqlite::Error::SqliteFailure(*error, Some(msg.clone())),
        other => rusqlite::Error::InvalidParameterName(other.to_string()),
    }
}
