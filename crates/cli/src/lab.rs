//! `lanyard lab`: a make-believe company on this machine, to try things on.

use clap::{Args, Subcommand, ValueEnum};
use lanyard_lab::{DEFAULT_PEOPLE, DEFAULT_SEED, LabError, LabOptions};
use tokio::io::AsyncReadExt;

use crate::exit::{Failure, Verdict, fault};
use crate::output::{Out, Table, plural};
use crate::signals::Signals;

#[derive(Subcommand)]
pub enum LabCommand {
    /// Serve it on the loopback address: an identity provider, a downstream app, a developer portal, an Azure tenant. Ends with a signal.
    Serve(ServeArgs),
}

/// What of the company is served.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum System {
    /// The identity provider and the downstream app.
    Scim,
    /// The developer portal.
    Backstage,
    /// The Azure tenant.
    Azure,
}

#[derive(Args)]
pub struct ServeArgs {
    /// How many people work there.
    #[arg(long, default_value_t = DEFAULT_PEOPLE)]
    people: usize,
    /// The same seed makes the same company.
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// The identity provider's port; the others take the next ones. 0 takes free ports.
    #[arg(long, default_value_t = 8765)]
    port: u16,
    /// Which of its systems are served, with commas between them; the SCIM servers always are.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [System::Scim, System::Backstage, System::Azure])]
    systems: Vec<System>,
    /// What goes wrong: 429, 5xx, slow:200ms, drop, lose-answer, truncate, shift, token-expires:50; a quirk such as
    /// lowercase-resources or deaf; a setting such as late:5s, recreates:10s, tokens:two or orphans:keep. `@0.2` behind a fault
    /// says how often; `idp/`, `ledgerly/`, `portal/` or `azure/` before a word says where.
    #[arg(long, num_args = 1.., value_name = "KIND")]
    fault: Vec<String>,
    /// How tokens are treated: two, replace, lying, read-only, part, other-tenant, broken, open, jwt, no-replay, lose-mint,
    /// no-self, overlap:30s, start:2s, lifetime:60s; with `idp/`, `ledgerly/` or `azure/` before it where.
    #[arg(long, num_args = 1.., value_name = "HABIT")]
    tokens: Vec<String>,
    /// Let the Azure client write: users, sessions and members at Graph, who has which role at the Resource Manager. What is printed to
    /// connect then allows writes, and holds plans of de-provisioning to run.
    #[arg(long)]
    allow_writes: bool,
    /// Open a door on loopback to read the truth with times, to see each write, and to switch faults. For tests.
    #[arg(long)]
    control: bool,
    /// End when standard input closes, too.
    #[arg(long)]
    until_stdin_closes: bool,
}

pub async fn run(command: LabCommand, out: &Out) -> Result<Verdict, Failure> {
    let LabCommand::Serve(args) = command;
    let mut options = LabOptions {
        people: args.people,
        seed: args.seed,
        port: args.port,
        control: args.control,
        ..LabOptions::whole()
    };
    options.portal = options.portal.filter(|_| args.systems.contains(&System::Backstage));
    options.azure = options.azure.filter(|_| args.systems.contains(&System::Azure));
    if args.allow_writes {
        options.allow_writes();
    }
    for fault in &args.fault {
        options.add_fault(fault).map_err(|error| refused(&error))?;
    }
    for habit in &args.tokens {
        // The same word as for `--fault`, where others stand beside it.
        let word = match habit.split_once('/') {
            Some((server, habit)) => format!("{server}/tokens:{habit}"),
            None => format!("tokens:{habit}"),
        };
        options.add_fault(&word).map_err(|error| refused(&error))?;
    }
    let lab = lanyard_lab::serve(options).await.map_err(|error| refused(&error))?;
    // Before the line that says it is ready: whoever reads it may send a signal at once.
    let signals = Signals::listen()?;
    let summary = lab.summary();
    out.show(summary, |page| {
        page.line(format!(
            "Serving {} and {}.",
            plural(summary.people as u64, "person", "people"),
            plural(summary.groups as u64, "group", "groups")
        ));
        let mut table = Table::new(["Name", "Kind", "Address", "Token"]);
        for source in &summary.sources {
            let kind = if source.authoritative {
                format!("{}, authoritative", source.kind)
            } else {
                source.kind.to_owned()
            };
            table.row([source.name.as_str(), &kind, &source.url, &source.token]);
        }
        page.table(&table.unbounded());
        for source in &summary.sources {
            for (option, value) in &source.more {
                page.line(format!("{}: --{option} {value}", source.name));
            }
        }
        for (server, token) in &summary.token_managers {
            page.line(format!("Tokens of {server} are made and revoked at /api/tokens with {token}"));
        }
        if let Some(control) = &summary.control {
            page.line(format!("Control door, for tests: {control}"));
        }
        page.line("Connect one with: lanyard source add KIND --name … --url … --token-stdin. End with Ctrl-C.");
    });
    ending(args.until_stdin_closes, signals).await;
    lab.stop().await;
    Ok(Verdict::Well)
}

/// Waits for a signal, or for standard input to close where that was asked for.
async fn ending(until_stdin_closes: bool, mut signals: Signals) {
    let closed = async {
        if !until_stdin_closes {
            std::future::pending::<()>().await;
        }
        let mut stdin = tokio::io::stdin();
        let mut some = [0; 1024];
        // What comes in does not matter; an error is an end too.
        while stdin.read(&mut some).await.is_ok_and(|read| read > 0) {}
    };
    tokio::select! {
        () = signals.next() => {}
        () = closed => {}
    }
}

fn refused(error: &LabError) -> Failure {
    match error {
        LabError::Port { .. } => fault(
            "lab.port",
            error.to_string(),
            "The make-believe company is not served.",
            "Take another port, or --port 0 for a free one.",
        )
        .into(),
        _ => Failure::usage(error.to_string()),
    }
}
