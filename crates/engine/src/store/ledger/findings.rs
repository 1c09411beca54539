//! The tables `finding_event`, `finding_run` and `suppression_version`: what became of each finding, how each asking of the rules came out, and what
//! somebody decided not to be told of for a time.

use rusqlite::{Connection, Row, params};
use serde_json::{Value, json};

use super::{AuditDraft, Ledger, audit, now, sql};
use crate::record::{FindingChange, FindingDraft, FindingLine, FindingRun, FindingVersion, KeptSuppression};
use crate::store::StoreError;
use crate::view::{FindingRow, Millis};

pub const EVENT: &str = "finding_event";
pub const EVENT_SCHEMA: &str = "
CREATE TABLE finding_event(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,          -- Unix milliseconds
    finding TEXT NOT NULL,        -- RULE:sixteen hexadecimal digits
    rule TEXT NOT NULL,
    event INTEGER NOT NULL,       -- 0 opened, 1 changed, 2 closed
    severity INTEGER NOT NULL,    -- 0 critical, 1 high, 2 medium, 3 low
    facts TEXT NOT NULL,          -- SHA-256 over what it stands on, hexadecimal
    row TEXT NOT NULL             -- the finding as it was told, JSON
) STRICT;
CREATE INDEX finding_event_by_finding ON finding_event(finding, seq);
CREATE INDEX finding_event_by_time ON finding_event(at);
";
pub const RUN: &str = "finding_run";
pub const RUN_SCHEMA: &str = "
CREATE TABLE finding_run(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,          -- Unix milliseconds
    took_us INTEGER NOT NULL,
    summary TEXT NOT NULL         -- JSON: open findings by severity, rules that could not be asked
) STRICT;
CREATE INDEX finding_run_by_time ON finding_run(at);
";
pub const SUPPRESSION: &str = "suppression_version";
pub const SUPPRESSION_SCHEMA: &str = "
CREATE TABLE suppression_version(
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,          -- Unix milliseconds
    by TEXT NOT NULL,             -- the operating system's user
    finding TEXT NOT NULL,
    facts TEXT NOT NULL,          -- what it stood on then; another one ends the suppression
    until INTEGER NOT NULL,       -- Unix milliseconds
    reason TEXT NOT NULL,
    lifted INTEGER NOT NULL CHECK (lifted IN (0, 1))
) STRICT;
CREATE INDEX suppression_version_by_finding ON suppression_version(finding, seq);
";

/// The numbers are in files; they never change.
const CHANGES: [FindingChange; 3] = [FindingChange::Opened, FindingChange::Changed, FindingChange::Closed];

fn damaged(what: String) -> StoreError {
    StoreError::Damaged { file: "ledger", what }
}

fn number(change: FindingChange) -> i64 {
    CHANGES.iter().position(|one| *one == change).unwrap_or_default() as i64
}

fn change(number: i64) -> Result<FindingChange, StoreError> {
    let found = usize::try_from(number).ok().and_then(|at| CHANGES.get(at));
    found
        .copied()
        .ok_or_else(|| damaged(format!("a finding's event of the kind {number}")))
}

fn told(finding: &str, text: &str) -> Result<FindingRow, StoreError> {
    serde_json::from_str(text).map_err(|error| damaged(format!("the finding {finding}: {error}")))
}

/// The newest line of each finding, with when it was last opened.
const NEWEST: &str = "
SELECT e.finding, e.event, e.at, e.facts, e.row,
       (SELECT o.at FROM finding_event o WHERE o.finding = e.finding AND o.event = 0 ORDER BY o.seq DESC LIMIT 1)
FROM finding_event e
WHERE e.seq = (SELECT max(l.seq) FROM finding_event l WHERE l.finding = e.finding)";

fn versions(connection: &Connection, condition: &str, values: &[i64]) -> Result<Vec<FindingVersion>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{NEWEST} {condition}")).map_err(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values)).map_err(sql)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        let finding: String = row.get(0).map_err(sql)?;
        let at: Millis = row.get(2).map_err(sql)?;
        let text: String = row.get(4).map_err(sql)?;
        all.push(FindingVersion {
            change: change(row.get(1).map_err(sql)?)?,
            at,
            opened_at: row.get::<_, Option<Millis>>(5).map_err(sql)?.unwrap_or(at),
            facts: row.get(3).map_err(sql)?,
            row: told(&finding, &text)?,
        });
    }
    Ok(all)
}

/// The findings that stand: opened, or changed since, and not closed.
fn open(connection: &Connection) -> Result<Vec<FindingVersion>, StoreError> {
    versions(connection, "AND e.event <> 2 ORDER BY e.seq", &[])
}

fn append(connection: &Connection, at: Millis, drafts: &[FindingDraft]) -> Result<(), StoreError> {
    let mut statement = connection
        .prepare_cached(
            "INSERT INTO finding_event VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM finding_event), ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .map_err(sql)?;
    for draft in drafts {
        let row = serde_json::to_string(&draft.row).map_err(|error| damaged(format!("the finding {}: {error}", draft.row.id)))?;
        statement
            .execute(params![
                at,
                draft.row.id,
                draft.row.rule,
                number(draft.change),
                FindingRun::place(draft.row.severity) as i64,
                draft.facts,
                row
            ])
            .map_err(sql)?;
    }
    Ok(())
}

fn read_run(row: &Row<'_>) -> rusqlite::Result<(Millis, i64, String)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn run((at, took_us, summary): (Millis, i64, String)) -> Result<FindingRun, StoreError> {
    let summary: Value = serde_json::from_str(&summary).map_err(|error| damaged(format!("an asking of the rules: {error}")))?;
    let count = |value: &Value| value.as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or_default();
    Ok(FindingRun {
        at,
        took_us: took_us.unsigned_abs(),
        open: std::array::from_fn(|severity| count(&summary["open"][severity])),
        not_evaluated: count(&summary["notEvaluated"]),
    })
}

fn last_run(connection: &Connection) -> Result<Option<FindingRun>, StoreError> {
    use rusqlite::OptionalExtension as _;
    let newest = connection
        .query_row(
            "SELECT at, took_us, summary FROM finding_run ORDER BY seq DESC LIMIT 1",
            [],
            read_run,
        )
        .optional()
        .map_err(sql)?;
    newest.map(run).transpose()
}

fn append_run(connection: &Connection, this: &FindingRun) -> Result<(), StoreError> {
    let summary = json!({ "open": this.open, "notEvaluated": this.not_evaluated }).to_string();
    connection
        .execute(
            "INSERT INTO finding_run VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM finding_run), ?1, ?2, ?3)",
            params![this.at, i64::try_from(this.took_us).unwrap_or(i64::MAX), summary],
        )
        .map_err(sql)?;
    Ok(())
}

fn suppressions(connection: &Connection, condition: &str, values: &[&str]) -> Result<Vec<KeptSuppression>, StoreError> {
    let mut statement = connection
        .prepare_cached(&format!(
            "SELECT seq, at, by, finding, facts, until, reason, lifted FROM suppression_version v {condition}"
        ))
        .map_err(sql)?;
    let rows = statement
        .query_map(rusqlite::params_from_iter(values), |row| {
            Ok(KeptSuppression {
                seq: row.get(0)?,
                at: row.get(1)?,
                by: row.get(2)?,
                finding: row.get(3)?,
                facts: row.get(4)?,
                until: row.get(5)?,
                reason: row.get(6)?,
                lifted: row.get(7)?,
            })
        })
        .map_err(sql)?;
    rows.collect::<Result<Vec<_>, _>>().map_err(sql)
}

impl Ledger {
    /// Writes down how the rules were asked. `compare` is given the findings that stand, and says what became of which and how the asking came
    /// out; all of it happens in one transaction, so that two processes that asked the same write it once. An asking that changes nothing is
    /// written when `always`, or when it is the first of its day.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn log_findings<T>(
        &self,
        always: bool,
        compare: impl FnOnce(Vec<FindingVersion>) -> (Vec<FindingDraft>, FindingRun, T),
    ) -> Result<(T, bool), StoreError> {
        const DAY: Millis = 24 * 3_600_000;
        self.write(|connection| {
            let (drafts, this, outcome) = compare(open(connection)?);
            append(connection, this.at, &drafts)?;
            let first_of_day = || -> Result<bool, StoreError> {
                Ok(last_run(connection)?.is_none_or(|last| last.at.div_euclid(DAY) != this.at.div_euclid(DAY)))
            };
            if always || !drafts.is_empty() || first_of_day()? {
                append_run(connection, &this)?;
            }
            Ok((outcome, !drafts.is_empty()))
        })
    }

    /// The findings that stand.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn open_findings(&self) -> Result<Vec<FindingVersion>, StoreError> {
        self.read(open)
    }

    /// The findings that were closed at or after a time and not opened again, newest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn closed_findings(&self, since: Millis) -> Result<Vec<FindingVersion>, StoreError> {
        self.read(|connection| versions(connection, "AND e.event = 2 AND e.at >= ?1 ORDER BY e.seq DESC", &[since]))
    }

    /// Everything that became of one finding, oldest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn finding_lines(&self, finding: &str) -> Result<Vec<FindingLine>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT event, at, row FROM finding_event WHERE finding = ?1 ORDER BY seq")
                .map_err(sql)?;
            let mut rows = statement.query([finding]).map_err(sql)?;
            let mut all = Vec::new();
            while let Some(row) = rows.next().map_err(sql)? {
                let text: String = row.get(2).map_err(sql)?;
                all.push(FindingLine {
                    change: change(row.get(0).map_err(sql)?)?,
                    at: row.get(1).map_err(sql)?,
                    row: told(finding, &text)?,
                });
            }
            Ok(all)
        })
    }

    /// How the rules were asked since a time, oldest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn finding_runs(&self, since: Millis) -> Result<Vec<FindingRun>, StoreError> {
        self.read(|connection| {
            let mut statement = connection
                .prepare_cached("SELECT at, took_us, summary FROM finding_run WHERE at >= ?1 ORDER BY seq")
                .map_err(sql)?;
            let rows = statement.query_map([since], read_run).map_err(sql)?;
            rows.map(|row| run(row.map_err(sql)?)).collect()
        })
    }

    /// The newest decision about each finding that somebody decided about.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn suppressions(&self) -> Result<Vec<KeptSuppression>, StoreError> {
        self.read(|connection| {
            suppressions(
                connection,
                "WHERE seq = (SELECT max(seq) FROM suppression_version l WHERE l.finding = v.finding) ORDER BY seq",
                &[],
            )
        })
    }

    /// Every decision about one finding, oldest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn suppressions_of(&self, finding: &str) -> Result<Vec<KeptSuppression>, StoreError> {
        self.read(|connection| suppressions(connection, "WHERE finding = ?1 ORDER BY seq", &[finding]))
    }

    /// Writes down a decision about a finding, by the operating system's user, at this time, and tells of it in the audit log: both or neither.
    /// The decision's number, time and author are given here.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn decide_finding(&self, decision: &KeptSuppression, draft: AuditDraft) -> Result<(), StoreError> {
        let entry = self.write(|connection| {
            connection
                .execute(
                    "INSERT INTO suppression_version VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM suppression_version), ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    params![
                        now(),
                        self.user(),
                        decision.finding,
                        decision.facts,
                        decision.until,
                        decision.reason,
                        decision.lifted
                    ],
                )
                .map_err(sql)?;
            audit::append(connection, &self.folder, &self.actor, draft)
        })?;
        self.note_head(&entry);
        Ok(())
    }

    /// The settings of the app whose keys begin so, by key.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn settings_like(&self, prefix: &str) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|connection| super::settings::like(connection, prefix))
    }

    /// Everyone of whom history says last that a source does not hold them any more: id and name, of users.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn gone_users(&self, source: crate::view::SourceId) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|connection| super::seen::gone_users(connection, source))
    }

    /// Whether history knows an account or group of a source by this id.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn knows(&self, source: crate::view::SourceId, id: &str) -> Result<bool, StoreError> {
        self.read(|connection| super::seen::knows(connection, source, id))
    }
}
