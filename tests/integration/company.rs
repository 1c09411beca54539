//! The make-believe company, served by the `lanyard` program, and `lanyard` connected to it as a script would do it.

use std::collections::BTreeMap;

use lanyard_engine::secrets::{EnvKeychain, variable_for};
use lanyard_engine::{Engine, Error, OpenOptions};
use lanyard_tests::command::{Lanyard, Ran, lab};
use lanyard_tests::plain::Plain;
use lanyard_tests::process::Server;
use serde_json::Value;
use tempfile::TempDir;

/// A served company and a data folder.
pub struct Company {
    pub server: Server,
    pub lanyard: Lanyard,
    pub data: TempDir,
}

/// One source as `lab serve --json` prints it.
pub struct Listed {
    pub name: String,
    pub url: String,
    pub token: String,
    /// The line's object, whole.
    pub all: Value,
}

impl Company {
    /// Serves its SCIM servers with these options and makes an empty data folder. The tokens are in the program's environment.
    pub fn serve(options: &[&str]) -> Self {
        Self::serve_systems("scim", options)
    }

    /// Serves these of its systems.
    pub fn serve_systems(systems: &str, options: &[&str]) -> Self {
        let server = lab(&[&["--systems", systems], options].concat());
        let data = TempDir::new().unwrap();
        let mut lanyard = Lanyard::new(data.path().join("data"));
        for source in listed(&server.ready) {
            lanyard = lanyard.with(&variable_for(&source.name), &source.token);
        }
        Self { server, lanyard, data }
    }

    /// The sources as the lab printed them.
    pub fn sources(&self) -> Vec<Listed> {
        listed(&self.server.ready)
    }

    /// A plain client of the n-th source.
    pub fn plain(&self, number: usize) -> Plain {
        let source = &self.sources()[number];
        Plain::new(&source.url, &source.token)
    }

    /// Connects a source as the lab printed it.
    pub fn add(&self, source: &Listed) -> Ran {
        connect(&self.lanyard, source)
    }

    /// Connects all of them.
    pub fn add_all(&self) {
        for source in self.sources() {
            let _ = self.add(&source).ended(0);
        }
    }

    /// Opens the data folder in this process, with the same key and tokens as the program.
    pub fn open(&self) -> Result<Engine, Error> {
        open(&self.lanyard.data_dir, &self.lanyard.env)
    }
}

/// Opens a data folder with these variables in place of the process's own.
pub fn open(data_dir: &std::path::Path, variables: &[(String, String)]) -> Result<Engine, Error> {
    let keychain = EnvKeychain::from_variables(variables.iter().cloned())?;
    Engine::open(OpenOptions {
        data_dir: data_dir.to_owned(),
        keychain: std::sync::Arc::new(keychain),
        demo: false,
    })
}

/// Connects a source as the lab printed it: each further key is an option of the same name.
pub fn connect(lanyard: &Lanyard, source: &Listed) -> Ran {
    let mut arguments = vec!["source".to_owned(), "add".into(), source.all["kind"].as_str().unwrap().into()];
    for (key, value) in source.all.as_object().unwrap() {
        match (key.as_str(), value) {
            ("kind" | "token", _) | (_, Value::Null | Value::Bool(false)) => {}
            (key, Value::Bool(true)) => arguments.push(format!("--{key}")),
            (key, Value::String(text)) => arguments.extend([format!("--{key}"), text.clone()]),
            (key, other) => arguments.extend([format!("--{key}"), other.to_string()]),
        }
    }
    arguments.extend(["--token-stdin".into(), "--json".into()]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    lanyard.run_with(&arguments, &format!("{}\n", source.token))
}

/// The sources of the lab's line.
pub fn listed(ready: &Value) -> Vec<Listed> {
    let text = |source: &Value, key: &str| source[key].as_str().unwrap_or_else(|| panic!("no {key} in {source}")).to_owned();
    let sources = ready["sources"].as_array().unwrap();
    sources
        .iter()
        .map(|source| Listed {
            name: text(source, "name"),
            url: text(source, "url"),
            token: text(source, "token"),
            all: source.clone(),
        })
        .collect()
}

/// All users and all groups of a server, read without Lanyard.
pub async fn truth(plain: &Plain) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
    (plain.all("Users").await, plain.all("Groups").await)
}
