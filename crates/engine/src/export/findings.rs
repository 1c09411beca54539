//! Exports of findings: CSV, JSON, and SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).
//!
//! Each form says besides what was found what could not be evaluated: CSV, which has no room for it, by one line for each rule.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::{Map as Object, Value, json};

use super::{cells, csv, target};
use crate::Error;
use crate::view::{Evaluated, ExportDone, FindingFormat, FindingRow, FindingState, Millis, RuleState, Severity, SourceId, SourceKind};

/// The columns of CSV.
const COLUMNS: &[&str] = &[
    "id",
    "rule",
    "title",
    "area",
    "severity",
    "state",
    "says",
    "subject",
    "subjectKind",
    "subjectAddress",
    "sources",
    "people",
    "firstSeen",
    "lastSeen",
    "closedAt",
    "unconfirmed",
    "suppressedBy",
    "suppressedUntil",
    "suppressionReason",
];
/// Where the schema of SARIF is.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A source by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// Its number.
    pub id: SourceId,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
}

/// What is exported.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// When the rules were asked; none where they never were.
    pub evaluated_at: Option<Millis>,
    /// The findings.
    pub findings: Vec<FindingRow>,
    /// The rules, with how far each was evaluated and what it could not see.
    pub rules: Vec<RuleState>,
    /// The sources that findings and rules speak of.
    pub sources: Vec<Named>,
}

impl Findings {
    /// Writes them to a file, which is there whole or not at all.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, format: FindingFormat, path: &Path) -> Result<ExportDone, Error> {
        let bytes = target::replace(path, |file| self.write(format, file)).map_err(|source| Error::File {
            path: path.display().to_string(),
            source,
        })?;
        Ok(ExportDone {
            path: path.display().to_string(),
            rows: self.findings.len() as u64,
            bytes,
        })
    }

    /// Writes them.
    ///
    /// # Errors
    /// When there is no room for them.
    pub fn write(&self, format: FindingFormat, to: &mut dyn Write) -> io::Result<()> {
        match format {
            FindingFormat::Csv => csv::write(to, self.lines(), &[], COLUMNS),
            FindingFormat::Json => document(&self.in_full(), to),
            FindingFormat::Sarif => document(&self.sarif(), to),
        }
    }

    /// The rules that were to be asked and were not, or not about everything.
    fn not_evaluated(&self) -> impl Iterator<Item = &RuleState> {
        self.rules.iter().filter(|state| is_open(state.evaluated))
    }

    fn source(&self, id: SourceId) -> &str {
        self.sources
            .iter()
            .find(|source| source.id == id)
            .map_or("a source that is gone", |source| &source.name)
    }

    fn of(&self, sources: &[SourceId]) -> String {
        sources.iter().map(|id| self.source(*id)).collect::<Vec<_>>().join("; ")
    }

    /// The lines of CSV: one for each finding, and one for each rule that was not, or not wholly, evaluated.
    fn lines(&self) -> impl Iterator<Item = Object<String, Value>> {
        let found = self.findings.iter().map(|row| {
            let suppression = row.suppression.as_ref();
            line([
                ("id", row.id.clone()),
                ("rule", row.rule.clone()),
                ("title", row.rule_title.clone()),
                ("area", word(&row.area)),
                ("severity", word(&row.severity)),
                ("state", word(&row.state)),
                ("says", row.says.clone()),
                ("subject", row.subject.name.clone()),
                ("subjectKind", row.subject.kind.clone()),
                ("subjectAddress", row.subject.address.clone().unwrap_or_default()),
                ("sources", self.of(&row.sources)),
                ("people", row.people.to_string()),
                ("firstSeen", cells::time(row.first_seen)),
                ("lastSeen", cells::time(row.last_seen)),
                ("closedAt", row.closed_at.map(cells::time).unwrap_or_default()),
                ("unconfirmed", row.unconfirmed.clone().unwrap_or_default()),
                ("suppressedBy", suppression.map(|one| one.by.clone()).unwrap_or_default()),
                ("suppressedUntil", suppression.map(|one| cells::time(one.until)).unwrap_or_default()),
                ("suppressionReason", suppression.map(|one| one.reason.clone()).unwrap_or_default()),
            ])
        });
        let left = self.not_evaluated().map(|state| {
            line([
                ("rule", state.rule.id.clone()),
                ("title", state.rule.title.clone()),
                ("area", word(&state.rule.area)),
                ("state", in_words(state.evaluated).to_owned()),
                ("says", why(state)),
            ])
        });
        found.chain(left)
    }

    fn in_full(&self) -> Value {
        let left: Vec<Value> = self
            .not_evaluated()
            .map(|state| json!({"rule": state.rule.id, "evaluated": state.evaluated, "why": state.not_evaluated}))
            .collect();
        json!({
            "evaluatedAt": self.evaluated_at,
            "findings": self.findings,
            "notEvaluated": left,
            "rules": self.rules,
            "sources": self.sources,
        })
    }

    /// SARIF, with findings as results and what was not evaluated as notifications of the tool.
    fn sarif(&self) -> Value {
        let place = |id: &str| self.rules.iter().position(|state| state.rule.id == id);
        let notifications: Vec<Value> = self
            .not_evaluated()
            .map(|state| {
                json!({
                    "descriptor": {"id": if state.evaluated == Evaluated::Not { "not-evaluated" } else { "partly-evaluated" }},
                    "associatedRule": {"id": state.rule.id, "index": place(&state.rule.id)},
                    "level": "warning",
                    "message": {"text": format!("{} was {}. {}", state.rule.title, in_words(state.evaluated), why(state)).trim_end()},
                })
            })
            .collect();
        let mut invocation = json!({"executionSuccessful": self.evaluated_at.is_some(), "toolExecutionNotifications": notifications});
        if let Some(at) = self.evaluated_at {
            invocation["endTimeUtc"] = cells::time(at).into();
        }
        json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "Lanyard",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": self.rules.iter().map(descriptor).collect::<Vec<_>>(),
                    "notifications": [
                        {"id": "not-evaluated", "shortDescription": {"text": "A rule could not be evaluated"}},
                        {"id": "partly-evaluated", "shortDescription": {"text": "A rule could be evaluated over a part only"}},
                    ],
                }},
                "automationDetails": {"id": "lanyard/findings/"},
                "invocations": [invocation],
                "results": self.findings.iter().map(|row| self.result(row, place(&row.rule))).collect::<Vec<_>>(),
                "columnKind": "unicodeCodePoints",
            }],
        })
    }

    fn result(&self, row: &FindingRow, rule: Option<usize>) -> Value {
        let sources: Vec<&str> = row.sources.iter().map(|id| self.source(*id)).collect();
        let name = row.subject.address.as_deref().unwrap_or(&row.subject.name);
        let mut location = json!({
            "logicalLocations": [{"name": row.subject.name, "fullyQualifiedName": name, "kind": row.subject.kind}],
        });
        if let Some(source) = sources.last() {
            // There is no file: dashboards that ask for one are told the source.
            let encoded: String = url::form_urlencoded::byte_serialize(source.as_bytes()).collect();
            location["physicalLocation"] = json!({"artifactLocation": {"uri": encoded.replace('+', "%20")}});
        }
        let mut result = json!({
            "ruleId": row.rule,
            "level": level(row.severity),
            "kind": "fail",
            "message": {"text": row.says},
            "locations": [location],
            "partialFingerprints": {"lanyardFinding/v1": row.id},
            "properties": {
                "severity": row.severity,
                "area": row.area,
                "sources": sources,
                "people": row.people,
                "firstSeen": cells::time(row.first_seen),
                "lastSeen": cells::time(row.last_seen),
            },
        });
        if let Some(rule) = rule {
            result["ruleIndex"] = rule.into();
        }
        if let Some(unconfirmed) = &row.unconfirmed {
            result["properties"]["unconfirmed"] = unconfirmed.as_str().into();
        }
        if row.state == FindingState::Closed {
            result["baselineState"] = "absent".into();
        }
        // Without the list a viewer would take it for not known whether any is suppressed (§3.27.23).
        result["suppressions"] = match &row.suppression {
            Some(one) => json!([{
                "kind": "external",
                "status": "accepted",
                "justification": one.reason,
                "properties": {"by": one.by, "at": cells::time(one.at), "until": cells::time(one.until)},
            }]),
            None => json!([]),
        };
        result
    }
}

fn document(value: &Value, mut to: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut to, value)?;
    to.write_all(b"\n")
}

fn line<const N: usize>(cells: [(&str, String); N]) -> Object<String, Value> {
    cells
        .into_iter()
        .map(|(name, text)| (name.to_owned(), Value::String(text)))
        .collect()
}

/// The word that views spell a value with.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        _ => String::new(),
    }
}

fn is_open(evaluated: Evaluated) -> bool {
    matches!(evaluated, Evaluated::Partly | Evaluated::Not)
}

fn in_words(evaluated: Evaluated) -> &'static str {
    match evaluated {
        Evaluated::Fully => "evaluated",
        Evaluated::Partly => "partly evaluated",
        Evaluated::Not => "not evaluated",
        Evaluated::NothingToAsk => "not asked: no such source is connected",
        Evaluated::Off => "switched off",
    }
}

fn why(state: &RuleState) -> String {
    state
        .not_evaluated
        .iter()
        .map(|caveat| caveat.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// SARIF's level of a severity.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The number by which code scanning dashboards order severities: of 10, as CVSS has it.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn descriptor(state: &RuleState) -> Value {
    let rule = &state.rule;
    let controls: Vec<String> = rule
        .controls
        .iter()
        .map(|control| format!("{} {}", control.framework, control.id))
        .collect();
    let mut help = format!("{}\n\nWhy it matters: {}\n\nThe way out: {}", rule.finds, rule.why, rule.way_out);
    if !controls.is_empty() {
        help.push_str(&format!("\n\nControls: {}.", controls.join(", ")));
    }
    json!({
        "id": rule.id,
        "name": camel(&rule.id),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.finds},
        "help": {"text": help},
        "defaultConfiguration": {"enabled": rule.enabled, "level": level(rule.severity)},
        "properties": {
            "tags": ["access", word(&rule.area)],
            "security-severity": score(rule.severity),
            "controls": controls,
            "evaluated": state.evaluated,
        },
    })
}

/// `ghost-member` as `GhostMember`: names of rules are identifiers in SARIF (§3.49.7).
fn camel(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for part in id.split('-') {
        let mut letters = part.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

#[cfg(test)]
mod tests;
