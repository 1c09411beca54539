//! The table `join_version`: what an admin decided about who is the same; of a pair the newest counts, and may say that the rules decide again.

use rusqlite::{Connection, params};

use super::{now, sql};
use crate::record::{DecidedSubject, Decision};
use crate::store::StoreError;
use crate::view::{JoinKind, JoinVerb, Millis};

pub const TABLE: &str = "join_version";
pub const SCHEMA: &str = "
CREATE TABLE join_version(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,          -- Unix milliseconds
    by TEXT NOT NULL,             -- the operating system's user
    kind TEXT NOT NULL CHECK (kind IN ('account', 'group')),
    verb TEXT NOT NULL CHECK (verb IN ('join', 'separate', 'forget')),
    one_source INTEGER NOT NULL,  -- a pair stands in one order: by source, then by id
    one_id TEXT NOT NULL,
    one_name TEXT NOT NULL,       -- as it was called then
    other_source INTEGER NOT NULL,
    other_id TEXT NOT NULL,
    other_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    CHECK (one_source < other_source OR (one_source = other_source AND one_id < other_id))
) STRICT;
CREATE INDEX join_version_by_pair ON join_version(kind, one_source, one_id, other_source, other_id, seq);
";

const KINDS: [(JoinKind, &str); 2] = [(JoinKind::Account, "account"), (JoinKind::Group, "group")];
const VERBS: [(JoinVerb, &str); 3] = [
    (JoinVerb::Join, "join"),
    (JoinVerb::Separate, "separate"),
    (JoinVerb::Forget, "forget"),
];

/// The word of a value; every value has one.
fn word<T: PartialEq>(words: &[(T, &'static str)], value: &T) -> &'static str {
    words.iter().find(|(of, _)| of == value).map_or("", |(_, word)| word)
}

fn value<T: Copy>(words: &[(T, &str)], word: &str) -> rusqlite::Result<T> {
    let found = words.iter().find(|(_, of)| *of == word).map(|(value, _)| *value);
    found.ok_or_else(|| rusqlite::Error::InvalidColumnName(word.to_owned()))
}

/// The decisions that stand, oldest first.
pub fn all(connection: &Connection) -> Result<Vec<Decision>, StoreError> {
    standing(connection, Millis::MAX)
}

/// The decisions that stood at a moment, oldest first.
pub fn standing(connection: &Connection, at: Millis) -> Result<Vec<Decision>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT seq, at, by, kind, verb, one_source, one_id, one_name, other_source, other_id, other_name, reason
             FROM join_version v WHERE verb <> 'forget' AND seq =
                 (SELECT max(seq) FROM join_version l WHERE l.kind = v.kind AND l.one_source = v.one_source
                  AND l.one_id = v.one_id AND l.other_source = v.other_source AND l.other_id = v.other_id AND l.at <= ?1)
             ORDER BY seq",
        )
        .map_err(sql)?;
    let rows = statement
        .query_map([at], |row| {
            Ok(Decision {
                seq: row.get(0)?,
                at: row.get(1)?,
                by: row.get(2)?,
                kind: value(&KINDS, &row.get::<_, String>(3)?)?,
                verb: value(&VERBS, &row.get::<_, String>(4)?)?,
                one: DecidedSubject {
                    source: row.get(5)?,
                    id: row.get(6)?,
                    name: row.get(7)?,
                },
                other: DecidedSubject {
                    source: row.get(8)?,
                    id: row.get(9)?,
                    name: row.get(10)?,
                },
                reason: row.get(11)?,
            })
        })
        .map_err(sql)?;
    rows.collect::<Result<Vec<_>, _>>().map_err(sql)
}

/// Writes a decision down, the pair in its order; gives it back with its number and time.
pub fn decide(connection: &Connection, mut decision: Decision) -> Result<Decision, StoreError> {
    if (decision.one.source, &decision.one.id) > (decision.other.source, &decision.other.id) {
        std::mem::swap(&mut decision.one, &mut decision.other);
    }
    decision.at = now();
    decision.seq = connection
        .query_row("SELECT coalesce(max(seq), 0) + 1 FROM join_version", [], |row| row.get(0))
        .map_err(sql)?;
    connection
        .execute(
            "INSERT INTO join_version VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                decision.seq,
                decision.at,
                decision.by,
                word(&KINDS, &decision.kind),
                word(&VERBS, &decision.verb),
                decision.one.source,
                decision.one.id,
                decision.one.name,
                decision.other.source,
                decision.other.id,
                decision.other.name,
                decision.reason,
            ],
        )
        .map_err(sql)?;
    Ok(decision)
}
