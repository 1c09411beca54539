//! `cargo xtask shots`: pictures of every screen of the real window, light and dark, in two sizes.

use std::path::PathBuf;

use crate::setup::{self, Need};
use crate::{Outcome, build, place, proc};

/// Which pictures to take.
#[derive(Clone, Debug, clap::Args)]
pub struct Shots {
    /// The folder to write them into.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// How many people the demo company has.
    #[arg(long, value_name = "N")]
    people: Option<u32>,
    /// Only screens whose name contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

/// Takes the pictures.
///
/// # Errors
/// When something is missing, does not build, or a screen does not show.
pub fn take(shots: &Shots) -> Outcome {
    setup::ensure(&[Need::Desk, Need::Driver, Need::Fonts])?;
    let programs = build::programs(false)?;
    let into = shots.into.clone().unwrap_or_else(|| place::target().join("shots"));
    let mut command = proc::cargo(["run", "--quiet", "-p", "lanyard-tests", "--example", "shots", "--"]);
    command.arg(into).env(build::BUILT, programs);
    if let Some(people) = shots.people {
        command.env("LANYARD_SHOTS_PEOPLE", people.to_string());
    }
    if let Some(only) = &shots.only {
        command.env("LANYARD_SHOTS_ONLY", only);
    }
    proc::run(command, None)
}
