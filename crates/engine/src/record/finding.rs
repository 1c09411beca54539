//! What the ledger keeps of findings: what became of each, how each asking of the rules came out, and what somebody decided not to be told of.

use crate::view::{FindingRow, Millis, Severity};

/// What became of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingChange {
    /// It was found, and did not stand before.
    Opened,
    /// It stands, and what it stands on is not what it was.
    Changed,
    /// It does not hold any more.
    Closed,
}

/// A line to append about a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingDraft {
    /// What became of it.
    pub change: FindingChange,
    /// The hash of what it stands on.
    pub facts: String,
    /// As it was told.
    pub row: FindingRow,
}

/// A finding as its newest line has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingVersion {
    /// What became of it last.
    pub change: FindingChange,
    /// When.
    pub at: Millis,
    /// When it was last opened.
    pub opened_at: Millis,
    /// The hash of what it stands on.
    pub facts: String,
    /// As it was told then.
    pub row: FindingRow,
}

/// A line of one finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingLine {
    /// What became of it.
    pub change: FindingChange,
    /// When.
    pub at: Millis,
    /// As it was told then.
    pub row: FindingRow,
}

/// How an asking of the rules came out, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FindingRun {
    /// When.
    pub at: Millis,
    /// How long it took, in microseconds.
    pub took_us: u64,
    /// Open findings by severity, the weightiest first.
    pub open: [u32; 4],
    /// Rules that could not be asked, or in part only.
    pub not_evaluated: u32,
}

impl FindingRun {
    /// The place of a severity in [`Self::open`].
    pub fn place(severity: Severity) -> usize {
        match severity {
            Severity::Critical => 0,
            Severity::High => 1,
            Severity::Medium => 2,
            Severity::Low => 3,
        }
    }
}

/// A decision not to be told of a finding, as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSuppression {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// Who decided.
    pub by: String,
    /// Which finding.
    pub finding: String,
    /// What it stood on then: other facts end the suppression.
    pub facts: String,
    /// Until when.
    pub until: Millis,
    /// Why.
    pub reason: String,
    /// It takes the decision before it back.
    pub lifted: bool,
}

impl KeptSuppression {
    /// Whether it is in force for a finding that stands on these facts.
    pub fn holds(&self, facts: &str, now: Millis) -> bool {
        !self.lifted && self.until > now && self.facts == facts
    }
}
