//! The table `setting_version`: each value that a setting of the app ever had; the newest counts.

use rusqlite::{Connection, OptionalExtension, params};

use super::{now, sql};
use crate::store::StoreError;

pub const TABLE: &str = "setting_version";
pub const SCHEMA: &str = "
CREATE TABLE setting_version(
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,  -- Unix milliseconds
    value TEXT NOT NULL
) STRICT;
CREATE INDEX setting_version_by_key ON setting_version(key, seq);
";

pub fn get(connection: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    connection
        .query_row(
            "SELECT value FROM setting_version WHERE key = ?1 ORDER BY seq DESC LIMIT 1",
            [key],
            |row| row.get(0),
        )
        .optional()
        .map_err(sql)
}

pub fn set(connection: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    if get(connection, key)?.as_deref() != Some(value) {
        connection
            .execute(
                "INSERT INTO setting_version SELECT coalesce(max(seq), 0) + 1, ?1, ?2, ?3 FROM setting_version",
                params![key, now(), value],
            )
            .map_err(sql)?;
    }
    Ok(())
}

/// The settings whose keys begin so, by key.
pub fn like(connection: &Connection, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT key, value FROM setting_version v WHERE substr(key, 1, length(?1)) = ?1 AND seq =
                 (SELECT max(seq) FROM setting_version l WHERE l.key = v.key) ORDER BY key",
        )
        .map_err(sql)?;
    let rows = statement.query_map([prefix], |row| Ok((row.get(0)?, row.get(1)?))).map_err(sql)?;
    rows.collect::<Result<Vec<_>, _>>().map_err(sql)
}
