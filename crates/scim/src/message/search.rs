//! Queries, in the body of a POST or in a URI (RFC 7644 §3.4.2, §3.4.3; RFC 9865 §2).

use serde::Serialize;
use serde_json::Value;

use crate::attr::AttrPath;
use crate::fields::{Fields, read_by_value};
use crate::schema::words;

words! {
    /// In which order results are sorted (RFC 7644 §3.4.2.3).
    SortOrder {
        /// Smallest first.
        Ascending = "ascending",
        /// Greatest first.
        Descending = "descending",
    }
}

/// A query (RFC 7644 §3.4.3, RFC 9865 §2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchRequest {
    /// The schemas of the message.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<String>,
    /// What to return instead of the default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// What to leave out of the default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded_attributes: Vec<String>,
    /// The filter, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// By what to sort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<AttrPath>,
    /// In which order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort_order: Option<SortOrder>,
    /// The place of the first result, counted from 1. Less than 1 means 1 (RFC 7644 §3.4.2.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_index: Option<i64>,
    /// The most results wanted. Less than 0 means 0 (RFC 7644 §3.4.2.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// The cursor; an empty one asks for the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl SearchRequest {
    /// Reads a query tolerantly: what cannot be understood is left out.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            schemas: fields.texts("schemas").unwrap_or_default(),
            attributes: split(fields.texts("attributes")),
            excluded_attributes: split(fields.texts("excludedAttributes")),
            filter: fields.text("filter"),
            sort_by: fields.word("sortBy", |text| AttrPath::parse(text).ok()),
            sort_order: fields.word("sortOrder", SortOrder::from_name),
            start_index: fields.integer("startIndex"),
            count: fields.integer("count"),
            cursor: fields.text("cursor"),
        }
    }
}

/// A list of names, which some clients send as one text with commas.
fn split(names: Option<Vec<String>>) -> Vec<String> {
    let names = names.unwrap_or_default();
    names
        .iter()
        .flat_map(|name| name.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

read_by_value!(SearchRequest);
