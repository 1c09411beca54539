//! Findings: what the rules say about the picture, and what they could not say.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Caveat, Millis, NodeRef, SourceId, SourceKind};

/// How much a finding matters, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Severity {
    /// Somebody who must not has the highest rights now.
    Critical,
    /// A way in that should be shut, or a control that does not hold.
    High,
    /// Systems disagree, or something will fail soon.
    Medium,
    /// Untidy: it hides what matters.
    Low,
}

/// What a rule is about; rules are grouped by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum RuleArea {
    /// Leavers and accounts.
    Accounts,
    /// Systems that disagree.
    Drift,
    /// Who holds what in Azure.
    Azure,
    /// Backups and their guards.
    Backup,
    /// Backstage's catalog and roles.
    Backstage,
    /// Groups and roles.
    Groups,
    /// Service principals.
    Programs,
    /// Provisioning, tokens and sources.
    Plumbing,
}

/// A control of a framework that a rule bears on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Control {
    /// `SOC 2`, `ISO/IEC 27001:2022`, `NIST SP 800-53`.
    pub framework: String,
    /// `CC6.3`, `A.5.18`, `AC-2`.
    pub id: String,
    /// What it is called there.
    pub title: String,
}

/// A number of a rule that settings can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RuleParameter {
    /// Its name.
    pub name: String,
    /// What it is, in words.
    pub says: String,
    /// `days`, `hours`, `nestings`.
    pub unit: String,
    /// What counts.
    pub value: i64,
    /// What counts where nobody changed it.
    pub default: i64,
    /// The least that makes sense.
    pub min: i64,
    /// The most that makes sense.
    pub max: i64,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FindingRule {
    /// Its id: `active-after-leaving`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub area: RuleArea,
    /// The severity that its findings have; a finding on a privileged role may have a higher one.
    pub severity: Severity,
    /// The severity where nobody changed it.
    pub default_severity: Severity,
    /// When it speaks, in a sentence or two.
    pub finds: String,
    /// Why it matters, in one sentence.
    pub why: String,
    /// The controls that it bears on.
    pub controls: Vec<Control>,
    /// What it has to have read, in words.
    pub needs: Vec<String>,
    /// The way out, in words.
    pub way_out: String,
    /// Its numbers.
    pub parameters: Vec<RuleParameter>,
    /// Whether it is asked at all.
    pub enabled: bool,
}

/// How far a rule could be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Evaluated {
    /// Over all that it is about.
    Fully,
    /// Over a part: what is missing is told.
    Partly,
    /// Not at all: what is missing is told.
    Not,
    /// No source of the kind that it is about is connected.
    NothingToAsk,
    /// It is switched off.
    Off,
}

/// A rule with how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct RuleState {
    /// The rule.
    pub rule: FindingRule,
    /// How far it was evaluated.
    pub evaluated: Evaluated,
    /// What it could not see, and why.
    pub not_evaluated: Vec<Caveat>,
    /// Findings that are open.
    pub open: u32,
    /// Of these, those that came since the moment that was asked about.
    pub new: u32,
    /// Findings that were closed since then.
    pub closed: u32,
    /// Findings that are suppressed.
    pub suppressed: u32,
    /// The highest severity among the open ones.
    pub worst: Option<Severity>,
}

/// How a finding stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum FindingState {
    /// It holds.
    Open,
    /// It holds, and somebody decided not to be told for a time.
    Suppressed,
    /// It held once.
    Closed,
}

/// A decision not to be told of a finding for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Suppression {
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Millis,
    /// Why.
    pub reason: String,
    /// Until when.
    pub until: Millis,
}

/// A finding in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FindingRow {
    /// Its id, the same from sync to sync: `RULE:` and sixteen hexadecimal digits.
    pub id: String,
    /// Its rule.
    pub rule: String,
    /// The rule's title.
    pub rule_title: String,
    /// The rule's area.
    pub area: RuleArea,
    /// How much it matters.
    pub severity: Severity,
    /// How it stands.
    pub state: FindingState,
    /// What is wrong, in one sentence with names.
    pub says: String,
    /// What it is about: the person, group, role, scope or source.
    pub subject: FindingSubject,
    /// The sources that it speaks of.
    pub sources: Vec<SourceId>,
    /// How many people it affects.
    pub people: u32,
    /// When it was first found (again, where it was closed in between).
    pub first_seen: Millis,
    /// When it was last found.
    pub last_seen: Millis,
    /// When it was closed.
    pub closed_at: Option<Millis>,
    /// Why it could not be looked at again, where it stands only because of that.
    pub unconfirmed: Option<String>,
    /// The decision not to be told of it.
    pub suppression: Option<Suppression>,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FindingSubject {
    /// `person`, `group`, `role`, `scope`, `source`, `credential`, `record`.
    pub kind: String,
    /// Its address (`person:…`, `group:…`, `role:…`, `scope:…`, `source:ID`, `credential:ID`); none where nothing is shown of it.
    pub address: Option<String>,
    /// Its name.
    pub name: String,
    /// The kind of its source.
    pub system: Option<SourceKind>,
}

/// A fact that a finding stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FindingEvidence {
    /// The fact, in words.
    pub says: String,
    /// Which source says so; none for what Lanyard itself holds.
    pub source: Option<SourceId>,
    /// Out of which record.
    pub record: Option<String>,
    /// The record's address, to be shown raw.
    pub document: Option<String>,
    /// When it was read.
    pub read_at: Option<Millis>,
}

/// What a way out is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum FixKind {
    /// A command of the Azure CLI.
    Az,
    /// A SCIM request as curl; the token is a shell variable.
    Curl,
    /// Lines for Backstage's RBAC CSV file, as a diff.
    Csv,
    /// A change of a catalog file, as a diff.
    Diff,
    /// Something to do in Lanyard, or by hand.
    Steps,
}

/// A way out: something to copy and run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Fix {
    /// What it does, in one line.
    pub title: String,
    /// What it is.
    pub kind: FixKind,
    /// The text to copy. Never a secret.
    pub text: String,
    /// What to know before it is run.
    pub note: Option<String>,
    /// Where in Lanyard it is done, where it is (`/tokens`, `/deprovision/offboard?person=…`).
    pub path: Option<String>,
}

/// What became of a finding over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FindingEvent {
    /// When.
    pub at: Millis,
    /// `opened`, `changed`, `closed`, `suppressed`, `lifted`, `lapsed`.
    pub event: String,
    /// In words.
    pub says: String,
    /// Who, where somebody did it.
    pub by: Option<String>,
}

/// A finding, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FindingDetail {
    /// The row.
    pub row: FindingRow,
    /// Its rule.
    pub rule: FindingRule,
    /// The facts that it stands on.
    pub evidence: Vec<FindingEvidence>,
    /// The people whom it affects, by name; so many at most.
    pub affected: Vec<NodeRef>,
    /// The ways out, the best first.
    pub fixes: Vec<Fix>,
    /// What became of it, newest first.
    pub history: Vec<FindingEvent>,
}

/// In which order findings come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum FindingSort {
    /// By severity, then rule, then name.
    #[default]
    Severity,
    /// By rule, the worst first; then severity and name.
    Rule,
    /// Newest first.
    Newest,
}

/// Which findings are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct FindingQuery {
    /// Only of these rules; of all when empty.
    pub rules: Vec<String>,
    /// Only of these severities; of all when empty.
    pub severities: Vec<Severity>,
    /// Only of this area.
    pub area: Option<RuleArea>,
    /// Only that speak of this source.
    pub source: Option<SourceId>,
    /// Only in these states; open ones when empty.
    pub states: Vec<FindingState>,
    /// Only that came at or after this time.
    pub new_since: Option<Millis>,
    /// Only that are about, or affect, this person, group, role or scope: an address, or the key of an account or group.
    pub about: Option<String>,
    /// Only what holds this text. Whatever the case.
    pub search: String,
    /// The order.
    pub sort: FindingSort,
    /// How many to pass over.
    pub offset: u32,
    /// How many are wanted; 500 at most.
    pub limit: u32,
}

/// A page of findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FindingPage {
    /// The findings.
    pub rows: Vec<FindingRow>,
    /// How many match.
    pub total: u32,
    /// When the rules were last asked.
    pub evaluated_at: Option<Millis>,
    /// The number of the picture that they were asked about.
    pub generation: u64,
}

/// Findings of one severity in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SeveritySum {
    /// Which.
    pub severity: Severity,
    /// How many are open.
    pub open: u32,
    /// How many came since the moment that was asked about.
    pub new: u32,
    /// How many were closed since then.
    pub closed: u32,
    /// How many were open at the end of each of the last days, oldest first; none for a day on which nothing was evaluated.
    pub trend: Vec<Option<u32>>,
}

/// Findings in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FindingSums {
    /// By severity, all four.
    pub severities: Vec<SeveritySum>,
    /// Open in all.
    pub open: u32,
    /// Suppressed in all.
    pub suppressed: u32,
    /// Rules that could not be evaluated at all, or in part.
    pub rules_not_evaluated: u32,
    /// Rules that were asked.
    pub rules_asked: u32,
    /// When the rules were last asked; none where they never were.
    pub evaluated_at: Option<Millis>,
    /// How long that took, in microseconds.
    pub took_us: u64,
    /// Since when `new` and `closed` count.
    pub since: Millis,
    /// The weightiest open findings, newest first among equals.
    pub first: Vec<FindingRow>,
}

/// What settings change about a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct RuleSettings {
    /// Whether it is switched off.
    pub off: bool,
    /// Another severity than its own.
    pub severity: Option<Severity>,
    /// Other numbers than its own, by name.
    pub parameters: std::collections::BTreeMap<String, i64>,
}

/// A form that findings are exported in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum FindingFormat {
    /// Comma-separated values (RFC 4180), cells that a spreadsheet would run made harmless.
    Csv,
    /// One JSON document: the findings, the rules, and what was not evaluated.
    Json,
    /// SARIF 2.1.0 (OASIS), for code scanning dashboards.
    Sarif,
}
