//! The command line's words, as clap reads them.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::access::AccessCommand;
use crate::audit::AuditCommand;
use crate::changes::{Changes, HistoryCommand};
use crate::deprovision::DeprovisionCommand;
use crate::evidence::EvidenceCommand;
use crate::findings::FindingsArgs;
use crate::groups::GroupsCommand;
use crate::joins::JoinsCommand;
use crate::lab::LabCommand;
use crate::people::UsersCommand;
use crate::source::SourceCommand;
use crate::token::TokenCommand;

/// See every door a badge opens, and prove that it is shut when the badge comes back.
#[derive(Parser)]
#[command(name = "lanyard", version, max_term_width = 100, after_help = CODES)]
pub struct Args {
    /// Print one JSON document on standard output; notes and progress stay on standard error.
    #[arg(long, global = true)]
    pub json: bool,
    /// The folder with the encrypted cache and ledger.
    #[arg(long, global = true, value_name = "DIR", env = "LANYARD_DATA_DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where secrets are: the system's keychain, or the environment of this process alone.
    #[arg(long, global = true, value_enum, default_value = "keychain", env = "LANYARD_SECRETS")]
    pub secrets: Secrets,
    #[command(subcommand)]
    pub command: Command,
}

const CODES: &str = "Ends 0 when all is well, 1 when findings are open or a verdict failed, 2 when used wrongly, 3 when something asked for could not be\n\
evaluated (a source not read in full), 4 on any other error.";

/// Where secrets are.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Secrets {
    /// The system's keychain.
    Keychain,
    /// Environment variables, for this process alone.
    Env,
}

#[derive(Subcommand)]
pub enum Command {
    /// Connected systems: add, test, edit, remove.
    #[command(subcommand)]
    Source(SourceCommand),
    /// Read sources and note what changed; all enabled ones when none is named.
    Sync {
        /// Names or numbers.
        sources: Vec<String>,
        /// Read everything, even where reading changes only is proven to work.
        #[arg(long)]
        full: bool,
    },
    /// What was read, when, completely or not, and why not.
    Status,
    /// People: one row for each identity, over all sources.
    #[command(subcommand)]
    Users(UsersCommand),
    /// Groups, with their members.
    #[command(subcommand)]
    Groups(GroupsCommand),
    /// Who is the same over all sources: what the rules left open, and what you decide.
    #[command(subcommand)]
    Joins(JoinsCommand),
    /// Who can do what on what, and by which paths.
    #[command(subcommand)]
    Access(AccessCommand),
    /// What is wrong, by which rule, and the way out.
    Findings(Box<FindingsArgs>),
    /// What changed between two moments, and what that gave and took.
    Changes(Changes),
    /// How much history there is, and how long it is kept.
    #[command(subcommand)]
    History(HistoryCommand),
    /// Credentials: whether each works, when it is due, and its rotation with proof that the old one is dead.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Guided de-provisioning: tests on a dedicated identity, and the offboarding of leavers, verified door by door.
    #[command(subcommand)]
    Deprovision(DeprovisionCommand),
    /// What Lanyard did, in a chain that shows tampering.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// What runs leave behind: whether it holds.
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// A make-believe company on this machine, to try things on.
    #[command(subcommand)]
    Lab(LabCommand),
    /// Print the completions for a shell.
    Completions {
        /// Which shell.
        #[arg(value_enum)]
        shell: Shell,
    },
}

/// A list's form on standard output.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for people.
    Table,
    /// Comma-separated values (RFC 4180); cells that a spreadsheet would run are made harmless.
    Csv,
    /// One JSON document, as with `--json`.
    Json,
}

/// Reads a word that a view type spells in camel case, such as a column to sort by.
pub fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|error| {
        // "unknown variant `x`, expected one of `a`, `b`": the second half is what a person needs.
        let text = error.to_string();
        text.split_once(", expected ")
            .map_or(text.clone(), |(_, expected)| format!("expected {expected}"))
    })
}
