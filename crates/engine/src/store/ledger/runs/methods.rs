//! What the ledger offers for runs.

use super::{Appended, RunAppend, RunAudit, RunDraftRow, StoredEvidence, StoredRun, StoredSignature};
use crate::record::run::{ChainedRecord, Disclosure};
use crate::store::StoreError;
use crate::store::ledger::{AuditDraft, Ledger};
use crate::view::{Millis, RunId};

impl Ledger {
    /// Begins a run of de-provisioning: the audit entry `run.planned`, the run, and its first record, which `first` makes of the run's number.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn begin_run(&self, draft: &RunDraftRow, first: impl FnOnce(RunId) -> RunAppend) -> Result<StoredRun, StoreError> {
        let (run, entry) = self.write(|connection| super::begin(connection, &self.folder, &self.actor, draft, first))?;
        self.note_head(&entry);
        Ok(run)
    }

    /// Appends records to a run with the audit entries beside them, all or none. Texts that are personal are committed on the way.
    /// With `expected`, nothing is written unless the run has that many records so far.
    ///
    /// # Errors
    /// [`StoreError::NoRun`]; else as any writing.
    pub fn append_run(&self, run: RunId, expected: Option<i64>, drafts: Vec<RunAppend>) -> Result<Appended, StoreError> {
        let appended = self.write(|connection| super::append(connection, &self.folder, &self.actor, run, expected, drafts))?;
        if let Appended::Done(written) = &appended
            && let Some(entry) = &written.entry
        {
            self.note_head(entry);
        }
        Ok(appended)
    }

    /// The runs, newest first.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn runs(&self) -> Result<Vec<StoredRun>, StoreError> {
        self.read(super::all)
    }

    /// The run of this number.
    ///
    /// # Errors
    /// [`StoreError::NoRun`]; else as any reading.
    pub fn run(&self, run: RunId) -> Result<StoredRun, StoreError> {
        self.read(|connection| super::one(connection, run))?
            .ok_or(StoreError::NoRun { run })
    }

    /// A run's records from number `from` on, oldest first, as they are hashed, and the personal values in them.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn run_records(&self, run: RunId, from: i64) -> Result<(Vec<ChainedRecord>, Vec<Disclosure>), StoreError> {
        self.read(|connection| Ok((super::records(connection, run, from)?, super::disclosures(connection, run, from)?)))
    }

    /// How many records a run has, and the hash of the last.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn run_head(&self, run: RunId) -> Result<(i64, String), StoreError> {
        self.read(|connection| Ok(super::head(connection, run)?.unwrap_or_default()))
    }

    /// What records of a kind were about since a time, over all runs, each once.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn run_records_since(&self, kind: &str, since: Millis) -> Result<Vec<(RunId, String)>, StoreError> {
        self.read(|connection| super::of_kind_since(connection, kind, since))
    }

    /// The audit entries of a run, oldest first, and the links of those between them: number, previous, hash.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn run_audit(&self, run: RunId) -> Result<RunAudit, StoreError> {
        let stored = self.run(run)?;
        self.read(|connection| super::audit_of(connection, &stored))
    }

    /// Keeps the evidence of a run, with the audit entry that tells of it. Evidence that is there already stays, and nothing is written.
    ///
    /// # Errors
    /// As any writing: see [`StoreError`].
    pub fn keep_evidence(&self, run: RunId, evidence: &StoredEvidence, draft: AuditDraft) -> Result<(), StoreError> {
        let kept = self.write(|connection| super::keep_evidence(connection, &self.folder, &self.actor, run, evidence, draft))?;
        if let Some(entry) = kept {
            self.note_head(&entry);
        }
        Ok(())
    }

    /// The evidence of a run and the number of the audit entry that tells of it; none where it was not signed yet.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn evidence(&self, run: RunId) -> Result<Option<(StoredEvidence, i64)>, StoreError> {
        self.read(|connection| super::evidence(connection, run))
    }

    /// What is told of the evidence of a run, without reading its record; none where it was not signed yet.
    ///
    /// # Errors
    /// As any reading: see [`StoreError`].
    pub fn evidence_signature(&self, run: RunId) -> Result<Option<StoredSignature>, StoreError> {
        self.read(|connection| super::signature(connection, run))
    }
}
