//! Steps of a long task: each prints its name, its time and its result; at the end stands a table.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::{Failure, Outcome, place};

/// How many lines of a failing step's log are shown.
const LINES_SHOWN: usize = 120;

/// How a step came out.
enum Result {
    Good(String),
    Failed(String),
    NotRun(String),
}

/// A step that was taken.
struct Step {
    name: &'static str,
    took: Duration,
    result: Result,
}

/// The steps taken so far.
pub struct Steps {
    taken: Vec<Step>,
    only: Vec<String>,
    logs: PathBuf,
    started: Instant,
}

/// Writes a line to standard output.
pub fn say(line: &str) {
    let mut out = io::stdout().lock();
    // Nobody reads any longer where this fails.
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// A duration as people say it: `1 m 24 s`, `2.4 s`.
pub fn spoken(took: Duration) -> String {
    match took.as_secs() {
        secs @ 60.. => format!("{} m {:02} s", secs / 60, secs % 60),
        _ => format!("{:.1} s", took.as_secs_f64()),
    }
}

impl Steps {
    /// Starts; with `only`, steps of other names are passed over.
    ///
    /// # Errors
    /// When the folder for the logs cannot be made.
    pub fn new(only: Vec<String>) -> Outcome<Self> {
        let logs = place::scratch().join("logs");
        drop(fs::remove_dir_all(&logs));
        fs::create_dir_all(&logs).map_err(Failure::file(&logs))?;
        Ok(Self {
            taken: Vec::new(),
            only,
            logs,
            started: Instant::now(),
        })
    }

    /// Takes a step, unless one that it needs failed. It writes to the log that it is given, and gives a word on what it did.
    /// Returns whether it is good (or not asked for).
    pub fn take(&mut self, name: &'static str, needs: &[&str], step: impl FnOnce(&Path) -> Outcome<String>) -> bool {
        if !self.only.is_empty() && !self.only.iter().any(|only| only == name) {
            return true;
        }
        if let Some(missing) = self
            .taken
            .iter()
            .find(|taken| needs.contains(&taken.name) && !matches!(taken.result, Result::Good(_)))
        {
            let why = format!("needs “{}”", missing.name);
            say(&format!("  -  {name}: not run, {why}"));
            self.taken.push(Step {
                name,
                took: Duration::ZERO,
                result: Result::NotRun(why),
            });
            return false;
        }
        say(&format!(" ..  {name}"));
        let log = self
            .logs
            .join(format!("{:02}-{}.log", self.taken.len() + 1, name.replace(' ', "-")));
        let started = Instant::now();
        let outcome = step(&log);
        let took = started.elapsed();
        let result = match outcome {
            Ok(word) => {
                let word = if word.is_empty() { word } else { format!(": {word}") };
                say(&format!(" ok  {name} ({}){word}", spoken(took)));
                Result::Good(word)
            }
            Err(failure) => {
                show(&log);
                say(&format!("FAIL {name} ({}): {failure}", spoken(took)));
                Result::Failed(failure.to_string())
            }
        };
        let good = matches!(result, Result::Good(_));
        self.taken.push(Step { name, took, result });
        good
    }

    /// The table; gives whether all is good. Ends with a line that counts.
    pub fn finish(self) -> bool {
        say("");
        let width = self.taken.iter().map(|step| step.name.len()).max().unwrap_or(0);
        for step in &self.taken {
            let result = match &step.result {
                Result::Good(word) => format!("ok{word}"),
                Result::Failed(_) => "FAILED".to_owned(),
                Result::NotRun(why) => format!("NOT RUN: {why}"),
            };
            say(&format!("{:width$}  {:>9}  {result}", step.name, spoken(step.took)));
        }
        // Once more at the very end, where whoever sees only the last lines of a long log finds it.
        for step in &self.taken {
            if let Result::Failed(why) = &step.result {
                say(&format!("\n{}: {why}", step.name));
            }
        }
        let good = self.taken.iter().filter(|step| matches!(step.result, Result::Good(_))).count();
        let bad = self.taken.len() - good;
        say(&format!(
            "\n{} in all\nsteps: {good} passed, {bad} failed",
            spoken(self.started.elapsed())
        ));
        bad == 0 && good > 0
    }
}

/// Shows the end of a log.
fn show(log: &Path) {
    let Ok(bytes) = fs::read(log) else { return };
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(LINES_SHOWN);
    if from > 0 {
        say(&format!("     … {from} lines before these are in {}", log.display()));
    }
    for line in &lines[from..] {
        say(&format!("     {line}"));
    }
}

#[cfg(test)]
mod tests {
    //! Times as people say them.

    use std::time::Duration;

    use super::spoken;

    #[test]
    fn spoken_times() {
        assert_eq!(spoken(Duration::from_millis(2_440)), "2.4 s");
        assert_eq!(spoken(Duration::from_secs(84)), "1 m 24 s");
    }
}
