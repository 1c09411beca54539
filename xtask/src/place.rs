//! Where things are: the workspace, its target folder, the programs that it builds.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};

/// The workspace's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The folder of a program's build.
pub fn bin_dir(release: bool) -> PathBuf {
    target().join(if release { "release" } else { "debug" })
}

/// A program of this workspace, as built.
pub fn bin(release: bool, name: &str) -> PathBuf {
    bin_dir(release).join(format!("{name}{EXE_SUFFIX}"))
}

/// A folder for what the tasks keep between runs: stamps, logs, types to compare.
pub fn scratch() -> PathBuf {
    target().join("xtask")
}

/// Where tools are installed that this repository needs and the system has not.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// A program found by its name in `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|dir| dir.join(format!("{name}{EXE_SUFFIX}")))
        .find(|file| file.is_file())
}
