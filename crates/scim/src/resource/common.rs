//! Parts that several resources share.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::fields::{Fields, read_by_value};
use crate::instant::unix_millis;

/// What a server knows about a resource as such (RFC 7643 §3.1).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// The name of the resource type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// When it was made, as the server wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last changed, as the server wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Its URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Its ETag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Members that are not named above, or not of the type that they should have, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Meta {
    /// Reads it tolerantly; what cannot be understood stays in `other`. Anything but an object gives an empty one.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            resource_type: fields.text("resourceType"),
            created: fields.text("created"),
            last_modified: fields.text("lastModified"),
            location: fields.text("location"),
            version: fields.text("version"),
            other: fields.rest(),
        }
    }

    /// When it was made, in milliseconds since the Unix epoch.
    pub fn created_millis(&self) -> Option<i64> {
        unix_millis(self.created.as_deref()?)
    }

    /// When it was last changed, in milliseconds since the Unix epoch.
    pub fn last_modified_millis(&self) -> Option<i64> {
        unix_millis(self.last_modified.as_deref()?)
    }
}

/// One value of a multi-valued attribute with the usual parts (RFC 7643 §2.4).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MultiValue {
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// A name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// What the value is for.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is the preferred one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
    /// The URI of what it refers to.
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Members that are not named above, or not of the type that they should have, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl MultiValue {
    /// Reads it tolerantly; what cannot be understood stays in `other`. Anything but an object gives an empty one.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            value: fields.text("value"),
            display: fields.text("display"),
            kind: fields.text("type"),
            primary: fields.flag("primary"),
            reference: fields.text("$ref"),
            other: fields.rest(),
        }
    }
}

read_by_value!(Meta, MultiValue);
