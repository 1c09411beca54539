//! The table `audit`: what Lanyard did, each entry chained to the one before.
//!
//! An entry's hash is SHA-256 over its canonical JSON (RFC 8785) without the hash itself: one object with the members `action`, `actor`, `at`, `data`,
//! `previous`, `seq`, `source` and `summary`. `previous` is the hash of the entry before, and for the first entry SHA-256 over the line
//! `lanyard audit v1`, a newline, and the data folder's id. So an auditor needs no Lanyard to check an exported log; `docs/cli.md` has the recipe
//! (`lanyard audit export`).
//!
//! An entry `sync.ended` also carries `data.history`: the digest over all lines of history that no earlier entry covers (see `history`); and `data.past`,
//! the same over the earlier versions of records (see `past`).

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{AuditDraft, history, now, past, sql};
use crate::canonical::canonical;
use crate::secrets::hex;
use crate::store::StoreError;
use crate::view::{AuditEntry, AuditPage, AuditQuery, Millis, SourceId};

pub const TABLE: &str = "audit";
pub const SCHEMA: &str = "
CREATE TABLE audit(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,      -- Unix milliseconds
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    source INTEGER,
    summary TEXT NOT NULL,
    data TEXT NOT NULL,       -- canonical JSON
    previous TEXT NOT NULL,   -- SHA-256, hexadecimal
    hash TEXT NOT NULL        -- SHA-256, hexadecimal
) STRICT;
CREATE INDEX audit_by_action ON audit(action, seq);
CREATE INDEX audit_by_source ON audit(source, seq);
";

/// The action whose entries carry a digest over history.
pub const SYNC_ENDED: &str = "sync.ended";

const COLUMNS: &str = "seq, at, actor, action, source, summary, data, previous, hash";

/// An entry as it stands in the table.
pub struct Stored {
    pub seq: i64,
    pub at: Millis,
    pub actor: String,
    pub action: String,
    pub source: Option<SourceId>,
    pub summary: String,
    pub data: String,
    pub previous: String,
    pub hash: String,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            action: row.get(3)?,
            source: row.get(4)?,
            summary: row.get(5)?,
            data: row.get(6)?,
            previous: row.get(7)?,
            hash: row.get(8)?,
        })
    }

    /// The hash that the entry should have. The data are taken as they stand, since they were canonical when they were written.
    pub fn reckon(&self) -> String {
        let text = |text: &str| canonical(&Value::from(text));
        let source = self.source.map_or_else(|| "null".to_owned(), |source| source.to_string());
        hash(&format!(
            "{{\"action\":{},\"actor\":{},\"at\":{},\"data\":{},\"previous\":{},\"seq\":{},\"source\":{source},\"summary\":{}}}",
            text(&self.action),
            text(&self.actor),
            self.at,
            self.data,
            text(&self.previous),
            self.seq,
            text(&self.summary),
        ))
    }

    /// The entry as views tell it.
    pub fn entry(self) -> Result<AuditEntry, StoreError> {
        let Self {
            seq,
            at,
            actor,
            action,
            source,
            summary,
            data,
            previous,
            hash,
        } = self;
        let data = serde_json::from_str(&data).map_err(|error| StoreError::Damaged {
            file: "ledger",
            what: format!("the particulars of audit entry {seq}: {error}"),
        })?;
        Ok(AuditEntry {
            seq,
            at,
            actor,
            action,
            source,
            summary,
            data,
            hash,
            previous,
        })
    }
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// What stands as `previous` in the first entry.
pub fn genesis(folder: &str) -> String {
    hash(&format!("lanyard audit v1\n{folder}"))
}

/// The newest entry.
pub fn last(connection: &Connection) -> Result<Option<Stored>, StoreError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM audit ORDER BY seq DESC LIMIT 1"))
        .and_then(|mut statement| statement.query_row([], Stored::read).optional())
        .map_err(sql)
}

/// The entry of this number.
pub fn at(connection: &Connection, seq: i64) -> Result<Option<Stored>, StoreError> {
    connection
        .query_row(&format!("SELECT {COLUMNS} FROM audit WHERE seq = ?1"), [seq], Stored::read)
        .optional()
        .map_err(sql)
}

/// Appends an entry. Runs inside a writing transaction, so that no other process can come between.
pub fn append(connection: &Connection, folder: &str, actor: &str, draft: AuditDraft) -> Result<AuditEntry, StoreError> {
    let (seq, previous) = last(connection)?.map_or_else(|| (1, genesis(folder)), |last| (last.seq + 1, last.hash));
    let AuditDraft {
        action,
        source,
        summary,
        mut data,
    } = draft;
    if action == SYNC_ENDED {
        cover_history(connection, &mut data)?;
    }
    let mut stored = Stored {
        seq,
        at: now(),
        actor: actor.to_owned(),
        action: action.to_owned(),
        source,
        summary,
        data: canonical(&data),
        previous,
        hash: String::new(),
    };
    stored.hash = stored.reckon();
    connection
        .execute(
            "INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                stored.seq,
                stored.at,
                stored.actor,
                stored.action,
                stored.source,
                stored.summary,
                stored.data,
                stored.previous,
                stored.hash
            ],
        )
        .map_err(sql)?;
    stored.entry()
}

/// A stretch of history that an entry vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    pub from: i64,
    pub to: i64,
    pub sha256: String,
}

impl Covered {
    /// What an entry's particulars say about lines of history, if they say anything.
    pub fn read(data: &Value) -> Option<Self> {
        Self::of(data, HISTORY)
    }

    /// What they say about earlier versions of records.
    pub fn of_past(data: &Value) -> Option<Self> {
        Self::of(data, PAST)
    }

    fn of(data: &Value, member: &str) -> Option<Self> {
        let stretch = data.get(member)?;
        Some(Self {
            from: stretch.get("from")?.as_i64()?,
            to: stretch.get("to")?.as_i64()?,
            sha256: stretch.get("sha256")?.as_str()?.to_owned(),
        })
    }
}

const HISTORY: &str = "history";
const PAST: &str = "past";

/// Puts the digests over all history that is not yet covered into an entry's particulars.
fn cover_history(connection: &Connection, data: &mut Value) -> Result<(), StoreError> {
    if data.is_null() {
        *data = json!({});
    }
    let Some(members) = data.as_object_mut() else { return Ok(()) };
    let stretches: [(&str, i64, Reckon); 2] = [
        (HISTORY, history::end(connection)?, history::digest),
        (PAST, past::end(connection)?, past::digest),
    ];
    for (member, to, digest) in stretches {
        // What is called so is ours alone.
        members.shift_remove(member);
        if to == 0 {
            continue;
        }
        let from = covered_to(connection, member)? + 1;
        if from <= to {
            let sha256 = digest(connection, from, to)?;
            members.insert(member.into(), json!({ "from": from, "to": to, "sha256": sha256 }));
        }
    }
    Ok(())
}

/// What gives the digest over rows from one number to another.
type Reckon = fn(&Connection, i64, i64) -> Result<String, StoreError>;

/// The last row that an entry vouches for under this name; 0 where none does.
fn covered_to(connection: &Connection, member: &str) -> Result<i64, StoreError> {
    connection
        .prepare_cached(
            "SELECT data ->> ?2 FROM audit WHERE action = ?1 AND data ->> ?2 IS NOT NULL AND data ->> ?3 IS NOT NULL ORDER BY seq DESC LIMIT 1",
        )
        .and_then(|mut statement| {
            let path = |part: &str| format!("$.{member}.{part}");
            statement
                .query_row(params![SYNC_ENDED, path("to"), path("sha256")], |row| row.get(0))
                .optional()
        })
        .map(Option::unwrap_or_default)
        .map_err(sql)
}

/// Shows each stretch of lines that an entry vouches for to `look`, oldest first, with the entry's number, until it returns false.
pub fn each_covering(connection: &Connection, mut look: impl FnMut(i64, Covered) -> bool) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare("SELECT seq, data FROM audit WHERE action = ?1 ORDER BY seq")
        .map_err(sql)?;
    let mut rows = statement.query([SYNC_ENDED]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        let (seq, data): (i64, String) = (row.get(0).map_err(sql)?, row.get(1).map_err(sql)?);
        if let Some(covered) = serde_json::from_str(&data).ok().as_ref().and_then(Covered::read)
            && !look(seq, covered)
        {
            break;
        }
    }
    Ok(())
}

/// A page, newest first, with how many match.
pub fn page(connection: &Connection, query: &AuditQuery) -> Result<AuditPage, StoreError> {
    let limit = query.limit.min(500);
    if query.search.is_empty() {
        let total = connection
            .query_row(
                "SELECT count(*) FROM audit WHERE ?1 IS NULL OR source = ?1",
                [query.source],
                |row| row.get::<_, i64>(0),
            )
            .map_err(sql)?;
        let text = format!("SELECT {COLUMNS} FROM audit WHERE ?1 IS NULL OR source = ?1 ORDER BY seq DESC LIMIT ?2 OFFSET ?3");
        let mut statement = connection.prepare_cached(&text).map_err(sql)?;
        let rows = statement
            .query_map(params![query.source, limit, query.offset], Stored::read)
            .map_err(sql)?;
        let entries = rows.map(|row| row.map_err(sql)?.entry()).collect::<Result<_, _>>()?;
        return Ok(AuditPage {
            entries,
            total: u64::try_from(total).unwrap_or(0),
        });
    }
    // SQLite folds the case of A–Z only; names come from everywhere.
    let wanted = query.search.to_lowercase();
    let (mut total, mut entries) = (0_u64, Vec::new());
    each(connection, true, |stored| {
        let fits = query.source.is_none_or(|source| stored.source == Some(source))
            && [&stored.action, &stored.summary, &stored.actor]
                .iter()
                .any(|text| text.to_lowercase().contains(&wanted));
        if fits {
            total += 1;
            if total > u64::from(query.offset) && entries.len() < limit as usize {
                entries.push(stored.entry()?);
            }
        }
        Ok(true)
    })?;
    Ok(AuditPage { entries, total })
}

/// Shows each entry to `look`, until it returns false.
pub fn each(
    connection: &Connection,
    newest_first: bool,
    mut look: impl FnMut(Stored) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let order = if newest_first { "DESC" } else { "ASC" };
    let mut statement = connection
        .prepare(&format!("SELECT {COLUMNS} FROM audit ORDER BY seq {order}"))
        .map_err(sql)?;
    let mut rows = statement.query([]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        if !look(Stored::read(row).map_err(sql)?)? {
            break;
        }
    }
    Ok(())
}

/// Shows each entry from a number on to `look`, oldest first, until it returns false.
pub fn each_from(connection: &Connection, from: i64, mut look: impl FnMut(Stored) -> Result<bool, StoreError>) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM audit WHERE seq >= ?1 ORDER BY seq"))
        .map_err(sql)?;
    let mut rows = statement.query([from]).map_err(sql)?;
    while let Some(row) = rows.next().map_err(sql)? {
        if !look(Stored::read(row).map_err(sql)?)? {
            break;
        }
    }
    Ok(())
}

/// When the first sync of each source ended that read anything: since then its changes are recorded.
pub fn recorded_since(connection: &Connection) -> Result<Vec<(SourceId, Millis)>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT source, at FROM audit WHERE action = ?1 AND source IS NOT NULL
                AND coalesce(data ->> '$.state', '') NOT IN ('failed', 'cancelled') GROUP BY source HAVING seq = min(seq)",
        )
        .map_err(sql)?;
    let rows = statement
        .query_map([SYNC_ENDED], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(sql)?;
    rows.collect::<Result<_, _>>().map_err(sql)
}
