//! `lanyard` on a data folder of its own, run as a pipeline runs it: connected to peers, and asked to walk people out.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::process::Stdio;
use std::time::Duration;

use lanyard_engine::secrets::variable_for;
use lanyard_tests::command::{Lanyard, Ran};
use lanyard_tests::process::wait;
use serde_json::Value;
use tempfile::TempDir;

/// No command of these tests takes longer: a run ends with its limits, which are seconds.
const LONGEST: Duration = Duration::from_secs(150);

/// A data folder, and how to get at it.
pub struct Office {
    pub lanyard: Lanyard,
    data: TempDir,
}

impl Office {
    pub fn open() -> Self {
        let data = TempDir::new().unwrap();
        Self {
            lanyard: Lanyard::new(data.path().join("data")),
            data,
        }
    }

    /// One more variable of the environment that commands find.
    pub fn variable(&mut self, name: &str, value: &str) {
        self.lanyard.env.push((name.to_owned(), value.to_owned()));
    }

    /// Connects a system that may be written to.
    pub async fn connect(&mut self, kind: &str, name: &str, url: &str, token: &str, options: &[&str]) {
        self.variable(&variable_for(name), token);
        let arguments = [
            "source",
            "add",
            kind,
            "--name",
            name,
            "--url",
            url,
            "--token-env",
            &variable_for(name),
        ];
        let _ = self.run(&[&arguments[..], &["--allow-writes"], options].concat()).await.ended(0);
    }

    /// Reads all systems; gives the code that it ended with.
    pub async fn sync(&self) -> i32 {
        self.run(&["sync"]).await.code
    }

    /// Runs a command to its end, which comes in bounded time.
    pub async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.lanyard.command(arguments);
        let shown = format!("{arguments:?}");
        let [stdout, stderr] = ["out", "err"].map(|_| tempfile::NamedTempFile::new_in(self.data.path()).unwrap());
        let open = |file: &tempfile::NamedTempFile| Stdio::from(File::options().write(true).open(file.path()).unwrap());
        command.stdin(Stdio::null()).stdout(open(&stdout)).stderr(open(&stderr));
        tokio::task::spawn_blocking(move || {
            let mut child = command.spawn().unwrap_or_else(|error| panic!("{shown}: {error}"));
            let ended = wait(&mut child, LONGEST);
            let said = |file: &tempfile::NamedTempFile| fs::read_to_string(file.path()).unwrap_or_default();
            let Some(status) = ended else {
                let _ = child.kill();
                let _ = child.wait();
                panic!("{shown} did not end within {LONGEST:?}: {}{}", said(&stdout), said(&stderr));
            };
            Ran {
                code: status.code().unwrap_or(-1),
                stdout: said(&stdout),
                stderr: said(&stderr),
            }
        })
        .await
        .unwrap()
    }

    /// Runs a plan for a person (none where the plan says itself whom it is about), agreed to by this user name, to where it rests; gives its code
    /// and the run.
    pub async fn walk_out(&self, plan: &str, person: Option<&str>, typed: &str, handed: &[&str]) -> (i32, Value) {
        let file = tempfile::Builder::new().suffix(".yaml").tempfile_in(self.data.path()).unwrap();
        fs::write(file.path(), plan).unwrap();
        let mut arguments = vec!["deprovision", "run", file.path().to_str().unwrap()];
        arguments.extend(person.into_iter().flat_map(|person| ["--person", person]));
        arguments.extend(["--yes", typed, "--second-look", "all", "--json"]);
        arguments.extend(handed.iter().flat_map(|one| ["--credential", one]));
        let ran = self.run(&arguments).await;
        assert!((0..=3).contains(&ran.code) && ran.code != 2, "{ran:#?}");
        (ran.code, ran.json())
    }

    /// A further command of a run, such as `resume`.
    pub async fn go_on(&self, what: &str, run: &Value, options: &[&str]) -> Ran {
        let id = run["id"].to_string();
        self.run(&[&["deprovision", what, &id, "--json"][..], options].concat()).await
    }

    /// The audit log's chain holds, and so does each run's.
    pub async fn is_sound(&self) {
        assert_eq!(self.run(&["audit", "verify", "--json"]).await.ended(0).json()["ok"], true);
    }
}

/// The verdicts of a run's checks, by their ids.
pub fn verdicts(run: &Value) -> BTreeMap<&str, &str> {
    run["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| (check["id"].as_str().unwrap(), check["verdict"].as_str().unwrap()))
        .collect()
}

/// Checks all verdicts of a run at once.
#[track_caller]
pub fn came_out(run: &Value, expected: &[(&str, &str)]) {
    let expected: BTreeMap<&str, &str> = expected.iter().copied().collect();
    assert_eq!(verdicts(run), expected, "{}", told(run));
}

/// A check of a run.
pub fn check<'r>(run: &'r Value, id: &str) -> &'r Value {
    let checks = run["checks"].as_array().unwrap();
    checks
        .iter()
        .find(|check| check["id"] == id)
        .unwrap_or_else(|| panic!("no check {id}: {}", told(run)))
}

/// What a check says.
pub fn says<'r>(run: &'r Value, id: &str) -> &'r str {
    check(run, id)["says"].as_str().unwrap()
}

/// A run in lines, for a test that fails.
pub fn told(run: &Value) -> String {
    let lines = |of: &str, names: [&str; 4]| -> String {
        let part = |one: &Value| names.map(|name| one[name].to_string()).join(" ");
        run[of]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| format!("  {}\n", part(one)))
            .collect()
    };
    format!(
        "run {} {}\n{}{}",
        run["id"],
        run["state"],
        lines("steps", ["id", "state", "title", "says"]),
        lines("checks", ["id", "verdict", "tookMs", "says"])
    )
}
