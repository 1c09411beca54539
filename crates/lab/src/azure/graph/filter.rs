//! The few filters of Graph that need no advanced query: comparisons of one property with `eq`, `in`, `startswith`, and `and`.

use serde_json::Value;

use super::docs::Doc;

/// A filter: all of its parts have to fit.
#[derive(Debug)]
pub(super) struct Filter(Vec<Part>);

#[derive(Debug)]
enum Part {
    Equals(String, Value),
    Begins(String, String),
    AnyOf(String, Vec<Value>),
}

impl Filter {
    /// Reads a filter; `None` where it is more than the lab understands.
    pub(super) fn read(text: &str) -> Option<Self> {
        text.split(" and ").map(part).collect::<Option<Vec<_>>>().map(Self)
    }

    pub(super) fn fits(&self, doc: &Doc) -> bool {
        self.0.iter().all(|part| match part {
            Part::Equals(name, value) => doc.get(name).is_some_and(|there| same(there, value)),
            Part::Begins(name, start) => {
                let there = doc.get(name).and_then(Value::as_str).unwrap_or_default();
                there.to_lowercase().starts_with(&start.to_lowercase())
            }
            Part::AnyOf(name, values) => doc.get(name).is_some_and(|there| values.iter().any(|value| same(there, value))),
        })
    }
}

/// Entra compares texts without regard to case.
fn same(there: &Value, wanted: &Value) -> bool {
    match (there, wanted) {
        (Value::String(there), Value::String(wanted)) => there.to_lowercase() == wanted.to_lowercase(),
        _ => there == wanted,
    }
}

fn part(text: &str) -> Option<Part> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix("startswith(").and_then(|rest| rest.strip_suffix(')')) {
        let (name, value) = inner.split_once(',')?;
        let value = literal(value)?;
        return Some(Part::Begins(name.trim().to_owned(), value.as_str()?.to_owned()));
    }
    if let Some((name, list)) = text.split_once(" in ") {
        let list = list.trim().strip_prefix('(')?.strip_suffix(')')?;
        let values = list.split(',').map(literal).collect::<Option<Vec<_>>>()?;
        return Some(Part::AnyOf(name.trim().to_owned(), values));
    }
    let (name, value) = text.split_once(" eq ")?;
    Some(Part::Equals(name.trim().to_owned(), literal(value)?))
}

fn literal(text: &str) -> Option<Value> {
    let text = text.trim();
    match text {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        "null" => Some(Value::Null),
        _ => {
            let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
            Some(Value::String(inner.replace("''", "'")))
        }
    }
}
