//! Whether evidence holds: point by point, each naming the file or the record that does not fit.

mod chain;
mod read;

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::export::DISCLOSURES_FORMAT;
use super::key::PublicKey;
use super::{EvidenceError, FORMAT, files, report, sums};
use crate::canonical::canonical;
use crate::record::run::Disclosure;
use crate::view::{EvidenceCheck, EvidencePoint};
use read::Read;

/// A key that is known from elsewhere than the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// Its fingerprint: 16 hexadecimal digits.
    pub fingerprint: String,
    /// Whose it is: "this data folder's key", "the key that was named".
    pub whose: String,
    /// Whether the evidence must be signed with this one (or another one that must be).
    pub required: bool,
}

/// `disclosures.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disclosed {
    format: String,
    masked: bool,
    disclosures: Vec<Disclosure>,
}

/// Whether a record holds together by itself. Sealing asks this before it signs.
pub fn sound(record: &Value, disclosures: &[Disclosure]) -> Result<(), String> {
    let records = chain::records(record)?;
    chain::audit(record, &records)?;
    chain::disclosures(record, disclosures)?;
    chain::verdicts(record, &records)?;
    Ok(())
}

/// Checks a folder or a packed file.
///
/// # Errors
/// When there is nothing to read at the path. Evidence that does not hold is no error but the answer.
pub fn verify(path: &Path, known: &[KnownKey]) -> Result<EvidenceCheck, EvidenceError> {
    Ok(Checker::new(read::read(path)?).run(known))
}

/// Checks files that were read elsewhere, as if they were a folder.
#[cfg(test)]
pub fn read_files(files: Vec<files::File>) -> EvidenceCheck {
    Checker::new(Read {
        files,
        problems: Vec::new(),
    })
    .run(&[])
}

/// The points, as they are gone through.
struct Checker {
    read: Read,
    points: Vec<EvidencePoint>,
}

impl Checker {
    fn new(read: Read) -> Self {
        Self { read, points: Vec::new() }
    }

    fn point(&mut self, topic: &str, title: &str, outcome: Result<String, String>) -> bool {
        let ok = outcome.is_ok();
        let (Ok(says) | Err(says)) = outcome;
        self.points.push(EvidencePoint {
            topic: topic.into(),
            title: title.into(),
            ok,
            says: sentence(&says),
        });
        ok
    }

    fn run(mut self, known: &[KnownKey]) -> EvidenceCheck {
        let files = self.files();
        self.point("files", "No file was changed, added or taken away", files);
        let report = self.report();
        self.point("report", "The report is the one that was signed", report);
        let keys = self.keys();
        let signature = self.signatures(keys.as_ref());
        self.point("signature", "Both signatures are the key's", signature);
        let record = self.record();
        let mut records = Vec::new();
        let mut disclosed = (0, 0);
        let chained = record.as_ref().map_err(Clone::clone).and_then(chain::records).map(|read| {
            records = read;
            format!(
                "{}, each with the hash of the one before",
                report::words::plural(number(records.len()), "record", "records")
            )
        });
        let whole = self.point("chain", "The records are a whole chain", chained);
        if let (true, Ok(record)) = (whole, &record) {
            let audit = chain::audit(record, &records).map(|own| {
                format!(
                    "It hangs on {} of the audit log",
                    report::words::plural(number(own), "entry", "entries")
                )
            });
            self.point("audit", "The chain hangs on the audit log", audit);
            let (said, counts) = self.disclosures(record);
            disclosed = counts;
            self.point("disclosures", "Personal values are those that were committed to", said);
            let verdicts = chain::verdicts(record, &records).map(|checks| {
                format!(
                    "{} as the records say",
                    report::words::plural(number(checks), "verdict is", "verdicts are")
                )
            });
            self.point("verdicts", "The verdicts follow from the records", verdicts);
        }
        let fingerprints: Vec<String> = keys.iter().flatten().map(PublicKey::fingerprint).collect();
        let whose = known.iter().find(|known| fingerprints.first() == Some(&known.fingerprint));
        let key = key_point(&fingerprints, known, whose);
        self.point("key", "The key is the one that is expected", key);
        let run = record.as_ref().ok().and_then(|record| chain::run(record).ok());
        let ok = self.points.iter().all(|point| point.ok);
        let summary = match self.points.iter().find(|point| !point.ok) {
            None => match (run, whose) {
                (Some(run), Some(known)) => format!("The evidence of run {run} holds, signed with {}.", known.whose),
                (Some(run), None) => format!(
                    "The evidence of run {run} was not changed since it was signed, but who signed it is not known here. Compare the key's fingerprint with the one that its owner gave you."
                ),
                (None, _) => "The evidence holds.".into(),
            },
            Some(point) => format!("The evidence does not hold: {}", point.says),
        };
        EvidenceCheck {
            ok,
            summary,
            run,
            verdict: record
                .as_ref()
                .ok()
                .and_then(|record| report::words::closing(&record["run"]["state"]))
                .map(str::to_owned),
            key: fingerprints.into_iter().next(),
            key_known: whose.map(|known| known.whose.clone()),
            records: u64::try_from(records.len()).unwrap_or(u64::MAX),
            disclosed,
            points: self.points,
        }
    }

    /// The files against the list of digests, and that none is missing or too many.
    fn files(&self) -> Result<String, String> {
        let mut problems = self.read.problems.clone();
        let listed = self
            .text(files::SUMS)
            .and_then(|text| sums::read(text).map_err(|problem| format!("{}: {problem}", files::SUMS)));
        match listed {
            Ok(listed) => {
                for file in self
                    .read
                    .files
                    .iter()
                    .filter(|file| !matches!(file.name.as_str(), files::SUMS | files::SUMS_SIG))
                {
                    match listed.iter().filter(|(name, _)| *name == file.name).collect::<Vec<_>>()[..] {
                        [] => problems.push(format!("{} does not list {}.", files::SUMS, file.name)),
                        [(_, digest)] if *digest == sums::sha256(&file.bytes) => {}
                        [_] => problems.push(format!("{} was changed: its SHA-256 is not the one that was signed.", file.name)),
                        _ => problems.push(format!("{} lists {} twice.", files::SUMS, file.name)),
                    }
                }
                for (name, _) in &listed {
                    if self.read.bytes(name).is_none() {
                        problems.push(format!("{} lists a file that is not there.", files::SUMS));
                    }
                }
            }
            Err(problem) => problems.push(problem),
        }
        if problems.is_empty() {
            Ok(format!(
                "{}, as the list of digests says",
                report::words::plural(number(self.read.files.len()), "file", "files")
            ))
        } else {
            problems.truncate(12);
            Err(problems.join(" "))
        }
    }

    /// That the reports are in the list by their digests.
    fn report(&self) -> Result<String, String> {
        let listed = self.text(files::SUMS).and_then(sums::read)?;
        for name in [files::REPORT_HTML, files::REPORT_PDF] {
            let bytes = self.read.bytes(name).ok_or_else(|| format!("{name} is missing"))?;
            let digest = sums::sha256(bytes);
            if !listed.iter().any(|(listed, sum)| listed == name && *sum == digest) {
                return Err(format!("{name} is not the one that was signed"));
            }
        }
        Ok("Page and PDF have the digests that were signed".into())
    }

    fn text(&self, name: &str) -> Result<&str, String> {
        let bytes = self.read.bytes(name).ok_or_else(|| format!("{name} is missing"))?;
        std::str::from_utf8(bytes).map_err(|_| format!("{name} is no text"))
    }

    /// The key of the record, then that of the list of digests where it is another.
    fn keys(&self) -> Result<Vec<PublicKey>, String> {
        let read = |name: &str| {
            let text = self.text(name)?;
            let key = PublicKey::from_pem(text).map_err(|error| format!("{name}: {error}"))?;
            if key.pem() == text {
                Ok(key)
            } else {
                Err(format!("{name} is not as it was written"))
            }
        };
        let mut keys = vec![read(files::KEY)?];
        if self.read.bytes(files::EXPORT_KEY).is_some() {
            keys.push(read(files::EXPORT_KEY)?);
        }
        Ok(keys)
    }

    fn signatures(&self, keys: Result<&Vec<PublicKey>, &String>) -> Result<String, String> {
        let keys = keys.map_err(Clone::clone)?;
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else {
            return Err(format!("{} is missing", files::KEY));
        };
        for (key, signed, signature) in [(first, files::RECORD, files::RECORD_SIG), (last, files::SUMS, files::SUMS_SIG)] {
            let bytes = self.read.bytes(signed).ok_or_else(|| format!("{signed} is missing"))?;
            let bits = self.read.bytes(signature).ok_or_else(|| format!("{signature} is missing"))?;
            if !key.verifies(bytes, bits) {
                return Err(format!(
                    "{signature} is not the key's signature over {signed}: one of the two, or the key, was changed"
                ));
            }
        }
        Ok(match keys.len() {
            1 => format!("Ed25519, key {}", first.fingerprint()),
            _ => format!(
                "Ed25519; the record with key {}, the list of digests with key {}",
                first.fingerprint(),
                last.fingerprint()
            ),
        })
    }

    /// The record, once it is seen to be canonical and of a format that is known.
    fn record(&self) -> Result<Value, String> {
        let text = self.text(files::RECORD)?;
        let value: Value = serde_json::from_str(text).map_err(|error| format!("{} cannot be read: {error}", files::RECORD))?;
        if value["format"] != FORMAT {
            return Err(format!("{} is not of the format {FORMAT}", files::RECORD));
        }
        if canonical(&value) != text {
            return Err(format!("{} is not canonical JSON", files::RECORD));
        }
        match self.text(files::KEY) {
            Ok(key) if value["key"] == key => Ok(value),
            _ => Err(format!("{} names another key than {}", files::RECORD, files::KEY)),
        }
    }

    fn disclosures(&self, record: &Value) -> (Result<String, String>, (u64, u64)) {
        let name = files::DISCLOSURES;
        let disclosed = self.text(name).and_then(|text| {
            let read: Disclosed = serde_json::from_str(text).map_err(|error| format!("{name} cannot be read: {error}"))?;
            match read.format == DISCLOSURES_FORMAT && (!read.masked || read.disclosures.is_empty()) {
                true => Ok(read),
                false => Err(format!("{name} is not as it was written")),
            }
        });
        match disclosed.and_then(|read| chain::disclosures(record, &read.disclosures).map_err(|problem| format!("{name}: {problem}"))) {
            Ok((0, of)) => (
                Ok(format!(
                    "Masked: none of {} is disclosed",
                    report::words::plural(of, "value", "values")
                )),
                (0, of),
            ),
            Ok((some, of)) => (
                Ok(format!(
                    "{some} of {} disclosed, each with its digest",
                    report::words::plural(of, "value", "values")
                )),
                (some, of),
            ),
            Err(problem) => (Err(problem), (0, 0)),
        }
    }
}

/// What is to be said of the keys.
fn key_point(fingerprints: &[String], known: &[KnownKey], whose: Option<&KnownKey>) -> Result<String, String> {
    let required: Vec<&KnownKey> = known.iter().filter(|known| known.required).collect();
    let strange = fingerprints
        .iter()
        .find(|key| !required.iter().any(|known| known.fingerprint == **key));
    match (fingerprints.first(), strange, whose) {
        (None, ..) => Err("there is no key that can be read".into()),
        (_, Some(strange), _) if !required.is_empty() => {
            Err(format!("it is signed with key {strange}, which is not the one that was named"))
        }
        (Some(key), _, Some(known)) => Ok(format!("key {key} is {}", known.whose)),
        (Some(key), _, None) => Ok(format!(
            "key {key} is not known here: whoever can write this evidence anew could sign it with a key of their own. Compare the fingerprint with the one that its owner gave you"
        )),
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// A sentence. A file's name at its head stays as the file is called.
fn sentence(text: &str) -> String {
    let first = text.split([' ', ':']).next().unwrap_or_default();
    match (files::place(first), text.ends_with('.')) {
        (None, _) => crate::view::sentence(text),
        (Some(_), true) => text.to_owned(),
        (Some(_), false) => format!("{text}."),
    }
}
