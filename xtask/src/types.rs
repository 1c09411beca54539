//! The window's types: written out of Rust into `ui/src/ipc/types`, and checked in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, Outcome, place, proc};

/// Where they are checked in, from the root.
const CHECKED_IN: &str = "ui/src/ipc/types";

/// Where a run of all tests writes them, to be compared.
pub fn fresh_folder() -> PathBuf {
    place::scratch().join("types")
}

/// Tells a program that writes types (a test made by ts-rs) where to, and how Cargo's own settings of this repository say.
///
/// # Errors
/// When those settings cannot be read.
pub fn set_environment(command: &mut Command) -> Outcome {
    let path = place::root().join(".cargo/config.toml");
    let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
    let unreadable = |error: toml::de::Error| Failure::Unreadable {
        what: path.display().to_string(),
        why: error.to_string(),
    };
    let config: toml::Table = toml::from_str(&text).map_err(unreadable)?;
    for (name, value) in config.get("env").and_then(toml::Value::as_table).into_iter().flatten() {
        if let Some(value) = value.as_str() {
            command.env(name, value);
        }
    }
    command.env("TS_RS_EXPORT_DIR", fresh_folder());
    Ok(())
}

/// Empties the folder that the tests write into.
///
/// # Errors
/// When it cannot be emptied.
pub fn clear() -> Outcome {
    let folder = fresh_folder();
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Failure::file(&folder))?;
    }
    fs::create_dir_all(&folder).map_err(Failure::file(&folder))
}

/// Writes the types anew into the user interface, and deletes those that no longer exist.
///
/// # Errors
/// When the tests that write them fail.
pub fn write() -> Outcome<String> {
    clear()?;
    let mut command = proc::cargo(["test", "--quiet", "-p", "lanyard-engine", "-p", "lanyard-window", "export_bindings"]);
    set_environment(&mut command)?;
    proc::run(command, Some(&place::scratch().join("types.log")))?;
    let (fresh, old) = (read(&fresh_folder())?, read(&place::root().join(CHECKED_IN))?);
    let home = place::root().join(CHECKED_IN);
    for (name, text) in &fresh {
        let path = home.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(Failure::file(folder))?;
        }
        if old.get(name) != Some(text) {
            fs::write(&path, text).map_err(Failure::file(&path))?;
        }
    }
    for name in old.keys().filter(|name| !fresh.contains_key(*name)) {
        let path = home.join(name);
        fs::remove_file(&path).map_err(Failure::file(&path))?;
    }
    Ok(format!("{} types", fresh.len()))
}

/// Compares what the tests have just written with what is checked in.
///
/// # Errors
/// When they differ; it says which.
pub fn compare() -> Outcome<String> {
    let (fresh, old) = (read(&fresh_folder())?, read(&place::root().join(CHECKED_IN))?);
    let differences = differences(&fresh, &old);
    if fresh.is_empty() {
        return Err(Failure::Broken(vec![
            "no types were written: the tests that write them did not run".into(),
        ]));
    }
    if differences.is_empty() {
        return Ok(format!("{} types", fresh.len()));
    }
    Err(Failure::Broken(
        differences
            .into_iter()
            .chain(["run `cargo xtask types` and commit".to_owned()])
            .collect(),
    ))
}

/// Names of files, with what is the matter with them.
fn differences(fresh: &BTreeMap<String, String>, old: &BTreeMap<String, String>) -> Vec<String> {
    let stale = fresh
        .iter()
        .filter(|(name, text)| old.get(*name) != Some(text))
        .map(|(name, _)| format!("{CHECKED_IN}/{name} is stale"));
    let extra = old
        .keys()
        .filter(|name| !fresh.contains_key(*name))
        .map(|name| format!("{CHECKED_IN}/{name} has no type in Rust"));
    stale.chain(extra).collect()
}

/// The files of a folder, by name relative to it.
fn read(folder: &Path) -> Outcome<BTreeMap<String, String>> {
    let mut files = std::collections::BTreeSet::new();
    crate::ui::collect(folder, &mut files)?;
    let mut texts = BTreeMap::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        texts.insert(name, fs::read_to_string(&file).map_err(Failure::file(&file))?);
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    //! What counts as stale.

    use super::differences;

    #[test]
    fn stale_missing_and_left_over() {
        let of = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let found = differences(&of(&[("A.ts", "1"), ("B.ts", "2")]), &of(&[("A.ts", "0"), ("C.ts", "3")]));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(differences(&of(&[("A.ts", "1")]), &of(&[("A.ts", "1")])).is_empty());
    }
}
