//! The user interface: its packages, its build, its checks. Work that was done for the same files before is not done again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, str};

use crate::{Failure, Outcome, place, proc};

/// What the build of the user interface is made of, beside `src/`.
const BUILT_FROM: [&str; 6] = [
    "index.html",
    "package-lock.json",
    "vite.config.ts",
    "tsconfig.json",
    "public",
    "src",
];

/// The user interface's folder.
fn folder() -> PathBuf {
    place::root().join("ui")
}

/// Installs its packages, if the lock file is another than the last time.
///
/// # Errors
/// When npm fails.
pub fn install(log: Option<&Path>) -> Outcome<String> {
    let lock = folder().join("package-lock.json");
    let wanted = fs::read(&lock).map_err(Failure::file(&lock))?;
    let stamp = place::scratch().join("package-lock.json");
    if folder().join("node_modules").is_dir() && fs::read(&stamp).is_ok_and(|had| had == wanted) {
        return Ok("as it was".into());
    }
    proc::run(proc::npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"]), log)?;
    keep(&stamp, &wanted)?;
    Ok("installed".into())
}

/// Builds it into `ui/dist`, if anything that it is made of has changed.
///
/// # Errors
/// When its packages cannot be installed or the build fails.
pub fn build(log: Option<&Path>) -> Outcome<String> {
    install(log)?;
    let now = sum(&folder())?;
    let stamp = place::scratch().join("ui.sum");
    if folder().join("dist/index.html").is_file() && fs::read_to_string(&stamp).is_ok_and(|had| had == now) {
        return Ok("as it was".into());
    }
    proc::run(proc::npm(&["run", "--silent", "build"]), log)?;
    keep(&stamp, now.as_bytes())?;
    Ok("built".into())
}

/// Runs one of its scripts (`typecheck`, `lint`, `rules`, `test`).
///
/// # Errors
/// When the script fails.
pub fn script(name: &str, log: Option<&Path>) -> Outcome<String> {
    install(log)?;
    proc::run(proc::npm(&["run", "--silent", name]), log)?;
    Ok(String::new())
}

/// Writes a stamp.
fn keep(stamp: &Path, content: &[u8]) -> Outcome {
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    }
    fs::write(stamp, content).map_err(Failure::file(stamp))
}

/// A number over names and contents of everything that the build is made of (FNV-1a: quick, and nobody tries to fool it).
fn sum(folder: &Path) -> Outcome<String> {
    let mut files = BTreeSet::new();
    for name in BUILT_FROM {
        collect(&folder.join(name), &mut files)?;
    }
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut mix = |bytes: &[u8]| {
        for byte in bytes.iter().chain(&[0xFF]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    for file in files {
        mix(file.to_string_lossy().as_bytes());
        mix(&fs::read(&file).map_err(Failure::file(&file))?);
    }
    Ok(format!("{hash:016x}"))
}

/// Collects the files at and under a path; none where there is nothing.
pub fn collect(path: &Path, files: &mut BTreeSet<PathBuf>) -> Outcome {
    if path.is_file() {
        files.insert(path.to_owned());
    } else if path.is_dir() {
        for entry in path.read_dir().map_err(Failure::file(path))? {
            collect(&entry.map_err(Failure::file(path))?.path(), files)?;
        }
    }
    Ok(())
}
