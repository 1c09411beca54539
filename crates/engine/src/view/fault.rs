//! An error as a person sees it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::SourceId;

/// An error in plain words: what happened, what it means for what is on screen, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Fault {
    /// A stable code such as `scim.unauthorized` or `keychain.locked`; scripts and tests depend on it.
    pub code: String,
    /// What happened.
    pub what: String,
    /// What it means for the data at hand ("what you see is of 09:12").
    pub means: String,
    /// What to do next.
    pub next: String,
    /// A button for the next step, where there is one.
    pub action: Option<FixAction>,
    /// Request, status, request id and the like, in order. Never a secret.
    pub details: Vec<FaultDetail>,
}

/// One line of a fault's details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FaultDetail {
    /// What it is: `Request`, `Status`, `Answer`, …
    pub name: String,
    /// Its value, shortened where long.
    pub value: String,
}

/// What a button beside a fault does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "camelCase")]
#[ts(export)]
pub enum FixAction {
    /// Do the same again.
    Retry,
    /// Open a source's settings (address, credential, certificate).
    EditSource {
        /// Which source.
        source: SourceId,
    },
    /// Sync a source.
    SyncSource {
        /// Which source.
        source: SourceId,
    },
    /// Add a source.
    AddSource,
    /// Open another data folder.
    OpenDataFolder,
}

/// An error's text as a sentence: with a capital, and a stop where it has none.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}
