//! The cache: what the sources said last. Rebuildable at any time by a sync, so any doubt about it is solved by setting it aside.
//!
//! Columns that lists need stand apart from the documents, so that opening the directory reads a fraction of the file.
//! Documents are compressed with a dictionary trained on the source's own first page. Accounts, groups, dangling member ids and items share
//! one space of row numbers: when an account goes while a group still names it, its row simply becomes a dangling one.

mod fill;
mod items;
mod known;
mod pack;
mod read;
mod state;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use super::StoreError;
use super::file::{self, FileOptions, Key};

pub use known::{AsIs, IdHash, Known, KnownResource, Version, VersionHash, etag_hash};
pub use pack::{Packed, Packer};
pub use state::{Habit, Habits, SourceState};
pub use write::Writer;

/// The file's name in the data folder.
pub const FILE: &str = "cache.db";

const SCHEMA: &str = "
CREATE TABLE account(
    row INTEGER PRIMARY KEY, source INTEGER NOT NULL, id TEXT NOT NULL,
    user_name TEXT, display_name TEXT, email TEXT, external_id TEXT, title TEXT, department TEXT, user_type TEXT,
    active INTEGER, created INTEGER, modified INTEGER, roles INTEGER NOT NULL, unconfirmed INTEGER NOT NULL, hash BLOB NOT NULL, etag INTEGER
) STRICT;
CREATE TABLE grp(
    row INTEGER PRIMARY KEY, source INTEGER NOT NULL, id TEXT NOT NULL,
    display_name TEXT, external_id TEXT, created INTEGER, modified INTEGER,
    members_listed INTEGER NOT NULL, unconfirmed INTEGER NOT NULL, hash BLOB NOT NULL, etag INTEGER
) STRICT;
CREATE TABLE dangling(row INTEGER PRIMARY KEY, source INTEGER NOT NULL, id TEXT NOT NULL) STRICT;
CREATE TABLE membership(grp INTEGER NOT NULL, member INTEGER NOT NULL, PRIMARY KEY(grp, member)) WITHOUT ROWID, STRICT;
CREATE TABLE document(row INTEGER PRIMARY KEY, dictionary INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE dictionary(id INTEGER PRIMARY KEY, source INTEGER NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE source_state(source INTEGER PRIMARY KEY, state TEXT NOT NULL) STRICT;
CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES ('row', 0), ('generation', 0);
";

/// Programs' accounts, and what access is made of besides accounts and groups.
const ITEMS: &str = "
ALTER TABLE account ADD COLUMN service INTEGER NOT NULL DEFAULT 0;
CREATE TABLE item(
    row INTEGER PRIMARY KEY, source INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    name TEXT, modified INTEGER, unconfirmed INTEGER NOT NULL, hash BLOB NOT NULL
) STRICT;
";

/// Who is whose manager. In a file with rows the column waits to be filled from their documents, see [`Cache::fill_columns`].
const MANAGERS: &str = "
ALTER TABLE account ADD COLUMN manager TEXT;
CREATE TABLE unfilled(name TEXT PRIMARY KEY) STRICT;
INSERT INTO unfilled SELECT 'account.manager' WHERE EXISTS (SELECT 1 FROM account);
";

/// One account or group per source and id, one item per source, kind and id. Made after a first load, since a sorted build costs a fraction of random inserts.
pub(crate) const INDEXES: &str = "
CREATE UNIQUE INDEX IF NOT EXISTS account_by_id ON account(source, id);
CREATE UNIQUE INDEX IF NOT EXISTS grp_by_id ON grp(source, id);
CREATE UNIQUE INDEX IF NOT EXISTS dangling_by_id ON dangling(source, id);
CREATE UNIQUE INDEX IF NOT EXISTS item_by_id ON item(source, kind, id);
";

pub(crate) const DROP_INDEXES: &str = "
DROP INDEX IF EXISTS account_by_id;
DROP INDEX IF EXISTS grp_by_id;
DROP INDEX IF EXISTS dangling_by_id;
DROP INDEX IF EXISTS item_by_id;
";

/// Makes the cache's tables and indexes in an empty file: for measuring what the file costs without the cache around it.
///
/// # Errors
/// When they cannot be made.
pub fn create_tables(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(SCHEMA)?;
    connection.execute_batch(ITEMS)?;
    connection.execute_batch(MANAGERS)?;
    connection.execute_batch(INDEXES)
}

fn migrations() -> Migrations<'static> {
    Migrations::new(vec![M::up(SCHEMA), M::up(ITEMS), M::up(MANAGERS)])
}

/// How the cache's file is opened: large pages, since whole rows with documents are read and written in runs.
pub fn options() -> FileOptions {
    FileOptions {
        page_size: 8192,
        cache_kib: 16 * 1024,
        synchronous: file::Synchronous::Normal,
        ..FileOptions::new("cache")
    }
}

/// The cache, open. Readers share a small pool of connections; one [`Writer`] at a time per source.
pub struct Cache {
    path: PathBuf,
    key: Key,
    idle: Mutex<Vec<Connection>>,
    dictionaries: pack::Dictionaries,
}

/// Sets the file at `path` aside and says so, for the screen.
///
/// # Errors
/// When it cannot be renamed.
pub fn set_aside(path: &Path, why: &StoreError) -> Result<String, StoreError> {
    tracing::warn!(error = %why, "cache set aside");
    let aside = file::set_aside(path)?;
    let name = aside
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let why = if why.is_wrong_key() {
        "its key is not the one in the keychain"
    } else {
        "it is damaged"
    };
    Ok(format!(
        "The local cache could not be opened: {why}. It was set aside as {name} and an empty one made. Sync your sources to fill it again; \
         history, settings and the audit log are untouched."
    ))
}

/// The mark beside a cache in which damage was met.
fn doubted(path: &Path) -> PathBuf {
    path.with_extension("doubted")
}

/// What opening gave.
pub struct Opened {
    /// The cache.
    pub cache: Cache,
    /// Why the old file was set aside, and where it is now, if it was.
    pub notice: Option<String>,
}

impl Cache {
    /// Opens the cache in `dir`, or makes it. A file that is broken, or that the key does not fit, is set aside beside it
    /// (`cache.db.set-aside-…`) and an empty one made: nothing is lost that a sync does not bring back.
    ///
    /// # Errors
    /// When the folder cannot be used at all, or the file is of a newer Lanyard.
    pub fn open(dir: &Path, key: &Key) -> Result<Opened, StoreError> {
        let path = dir.join(FILE);
        let doubted = doubted(&path);
        let opened = if doubted.exists() {
            // Damage was met while it was read: that it opens says nothing.
            let detail = "a reading met damage".to_owned();
            Err(StoreError::Broken {
                file: "cache",
                path: path.clone(),
                detail,
            })
        } else {
            Self::try_open(&path, key)
        };
        match opened {
            Ok(cache) => Ok(Opened { cache, notice: None }),
            Err(error) if error.is_broken() || error.is_wrong_key() => {
                let notice = set_aside(&path, &error)?;
                if let Err(source) = std::fs::remove_file(&doubted)
                    && source.kind() != std::io::ErrorKind::NotFound
                {
                    return Err(StoreError::File { path: doubted, source });
                }
                let cache = Self::try_open(&path, key)?;
                Ok(Opened {
                    cache,
                    notice: Some(notice),
                })
            }
            Err(error) => Err(error),
        }
    }

    fn try_open(path: &Path, key: &Key) -> Result<Self, StoreError> {
        let mut connection = file::open(path, key, &options())?;
        file::migrate(&mut connection, path, &migrations(), &options())?;
        let sql = |source| StoreError::sql("cache", source);
        let dictionaries = pack::Dictionaries::load(&connection).map_err(sql)?;
        Ok(Self {
            path: path.to_owned(),
            key: key.clone(),
            idle: Mutex::new(vec![connection]),
            dictionaries,
        })
    }

    /// Runs `read` on a pooled connection.
    fn with<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let pooled = self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
        let connection = match pooled {
            Some(connection) => connection,
            None => file::open(&self.path, &self.key, &options())?,
        };
        let result = read(&connection).map_err(|source| StoreError::sql("cache", source));
        if result.as_ref().is_err_and(StoreError::is_broken) {
            self.doubt();
        }
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(connection);
        result
    }

    /// Has the file set aside when it is opened next: damage was met in it.
    pub fn doubt(&self) {
        if let Err(error) = std::fs::write(doubted(&self.path), b"") {
            tracing::error!(%error, "the damaged cache could not be marked");
        }
    }

    /// A connection of one's own, for a writer.
    fn connect(&self) -> Result<Connection, StoreError> {
        file::open(&self.path, &self.key, &options())
    }
}
