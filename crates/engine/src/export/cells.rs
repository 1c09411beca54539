//! Values as cells of a spreadsheet, made harmless.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break, or with the full-width form of one of these signs, is
//! run as a formula by some spreadsheet programs. Such a cell gets an apostrophe before it, which they take as "this is text"
//! (OWASP, CSV injection). White space before the sign does not help, so it is looked past. Numbers that we write ourselves
//! are never negative and need nothing.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::directory::SourceFacts;
use crate::view::Privilege;

/// A text that no spreadsheet runs.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let begins = |letter: char| {
        matches!(
            letter,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠' | '\u{2212}' | '﹢' | '﹣' | '﹦' | '﹫'
        )
    };
    let seen = text.trim_start_matches(|letter: char| {
        letter.is_whitespace() && !matches!(letter, '\t' | '\r' | '\n')
            || letter.is_control() && !matches!(letter, '\t' | '\r' | '\n')
            || matches!(letter, '\u{feff}' | '\u{200b}')
    });
    if seen.starts_with(begins) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The names of the columns: `slots` becomes one column per source, with the source's name.
pub fn head<'a>(columns: &[&'a str], sources: &'a [SourceFacts]) -> Vec<&'a str> {
    let names = |column: &&'a str| {
        if *column == "slots" {
            sources.iter().map(|source| source.name.as_str()).collect()
        } else {
            vec![*column]
        }
    };
    columns.iter().flat_map(names).collect()
}

/// A row's cells under that head.
pub fn row(row: &Map<String, Value>, columns: &[&str], sources: &[SourceFacts]) -> Vec<String> {
    let mut cells = Vec::with_capacity(columns.len() + sources.len());
    for column in columns {
        match (*column, row.get(*column)) {
            ("slots", slots) => cells.extend(sources.iter().map(|source| slot(slots, source))),
            (super::PRIVILEGE, Some(told @ Value::Object(_))) => {
                cells.push(Privilege::deserialize(told).map(|told| told.in_words()).unwrap_or_default());
            }
            ("changedAt", Some(Value::Number(millis))) => cells.push(millis.as_i64().map(time).unwrap_or_default()),
            (_, Some(Value::String(text))) => cells.push(text.clone()),
            (_, Some(value @ (Value::Number(_) | Value::Bool(_)))) => cells.push(value.to_string()),
            _ => cells.push(String::new()),
        }
    }
    cells
}

/// What a source says: its state, and marks after it.
fn slot(slots: Option<&Value>, source: &SourceFacts) -> String {
    let found = slots
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|slot| slot.get("source").and_then(Value::as_i64) == Some(source.id));
    let Some(slot) = found else { return String::new() };
    let mut cell = slot.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
    for mark in ["differs", "unconfirmed"] {
        if slot.get(mark) == Some(&Value::Bool(true)) {
            cell.push_str(", ");
            cell.push_str(mark);
        }
    }
    cell
}

/// A time as RFC 3339 has it, in UTC.
pub fn time(millis: i64) -> String {
    jiff::Timestamp::from_millisecond(millis)
        .map(|time| time.to_string())
        .unwrap_or_default()
}
