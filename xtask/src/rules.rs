//! Who may import whom: the crates' walls out of Cargo's own metadata, the rooms of the engine out of its source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Failure, Outcome, place, proc, ui};

/// Which of our crates each of our crates may import. The tests may import all.
const MAY_IMPORT: [(&str, &[&str]); 8] = [
    ("lanyard-scim", &[]),
    ("lanyard-access", &[]),
    ("lanyard-engine", &["lanyard-access", "lanyard-scim"]),
    // The other side of the wire: it must not share the engine's mistakes.
    ("lanyard-lab", &["lanyard-scim"]),
    ("lanyard-cli", &["lanyard-engine", "lanyard-lab"]),
    ("lanyard-window", &["lanyard-engine"]),
    ("xtask", &[]),
    (
        "lanyard-tests",
        &["lanyard-scim", "lanyard-access", "lanyard-engine", "lanyard-lab", "xtask"],
    ),
];

/// Crates that do I/O or know the window, and those of ours that must not import them.
const NOT_FOR: [(&str, &[&str]); 7] = [
    (
        "tauri",
        &["lanyard-scim", "lanyard-access", "lanyard-engine", "lanyard-lab", "lanyard-cli"],
    ),
    ("tokio", &["lanyard-scim", "lanyard-access"]),
    ("reqwest", &["lanyard-scim", "lanyard-access", "lanyard-window", "lanyard-cli"]),
    (
        "rusqlite",
        &["lanyard-scim", "lanyard-access", "lanyard-window", "lanyard-cli", "lanyard-lab"],
    ),
    (
        "keyring",
        &["lanyard-scim", "lanyard-access", "lanyard-window", "lanyard-cli", "lanyard-lab"],
    ),
    ("axum", &["lanyard-scim", "lanyard-access", "lanyard-engine", "lanyard-window"]),
    ("clap", &["lanyard-scim", "lanyard-access", "lanyard-engine"]),
];

/// Folders of source that must not name a path, and why.
const ROOMS: [(&str, &[&str], &str); 4] = [
    (
        "crates/engine/src/sources",
        &["crate::store", "crate::{store", "crate::sync", "crate::directory"],
        "sources know no store",
    ),
    (
        "crates/engine/src/store",
        &["crate::sources", "crate::{sources", "crate::sync", "crate::directory"],
        "the store knows no source",
    ),
    (
        "crates/scim/src",
        &["std::fs", "std::net", "SystemTime", "Instant::now"],
        "the vocabulary does no I/O and has no clock",
    ),
    (
        "crates/access/src",
        &["std::fs", "std::net", "SystemTime", "Instant::now"],
        "the graph does no I/O and has no clock",
    ),
];

/// Cargo's metadata, as far as it is used.
#[derive(Deserialize)]
pub struct Metadata {
    /// All packages.
    pub packages: Vec<Package>,
    /// Which of them are ours.
    pub workspace_members: BTreeSet<String>,
}

/// A package.
#[derive(Deserialize)]
pub struct Package {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence, as an SPDX expression.
    pub license: Option<String>,
    /// What it imports directly.
    pub dependencies: Vec<Dependency>,
}

/// A direct import.
#[derive(Deserialize)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// `dev`, `build`, or none for a plain one.
    pub kind: Option<String>,
}

/// Cargo's metadata of the whole workspace.
///
/// # Errors
/// When Cargo cannot tell.
pub fn metadata() -> Outcome<Metadata> {
    let output = proc::read(proc::cargo(["metadata", "--format-version", "1", "--locked", "--quiet"]))?;
    serde_json::from_slice(&output).map_err(|error| Failure::Unreadable {
        what: "cargo's metadata".into(),
        why: error.to_string(),
    })
}

/// Checks all rules.
///
/// # Errors
/// With every breach found.
pub fn check() -> Outcome<String> {
    let metadata = metadata()?;
    let mut breaches = walls(&metadata);
    for (room, names, why) in ROOMS {
        breaches.extend(rooms(&place::root(), room, names, why)?);
    }
    if breaches.is_empty() {
        return Ok(format!("{} crates, {} rooms", metadata.workspace_members.len(), ROOMS.len()));
    }
    Err(Failure::Broken(breaches))
}

/// Breaches of the crates' walls.
fn walls(metadata: &Metadata) -> Vec<String> {
    let mut breaches = Vec::new();
    let ours: Vec<&Package> = metadata
        .packages
        .iter()
        .filter(|package| metadata.workspace_members.contains(&package.id))
        .collect();
    for package in &ours {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == package.name) else {
            breaches.push(format!("{} has no place in the house: add it to xtask/src/rules.rs", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            if ours.iter().any(|other| other.name == dependency.name) && !allowed.contains(&dependency.name.as_str()) {
                breaches.push(format!("{} must not import {}", package.name, dependency.name));
            }
            let plain = dependency.kind.is_none();
            if plain
                && NOT_FOR
                    .iter()
                    .any(|(name, not)| *name == dependency.name && not.contains(&package.name.as_str()))
            {
                breaches.push(format!("{} must not import {}", package.name, dependency.name));
            }
        }
    }
    breaches
}

/// Breaches of a room's walls: lines of code, comments left out, that name what they must not.
fn rooms(root: &Path, room: &str, names: &[&str], why: &str) -> Outcome<Vec<String>> {
    let mut files = BTreeSet::<PathBuf>::new();
    ui::collect(&root.join(room), &mut files)?;
    let mut breaches = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|ext| ext == "rs")) {
        let text = fs::read_to_string(file).map_err(Failure::file(file))?;
        for (number, line) in text.lines().enumerate() {
            if let Some(name) = names.iter().find(|name| names_path(line, name)) {
                let shown = file.strip_prefix(root).unwrap_or(file).display();
                breaches.push(format!("{shown}:{} names {name}: {why}", number + 1));
            }
        }
    }
    Ok(breaches)
}

/// Whether a line of code names a path, as a whole word.
fn names_path(line: &str, name: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(name)
        .any(|(at, _)| !code[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_'))
}

#[cfg(test)]
mod tests {
    //! The rules see a breach.

    use super::{Metadata, names_path, walls};

    #[test]
    fn a_line_names_a_path() {
        assert!(names_path("use crate::store::Cache;", "crate::store"));
        assert!(names_path("    let x = crate::store::open();", "crate::store"));
        assert!(!names_path("// see crate::store::Cache", "crate::store"));
        assert!(!names_path("let y = my_crate::store::it();", "crate::store"));
    }

    #[test]
    fn walls_see_who_imports_whom() {
        let metadata: Metadata = serde_json::from_str(
            r#"{"workspace_members":["a","b","c"],"packages":[
              {"id":"a","name":"lanyard-lab","version":"0.1.0","license":null,"dependencies":[{"name":"lanyard-engine","kind":"dev"}]},
              {"id":"b","name":"lanyard-engine","version":"0.1.0","license":null,"dependencies":[{"name":"tauri","kind":null},{"name":"lanyard-scim","kind":null}]},
              {"id":"c","name":"lanyard-scim","version":"0.1.0","license":null,"dependencies":[]}]}"#,
        )
        .expect("metadata");
        assert_eq!(
            walls(&metadata),
            ["lanyard-lab must not import lanyard-engine", "lanyard-engine must not import tauri"]
        );
    }
}
