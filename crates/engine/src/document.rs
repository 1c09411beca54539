//! Documents as lines: one line per value, with the path that a SCIM client would use for it (RFC 7644 §3.10).
//! Shown in the inspector, and compared by a sync to tell what changed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::view::ChangeKind;

/// One value of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line<'d> {
    /// The extension's URN; none for the core schema.
    pub schema: Option<&'d str>,
    /// The path within the schema: `userName`, `name.familyName`, `emails[type eq "work"].value`.
    pub path: String,
    /// The value as text.
    pub value: String,
}

impl Line<'_> {
    /// The path with its schema, as a filter or a PATCH would have it.
    pub fn full_path(&self) -> String {
        match self.schema {
            Some(urn) => format!("{urn}:{}", self.path),
            None => self.path.clone(),
        }
    }
}

/// What stands in the place of a value that no server should have sent.
pub const WITHHELD: &str = "(withheld)";

/// Attributes that hold a secret by their definition (RFC 7643 §4.1.1: `password` is never returned; some servers do).
pub fn is_secret(name: &str) -> bool {
    name.eq_ignore_ascii_case("password")
}

/// Puts a word in the place of each password of a document. Says whether there was one.
pub fn withhold(value: &mut Value) -> bool {
    match value {
        Value::Object(object) => {
            let mut any = false;
            for (name, value) in object {
                if is_secret(name) && !value.is_null() {
                    *value = WITHHELD.into();
                    any = true;
                } else {
                    any |= withhold(value);
                }
            }
            any
        }
        Value::Array(elements) => elements.iter_mut().fold(false, |any, element| withhold(element) | any),
        _ => false,
    }
}

/// All lines of a document in its own order. `schemas` is left out; a password's value is withheld.
pub fn lines(document: &Value) -> Vec<Line<'_>> {
    let mut lines = Vec::with_capacity(32);
    let Value::Object(object) = document else { return lines };
    for (name, value) in object {
        if name.eq_ignore_ascii_case("schemas") {
            continue;
        }
        match value {
            Value::Object(extension) if name.contains(':') => {
                for (attribute, value) in extension {
                    put(&mut lines, Some(name), attribute.clone(), value);
                }
            }
            _ => put(&mut lines, None, name.clone(), value),
        }
    }
    lines
}

fn put<'d>(lines: &mut Vec<Line<'d>>, schema: Option<&'d str>, path: String, value: &Value) {
    let last = path.rsplit(['.', ']']).next().unwrap_or(&path);
    if is_secret(last) {
        lines.push(Line {
            schema,
            path,
            value: WITHHELD.into(),
        });
        return;
    }
    match value {
        Value::Null => {}
        Value::Object(object) => {
            for (name, value) in object {
                put(lines, schema, format!("{path}.{name}"), value);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                let selected = match element {
                    Value::Object(object) => format!("{path}{}", selector(elements, index, object)),
                    _ => path.clone(),
                };
                put(lines, schema, selected, element);
            }
        }
        scalar => lines.push(Line {
            schema,
            path,
            value: text(scalar),
        }),
    }
}

/// A scalar as text: strings without quotes.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// How to tell an element of a multi-valued attribute from the others: by its type where that is unique, by its value, by its place.
fn selector(elements: &[Value], index: usize, element: &Map<String, Value>) -> String {
    for key in ["type", "value"] {
        if let Some(Value::String(mine)) = element.get(key) {
            let same = elements
                .iter()
                .filter(|other| other.get(key).and_then(Value::as_str) == Some(mine))
                .count();
            if same == 1 {
                return format!("[{key} eq {}]", Value::String(mine.clone()));
            }
        }
    }
    if elements.len() == 1 { String::new() } else { format!("[{index}]") }
}

/// A difference between two versions of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What happened.
    pub kind: ChangeKind,
    /// The full path.
    pub path: String,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

/// The differences between two versions, attribute by attribute, regardless of order; but for the lines that are quiet: no news by themselves.
pub fn differences(before: &Value, after: &Value, is_quiet: impl Fn(&Line<'_>) -> bool) -> Vec<Difference> {
    let mut paths: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for line in lines(before).into_iter().filter(|line| !is_quiet(line)) {
        paths.entry(line.full_path()).or_default().0.push(line.value);
    }
    for line in lines(after).into_iter().filter(|line| !is_quiet(line)) {
        paths.entry(line.full_path()).or_default().1.push(line.value);
    }
    let mut differences = Vec::new();
    for (path, (mut before, mut after)) in paths {
        before.sort_unstable();
        after.sort_unstable();
        if before == after {
            continue;
        }
        if let ([old], [new]) = (before.as_slice(), after.as_slice()) {
            differences.push(Difference {
                kind: ChangeKind::Changed,
                path,
                before: Some(old.clone()),
                after: Some(new.clone()),
            });
            continue;
        }
        for old in before.iter().filter(|old| !after.contains(old)) {
            differences.push(Difference {
                kind: ChangeKind::Cleared,
                path: path.clone(),
                before: Some(old.clone()),
                after: None,
            });
        }
        for new in after.iter().filter(|new| !before.contains(new)) {
            differences.push(Difference {
                kind: ChangeKind::Set,
                path: path.clone(),
                before: None,
                after: Some(new.clone()),
            });
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_value_has_the_path_a_client_would_use() {
        let document = json!({
            "schemas": ["a"], "id": "1", "userName": "olena", "active": true, "nickName": null, "password": "hunter2",
            "name": {"familyName": "Ш"},
            "emails": [{"value": "a@x", "type": "work", "primary": true}, {"value": "b@x", "type": "home"}],
            "roles": [{"value": "admin"}], "tags": ["x", "y"],
            "urn:x:2.0:User": {"department": "Payments", "manager": {"value": "7"}},
        });
        let lines: Vec<(String, String)> = lines(&document).into_iter().map(|line| (line.full_path(), line.value)).collect();
        let expected = [
            ("id", "1"),
            ("userName", "olena"),
            ("active", "true"),
            ("password", WITHHELD),
            ("name.familyName", "Ш"),
            ("emails[type eq \"work\"].value", "a@x"),
            ("emails[type eq \"work\"].type", "work"),
            ("emails[type eq \"work\"].primary", "true"),
            ("emails[type eq \"home\"].value", "b@x"),
            ("emails[type eq \"home\"].type", "home"),
            ("roles[value eq \"admin\"].value", "admin"),
            ("tags", "x"),
            ("tags", "y"),
            ("urn:x:2.0:User:department", "Payments"),
            ("urn:x:2.0:User:manager.value", "7"),
        ];
        assert_eq!(lines, expected.map(|(path, value)| (path.to_owned(), value.to_owned())));
    }

    #[test]
    fn order_and_what_is_quiet_are_no_difference() {
        let before = json!({"id": "1", "userName": "a", "emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}], "meta": {"version": "1"}});
        let after = json!({"userName": "a", "emails": [{"type": "home", "value": "b@x"}, {"type": "work", "value": "a@x"}], "id": "1", "meta": {"version": "2"}});
        let is_frame = |line: &Line<'_>| line.path.starts_with("meta.");
        assert_eq!(differences(&before, &after, is_frame), []);
        assert_eq!(differences(&before, &after, |_| false).len(), 1);
    }

    #[test]
    fn differences_are_told_attribute_by_attribute() {
        let before = json!({"userName": "a", "title": "Clerk", "tags": ["x", "y"]});
        let after = json!({"userName": "b", "nickName": "Bee", "tags": ["y", "z"]});
        let told: Vec<_> = differences(&before, &after, |_| false)
            .into_iter()
            .map(|d| (d.kind, d.path, d.before, d.after))
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            vec![
                (ChangeKind::Set, "nickName".into(), None, some("Bee")),
                (ChangeKind::Cleared, "tags".into(), some("x"), None),
                (ChangeKind::Set, "tags".into(), None, some("z")),
                (ChangeKind::Cleared, "title".into(), some("Clerk"), None),
                (ChangeKind::Changed, "userName".into(), some("a"), some("b")),
            ]
        );
    }
}
