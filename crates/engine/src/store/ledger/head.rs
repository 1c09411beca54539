//! The file `ledger.head`: how long the audit log is and what its last hash is, kept beside the ledger.
//!
//! A chain cannot show that its last entries were taken off, and SQLite forgets the end of a write-ahead log that was cut off. This file does show it.
//! It is written when the ledger is made, and after each commit, so it is never ahead of the ledger by itself.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::audit;
use crate::store::StoreError;

/// The file's name.
pub const HEAD_FILE: &str = "ledger.head";

/// What the file says.
#[derive(Serialize, Deserialize)]
pub struct Head {
    /// The data folder's id.
    folder: String,
    /// How many entries the audit log had.
    pub entries: i64,
    /// The hash of the last.
    pub hash: String,
}

impl Head {
    fn place(ledger: &Path) -> PathBuf {
        ledger.with_file_name(HEAD_FILE)
    }

    /// What the file says; none where it is not there, cannot be understood, or is another folder's.
    pub fn read(ledger: &Path, folder: &str) -> Result<Option<Self>, StoreError> {
        let place = Self::place(ledger);
        match fs::read_to_string(&place) {
            Ok(text) => Ok(serde_json::from_str(&text).ok().filter(|head: &Self| head.folder == folder)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => Ok(None),
            Err(error) => Err(StoreError::io("ledger", &place, error)),
        }
    }

    /// Writes the file anew. A failure is no error: the file is then behind, which is allowed.
    pub fn write(ledger: &Path, folder: &str, entries: i64, hash: &str) {
        let head = Self {
            folder: folder.to_owned(),
            entries,
            hash: hash.to_owned(),
        };
        let place = Self::place(ledger);
        let partial = place.with_extension(format!("head.{}.part", std::process::id()));
        let text = serde_json::to_string(&head).unwrap_or_default();
        if let Err(error) = fs::write(&partial, text).and_then(|()| fs::rename(&partial, &place)) {
            tracing::warn!(%error, "the ledger's head could not be written");
        }
    }

    /// Whether the ledger still holds what it held.
    pub fn check(&self, connection: &Connection, ledger: &Path) -> Result<(), StoreError> {
        if self.entries == 0 {
            return Ok(());
        }
        match audit::at(connection, self.entries)? {
            Some(entry) if entry.hash == self.hash => Ok(()),
            Some(_) => Err(StoreError::Chain {
                path: ledger.to_path_buf(),
                entry: self.entries,
                problem: format!("its hash is not the one that {HEAD_FILE} kept"),
            }),
            None => {
                let found = audit::last(connection)?.map_or(0, |last| last.seq);
                Err(StoreError::RolledBack {
                    path: ledger.to_path_buf(),
                    expected: self.entries,
                    found,
                })
            }
        }
    }
}
