//! The table `filter_version`: each state that a saved filter ever had; the newest counts, and may say that it was forgotten.

use rusqlite::{Connection, OptionalExtension, params};

use super::{now, sql};
use crate::store::StoreError;
use crate::view::SavedFilter;

pub const TABLE: &str = "filter_version";
pub const SCHEMA: &str = "
CREATE TABLE filter_version(
    seq INTEGER PRIMARY KEY,
    screen TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,  -- Unix milliseconds
    search TEXT NOT NULL,
    filter TEXT,
    removed INTEGER NOT NULL CHECK (removed IN (0, 1))
) STRICT;
CREATE INDEX filter_version_by_name ON filter_version(screen, name, seq);
";

/// By screen, then by name without regard to case.
pub fn all(connection: &Connection) -> Result<Vec<SavedFilter>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT v.screen, v.name, v.search, v.filter FROM filter_version v
             WHERE v.removed = 0 AND v.seq = (SELECT max(l.seq) FROM filter_version l WHERE l.screen = v.screen AND l.name = v.name)",
        )
        .map_err(sql)?;
    let rows = statement
        .query_map([], |row| {
            Ok(SavedFilter {
                screen: row.get(0)?,
                name: row.get(1)?,
                search: row.get(2)?,
                filter: row.get(3)?,
            })
        })
        .map_err(sql)?;
    let mut filters = rows.collect::<Result<Vec<_>, _>>().map_err(sql)?;
    filters.sort_by_cached_key(|filter| (filter.screen.clone(), filter.name.to_lowercase()));
    Ok(filters)
}

pub fn save(connection: &Connection, filter: &SavedFilter) -> Result<(), StoreError> {
    write(connection, filter, false)
}

/// No error where there is none.
pub fn forget(connection: &Connection, screen: &str, name: &str) -> Result<(), StoreError> {
    let last = connection
        .query_row(
            "SELECT search, filter, removed FROM filter_version WHERE screen = ?1 AND name = ?2 ORDER BY seq DESC LIMIT 1",
            [screen, name],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, bool>(2)?)),
        )
        .optional()
        .map_err(sql)?;
    match last {
        Some((search, filter, false)) => write(
            connection,
            &SavedFilter {
                name: name.to_owned(),
                screen: screen.to_owned(),
                search,
                filter,
            },
            true,
        ),
        _ => Ok(()),
    }
}

fn write(connection: &Connection, filter: &SavedFilter, removed: bool) -> Result<(), StoreError> {
    connection
        .execute(
            "INSERT INTO filter_version SELECT coalesce(max(seq), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6 FROM filter_version",
            params![filter.screen, filter.name, now(), filter.search, filter.filter, removed],
        )
        .map(drop)
        .map_err(sql)
}
