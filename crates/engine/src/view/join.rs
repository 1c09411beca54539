//! Joins: what the rules could not decide, and what an admin decided.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{JoinRule, Millis, SourceId};

/// What is joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum JoinKind {
    /// Accounts into an identity.
    Account,
    /// Groups into a linked group.
    Group,
}

/// An account or group, as a join names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JoinSubject {
    /// `SOURCE.ID`.
    pub key: String,
    /// Which source.
    pub source: SourceId,
    /// Its name.
    pub name: String,
    /// What tells it apart: user name, e-mail, description.
    pub detail: String,
}

/// Subjects that carry the same key, several of one source, so that none was joined by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Ambiguity {
    /// Accounts or groups.
    pub kind: JoinKind,
    /// The rule that could not decide.
    pub rule: JoinRule,
    /// The key that they share.
    pub value: String,
    /// Who carries it, by source.
    pub subjects: Vec<JoinSubject>,
}

/// What an admin wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum JoinVerb {
    /// They are the same.
    Join,
    /// They are not the same, whatever the rules say.
    Separate,
    /// An earlier decision is taken back: the rules decide again.
    Forget,
}

/// A decision to make.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JoinDraft {
    /// Accounts or groups.
    pub kind: JoinKind,
    /// What is wanted.
    pub verb: JoinVerb,
    /// The one, `SOURCE.ID`.
    pub one: String,
    /// The other, `SOURCE.ID`.
    pub other: String,
    /// Why; at least a word.
    pub reason: String,
}

/// A decision that was made and stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct JoinDecision {
    /// Its number in the ledger.
    pub seq: i64,
    /// Accounts or groups.
    pub kind: JoinKind,
    /// Join or separate.
    pub verb: JoinVerb,
    /// The one.
    pub one: JoinSubject,
    /// The other.
    pub other: JoinSubject,
    /// Why.
    pub reason: String,
    /// Who decided: the operating system's user.
    pub by: String,
    /// When.
    pub at: Millis,
    /// Whether both are still there.
    pub in_force: bool,
}

/// Joins as a screen shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Joins {
    /// What the rules could not decide, the first 500.
    pub ambiguous: Vec<Ambiguity>,
    /// How many there are in all.
    pub ambiguous_total: u32,
    /// What an admin decided, newest first.
    pub decisions: Vec<JoinDecision>,
    /// How many were joined by each rule.
    pub by_rule: Vec<RuleCount>,
    /// The picture's number.
    pub generation: u64,
}

/// How many accounts and groups one rule joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RuleCount {
    /// The rule.
    pub rule: JoinRule,
    /// Accounts or groups.
    pub kind: JoinKind,
    /// How many.
    pub count: u32,
}
