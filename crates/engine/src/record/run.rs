//! A run's records as the ledger and the evidence hold them: chained by hashes, with personal values replaced by commitments.
//!
//! A personal value stands in a record as `{"~": DIGEST}`, where DIGEST is SHA-256 over `SALT:VALUE` in hexadecimal, SALT being 32 random hexadecimal
//! digits. Salts and values are kept beside the records as [`Disclosure`]s. So the hashes and the signature are over records without any personal
//! value, and evidence proves the same whether a value is handed over with it or kept back. An auditor checks one with
//! `printf '%s' 'SALT:VALUE' | sha256sum`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::canonical::canonical;
use crate::secrets::hex;
use crate::view::{Millis, RunId, Verdict};

/// The key under which a commitment stands.
pub const COMMITMENT: &str = "~";

/// Members whose text is always committed: they quote requests and answers, which may name anybody.
const ALWAYS: &[&str] = &["url", "body", "excerpt", "requestBody", "typed", "reason", "note"];

/// A personal value with its salt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disclosure {
    /// SHA-256 over `salt:value`, in hexadecimal.
    pub digest: String,
    /// 32 hexadecimal digits.
    pub salt: String,
    /// The value.
    pub value: String,
}

impl Disclosure {
    /// A value with a salt.
    pub fn new(salt: [u8; 16], value: &str) -> Self {
        let salt = hex(&salt);
        let digest = Self::reckon(&salt, value);
        Self {
            digest,
            salt,
            value: value.to_owned(),
        }
    }

    /// The digest of a value with its salt.
    pub fn reckon(salt: &str, value: &str) -> String {
        hex(&Sha256::digest(format!("{salt}:{value}").as_bytes()))
    }

    /// Whether the digest is the value's.
    pub fn holds(&self) -> bool {
        self.digest == Self::reckon(&self.salt, &self.value)
    }
}

/// A record, before it has its place in the chain. Its texts are plain; the ledger commits the personal ones.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordDraft {
    /// What it is: see [`crate::view::RunRecord::kind`].
    pub kind: &'static str,
    /// In plain words.
    pub title: String,
    /// Which check or step it is about.
    pub about: Option<String>,
    /// How it is marked.
    pub mark: Option<Verdict>,
    /// The particulars. Never a secret.
    pub data: Value,
}

/// A record in its place, as it is hashed: `title` and `data` hold commitments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainedRecord {
    /// The run.
    pub run: RunId,
    /// Its number within the run, from 1 without gaps.
    pub seq: i64,
    /// When, by the run's clock.
    pub at: Millis,
    /// What it is.
    pub kind: String,
    /// In plain words; a text or a commitment.
    pub title: Value,
    /// Which check or step it is about.
    pub about: Option<String>,
    /// How it is marked.
    pub mark: Option<Verdict>,
    /// The particulars.
    pub data: Value,
    /// The hash of the record before; for the first, see [`genesis`].
    pub previous: String,
    /// SHA-256 over the canonical JSON of all the other members, in hexadecimal.
    pub hash: String,
}

impl ChainedRecord {
    /// The hash that it should have.
    pub fn reckon(&self) -> String {
        let value = json!({
            "run": self.run, "seq": self.seq, "at": self.at, "kind": self.kind, "title": self.title, "about": self.about,
            "mark": self.mark, "data": self.data, "previous": self.previous,
        });
        hex(&Sha256::digest(canonical(&value).as_bytes()))
    }
}

/// What stands as `previous` in a run's first record: it hangs on the audit entry that the run began with.
pub fn genesis(folder: &str, run: RunId, audit_hash: &str) -> String {
    hex(&Sha256::digest(format!("lanyard run v1\n{folder}\n{run}\n{audit_hash}").as_bytes()))
}

/// Replaces each personal text in a value by its commitment. A text is personal when it holds one of `terms` (whatever the case), or when it quotes a
/// request or an answer. The same text gets the same commitment within one call only.
pub fn commit(value: &Value, terms: &[String], mut salt: impl FnMut() -> [u8; 16], out: &mut Vec<Disclosure>) -> Value {
    let terms: Vec<String> = terms
        .iter()
        .filter(|term| !term.trim().is_empty())
        .map(|term| term.to_lowercase())
        .collect();
    commit_under(value, false, &terms, &mut salt, out)
}

fn commit_under(value: &Value, always: bool, terms: &[String], salt: &mut dyn FnMut() -> [u8; 16], out: &mut Vec<Disclosure>) -> Value {
    match value {
        Value::String(text) => {
            let folded = text.to_lowercase();
            if !text.is_empty() && (always || terms.iter().any(|term| folded.contains(term))) {
                let disclosure = Disclosure::new(salt(), text);
                let commitment = json!({ COMMITMENT: disclosure.digest });
                out.push(disclosure);
                commitment
            } else {
                value.clone()
            }
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| commit_under(item, always, terms, salt, out)).collect()),
        Value::Object(members) => {
            let committed = members.iter().map(|(key, item)| {
                let always = always || ALWAYS.contains(&key.as_str());
                (key.clone(), commit_under(item, always, terms, salt, out))
            });
            Value::Object(committed.collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// Puts disclosed values back in place of their commitments; one that is not disclosed becomes `masked`.
pub fn disclose<'d>(value: &Value, find: &impl Fn(&str) -> Option<&'d str>, masked: &str) -> Value {
    match value {
        Value::Object(members) => match commitment(members) {
            Some(digest) => Value::from(find(digest).unwrap_or(masked)),
            None => Value::Object(
                members
                    .iter()
                    .map(|(key, item)| (key.clone(), disclose(item, find, masked)))
                    .collect(),
            ),
        },
        Value::Array(items) => Value::Array(items.iter().map(|item| disclose(item, find, masked)).collect()),
        other => other.clone(),
    }
}

/// The digest, where an object is a commitment.
pub fn commitment(members: &Map<String, Value>) -> Option<&str> {
    (members.len() == 1).then(|| members.get(COMMITMENT)?.as_str()).flatten()
}
