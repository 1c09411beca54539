//! Copies of a file: made through SQLite's backup interface, checked, and moved into place only when they are good.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::StoreError;
use super::file::{self, FileOptions, Key, make_folder};

/// The folder of the rotating backups, beside the ledger.
pub const FOLDER: &str = "backups";
/// How many daily backups are kept.
pub const KEPT: usize = 7;

const ONE_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The newest daily backup of the file at `path`.
pub fn newest(path: &Path) -> Option<PathBuf> {
    daily(path).pop()
}

/// The daily backups of the file at `path`, oldest first.
pub fn daily(path: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(stem)) = (path.parent(), path.file_stem()) else {
        return Vec::new();
    };
    let prefix = format!("{}-", stem.to_string_lossy());
    let mut found: Vec<PathBuf> = fs::read_dir(folder.join(FOLDER))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.strip_prefix(&prefix)
                .and_then(|rest| rest.strip_suffix(".db"))
                .is_some_and(|day| day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .collect();
    found.sort();
    found
}

/// Where the backup of this day (`YYYYMMDD`) is or would be.
pub fn place(path: &Path, day: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.parent().unwrap_or(Path::new("")).join(FOLDER).join(format!("{stem}-{day}.db"))
}

/// Makes the backup of this day, unless it is there, and takes away those beyond [`KEPT`].
/// The caller has checked the file before. Returns where it is.
///
/// # Errors
/// [`StoreError::Backup`], [`StoreError::DiskFull`], [`StoreError::NoPermission`].
pub fn rotate(source: &Connection, path: &Path, key: &Key, with: &FileOptions, day: &str) -> Result<PathBuf, StoreError> {
    let target = place(path, day);
    if !target.exists() {
        copy(source, &target, key, with)?;
    }
    let mut all = daily(path);
    let surplus = all.len().saturating_sub(KEPT);
    for old in all.drain(..surplus) {
        // One backup too many does no harm.
        let _ = fs::remove_file(old);
    }
    sweep(&target);
    Ok(target)
}

/// Takes away what copies that were killed midway left behind. A copy that is being made is younger than a day.
fn sweep(target: &Path) {
    let unfinished = |path: &Path| path.extension().is_some_and(|end| end == "part");
    let old = |path: &Path| {
        fs::metadata(path)
            .and_then(|meta| meta.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > ONE_DAY))
    };
    for entry in target.parent().map(fs::read_dir).into_iter().flatten().flatten().flatten() {
        let path = entry.path();
        if unfinished(&path) && old(&path) {
            // It does no harm where it stays.
            let _ = fs::remove_file(path);
        }
    }
}

/// Copies a file before its form is changed to `version`, to a name that is not taken.
///
/// # Errors
/// As [`rotate`].
pub fn before_migration(source: &Connection, path: &Path, key: &Key, with: &FileOptions, version: i64) -> Result<PathBuf, StoreError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let free = (1..).map(|n| {
        if n == 1 {
            format!("{name}.before-v{version}")
        } else {
            format!("{name}.before-v{version}-{n}")
        }
    });
    let target = free
        .map(|name| path.with_file_name(name))
        .find(|target| !target.exists())
        .unwrap_or_else(|| path.with_extension("before"));
    copy(source, &target, key, with)?;
    Ok(target)
}

/// Copies an open file to `target`, under the same key, as one plain file without a log beside it. The copy gets its name only after it was
/// read through and found to be the same length and form as the original.
///
/// # Errors
/// As [`rotate`].
pub fn copy(source: &Connection, target: &Path, key: &Key, with: &FileOptions) -> Result<(), StoreError> {
    let failed = |reason: String| StoreError::Backup {
        file: with.file,
        path: target.to_path_buf(),
        reason,
    };
    let sql = |error: rusqlite::Error| match StoreError::sql(with.file, error).at(target) {
        StoreError::Sql { source, .. } => failed(source.to_string()),
        StoreError::Broken { detail, .. } => failed(detail),
        known => known,
    };
    let io = |error| StoreError::io(with.file, target, error);
    if let Some(folder) = target.parent() {
        make_folder(folder).map_err(io)?;
    }
    let mut partial = target.as_os_str().to_owned();
    partial.push(format!(".{}.part", std::process::id()));
    let partial = PathBuf::from(partial);
    let clean = |path: &Path| {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            // Not being there is what is wanted.
            let _ = fs::remove_file(PathBuf::from(name));
        }
    };
    clean(&partial);
    let outcome = (|| {
        let mut copy = file::open(
            &partial,
            key,
            &FileOptions {
                create: true,
                ..with.clone()
            },
        )?;
        {
            let running = Backup::new(source, &mut copy).map_err(sql)?;
            loop {
                match running.step(2048).map_err(sql)? {
                    StepResult::Done => break,
                    StepResult::More => {}
                    // Another connection writes; the copy goes on after it.
                    _ => std::thread::sleep(Duration::from_millis(20)),
                }
            }
        }
        // The copied header says WAL; a copy is kept as one file.
        copy.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))
            .map_err(sql)?;
        let report: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sql)?;
        if report != "ok" {
            return Err(failed(format!("the copy does not hold: {report}")));
        }
        for pragma in ["PRAGMA user_version", "PRAGMA application_id"] {
            let ask = |connection: &Connection| connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
            if ask(source).map_err(sql)? != ask(&copy).map_err(sql)? {
                return Err(failed("the copy differs from the original".into()));
            }
        }
        copy.close().map_err(|(_, error)| sql(error))?;
        // Windows flushes only what is open for writing.
        OpenOptions::new()
            .write(true)
            .open(&partial)
            .and_then(|file| file.sync_all())
            .map_err(io)?;
        fs::rename(&partial, target).map_err(io)?;
        sync_folder(target);
        Ok(())
    })();
    if outcome.is_err() {
        clean(&partial);
    }
    outcome
}

/// Makes a rename last through a power cut, where the system has a way to.
pub(super) fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Some(Ok(folder)) = path.parent().map(fs::File::open) {
        // Without it the file is there all the same, only not surely after a power cut.
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = path;
}
