//! A run's records: read as a story, and written to with the audit log beside them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::entry::Entry;
use super::story::{Story, Told};
use super::words;
use crate::Error;
use crate::record::run::{ChainedRecord, Disclosure, disclose};
use crate::store::StoreError;
use crate::store::ledger::{Appended, AuditDraft, Ledger, RunAppend, RunDraftRow};
use crate::view::{Millis, RunId};

/// Where runs are recorded.
pub trait Log: Send + Sync {
    /// A run's story up to now.
    ///
    /// # Errors
    /// When there is no such run, or its records cannot be read.
    fn story(&self, run: RunId) -> Result<Story, Error>;
    /// Records entries, all or none; with `unmoved`, only where nothing was recorded since this story was told. Whether they were.
    ///
    /// # Errors
    /// When the records cannot be written.
    fn append(&self, story: &Story, at: Millis, entries: Vec<Entry>, unmoved: bool) -> Result<bool, Error>;
}

/// What masks a value that is not disclosed.
const MASKED: &str = "(masked)";

/// The ledger's.
pub struct LedgerLog {
    ledger: Arc<Ledger>,
    /// Stories as far as they were told; more is read from there on.
    known: Mutex<HashMap<RunId, Story>>,
    told: Box<dyn Fn(RunId) + Send + Sync>,
}

fn damaged(run: RunId, seq: i64, detail: &dyn std::fmt::Display) -> Error {
    StoreError::Damaged {
        file: "ledger",
        what: format!("record {seq} of run {run} is not understood: {detail}"),
    }
    .into()
}

/// The values of commitments, by digest.
pub fn values(disclosures: &[Disclosure]) -> HashMap<&str, &str> {
    disclosures
        .iter()
        .map(|disclosure| (disclosure.digest.as_str(), disclosure.value.as_str()))
        .collect()
}

/// A record with its texts disclosed: title and particulars.
pub fn opened(record: &ChainedRecord, values: &HashMap<&str, &str>) -> (String, Value) {
    let find = |digest: &str| values.get(digest).copied();
    let title = disclose(&record.title, &find, MASKED);
    (title.as_str().unwrap_or_default().to_owned(), disclose(&record.data, &find, MASKED))
}

impl LedgerLog {
    /// Over a ledger; `told` hears of each run that was written to.
    pub fn new(ledger: Arc<Ledger>, told: impl Fn(RunId) + Send + Sync + 'static) -> Self {
        Self {
            ledger,
            known: Mutex::default(),
            told: Box::new(told),
        }
    }

    /// Begins a run with its plan, which is made of its number.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn begin(&self, draft: &RunDraftRow, at: Millis, planned: impl FnOnce(RunId) -> super::entry::Planned) -> Result<RunId, Error> {
        let run = self.ledger.begin_run(draft, |run| {
            let planned = planned(run);
            let audit = AuditDraft {
                action: "run.planned",
                source: None,
                summary: format!("Run {run} was planned: {} (revision {})", planned.plan.name, planned.revision),
                data: json!({ "plan": planned.plan.name, "revision": planned.revision, "dryRun": planned.dry_run, "steps": planned.steps.len() }),
            };
            let entry = Entry::Planned(Box::new(planned));
            RunAppend {
                record: entry.draft("Planned".into()),
                at,
                audit: Some(audit),
            }
        })?;
        (self.told)(run.id);
        Ok(run.id)
    }
}

impl Log for LedgerLog {
    fn story(&self, run: RunId) -> Result<Story, Error> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let from = known.get(&run).map_or(1, |story| story.records + 1);
        let (records, disclosures) = self.ledger.run_records(run, from)?;
        let values = values(&disclosures);
        let mut told = Vec::with_capacity(records.len());
        for record in &records {
            let entry = Entry::read(&record.kind, &opened(record, &values).1).map_err(|error| damaged(run, record.seq, &error))?;
            told.push(Told {
                seq: record.seq,
                at: record.at,
                entry,
                hash: record.hash.clone(),
            });
        }
        if let Some(story) = known.get_mut(&run) {
            for told in told {
                story.take(told);
            }
            return Ok(story.clone());
        }
        let stored = self.ledger.run(run)?;
        let story = Story::fold(run, &stored.by, told).ok_or_else(|| damaged(run, 1, &"it is no plan"))?;
        known.insert(run, story.clone());
        Ok(story)
    }

    fn append(&self, story: &Story, at: Millis, entries: Vec<Entry>, unmoved: bool) -> Result<bool, Error> {
        let drafts = entries
            .iter()
            .map(|entry| RunAppend {
                record: entry.draft(words::title(story, entry)),
                at,
                audit: entry.weighs().then(|| words::audit(story, entry)),
            })
            .collect();
        let appended = self.ledger.append_run(story.id, unmoved.then_some(story.records), drafts)?;
        let done = matches!(appended, Appended::Done(..));
        if done {
            (self.told)(story.id);
        }
        Ok(done)
    }
}
