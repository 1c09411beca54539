//! Evidence: the data folder's signing key, and verification.

use std::fs::OpenOptions;
use std::path::Path;

use serde_json::json;

use super::Engine;
use crate::Error;
use crate::evidence::{self, EvidenceKey, KnownKey};
use crate::store::folder::Folder;
use crate::store::ledger::AuditDraft;
use crate::view::EvidenceCheck;

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
            self.inner.ledger.append_audit(AuditDraft {
                action: "evidence.key",
                source: None,
                summary,
                data: json!({ "key": fingerprint, "pem": key.public().pem(), "before": known.last() }),
            })?;
            let keys = [known, vec![fingerprint]].concat().join(" ");
            self.inner.ledger.set_setting(KEYS, &keys)?;
        }
        Ok(key)
    }
}
