//! `lanyard`: the engine for cron, CI and headless machines.
//!
//! Contract: one document on standard output with `--json`; logs, progress and notes on standard error; and it ends
//! 0 when all is well, 1 when findings or failed verdicts exist, 2 when it was used wrongly, 3 when something that was
//! asked for could not be evaluated, 4 on any other error.

mod access;
mod args;
mod audit;
mod changes;
mod deprovision;
mod evidence;
mod exit;
mod findings;
mod groups;
mod history;
mod joins;
mod lab;
mod listing;
mod moment;
mod open;
mod output;
mod people;
mod rows;
mod settings;
mod signals;
mod source;
mod status;
mod sync;
mod token;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Args, Command};
use exit::{Failure, Verdict};
use output::Out;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return misused(&error),
    };
    logs();
    let out = Out::new(args.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return out.failed(&Failure::file("the runtime", error)),
    };
    let ended = runtime.block_on(run(args, &out));
    // A reading thread that waits for standard input must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match ended {
        Ok(verdict) => verdict.into(),
        Err(failure) => out.failed(&failure),
    }
}

async fn run(args: Args, out: &Out) -> Result<Verdict, Failure> {
    let place = open::Place {
        data_dir: args.data_dir,
        secrets: args.secrets,
    };
    match args.command {
        Command::Source(command) => source::run(command, &place, out).await,
        Command::Sync { sources, full } => sync::run(&sources, full, &place, out).await,
        Command::Status => status::run(&place, out).await,
        Command::Users(command) => people::run(command, &place, out).await,
        Command::Groups(command) => groups::run(command, &place, out).await,
        Command::Joins(command) => joins::run(command, &place, out).await,
        Command::Access(command) => access::run(command, &place, out).await,
        Command::Findings(args) => findings::run(*args, &place, out).await,
        Command::Changes(changes) => changes::run(changes, &place, out).await,
        Command::History(command) => changes::history(command, &place, out).await,
        Command::Deprovision(command) => deprovision::run(command, &place, out).await,
        Command::Token(command) => token::run(command, &place, out).await,
        Command::Audit(command) => audit::run(command, &place, out).await,
        Command::Evidence(command) => evidence::run(command, out),
        Command::Lab(command) => lab::run(command, out).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Args::command(), "lanyard", &mut std::io::stdout().lock());
            Ok(Verdict::Well)
        }
    }
}

/// Help and version are no misuse; anything else is, and is told in the form that was asked for.
fn misused(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // A reader that has gone away (`lanyard --help | head -1`) is no failure.
        let _ = error.print();
        return Verdict::Well.into();
    }
    if std::env::args_os().any(|argument| argument == "--json") {
        let text = error.render().to_string();
        let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        return Out::new(true).failed(&Failure::usage(what));
    }
    let _ = error.print();
    ExitCode::from(exit::USED_WRONGLY)
}

/// Logs go to standard error, at `RUST_LOG`'s word; warnings only when it says nothing.
fn logs() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(output::colour(&std::io::stderr()))
        .init();
}
