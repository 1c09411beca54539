//! `lanyard joins`: who is the same over all sources, as the rules and an admin say.

use clap::{Args, Subcommand};
use lanyard_engine::view::{JoinDecision, JoinDraft, JoinKind, JoinRule, JoinSubject, JoinVerb, Joins, Source, SourceId};

use crate::exit::{Failure, Verdict};
use crate::open::Place;
use crate::output::{Out, Page, Table, plural, time};

#[derive(Subcommand)]
pub enum JoinsCommand {
    /// What the rules could not decide, what was decided by hand, and how many each rule joined.
    List,
    /// They are the same, whatever the rules say.
    Join(Pair),
    /// They are not the same, whatever the rules say.
    Separate(Pair),
    /// Take a decision back: the rules decide again.
    Forget(Pair),
}

#[derive(Args)]
pub struct Pair {
    /// The key of an account or group (`1.00u7QLf`), as lists show it.
    one: String,
    /// The key of the other.
    other: String,
    /// Why; it is kept beside the decision.
    #[arg(long)]
    reason: String,
    /// They are groups, not accounts.
    #[arg(long)]
    groups: bool,
}

pub async fn run(command: JoinsCommand, place: &Place, out: &Out) -> Result<Verdict, Failure> {
    let opened = place.open(out)?;
    let engine = &opened.engine;
    let draft = match command {
        JoinsCommand::List => None,
        JoinsCommand::Join(pair) => Some(pair.draft(JoinVerb::Join)),
        JoinsCommand::Separate(pair) => Some(pair.draft(JoinVerb::Separate)),
        JoinsCommand::Forget(pair) => Some(pair.draft(JoinVerb::Forget)),
    };
    let joins = match &draft {
        None => engine.joins()?,
        Some(draft) => engine.decide(draft)?,
    };
    let sources = engine.sources()?;
    out.show(&joins, |page| tell(&joins, &sources, page));
    Ok(Verdict::Well)
}

impl Pair {
    fn draft(self, verb: JoinVerb) -> JoinDraft {
        JoinDraft {
            kind: if self.groups { JoinKind::Group } else { JoinKind::Account },
            verb,
            one: self.one,
            other: self.other,
            reason: self.reason,
        }
    }
}

fn tell(joins: &Joins, sources: &[Source], page: &Page<'_>) {
    let mut counts = Table::new(["Joined by", "What", ">How many"]);
    for counted in &joins.by_rule {
        counts.row([rule(counted.rule).into(), kind(counted.kind).into(), counted.count.to_string()]);
    }
    if joins.by_rule.is_empty() {
        page.line("Nothing was joined.");
    } else {
        page.table(&counts);
    }
    page.line("");
    if joins.ambiguous_total == 0 {
        page.line("The rules left nothing undecided.");
    } else {
        page.line(format!(
            "{} that the rules cannot decide:",
            plural(u64::from(joins.ambiguous_total), "key", "keys")
        ));
        for ambiguity in &joins.ambiguous {
            page.line(format!("The same {} “{}”", rule(ambiguity.rule), ambiguity.value));
            for subject in &ambiguity.subjects {
                page.line(format!("  {}", of(subject, sources)));
            }
        }
        let left_off = joins.ambiguous_total.saturating_sub(joins.ambiguous.len() as u32);
        if left_off > 0 {
            page.line(format!("… and {left_off} more"));
        }
    }
    page.line("");
    if joins.decisions.is_empty() {
        page.line("Nothing was decided by hand.");
        return;
    }
    let mut decided = Table::new([">No", "When", "Who", "One", "", "Other", "Why"]);
    for decision in &joins.decisions {
        decided.row([
            decision.seq.to_string(),
            time(decision.at),
            decision.by.clone(),
            of(&decision.one, sources),
            verdict(decision).into(),
            of(&decision.other, sources),
            decision.reason.clone(),
        ]);
    }
    page.table(&decided.unbounded());
}

fn verdict(decision: &JoinDecision) -> &'static str {
    match (decision.verb, decision.in_force) {
        (JoinVerb::Join, true) => "is",
        (JoinVerb::Join, false) => "is (not in force)",
        (_, true) => "is not",
        (_, false) => "is not (not in force)",
    }
}

fn of(subject: &JoinSubject, sources: &[Source]) -> String {
    let detail = if subject.detail.is_empty() {
        String::new()
    } else {
        format!(" <{}>", subject.detail)
    };
    format!("{}{detail} at {} ({})", subject.name, named(subject.source, sources), subject.key)
}

fn named(source: SourceId, sources: &[Source]) -> String {
    let found = sources.iter().find(|known| known.id == source);
    found.map_or_else(|| format!("source {source}"), |source| source.settings.name.clone())
}

fn kind(kind: JoinKind) -> &'static str {
    match kind {
        JoinKind::Account => "accounts",
        JoinKind::Group => "groups",
    }
}

fn rule(rule: JoinRule) -> &'static str {
    match rule {
        JoinRule::Decision => "decision",
        JoinRule::EntraId => "Entra object id",
        JoinRule::ExternalId => "external id",
        JoinRule::Email => "e-mail address",
        JoinRule::UserName => "user name",
        JoinRule::DisplayName => "display name",
        JoinRule::BackstageName => "Backstage name",
    }
}
