//! `lanyard findings`: what is wrong, by which rule, and the way out; decisions not to be told; the rules and their settings.

mod list;
mod rules;
mod show;

use clap::{Args, Subcommand};
use lanyard_engine::view::Severity;

use crate::exit::{Failure, Verdict};
use crate::open::Place;
use crate::output::Out;

use list::ListArgs;
use rules::RuleArgs;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct FindingsArgs {
    #[command(subcommand)]
    command: Option<FindingsCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Subcommand)]
pub enum FindingsCommand {
    /// What is wrong now, the weightiest first; what `findings` alone does.
    List(ListArgs),
    /// One finding, with its evidence, whom it affects, and the ways out to copy and run.
    Show {
        /// Its id, as lists show it: `ghost-member:1f0c…`.
        id: String,
    },
    /// Do not tell of a finding until a day; it comes back then, or when what it stands on changes.
    Suppress {
        /// Its id.
        id: String,
        /// Why; it is kept, and stands in every export.
        #[arg(long)]
        reason: String,
        /// Until the end of this day (`2026-12-31`), or until this moment.
        #[arg(long, value_name = "DATE", value_parser = crate::moment::until)]
        until: i64,
    },
    /// Take a decision not to be told back.
    Lift {
        /// The finding's id.
        id: String,
    },
    /// The rules, with how far each could be evaluated.
    Rules,
    /// One rule: what it says, and its settings, which the options change.
    Rule(RuleArgs),
}

pub async fn run(args: FindingsArgs, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = place.open(out)?;
    let engine = &opened.engine;
    match args.command {
        None => list::run(&args.list, engine, out),
        Some(FindingsCommand::List(args)) => list::run(&args, engine, out),
        Some(FindingsCommand::Show { id }) => show::one(&id, engine, out),
        Some(FindingsCommand::Suppress { id, reason, until }) => {
            engine.suppress_finding(&id, &reason, until)?;
            show::one(&id, engine, out).map(|_| Verdict::Well)
        }
        Some(FindingsCommand::Lift { id }) => {
            engine.lift_suppression(&id)?;
            show::one(&id, engine, out).map(|_| Verdict::Well)
        }
        Some(FindingsCommand::Rules) => rules::all(engine, out),
        Some(FindingsCommand::Rule(args)) => rules::one(args, engine, out),
    }
}

/// A severity in lower case.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}
