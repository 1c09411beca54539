//! The table `rotation_record`: rotations of credentials, each a list of records of which the first begins it.
//!
//! A record is written before what it announces is done, or after what it tells was seen. Each record of weight has an audit entry beside it, written in
//! the same transaction, whose particulars hold the record's own, the rotation's number and the record's. The entry that closes a rotation
//! carries a digest over all records before it, so that those without an entry hang on the chain too. No record holds a secret.

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{AuditDraft, Ledger, audit, sql};
use crate::canonical::canonical;
use crate::secrets::hex;
use crate::store::StoreError;
use crate::view::{AuditEntry, Millis, RotationId, SourceId};

pub const TABLE: &str = "rotation_record";
pub const SCHEMA: &str = "
CREATE TABLE rotation_record(
    seq INTEGER PRIMARY KEY,
    rotation INTEGER NOT NULL,
    number INTEGER NOT NULL,      -- from 1 without gaps, within the rotation
    source INTEGER NOT NULL,
    at INTEGER NOT NULL,          -- Unix milliseconds
    by TEXT NOT NULL,             -- the operating system's user
    kind TEXT NOT NULL,
    data TEXT NOT NULL,           -- canonical JSON
    audit INTEGER                 -- the entry beside it
) STRICT;
CREATE UNIQUE INDEX rotation_record_by_rotation ON rotation_record(rotation, number);
CREATE INDEX rotation_record_by_source ON rotation_record(source, number);
";

/// A record to append.
#[derive(Clone, Debug)]
pub struct RotationDraft {
    /// Its kind.
    pub kind: &'static str,
    /// Its particulars.
    pub data: Value,
    /// When.
    pub at: Millis,
    /// The action and the summary of the audit entry beside it, where it is one of weight.
    pub audit: Option<(&'static str, String)>,
    /// Whether the entry carries the digest over all records before it.
    pub seals: bool,
}

/// A record as the ledger holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRotationRecord {
    /// Which rotation.
    pub rotation: RotationId,
    /// Its number within it, from 1.
    pub number: i64,
    /// Whose credential.
    pub source: SourceId,
    /// When.
    pub at: Millis,
    /// Who.
    pub by: String,
    /// Its kind.
    pub kind: String,
    /// Its particulars.
    pub data: Value,
    /// The number of the audit entry beside it.
    pub audit: Option<i64>,
}

const COLUMNS: &str = "rotation, number, source, at, by, kind, data, audit";

fn read(connection: &Connection, condition: &str, values: &[i64]) -> Result<Vec<StoredRotationRecord>, StoreError> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM rotation_record {condition}"))
        .map_err(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(sql)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        let (rotation, number): (i64, i64) = (row.get(0).map_err(sql)?, row.get(1).map_err(sql)?);
        let data: String = row.get(6).map_err(sql)?;
        all.push(StoredRotationRecord {
            rotation,
            number,
            source: row.get(2).map_err(sql)?,
            at: row.get(3).map_err(sql)?,
            by: row.get(4).map_err(sql)?,
            kind: row.get(5).map_err(sql)?,
            data: serde_json::from_str(&data).map_err(|error| StoreError::Damaged {
                file: "ledger",
                what: format!("record {number} of rotation {rotation}: {error}"),
            })?,
            audit: row.get(7).map_err(sql)?,
        });
    }
    Ok(all)
}

fn count(connection: &Connection, rotation: RotationId) -> Result<i64, StoreError> {
    connection
        .query_row(
            "SELECT coalesce(max(number), 0) FROM rotation_record WHERE rotation = ?1",
            [rotation],
            |row| row.get(0),
        )
        .map_err(sql)
}

/// SHA-256 over the records of a rotation so far: for each a line of its number, time, kind and particulars, in canonical JSON.
fn digest(connection: &Connection, rotation: RotationId) -> Result<String, StoreError> {
    let mut hash = Sha256::new();
    for record in read(connection, "WHERE rotation = ?1 ORDER BY number", &[rotation])? {
        let line = json!({ "number": record.number, "at": record.at, "by": record.by, "kind": record.kind, "data": record.data });
        hash.update(canonical(&line).as_bytes());
        hash.update(b"\n");
    }
    Ok(hex(&hash.finalize()))
}

/// Where an appended record goes, and who appends it.
struct Place<'a> {
    folder: &'a str,
    actor: &'a str,
    rotation: RotationId,
    source: SourceId,
}

fn append(connection: &Connection, place: &Place<'_>, drafts: Vec<RotationDraft>) -> Result<Option<AuditEntry>, StoreError> {
    let mut number = count(connection, place.rotation)?;
    let mut last = None;
    for draft in drafts {
        number += 1;
        let mut beside = None;
        if let Some((action, summary)) = draft.audit {
            let mut data = json!({ "rotation": place.rotation, "record": number, "what": draft.data });
            if draft.seals {
                data["records"] = digest(connection, place.rotation)?.into();
            }
            let entry = audit::append(
                connection,
                place.folder,
                place.actor,
                AuditDraft {
                    action,
                    source: Some(place.source),
                    summary,
                    data,
                },
            )?;
            beside = Some(entry.seq);
            last = Some(entry);
        }
        connection
            .prepare_cached(
                "INSERT INTO rotation_record VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM rotation_record), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    place.rotation,
                    number,
                    place.source,
                    draft.at,
                    place.actor,
                    draft.kind,
                    canonical(&draft.data),
                    beside
                ])
            })
            .map_err(sql)?;
    }
    Ok(last)
}

impl Ledger {
    /// Begins a rotation with its first record; gives its number. `open` is asked first, in the same transaction, with the records of the source's
    /// last rotation: where it says that one is still open, nothing is written and that one's number is given back.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn begin_rotation(
        &self,
        source: SourceId,
        first: impl FnOnce(RotationId) -> RotationDraft,
        open: impl FnOnce(&[StoredRotationRecord]) -> bool,
    ) -> Result<Result<RotationId, RotationId>, StoreError> {
        let (outcome, entry) = self.write(|connection| {
            let last = read(
                connection,
                "WHERE rotation = (SELECT max(rotation) FROM rotation_record WHERE source = ?1) ORDER BY number",
                &[source],
            )?;
            if let Some(record) = last.first()
                && open(&last)
            {
                return Ok((Err(record.rotation), None));
            }
            let rotation: RotationId = connection
                .query_row("SELECT coalesce(max(rotation), 0) + 1 FROM rotation_record", [], |row| row.get(0))
                .map_err(sql)?;
            let place = Place {
                folder: &self.folder,
                actor: &self.actor,
                rotation,
                source,
            };
            let entry = append(connection, &place, vec![first(rotation)])?;
            Ok((Ok(rotation), entry))
        })?;
        if let Some(entry) = &entry {
            self.note_head(entry);
        }
        Ok(outcome)
    }

    /// Appends records to a rotation, all or none, and only where it has `expected` records so far (where that is given). Whether they were.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn append_rotation(
        &self,
        rotation: RotationId,
        source: SourceId,
        expected: Option<i64>,
        drafts: Vec<RotationDraft>,
    ) -> Result<bool, StoreError> {
        let (done, entry) = self.write(|connection| {
            if let Some(expected) = expected
                && count(connection, rotation)? != expected
            {
                return Ok((false, None));
            }
            let place = Place {
                folder: &self.folder,
                actor: &self.actor,
                rotation,
                source,
            };
            Ok((true, append(connection, &place, drafts)?))
        })?;
        if let Some(entry) = &entry {
            self.note_head(entry);
        }
        Ok(done)
    }

    /// A rotation's records from a number on, oldest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn rotation_records(&self, rotation: RotationId, from: i64) -> Result<Vec<StoredRotationRecord>, StoreError> {
        self.read(|connection| {
            read(
                connection,
                "WHERE rotation = ?1 AND number >= ?2 ORDER BY number",
                &[rotation, from],
            )
        })
    }

    /// The first record of each rotation, the newest rotation first; of one source, where it is given.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn rotations(&self, source: Option<SourceId>) -> Result<Vec<StoredRotationRecord>, StoreError> {
        self.read(|connection| match source {
            Some(source) => read(connection, "WHERE number = 1 AND source = ?1 ORDER BY rotation DESC", &[source]),
            None => read(connection, "WHERE number = 1 ORDER BY rotation DESC", &[]),
        })
    }
}
