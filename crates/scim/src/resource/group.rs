//! Groups.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Meta;
use crate::fields::{Fields, read_by_value};

/// A group (RFC 7643 §4.2).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The URNs of its schemas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schemas: Option<Vec<String>>,
    /// The server's id, opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The client's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The members; `None` when the server did not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<Member>>,
    /// What the server knows about the resource as such.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Members that are not named above, or not of the type that they should have, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Group {
    /// Reads it tolerantly; what cannot be understood stays in `other`. Anything but an object gives an empty one.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            schemas: fields.texts("schemas"),
            id: fields.text("id"),
            external_id: fields.text("externalId"),
            display_name: fields.text("displayName"),
            members: fields.objects("members", Member::from_value),
            meta: fields.object("meta", Meta::from_value),
            other: fields.rest(),
        }
    }
}

/// A member of a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The id of the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The URI of the member.
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// `User` or `Group`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The member's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// Members that are not named above, or not of the type that they should have, as they were.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Member {
    /// Reads it tolerantly; what cannot be understood stays in `other`. Anything but an object gives an empty one.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            value: fields.text("value"),
            reference: fields.text("$ref"),
            kind: fields.text("type"),
            display: fields.text("display"),
            other: fields.rest(),
        }
    }
}

read_by_value!(Group, Member);
