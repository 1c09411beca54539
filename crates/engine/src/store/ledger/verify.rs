//! Going over the whole chain, and over the history that it vouches for.

use rusqlite::Connection;

use super::audit::{self, Covered, Stored};
use super::{Ledger, head, history, past, removal, runs};
use crate::store::StoreError;
use crate::view::{ChainCheck, RemovedHistory};

/// Whether the history is as it was when the audit log vouched for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryCheck {
    /// Whether every line that is vouched for is as it was.
    pub ok: bool,
    /// How many lines were checked.
    pub lines: u64,
    /// How many earlier versions of records were checked.
    pub versions: u64,
    /// What was removed, as the audit log tells it, oldest first.
    pub removed: Vec<RemovedHistory>,
    /// How many of the newest lines no entry vouches for yet (a sync is running, or was killed).
    pub not_yet: u64,
    /// The audit entry whose digest does not come out, if one does not.
    pub broken_at: Option<i64>,
    /// What does not fit, in plain words.
    pub problem: Option<String>,
}

/// What is wrong with an entry, given the number and the hash that must come next.
pub fn fault_of(entry: &Stored, seq: i64, previous: &str) -> Option<String> {
    if entry.seq != seq {
        Some(format!("entry {seq} is missing; entry {} stands in its place", entry.seq))
    } else if entry.previous != previous {
        Some("it does not follow from the entry before: that one was changed, put in or taken out".into())
    } else if entry.reckon() == entry.hash {
        None
    } else {
        Some("its content does not give its hash: it was changed after it was written".into())
    }
}

/// Walks the chain from its beginning. Names the first entry that does not fit.
pub fn chain(connection: &Connection, folder: &str) -> Result<ChainCheck, StoreError> {
    let (mut entries, mut head) = (0_u64, audit::genesis(folder));
    let mut broken = None;
    audit::each(connection, false, |entry| {
        let seq = i64::try_from(entries).unwrap_or(i64::MAX).saturating_add(1);
        entries += 1;
        match fault_of(&entry, seq, &head) {
            Some(problem) => {
                broken = Some((seq, problem));
                Ok(false)
            }
            None => {
                head = entry.hash;
                Ok(true)
            }
        }
    })?;
    let (broken_at, problem) = broken.unzip();
    Ok(ChainCheck {
        ok: broken_at.is_none(),
        entries,
        head,
        broken_at,
        problem,
        removed: Vec::new(),
    })
}

/// What is checked against the digests of the audit log: lines of history, or earlier versions of records.
struct Stretches {
    /// What they are, in the plural.
    what: &'static str,
    read: fn(&serde_json::Value) -> Option<Covered>,
    digest: fn(&Connection, i64, i64) -> Result<String, StoreError>,
    /// The last one that was removed, as the audit log tells it.
    gone: i64,
    /// The number that must come next.
    next: i64,
    checked: u64,
}

impl Stretches {
    /// Holds what an entry vouches for against what is there. What was removed since is vouched for by the entry that tells of it.
    fn check(&mut self, connection: &Connection, data: &serde_json::Value) -> Result<Option<String>, StoreError> {
        let Some(Covered { from, to, sha256 }) = (self.read)(data) else {
            return Ok(None);
        };
        let (what, expected) = (self.what, self.next);
        self.next = to + 1;
        if from != expected {
            return Ok(Some(format!(
                "it vouches for {what} of the history from {from}, and the entry before ended at {}",
                expected - 1
            )));
        }
        if to <= self.gone {
            return Ok(None);
        }
        self.checked += u64::try_from(to - from + 1).unwrap_or(0);
        match (self.digest)(connection, from, to) {
            Ok(found) if found == sha256 => Ok(None),
            Ok(_) => Ok(Some(format!(
                "{what} {from} to {to} of the history are not as they were when this entry was written"
            ))),
            Err(StoreError::Damaged { what, .. }) => Ok(Some(what)),
            Err(StoreError::Sql { source, .. }) => Ok(Some(format!("the history cannot be read: {source}"))),
            Err(error) => Err(error),
        }
    }
}

/// Reckons again each digest over history that the audit log holds. Only meaningful where the chain holds.
pub fn history(connection: &Connection) -> Result<HistoryCheck, StoreError> {
    let mut check = HistoryCheck {
        ok: true,
        lines: 0,
        versions: 0,
        removed: Vec::new(),
        not_yet: 0,
        broken_at: None,
        problem: None,
    };
    let mut fault = None;
    // What was removed is told by later entries than those that vouched for it.
    audit::each(connection, false, |entry| {
        if let Some(removed) = removal::told(&entry) {
            let follows = check.removed.last().map_or(1, |last: &RemovedHistory| last.to + 1);
            if removed.from != follows {
                let problem = format!(
                    "it says that lines from {} were removed, and those before were removed up to {}",
                    removed.from,
                    follows - 1
                );
                fault = Some((entry.seq, problem));
                return Ok(false);
            }
            check.removed.push(removed);
        }
        Ok(true)
    })?;
    let gone = (
        check.removed.last().map_or(0, |removed| removed.to),
        check.removed.iter().filter_map(|removed| removed.versions_to).max().unwrap_or(0),
    );
    let kept = removal::gone(connection)?;
    if fault.is_none() && (kept.line, kept.past) != gone {
        let seq = check.removed.last().map_or(1, |removed| removed.seq);
        fault = Some((seq, "what the ledger says was removed is not what the audit log says".to_owned()));
    }
    let mut lines = Stretches {
        what: "lines",
        read: Covered::read,
        digest: history::digest,
        gone: gone.0,
        next: 1,
        checked: 0,
    };
    let mut versions = Stretches {
        what: "earlier versions",
        read: Covered::of_past,
        digest: past::digest,
        gone: gone.1,
        next: 1,
        checked: 0,
    };
    if fault.is_none() {
        audit::each(connection, false, |entry| {
            if entry.action != audit::SYNC_ENDED {
                return Ok(true);
            }
            let Ok(data) = serde_json::from_str(&entry.data) else {
                return Ok(true);
            };
            let problem = match lines.check(connection, &data)? {
                None => versions.check(connection, &data)?,
                problem => problem,
            };
            fault = problem.map(|problem| (entry.seq, problem));
            Ok(fault.is_none())
        })?;
    }
    (check.lines, check.versions) = (lines.checked, versions.checked);
    match fault {
        Some((seq, problem)) => {
            check.ok = false;
            check.broken_at = Some(seq);
            check.problem = Some(problem);
        }
        None => check.not_yet = u64::try_from(history::end(connection)? - lines.next + 1).unwrap_or(0),
    }
    Ok(check)
}

impl Ledger {
    /// Walks the whole chain, the history that it vouches for, and the chains of the runs. Names the first entry that does not fit, and why.
    ///
    /// # Errors
    /// Only when the file cannot be read; a chain that does not hold is an answer.
    pub fn verify_audit(&self) -> Result<ChainCheck, StoreError> {
        let kept = head::Head::read(&self.path, &self.folder)?;
        self.snapshot(|connection| {
            let mut check = chain(connection, &self.folder)?;
            if check.ok {
                match kept.map_or(Ok(()), |head| head.check(connection, &self.path)) {
                    Err(StoreError::Chain { entry, problem, .. }) => {
                        check = ChainCheck {
                            ok: false,
                            broken_at: Some(entry),
                            problem: Some(problem),
                            ..check
                        };
                    }
                    Err(StoreError::RolledBack { expected, found, .. }) => {
                        let problem = format!("entries {} to {expected} are gone", found + 1);
                        check = ChainCheck {
                            ok: false,
                            broken_at: Some(found + 1),
                            problem: Some(problem),
                            ..check
                        };
                    }
                    other => other?,
                }
            }
            if check.ok {
                let history = history(connection)?;
                check = ChainCheck {
                    ok: history.ok,
                    broken_at: history.broken_at,
                    problem: history.problem,
                    removed: history.removed,
                    ..check
                };
            }
            if check.ok
                && let Some((entry, problem)) = runs::fault(connection, &self.folder)?
            {
                check = ChainCheck {
                    ok: false,
                    broken_at: Some(entry),
                    problem: Some(problem),
                    ..check
                };
            }
            Ok(check)
        })
    }

    /// Reckons again each digest over history that the audit log holds. [`Self::verify_audit`] does so too.
    ///
    /// # Errors
    /// Only when the file cannot be read.
    pub fn verify_history(&self) -> Result<HistoryCheck, StoreError> {
        self.snapshot(history)
    }
}
