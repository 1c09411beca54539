//! `cargo xtask`: set-up, run, test, check, types, bench, shots.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::run::Run;
use xtask::shots::Shots;
use xtask::suite::Test;
use xtask::{Outcome, suite, types};

/// The tasks of this repository. Each installs what it needs and no more.
#[derive(Parser)]
#[command(name = "cargo xtask", version)]
struct Tasks {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the system needs for all tasks (each task does it for itself as well).
    Setup,
    /// Open the real window on the demo company.
    Run(Run),
    /// Everything that a change must pass.
    Test(Test),
    /// The quick part of it: format, lints, rules, unit tests.
    Check,
    /// Write the window's types anew.
    Types,
    /// Measure, each figure as a ratio.
    Bench {
        /// Handed on (`--json`, names of figures).
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Take pictures of every screen.
    Shots(Shots),
}

fn main() -> ExitCode {
    let outcome: Outcome<bool> = match Tasks::parse().task {
        Task::Setup => suite::set_up().map(|()| true),
        Task::Run(run) => xtask::run::run(&run).map(|()| true),
        Task::Test(test) => suite::test(&test),
        Task::Check => suite::check(),
        Task::Types => types::write().map(|word| {
            xtask::steps::say(&word);
            true
        }),
        Task::Bench { args } => suite::bench(&args).map(|()| true),
        Task::Shots(shots) => xtask::shots::take(&shots).map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}
