//! Whether the runs' chains hold, and whether what they left behind is what the audit log says that it is.

use std::collections::HashMap;

use rusqlite::Connection;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{StoredRun, all, evidence, records};
use crate::record::run::genesis;
use crate::secrets::hex;
use crate::store::StoreError;
use crate::store::ledger::audit;
use crate::view::RunId;

/// What the audit log says of runs, as far as it vouches for something.
#[derive(Default)]
struct Vouched {
    /// The hashes of the entries that runs began with, by their number.
    openings: HashMap<i64, String>,
    /// By run: the entry, the number of the record that it vouches for, and that record's hash.
    records: HashMap<RunId, Vec<(i64, u64, String)>>,
    /// By the entry: the digest of the evidence that it tells of.
    evidence: HashMap<i64, String>,
}

impl Vouched {
    /// Walks the audit log once, for all runs.
    fn read(connection: &Connection, runs: &[StoredRun]) -> Result<Self, StoreError> {
        let mut vouched = Self::default();
        let Some(first) = runs.iter().map(|run| run.audit).min() else {
            return Ok(vouched);
        };
        let begun: HashMap<i64, RunId> = runs.iter().map(|run| (run.audit, run.id)).collect();
        audit::each_from(connection, first, |entry| {
            if begun.contains_key(&entry.seq) {
                vouched.openings.insert(entry.seq, entry.hash.clone());
            }
            // Each entry of a run names it; most entries are about something else.
            if !entry.data.contains("\"run\":") {
                return Ok(true);
            }
            let Ok(data) = serde_json::from_str::<Value>(&entry.data) else {
                return Ok(true);
            };
            let Some(run) = data["run"].as_i64() else { return Ok(true) };
            if let (Some(number), Some(hash)) = (data["record"].as_u64(), data["recordHash"].as_str()) {
                let of = vouched.records.entry(run).or_default();
                of.push((entry.seq, number, hash.to_owned()));
            }
            if let Some(digest) = data["recordSha256"].as_str() {
                vouched.evidence.insert(entry.seq, digest.to_owned());
            }
            Ok(true)
        })?;
        Ok(vouched)
    }
}

/// What is wrong with the runs' chains, if anything is: the audit entry that vouches for what does not hold, and why.
/// Only meaningful where the audit log's own chain holds.
pub fn fault(connection: &Connection, folder: &str) -> Result<Option<(i64, String)>, StoreError> {
    let mut runs = all(connection)?;
    runs.reverse();
    let vouched = Vouched::read(connection, &runs)?;
    for run in &runs {
        if let Some(fault) = fault_of(connection, folder, run, &vouched)? {
            return Ok(Some(fault));
        }
    }
    Ok(None)
}

fn fault_of(connection: &Connection, folder: &str, run: &StoredRun, vouched: &Vouched) -> Result<Option<(i64, String)>, StoreError> {
    let Some(opening) = vouched.openings.get(&run.audit) else {
        let problem = format!("run {} began with entry {}, which is not there", run.id, run.audit);
        return Ok(Some((run.audit, problem)));
    };
    if run.genesis != genesis(folder, run.id, opening) {
        return Ok(Some((run.audit, format!("run {} does not follow from this entry", run.id))));
    }
    let mut previous = run.genesis.clone();
    let mut hashes = Vec::new();
    let records = match records(connection, run.id, 1) {
        Err(StoreError::Damaged { what, .. }) => return Ok(Some((run.audit, what))),
        other => other?,
    };
    for (record, number) in records.iter().zip(1..) {
        if record.seq != number || record.previous != previous || record.reckon() != record.hash {
            let problem = format!(
                "record {number} of run {} is not as it was written, or the one before it is not",
                run.id
            );
            return Ok(Some((run.audit, problem)));
        }
        previous.clone_from(&record.hash);
        hashes.push(record.hash.as_str());
    }
    for (entry, number, hash) in vouched.records.get(&run.id).into_iter().flatten() {
        let stands = usize::try_from(*number).ok().and_then(|number| hashes.get(number.checked_sub(1)?));
        if stands != Some(&hash.as_str()) {
            let problem = format!("record {number} of run {} is not the one that this entry vouches for", run.id);
            return Ok(Some((*entry, problem)));
        }
    }
    let kept = match evidence(connection, run.id) {
        Err(StoreError::Damaged { what, .. }) => return Ok(Some((run.audit, what))),
        other => other?,
    };
    if let Some((kept, entry)) = kept {
        let digest = hex(&Sha256::digest(&kept.record));
        if vouched.evidence.get(&entry) != Some(&digest) {
            let problem = format!("the evidence of run {} is not the one that this entry tells of", run.id);
            return Ok(Some((entry, problem)));
        }
    }
    Ok(None)
}
