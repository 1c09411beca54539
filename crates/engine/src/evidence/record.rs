//! `record.json`: a closed run as one canonical document, without any personal value, and its signature.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::key::EvidenceKey;
use super::report::words;
use super::{EvidenceError, verify};
use crate::canonical::canonical;
use crate::record::run::{ChainedRecord, Disclosure, commit};
use crate::view::{AuditEntry, Millis, Run, RunState, Verdict};

/// The format's name and version.
pub const FORMAT: &str = "lanyard evidence/1";

/// Members that are names from a fixed list, numbers of ours, or who did something as an operator: never committed.
const PLAIN: &[&str] = &[
    "id",
    "name",
    "phase",
    "action",
    "source",
    "sourceName",
    "kind",
    "state",
    "verdict",
    "form",
    "controls",
    "method",
    "by",
    "check",
];

/// An entry of the audit log that is not the run's: only its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Its number.
    pub seq: i64,
    /// The hash of the entry before.
    pub previous: String,
    /// Its hash.
    pub hash: String,
}

/// A closed run with everything that its evidence is made of.
#[derive(Clone, Debug)]
pub struct Closing {
    /// The data folder's id.
    pub folder: String,
    /// The run as its screen shows it, with the personal values in it.
    pub run: Run,
    /// The plan's text.
    pub plan_text: String,
    /// What makes a text personal: the subject's names, user names, addresses.
    pub terms: Vec<String>,
    /// Every record of the run, from the first.
    pub records: Vec<ChainedRecord>,
    /// The values behind the records' commitments.
    pub disclosures: Vec<Disclosure>,
    /// The audit entries of the run; the first is the one that it began with.
    pub audit: Vec<AuditEntry>,
    /// The entries between them, without gaps.
    pub links: Vec<Link>,
    /// The time now.
    pub now: Millis,
}

/// Evidence, signed. To be kept as it is: the signature is over these bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// `record.json`.
    pub record: Vec<u8>,
    /// The signature over it.
    pub signature: [u8; 64],
    /// The public key as PEM.
    pub key: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// The values behind all commitments of the record, those of the run's records among them.
    pub disclosures: Vec<Disclosure>,
    /// When it was signed.
    pub at: Millis,
}

/// Makes the record of a closed run and signs it, once everything in it was seen to hold together.
///
/// # Errors
/// When the run is not closed, when records, audit entries and verdicts do not fit each other, or when there are no random numbers.
pub fn seal(closing: &Closing, key: &EvidenceKey) -> Result<Sealed, EvidenceError> {
    let run = closing.run.summary.id;
    let state = closing.run.summary.state;
    if !matches!(
        state,
        RunState::Passed | RunState::PassedWithGaps | RunState::Failed | RunState::Abandoned
    ) {
        return Err(EvidenceError::Open { run });
    }
    let mut texts = Texts {
        terms: &closing.terms,
        disclosures: Vec::new(),
        refused: None,
    };
    let value = whole(closing, key, &mut texts).map_err(|error| EvidenceError::Unsound {
        run,
        problem: error.to_string(),
    })?;
    if let Some(reason) = texts.refused {
        return Err(EvidenceError::Random { reason });
    }
    let disclosures = [closing.disclosures.clone(), texts.disclosures].concat();
    verify::sound(&value, &disclosures).map_err(|problem| EvidenceError::Unsound { run, problem })?;
    let record = canonical(&value).into_bytes();
    Ok(Sealed {
        signature: key.sign(&record),
        key: key.public().pem(),
        fingerprint: key.public().fingerprint(),
        record,
        disclosures,
        at: closing.now,
    })
}

fn whole(closing: &Closing, key: &EvidenceKey, texts: &mut Texts<'_>) -> Result<Value, serde_json::Error> {
    let run = &closing.run;
    let head = &run.summary;
    let not_evaluated = run.checks.iter().filter(|check| check.verdict == Verdict::NotEvaluated);
    let not_evaluated: Vec<_> = not_evaluated
        .map(|check| json!({ "check": check.id, "sourceName": check.source_name, "title": check.title, "says": check.says }))
        .collect();
    let mut audit: Vec<(i64, Value)> = Vec::new();
    for entry in &closing.audit {
        audit.push((entry.seq, serde_json::to_value(entry)?));
    }
    for link in &closing.links {
        audit.push((link.seq, serde_json::to_value(link)?));
    }
    audit.sort_by_key(|(seq, _)| *seq);
    Ok(json!({
        "format": FORMAT,
        "program": concat!("lanyard ", env!("CARGO_PKG_VERSION")),
        "folder": closing.folder,
        "key": key.public().pem(),
        "signedAt": closing.now,
        "run": {
            "id": head.id, "kind": head.kind, "state": head.state, "dryRun": head.dry_run, "by": head.by,
            "plannedAt": head.planned_at, "cutAt": head.cut_at, "closedAt": head.closed_at,
            "records": closing.records.len(), "head": closing.records.last().map(|record| record.hash.as_str()),
        },
        "plan": {
            "name": head.plan, "revision": head.revision,
            "text": texts.always(&Value::from(closing.plan_text.as_str())),
        },
        "subject": {
            "test": run.who.test,
            "name": texts.always(&Value::from(run.who.name.as_str())),
            "userName": texts.always(&Value::from(run.who.user_name.as_str())),
            "accounts": run.who.accounts.iter().map(|account| json!({
                "source": account.source, "sourceName": account.source_name, "kind": account.kind, "joinedBy": account.joined_by,
                "id": texts.always(&Value::from(account.id.as_str())), "userName": texts.always(&Value::from(account.user_name.as_str())),
            })).collect::<Vec<_>>(),
        },
        "phases": texts.where_personal(&serde_json::to_value(&run.phases)?),
        "guards": texts.where_personal(&serde_json::to_value(&run.guards)?),
        "steps": texts.where_personal(&serde_json::to_value(&run.steps)?),
        "checks": texts.where_personal(&serde_json::to_value(&run.checks)?),
        "leftOut": texts.where_personal(&json!({ "leftOut": run.left_out }))["leftOut"],
        "notEvaluated": texts.where_personal(&Value::from(not_evaluated)),
        "controls": words::CONTROLS.iter().map(|control| json!({ "name": control.name, "title": control.title, "how": control.how })).collect::<Vec<_>>(),
        "records": closing.records,
        "audit": audit.into_iter().map(|(_, value)| value).collect::<Vec<_>>(),
    }))
}

/// Puts commitments in place of personal texts.
struct Texts<'c> {
    terms: &'c [String],
    disclosures: Vec<Disclosure>,
    refused: Option<String>,
}

impl Texts<'_> {
    fn commit(&mut self, value: &Value, terms: &[String]) -> Value {
        let Self { disclosures, refused, .. } = self;
        let salt = || {
            let mut salt = [0_u8; 16];
            if let Err(error) = getrandom::fill(&mut salt) {
                *refused = Some(error.to_string());
            }
            salt
        };
        commit(value, terms, salt, disclosures)
    }

    /// Commits a text, whatever it says.
    fn always(&mut self, text: &Value) -> Value {
        // `note` is one of the members that `commit` always commits.
        let terms = self.terms;
        self.commit(&json!({ "note": text }), terms)["note"].take()
    }

    /// Commits the texts in a value that are personal, but for the members of [`PLAIN`].
    fn where_personal(&mut self, value: &Value) -> Value {
        match value {
            Value::Array(items) => Value::Array(items.iter().map(|item| self.where_personal(item)).collect()),
            Value::Object(members) => {
                let mut out = Map::new();
                for (name, member) in members {
                    let committed = match member {
                        _ if PLAIN.contains(&name.as_str()) => member.clone(),
                        Value::Object(_) => self.where_personal(member),
                        Value::Array(items) if items.iter().any(Value::is_object) => self.where_personal(member),
                        _ => {
                            let terms = self.terms;
                            self.commit(&json!({ name: member }), terms)[name].take()
                        }
                    };
                    out.insert(name.clone(), committed);
                }
                Value::Object(out)
            }
            other => other.clone(),
        }
    }
}
