//! A make-believe company beside the window: `lanyard lab serve`, whose servers a test connects by hand.

use std::io::{BufRead as _, BufReader};
use std::process::Command;

use serde::Deserialize;
use xtask::leash::{Goes, Leash};

/// The company's servers, while this lives.
pub struct Company {
    /// What they offer, the authoritative one first.
    pub sources: Vec<Offered>,
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
struct Announcement {
    sources: Vec<Offered>,
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
            _servers: servers,
        }
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
