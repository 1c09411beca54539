//! History: what changed between two moments, what that did to access, and the picture as it was.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AccessOf, AccessState, Caveat, ChangeKind, GroupDetail, Millis, NodeRef, PersonDetail, SourceId, SourceKind, SyncState};

/// A moment to compare from or to: the end of a sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncMoment {
    /// Its number in the audit log.
    pub seq: i64,
    /// When it ended.
    pub at: Millis,
    /// Which source was read.
    pub source: SourceId,
    /// Its name.
    pub source_name: String,
    /// The source's kind.
    pub system: SourceKind,
    /// How it ended.
    pub state: SyncState,
    /// Lines of history that it wrote.
    pub lines: u64,
}

/// Which differences are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct ComparisonQuery {
    /// The earlier moment.
    pub from: Millis,
    /// The later moment; none for now.
    pub to: Option<Millis>,
    /// Only about this identity, group, role or scope: an address (`person:…`, `group:…`, `role:…`, `scope:…`).
    pub about: Option<String>,
    /// Only of this source.
    pub source: Option<SourceId>,
    /// Only what holds this text: a name, an id, a value. Whatever the case.
    pub search: String,
    /// Only what gave or took a privileged role, or a right to restore.
    pub privileged: bool,
    /// How many to pass over.
    pub offset: u32,
    /// How many are wanted; 500 at most.
    pub limit: u32,
}

/// How a record stands at the later moment beside the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RecordChange {
    /// It came to be.
    Appeared,
    /// It is gone.
    Gone,
    /// Something of it changed.
    Changed,
}

/// Access that was gained or lost by a change, summed over people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AccessSum {
    /// The role.
    pub role: NodeRef,
    /// The scope.
    pub scope: NodeRef,
    /// How far it goes (went).
    pub state: AccessState,
    /// Whether the role is privileged.
    pub privileged: bool,
    /// How many people gained or lost it by this change.
    pub people: u32,
}

/// One attribute or member that differs between the two moments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ComparedChange {
    /// What happened.
    pub kind: ChangeKind,
    /// The attribute's path, or `members`.
    pub path: Option<String>,
    /// The value at the earlier moment; for a member its id.
    pub before: Option<String>,
    /// The value at the later moment; for a member its id.
    pub after: Option<String>,
    /// The member's name, where it is known.
    pub member_name: Option<String>,
    /// The member's address, where it is held.
    pub member: Option<String>,
    /// When it was seen; the last time, where it went to and fro.
    pub seen_at: Millis,
    /// When the source says that it happened.
    pub changed_at: Option<Millis>,
    /// What was gained by it, the weightiest first.
    pub gained: Vec<AccessSum>,
    /// What was lost by it.
    pub lost: Vec<AccessSum>,
}

/// A record that differs between the two moments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ComparedRecord {
    /// Which source.
    pub source: SourceId,
    /// The resource, `SOURCE.ID`.
    pub key: String,
    /// Where it is shown, where it is held now: an address of the access map, or an edge's.
    pub address: Option<String>,
    /// `User`, `Group`, `ServicePrincipal`, `RoleAssignment`, `RbacRole`, ….
    pub resource: String,
    /// Its name; of an assignment its words ("Backup Operator on vault-prod to backup-operators").
    pub name: String,
    /// How it stands.
    pub change: RecordChange,
    /// The lines, newest first; those of the highest consequence first, and so many at most.
    pub lines: Vec<ComparedChange>,
    /// Lines that are not listed.
    pub more_lines: u32,
    /// When it was last seen to change.
    pub seen_at: Millis,
    /// What its coming or going as a whole gave.
    pub gained: Vec<AccessSum>,
    /// What its coming or going as a whole took.
    pub lost: Vec<AccessSum>,
}

/// The differences in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ComparisonSums {
    /// Accounts that came to be.
    pub accounts_appeared: u32,
    /// Accounts that are gone.
    pub accounts_gone: u32,
    /// Accounts and groups of which an attribute changed.
    pub changed: u32,
    /// Direct memberships that came to be.
    pub members_added: u32,
    /// Direct memberships that went.
    pub members_removed: u32,
    /// Assignments and roles that came, went or changed.
    pub rights_changed: u32,
    /// Identities that gained a role on a scope.
    pub people_gained: u32,
    /// Identities that lost a role on a scope.
    pub people_lost: u32,
    /// Roles on scopes that were gained, over all people.
    pub gained: u32,
    /// Roles on scopes that were lost, over all people.
    pub lost: u32,
}

/// What differs between two moments, record by record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Comparison {
    /// The earlier moment.
    pub from: Millis,
    /// The later moment.
    pub to: Millis,
    /// In numbers, of all that was asked for.
    pub sums: ComparisonSums,
    /// A page of records, those that gave or took the most first.
    pub records: Vec<ComparedRecord>,
    /// How many records differ in all.
    pub total: u32,
    /// What cannot be said (a source that was not read in between, history that was removed, records of before they were kept whole).
    pub caveats: Vec<Caveat>,
    /// How long the answer took, in microseconds.
    pub took_us: u64,
}

/// A role on a scope that somebody gained or lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AccessChange {
    /// Who.
    pub identity: NodeRef,
    /// Whether it was gained; otherwise lost. Where it only goes further or less far than before, both states are told.
    pub gained: bool,
    /// The role.
    pub role: NodeRef,
    /// The scope.
    pub scope: NodeRef,
    /// How far it goes at the later moment; none where it is lost.
    pub state: Option<AccessState>,
    /// How far it went at the earlier moment; none where there was nothing.
    pub before: Option<AccessState>,
    /// Whether the role is privileged.
    pub privileged: bool,
    /// Whether backups can be restored by it.
    pub can_restore: bool,
    /// The way, in words: by `backup-operators`.
    pub by: String,
    /// What did it, in words ("joined vault-operators").
    pub because: Vec<String>,
    /// When that was seen.
    pub seen_at: Option<Millis>,
}

/// A page of access that was gained and lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AccessChangePage {
    /// The changes: privileged ones first, then by person.
    pub changes: Vec<AccessChange>,
    /// How many there are in all.
    pub total: u32,
    /// In numbers.
    pub sums: ComparisonSums,
    /// What cannot be said.
    pub caveats: Vec<Caveat>,
}

/// An identity or a group as it was at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AsOf {
    /// The moment.
    pub at: Millis,
    /// The person, where one was asked for and was there.
    pub person: Option<PersonDetail>,
    /// The group, where one was asked for and was there.
    pub group: Option<GroupDetail>,
    /// What the person held.
    pub access: Option<AccessOf>,
    /// Since when that can be told: the end of the first sync, or the day before which history was removed.
    pub recorded_since: Option<Millis>,
    /// What cannot be said about that moment.
    pub caveats: Vec<Caveat>,
}

/// How long history is kept, and how much there is of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct HistoryInfo {
    /// Days that history is kept; none for ever. Nothing is removed while this says so.
    pub keep_days: Option<u32>,
    /// The moment before which history was removed; none where nothing was.
    pub removed_before: Option<Millis>,
    /// The oldest line.
    pub oldest: Option<Millis>,
    /// Lines of history.
    pub lines: u64,
    /// Earlier versions of records that are kept whole.
    pub versions: u64,
    /// Bytes that those take.
    pub bytes: u64,
    /// Lines that the present setting would remove now.
    pub over_age: u64,
}
