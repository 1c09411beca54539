//! The tables `run`, `run_record` and `run_disclosure`: runs of de-provisioning, each a chain of records that hangs on the audit log.
//!
//! A run begins with the audit entry `run.planned`; its first record's `previous` is reckoned from that entry's hash (`record::run::genesis`). Records
//! hold commitments in place of personal texts; the texts and their salts stand in `run_disclosure`. Each record of weight has an audit entry
//! beside it, written in the same transaction, whose particulars name the run, the record's number and its hash. So whoever changes a record
//! breaks its chain, and whoever makes the chain anew breaks the audit log. Audit entries of runs name nobody.

mod check;
mod evidence;
mod methods;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::{AuditDraft, audit, sql};
use crate::canonical::canonical;
use crate::record::run::{ChainedRecord, Disclosure, RecordDraft, commit, genesis};
use crate::store::StoreError;
use crate::view::{AuditEntry, Millis, RunId, RunKind, Verdict};

pub use check::fault;
pub use evidence::{EVIDENCE, EVIDENCE_SCHEMA, StoredEvidence, StoredSignature, evidence, keep_evidence, signature};

pub const RUN: &str = "run";
pub const RUN_SCHEMA: &str = "
CREATE TABLE run(
    seq INTEGER PRIMARY KEY,      -- the run's number
    at INTEGER NOT NULL,          -- Unix milliseconds
    by TEXT NOT NULL,             -- the operating system's user
    plan TEXT NOT NULL,           -- the plan's name
    kind TEXT NOT NULL CHECK (kind IN ('test', 'offboarding')),
    dry_run INTEGER NOT NULL,
    terms TEXT NOT NULL,          -- JSON: what makes a text personal
    audit INTEGER NOT NULL,       -- the audit entry that it began with
    genesis TEXT NOT NULL         -- what stands as previous in its first record
) STRICT;
";

pub const RECORD: &str = "run_record";
pub const RECORD_SCHEMA: &str = "
CREATE TABLE run_record(
    seq INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,      -- from 1 without gaps, within the run
    at INTEGER NOT NULL,          -- Unix milliseconds, by the run's clock
    kind TEXT NOT NULL,
    title TEXT NOT NULL,          -- canonical JSON: a text or a commitment
    about TEXT,
    mark TEXT,
    data TEXT NOT NULL,           -- canonical JSON
    previous TEXT NOT NULL,       -- SHA-256, hexadecimal
    hash TEXT NOT NULL            -- SHA-256, hexadecimal
) STRICT;
CREATE UNIQUE INDEX run_record_by_run ON run_record(run, number);
";

pub const DISCLOSURE: &str = "run_disclosure";
pub const DISCLOSURE_SCHEMA: &str = "
CREATE TABLE run_disclosure(
    seq INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,      -- the record's
    digest TEXT NOT NULL,
    salt TEXT NOT NULL,
    value TEXT NOT NULL
) STRICT;
CREATE INDEX run_disclosure_by_run ON run_disclosure(run, number);
";

/// The audit entry that a run begins with.
pub const PLANNED: &str = "run.planned";

/// A run, before it has its number.
#[derive(Clone, Debug)]
pub struct RunDraftRow {
    /// The plan's name.
    pub plan: String,
    /// Test or offboarding.
    pub kind: RunKind,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// The subject's names, user names and addresses: texts that hold one of them are committed.
    pub terms: Vec<String>,
}

/// A run as the ledger holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRun {
    /// Its number.
    pub id: RunId,
    /// When it was planned.
    pub at: Millis,
    /// By whom.
    pub by: String,
    /// The plan's name.
    pub plan: String,
    /// Test or offboarding.
    pub kind: RunKind,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// What makes a text personal.
    pub terms: Vec<String>,
    /// The number of the audit entry that it began with.
    pub audit: i64,
    /// What stands as `previous` in its first record.
    pub genesis: String,
}

/// A record to append, with the audit entry to write beside it: its action, and what it says. It names nobody.
#[derive(Clone, Debug)]
pub struct RunAppend {
    /// The record.
    pub record: RecordDraft,
    /// When, by the run's clock.
    pub at: Millis,
    /// The entry for the audit log, where the record is one of weight.
    pub audit: Option<AuditDraft>,
}

fn kind_word(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Test => "test",
        RunKind::Offboarding => "offboarding",
    }
}

fn stored_run(row: &Row<'_>) -> rusqlite::Result<StoredRun> {
    let terms: String = row.get(6)?;
    Ok(StoredRun {
        id: row.get(0)?,
        at: row.get(1)?,
        by: row.get(2)?,
        plan: row.get(3)?,
        kind: if row.get::<_, String>(4)? == "test" {
            RunKind::Test
        } else {
            RunKind::Offboarding
        },
        dry_run: row.get(5)?,
        terms: serde_json::from_str(&terms).unwrap_or_default(),
        audit: row.get(7)?,
        genesis: row.get(8)?,
    })
}

const RUN_COLUMNS: &str = "seq, at, by, plan, kind, dry_run, terms, audit, genesis";

/// The runs, newest first.
pub fn all(connection: &Connection) -> Result<Vec<StoredRun>, StoreError> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {RUN_COLUMNS} FROM run ORDER BY seq DESC"))
        .map_err(sql)?;
    let rows = statement.query_map([], stored_run).map_err(sql)?;
    rows.collect::<Result<_, _>>().map_err(sql)
}

/// The run of this number.
pub fn one(connection: &Connection, run: RunId) -> Result<Option<StoredRun>, StoreError> {
    connection
        .query_row(&format!("SELECT {RUN_COLUMNS} FROM run WHERE seq = ?1"), [run], stored_run)
        .optional()
        .map_err(sql)
}

/// Begins a run with its first record, which is given the run's number.
pub fn begin(
    connection: &Connection,
    folder: &str,
    actor: &str,
    draft: &RunDraftRow,
    first: impl FnOnce(RunId) -> RunAppend,
) -> Result<(StoredRun, AuditEntry), StoreError> {
    let id: RunId = connection
        .query_row("SELECT coalesce(max(seq), 0) + 1 FROM run", [], |row| row.get(0))
        .map_err(sql)?;
    let RunAppend { record, at, audit } = first(id);
    let mut opening = audit.unwrap_or(AuditDraft {
        action: PLANNED,
        source: None,
        summary: format!("Run {id} was planned"),
        data: json!({}),
    });
    opening.action = PLANNED;
    named(&mut opening.data, id);
    let entry = audit::append(connection, folder, actor, opening)?;
    let run = StoredRun {
        id,
        at,
        by: actor.to_owned(),
        plan: draft.plan.clone(),
        kind: draft.kind,
        dry_run: draft.dry_run,
        terms: draft.terms.clone(),
        audit: entry.seq,
        genesis: genesis(folder, id, &entry.hash),
    };
    connection
        .execute(
            "INSERT INTO run VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                run.id,
                run.at,
                run.by,
                run.plan,
                kind_word(run.kind),
                run.dry_run,
                canonical(&json!(run.terms)),
                run.audit,
                run.genesis
            ],
        )
        .map_err(sql)?;
    append_one(connection, &run, &record, at)?;
    Ok((run, entry))
}

/// Puts the run's number into an entry's particulars.
fn named(data: &mut Value, run: RunId) {
    if !data.is_object() {
        *data = json!({});
    }
    if let Some(members) = data.as_object_mut() {
        members.insert("run".into(), run.into());
    }
}

/// How many records a run has, and the hash of the last.
pub fn head(connection: &Connection, run: RunId) -> Result<Option<(i64, String)>, StoreError> {
    connection
        .prepare_cached("SELECT number, hash FROM run_record WHERE run = ?1 ORDER BY number DESC LIMIT 1")
        .and_then(|mut statement| statement.query_row([run], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(sql)
}

/// Records that were appended.
pub struct Written {
    /// In their places.
    pub records: Vec<ChainedRecord>,
    /// The last audit entry that was written beside them.
    pub entry: Option<AuditEntry>,
}

/// What appending gave.
pub enum Appended {
    /// It stands.
    Done(Box<Written>),
    /// Something else was recorded meanwhile; nothing was written.
    Moved,
}

/// Appends records, all or none; with `expected`, only where the run has that many records so far.
pub fn append(
    connection: &Connection,
    folder: &str,
    actor: &str,
    run: RunId,
    expected: Option<i64>,
    drafts: Vec<RunAppend>,
) -> Result<Appended, StoreError> {
    let stored = one(connection, run)?.ok_or(StoreError::NoRun { run })?;
    let count = head(connection, run)?.map_or(0, |(number, _)| number);
    if expected.is_some_and(|expected| expected != count) {
        return Ok(Appended::Moved);
    }
    let (mut records, mut entry) = (Vec::with_capacity(drafts.len()), None);
    for RunAppend { record, at, audit } in drafts {
        let chained = append_one(connection, &stored, &record, at)?;
        if let Some(mut draft) = audit {
            named(&mut draft.data, run);
            draft.data["record"] = chained.seq.into();
            draft.data["recordHash"] = chained.hash.clone().into();
            entry = Some(audit::append(connection, folder, actor, draft)?);
        }
        records.push(chained);
    }
    Ok(Appended::Done(Box::new(Written { records, entry })))
}

fn append_one(connection: &Connection, run: &StoredRun, record: &RecordDraft, at: Millis) -> Result<ChainedRecord, StoreError> {
    let (number, previous) = head(connection, run.id)?.map_or_else(|| (1, run.genesis.clone()), |(number, hash)| (number + 1, hash));
    let (mut disclosures, mut refused) = (Vec::new(), None);
    let mut salt = || {
        let mut salt = [0_u8; 16];
        if let Err(error) = getrandom::fill(&mut salt) {
            refused = Some(error);
        }
        salt
    };
    let title = commit(&Value::from(record.title.as_str()), &run.terms, &mut salt, &mut disclosures);
    let data = commit(&record.data, &run.terms, &mut salt, &mut disclosures);
    if let Some(error) = refused {
        return Err(StoreError::Random { reason: error.to_string() });
    }
    let mut chained = ChainedRecord {
        run: run.id,
        seq: number,
        at,
        kind: record.kind.to_owned(),
        title,
        about: record.about.clone(),
        mark: record.mark,
        data,
        previous,
        hash: String::new(),
    };
    chained.hash = chained.reckon();
    let mark = chained.mark.map(|mark| canonical(&json!(mark)));
    connection
        .prepare_cached(
            "INSERT INTO run_record VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM run_record), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                chained.run,
                chained.seq,
                chained.at,
                chained.kind,
                canonical(&chained.title),
                chained.about,
                mark,
                canonical(&chained.data),
                chained.previous,
                chained.hash
            ])
        })
        .map_err(sql)?;
    let mut statement = connection
        .prepare_cached("INSERT INTO run_disclosure VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM run_disclosure), ?1, ?2, ?3, ?4, ?5)")
        .map_err(sql)?;
    for disclosure in disclosures {
        statement
            .execute(params![run.id, number, disclosure.digest, disclosure.salt, disclosure.value])
            .map_err(sql)?;
    }
    Ok(chained)
}

/// A run's records from a number on, oldest first.
pub fn records(connection: &Connection, run: RunId, from: i64) -> Result<Vec<ChainedRecord>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT run, number, at, kind, title, about, mark, data, previous, hash FROM run_record
             WHERE run = ?1 AND number >= ?2 ORDER BY number",
        )
        .map_err(sql)?;
    let mut rows = statement.query(params![run, from]).map_err(sql)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        let number: i64 = row.get(1).map_err(sql)?;
        let value = |text: String| {
            serde_json::from_str::<Value>(&text).map_err(|error| StoreError::Damaged {
                file: "ledger",
                what: format!("record {number} of run {run}: {error}"),
            })
        };
        let mark: Option<String> = row.get(6).map_err(sql)?;
        all.push(ChainedRecord {
            run: row.get(0).map_err(sql)?,
            seq: number,
            at: row.get(2).map_err(sql)?,
            kind: row.get(3).map_err(sql)?,
            title: value(row.get(4).map_err(sql)?)?,
            about: row.get(5).map_err(sql)?,
            mark: match mark {
                Some(text) => serde_json::from_value::<Verdict>(value(text)?).ok(),
                None => None,
            },
            data: value(row.get(7).map_err(sql)?)?,
            previous: row.get(8).map_err(sql)?,
            hash: row.get(9).map_err(sql)?,
        });
    }
    Ok(all)
}

/// The personal values of a run's records from a number on.
pub fn disclosures(connection: &Connection, run: RunId, from: i64) -> Result<Vec<Disclosure>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT digest, salt, value FROM run_disclosure WHERE run = ?1 AND number >= ?2 ORDER BY seq")
        .map_err(sql)?;
    let rows = statement
        .query_map(params![run, from], |row| {
            Ok(Disclosure {
                digest: row.get(0)?,
                salt: row.get(1)?,
                value: row.get(2)?,
            })
        })
        .map_err(sql)?;
    rows.collect::<Result<_, _>>().map_err(sql)
}

/// Records of one kind since a time, over all runs: run, data.
pub fn of_kind_since(connection: &Connection, kind: &str, since: Millis) -> Result<Vec<(RunId, String)>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT DISTINCT run, about FROM run_record WHERE kind = ?1 AND at >= ?2 AND about IS NOT NULL ORDER BY run")
        .map_err(sql)?;
    let rows = statement
        .query_map(params![kind, since], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(sql)?;
    rows.collect::<Result<_, _>>().map_err(sql)
}

/// What the audit log holds of a run.
pub struct RunAudit {
    /// The run's own entries, oldest first.
    pub entries: Vec<AuditEntry>,
    /// Those between the first and the last that are not the run's, oldest first: number, previous, hash.
    pub between: Vec<(i64, String, String)>,
}

/// The audit entries of a run, oldest first, with what else was written between the first and the last: number, previous, hash.
pub fn audit_of(connection: &Connection, run: &StoredRun) -> Result<RunAudit, StoreError> {
    let (mut own, mut between) = (Vec::new(), Vec::new());
    let mut links = Vec::new();
    audit::each_from(connection, run.audit, |stored| {
        let data: Option<Value> = serde_json::from_str(&stored.data).ok();
        if data.and_then(|data| data.get("run")?.as_i64()) == Some(run.id) {
            between.append(&mut links);
            own.push(stored.entry()?);
        } else {
            links.push((stored.seq, stored.previous, stored.hash));
        }
        Ok(true)
    })?;
    Ok(RunAudit { entries: own, between })
}
