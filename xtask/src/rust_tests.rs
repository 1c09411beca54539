//! Running the Rust tests: built once, then each test program by itself, so that the tests of the window and of the peers are steps
//! of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::desk::Desk;
use crate::steps::say;
use crate::{Failure, Outcome, build, place, proc, types};

/// A test program.
#[derive(Clone, Debug)]
pub struct TestProgram {
    /// The target's name: the package's library or program, or an integration test.
    pub name: String,
    /// The program.
    pub executable: PathBuf,
    /// The package's folder, in which it is run.
    pub folder: PathBuf,
}

/// A line of Cargo's messages, as far as it is used.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    executable: Option<PathBuf>,
    #[serde(default)]
    manifest_path: PathBuf,
    target: Option<Target>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// Builds all test programs and lists them.
///
/// # Errors
/// When they do not build.
pub fn list() -> Outcome<Vec<TestProgram>> {
    let output = proc::read(proc::cargo(["test", "--workspace", "--no-run", "--quiet", "--message-format=json"]))?;
    let mut programs = Vec::new();
    for line in output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Ok(message) = serde_json::from_slice::<Message>(line) else {
            continue;
        };
        if let (Some(target), Some(executable), true) = (
            message.target,
            message.executable,
            message.profile.is_some_and(|profile| profile.test),
        ) && message.reason == "compiler-artifact"
        {
            let folder = message.manifest_path.parent().unwrap_or(Path::new(".")).to_owned();
            programs.push(TestProgram {
                name: target.name,
                executable,
                folder,
            });
        }
    }
    programs.sort_by(|a, b| (&a.folder, &a.name).cmp(&(&b.folder, &b.name)));
    Ok(programs)
}

/// Runs test programs one after the other, all of them even if one fails, each with its arguments; shows each one's closing line.
///
/// # Errors
/// When one fails, or when there is none.
pub fn run(programs: &[&TestProgram], arguments: impl Fn(&TestProgram) -> &'static [&'static str], log: &Path) -> Outcome<String> {
    let (mut failed, mut passed) = (Vec::new(), 0);
    for program in programs {
        let mut command = Command::new(&program.executable);
        command
            .current_dir(&program.folder)
            .args(arguments(program))
            .env("CARGO_MANIFEST_DIR", &program.folder)
            .env("INSTA_UPDATE", "no");
        command.env(build::BUILT, place::bin_dir(false)).env("RUST_BACKTRACE", "1");
        types::set_environment(&mut command)?;
        let before = length(log);
        let outcome = proc::run(command, Some(log));
        let closing = closing_line(log, before);
        passed += count_passed(&closing);
        say(&format!("     {:22} {closing}", program.name));
        if outcome.is_err() {
            failed.push(format!("failed: {}", program.name));
            failed.extend(reasons(&written(log, before)));
        }
    }
    if !failed.is_empty() {
        return Err(Failure::Broken(failed));
    }
    if passed == 0 {
        return Err(Failure::Broken(vec!["no test ran".into()]));
    }
    Ok(format!("{passed} tests"))
}

/// Runs the tests of the system's keychain, which need one: with an unlocked one of a desk's own, and where there is none.
///
/// # Errors
/// When one fails, or when there is none.
pub fn keychain(engine: &TestProgram, log: &Path) -> Outcome<String> {
    let desk = Desk::open(640, 480)?;
    let mut passed = 0;
    for state in ["1", "none"] {
        let mut command = Command::new(&engine.executable);
        command.current_dir(&engine.folder).args(["secrets::os_tests", "--nocapture"]);
        desk.dress(&mut command);
        if state == "none" {
            let nowhere = format!("unix:path={}", desk.folder().join("no-bus").display());
            command.env("DBUS_SESSION_BUS_ADDRESS", nowhere);
        }
        command.env("LANYARD_TEST_KEYCHAIN", state);
        let before = length(log);
        proc::run(command, Some(log))?;
        let said = written(log, before);
        // With a keychain at hand, a test that passes itself over has tried nothing.
        if state == "1" && said.contains("passed over") {
            return Err(Failure::Broken(vec!["the keychain was not tried".into()]));
        }
        passed += count_passed(&closing_line(log, before));
    }
    if passed == 0 {
        return Err(Failure::Broken(vec!["no test ran".into()]));
    }
    Ok(format!("{passed} tests"))
}

/// Runs the examples in the documentation.
///
/// # Errors
/// When one fails.
pub fn documentation(log: &Path) -> Outcome<String> {
    proc::run(proc::cargo(["test", "--workspace", "--doc", "--quiet"]), Some(log))?;
    Ok(String::new())
}

/// How long a file is.
fn length(file: &Path) -> usize {
    fs::metadata(file).map_or(0, |meta| usize::try_from(meta.len()).unwrap_or(usize::MAX))
}

/// What was written to a log after a place.
fn written(log: &Path, from: usize) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned()
}

/// The tests that failed, each with where it panicked and what it said, out of a test program's output.
fn reasons(said: &str) -> Vec<String> {
    let mut reasons: Vec<String> = said
        .lines()
        .filter(|line| line.starts_with("test ") && line.ends_with("FAILED"))
        .map(str::to_owned)
        .collect();
    let lines: Vec<&str> = said.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("thread '") && line.contains("panicked at") {
            reasons.push((*line).to_owned());
            let said = lines[at + 1..]
                .iter()
                .take_while(|next| !next.starts_with("stack backtrace"))
                .take(6);
            reasons.extend(said.map(|line| format!("  {line}")));
        }
    }
    reasons.truncate(30);
    reasons
}

/// The last `test result` line that was written after a place.
fn closing_line(log: &Path, from: usize) -> String {
    written(log, from)
        .lines()
        .rev()
        .find(|line| line.starts_with("test result:"))
        .unwrap_or("no closing line: it ended early")
        .to_owned()
}

/// How many tests passed, out of a closing line.
fn count_passed(closing: &str) -> u32 {
    let before = closing.split(" passed").next().unwrap_or_default();
    before.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    //! What is read out of a test program's output.

    use super::{count_passed, reasons};

    #[test]
    fn a_failure_is_named_with_what_it_said() {
        let said = "test a::good ... ok\ntest a::bad ... FAILED\n\nthread 'a::bad' (7) panicked at src/a.rs:3:9:\nleft: 1\nright: 2\nstack backtrace:\n  0: x\n";
        assert_eq!(
            reasons(said),
            [
                "test a::bad ... FAILED",
                "thread 'a::bad' (7) panicked at src/a.rs:3:9:",
                "  left: 1",
                "  right: 2"
            ]
        );
    }

    #[test]
    fn counts() {
        assert_eq!(
            count_passed("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"),
            12
        );
        assert_eq!(count_passed("no closing line: it ended early"), 0);
    }
}
