//! Exports: what a list shows, as CSV or JSON, written whole or not at all.
//!
//! Rows are made and written one by one into a file beside the target, which takes the target's place at the end. A row
//! holds what People or Groups shows: no documents, nothing secret.

pub mod access;
pub mod audit;
mod cells;
mod csv;
pub mod findings;
mod json;
mod target;

use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::Error;
use crate::directory::{GroupList, SourceFacts};
use crate::view::{ExportDone, ExportFormat};

/// The columns of People, in the order of the row's fields.
pub const PEOPLE_COLUMNS: &[&str] = &[
    "key",
    "name",
    "userName",
    "email",
    "title",
    "department",
    "accountType",
    "slots",
    "groups",
    "roles",
    PRIVILEGE,
    "changedAt",
];

/// The column of the most that each may do. Only the access map knows it.
pub const PRIVILEGE: &str = "privilege";

/// The columns of Groups, in the order of the row's fields.
pub const GROUP_COLUMNS: &[&str] = &["key", "name", "slots", "members", "nestedGroups", "people", "parents", "changedAt"];

/// The columns of People that are wanted, by field names of the row; all when none is named.
///
/// # Errors
/// When a column is not known.
pub fn people_columns(columns: &[String]) -> Result<Vec<&'static str>, Error> {
    chosen(columns, PEOPLE_COLUMNS)
}

/// Writes groups. `columns` are field names of the row, in the order wanted; all when empty.
///
/// # Errors
/// When a column is not known, or the file cannot be written.
pub fn groups(
    list: &GroupList<'_>,
    sources: &[SourceFacts],
    columns: &[String],
    format: ExportFormat,
    path: &Path,
) -> Result<ExportDone, Error> {
    write(list.rows(), sources, &chosen(columns, GROUP_COLUMNS)?, format, path)
}

fn chosen<'c>(columns: &[String], known: &[&'c str]) -> Result<Vec<&'c str>, Error> {
    if columns.is_empty() {
        return Ok(known.to_vec());
    }
    let find = |column: &String| {
        let found = known.iter().copied().find(|name| name.eq_ignore_ascii_case(column));
        found.ok_or_else(|| Error::Input {
            field: "columns",
            problem: format!("there is no column “{column}”; there are {}", known.join(", ")),
        })
    };
    columns.iter().map(find).collect()
}

/// Writes rows, with these columns.
///
/// # Errors
/// When the file cannot be written.
pub fn write<R: Serialize>(
    rows: impl Iterator<Item = R>,
    sources: &[SourceFacts],
    columns: &[&str],
    format: ExportFormat,
    path: &Path,
) -> Result<ExportDone, Error> {
    let failed = |source: std::io::Error| Error::File {
        path: path.display().to_string(),
        source,
    };
    let mut count = 0u64;
    let rows = rows.map(|row| {
        count += 1;
        match serde_json::to_value(row) {
            Ok(Value::Object(row)) => row,
            _ => Map::new(),
        }
    });
    let bytes = target::replace(path, |file| match format {
        ExportFormat::Csv => csv::write(file, rows, sources, columns),
        ExportFormat::Json => json::write(file, rows, sources, columns),
    })
    .map_err(failed)?;
    Ok(ExportDone {
        path: path.display().to_string(),
        rows: count,
        bytes,
    })
}

#[cfg(test)]
mod tests;
