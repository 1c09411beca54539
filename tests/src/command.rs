//! The `lanyard` program, run as a script would run it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::process::Server;

/// The program, built once; `LANYARD_BIN` names another one.
///
/// # Panics
/// When it cannot be built.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(named) = std::env::var_os("LANYARD_BIN") {
            return PathBuf::from(named);
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the workspace holds this crate");
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--package",
                "lanyard-cli",
                "--message-format",
                "json-render-diagnostics",
            ])
            .current_dir(root)
            .stderr(Stdio::inherit())
            .output()
            .expect("cargo runs");
        assert!(built.status.success(), "lanyard does not build");
        String::from_utf8_lossy(&built.stdout)
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .find_map(|line| line.get("executable").and_then(Value::as_str).map(PathBuf::from))
            .unwrap_or_else(|| panic!("cargo named no program"))
    })
}

/// The repository's folder.
///
/// # Panics
/// Never: this crate is in it.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace holds this crate")
}

/// `lanyard` on one data folder.
#[derive(Clone)]
pub struct Lanyard {
    /// The data folder.
    pub data_dir: PathBuf,
    /// Where its secrets are: `env` or `keychain`.
    pub secrets: &'static str,
    /// Further variables of the environment.
    pub env: Vec<(String, String)>,
}

/// A key for cache and ledger, as good as any for a test.
pub const CACHE_KEY: &str = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

/// What a run of the program left behind.
#[derive(Debug)]
pub struct Ran {
    /// The code that it ended with.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// The document on standard output.
    ///
    /// # Panics
    /// When it is not exactly one JSON document.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no document ({error}): {self:#?}"))
    }

    /// The same run, which must have ended with this code.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    #[must_use]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

impl Lanyard {
    /// On this folder, with its secrets in the environment.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            secrets: "env",
            env: vec![("LANYARD_CACHE_KEY".into(), CACHE_KEY.into())],
        }
    }

    /// On this folder, with its secrets in the keychain of this desk.
    pub fn at(desk: &xtask::desk::Desk, data_dir: impl Into<PathBuf>) -> Self {
        let mut dressed = Command::new("lanyard");
        desk.dress(&mut dressed);
        let given = dressed
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_str()?.to_owned(), value?.to_str()?.to_owned())));
        Self {
            data_dir: data_dir.into(),
            secrets: "keychain",
            env: given.collect(),
        }
    }

    /// With one more variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// The command, not yet started. Nothing of the tests' own environment that could steer it stays.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("LANYARD_") || name == "RUST_LOG" {
                command.env_remove(name);
            }
        }
        command
            .arg("--data-dir")
            .arg(&self.data_dir)
            .args(["--secrets", self.secrets])
            .args(arguments)
            .envs(self.env.iter().cloned());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    /// Runs it to its end, with this text on standard input.
    ///
    /// # Panics
    /// When it does not start.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        use std::io::Write;
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("lanyard starts");
        // A program that ends without reading its input closes the pipe: no failure.
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().expect("lanyard ends");
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Starts it and leaves it running, its output dropped.
    ///
    /// # Panics
    /// When it does not start.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("lanyard starts")
    }
}

/// Serves the make-believe company from the program, on free ports, until the returned server is dropped.
pub fn lab(arguments: &[&str]) -> Server {
    Server::start(
        Command::new(program())
            .args(["lab", "serve", "--json", "--port", "0", "--until-stdin-closes"])
            .args(arguments),
    )
}
