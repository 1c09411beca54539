//! PATCH operations at work on a resource (RFC 7644 §3.5.2.1 to §3.5.2.3).

use serde_json::{Map, Value};

use super::merge::{self, Where};
use super::path::PatchPath;
use super::{OpKind, Operation, PatchError, PatchOp};
use crate::attr::AttrPath;
use crate::message::ScimType;
use crate::schema::Catalog;
use crate::text;

/// What is tolerated beyond the RFC when a PATCH request is applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatchOptions {
    /// `remove` with the path of a multi-valued attribute and a `value` list takes only those values away, as Entra sends it.
    /// Otherwise such a request is refused, because by the RFC it would take all values away.
    pub remove_by_value: bool,
    /// Attributes that no schema of the catalog knows are kept. Otherwise they are refused with `invalidPath`.
    pub unknown_attributes: bool,
    /// A `remove` whose filter matches nothing changes nothing. Otherwise it fails with `noTarget` (RFC 7644 §3.12, table 9).
    pub remove_nothing: bool,
}

/// Applies all operations, or none.
pub(super) fn apply(patch: &PatchOp, resource: &mut Value, catalog: &Catalog, options: &PatchOptions) -> Result<bool, PatchError> {
    let Value::Object(before) = &*resource else {
        return Err(PatchError::new(ScimType::InvalidSyntax, None, "the resource is no JSON object"));
    };
    let mut work = Work {
        map: before.clone(),
        catalog,
        options,
    };
    for (index, operation) in patch.operations.iter().enumerate() {
        work.operation(operation).map_err(|error| error.at(index))?;
    }
    let changed = work.map != *before;
    if changed {
        *resource = Value::Object(work.map);
    }
    Ok(changed)
}

struct Work<'w> {
    map: Map<String, Value>,
    catalog: &'w Catalog,
    options: &'w PatchOptions,
}

impl<'w> Work<'w> {
    fn operation(&mut self, operation: &Operation) -> Result<(), PatchError> {
        let value = operation.value.as_ref();
        match (&operation.path, operation.op) {
            (None, OpKind::Remove) => Err(PatchError::new(ScimType::NoTarget, None, "remove needs a path")),
            (Some(path), OpKind::Remove) => self.remove(path, value),
            (Some(path), op) => {
                let Some(value) = value else {
                    return Err(PatchError::new(
                        ScimType::InvalidValue,
                        Some(&path.to_string()),
                        format!("{op} needs a value"),
                    ));
                };
                self.set(op, path, value)
            }
            (None, op) => {
                let Some(Value::Object(members)) = value else {
                    let detail = format!("{op} without a path needs an object as its value");
                    return Err(PatchError::new(ScimType::InvalidValue, None, detail));
                };
                self.set_members(op, members)
            }
        }
    }

    /// The members of a value without a path: attributes, whole extensions, and paths as some clients write them.
    fn set_members(&mut self, op: OpKind, members: &Map<String, Value>) -> Result<(), PatchError> {
        for (name, value) in members {
            let path = PatchPath::parse(name).map_err(|error| PatchError::new(ScimType::InvalidPath, Some(name), error.detail))?;
            self.set(op, &path, value)?;
        }
        Ok(())
    }

    /// `add` and `replace`.
    fn set(&mut self, op: OpKind, path: &PatchPath, value: &Value) -> Result<(), PatchError> {
        if let PatchPath::Attr(attr) = path
            && let Some(urn) = self.whole_extension(attr)
        {
            return self.set_extension(op, &urn, path, value);
        }
        let text = path.to_string();
        let place = self.locate(path, &text)?;
        // null stands for "no value" (RFC 7643 §2.5).
        if value.is_null() {
            return self.remove_at(&place, path, &text, true);
        }
        self.within(place.urn.as_deref(), |holder| match path {
            PatchPath::Attr(_) => merge::set(op, holder, &place, value, &text),
            PatchPath::Values { filter, .. } => merge::set_values(op, holder, &place, filter, value, &text),
        })?;
        self.keep_schemas(place.urn.as_deref());
        Ok(())
    }

    fn set_extension(&mut self, op: OpKind, urn: &str, path: &PatchPath, value: &Value) -> Result<(), PatchError> {
        let text = path.to_string();
        let members = match value {
            Value::Object(members) => members,
            Value::Null => return self.remove_extension(urn, &text),
            _ => {
                return Err(PatchError::new(
                    ScimType::InvalidValue,
                    Some(&text),
                    "an extension must be an object",
                ));
            }
        };
        for (name, value) in members {
            let attr = AttrPath {
                schema: Some(urn.to_owned()),
                ..AttrPath::parse(name).map_err(|error| PatchError::new(ScimType::InvalidPath, Some(name), error.to_string()))?
            };
            self.set(op, &PatchPath::Attr(attr), value)?;
        }
        Ok(())
    }

    fn remove(&mut self, path: &PatchPath, value: Option<&Value>) -> Result<(), PatchError> {
        let text = path.to_string();
        if let PatchPath::Attr(attr) = path
            && let Some(urn) = self.whole_extension(attr)
        {
            return self.remove_extension(&urn, &text);
        }
        let place = self.locate(path, &text)?;
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return self.remove_at(&place, path, &text, false);
        };
        let listed = matches!(path, PatchPath::Attr(_)) && place.sub.is_none() && place.is_multi();
        if !listed {
            return self.remove_at(&place, path, &text, false);
        }
        if !self.options.remove_by_value {
            let detail = "remove takes no value; name the values in the path, as in members[value eq \"id\"]";
            return Err(PatchError::new(ScimType::InvalidValue, Some(&text), detail));
        }
        merge::may_change(&place, &text)?;
        self.within(place.urn.as_deref(), |holder| merge::remove_listed(holder, &place, value, &text))?;
        self.keep_schemas(place.urn.as_deref());
        Ok(())
    }

    fn remove_at(&mut self, place: &Where<'_>, path: &PatchPath, text: &str, by_null: bool) -> Result<(), PatchError> {
        let lenient = self.options.remove_nothing || by_null;
        self.within(place.urn.as_deref(), |holder| match path {
            PatchPath::Attr(_) => merge::remove(holder, place, text),
            PatchPath::Values { filter, .. } => merge::remove_values(holder, place, filter, lenient, text),
        })?;
        self.keep_schemas(place.urn.as_deref());
        Ok(())
    }

    fn remove_extension(&mut self, urn: &str, text: &str) -> Result<(), PatchError> {
        let required = self.catalog.schema(urn).and_then(|schema| {
            schema
                .attributes
                .iter()
                .find(|attribute| attribute.required == Some(true) || merge::is_read_only(attribute))
        });
        let Some(key) = text::key_of(&self.map, urn) else { return Ok(()) };
        if let Some(attribute) = required
            && self
                .map
                .get(&key)
                .and_then(Value::as_object)
                .is_some_and(|map| text::get(map, &attribute.name).is_some())
        {
            let detail = format!("{} cannot be removed", attribute.name);
            return Err(PatchError::new(ScimType::Mutability, Some(text), detail));
        }
        self.map.insert(key, Value::Object(Map::new()));
        self.keep_schemas(Some(urn));
        Ok(())
    }

    /// The URN of the extension that a path names as a whole: one that the catalog knows or the resource has.
    fn whole_extension(&self, attr: &AttrPath) -> Option<String> {
        let urn = attr.whole()?;
        if let Some(schema) = self.catalog.extension(attr) {
            return Some(schema.id.clone());
        }
        let looks_like_urn = text::starts_with(&urn, "urn:");
        if looks_like_urn && let Some(key) = text::key_of(&self.map, &urn) {
            return Some(key);
        }
        // A URN whose last part is no name can only be a whole extension.
        (looks_like_urn && attr.schema.is_none() && self.options.unknown_attributes).then_some(urn)
    }

    /// Where a path leads, by the catalog and by what the resource has.
    fn locate(&self, path: &PatchPath, text: &str) -> Result<Where<'w>, PatchError> {
        let attr = path.attribute();
        let catalog: &'w Catalog = self.catalog;
        let wrong = |detail: String| Err(PatchError::new(ScimType::InvalidPath, Some(text), detail));
        let found = catalog.find_attribute(attr.schema.as_deref(), &attr.name);
        let urn = match (&attr.schema, found) {
            (_, Some(found)) => found.in_extension.then(|| found.schema.to_owned()),
            (Some(urn), None) => (!catalog.is_core(urn)).then(|| urn.clone()),
            (None, None) => None,
        };
        let (sub, filtered) = match path {
            PatchPath::Attr(attr) => (attr.sub.clone(), false),
            PatchPath::Values { path, sub, .. } => (sub.clone().or_else(|| path.sub.clone()), true),
        };
        let definition = found.map(|found| found.attribute);
        if definition.is_none() && !self.options.unknown_attributes {
            let holder = match &urn {
                Some(urn) => text::get(&self.map, urn).and_then(Value::as_object),
                None => Some(&self.map),
            };
            if holder.and_then(|holder| text::get(holder, &attr.name)).is_none() {
                return wrong(format!("no schema of this resource has an attribute {attr}"));
            }
        }
        let mut sub_definition = None;
        if let (Some(definition), Some(name)) = (definition, &sub) {
            sub_definition = definition.sub(name);
            let known = sub_definition.is_some() || self.options.unknown_attributes;
            if !known || !definition.is_complex() {
                return wrong(format!("{} has no sub-attribute {name}", definition.name));
            }
        }
        if filtered && definition.is_some_and(|definition| !definition.is_multi_valued() && !definition.is_complex()) {
            return wrong(format!("{} is no attribute with several values", attr.name));
        }
        let name = definition.map_or_else(|| attr.name.clone(), |definition| definition.name.clone());
        let sub = sub.map(|sub| sub_definition.map_or(sub, |definition| definition.name.clone()));
        Ok(Where {
            urn,
            name,
            sub,
            definition,
            sub_definition,
        })
    }

    /// Works on the object that holds an attribute: the resource, or the extension in it, which is made when it is missing.
    fn within(
        &mut self,
        urn: Option<&str>,
        work: impl FnOnce(&mut Map<String, Value>) -> Result<(), PatchError>,
    ) -> Result<(), PatchError> {
        let Some(urn) = urn else { return work(&mut self.map) };
        let key = text::key_of(&self.map, urn).unwrap_or_else(|| urn.to_owned());
        let mut extension = match self.map.get_mut(&key).map(Value::take) {
            Some(Value::Object(extension)) => extension,
            _ => Map::new(),
        };
        let result = work(&mut extension);
        self.map.insert(key, Value::Object(extension));
        result
    }

    /// Names an extension in `schemas` when it has values, and takes it out when it has none (RFC 7643 §3).
    fn keep_schemas(&mut self, urn: Option<&str>) {
        let Some(urn) = urn else { return };
        let Some(key) = text::key_of(&self.map, urn) else { return };
        let empty = self.map.get(&key).and_then(Value::as_object).is_some_and(Map::is_empty);
        if empty {
            self.map.shift_remove(&key);
        }
        let Some(schemas_key) = text::key_of(&self.map, "schemas") else {
            return;
        };
        if let Some(Value::Array(schemas)) = self.map.get_mut(&schemas_key) {
            let is_it = |schema: &Value| schema.as_str().is_some_and(|schema| schema.eq_ignore_ascii_case(urn));
            if empty {
                schemas.retain(|schema| !is_it(schema));
            } else if !schemas.iter().any(is_it) {
                schemas.push(Value::String(key));
            }
        }
    }
}
