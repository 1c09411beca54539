//! Any resource, as JSON.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{Group, Meta, User, shown};
use crate::attr::AttrPath;
use crate::brief::MemberKind;
use crate::text;

/// Any resource, as the JSON object that the server sent. `Debug` withholds passwords.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Resource(Map<String, Value>);

impl fmt::Debug for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown::write("Resource", self, f)
    }
}

impl Resource {
    /// A resource of an object; `None` for any other JSON.
    pub fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Object(map) => Some(Self(map)),
            _ => None,
        }
    }

    /// The JSON.
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    /// The members of the object.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The value of an attribute at the top, whatever the case of its name. Null counts as absent.
    pub fn get(&self, name: &str) -> Option<&Value> {
        text::get(&self.0, name).filter(|value| !value.is_null())
    }

    /// The value that a path names. A path with a URN is looked for under the URN, then, for a core schema, at the top.
    /// Sub-attributes are found in single values only.
    pub fn at(&self, path: &AttrPath) -> Option<&Value> {
        let attribute = match &path.schema {
            None => self.get(&path.name),
            Some(urn) => path.whole().and_then(|whole| self.get(&whole)).or_else(|| match self.get(urn) {
                Some(Value::Object(extension)) => text::get(extension, &path.name),
                _ if text::starts_with(urn, crate::urn::CORE_PREFIX) => self.get(&path.name),
                _ => None,
            }),
        }?;
        let found = match &path.sub {
            None => Some(attribute),
            Some(sub) => text::get(attribute.as_object()?, sub),
        };
        found.filter(|value| !value.is_null())
    }

    /// A text at the top.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The server's id.
    pub fn id(&self) -> Option<&str> {
        self.text("id")
    }

    /// The client's id.
    pub fn external_id(&self) -> Option<&str> {
        self.text("externalId")
    }

    /// The URNs of its schemas.
    pub fn schemas(&self) -> Vec<&str> {
        match self.get("schemas") {
            Some(Value::Array(schemas)) => schemas.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(schema)) => vec![schema],
            _ => Vec::new(),
        }
    }

    /// Whether it names a schema, whatever the case.
    pub fn has_schema(&self, urn: &str) -> bool {
        self.schemas().iter().any(|schema| schema.eq_ignore_ascii_case(urn))
    }

    /// The values of an extension.
    pub fn extension(&self, urn: &str) -> Option<&Map<String, Value>> {
        self.get(urn)?.as_object()
    }

    /// `meta`, read tolerantly; empty when there is none.
    pub fn meta(&self) -> Meta {
        self.get("meta").cloned().map(Meta::from_value).unwrap_or_default()
    }

    /// Whether it is a user or a group: by its schemas, else by `meta.resourceType`, else by what it has.
    pub fn kind(&self) -> MemberKind {
        if self.has_schema(crate::urn::USER) {
            return MemberKind::User;
        }
        if self.has_schema(crate::urn::GROUP) {
            return MemberKind::Group;
        }
        match self.meta().resource_type {
            Some(kind) if kind.eq_ignore_ascii_case("user") => MemberKind::User,
            Some(kind) if kind.eq_ignore_ascii_case("group") => MemberKind::Group,
            Some(_) => MemberKind::Unknown,
            None if self.get("userName").is_some() => MemberKind::User,
            None if self.get("members").is_some() => MemberKind::Group,
            None => MemberKind::Unknown,
        }
    }

    /// What to call it: `displayName`, else `userName`, else `name.formatted`, else its id.
    pub fn label(&self) -> Option<&str> {
        let formatted = || {
            self.get("name")?
                .as_object()
                .and_then(|name| text::get(name, "formatted"))
                .and_then(Value::as_str)
        };
        let names = [
            self.text("displayName"),
            self.text("userName"),
            formatted(),
            self.text("name"),
            self.id(),
        ];
        names.into_iter().flatten().find(|name| !name.is_empty())
    }

    /// It as a user.
    pub fn to_user(&self) -> User {
        User::from_value(Value::Object(self.0.clone()))
    }

    /// It as a group.
    pub fn to_group(&self) -> Group {
        Group::from_value(Value::Object(self.0.clone()))
    }
}

impl<'de> Deserialize<'de> for Resource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self)
    }
}
