//! The app as a whole.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{ChangePage, Millis, Source};

/// What the window is told when it opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct AppState {
    /// Lanyard's version.
    pub version: String,
    /// The data folder that is open.
    pub data_dir: String,
    /// The company's name for the rail: the demo company's, or the folder's.
    pub company: String,
    /// Whether this is the demo company.
    pub demo: bool,
    /// Whether nothing has been set up yet: show the three choices.
    pub first_run: bool,
    /// Things that happened while opening and that a person must know (a cache set aside and why).
    pub notices: Vec<String>,
    /// `keychain` or `environment`: where secrets are.
    pub secrets: String,
    /// The sources.
    pub sources: Vec<Source>,
}

/// The Overview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Overview {
    /// The answer in one sentence ("240 people in 2 systems; 7 of them differ.").
    pub headline: String,
    /// What that leaves open ("Ledgerly could not be read in full."), if anything.
    pub caveat: Option<String>,
    /// The sources.
    pub sources: Vec<Source>,
    /// Identities.
    pub people: u32,
    /// Linked groups.
    pub groups: u32,
    /// Identities that the sources differ about.
    pub differing: u32,
    /// Held downstream, and gone or disabled at the authoritative source.
    pub left_behind: u32,
    /// What changed lately.
    pub changes: ChangePage,
    /// Since when `changes` counts.
    pub changes_since: Millis,
}

/// What the palette finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct GotoHit {
    /// `person`, `group`, `source`, `role`, `scope` or `vault`.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// A second line that tells it from others of the same name.
    pub note: String,
}

/// A file format for export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum ExportFormat {
    /// Comma-separated values (RFC 4180), cells that a spreadsheet would run made harmless.
    Csv,
    /// A JSON array.
    Json,
}

/// What an export wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct ExportDone {
    /// The file.
    pub path: String,
    /// How many rows.
    pub rows: u64,
    /// How many bytes.
    pub bytes: u64,
}
