//! Licences of everything that is built in or with, against the list in `deny.toml`; advisories where a database of them is at hand.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use spdx::{Expression, ParseMode};

use crate::{Failure, Outcome, place, proc, rules};

/// Licences that only tools of the user interface's build may have: none of their code is shipped.
const TOOLS_ONLY: [&str; 4] = ["CC-BY-4.0", "CC-BY-3.0", "Python-2.0", "BlueOak-1.0.0"];

/// `deny.toml`, as far as it is used.
#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

/// A package of npm, as far as it is used.
#[derive(Deserialize)]
struct NpmPackage {
    name: Option<String>,
    version: Option<String>,
    license: Option<serde_json::Value>,
}

/// Checks the licences of all crates and npm packages.
///
/// # Errors
/// With every package whose licence is not on the list.
pub fn check() -> Outcome<String> {
    let path = place::root().join("deny.toml");
    let text = fs::read_to_string(&path).map_err(Failure::file(&path))?;
    let deny: Deny = toml::from_str(&text).map_err(|error| Failure::Unreadable {
        what: path.display().to_string(),
        why: error.to_string(),
    })?;
    let allow: Vec<&str> = deny.licenses.allow.iter().map(String::as_str).collect();
    let mut wrong = Vec::new();

    let metadata = rules::metadata()?;
    for package in &metadata.packages {
        if let Err(why) = is_allowed(package.license.as_deref().unwrap_or_default(), &allow) {
            wrong.push(format!("crate {} {}: {why}", package.name, package.version));
        }
    }
    let with_tools: Vec<&str> = allow.iter().copied().chain(TOOLS_ONLY).collect();
    let mut npm = Vec::new();
    npm_packages(&place::root().join("ui/node_modules"), &mut npm)?;
    for (file, package) in &npm {
        let licence = package
            .license
            .as_ref()
            .and_then(|licence| licence.as_str().or_else(|| licence.get("type")?.as_str()));
        if let Err(why) = is_allowed(licence.unwrap_or_default(), &with_tools) {
            wrong.push(format!(
                "npm {} {} ({}): {why}",
                package.name.as_deref().unwrap_or("?"),
                package.version.as_deref().unwrap_or("?"),
                file.display()
            ));
        }
    }
    if wrong.is_empty() {
        Ok(format!("{} crates, {} npm packages", metadata.packages.len(), npm.len()))
    } else {
        Err(Failure::Broken(wrong))
    }
}

/// Asks cargo-deny, where it is installed and has its database; else says plainly that advisories were not evaluated.
///
/// # Errors
/// When cargo-deny finds something.
pub fn advisories(log: &Path) -> Outcome<String> {
    if place::on_path("cargo-deny").is_none() {
        return Ok("NOT EVALUATED: cargo-deny is not installed here".into());
    }
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    if !home.is_some_and(|home| ["advisory-dbs", "advisory-db"].iter().any(|name| home.join(name).is_dir())) {
        proc::run(
            proc::cargo(["deny", "--offline", "check", "bans", "licenses", "sources"]),
            Some(log),
        )?;
        return Ok("bans, licences and sources; advisories NOT EVALUATED: no database here".into());
    }
    proc::run(proc::cargo(["deny", "--offline", "check"]), Some(log))?;
    Ok("bans, licences, sources, advisories".into())
}

/// Whether an SPDX expression can be met with the licences on the list.
fn is_allowed(expression: &str, allow: &[&str]) -> Result<(), String> {
    if expression.is_empty() {
        return Err("no licence is given".into());
    }
    let parsed =
        Expression::parse_mode(expression, ParseMode::LAX).map_err(|error| format!("“{expression}” cannot be read: {}", error.reason))?;
    let met = parsed.evaluate(|wanted| {
        let name = wanted.license.to_string();
        let exception = wanted.addition.as_ref().map(ToString::to_string);
        let whole = exception.map_or(name.clone(), |exception| format!("{name} WITH {exception}"));
        allow.iter().any(|allowed| *allowed == whole || *allowed == name)
    });
    if met {
        Ok(())
    } else {
        Err(format!("“{expression}” is not on the list of deny.toml"))
    }
}

/// Every package under a `node_modules`.
fn npm_packages(folder: &Path, found: &mut Vec<(PathBuf, NpmPackage)>) -> Outcome {
    for entry in folder.read_dir().map_err(Failure::file(folder))? {
        let path = entry.map_err(Failure::file(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !path.is_dir() || name.starts_with('.') {
            continue;
        }
        if name.starts_with('@') {
            npm_packages(&path, found)?;
            continue;
        }
        let manifest = path.join("package.json");
        if let Ok(text) = fs::read_to_string(&manifest) {
            let package = serde_json::from_str(&text).map_err(|error| Failure::Unreadable {
                what: manifest.display().to_string(),
                why: error.to_string(),
            })?;
            found.push((manifest, package));
        }
        let inner = path.join("node_modules");
        if inner.is_dir() {
            npm_packages(&inner, found)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    //! Licence expressions against a list.

    use super::is_allowed;

    #[test]
    fn expressions() {
        let allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"];
        for good in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "MIT/Apache-2.0",
            "(MIT AND Apache-2.0)",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert_eq!(is_allowed(good, &allow), Ok(()), "{good}");
        }
        for bad in ["", "GPL-3.0-only", "MIT AND GPL-2.0-only", "SEE LICENSE IN FILE"] {
            assert!(is_allowed(bad, &allow).is_err(), "{bad}");
        }
    }
}
