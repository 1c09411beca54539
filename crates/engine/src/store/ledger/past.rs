//! The table `past`: what records said before they changed or went, whole, so that the picture can be made as it was.
//!
//! A stretch of rows has a digest as the lines of history have: SHA-256 over one line of canonical JSON (RFC 8785) and a newline per row, an object with
//! the members `document` (SHA-256 of the row's bytes, in hexadecimal), `seq` and `transition`.

use rusqlite::{Connection, params};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Transition, removal, sql};
use crate::secrets::hex;
use crate::store::StoreError;

pub const TABLE: &str = "past";
pub const SCHEMA: &str = "
CREATE TABLE past(
    seq INTEGER PRIMARY KEY,
    transition INTEGER NOT NULL UNIQUE REFERENCES transition(seq),
    document BLOB NOT NULL        -- JSON as the source sent it, zstd; of a group without its members, whom the lines tell
) STRICT;
";

/// No document is larger: an answer's body is bounded below this by the sources' limits.
const LARGEST: usize = 1 << 30;
const LEVEL: i32 = 1;

/// A document as it is kept.
///
/// # Errors
/// When zstd fails, which it does for lack of memory only.
pub fn pack(document: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(document, LEVEL)
}

/// A document out of what is kept.
///
/// # Errors
/// [`StoreError::Damaged`] where it is not what [`pack`] made.
pub fn unpack(kept: &[u8]) -> Result<Vec<u8>, StoreError> {
    let bound = zstd::bulk::Decompressor::upper_bound(kept).unwrap_or(LARGEST).min(LARGEST);
    zstd::bulk::decompress(kept, bound).map_err(|error| StoreError::Damaged {
        file: "ledger",
        what: format!("an earlier version of a record: {error}"),
    })
}

/// Keeps what a record said before this transition (by number), where it said something.
pub fn keep(connection: &Connection, next: &mut i64, number: i64, transition: &Transition) -> Result<(), StoreError> {
    let Some(document) = &transition.past else { return Ok(()) };
    connection
        .prepare_cached("INSERT INTO past VALUES (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute(params![*next, number, document]))
        .map_err(sql)?;
    *next += 1;
    Ok(())
}

/// The number of the last row; 0 where there never was one.
pub fn end(connection: &Connection) -> Result<i64, StoreError> {
    removal::end(connection, TABLE)
}

/// How many rows there are, and how many bytes their documents take.
pub fn size(connection: &Connection) -> Result<(u64, u64), StoreError> {
    connection
        .query_row("SELECT count(*), coalesce(sum(length(document)), 0) FROM past", [], |row| {
            Ok((row.get::<_, i64>(0)?.unsigned_abs(), row.get::<_, i64>(1)?.unsigned_abs()))
        })
        .map_err(sql)
}

/// A row as the digest sees it; the members are in canonical order. Its form never changes: old digests must come out the same.
#[derive(Serialize)]
struct Line {
    document: String,
    seq: i64,
    transition: i64,
}

/// The digest over the rows `from..=to`, in hexadecimal.
///
/// # Errors
/// [`StoreError::Damaged`] when a row is missing.
pub fn digest(connection: &Connection, from: i64, to: i64) -> Result<String, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT seq, transition, document FROM past WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq")
        .map_err(sql)?;
    let mut rows = statement.query([from, to]).map_err(sql)?;
    let (mut hash, mut expected) = (Sha256::new(), from);
    let missing = |seq: i64| StoreError::Damaged {
        file: "ledger",
        what: format!("the earlier version {seq} of a record is missing"),
    };
    while let Some(row) = rows.next().map_err(sql)? {
        let line = (|| {
            Ok(Line {
                seq: row.get(0)?,
                transition: row.get(1)?,
                document: hex(&Sha256::digest(row.get_ref(2)?.as_blob()?)),
            })
        })()
        .map_err(sql)?;
        if line.seq != expected {
            return Err(missing(expected));
        }
        // Plain text and numbers to text cannot fail.
        hash.update(serde_json::to_string(&line).unwrap_or_default());
        hash.update(b"\n");
        expected += 1;
    }
    if expected <= to {
        Err(missing(expected))
    } else {
        Ok(hex(&hash.finalize()))
    }
}
