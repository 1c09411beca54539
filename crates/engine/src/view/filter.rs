//! The filter box: what is wrong under the caret, and what could come next.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the filter box is told about its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FilterCheck {
    /// Whether it can be evaluated.
    pub ok: bool,
    /// Where it is wrong, if it is.
    pub error: Option<FilterProblem>,
    /// What may not be meant: an attribute that no source's schema knows, an operator that makes no sense for the type.
    pub warnings: Vec<FilterProblem>,
    /// What could stand at the caret.
    pub completions: Vec<FilterCompletion>,
    /// The text cut into tokens, for colours.
    pub tokens: Vec<FilterToken>,
}

/// Something wrong at a place. Places count UTF-16 code units, as the window does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FilterProblem {
    /// Where it starts.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// What is wrong, in plain words.
    pub message: String,
}

/// Something that could stand at the caret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FilterCompletion {
    /// The text to put in.
    pub insert: String,
    /// `attribute`, `operator`, `keyword` or `value`.
    pub kind: String,
    /// A word on it (the attribute's type, the operator's meaning).
    pub note: String,
    /// Start of the text that it replaces.
    pub start: u32,
    /// End of the text that it replaces.
    pub end: u32,
}

/// A token for colouring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct FilterToken {
    /// Where it starts.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// `attribute`, `operator`, `keyword`, `value` or `bracket`.
    pub kind: String,
}

/// A saved filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct SavedFilter {
    /// Its name; unique per screen.
    pub name: String,
    /// `people` or `groups`.
    pub screen: String,
    /// The text of the search box.
    pub search: String,
    /// The SCIM filter.
    pub filter: Option<String>,
}
