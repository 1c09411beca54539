//! Syncs: progress while they run, coverage and outcome afterwards.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Fault, Millis, RotationId, RunId, SourceId};

/// How far a collection was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum CoverageState {
    /// All of it, as far as the server says.
    Complete,
    /// A part; what was read is kept and what was not seen is not taken for deleted.
    Incomplete,
    /// Nothing was read.
    NotEvaluated,
}

/// Why a collection is not complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct CoverageReason {
    /// A stable code: `endedEarly`, `totalsDisagree`, `totalsMissing`, `pagesRepeat`, `shifted`, `budget`, `cancelled`, `failed`, `refused`, `membersNotListed`, `unreadable`, `unconfirmed`, …
    pub code: String,
    /// In plain words, with numbers.
    pub text: String,
}

/// What was read of one collection of a source, when, completely or not, and why not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Coverage {
    /// `Users`, `Groups`, `Memberships`, or what else the source's kind has: `Role assignments`, `RBAC roles`, ….
    pub collection: String,
    /// How far it was read.
    pub state: CoverageState,
    /// Why it is not complete; empty when it is.
    pub reasons: Vec<CoverageReason>,
    /// How many the cache holds.
    pub have: u64,
    /// How many the server says it has.
    pub reported: Option<u64>,
    /// How many of those held were not seen by the last reading, and are kept all the same.
    pub unconfirmed: u64,
    /// When it was last read, in full or for changes only.
    pub read_at: Option<Millis>,
    /// When it was last read in full.
    pub full_at: Option<Millis>,
    /// How it was read ("pages of 500 by index, 4 at once"; "changes since 09:12 by meta.lastModified").
    pub how: String,
}

impl Coverage {
    /// How memberships are told ([`Self::how`]) where each user names the groups.
    pub const OF_USERS: &str = "from the groups that each user names";

    /// Whether the collection is not there to be read, so that its absence is no gap. What was held of one that went away is a gap.
    pub fn is_beside(&self) -> bool {
        let beside = |reason: &CoverageReason| ["noGroups", "notOffered"].contains(&reason.code.as_str());
        self.have == 0 && self.reasons.iter().any(beside)
    }
}

/// A phase of a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SyncPhase {
    /// Asking what the server can do.
    Connecting,
    /// Reading pages.
    Reading,
    /// Asking one by one for those that the list did not show.
    Confirming,
    /// Writing the last of it and making indexes.
    Saving,
}

/// A running sync, several times a second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncProgress {
    /// Which source.
    pub source: SourceId,
    /// What it does.
    pub phase: SyncPhase,
    /// The collection being read; see [`Coverage::collection`].
    pub collection: String,
    /// Resources read so far, over all collections.
    pub read: u64,
    /// Resources to read over all collections, as far as the server says.
    pub total: Option<u64>,
    /// Resources a second, lately.
    pub per_second: f64,
    /// Time left at that rate, in milliseconds.
    pub left_ms: Option<u64>,
    /// Requests made.
    pub requests: u64,
    /// The budget of requests, if there is one.
    pub budget: Option<u64>,
    /// Bytes received.
    pub bytes: u64,
    /// Requests that were made again.
    pub retries: u64,
    /// Why nothing moves just now ("the server asks to wait 30 s").
    pub waiting: Option<String>,
    /// When it started.
    pub started_at: Millis,
}

/// How a sync ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum SyncState {
    /// Everything was read.
    Complete,
    /// A part was read; see coverage.
    Incomplete,
    /// It was cancelled; what was read is kept.
    Cancelled,
    /// It failed; the last good picture is kept.
    Failed,
}

/// What a sync did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SyncOutcome {
    /// Which source.
    pub source: SourceId,
    /// Its name.
    pub name: String,
    /// How it ended.
    pub state: SyncState,
    /// Accounts and groups that are new.
    pub added: u64,
    /// Accounts and groups that changed.
    pub changed: u64,
    /// Accounts and groups that are gone.
    pub removed: u64,
    /// Accounts and groups that are as they were.
    pub unchanged: u64,
    /// Rows written to the cache.
    pub rows_written: u64,
    /// Requests made.
    pub requests: u64,
    /// Bytes received.
    pub bytes: u64,
    /// When it started.
    pub started_at: Millis,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What was read.
    pub coverage: Vec<Coverage>,
    /// Why it failed, if it did.
    pub fault: Option<Fault>,
}

/// What the window hears while syncs run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[ts(export)]
pub enum EngineEvent {
    /// A sync moved on.
    SyncProgress {
        /// How far it is.
        progress: SyncProgress,
    },
    /// A sync ended.
    SyncEnded {
        /// How it ended.
        outcome: SyncOutcome,
    },
    /// What People and Groups show has changed; ask again. The number grows with each change of the picture, and is told a second time when
    /// its access map came to be, which rows tell of too.
    DirectoryChanged {
        /// The picture's new number.
        generation: u64,
    },
    /// A source was added, edited, disabled or removed.
    SourcesChanged,
    /// A run of de-provisioning moved on; ask for it again.
    RunChanged {
        /// Its number.
        run: RunId,
    },
    /// Credentials stand differently, or a rotation moved on; ask again.
    TokensChanged {
        /// The rotation that moved, if one did.
        rotation: Option<RotationId>,
    },
    /// The rules were asked anew, or a finding was suppressed; ask again.
    FindingsChanged,
}
