//! Exports of the access map: its rows, the matrix, who can restore, and drawings.

use std::path::Path;

use serde::Serialize;
use serde_json::{Map as Object, Value};

use super::{csv, json, target, write};
use crate::Error;
use crate::directory::SourceFacts;
use crate::map::{Map, TableList};
use crate::view::{AccessRow, ExportDone, ExportFormat, MapFormat, MapQuery, MatrixWindow, NodeRef, RestoreRow};

/// The columns of a row of the map.
const COLUMNS: &[&str] = &[
    "identity",
    "identityId",
    "source",
    "via",
    "role",
    "scope",
    "scopeKind",
    "scopeId",
    "state",
    "privileged",
    "canRestore",
];
/// The columns of a row of who can restore.
const RESTORE_COLUMNS: &[&str] = &[
    "identity",
    "identityId",
    "source",
    "accountType",
    "vault",
    "vaultId",
    "role",
    "scope",
    "by",
    "state",
    "meant",
    "dormant",
];
/// Rows and columns of the matrix that are asked for at once.
const WINDOW: u32 = 200;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    identity: String,
    identity_id: String,
    source: String,
    via: String,
    role: String,
    scope: String,
    scope_kind: String,
    scope_id: String,
    state: Value,
    privileged: bool,
    can_restore: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RestoreLine {
    identity: String,
    identity_id: String,
    source: String,
    account_type: Value,
    vault: String,
    vault_id: String,
    role: String,
    scope: String,
    by: String,
    state: Value,
    meant: Option<bool>,
    dormant: Option<String>,
}

fn source(sources: &[SourceFacts], node: &NodeRef) -> String {
    let found = sources.iter().find(|source| source.id == node.source);
    found.map_or_else(|| node.source.to_string(), |source| source.name.clone())
}

fn word(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn line(row: AccessRow, sources: &[SourceFacts]) -> Line {
    Line {
        source: source(sources, &row.role),
        identity: row.identity.name,
        identity_id: row.identity.id,
        via: row.via.into_iter().map(|group| group.name).collect::<Vec<_>>().join(" → "),
        role: row.role.name,
        scope: row.scope.name,
        scope_kind: row.scope.sort,
        scope_id: row.scope.id,
        state: word(row.state),
        privileged: row.privileged,
        can_restore: row.can_restore,
    }
}

fn restore_line(row: RestoreRow, sources: &[SourceFacts]) -> RestoreLine {
    RestoreLine {
        source: source(sources, &row.role),
        identity: row.identity.name,
        identity_id: row.identity.id,
        account_type: word(row.account_type),
        vault: row.vault.name,
        vault_id: row.vault.id,
        role: row.role.name,
        scope: row.scope.name,
        by: row.by,
        state: word(row.state),
        meant: row.meant,
        dormant: row.dormant,
    }
}

fn format_of(format: MapFormat) -> ExportFormat {
    match format {
        MapFormat::Json => ExportFormat::Json,
        MapFormat::Csv | MapFormat::Svg => ExportFormat::Csv,
    }
}

/// Writes the rows of the map.
///
/// # Errors
/// When the file cannot be written.
pub fn rows(list: &TableList<'_>, sources: &[SourceFacts], format: MapFormat, path: &Path) -> Result<ExportDone, Error> {
    let lines = list.rows(0).map(|row| line(row, sources));
    write(lines, sources, COLUMNS, format_of(format), path)
}

/// Writes who can restore.
///
/// # Errors
/// When the file cannot be written.
pub fn restore(map: &Map, meant: &[String], sources: &[SourceFacts], format: MapFormat, path: &Path) -> Result<ExportDone, Error> {
    let mut lines = Vec::new();
    loop {
        let page = map.who_can_restore(meant, lines.len() as u32, 500)?;
        let more = page.rows.len();
        lines.extend(page.rows.into_iter().map(|row| restore_line(row, sources)));
        if more == 0 || lines.len() as u32 >= page.total {
            break;
        }
    }
    write(lines.into_iter(), sources, RESTORE_COLUMNS, format_of(format), path)
}

/// Writes the whole matrix: a row per group, a column per role; in each cell how, and how many people.
///
/// # Errors
/// When the file cannot be written.
pub fn matrix(map: &Map, query: &MapQuery, format: MapFormat, path: &Path) -> Result<ExportDone, Error> {
    let window = |row, column| MatrixWindow {
        row,
        rows: WINDOW,
        column,
        columns: WINDOW,
    };
    let first = map.matrix(query, &window(0, 0));
    let mut names: Vec<String> = Vec::new();
    for column in (0..first.roles_total).step_by(WINDOW as usize) {
        let roles = map
            .matrix(
                query,
                &MatrixWindow {
                    rows: 0,
                    ..window(0, column)
                },
            )
            .roles;
        names.extend(roles.into_iter().map(|role| role.role.name));
    }
    // Two roles of one name are two columns.
    let mut seen = std::collections::HashMap::<String, u32>::new();
    for name in &mut names {
        let count = seen.entry(name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            *name = format!("{name} ({count})");
        }
    }
    let mut lines: Vec<Object<String, Value>> = Vec::new();
    for row in (0..first.groups_total).step_by(WINDOW as usize) {
        let start = lines.len();
        for column in (0..first.roles_total).step_by(WINDOW as usize) {
            for (at, group) in map.matrix(query, &window(row, column)).groups.into_iter().enumerate() {
                if column == 0 {
                    let mut line = Object::new();
                    line.insert("group".into(), group.group.name.into());
                    line.insert("people".into(), group.people.into());
                    lines.push(line);
                }
                let Some(line) = lines.get_mut(start + at) else { continue };
                for (cell, name) in group.cells.iter().zip(&names[column as usize..]) {
                    let how = word(cell.how);
                    let how = how.as_str().unwrap_or_default();
                    let text = match (how, cell.people) {
                        ("empty", _) => String::new(),
                        (how, 0) => how.to_owned(),
                        (how, people) => format!("{how} {people}"),
                    };
                    line.insert(name.clone(), text.into());
                }
            }
        }
    }
    let columns: Vec<&str> = ["group", "people"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let count = lines.len() as u64;
    let written = target::replace(path, |file| match format_of(format) {
        ExportFormat::Csv => csv::write(file, lines.into_iter(), &[], &columns),
        ExportFormat::Json => json::write(file, lines.into_iter(), &[], &columns),
    });
    done(written, count, path)
}

/// Writes bytes as they are.
///
/// # Errors
/// When the file cannot be written.
pub fn bytes(bytes: &[u8], path: &Path) -> Result<ExportDone, Error> {
    done(target::replace(path, |file| file.write_all(bytes)), 0, path)
}

fn done(written: std::io::Result<u64>, rows: u64, path: &Path) -> Result<ExportDone, Error> {
    let path = path.display().to_string();
    match written {
        Ok(bytes) => Ok(ExportDone { path, rows, bytes }),
        Err(source) => Err(Error::File { path, source }),
    }
}
