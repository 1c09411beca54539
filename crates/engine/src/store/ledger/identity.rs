//! The table `identity`: whose ledger this is. One row, written once.

use rusqlite::{Connection, OptionalExtension, params};

use super::sql;
use crate::store::StoreError;
use crate::store::folder::Folder;

pub const TABLE: &str = "identity";
pub const SCHEMA: &str = "
CREATE TABLE identity(
    seq INTEGER PRIMARY KEY CHECK (seq = 1),
    folder TEXT NOT NULL,         -- the data folder's id, as in folder.json
    created_at INTEGER NOT NULL,  -- Unix milliseconds
    salt BLOB NOT NULL            -- 32 random bytes, for fingerprints of secrets
) STRICT;
";

/// The row.
pub struct Identity {
    pub folder: String,
    pub salt: [u8; 32],
}

/// Reads the row, or writes it where there is none yet. Runs inside a writing transaction.
pub fn establish(connection: &Connection, folder: &Folder) -> Result<Identity, StoreError> {
    let found = connection
        .query_row("SELECT folder, salt FROM identity", [], |row| {
            Ok(Identity {
                folder: row.get(0)?,
                salt: row.get(1)?,
            })
        })
        .optional()
        .map_err(sql)?;
    if let Some(identity) = found {
        return Ok(identity);
    }
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(|error| StoreError::Random { reason: error.to_string() })?;
    connection
        .execute(
            "INSERT INTO identity VALUES (1, ?1, ?2, ?3)",
            params![folder.id, folder.created_at, salt],
        )
        .map_err(sql)?;
    Ok(Identity {
        folder: folder.id.clone(),
        salt,
    })
}
