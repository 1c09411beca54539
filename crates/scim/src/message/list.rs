//! Answers to list requests, as a server writes them. The client's fast and tolerant reader is [`crate::page`].

use serde::de::DeserializeOwned;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::fields::Fields;

/// An answer to a list request (RFC 7644 §3.4.2, RFC 9865 §2).
#[derive(Debug, Clone, PartialEq)]
pub struct ListResponse<T> {
    /// How many resources match in all. RFC 9865 §2.1 lets servers leave it out with cursors.
    pub total_results: Option<u64>,
    /// The place of the first resource in all results, counted from 1; index paging only.
    pub start_index: Option<u64>,
    /// How many resources are here.
    pub items_per_page: Option<u64>,
    /// The cursor of the next page; absent on the last.
    pub next_cursor: Option<String>,
    /// The cursor of the page before.
    pub previous_cursor: Option<String>,
    /// The resources.
    pub resources: Vec<T>,
}

impl<T> ListResponse<T> {
    /// All results in one answer.
    pub fn all(resources: Vec<T>) -> Self {
        let total = resources.len() as u64;
        Self::index(total, 1, resources)
    }

    /// One page of `total` results, whose first has the place `start_index`.
    pub fn index(total: u64, start_index: u64, resources: Vec<T>) -> Self {
        Self {
            total_results: Some(total),
            start_index: Some(start_index),
            items_per_page: Some(resources.len() as u64),
            next_cursor: None,
            previous_cursor: None,
            resources,
        }
    }

    /// One page of a list that is read by cursor.
    pub fn cursor(total: Option<u64>, next: Option<String>, previous: Option<String>, resources: Vec<T>) -> Self {
        Self {
            total_results: total,
            start_index: None,
            items_per_page: Some(resources.len() as u64),
            next_cursor: next,
            previous_cursor: previous,
            resources,
        }
    }
}

impl<T: Serialize> Serialize for ListResponse<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ListResponse", 7)?;
        object.serialize_field("schemas", &[crate::urn::LIST_RESPONSE])?;
        macro_rules! if_some {
            ($($name:literal = $field:ident),+) => {$(
                match &self.$field {
                    Some(value) => object.serialize_field($name, value)?,
                    None => object.skip_field($name)?,
                }
            )+};
        }
        if_some!(
            "totalResults" = total_results,
            "startIndex" = start_index,
            "itemsPerPage" = items_per_page
        );
        if_some!("previousCursor" = previous_cursor, "nextCursor" = next_cursor);
        object.serialize_field("Resources", &self.resources)?;
        object.end()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for ListResponse<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if !value.is_object() {
            return Err(serde::de::Error::custom("a list answer must be a JSON object"));
        }
        let mut fields = Fields::of(value);
        Ok(Self {
            total_results: fields.number("totalResults"),
            start_index: fields.number("startIndex"),
            items_per_page: fields.number("itemsPerPage"),
            next_cursor: fields.text("nextCursor"),
            previous_cursor: fields.text("previousCursor"),
            resources: match fields.value("Resources") {
                Some(resources) => serde_json::from_value(resources).map_err(serde::de::Error::custom)?,
                None => Vec::new(),
            },
        })
    }
}
