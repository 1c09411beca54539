//! Resource types (RFC 7643 §6): what kinds of resource a server has, and where.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::fields::{Fields, read_by_value};

/// A kind of resource that a server has (RFC 7643 §6).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    /// The schemas of this resource itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<String>,
    /// Its id, often its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name, as in `meta.resourceType`; empty when the server left it out.
    pub name: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The path below the base URL, such as `/Users`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The URN of its core schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Its extensions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schema_extensions: Vec<SchemaExtension>,
    /// Members that are not named above, as they were, `meta` among them.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl ResourceType {
    /// Reads a resource type tolerantly; what is missing or cannot be understood is unknown.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            schemas: fields.texts("schemas").unwrap_or_default(),
            id: fields.text("id"),
            name: fields.text("name").unwrap_or_default(),
            description: fields.text("description"),
            endpoint: fields.text("endpoint"),
            schema: fields.text("schema"),
            schema_extensions: fields.objects("schemaExtensions", SchemaExtension::from_value).unwrap_or_default(),
            other: fields.rest(),
        }
    }
}

/// An extension of a resource type.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaExtension {
    /// The URN of the extension; empty when the server left it out.
    pub schema: String,
    /// Whether each resource must have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
}

impl SchemaExtension {
    /// Reads an extension tolerantly.
    pub fn from_value(value: Value) -> Self {
        let mut fields = Fields::of(value);
        Self {
            schema: fields.text("schema").unwrap_or_default(),
            required: fields.flag("required"),
        }
    }
}

read_by_value!(ResourceType, SchemaExtension);
