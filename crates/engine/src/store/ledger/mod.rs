//! The ledger: what must never be lost: sources' settings, history, the audit log, decisions. Append-only.

use std::path::Path;

use super::StoreError;
use crate::record::ResourceKind;
use crate::view::{AuditEntry, AuditPage, AuditQuery, ChainCheck, Change, ChangeKind, ChangePage, Millis, SavedFilter, SourceId, SourceSettings};

/// A source as the ledger holds it.
#[derive(Clone, Debug)]
pub struct StoredSource {
    /// Its number.
    pub id: SourceId,
    /// Its settings.
    pub settings: SourceSettings,
    /// When it was added.
    pub added_at: Millis,
}

/// An entry for the audit log, before it has its place in the chain.
#[derive(Clone, Debug)]
pub struct AuditDraft {
    /// A stable name such as `source.added`.
    pub action: &'static str,
    /// Which source it is about.
    pub source: Option<SourceId>,
    /// In plain words.
    pub summary: String,
    /// The particulars. Never a secret.
    pub data: serde_json::Value,
}

/// A line of history, before it has its number.
#[derive(Clone, Debug)]
pub struct ChangeDraft {
    /// When the source says that it happened.
    pub changed_at: Option<Millis>,
    /// What happened.
    pub kind: ChangeKind,
    /// The attribute's path, or `members`.
    pub path: Option<String>,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
    /// A member's name.
    pub member_name: Option<String>,
}

/// All that changed about one account or group from one version of it to the next.
#[derive(Clone, Debug)]
pub struct Transition {
    /// `User` or `Group`.
    pub kind: ResourceKind,
    /// The id at the source.
    pub id: String,
    /// Its name at that time.
    pub name: String,
    /// A hash over the version before and the version after. A transition that equals the last one recorded
    /// for the same resource is the same one seen again after a crash, and is not recorded twice.
    pub hash: [u8; 16],
    /// The lines.
    pub changes: Vec<ChangeDraft>,
}

/// Which history is asked for; newest first.
#[derive(Clone, Debug, Default)]
pub struct ChangeQuery {
    /// Only of these accounts or groups.
    pub of: Vec<(SourceId, String)>,
    /// Where these accounts came in or went out as members too (pairs of source and member id).
    pub as_member: Vec<(SourceId, String)>,
    /// Only seen at or after this time.
    pub since: Option<Millis>,
    /// How many of the newest to pass over.
    pub offset: u32,
    /// How many are wanted.
    pub limit: u32,
}

/// The ledger, open. Usable from several threads.
pub const FILE: &str = "ledger.db";
pub const HEAD_FILE: &str = "ledger.head";
pub struct Ledger {}

#[allow(unused_variables, missing_docs, clippy::missing_errors_doc)]
impl Ledger {
    pub fn open(path: &Path, key: &crate::secrets::Secret) -> Result<Self, StoreError> { todo!() }
    pub fn sources(&self) -> Result<Vec<StoredSource>, StoreError> { todo!() }
    pub fn add_source(&self, settings: &SourceSettings) -> Result<StoredSource, StoreError> { todo!() }
    pub fn update_source(&self, id: SourceId, settings: &SourceSettings) -> Result<(), StoreError> { todo!() }
    pub fn remove_source(&self, id: SourceId) -> Result<(), StoreError> { todo!() }
    pub fn append_audit(&self, draft: AuditDraft) -> Result<AuditEntry, StoreError> { todo!() }
    pub fn audit(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> { todo!() }
    pub fn verify_audit(&self) -> Result<ChainCheck, StoreError> { todo!() }
    pub fn record(&self, source: SourceId, seen_at: Millis, transitions: &[Transition]) -> Result<u64, StoreError> { todo!() }
    pub fn changes(&self, query: &ChangeQuery) -> Result<ChangePage, StoreError> { todo!() }
    pub fn change(&self, seq: i64) -> Result<Option<Change>, StoreError> { todo!() }
    pub fn saved_filters(&self) -> Result<Vec<SavedFilter>, StoreError> { todo!() }
    pub fn save_filter(&self, filter: &SavedFilter) -> Result<(), StoreError> { todo!() }
    pub fn forget_filter(&self, screen: &str, name: &str) -> Result<(), StoreError> { todo!() }
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> { todo!() }
    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> { todo!() }
}
