//! PATCH requests (RFC 7644 §3.5.2): read tolerantly, printed strictly, applied by the RFC.

mod apply;
mod error;
mod merge;
mod path;
mod shape;

pub use apply::PatchOptions;
pub use error::PatchError;
pub use path::PatchPath;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::fields::Fields;
use crate::message::ScimType;
use crate::schema::{Catalog, words};

/// A PATCH request (RFC 7644 §3.5.2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatchOp {
    /// What is to be done, in this order.
    pub operations: Vec<Operation>,
}

words! {
    /// What a PATCH operation does.
    OpKind {
        /// Adds a value, or merges into what is there.
        Add = "add",
        /// Takes values away.
        Remove = "remove",
        /// Puts a value in the place of what is there.
        Replace = "replace",
    }
}

/// One PATCH operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Operation {
    /// What it does.
    pub op: OpKind,
    /// Where; without it, `value` is an object whose members say where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PatchPath>,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl Operation {
    /// An `add` operation.
    pub fn add(path: PatchPath, value: impl Into<Value>) -> Self {
        Self {
            op: OpKind::Add,
            path: Some(path),
            value: Some(value.into()),
        }
    }

    /// A `replace` operation.
    pub fn replace(path: PatchPath, value: impl Into<Value>) -> Self {
        Self {
            op: OpKind::Replace,
            path: Some(path),
            value: Some(value.into()),
        }
    }

    /// A `remove` operation.
    pub fn remove(path: PatchPath) -> Self {
        Self {
            op: OpKind::Remove,
            path: Some(path),
            value: None,
        }
    }
}

impl PatchOp {
    /// A request with these operations.
    pub fn new(operations: impl IntoIterator<Item = Operation>) -> Self {
        Self {
            operations: operations.into_iter().collect(),
        }
    }

    /// Reads a request tolerantly: names and `op` in any case, `Operations` as a single object, an empty `path` for none,
    /// without `schemas`.
    ///
    /// # Errors
    /// `invalidSyntax` when the shape is wrong, `invalidPath` when a path cannot be read.
    pub fn from_value(value: Value) -> Result<Self, PatchError> {
        if !value.is_object() {
            return Err(PatchError::new(
                ScimType::InvalidSyntax,
                None,
                "a PATCH request must be a JSON object",
            ));
        }
        let Some(operations) = Fields::of(value).value("Operations") else {
            return Err(PatchError::new(
                ScimType::InvalidSyntax,
                None,
                "the PATCH request has no Operations",
            ));
        };
        let operations = match operations {
            Value::Array(operations) => operations,
            one @ Value::Object(_) => vec![one],
            _ => return Err(PatchError::new(ScimType::InvalidSyntax, None, "Operations must be a list")),
        };
        if operations.is_empty() {
            return Err(PatchError::new(ScimType::InvalidSyntax, None, "Operations is empty"));
        }
        let read = |(index, operation)| read_operation(index, operation);
        Ok(Self {
            operations: operations.into_iter().enumerate().map(read).collect::<Result<_, _>>()?,
        })
    }

    /// Applies the request by RFC 7644 §3.5.2 and tells whether anything changed. All or nothing: on an error the resource is
    /// as it was.
    ///
    /// # Errors
    /// [`PatchError`] with the `scimType` to answer: `noTarget`, `invalidPath`, `invalidValue`, `mutability`, `invalidSyntax`.
    pub fn apply(&self, resource: &mut Value, catalog: &Catalog) -> Result<bool, PatchError> {
        self.apply_with(resource, catalog, &PatchOptions::default())
    }

    /// Like [`PatchOp::apply`], with a say in what is tolerated.
    ///
    /// # Errors
    /// As [`PatchOp::apply`].
    pub fn apply_with(&self, resource: &mut Value, catalog: &Catalog, options: &PatchOptions) -> Result<bool, PatchError> {
        apply::apply(self, resource, catalog, options)
    }
}

fn read_operation(index: usize, value: Value) -> Result<Operation, PatchError> {
    let fail = |kind, detail: String| PatchError::new(kind, None, detail).at(index);
    let Value::Object(map) = value else {
        return Err(fail(ScimType::InvalidSyntax, "an operation must be a JSON object".to_owned()));
    };
    let word = crate::text::get(&map, "op").and_then(Value::as_str).unwrap_or_default();
    let Some(op) = OpKind::from_name(word) else {
        return Err(fail(
            ScimType::InvalidSyntax,
            format!("op must be add, remove or replace, and is {word:?}"),
        ));
    };
    let path = match crate::text::get(&map, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.trim().is_empty() => None,
        Some(Value::String(path)) => Some(PatchPath::parse(path.trim()).map_err(|error| error.at(index))?),
        Some(_) => return Err(fail(ScimType::InvalidPath, "path must be a text".to_owned())),
    };
    let value = crate::text::key_of(&map, "value").and_then(|key| take(map, &key));
    Ok(Operation { op, path, value })
}

fn take(mut map: Map<String, Value>, key: &str) -> Option<Value> {
    map.swap_remove(key)
}

impl Serialize for PatchOp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("PatchOp", 2)?;
        object.serialize_field("schemas", &[crate::urn::PATCH_OP])?;
        object.serialize_field("Operations", &self.operations)?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for PatchOp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
