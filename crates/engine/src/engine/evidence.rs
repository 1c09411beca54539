//! Evidence: the data folder's signing key, and verification.

use std::fs::OpenOptions;
use std::path::Path;

use serde_json::json;

use super::Engine;
use crate::Error;
use crate::deprovision::log::Log as _;
use crate::deprovision::plans;
use crate::deprovision::story::Story;
use crate::evidence::{self, Closing, EvidenceKey, KnownKey, Link, Sealed, Stored};
use crate::secrets::hex;
use crate::store::folder::Folder;
use crate::store::ledger::{AuditDraft, StoredEvidence};
use crate::sync::now;
use crate::view::{EvidenceCheck, EvidenceExport, EvidenceForm, EvidenceInfo, RunId, RunState};

/// The setting that holds the fingerprints of all keys that this folder ever had, the newest last, with spaces between.
const KEYS: &str = "evidence.keys";

impl Engine {
    /// Checks exported evidence, a folder or a file. Keys that this data folder ever signed with are known by name.
    ///
    /// # Errors
    /// When there is nothing to read at the path, or the ledger cannot be read. Evidence that does not hold is no error but the answer.
    pub fn verify_evidence(&self, path: &Path) -> Result<EvidenceCheck, Error> {
        let known: Vec<KnownKey> = self
            .evidence_keys()?
            .into_iter()
            .map(|fingerprint| KnownKey {
                fingerprint,
                whose: "this data folder's own key".into(),
                required: false,
            })
            .collect();
        Ok(evidence::verify(path, &known)?)
    }

    /// Writes the evidence of a closed run to `target`, where nothing may stand. What was not signed when the run was closed (the keychain was
    /// locked) is signed now. Masked, no personal value is in any of its files, and it proves the same. Blocking.
    ///
    /// # Errors
    /// [`crate::evidence::EvidenceError`] for a run that is open, a place that is taken, or evidence that does not hold together; when the keychain or
    /// the ledger cannot be used.
    pub fn export_evidence(&self, run: RunId, target: &Path, form: EvidenceForm, masked: bool) -> Result<EvidenceExport, Error> {
        let (sealed, _) = self.sealed(run)?;
        let stored = Stored {
            record: &sealed.record,
            signature: &sealed.signature,
            key: &sealed.key,
            disclosures: &sealed.disclosures,
        };
        let done = evidence::export(stored, &self.evidence_key()?, target, form, masked)?;
        let whole = if masked { "masked" } else { "with personal data" };
        self.note(
            "evidence.exported",
            None,
            format!("exported the evidence of run {run}, {whole}"),
            json!({ "run": run, "masked": masked, "path": done.path, "files": done.files }),
        )?;
        Ok(done)
    }

    /// What is known of a run's evidence; none while it is not signed.
    pub(super) fn evidence_info(&self, run: RunId) -> Result<Option<EvidenceInfo>, Error> {
        let Some(signature) = self.inner.ledger.evidence_signature(run)? else {
            return Ok(None);
        };
        Ok(Some(EvidenceInfo {
            // The digest stands in the audit entry beside it; the record itself may be long.
            record_sha256: signature.told["recordSha256"].as_str().unwrap_or_default().to_owned(),
            signature: hex(&signature.signature),
            key: signature.fingerprint,
            signed_at: signature.at,
            audit_entry: signature.audit,
        }))
    }

    /// Whether a run is closed, is to leave evidence, and has none yet: its process ended between the two, or the keychain was locked. One that
    /// was given up before anything was written leaves none.
    pub(super) fn is_unsigned(&self, story: &Story) -> Result<bool, Error> {
        let leaves = story.closed.as_ref().is_some_and(|(state, ..)| *state != RunState::Abandoned);
        Ok(leaves && self.inner.ledger.evidence_signature(story.id)?.is_none())
    }

    /// Signs the evidence of a closed run, unless it is.
    pub(super) fn seal_run(&self, story: &Story) -> Result<(), Error> {
        if self.is_unsigned(story)? {
            self.sealed(story.id)?;
        }
        Ok(())
    }

    /// The evidence of a closed run as it was signed, or is now.
    fn sealed(&self, run: RunId) -> Result<(StoredEvidence, i64), Error> {
        if let Some(kept) = self.inner.ledger.evidence(run)? {
            return Ok(kept);
        }
        let stored = self.inner.ledger.run(run)?;
        let story = self.inner.run_log.story(run)?;
        // A process that ended right after it closed the run may have left them.
        if story.closed.is_some() {
            self.forget_handed(&story);
        }
        let (records, disclosures) = self.inner.ledger.run_records(run, 1)?;
        let audit = self.inner.ledger.run_audit(run)?;
        let closing = Closing {
            folder: self.inner.ledger.folder_id().to_owned(),
            run: self.run(run)?,
            plan_text: plans::write(&story.planned.plan).map_err(|problem| Error::Input { field: "Plan", problem })?,
            terms: stored.terms,
            records,
            disclosures,
            audit: audit.entries,
            links: audit
                .between
                .into_iter()
                .map(|(seq, previous, hash)| Link { seq, previous, hash })
                .collect(),
            now: now(),
        };
        let sealed = evidence::seal(&closing, &self.evidence_key()?)?;
        let evidence = kept(sealed);
        let draft = AuditDraft {
            action: "run.signed",
            source: None,
            summary: format!("Run {run}: its evidence was signed with the key {}", evidence.fingerprint),
            data: json!({ "signature": hex(&evidence.signature), "key": evidence.fingerprint }),
        };
        self.inner.ledger.keep_evidence(run, &evidence, draft)?;
        // Another process may have been quicker: what the ledger holds is what counts.
        self.inner.ledger.evidence(run)?.ok_or(Error::NotFound {
            what: "evidence",
            name: run.to_string(),
        })
    }

    /// The fingerprints of the keys that this data folder has signed with, the newest last.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn evidence_keys(&self) -> Result<Vec<String>, Error> {
        let kept = self.inner.ledger.setting(KEYS)?.unwrap_or_default();
        Ok(kept.split_whitespace().map(str::to_owned).collect())
    }

    /// The key to sign with: the one in the keychain, or a new one, which the audit log then tells of. Blocking.
    ///
    /// # Errors
    /// When the keychain does not answer or what it holds is no key, or the ledger cannot be written.
    pub fn evidence_key(&self) -> Result<EvidenceKey, Error> {
        let folder = Folder::open(&self.inner.data_dir)?.id;
        let name = format!("{folder}/evidence-key");
        // One process at a time makes a key, or two would each sign with their own.
        let path = self.inner.data_dir.join("evidence.key.lock");
        let failed = |source| Error::File {
            path: path.display().to_string(),
            source,
        };
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        lock.lock().map_err(failed)?;
        let known = self.evidence_keys()?;
        let (key, kept) = match self.inner.keychain.get(&name)? {
            Some(secret) => (EvidenceKey::from_secret(&secret)?, true),
            None => (EvidenceKey::make()?, false),
        };
        let fingerprint = key.public().fingerprint();
        if !kept {
            self.inner.keychain.set(&name, &key.to_secret())?;
        }
        if known.last() != Some(&fingerprint) {
            let summary = match known.last() {
                Some(lost) => {
                    format!("the evidence key {lost} is no longer in the keychain; evidence is signed with a new one, {fingerprint}")
                }
                None => format!("made the key that evidence is signed with, {fingerprint}"),
            };
            let draft = AuditDraft {
                action: "evidence.key",
                source: None,
                summary,
                data: json!({ "key": fingerprint, "pem": key.public().pem(), "before": known.last() }),
            };
            let keys = [known, vec![fingerprint]].concat().join(" ");
            self.inner.ledger.set_setting_and_tell(KEYS, &keys, draft)?;
        }
        Ok(key)
    }
}

fn kept(sealed: Sealed) -> StoredEvidence {
    StoredEvidence {
        at: sealed.at,
        record: sealed.record,
        signature: sealed.signature.to_vec(),
        key: sealed.key,
        fingerprint: sealed.fingerprint,
        disclosures: sealed.disclosures,
    }
}
