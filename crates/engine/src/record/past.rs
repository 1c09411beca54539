//! What history tells of records between a moment and now: how each that changed since was at that moment.

use super::ResourceKind;
use crate::view::{ChangeKind, Millis, SourceId};

/// A record that came, went or changed after a moment, as it was at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Which source.
    pub source: SourceId,
    /// What it is.
    pub kind: ResourceKind,
    /// The id at the source.
    pub id: String,
    /// Its name in the first line after the moment.
    pub name: String,
    /// How it was.
    pub was: Was,
    /// When the first thing after the moment was seen of it.
    pub seen_at: Millis,
}

/// How a record was at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Was {
    /// It was not there.
    Absent,
    /// It said this: the document as the source sent it; of a group without its members.
    Said(Vec<u8>),
    /// It was there, and what it said was not kept.
    Untold,
}

/// The members of a group at a moment, as far as they were others than now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EarlierMembers {
    /// Which source.
    pub source: SourceId,
    /// The group's id.
    pub group: String,
    /// Whether the group went since: then it had those that were members and nobody else, whatever it has now.
    pub anew: bool,
    /// Members' ids, each with whether it was one.
    pub members: Vec<(String, bool)>,
}

/// What history tells of the time after a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Since {
    /// Records, in the order in which they were first seen to change.
    pub records: Vec<Earlier>,
    /// Groups that were there and whose members were others.
    pub members: Vec<EarlierMembers>,
    /// The last line of history that was looked at.
    pub end: i64,
}

/// A line of history in a stretch of time, with what compares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastLine {
    /// The transition that it is of.
    pub transition: i64,
    /// Which source.
    pub source: SourceId,
    /// What the record is.
    pub kind: ResourceKind,
    /// The record's id at the source.
    pub id: String,
    /// Its name at that time.
    pub name: String,
    /// When it was seen.
    pub seen_at: Millis,
    /// When the source says that it happened.
    pub changed_at: Option<Millis>,
    /// What happened.
    pub change: ChangeKind,
    /// The attribute's path, or `members`.
    pub path: Option<String>,
    /// The value before; for a member its id.
    pub before: Option<String>,
    /// The value after; for a member its id.
    pub after: Option<String>,
    /// A member's name.
    pub member_name: Option<String>,
}

/// What the end of a sync said of one collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverageThen {
    /// Its name.
    pub collection: String,
    /// How far it was read.
    pub state: crate::view::CoverageState,
    /// How many were held.
    pub have: u64,
    /// Codes of the reasons why it was not complete.
    pub reasons: Vec<String>,
}

/// The end of a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncThen {
    /// Its number in the audit log.
    pub seq: i64,
    /// When it ended.
    pub at: Millis,
    /// Which source.
    pub source: SourceId,
    /// How it ended; none where a newer Lanyard wrote something else.
    pub state: Option<crate::view::SyncState>,
    /// Lines of history that it vouches for.
    pub lines: u64,
    /// What was read.
    pub coverage: Vec<CoverageThen>,
}
