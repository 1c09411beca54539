//! The table `source_version`: each state that a source's settings ever had. The newest version of a source counts; its number is never given again.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoredSource, now, sql};
use crate::store::StoreError;
use crate::view::{Millis, SourceId, SourceSettings};

pub const TABLE: &str = "source_version";
pub const SCHEMA: &str = "
CREATE TABLE source_version(
    seq INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,
    at INTEGER NOT NULL,       -- Unix milliseconds
    settings TEXT NOT NULL,    -- JSON; never a secret
    removed INTEGER NOT NULL CHECK (removed IN (0, 1))
) STRICT;
CREATE INDEX source_version_by_source ON source_version(source, seq);
";

const LATEST: &str = "SELECT v.source, v.settings, (SELECT at FROM source_version f WHERE f.source = v.source ORDER BY f.seq LIMIT 1)
    FROM source_version v
    WHERE v.removed = 0 AND v.seq = (SELECT max(l.seq) FROM source_version l WHERE l.source = v.source)";

pub fn all(connection: &Connection) -> Result<Vec<StoredSource>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{LATEST} ORDER BY v.source")).map_err(sql)?;
    let rows = statement.query_map([], parts).map_err(sql)?;
    rows.map(|row| row.map_err(sql).and_then(stored)).collect()
}

fn one(connection: &Connection, id: SourceId) -> Result<StoredSource, StoreError> {
    let row = connection
        .query_row(&format!("{LATEST} AND v.source = ?1"), [id], parts)
        .optional()
        .map_err(sql)?;
    row.map_or(Err(StoreError::NoSource { id }), stored)
}

pub fn add(connection: &Connection, settings: &SourceSettings) -> Result<StoredSource, StoreError> {
    name_is_free(connection, None, &settings.name)?;
    let id = connection
        .query_row("SELECT coalesce(max(source), 0) + 1 FROM source_version", [], |row| row.get(0))
        .map_err(sql)?;
    let at = write(connection, id, settings, false)?;
    Ok(StoredSource {
        id,
        settings: settings.clone(),
        added_at: at,
    })
}

pub fn update(connection: &Connection, id: SourceId, settings: &SourceSettings) -> Result<(), StoreError> {
    if one(connection, id)?.settings != *settings {
        name_is_free(connection, Some(id), &settings.name)?;
        write(connection, id, settings, false)?;
    }
    Ok(())
}

pub fn remove(connection: &Connection, id: SourceId) -> Result<(), StoreError> {
    let settings = one(connection, id)?.settings;
    write(connection, id, &settings, true).map(drop)
}

fn write(connection: &Connection, id: SourceId, settings: &SourceSettings, removed: bool) -> Result<Millis, StoreError> {
    let at = now();
    let text = serde_json::to_string(settings).map_err(|error| damaged(id, &error))?;
    connection
        .execute(
            "INSERT INTO source_version SELECT coalesce(max(seq), 0) + 1, ?1, ?2, ?3, ?4 FROM source_version",
            params![id, at, text, removed],
        )
        .map_err(sql)?;
    Ok(at)
}

fn name_is_free(connection: &Connection, but: Option<SourceId>, name: &str) -> Result<(), StoreError> {
    let folded = name.to_lowercase();
    let taken = all(connection)?
        .iter()
        .any(|source| Some(source.id) != but && source.settings.name.to_lowercase() == folded);
    if taken {
        Err(StoreError::NameTaken { name: name.to_owned() })
    } else {
        Ok(())
    }
}

fn parts(row: &Row<'_>) -> rusqlite::Result<(SourceId, String, Millis)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn stored((id, settings, added_at): (SourceId, String, Millis)) -> Result<StoredSource, StoreError> {
    let settings = serde_json::from_str(&settings).map_err(|error| damaged(id, &error))?;
    Ok(StoredSource { id, settings, added_at })
}

fn damaged(id: SourceId, error: &serde_json::Error) -> StoreError {
    StoreError::Damaged {
        file: "ledger",
        what: format!("settings of source {id}: {error}"),
    }
}
