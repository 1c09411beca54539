//! An admin's decision about who is the same, as the ledger holds it and the directory follows it.

use crate::view::{JoinKind, JoinVerb, Millis, SourceId};

/// An account or group that a decision names. Decisions outlive what they name: the name is the one of that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedSubject {
    /// Which source.
    pub source: SourceId,
    /// The id at the source.
    pub id: String,
    /// Its name when it was decided.
    pub name: String,
}

impl DecidedSubject {
    /// `SOURCE.ID`.
    pub fn key(&self) -> String {
        format!("{}.{}", self.source, self.id)
    }
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its number in the ledger.
    pub seq: i64,
    /// Accounts or groups.
    pub kind: JoinKind,
    /// Join or separate. (`Forget` only on the way into the ledger.)
    pub verb: JoinVerb,
    /// The one.
    pub one: DecidedSubject,
    /// The other.
    pub other: DecidedSubject,
    /// Why.
    pub reason: String,
    /// Who decided: the operating system's user.
    pub by: String,
    /// When.
    pub at: Millis,
}
