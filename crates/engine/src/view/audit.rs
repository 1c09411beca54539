//! The audit log: what Lanyard did, chained.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Millis, SourceId};

/// One entry of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AuditEntry {
    /// Its number, from 1 without gaps.
    pub seq: i64,
    /// When it was written.
    pub at: Millis,
    /// Who: the user of the machine, `user@host`.
    pub actor: String,
    /// What: a stable name such as `source.added`, `sync.ended`, `export.written`.
    pub action: String,
    /// Which source it is about, if one.
    pub source: Option<SourceId>,
    /// In plain words.
    pub summary: String,
    /// The particulars.
    pub data: serde_json::Value,
    /// SHA-256 over the entry and the hash before it, in hex.
    pub hash: String,
    /// The hash of the entry before, in hex.
    pub previous: String,
}

/// What the audit log is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct AuditQuery {
    /// Any part of action, summary or actor.
    pub search: String,
    /// Only entries about this source.
    pub source: Option<SourceId>,
    /// How many of the newest to pass over.
    pub offset: u32,
    /// How many are wanted, 500 at most.
    pub limit: u32,
}

/// A page of the audit log, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// How many match.
    pub total: u64,
}

/// Whether the chain holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ChainCheck {
    /// Whether every entry's hash follows from the one before.
    pub ok: bool,
    /// How many entries were checked.
    pub entries: u64,
    /// The last hash.
    pub head: String,
    /// The first entry that does not fit, if one does not.
    pub broken_at: Option<i64>,
    /// What does not fit, in plain words.
    pub problem: Option<String>,
    /// History that was removed, as the log tells it, oldest first.
    pub removed: Vec<RemovedHistory>,
}

/// History that was removed, because a person set how long it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RemovedHistory {
    /// The entry that tells of it.
    pub seq: i64,
    /// When it was removed.
    pub at: Millis,
    /// By whom: `user@host`.
    pub by: String,
    /// What was seen before this moment was to go.
    pub before: Millis,
    /// The first line that went.
    pub from: i64,
    /// The last line that went.
    pub to: i64,
    /// The last earlier version of a record that went, where one did.
    pub versions_to: Option<i64>,
}
