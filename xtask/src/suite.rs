//! `cargo xtask test` and `cargo xtask check`: the steps, in the order in which a failure is soonest seen.

use std::fs;

use crate::rust_tests::{self, TestProgram};
use crate::setup::{self, Need};
use crate::steps::Steps;
use crate::{Failure, Outcome, build, licences, place, proc, rules, types, ui};

/// Which steps to take.
#[derive(Clone, Debug, clap::Args)]
pub struct Test {
    /// Without the real window, without the peers, and without what needs a desk with a keychain.
    #[arg(long)]
    quick: bool,
    /// Only these steps (by name; as often as needed).
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
}

/// The name of the test program of the real window.
const WINDOW_TESTS: &str = "e2e";
/// The name of the engine's own tests, those of the keychain among them.
const ENGINE_TESTS: &str = "lanyard_engine";
/// The name of the test program in which some tests need a desk with a keychain: those of rotations.
const INTEGRATION_TESTS: &str = "integration";
/// Those of it.
const ROTATIONS: [&str; 2] = ["rotation::", "kill_rotations::"];
/// All but those.
const NO_ROTATIONS: [&str; 4] = ["--skip", ROTATIONS[0], "--skip", ROTATIONS[1]];
/// How the names of the test programs begin that start servers nobody here wrote.
const PEER_TESTS: &str = "peers";

/// Everything. Gives whether all is good.
///
/// # Errors
/// When not even the steps can be begun.
pub fn test(test: &Test) -> Outcome<bool> {
    let mut steps = Steps::new(test.only.clone())?;
    let quick = test.quick;
    steps.take("set-up", &[], |_| {
        let mut needs = vec![Need::Compiler, Need::WindowLibraries];
        if !quick {
            needs.extend([Need::Desk, Need::Driver, Need::Peers]);
        }
        setup::ensure(&needs).map(|()| String::new())
    });
    still(&mut steps);
    steps.take("clippy", &["ui build"], |log| {
        proc::run(
            proc::cargo(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]),
            Some(log),
        )?;
        Ok(String::new())
    });
    steps.take("build", &["ui build"], build::everything);

    let mut programs = Vec::new();
    steps.take("test programs", &["build"], |_| {
        types::clear()?;
        programs = rust_tests::list()?;
        Ok(programs.len().to_string())
    });
    let of = |wanted: fn(&TestProgram) -> bool| programs.iter().filter(|program| wanted(program)).collect::<Vec<_>>();
    let plain = of(|program| program.name != WINDOW_TESTS && !program.name.starts_with(PEER_TESTS));
    steps.take("rust tests", &["test programs"], |log| {
        let without_desk = |program: &TestProgram| -> &[&str] { if program.name == INTEGRATION_TESTS { &NO_ROTATIONS } else { &[] } };
        rust_tests::run(&plain, without_desk, log)
    });
    steps.take("documentation", &["build"], rust_tests::documentation);
    steps.take("generated types", &["rust tests"], |_| types::compare());
    if !quick {
        steps.take("keychain", &["test programs"], |log| {
            let engine = programs.iter().find(|program| program.name == ENGINE_TESTS);
            let engine = engine.ok_or_else(|| Failure::Broken(vec!["the engine has no tests".into()]))?;
            rust_tests::keychain(engine, log)
        });
        steps.take("rotations", &["test programs"], |log| {
            rust_tests::run(&of(|program| program.name == INTEGRATION_TESTS), |_| &ROTATIONS, log)
        });
        steps.take("real window", &["test programs"], |log| {
            rust_tests::run(&of(|program| program.name == WINDOW_TESTS), |_| &[], log)
        });
        steps.take("peers", &["test programs"], |log| {
            rust_tests::run(&of(|program| program.name.starts_with(PEER_TESTS)), |_| &[], log)
        });
    }
    Ok(steps.finish())
}

/// What can be told without building the Rust side.
fn still(steps: &mut Steps) {
    steps.take("format", &[], |log| {
        proc::run(proc::cargo(["fmt", "--all", "--check", "--", "-l"]), Some(log)).map(|()| String::new())
    });
    steps.take("import rules", &[], |_| rules::check());
    steps.take("ui packages", &[], |log| ui::install(Some(log)));
    steps.take("ui types", &["ui packages"], |log| ui::script("typecheck", Some(log)));
    steps.take("ui lint", &["ui packages"], |log| ui::script("lint", Some(log)));
    steps.take("ui rules", &["ui packages"], |log| ui::script("rules", Some(log)));
    steps.take("ui tests", &["ui packages"], |log| ui::script("test", Some(log)));
    steps.take("ui build", &["ui packages"], |log| ui::build(Some(log)));
    steps.take("licences", &["ui packages"], |_| licences::check());
    steps.take("cargo-deny", &[], licences::advisories);
}

/// The quick ones: format, rules, lints, unit tests. Gives whether all is good.
///
/// # Errors
/// When not even the steps can be begun.
pub fn check() -> Outcome<bool> {
    let mut steps = Steps::new(Vec::new())?;
    steps.take("set-up", &[], |_| {
        setup::ensure(&[Need::Compiler, Need::WindowLibraries]).map(|()| String::new())
    });
    still(&mut steps);
    steps.take("clippy", &["ui build"], |log| {
        proc::run(
            proc::cargo(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]),
            Some(log),
        )?;
        Ok(String::new())
    });
    steps.take("unit tests", &["ui build"], |log| {
        types::clear()?;
        let mut command = proc::cargo(["test", "--workspace", "--lib", "--bins", "--quiet"]);
        types::set_environment(&mut command)?;
        proc::run(command, Some(log)).map(|()| String::new())
    });
    steps.take("generated types", &["unit tests"], |_| types::compare());
    Ok(steps.finish())
}

/// Installs everything that any task needs.
///
/// # Errors
/// When something cannot be installed.
pub fn set_up() -> Outcome {
    setup::ensure(&[
        Need::Compiler,
        Need::WindowLibraries,
        Need::Desk,
        Need::Driver,
        Need::Peers,
        Need::Fonts,
    ])?;
    ui::install(None).map(drop)
}

/// Hands the rest of the command line to the measurements of the tests' package.
///
/// # Errors
/// When they fail.
pub fn bench(args: &[String]) -> Outcome {
    setup::ensure(&[Need::Compiler])?;
    let folder = place::scratch();
    fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
    let mut command = proc::cargo(["bench", "--quiet", "-p", "lanyard-tests", "--bench", "figures", "--"]);
    command.args(args);
    proc::run(command, None)
}
