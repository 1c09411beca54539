//! Going over the whole chain, and over the history that it vouches for.

use rusqlite::Connection;

use super::audit::{self, Covered, Stored};
use super::{Ledger, head, history, runs};
use crate::store::StoreError;
use crate::view::ChainCheck;

/// Whether the history is as it was when the audit log vouched for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryCheck {
    /// Whether every line that is vouched for is as it was.
    pub ok: bool,
    /// How many lines were checked.
    pub lines: u64,
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
    })
}

/// Reckons again each digest over history that the audit log holds. Only meaningful where the chain holds.
pub fn history(connection: &Connection) -> Result<HistoryCheck, StoreError> {
    let mut check = HistoryCheck {
        ok: true,
        lines: 0,
        not_yet: 0,
        broken_at: None,
        problem: None,
    };
    let mut next = 1;
    audit::each(connection, false, |entry| {
        if entry.action != audit::SYNC_ENDED {
            return Ok(true);
        }
        let Some(covered) = serde_json::from_str(&entry.data).ok().as_ref().and_then(Covered::read) else {
            return Ok(true);
        };
        let Covered { from, to, sha256 } = covered;
        let problem = if from == next {
            match history::digest(connection, from, to) {
                Ok(found) if found == sha256 => None,
                Ok(_) => Some(format!(
                    "lines {from} to {to} of the history are not as they were when this entry was written"
                )),
                Err(StoreError::Damaged { what, .. }) => Some(what),
                Err(StoreError::Sql { source, .. }) => Some(format!("the history cannot be read: {source}")),
                Err(error) => return Err(error),
            }
        } else {
            Some(format!(
                "it vouches for the history from line {from}, and the entry before ended at line {}",
                next - 1
            ))
        };
        if problem.is_some() {
            check = HistoryCheck {
                ok: false,
                broken_at: Some(entry.seq),
                problem,
                ..check.clone()
            };
            return Ok(false);
        }
        check.lines += u64::try_from(to - from + 1).unwrap_or(0);
        next = to + 1;
        Ok(true)
    })?;
    if check.ok {
        check.not_yet = u64::try_from(history::end(connection)? - next + 1).unwrap_or(0);
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
