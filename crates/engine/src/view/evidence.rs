//! Evidence: what a run leaves behind, and whether it holds.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Millis, RunId};

/// The evidence of a closed run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EvidenceInfo {
    /// SHA-256 of the canonical record, in hexadecimal.
    pub record_sha256: String,
    /// The Ed25519 signature over it, in hexadecimal.
    pub signature: String,
    /// The fingerprint of the public key: the first 16 hexadecimal digits of SHA-256 over its SubjectPublicKeyInfo.
    pub key: String,
    /// When it was signed.
    pub signed_at: Millis,
    /// The number of the audit entry that closes the run.
    pub audit_entry: i64,
}

/// In what form evidence is exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum EvidenceForm {
    /// One file, `.lanyard-evidence.zip`.
    #[default]
    File,
    /// A folder.
    Folder,
}

/// An export of evidence that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EvidenceExport {
    /// Where it is.
    pub path: String,
    /// The files in it, with their SHA-256.
    pub files: Vec<EvidenceFile>,
    /// Whether personal data are masked.
    pub masked: bool,
}

/// A file of evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EvidenceFile {
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Whether evidence holds, point by point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EvidenceCheck {
    /// Whether all of it holds.
    pub ok: bool,
    /// In one sentence.
    pub summary: String,
    /// The run.
    pub run: Option<RunId>,
    /// How the run was closed, in words.
    pub verdict: Option<String>,
    /// The fingerprint of the key that signed it.
    pub key: Option<String>,
    /// Whose key that is, as far as it is known: this data folder's, one that was named, or unknown.
    pub key_known: Option<String>,
    /// How many records the chain has.
    pub records: u64,
    /// How many personal values are disclosed, of how many.
    pub disclosed: (u64, u64),
    /// Point by point.
    pub points: Vec<EvidencePoint>,
}

/// One point of the verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct EvidencePoint {
    /// What was checked: `files`, `signature`, `chain`, `audit`, `disclosures`, `report`, `key`, `verdicts`.
    pub topic: String,
    /// Its title.
    pub title: String,
    /// Whether it holds.
    pub ok: bool,
    /// What was seen; where it does not hold, which file or record, and how.
    pub says: String,
}
