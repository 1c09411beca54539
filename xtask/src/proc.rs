//! Running programs: shown as they run, or into a log.

use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Failure, Outcome, place};

/// `cargo`, the one that runs this task, in the workspace's root.
pub fn cargo<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(args: I) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(place::root());
    // Where this task itself was started by Cargo, those were for its own package.
    for own in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(own);
    }
    command
}

/// `npm`, in the user interface's folder.
pub fn npm(args: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(args).current_dir(place::root().join("ui"));
    command
}

/// The command line, for messages.
pub fn line(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs a program; what it writes goes to `log` where there is one, else to the terminal.
///
/// # Errors
/// When it cannot be started or ends with an error.
pub fn run(mut command: Command, log: Option<&Path>) -> Outcome {
    if let Some(log) = log {
        let open = || File::options().create(true).append(true).open(log).map_err(Failure::file(log));
        command.stdin(Stdio::null()).stdout(open()?).stderr(open()?);
    }
    let status = command.status().map_err(|source| Failure::Start {
        program: line(&command),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Command {
            line: line(&command),
            status: status.to_string(),
        })
    }
}

/// Runs a program and gives what it writes to standard output.
///
/// # Errors
/// When it cannot be started or ends with an error.
pub fn read(mut command: Command) -> Outcome<Vec<u8>> {
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(|source| Failure::Start {
        program: line(&command),
        source,
    })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(Failure::Command {
            line: line(&command),
            status: output.status.to_string(),
        })
    }
}
