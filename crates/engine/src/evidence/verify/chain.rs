//! What must be so inside a record: its chain, its audit entries, its commitments, and that its verdicts follow from its records.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::super::sums::sha256;
use crate::canonical::canonical;
use crate::record::run::{ChainedRecord, Disclosure, commitment, genesis};
use crate::view::{RunState, Verdict};

/// The run's number.
pub fn run(record: &Value) -> Result<i64, String> {
    record["run"]["id"].as_i64().ok_or_else(|| "record.json names no run".to_owned())
}

/// The records, each with its hash reckoned anew.
pub fn records(record: &Value) -> Result<Vec<ChainedRecord>, String> {
    let run = run(record)?;
    let list = record["records"].as_array().ok_or("record.json holds no records")?;
    let opening = record["audit"][0]["hash"].as_str().unwrap_or_default();
    let mut previous = genesis(record["folder"].as_str().unwrap_or_default(), run, opening);
    let mut records = Vec::with_capacity(list.len());
    for (number, value) in (1_i64..).zip(list) {
        let read: ChainedRecord =
            serde_json::from_value(value.clone()).map_err(|error| format!("record {number} cannot be read: {error}"))?;
        if read.run != run || read.seq != number {
            return Err(format!("record {number} says that it is record {} of run {}", read.seq, read.run));
        }
        if read.reckon() != read.hash {
            return Err(format!("record {number} does not give its hash {}", read.hash));
        }
        if read.previous != previous {
            return Err(match number {
                1 => "record 1 does not follow from the audit entry that the run began with".to_owned(),
                _ => format!("record {number} does not follow from record {}", number - 1),
            });
        }
        previous.clone_from(&read.hash);
        records.push(read);
    }
    let (count, head) = (record["run"]["records"].as_u64(), record["run"]["head"].as_str());
    if records.is_empty() || count != u64::try_from(records.len()).ok() || head != Some(previous.as_str()) {
        return Err(format!(
            "there are {} records, and the head of record.json tells of others",
            records.len()
        ));
    }
    Ok(records)
}

/// The audit entries: their hashes, that they follow from each other without gaps, and that they vouch for these records. How many are the run's.
pub fn audit(record: &Value, records: &[ChainedRecord]) -> Result<usize, String> {
    let run = run(record)?;
    let list = record["audit"].as_array().ok_or("record.json holds no audit entries")?;
    let (mut before, mut own): (Option<(i64, &str)>, usize) = (None, 0);
    for entry in list {
        let (Some(seq), Some(hash), Some(previous)) = (entry["seq"].as_i64(), entry["hash"].as_str(), entry["previous"].as_str()) else {
            return Err("an audit entry has no number, hash or previous hash".into());
        };
        if before.is_some_and(|(number, head)| number.checked_add(1) != Some(seq) || head != previous) {
            return Err(format!("audit entry {seq} does not follow from the one before"));
        }
        before = Some((seq, hash));
        if entry.get("action").is_none() {
            continue;
        }
        let mut plain = entry.clone();
        if let Some(members) = plain.as_object_mut() {
            members.shift_remove("hash");
        }
        if sha256(canonical(&plain).as_bytes()) != hash {
            return Err(format!("audit entry {seq} does not give its hash"));
        }
        own += 1;
        let data = &entry["data"];
        let (Some(number), Some(vouched)) = (data["record"].as_u64(), data["recordHash"].as_str()) else {
            continue;
        };
        let stands = usize::try_from(number).ok().and_then(|number| records.get(number.checked_sub(1)?));
        if data["run"].as_i64() == Some(run) && stands.is_none_or(|stands| stands.hash != vouched) {
            return Err(format!("audit entry {seq} vouches for another record {number}"));
        }
    }
    if list.first().is_none_or(|first| first.get("action").is_none()) {
        return Err("the audit entry that the run began with is missing".into());
    }
    Ok(own)
}

/// The digests of all commitments in a value.
pub fn commitments<'v>(value: &'v Value, out: &mut HashSet<&'v str>) {
    match value {
        Value::Object(members) => match commitment(members) {
            Some(digest) => {
                out.insert(digest);
            }
            None => members.values().for_each(|member| commitments(member, out)),
        },
        Value::Array(items) => items.iter().for_each(|item| commitments(item, out)),
        _ => {}
    }
}

/// Whether each disclosed value is the one that was committed to: how many are disclosed, of how many.
pub fn disclosures(record: &Value, disclosures: &[Disclosure]) -> Result<(u64, u64), String> {
    let mut committed = HashSet::new();
    commitments(record, &mut committed);
    let mut seen = HashSet::new();
    for (number, disclosure) in (1..).zip(disclosures) {
        // A salt of another form could move signs between salt and value without changing the digest.
        let plain = disclosure.salt.len() == 32 && disclosure.salt.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if !plain || !disclosure.holds() {
            return Err(format!("disclosure {number} does not give its digest {}", disclosure.digest));
        }
        if !committed.contains(disclosure.digest.as_str()) {
            return Err(format!("disclosure {number} is of nothing in record.json"));
        }
        if !seen.insert(disclosure.digest.as_str()) {
            return Err(format!("disclosure {number} stands there twice"));
        }
    }
    let count = |set: &HashSet<&str>| u64::try_from(set.len()).unwrap_or(u64::MAX);
    Ok((count(&seen), count(&committed)))
}

/// Whether the verdicts in the head follow from the records: how many checks there are.
pub fn verdicts(record: &Value, records: &[ChainedRecord]) -> Result<usize, String> {
    let mut last: BTreeMap<&str, (Verdict, &ChainedRecord)> = BTreeMap::new();
    let mut closed = None;
    for entry in records {
        match (entry.kind.as_str(), entry.about.as_deref(), entry.mark) {
            ("check.verdict", Some(about), Some(mark)) => {
                last.insert(about, (mark, entry));
            }
            ("waived", Some(about), _) => {
                last.insert(about, (Verdict::Waived, entry));
            }
            ("closed", ..) => closed = Some(entry),
            _ => {}
        }
    }
    let state: RunState =
        serde_json::from_value(record["run"]["state"].clone()).map_err(|_| "record.json does not say how the run was closed")?;
    let closed = closed.ok_or("no record closes the run")?;
    if closed.data.get("state").is_some_and(|said| *said != json!(state)) {
        return Err(format!(
            "record {} closes the run otherwise than the head of record.json says",
            closed.seq
        ));
    }
    let passed = matches!(state, RunState::Passed | RunState::PassedWithGaps);
    let checks = record["checks"].as_array().ok_or("record.json holds no checks")?;
    for check in checks {
        let id = check["id"].as_str().ok_or("a check has no name")?;
        let verdict: Verdict = serde_json::from_value(check["verdict"].clone()).map_err(|_| format!("check {id} has no verdict"))?;
        let open = matches!(verdict, Verdict::Pending | Verdict::Waiting);
        match last.remove(id) {
            _ if open => {}
            Some((recorded, entry)) if recorded == verdict => {
                let (one, other) = (check["tookMs"].as_u64(), entry.data["tookMs"].as_u64());
                if verdict == Verdict::Passed && one.zip(other).is_some_and(|(one, other)| one != other) {
                    return Err(format!("check {id} took otherwise than record {} says", entry.seq));
                }
            }
            Some((_, entry)) => return Err(format!("check {id} came out otherwise in record {}", entry.seq)),
            None => return Err(format!("no record gives check {id} its verdict")),
        }
        if passed && check["critical"] == json!(true) && !matches!(verdict, Verdict::Passed | Verdict::Waived) {
            return Err(format!("the run is said to have passed, and the critical check {id} has not"));
        }
    }
    if let Some(id) = last.keys().next() {
        return Err(format!(
            "the records give a verdict on check {id}, which the head of record.json leaves out"
        ));
    }
    Ok(checks.len())
}
