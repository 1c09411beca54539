//! The list of findings, on paper or as a document, and the code that a script goes by.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lanyard_engine::Engine;
use lanyard_engine::export::findings::Findings;
use lanyard_engine::view::{Evaluated, FindingFormat, FindingQuery, FindingRow, FindingState, RuleArea, RuleState, Severity, SourceId};

use super::word;
use crate::access;
use crate::args;
use crate::exit::{Failure, Verdict};
use crate::listing;
use crate::output::{Out, Table, plural, time};

#[derive(Args)]
pub struct ListArgs {
    /// Only of this rule; may be named again.
    #[arg(long = "rule", value_name = "RULE")]
    rules: Vec<String>,
    /// Only of this severity: `critical`, `high`, `medium`, `low`; may be named again.
    #[arg(long = "severity", value_name = "SEVERITY", value_parser = args::word::<Severity>)]
    severities: Vec<Severity>,
    /// Only of this area: `accounts`, `drift`, `azure`, `backup`, `backstage`, `groups`, `programs`, `plumbing`.
    #[arg(long, value_parser = args::word::<RuleArea>)]
    area: Option<RuleArea>,
    /// Only what speaks of this source.
    #[arg(long)]
    source: Option<String>,
    /// Only what holds this text.
    #[arg(long, default_value = "")]
    search: String,
    /// Only what is about, or affects, this person, group, role or scope: a name, or an address that a document gives.
    #[arg(long)]
    about: Option<String>,
    /// Only what came since then: a day (its beginning), a day and time, or so long ago (`24h`, `7d`).
    #[arg(long, value_name = "WHEN", value_parser = crate::moment::since)]
    new_since: Option<i64>,
    /// Those that are suppressed, instead of those that are open.
    #[arg(long)]
    suppressed: bool,
    /// Those that held once, instead of those that are open.
    #[arg(long)]
    closed: bool,
    /// End with 1 when an open finding of this severity or a higher one is there.
    #[arg(long, value_name = "SEVERITY", default_value = "low", value_parser = args::word::<Severity>)]
    fail_on: Severity,
    /// How many rows of the table at most; 0 means all. Documents hold all.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// The form on standard output.
    #[arg(long, value_enum, default_value = "table")]
    format: Form,
    /// Into this file instead of standard output, as JSON unless a format is named.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A form of findings.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Columns for people.
    Table,
    /// Comma-separated values (RFC 4180); cells that a spreadsheet would run are made harmless.
    Csv,
    /// One JSON document, as with `--json`.
    Json,
    /// SARIF 2.1.0, for code scanning dashboards.
    Sarif,
}

impl Form {
    fn document(self) -> Option<FindingFormat> {
        match self {
            Self::Table => None,
            Self::Csv => Some(FindingFormat::Csv),
            Self::Json => Some(FindingFormat::Json),
            Self::Sarif => Some(FindingFormat::Sarif),
        }
    }
}

pub fn run(args: &ListArgs, engine: &Engine, out: &Out) -> Result<Verdict, Failure> {
    let source = args
        .source
        .as_deref()
        .map(|name| engine.find_source(name))
        .transpose()?
        .map(|source| source.id);
    let about = args.about.as_deref().map(|text| access::about(engine, text)).transpose()?;
    let mut states = Vec::new();
    states.extend(args.suppressed.then_some(FindingState::Suppressed));
    states.extend(args.closed.then_some(FindingState::Closed));
    let query = FindingQuery {
        rules: args.rules.clone(),
        severities: args.severities.clone(),
        area: args.area,
        source,
        states,
        new_since: args.new_since,
        about,
        search: args.search.clone(),
        ..FindingQuery::default()
    };
    let all = engine.collect_findings(&query)?;
    let document = match (args.format.document(), out.json(), &args.output) {
        (Some(format), ..) => Some(format),
        (None, true, _) | (None, _, Some(_)) => Some(FindingFormat::Json),
        (None, false, None) => None,
    };
    match (document, &args.output) {
        (Some(format), Some(path)) => listing::exported(&engine.export_findings(&query, format, path)?, out),
        (Some(format), None) => {
            let mut bytes = Vec::new();
            all.write(format, &mut bytes)
                .map_err(|error| Failure::file("standard output", error))?;
            out.raw(&String::from_utf8_lossy(&bytes));
        }
        (None, _) => tell(&all, args.limit, out),
    }
    // The code is about what is open, whatever was listed.
    let open = if query.states.is_empty() {
        all.findings.clone()
    } else {
        engine.all_findings(&FindingQuery {
            states: Vec::new(),
            ..query.clone()
        })?
    };
    Ok(judge(&open, &all, args, source, out))
}

/// 1 when something that weighs enough is open; 3 when that cannot be told of all that was asked about; 0 otherwise.
fn judge(open: &[FindingRow], all: &Findings, args: &ListArgs, source: Option<SourceId>, out: &Out) -> Verdict {
    let heavy = open.iter().filter(|row| row.severity <= args.fail_on).count();
    let left: Vec<&RuleState> = all
        .rules
        .iter()
        .filter(|state| is_left(state, !args.rules.is_empty(), source))
        .collect();
    if !left.is_empty() {
        out.note(format!(
            "{} could not be evaluated, or not about everything: {}. See lanyard findings rules.",
            plural(left.len() as u64, "rule", "rules"),
            left.iter().map(|state| state.rule.id.as_str()).collect::<Vec<_>>().join(", ")
        ));
    }
    // Where nothing is connected, or no source of the kind that all of it is about, nothing was looked at.
    let asked = all
        .rules
        .iter()
        .any(|state| matches!(state.evaluated, Evaluated::Fully | Evaluated::Partly));
    if !asked && left.is_empty() {
        out.note("No rule that was asked about had anything to look at: no source of its kind is connected, or it is switched off.");
    }
    match (heavy, left.is_empty() && asked) {
        (0, true) => Verdict::Well,
        (0, false) => Verdict::NotEvaluated,
        _ => Verdict::Failed,
    }
}

/// Whether a rule that was asked about says nothing, or not about everything. One that was named has to answer, even where it is switched off.
fn is_left(state: &RuleState, named: bool, source: Option<SourceId>) -> bool {
    match state.evaluated {
        Evaluated::Fully => false,
        Evaluated::Not => true,
        Evaluated::Partly => {
            let of = |about: Option<SourceId>| source.is_none() || about.is_none() || about == source;
            state.not_evaluated.iter().any(|caveat| of(caveat.source))
        }
        Evaluated::NothingToAsk | Evaluated::Off => named,
    }
}

fn tell(all: &Findings, limit: u32, out: &Out) {
    let limit = if limit == 0 { usize::MAX } else { limit as usize };
    out.show(&(), |page| {
        if all.findings.is_empty() {
            page.line("No findings.");
            return;
        }
        let mut table = Table::new(["Severity", "Rule", "What", "Since", "Id"]);
        for row in all.findings.iter().take(limit) {
            let mut what = row.says.clone();
            if let Some(one) = &row.suppression {
                what.push_str(&format!(" (suppressed until {}: {})", time(one.until), one.reason));
            }
            if row.unconfirmed.is_some() {
                what.push_str(" (could not be looked at again)");
            }
            if let Some(at) = row.closed_at {
                what.push_str(&format!(" (closed {})", time(at)));
            }
            table.row([
                word(row.severity).to_owned(),
                row.rule.clone(),
                what,
                time(row.first_seen),
                row.id.clone(),
            ]);
        }
        page.table(&table.unbounded());
    });
    listing::cut_short(0, u32::try_from(limit).unwrap_or(0), all.findings.len() as u32, out);
}
