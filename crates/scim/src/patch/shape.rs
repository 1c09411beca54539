//! Makes a value fit an attribute's type, tolerantly where the meaning is clear.

use serde_json::{Map, Number, Value};

use super::PatchError;
use crate::fields::flag_of_text;
use crate::instant::Instant;
use crate::message::ScimType;
use crate::schema::{Attribute, AttributeType};

/// The values of a list, or the one value.
pub(super) fn as_list(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

/// Makes a value fit an attribute: a list where it holds several values.
pub(super) fn fit(definition: Option<&Attribute>, value: &Value, text: &str) -> Result<Value, PatchError> {
    match definition {
        None => Ok(value.clone()),
        Some(definition) if definition.is_multi_valued() => {
            let items: Result<Vec<Value>, _> = as_list(value).iter().map(|item| fit_one(definition, item, text)).collect();
            Ok(Value::Array(items?))
        }
        Some(definition) => fit_one(definition, value, text),
    }
}

/// Makes one value fit an attribute's type. Truth values and numbers may come as text, a text's digits as a number, and the
/// `value` of a complex attribute without the object around it (Entra sends `manager` so). Names of known sub-attributes get
/// the schema's case; unknown ones are kept.
pub(super) fn fit_one(definition: &Attribute, value: &Value, text: &str) -> Result<Value, PatchError> {
    let wrong = || {
        let kind = definition.kind.map_or("another type", AttributeType::name);
        let detail = format!("{} is of type {kind}, and cannot be {}", definition.name, excerpt(value));
        Err(PatchError::new(ScimType::InvalidValue, Some(text), detail))
    };
    if value.is_null() {
        return Ok(Value::Null);
    }
    if definition.is_complex() {
        return match value {
            Value::Object(members) => fit_parts(definition, members, text).map(Value::Object),
            Value::Array(_) => wrong(),
            scalar => match definition.sub("value") {
                Some(sub) => {
                    let mut map = Map::new();
                    map.insert(sub.name.clone(), fit_one(sub, scalar, text)?);
                    Ok(Value::Object(map))
                }
                None => wrong(),
            },
        };
    }
    let Some(kind) = definition.kind else { return Ok(value.clone()) };
    match (kind, value) {
        (AttributeType::Boolean, Value::Bool(_)) | (AttributeType::Decimal, Value::Number(_)) => Ok(value.clone()),
        (AttributeType::Boolean, Value::String(word)) => flag_of_text(word).map(Value::Bool).map_or_else(wrong, Ok),
        (AttributeType::Integer, Value::Number(number)) => match whole(number) {
            Some(number) => Ok(Value::Number(number)),
            None => wrong(),
        },
        (AttributeType::Integer, Value::String(digits)) => digits.trim().parse::<i64>().map(Value::from).or_else(|_| wrong()),
        (AttributeType::Decimal, Value::String(digits)) => {
            let number = digits.trim().parse().ok().and_then(Number::from_f64);
            number.map(Value::Number).map_or_else(wrong, Ok)
        }
        (AttributeType::DateTime, Value::String(time)) if Instant::parse(time).is_some() => Ok(value.clone()),
        (AttributeType::String | AttributeType::Reference | AttributeType::Binary, Value::String(_)) => Ok(value.clone()),
        (AttributeType::String, Value::Number(number)) => Ok(Value::String(number.to_string())),
        _ => wrong(),
    }
}

fn fit_parts(definition: &Attribute, members: &Map<String, Value>, text: &str) -> Result<Map<String, Value>, PatchError> {
    let mut map = Map::new();
    for (name, value) in members {
        match definition.sub(name) {
            Some(sub) => map.insert(sub.name.clone(), fit(Some(sub), value, text)?),
            None => map.insert(name.clone(), value.clone()),
        };
    }
    Ok(map)
}

/// A whole number; `42.0` is one.
#[expect(clippy::cast_possible_truncation, reason = "the range and the fraction are checked before")]
fn whole(number: &Number) -> Option<Number> {
    if !number.is_f64() {
        return Some(number.clone());
    }
    let float = number.as_f64()?;
    (float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0).then(|| Number::from(float as i64))
}

/// The beginning of a value, for an error.
fn excerpt(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
