//! The few filters of Graph that need no advanced query: comparisons of one property with `eq`, `in`, `startswith`, of a time
//! with `gt` and `lt`, and `and`. A property within another is named with a stroke between them.

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
    /// Later, or earlier, than a moment.
    Later(String, jiff::Timestamp),
    Earlier(String, jiff::Timestamp),
}

impl Filter {
    /// Reads a filter; `None` where it is more than the lab understands.
    pub(super) fn read(text: &str) -> Option<Self> {
        text.split(" and ").map(part).collect::<Option<Vec<_>>>().map(Self)
    }

    pub(super) fn fits(&self, doc: &Doc) -> bool {
        self.0.iter().all(|part| match part {
            Part::Equals(name, value) => get(doc, name).is_some_and(|there| same(there, value)),
            Part::Begins(name, start) => {
                let there = get(doc, name).and_then(Value::as_str).unwrap_or_default();
                there.to_lowercase().starts_with(&start.to_lowercase())
            }
            Part::AnyOf(name, values) => get(doc, name).is_some_and(|there| values.iter().any(|value| same(there, value))),
            Part::Later(name, than) => moment(doc, name).is_some_and(|there| there > *than),
            Part::Earlier(name, than) => moment(doc, name).is_some_and(|there| there < *than),
        })
    }
}

fn get<'d>(doc: &'d Doc, name: &str) -> Option<&'d Value> {
    let (first, rest) = name.split_once('/').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let there = doc.get(first)?;
    rest.map_or(Some(there), |rest| there.get(rest))
}

fn moment(doc: &Doc, name: &str) -> Option<jiff::Timestamp> {
    get(doc, name)?.as_str()?.parse().ok()
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
    if let Some((name, than)) = text.split_once(" gt ") {
        return Some(Part::Later(name.trim().to_owned(), than.trim().parse().ok()?));
    }
    if let Some((name, than)) = text.split_once(" lt ") {
        return Some(Part::Earlier(name.trim().to_owned(), than.trim().parse().ok()?));
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
