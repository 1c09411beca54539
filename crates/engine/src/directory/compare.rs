//! Sources side by side: the attributes that matter, read from the documents.

use serde_json::{Map, Value};

use super::differ::{same_letters, same_text};
use crate::document::text;
use crate::view::{ComparedCell, ComparedLine};
use lanyard_scim::urn;

/// When two values count as the same.
#[derive(Clone, Copy)]
enum Same {
    /// As composed texts.
    Text,
    /// Whatever the case.
    Letters,
    /// Each system has words of its own for it (Entra's `Member` is SCIM's `Employee` as well as `Contractor`): shown, never compared.
    Own,
}

/// What is compared of people: a label, where it is, when it is the same.
const PEOPLE: &[(&str, &str, Same)] = &[
    ("Display name", "displayName", Same::Text),
    ("E-mail", "emails", Same::Letters),
    ("User name", "userName", Same::Letters),
    ("Given name", "name.givenName", Same::Text),
    ("Family name", "name.familyName", Same::Text),
    ("Title", "title", Same::Text),
    ("Department", "+department", Same::Text),
    ("Manager", "+manager", Same::Text),
    ("Employee number", "+employeeNumber", Same::Text),
    ("Cost centre", "+costCenter", Same::Text),
    ("Division", "+division", Same::Text),
    ("Organization", "+organization", Same::Text),
    ("User type", "userType", Same::Own),
    ("Phone", "phoneNumbers", Same::Text),
    ("Language", "preferredLanguage", Same::Letters),
    ("Locale", "locale", Same::Letters),
    ("Time zone", "timezone", Same::Letters),
];

/// A value of an account, and who it is where it names somebody.
pub struct Cell {
    /// What is shown.
    pub shown: String,
    /// The identity that it names; compared in the place of the text where both sides know it.
    pub who: Option<u32>,
}

/// Lines over accounts' documents, the leading one first. `manager` finds the person that a document's manager id names.
pub fn people(documents: &[Value], states: &[Option<String>], manager: impl Fn(usize, &str) -> Option<(u32, String)>) -> Vec<ComparedLine> {
    let mut lines = vec![line(
        "State",
        Same::Text,
        states
            .iter()
            .map(|state| state.clone().map(|shown| Cell { shown, who: None }))
            .collect(),
    )];
    for (label, path, same) in PEOPLE {
        let cells = documents.iter().enumerate().map(|(at, document)| {
            if *path != "+manager" {
                return value(document, path).map(|shown| Cell { shown, who: None });
            }
            let (id, display) = manager_of(document)?;
            match id.as_deref().and_then(|id| manager(at, id)) {
                Some((who, name)) => Some(Cell {
                    shown: display.unwrap_or(name),
                    who: Some(who),
                }),
                None => display.or(id).map(|shown| Cell { shown, who: None }),
            }
        });
        lines.push(line(label, *same, cells.collect()));
    }
    lines.retain(|line| line.cells.iter().any(|cell| cell.value.is_some()));
    lines
}

/// A line of cells, each compared with the first. A value that is not held on one side is no difference.
pub fn line_of_texts(label: &str, cells: Vec<Option<String>>) -> ComparedLine {
    line(
        label,
        Same::Text,
        cells.into_iter().map(|cell| cell.map(|shown| Cell { shown, who: None })).collect(),
    )
}

fn line(label: &str, same: Same, cells: Vec<Option<Cell>>) -> ComparedLine {
    let differs = |cell: &Option<Cell>| match (cells.first(), cell) {
        (Some(Some(Cell { who: Some(lead), .. })), Some(Cell { who: Some(who), .. })) => lead != who,
        (Some(Some(lead)), Some(cell)) => match same {
            Same::Text => !same_text(&lead.shown, &cell.shown),
            Same::Letters => !same_letters(&lead.shown, &cell.shown),
            Same::Own => false,
        },
        _ => false,
    };
    let marks: Vec<bool> = cells.iter().map(differs).collect();
    let cells = cells
        .into_iter()
        .zip(marks)
        .map(|(cell, differs)| ComparedCell {
            value: cell.map(|cell| cell.shown),
            differs,
        })
        .collect();
    ComparedLine {
        label: label.into(),
        cells,
    }
}

/// A member whatever the case of its name.
fn get<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    object.get(name).or_else(|| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(_) | Value::Bool(_) => Some(text(value)),
        _ => None,
    }
}

/// An attribute of the enterprise extension; of the top where the server put it there.
fn enterprise<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    let extension = get(object, urn::ENTERPRISE_USER).and_then(Value::as_object);
    extension
        .and_then(|extension| get(extension, name))
        .or_else(|| get(object, name))
        .filter(|value| !value.is_null())
}

fn value(document: &Value, path: &str) -> Option<String> {
    let object = document.as_object()?;
    if let Some(name) = path.strip_prefix('+') {
        return scalar(enterprise(object, name)?);
    }
    let (name, sub) = path.split_once('.').map_or((path, None), |(name, sub)| (name, Some(sub)));
    let found = get(object, name)?;
    match (found, sub) {
        (Value::Object(parts), Some(sub)) => scalar(get(parts, sub)?),
        (_, Some(_)) => None,
        (Value::Array(values), None) => primary(values),
        (Value::Object(parts), None) => scalar(get(parts, "value")?),
        (other, None) => scalar(other),
    }
}

/// The primary one of several values, else the first.
fn primary(values: &[Value]) -> Option<String> {
    let of = |value: &Value| match value {
        Value::Object(parts) => scalar(get(parts, "value")?),
        other => scalar(other),
    };
    let is_primary = |value: &&Value| {
        value
            .as_object()
            .and_then(|parts| get(parts, "primary"))
            .is_some_and(|flag| flag == &Value::Bool(true) || flag.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")))
    };
    values.iter().find(is_primary).and_then(of).or_else(|| values.iter().find_map(of))
}

/// The id and the name of the manager.
fn manager_of(document: &Value) -> Option<(Option<String>, Option<String>)> {
    match enterprise(document.as_object()?, "manager")? {
        Value::Object(parts) => {
            let id = get(parts, "value").or_else(|| get(parts, "managerId")).and_then(scalar);
            let display = get(parts, "displayName").or_else(|| get(parts, "display")).and_then(scalar);
            (id.is_some() || display.is_some()).then_some((id, display))
        }
        other => scalar(other).map(|id| (Some(id), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lines_show_what_somebody_holds_and_mark_what_differs() {
        let documents = [
            json!({"displayName": "Siobh\u{e1}n", "userName": "SIOBHAN", "emails": [{"value": "x@y"}, {"value": "s@x", "primary": true}], "title": "Clerk",
                urn::ENTERPRISE_USER: {"manager": {"value": "m1"}, "department": "Ops"}}),
            json!({"displayName": "Siobha\u{301}n", "username": "siobhan", "emails": "S@X", "title": "Lead",
                urn::ENTERPRISE_USER: {"manager": {"value": "n9", "displayName": "Boss"}}}),
        ];
        let states = [Some("Active".to_owned()), None];
        let lines = people(&documents, &states, |at, id| match (at, id) {
            (0, "m1") => Some((7, "The Boss".into())),
            (1, "n9") => Some((7, "The Boss".into())),
            _ => None,
        });
        let told: Vec<(&str, Option<&str>, Option<&str>, bool)> = lines
            .iter()
            .map(|line| {
                (
                    line.label.as_str(),
                    line.cells[0].value.as_deref(),
                    line.cells[1].value.as_deref(),
                    line.cells[1].differs,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("State", Some("Active"), None, false),
                ("Display name", Some("Siobh\u{e1}n"), Some("Siobha\u{301}n"), false),
                ("E-mail", Some("s@x"), Some("S@X"), false),
                ("User name", Some("SIOBHAN"), Some("siobhan"), false),
                ("Title", Some("Clerk"), Some("Lead"), true),
                ("Department", Some("Ops"), None, false),
                ("Manager", Some("The Boss"), Some("Boss"), false),
            ]
        );
    }
}
