//! Building the programs that the window's runs and tests need.

use std::env;
use std::path::{Path, PathBuf};

use crate::setup::{self, Need};
use crate::{Outcome, place, proc, ui};

/// The variable by which `cargo xtask test` tells the tests of the window that the programs are built already, and where.
pub const BUILT: &str = "LANYARD_BUILT";

/// Builds the user interface, the window and `lanyard`; gives the folder that they are in.
///
/// # Errors
/// When something is missing or does not build.
pub fn programs(release: bool) -> Outcome<PathBuf> {
    if let Some(folder) = env::var_os(BUILT) {
        return Ok(PathBuf::from(folder));
    }
    setup::ensure(&[Need::Compiler, Need::WindowLibraries])?;
    ui::build(None)?;
    let mut args = vec!["build", "-p", "lanyard-cli", "-p", "lanyard-window"];
    if release {
        args.push("--release");
    }
    proc::run(proc::cargo(args), None)?;
    Ok(place::bin_dir(release))
}

/// Builds every target of the workspace at once: the same features for all, so that nothing is built twice.
///
/// # Errors
/// When something does not build.
pub fn everything(log: &Path) -> Outcome<String> {
    proc::run(proc::cargo(["build", "--workspace", "--all-targets"]), Some(log))?;
    Ok(String::new())
}
