//! A make-believe company beside the window: `lanyard lab serve`, whose servers a test connects by hand.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Command;

use serde::Deserialize;
use xtask::leash::{Goes, Leash};

/// The company's servers, while this lives.
pub struct Company {
    /// What they offer, the authoritative one first.
    pub sources: Vec<Offered>,
    /// Tokens that manage tokens and do nothing else, by server: `idp`, `ledgerly`.
    pub managers: BTreeMap<String, String>,
    /// The door on which the company tells tests what is true of it, and takes faults.
    pub control: String,
    _servers: Leash,
}

/// A source that the servers offer.
#[derive(Clone, Debug, Deserialize)]
pub struct Offered {
    /// Its name.
    pub name: String,
    /// Its base URL.
    pub url: String,
    /// Its token.
    pub token: String,
    /// Whether it is the identity provider.
    #[serde(default)]
    pub authoritative: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Announcement {
    sources: Vec<Offered>,
    #[serde(default)]
    token_managers: BTreeMap<String, String>,
    control: String,
}

impl Company {
    /// Starts the servers of a company of this many people, with faults if any are named.
    ///
    /// # Panics
    /// When they do not come up.
    pub fn open(people: u32, faults: &[&str]) -> Self {
        let mut command = Command::new(super::programs().join("lanyard"));
        command.args([
            "lab",
            "serve",
            "--json",
            "--port",
            "0",
            "--systems",
            "scim",
            "--control",
            "--people",
            &people.to_string(),
        ]);
        for fault in faults {
            command.args(["--fault", fault]);
        }
        let mut servers = Leash::start(&command, "", Goes::Here, Goes::Along).expect("the servers start");
        let mut line = String::new();
        BufReader::new(servers.output().expect("piped"))
            .read_line(&mut line)
            .expect("a line");
        let said: Announcement = serde_json::from_str(&line).expect("the line that was agreed");
        Self {
            sources: said.sources,
            managers: said.token_managers,
            control: said.control,
            _servers: servers,
        }
    }

    /// The source of this name.
    ///
    /// # Panics
    /// When there is none.
    pub fn named(&self, name: &str) -> &Offered {
        self.sources
            .iter()
            .find(|source| source.name == name)
            .expect("a source of this name")
    }

    /// What is true of a server's tokens: `ledgerly` or `idp`.
    ///
    /// # Panics
    /// When the company does not answer.
    pub async fn tokens(&self, system: &str) -> serde_json::Value {
        let url = format!("{}/tokens?system={system}", self.control);
        reqwest::get(url).await.expect("an answer").json().await.expect("JSON")
    }

    /// The identity provider.
    ///
    /// # Panics
    /// When there is none.
    pub fn identity_provider(&self) -> &Offered {
        self.sources
            .iter()
            .find(|source| source.authoritative)
            .expect("an authoritative source")
    }
}
