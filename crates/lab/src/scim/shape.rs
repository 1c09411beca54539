//! Brings what a client sends into the shape of the schemas: known names, right types, nothing that is read-only.

use lanyard_scim::instant::Instant;
use lanyard_scim::schema::{Attribute, AttributeType, Catalog, Mutability, Returned};
use lanyard_scim::urn;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::store::{Family, Store};

/// The document to store, without `id` and `meta`. Unknown attributes are left out, as RFC 7644 §3.3 lets a server do;
/// read-only ones are ignored, as it demands.
pub(crate) fn shape(input: &Value, family: Family, catalog: &Catalog) -> Result<Map<String, Value>, Refusal> {
    let Value::Object(input) = input else {
        return Err(Refusal::invalid_syntax("a resource is a JSON object"));
    };
    let core = match family {
        Family::Users => urn::USER,
        Family::Groups => urn::GROUP,
    };
    check_schemas(input, core)?;
    let mut schemas = vec![Value::from(core)];
    let mut output = Map::new();
    output.insert("schemas".to_owned(), Value::Null);
    for (name, value) in input {
        if ["schemas", "id", "meta"].iter().any(|common| name.eq_ignore_ascii_case(common)) {
            continue;
        }
        if let Some(schema) = catalog.schema(name).filter(|schema| schema.id != core) {
            let Value::Object(inner) = value else {
                if value.is_null() {
                    continue;
                }
                return Err(Refusal::invalid_syntax(format!("{name} must be an object")));
            };
            let shaped = members_of(inner, &schema.attributes, &schema.id)?;
            if !shaped.is_empty() {
                schemas.push(Value::from(schema.id.as_str()));
                output.insert(schema.id.clone(), Value::Object(shaped));
            }
            continue;
        }
        let Some(found) = catalog.find_attribute(None, name).filter(|found| !found.in_extension) else {
            continue;
        };
        if let Some(value) = attribute(found.attribute, value, &found.attribute.name)? {
            output.insert(found.attribute.name.clone(), value);
        }
    }
    if let Some(schema) = catalog.schema(core) {
        require(&output, &schema.attributes, "")?;
    }
    output.insert("schemas".to_owned(), Value::Array(schemas));
    Ok(output)
}

fn check_schemas(input: &Map<String, Value>, core: &str) -> Result<(), Refusal> {
    let given = input
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("schemas"))
        .map(|(_, value)| value);
    let listed = given.and_then(Value::as_array);
    let Some(listed) = listed else {
        return Err(Refusal::invalid_syntax("schemas must list the URNs of the resource's schemas"));
    };
    if listed
        .iter()
        .any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(core)))
    {
        return Ok(());
    }
    Err(Refusal::invalid_value(format!("schemas must hold {core}")))
}

fn members_of(input: &Map<String, Value>, definitions: &[Attribute], place: &str) -> Result<Map<String, Value>, Refusal> {
    let mut output = Map::new();
    for (name, value) in input {
        let Some(definition) = definitions.iter().find(|definition| definition.name.eq_ignore_ascii_case(name)) else {
            continue;
        };
        if let Some(value) = attribute(definition, value, &format!("{place}.{}", definition.name))? {
            output.insert(definition.name.clone(), value);
        }
    }
    if !output.is_empty() {
        require(&output, definitions, place)?;
    }
    Ok(output)
}

fn require(output: &Map<String, Value>, definitions: &[Attribute], place: &str) -> Result<(), Refusal> {
    let needed = definitions
        .iter()
        .filter(|definition| definition.required == Some(true) && definition.mutability != Some(Mutability::ReadOnly));
    for definition in needed {
        let given = output.get(&definition.name);
        if given.is_none() || given.and_then(Value::as_str).is_some_and(|text| text.trim().is_empty()) {
            let dot = if place.is_empty() { "" } else { "." };
            return Err(Refusal::invalid_value(format!("{place}{dot}{} is required", definition.name)));
        }
    }
    Ok(())
}

/// One attribute; `None` when there is nothing to keep.
fn attribute(definition: &Attribute, value: &Value, place: &str) -> Result<Option<Value>, Refusal> {
    let kept = definition.mutability != Some(Mutability::ReadOnly);
    if value.is_null() || !kept {
        return Ok(None);
    }
    let shaped = if definition.is_multi_valued() {
        let Value::Array(values) = value else {
            return Err(Refusal::invalid_value(format!("{place} takes a list")));
        };
        let mut shaped = Vec::with_capacity(values.len());
        for value in values {
            shaped.extend(single(definition, value, place)?);
        }
        if shaped.iter().filter(|value| value["primary"] == true).count() > 1 {
            return Err(Refusal::invalid_value(format!("{place} has more than one primary value")));
        }
        (!shaped.is_empty()).then_some(Value::Array(shaped))
    } else {
        single(definition, value, place)?
    };
    // What is never returned (a password) is checked and then not kept at all.
    Ok(shaped.filter(|_| definition.returned != Some(Returned::Never)))
}

fn single(definition: &Attribute, value: &Value, place: &str) -> Result<Option<Value>, Refusal> {
    let fits = match definition.kind.unwrap_or(AttributeType::String) {
        AttributeType::Complex => {
            let Value::Object(inner) = value else {
                return Err(Refusal::invalid_value(format!("{place} takes an object")));
            };
            let shaped = members_of(inner, &definition.sub_attributes, place)?;
            return Ok((!shaped.is_empty()).then_some(Value::Object(shaped)));
        }
        AttributeType::String | AttributeType::Reference | AttributeType::Binary => value.is_string(),
        AttributeType::Boolean => value.is_boolean(),
        AttributeType::Integer => value.is_i64() || value.is_u64(),
        AttributeType::Decimal => value.is_number(),
        AttributeType::DateTime => value.as_str().is_some_and(|text| Instant::parse(text).is_some()),
    };
    if fits {
        return Ok(Some(value.clone()));
    }
    let kind = definition.kind.unwrap_or(AttributeType::String);
    Err(Refusal::invalid_value(format!("{place} takes a {kind}")))
}

/// Fills in what the server knows: where the manager is, and what they are called.
pub(crate) fn complete_user(map: &mut Map<String, Value>, store: &Store) {
    let Some(manager) = map.get_mut(urn::ENTERPRISE_USER).and_then(|extension| extension.get_mut("manager")) else {
        return;
    };
    let Some(id) = referred(manager) else { return };
    let name = store
        .users
        .slot(&id)
        .and_then(|slot| store.users.get(slot))
        .map(|entry| entry.display.clone());
    *manager = json!({"value": id, "$ref": format!("{}/Users/{id}", store.base())});
    if let Some(name) = name {
        manager["displayName"] = Value::from(&*name);
    }
}

/// The identifier that a reference names: its `value`, or the end of its `$ref`.
pub(crate) fn referred(reference: &Value) -> Option<String> {
    let by_value = reference.get("value").and_then(Value::as_str);
    let by_uri = || reference.get("$ref").and_then(Value::as_str).and_then(|uri| uri.rsplit('/').next());
    by_value.or_else(by_uri).filter(|id| !id.is_empty()).map(str::to_owned)
}
