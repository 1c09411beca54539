//! Rules, and their settings.

use clap::Args;
use lanyard_engine::Engine;
use lanyard_engine::view::{Evaluated, RuleState, Severity};

use super::word;
use crate::args;
use crate::exit::{Failure, Verdict};
use crate::output::{Out, Page, Table};

#[derive(Args)]
pub struct RuleArgs {
    /// Its id, as `findings rules` shows it.
    id: String,
    /// Ask it no more.
    #[arg(long, conflicts_with_all = ["on", "reset"])]
    off: bool,
    /// Ask it again.
    #[arg(long, conflicts_with = "reset")]
    on: bool,
    /// Give its findings this severity.
    #[arg(long, value_name = "SEVERITY", value_parser = args::word::<Severity>, conflicts_with = "reset")]
    severity: Option<Severity>,
    /// Set one of its numbers; may be given again.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = number, conflicts_with = "reset")]
    set: Vec<(String, i64)>,
    /// Take all settings of it back.
    #[arg(long)]
    reset: bool,
}

fn number(text: &str) -> Result<(String, i64), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    let value = value.trim().parse().map_err(|_| format!("“{value}” is no whole number"))?;
    Ok((name.trim().to_owned(), value))
}

/// Prints all rules; ends with 3 when one could not be evaluated, or not wholly.
pub fn all(engine: &Engine, out: &Out) -> Result<Verdict, Failure> {
    let rules = engine.finding_rules(None)?;
    out.show(&serde_json::json!({ "rules": rules }), |page| {
        let mut table = Table::new(["Rule", "Severity", ">Open", ">Suppressed", "Evaluated", "Title"]);
        for state in &rules {
            table.row([
                state.rule.id.clone(),
                word(state.rule.severity).to_owned(),
                state.open.to_string(),
                state.suppressed.to_string(),
                evaluated(state.evaluated).to_owned(),
                state.rule.title.clone(),
            ]);
        }
        page.table(&table.unbounded());
    });
    if !out.json() {
        for state in &rules {
            for caveat in &state.not_evaluated {
                out.note(format!("{}: {}", state.rule.id, caveat.text));
            }
        }
    }
    let left = rules
        .iter()
        .any(|state| matches!(state.evaluated, Evaluated::Not | Evaluated::Partly));
    Ok(if left { Verdict::NotEvaluated } else { Verdict::Well })
}

/// Changes what is named, and prints the rule.
pub fn one(args: RuleArgs, engine: &Engine, out: &Out) -> Result<Verdict, Failure> {
    let before = engine.rule_settings(&args.id)?;
    let mut settings = if args.reset {
        lanyard_engine::view::RuleSettings::default()
    } else {
        before.clone()
    };
    settings.off = (settings.off || args.off) && !args.on;
    settings.severity = args.severity.or(settings.severity);
    settings.parameters.extend(args.set);
    if settings != before {
        engine.set_rule(&args.id, &settings)?;
    }
    let rules = engine.finding_rules(None)?;
    let Some(state) = rules.iter().find(|state| state.rule.id == args.id) else {
        return Err(Failure::usage(format!("there is no rule “{}”", args.id)));
    };
    out.show(state, |page| tell(state, page));
    Ok(Verdict::Well)
}

fn evaluated(how: Evaluated) -> &'static str {
    match how {
        Evaluated::Fully => "fully",
        Evaluated::Partly => "partly",
        Evaluated::Not => "not",
        Evaluated::NothingToAsk => "no such source",
        Evaluated::Off => "switched off",
    }
}

fn tell(state: &RuleState, page: &Page<'_>) {
    let rule = &state.rule;
    page.heading(&rule.title);
    page.line(format!(
        "{} · {} · evaluated: {}",
        rule.id,
        word(rule.severity),
        evaluated(state.evaluated)
    ));
    page.line(&rule.finds);
    page.line(&rule.why);
    page.line(format!("Way out: {}", rule.way_out));
    let controls: Vec<String> = rule
        .controls
        .iter()
        .map(|control| format!("{} {}", control.framework, control.id))
        .collect();
    page.line(format!("Bears on: {}", controls.join(", ")));
    for need in &rule.needs {
        page.line(format!("Needs: {need}"));
    }
    for parameter in &rule.parameters {
        page.line(format!(
            "{} = {} {} ({}; {} to {}, {} unless set)",
            parameter.name, parameter.value, parameter.unit, parameter.says, parameter.min, parameter.max, parameter.default
        ));
    }
    for caveat in &state.not_evaluated {
        page.line(format!("Not evaluated: {}", caveat.text));
    }
}
