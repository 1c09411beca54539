//! The report: one model, made from the signed record and what of it is disclosed, and two renderings of it.

pub mod html;
pub mod pdf;
mod sections;
pub mod words;

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;

use crate::record::run::{Disclosure, disclose};
use crate::view::{Check, Guard, Millis, RunId, RunKind, RunState, SourceId, SourceKind, Step, Verdict};

/// How something is coloured. Never the only sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Good,
    Bad,
    Warn,
    Quiet,
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed => Self::Good,
            Verdict::Failed => Self::Bad,
            Verdict::NotEvaluated | Verdict::Waived => Self::Warn,
            Verdict::Pending | Verdict::Waiting => Self::Quiet,
        }
    }
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    /// A smaller line below.
    pub note: String,
    pub tone: Tone,
    pub strong: bool,
}

impl Cell {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    fn strong(mut self) -> Self {
        self.strong = true;
        self
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub title: &'static str,
    /// Its part of the width.
    pub weight: u16,
    /// Whether it is set to the right: times and numbers.
    pub right: bool,
}

/// A piece of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Heading(String),
    Text(String),
    /// Names with values, in two columns.
    Facts(Vec<(&'static str, String)>),
    Table {
        columns: Vec<Column>,
        rows: Vec<Vec<Cell>>,
    },
    /// Points with a mark before them.
    List(Vec<String>),
    /// Commands and digests, in a fixed width.
    Code(String),
}

/// The report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// "Offboarding of Amal Haddad".
    pub title: String,
    /// "Run 118, plan leaver-payments, revision 1a2b3c4d".
    pub subtitle: String,
    /// "Passed".
    pub verdict: String,
    /// What that means, in a sentence or two.
    pub says: String,
    pub tone: Tone,
    pub blocks: Vec<Block>,
    /// On each page.
    pub footer: String,
}

/// What the report reads of a record. Members that it does not know are left out, so that records of later programs can still be told of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    folder: String,
    key: String,
    program: String,
    signed_at: Millis,
    run: ToldRun,
    plan: ToldPlan,
    subject: ToldSubject,
    guards: Vec<Guard>,
    steps: Vec<Step>,
    checks: Vec<Check>,
    left_out: Vec<String>,
    controls: Vec<ToldControl>,
    records: Vec<ToldRecord>,
    audit: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldRun {
    id: RunId,
    kind: RunKind,
    state: RunState,
    dry_run: bool,
    by: String,
    planned_at: Millis,
    cut_at: Option<Millis>,
    closed_at: Option<Millis>,
    head: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldPlan {
    name: String,
    revision: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldSubject {
    test: bool,
    name: String,
    user_name: String,
    accounts: Vec<ToldAccount>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldAccount {
    source_name: String,
    kind: SourceKind,
    id: String,
    user_name: String,
    joined_by: String,
}

#[derive(Debug, Deserialize)]
struct ToldControl {
    name: String,
    title: String,
    how: String,
}

#[derive(Debug, Deserialize)]
struct ToldRecord {
    seq: i64,
    at: Millis,
    kind: String,
    title: String,
    mark: Option<Verdict>,
    data: Value,
    hash: String,
}

/// Checks of one system.
struct System<'t> {
    name: &'t str,
    checks: Vec<&'t Check>,
}

impl Told {
    /// The systems, in the order of their checks.
    fn systems(&self) -> Vec<System<'_>> {
        let mut order: Vec<SourceId> = Vec::new();
        let mut systems: BTreeMap<SourceId, System<'_>> = BTreeMap::new();
        for check in &self.checks {
            let system = systems.entry(check.source).or_insert_with(|| {
                order.push(check.source);
                System {
                    name: &check.source_name,
                    checks: Vec::new(),
                }
            });
            system.checks.push(check);
        }
        order.into_iter().filter_map(|source| systems.remove(&source)).collect()
    }
}

/// Makes the report of a record.
///
/// # Errors
/// When the record is not of the shape that sealing gives.
pub fn report(record: &Value, disclosures: &[Disclosure], sha256: &str, masked: bool) -> Result<Report, serde_json::Error> {
    let values: HashMap<&str, &str> = disclosures
        .iter()
        .map(|disclosure| (disclosure.digest.as_str(), disclosure.value.as_str()))
        .collect();
    let disclosed = disclose(record, &|digest| values.get(digest).copied(), words::MASKED);
    let told: Told = serde_json::from_value(disclosed)?;
    Ok(sections::report(&told, sha256, masked))
}
