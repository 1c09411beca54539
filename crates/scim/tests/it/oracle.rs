//! A second evaluator of filters, slow and obvious, to compare the real one with. It shares no code with it.

use lanyard_scim::filter::{CompareOp, Literal};
use lanyard_scim::schema::{Attribute, AttributeType, core_schemas};
use lanyard_scim::{AttrPath, Filter};
use serde_json::Value;

/// What is known about an attribute: its type and whether case matters.
type Known = Option<(AttributeType, bool)>;

pub fn matches(filter: &Filter, resource: &Value) -> bool {
    evaluate(filter, resource, None)
}

/// `parent` is the attribute before the brackets, when `root` is one of its values.
fn evaluate(filter: &Filter, root: &Value, parent: Option<&AttrPath>) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| evaluate(part, root, parent)),
        Filter::Or(parts) => parts.iter().any(|part| evaluate(part, root, parent)),
        Filter::Not(part) => !evaluate(part, root, parent),
        Filter::Present(path) => values(path, root, parent).iter().any(|value| !blank(value)),
        Filter::ValuePath { path, filter } => values(path, root, parent).iter().any(|value| evaluate(filter, value, Some(path))),
        Filter::Compare {
            path,
            op,
            value: Literal::Null,
        } => {
            let assigned = values(path, root, parent).iter().any(assigned);
            match op {
                CompareOp::Eq => !assigned,
                CompareOp::Ne => assigned,
                _ => false,
            }
        }
        Filter::Compare { path, op, value } => {
            let known = match parent {
                Some(outer) => known(&AttrPath {
                    sub: Some(path.name.clone()),
                    ..outer.clone()
                }),
                None => known(path),
            };
            let found: Vec<Value> = values(path, root, parent).iter().filter_map(plain).collect();
            if found.is_empty() && *op == CompareOp::Ne {
                return true;
            }
            found.iter().any(|found| compare(found, *op, value, known))
        }
    }
}

fn member<'v>(object: &'v Value, name: &str) -> Option<&'v Value> {
    let object = object.as_object()?;
    object.get(name).or_else(|| {
        object
            .iter()
            .find(|(key, _)| key.to_lowercase() == name.to_lowercase())
            .map(|(_, value)| value)
    })
}

/// All values that a path leads to, lists taken apart, nulls left out.
fn values(path: &AttrPath, root: &Value, parent: Option<&AttrPath>) -> Vec<Value> {
    let start: Option<Value> = if parent.is_some() && !root.is_object() {
        (path.name.to_lowercase() == "value").then(|| root.clone())
    } else {
        top(path, root, parent.is_some()).cloned()
    };
    let found = start.map(|start| flat(&start)).unwrap_or_default();
    match &path.sub {
        None => found,
        Some(sub) => found
            .iter()
            .flat_map(|value| match value {
                Value::Object(_) => member(value, sub).map(flat).unwrap_or_default(),
                scalar if sub.to_lowercase() == "value" => vec![scalar.clone()],
                _ => vec![],
            })
            .collect(),
    }
}

fn top<'v>(path: &AttrPath, root: &'v Value, inside: bool) -> Option<&'v Value> {
    match &path.schema {
        None => {
            if let Some(found) = member(root, &path.name) {
                return Some(found);
            }
            let enterprise = &core_schemas()[1];
            let core = [&core_schemas()[0], &core_schemas()[2]];
            let common = ["id", "externalid", "schemas", "meta"];
            let in_core = core
                .iter()
                .any(|schema| schema.attributes.iter().any(|a| a.name.to_lowercase() == path.name.to_lowercase()));
            if inside || in_core || common.contains(&path.name.to_lowercase().as_str()) {
                return None;
            }
            let known = enterprise
                .attributes
                .iter()
                .any(|a| a.name.to_lowercase() == path.name.to_lowercase());
            if known {
                member(member(root, &enterprise.id)?, &path.name)
            } else {
                None
            }
        }
        Some(urn) => {
            if path.sub.is_none()
                && let Some(found) = member(root, &format!("{urn}:{}", path.name))
            {
                return Some(found);
            }
            if let Some(extension @ Value::Object(_)) = member(root, urn) {
                return member(extension, &path.name);
            }
            let is_core = urn.to_lowercase().starts_with("urn:ietf:params:scim:schemas:core:");
            let listed = match member(root, "schemas") {
                Some(Value::Array(schemas)) if !schemas.is_empty() => schemas
                    .iter()
                    .any(|schema| schema.as_str().is_some_and(|schema| schema.to_lowercase() == urn.to_lowercase())),
                _ => true,
            };
            if is_core && listed { member(root, &path.name) } else { None }
        }
    }
}

fn flat(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![],
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        other => vec![other.clone()],
    }
}

fn assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => items.iter().any(assigned),
        Value::Object(members) => members.values().any(assigned),
        _ => true,
    }
}

fn blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(blank),
        Value::Object(members) => members.values().all(blank),
        _ => false,
    }
}

/// The plain value to compare: of an object, its `value`.
fn plain(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) => member(value, "value")
            .filter(|value| !value.is_null() && !value.is_array() && !value.is_object())
            .cloned(),
        other => Some(other.clone()),
    }
}

fn known(path: &AttrPath) -> Known {
    let named = |attributes: &'static [Attribute], name: &str| attributes.iter().find(|a| a.name.to_lowercase() == name.to_lowercase());
    let lower = path.name.to_lowercase();
    let common = match (lower.as_str(), path.sub.as_deref().map(str::to_lowercase).as_deref()) {
        ("id" | "externalid", None) => Some((AttributeType::String, true)),
        ("schemas", None) => Some((AttributeType::Reference, false)),
        ("meta", Some("created" | "lastmodified")) => Some((AttributeType::DateTime, true)),
        ("meta", Some("version" | "resourcetype")) => Some((AttributeType::String, true)),
        _ => None,
    };
    let schemas: Vec<_> = match &path.schema {
        Some(urn) => core_schemas()
            .iter()
            .filter(|schema| schema.id.to_lowercase() == urn.to_lowercase())
            .collect(),
        None => vec![&core_schemas()[0], &core_schemas()[2], &core_schemas()[1]],
    };
    let attribute = schemas.iter().find_map(|schema| named(&schema.attributes, &path.name));
    let Some(attribute) = attribute else { return common };
    let target = match &path.sub {
        Some(sub) => named(&attribute.sub_attributes, sub)?,
        None if attribute.kind == Some(AttributeType::Complex) => named(&attribute.sub_attributes, "value").unwrap_or(attribute),
        None => attribute,
    };
    Some((target.kind?, target.case_exact.unwrap_or(false)))
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => match text.to_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn time(value: &Value) -> Option<jiff::Timestamp> {
    value.as_str()?.parse().ok()
}

fn compare(found: &Value, op: CompareOp, wanted: &Literal, known: Known) -> bool {
    let kind = known.map(|(kind, _)| kind);
    let wanted_value: Value = wanted.clone().into();
    let as_flag = matches!(wanted, Literal::Bool(_)) || kind == Some(AttributeType::Boolean) && !matches!(wanted, Literal::Number(_));
    let as_number = matches!(wanted, Literal::Number(_));
    if as_flag {
        let equal = flag(&wanted_value).is_some() && flag(found) == flag(&wanted_value);
        return match op {
            CompareOp::Eq => equal,
            CompareOp::Ne => !equal,
            _ => false,
        };
    }
    if as_number {
        return match (number(found), number(&wanted_value)) {
            (Some(a), Some(b)) => order(a.partial_cmp(&b), op),
            _ => op == CompareOp::Ne,
        };
    }
    if kind == Some(AttributeType::DateTime)
        && let (Some(a), Some(b)) = (time(found), time(&wanted_value))
        && !matches!(op, CompareOp::Co | CompareOp::Sw | CompareOp::Ew)
    {
        return order(Some(a.cmp(&b)), op);
    }
    let exact = known.is_some_and(|(kind, exact)| exact && kind != AttributeType::DateTime);
    let fold = |text: &str| {
        if exact {
            text.to_owned()
        } else {
            text.chars().flat_map(char::to_lowercase).collect()
        }
    };
    let a = match found {
        Value::String(text) => fold(text),
        Value::Number(number) => number.to_string(),
        Value::Bool(_) => {
            let equal = kind.is_none() && flag(&wanted_value) == flag(found);
            return match op {
                CompareOp::Eq => equal,
                CompareOp::Ne => !equal,
                _ => false,
            };
        }
        _ => return op == CompareOp::Ne,
    };
    let b = fold(wanted_value.as_str().unwrap_or_default());
    match op {
        CompareOp::Co => a.contains(&b),
        CompareOp::Sw => a.starts_with(&b),
        CompareOp::Ew => a.ends_with(&b),
        _ => order(Some(a.cmp(&b)), op),
    }
}

fn order(order: Option<std::cmp::Ordering>, op: CompareOp) -> bool {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match op {
        CompareOp::Eq => order == Some(Equal),
        CompareOp::Ne => order != Some(Equal),
        CompareOp::Gt => order == Some(Greater),
        CompareOp::Ge => matches!(order, Some(Greater | Equal)),
        CompareOp::Lt => order == Some(Less),
        CompareOp::Le => matches!(order, Some(Less | Equal)),
        _ => false,
    }
}
