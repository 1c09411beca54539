//! The table `run_evidence`: what a closed run left behind, byte by byte as it was signed. Kept once; an audit entry beside it holds its digest.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{named, sql};
use crate::record::run::Disclosure;
use crate::secrets::hex;
use crate::store::StoreError;
use crate::store::ledger::{AuditDraft, audit};
use crate::view::{AuditEntry, Millis, RunId};

pub const EVIDENCE: &str = "run_evidence";
pub const EVIDENCE_SCHEMA: &str = "
CREATE TABLE run_evidence(
    seq INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,          -- Unix milliseconds
    record BLOB NOT NULL,         -- record.json, byte by byte as it was signed
    signature BLOB NOT NULL,      -- Ed25519, 64 bytes
    key TEXT NOT NULL,            -- the public key, PEM
    fingerprint TEXT NOT NULL,    -- the public key's
    disclosures TEXT NOT NULL,    -- JSON: the values behind its commitments
    audit INTEGER NOT NULL        -- the audit entry that tells of it
) STRICT;
CREATE UNIQUE INDEX run_evidence_by_run ON run_evidence(run);
";

/// The evidence of a closed run, as it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvidence {
    /// When it was signed.
    pub at: Millis,
    /// `record.json`.
    pub record: Vec<u8>,
    /// The signature over it.
    pub signature: Vec<u8>,
    /// The public key, as PEM.
    pub key: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// The values behind its commitments.
    pub disclosures: Vec<Disclosure>,
}

/// What is told of evidence without reading it: who signed it, and what the audit log says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSignature {
    /// When it was signed.
    pub at: Millis,
    /// The signature.
    pub signature: Vec<u8>,
    /// The public key's fingerprint.
    pub fingerprint: String,
    /// The number of the audit entry that tells of it.
    pub audit: i64,
    /// That entry's particulars.
    pub told: Value,
}

/// Keeps the evidence of a run with the audit entry that tells of it, and of its digest. Where there is some already, that stays and nothing is written.
pub fn keep_evidence(
    connection: &Connection,
    folder: &str,
    actor: &str,
    run: RunId,
    evidence: &StoredEvidence,
    mut draft: AuditDraft,
) -> Result<Option<AuditEntry>, StoreError> {
    if self::evidence(connection, run)?.is_some() {
        return Ok(None);
    }
    named(&mut draft.data, run);
    draft.data["recordSha256"] = hex(&Sha256::digest(&evidence.record)).into();
    let entry = audit::append(connection, folder, actor, draft)?;
    connection
        .execute(
            "INSERT INTO run_evidence VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM run_evidence), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                run,
                evidence.at,
                evidence.record,
                evidence.signature,
                evidence.key,
                evidence.fingerprint,
                json!(evidence.disclosures).to_string(),
                entry.seq
            ],
        )
        .map_err(sql)?;
    Ok(Some(entry))
}

/// The evidence of a run, with the number of the audit entry that tells of it; none where it was not signed yet.
pub fn evidence(connection: &Connection, run: RunId) -> Result<Option<(StoredEvidence, i64)>, StoreError> {
    let found = connection
        .query_row(
            "SELECT at, record, signature, key, fingerprint, disclosures, audit FROM run_evidence WHERE run = ?1",
            [run],
            |row| {
                let evidence = StoredEvidence {
                    at: row.get(0)?,
                    record: row.get(1)?,
                    signature: row.get(2)?,
                    key: row.get(3)?,
                    fingerprint: row.get(4)?,
                    disclosures: Vec::new(),
                };
                Ok((evidence, row.get::<_, String>(5)?, row.get(6)?))
            },
        )
        .optional()
        .map_err(sql)?;
    let Some((evidence, disclosures, audit)) = found else {
        return Ok(None);
    };
    let disclosures = serde_json::from_str(&disclosures).map_err(|error| StoreError::Damaged {
        file: "ledger",
        what: format!("the values of the evidence of run {run}: {error}"),
    })?;
    Ok(Some((StoredEvidence { disclosures, ..evidence }, audit)))
}

/// What is told of the evidence of a run, without its record; none where it was not signed yet.
pub fn signature(connection: &Connection, run: RunId) -> Result<Option<StoredSignature>, StoreError> {
    let found = connection
        .prepare_cached(
            "SELECT run_evidence.at, signature, fingerprint, audit, audit.data
             FROM run_evidence LEFT JOIN audit ON audit.seq = run_evidence.audit WHERE run = ?1",
        )
        .and_then(|mut statement| {
            statement
                .query_row([run], |row| {
                    let told: Option<String> = row.get(4)?;
                    Ok(StoredSignature {
                        at: row.get(0)?,
                        signature: row.get(1)?,
                        fingerprint: row.get(2)?,
                        audit: row.get(3)?,
                        told: told.and_then(|told| serde_json::from_str(&told).ok()).unwrap_or_default(),
                    })
                })
                .optional()
        })
        .map_err(sql)?;
    Ok(found)
}
