//! The table `removal`, and the one way by which history goes: a person set how long it is kept.
//!
//! What goes is whole: stretches of lines that an entry of the audit log vouches for, all of them older than the limit, with their transitions and the
//! earlier versions of records. Before they go they are held against their digests; the entry `history.removed` then says which lines went, how many, by
//! whose setting, and their digest. All of it is one transaction with the guards of these three tables, so that whatever ends it half way leaves guards and
//! lines where they were. Numbers go on where they were: nothing that is removed is ever numbered again.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use super::audit::{self, Covered};
use super::{AuditDraft, history, now, past, schema, sql};
use crate::store::StoreError;
use crate::view::{Millis, RemovedHistory};

pub const TABLE: &str = "removal";
pub const SCHEMA: &str = "
CREATE TABLE removal(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,          -- Unix milliseconds
    before INTEGER NOT NULL,      -- what was seen before this moment was to go, Unix milliseconds
    line INTEGER NOT NULL,        -- the last line of change that went
    transition INTEGER NOT NULL,  -- the last transition that went
    past INTEGER NOT NULL         -- the last row of past that went, so far
) STRICT;
";

/// The tables that history may go from.
pub const TABLES: [&str; 3] = [past::TABLE, history::CHANGES, history::TRANSITIONS];

/// The action of an entry that tells of a removal.
pub const REMOVED: &str = "history.removed";

/// The column of `removal` that says how far a table was removed; none for tables that nothing is removed from.
pub fn column(table: &str) -> Option<&'static str> {
    match table {
        history::CHANGES => Some("line"),
        history::TRANSITIONS => Some("transition"),
        past::TABLE => Some("past"),
        _ => None,
    }
}

/// The highest number that a row of a table of history ever had; 0 where there was none.
pub fn end(connection: &Connection, table: &str) -> Result<i64, StoreError> {
    let text = match column(table) {
        Some(column) => {
            format!("SELECT max(coalesce((SELECT max(seq) FROM {table}), 0), coalesce((SELECT max({column}) FROM removal), 0))")
        }
        None => format!("SELECT coalesce(max(seq), 0) FROM {table}"),
    };
    connection
        .prepare_cached(&text)
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(sql)
}

/// How far history was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// The moment before which it is gone; none where nothing was removed.
    pub before: Option<Millis>,
    /// The last line that went.
    pub line: i64,
    /// The last earlier version that went.
    pub past: i64,
}

/// How far history was removed.
pub fn gone(connection: &Connection) -> Result<Gone, StoreError> {
    connection
        .prepare_cached("SELECT max(before), coalesce(max(line), 0), coalesce(max(past), 0) FROM removal")
        .and_then(|mut statement| {
            statement.query_row([], |row| {
                Ok(Gone {
                    before: row.get(0)?,
                    line: row.get(1)?,
                    past: row.get(2)?,
                })
            })
        })
        .map_err(sql)
}

/// Lines that are old enough, up to the end of a stretch that the audit log vouches for.
struct Old {
    stretches: Vec<(i64, Covered)>,
}

impl Old {
    fn find(connection: &Connection, before: Millis) -> Result<Self, StoreError> {
        let young: Option<i64> = connection
            .query_row(
                "SELECT min(first) FROM transition WHERE seen_at >= ?1 AND lines > 0",
                [before],
                |row| row.get(0),
            )
            .map_err(sql)?;
        let gone = gone(connection)?;
        let mut stretches = Vec::new();
        audit::each_covering(connection, |seq, covered| {
            if young.is_some_and(|young| covered.to >= young) {
                return false;
            }
            if covered.to > gone.line {
                stretches.push((seq, covered));
            }
            true
        })?;
        Ok(Self { stretches })
    }

    fn lines(&self) -> Option<(i64, i64)> {
        Some((self.stretches.first()?.1.from, self.stretches.last()?.1.to))
    }
}

/// How many lines would go, if what was seen before this moment went.
pub fn preview(connection: &Connection, before: Millis) -> Result<u64, StoreError> {
    let old = Old::find(connection, before)?;
    Ok(old.lines().map_or(0, |(from, to)| u64::try_from(to - from + 1).unwrap_or(0)))
}

/// Removes what was seen before this moment, and gives the entry that tells of it; none where nothing is that old. Runs inside a writing transaction.
///
/// # Errors
/// [`StoreError::Damaged`] where a stretch is not as the audit log vouched for it: then nothing goes.
pub fn remove(connection: &Connection, before: Millis, keep_days: u32) -> Result<Option<AuditDraft>, StoreError> {
    let old = Old::find(connection, before)?;
    let Some((from, to)) = old.lines() else { return Ok(None) };
    for (entry, covered) in &old.stretches {
        if history::digest(connection, covered.from, covered.to)? != covered.sha256 {
            return Err(StoreError::Damaged {
                file: "ledger",
                what: format!(
                    "lines {} to {} of the history are not as entry {entry} of the audit log vouches for them, so they are not removed",
                    covered.from, covered.to
                ),
            });
        }
    }
    let last: i64 = connection
        .query_row("SELECT transition FROM change WHERE seq = ?1", [to], |row| row.get(0))
        .map_err(sql)?;
    let versions: Option<(i64, i64)> = connection
        .query_row("SELECT min(seq), max(seq) FROM past WHERE transition <= ?1", [last], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.zip(row.get(1)?))
        })
        .map_err(sql)?;
    let kept = match versions {
        Some((from, to)) => json!({ "from": from, "to": to, "sha256": past::digest(connection, from, to)? }),
        None => Value::Null,
    };
    let lines = json!({ "from": from, "to": to, "sha256": history::digest(connection, from, to)? });
    schema::unguarded(connection, &TABLES, || {
        for text in [
            "DELETE FROM past WHERE transition <= ?1",
            "DELETE FROM change WHERE transition <= ?1",
            "DELETE FROM transition WHERE seq <= ?1",
        ] {
            connection.execute(text, [last]).map_err(sql)?;
        }
        Ok(())
    })?;
    let already = gone(connection)?.past;
    connection
        .execute(
            "INSERT INTO removal SELECT coalesce(max(seq), 0) + 1, ?1, ?2, ?3, ?4, ?5 FROM removal",
            params![now(), before, to, last, versions.map_or(already, |(_, to)| to)],
        )
        .map_err(sql)?;
    let count = to - from + 1;
    Ok(Some(AuditDraft {
        action: REMOVED,
        source: None,
        summary: format!(
            "Removed {count} {} of history seen before {}, as history is set to be kept for {keep_days} {}; backups hold them for up to seven days more",
            if count == 1 { "line" } else { "lines" },
            day(before),
            if keep_days == 1 { "day" } else { "days" },
        ),
        data: json!({
            "before": before,
            "keepDays": keep_days,
            "count": count,
            "lines": lines,
            "past": kept,
            "vouchedBy": { "from": old.stretches.first().map(|stretch| stretch.0), "to": old.stretches.last().map(|stretch| stretch.0) },
        }),
    }))
}

fn day(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// What an entry of the audit log tells of a removal; none where it does not.
pub fn told(entry: &audit::Stored) -> Option<RemovedHistory> {
    if entry.action != REMOVED {
        return None;
    }
    let data: Value = serde_json::from_str(&entry.data).ok()?;
    let lines = data.get("lines")?;
    Some(RemovedHistory {
        seq: entry.seq,
        at: entry.at,
        by: entry.actor.clone(),
        before: data.get("before")?.as_i64()?,
        from: lines.get("from")?.as_i64()?,
        to: lines.get("to")?.as_i64()?,
        versions_to: data.pointer("/past/to").and_then(Value::as_i64),
    })
}

/// The oldest line's moment; none where there is no line.
pub fn oldest(connection: &Connection) -> Result<Option<Millis>, StoreError> {
    connection
        .query_row("SELECT seen_at FROM transition ORDER BY seq LIMIT 1", [], |row| row.get(0))
        .optional()
        .map_err(sql)
}
