//! Rotations by the command line, as a scheduled job runs them, with a real keychain, against providers that treat tokens in every way.

mod by_hand;
mod entra;
mod fails;
mod leaks;
mod lives;
mod lost;
mod traces;
mod whole;

use std::collections::BTreeMap;
use std::process::Command;

use lanyard_tests::command::{Lanyard, Ran, lab};
use lanyard_tests::plain::Plain;
use lanyard_tests::process::Server;
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use xtask::desk::Desk;

use crate::company::{Listed, connect, listed};

/// The identity provider, the app, and the tenant, as the lab calls them.
pub const IDP: &str = "Workforce IdP";
pub const APP: &str = "Ledgerly";
pub const TENANT: &str = "Halcyon tenant";

/// A rotation in a test asks often and waits little.
pub const QUICK: [&str; 4] = ["--every", "200ms", "--grace", "3s"];

/// A served company, a desk with a keychain of its own, and `lanyard` on a new data folder.
pub struct World {
    pub lanyard: Lanyard,
    pub server: Server,
    pub data: TempDir,
    pub desk: Desk,
    door: Plain,
    runtime: Runtime,
}

/// SHA-256 in hex, as the lab tells of a token.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl World {
    /// Serves these systems, which may be written to, and connects the sources of these names.
    pub fn open(systems: &str, sources: &[&str], options: &[&str]) -> Self {
        let common = ["--systems", systems, "--people", "60", "--control", "--allow-writes"];
        let server = lab(&[&common, options].concat());
        let data = TempDir::new().unwrap();
        let desk = Desk::without_screen().unwrap();
        let world = Self {
            lanyard: Lanyard::at(&desk, data.path().join("data")),
            door: Plain::new(server.text("control"), ""),
            runtime: Runtime::new().unwrap(),
            server,
            data,
            desk,
        };
        for name in sources {
            let _ = connect(&world.lanyard, &world.source(name)).ended(0);
            let _ = world.lanyard.run(&["source", "edit", name, "--allow-writes"]).ended(0);
        }
        world
    }

    /// The identity provider alone.
    pub fn provider(options: &[&str]) -> Self {
        Self::open("scim", &[IDP], options)
    }

    /// A source as the lab printed it.
    pub fn source(&self, name: &str) -> Listed {
        let all = listed(&self.server.ready);
        all.into_iter().find(|source| source.name == name).unwrap()
    }

    /// A credential that manages the tokens of a SCIM server, and does nothing else.
    pub fn manager(&self, system: &str) -> &str {
        self.server.ready["token-managers"][system].as_str().unwrap()
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.runtime.block_on(self.door.ask(method, path, body))
    }

    /// What truly became of the tokens of a system.
    pub fn tokens(&self, system: &str) -> Tokens {
        let (status, told) = self.ask(Method::GET, &format!("tokens?system={system}"), None);
        assert_eq!(status, 200, "{told}");
        Tokens(told[system].clone())
    }

    /// Switches habits of the provider.
    pub fn switch(&self, on: &[&str], off: &[&str]) {
        let (status, said) = self.ask(Method::POST, "faults", Some(&json!({ "on": on, "off": off })));
        assert_eq!(status, 204, "{said}");
    }

    /// Lets everything take effect that waits for its time.
    pub fn now(&self) {
        let (status, said) = self.ask(Method::POST, "now", Some(&json!({})));
        assert!(status < 300, "{status} {said}");
    }

    /// Asks a SCIM server, or its token API, without Lanyard.
    pub fn plainly(&self, url: &str, token: &str, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.runtime.block_on(Plain::new(url, token).ask(method, path, body))
    }

    /// The token API of a source's server, asked with this token.
    pub fn api(&self, source: &str, token: &str, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = self.source(source).url;
        let origin = &url[..url.find("/scim").unwrap()];
        self.plainly(origin, token, method, path, body)
    }

    /// Whether a source's server lets this token read.
    pub fn lets_in(&self, source: &str, token: &str) -> bool {
        let (status, _) = self.plainly(&self.source(source).url, token, Method::GET, "Users?count=1", None);
        assert!(matches!(status, 200 | 401), "{status}");
        status == 200
    }

    /// Rotates, or goes on.
    pub fn rotate(&self, source: &str, arguments: &[&str]) -> Ran {
        self.lanyard.run(&[&["token", "rotate", source, "--json"], arguments].concat())
    }

    /// The same, with a value on standard input.
    pub fn rotate_with(&self, source: &str, arguments: &[&str], value: &str) -> Ran {
        self.lanyard.run_with(
            &[&["token", "rotate", source, "--json", "--token-stdin"], arguments].concat(),
            value,
        )
    }

    /// The credential that a source is asked with, as it is listed; and how the list ended.
    pub fn credential(&self, source: &str) -> (i32, Value) {
        let ran = self.lanyard.run(&["token", "list", "--json"]);
        let list = ran.json();
        let all = list["credentials"].as_array().unwrap();
        let own = all
            .iter()
            .find(|one| one["sourceName"] == source && one["held"] == true)
            .unwrap_or_else(|| panic!("{list:#}"));
        (ran.code, own.clone())
    }

    /// A sync of the source works, and the audit log's chain holds.
    #[track_caller]
    pub fn works(&self, source: &str) {
        let _ = self.lanyard.run(&["sync", source, "--json"]).ended(0);
        let verified = self.lanyard.run(&["audit", "verify", "--json"]).ended(0).json();
        assert_eq!(verified["ok"], true, "{verified:#}");
    }

    fn secret_tool(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("secret-tool");
        self.desk.dress(&mut command);
        let ran = command
            .args(arguments)
            .output()
            .expect("secret-tool runs; `cargo xtask setup` installs it");
        format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr))
    }

    /// What the keychain holds, by account. What goes while it is looked at is left out.
    pub fn keychain(&self) -> BTreeMap<String, String> {
        let found = self.secret_tool(&["search", "--all", "--unlock", "service", "Lanyard"]);
        let accounts = found.lines().filter_map(|line| line.strip_prefix("attribute.username = "));
        // One by one: beside each other, secrets and accounts come on two streams.
        accounts
            .map(|account| {
                (
                    account.to_owned(),
                    self.secret_tool(&["lookup", "service", "Lanyard", "username", account]),
                )
            })
            .filter(|(_, secret)| !secret.is_empty())
            .collect()
    }

    /// The values of a source's slots: the current one under an empty name, then `next`, `previous`, `manager`.
    pub fn slots(&self, source: u64) -> BTreeMap<String, String> {
        let mut slots = BTreeMap::new();
        for (account, secret) in self.keychain() {
            let Some((_, rest)) = account.split_once(&format!("/source/{source}")) else {
                continue;
            };
            let kept: Value = serde_json::from_str(&secret).unwrap();
            slots.insert(rest.trim_start_matches('/').to_owned(), kept["value"].as_str().unwrap().to_owned());
        }
        slots
    }

    /// Takes an entry out of the keychain, behind Lanyard's back.
    pub fn take_out(&self, suffix: &str) {
        let account = self.keychain().into_keys().find(|account| account.ends_with(suffix)).unwrap();
        self.secret_tool(&["clear", "service", "Lanyard", "username", &account]);
        assert!(!self.keychain().contains_key(&account), "{account} is still there");
    }
}

/// The lab's own account of the tokens of a system.
#[derive(Debug)]
pub struct Tokens(pub Value);

impl Tokens {
    fn all(&self) -> impl Iterator<Item = &Value> {
        self.0["tokens"].as_array().unwrap().iter()
    }

    /// The token of this value.
    pub fn of(&self, value: &str) -> &Value {
        let wanted = sha256(value);
        self.all()
            .find(|token| token["sha256"] == *wanted)
            .unwrap_or_else(|| panic!("{self:#?}"))
    }

    /// Those that were made at the token API, oldest first.
    pub fn minted(&self) -> Vec<&Value> {
        self.all().filter(|token| token["minted"] == true).collect()
    }

    /// When a token was last accepted.
    pub fn last_accepted(&self, token: &Value) -> i64 {
        let uses = self.0["uses"].as_array().unwrap().iter();
        uses.filter(|one| one["token"] == token["id"] && one["accepted"] == true)
            .map(|one| one["at"].as_i64().unwrap())
            .max()
            .unwrap_or(0)
    }
}

/// How a rotation stands, of what was printed.
pub fn state(view: &Value) -> &str {
    view["summary"]["state"].as_str().unwrap()
}
