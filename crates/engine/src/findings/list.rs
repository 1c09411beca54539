//! Pages and sums of findings.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use lanyard_access::findings::{Asked, rules as all_rules};

use super::{Evaluation, Open, log, rules, tell};
use crate::record::{FindingRun, FindingVersion, KeptSuppression};
use crate::view::{
    Caveat, FindingPage, FindingQuery, FindingRow, FindingSort, FindingState, FindingSums, Millis, RuleState, Severity, SeveritySum,
    Suppression,
};

/// Rows of a page at most.
const PAGE: u32 = 500;
/// Days of the trend.
const DAYS: i64 = 14;
const DAY: Millis = 24 * 3_600_000;
/// Findings that stand beside the sums.
const FIRST: usize = 8;
/// All four, the weightiest first.
pub const SEVERITIES: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

/// What lists are made of besides the evaluation: decisions and what was closed, as the ledger has them now.
pub struct Beside {
    /// The newest decision about each finding.
    pub suppressions: HashMap<String, KeptSuppression>,
    /// What was closed, newest first.
    pub closed: Vec<FindingVersion>,
    /// Now.
    pub now: Millis,
}

impl Beside {
    fn suppression(&self, open: &Open) -> Option<Suppression> {
        let kept = self.suppressions.get(&open.row.id)?;
        kept.holds(&open.facts, self.now).then(|| Suppression {
            by: kept.by.clone(),
            at: kept.at,
            reason: kept.reason.clone(),
            until: kept.until,
        })
    }

    /// The row of a finding that stands, with the decision about it.
    pub fn row(&self, open: &Open) -> FindingRow {
        let mut row = open.row.clone();
        row.suppression = self.suppression(open);
        if row.suppression.is_some() {
            row.state = FindingState::Suppressed;
        }
        row
    }

    fn state(&self, open: &Open) -> FindingState {
        match self.suppressions.get(&open.row.id) {
            Some(kept) if kept.holds(&open.facts, self.now) => FindingState::Suppressed,
            _ => FindingState::Open,
        }
    }
}

/// Whether a row is asked for, but for its state and whom it is about.
fn fits(query: &FindingQuery, row: &FindingRow) -> bool {
    (query.rules.is_empty() || query.rules.contains(&row.rule))
        && (query.severities.is_empty() || query.severities.contains(&row.severity))
        && query.area.is_none_or(|area| area == row.area)
        && query.source.is_none_or(|source| row.sources.contains(&source))
        && query.new_since.is_none_or(|since| row.first_seen >= since)
}

/// All rows that are asked for, in order.
pub fn rows(evaluation: &Evaluation, beside: &Beside, query: &FindingQuery) -> Vec<FindingRow> {
    let states: &[FindingState] = if query.states.is_empty() {
        &[FindingState::Open]
    } else {
        &query.states
    };
    let search = query.search.trim().to_lowercase();
    let about = query.about.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let node = about.map(|text| evaluation.map.about(text));
    let address = |row: &FindingRow| {
        let of = row.subject.address.as_deref();
        about.is_none_or(|text| of == Some(text) || of.and_then(|of| of.split_once(':')).is_some_and(|(_, key)| key == text))
    };
    let is_about = |open: &Open| match (node, evaluation.found(open)) {
        (None, _) => true,
        (Some(Some(about)), Some((_, found))) => tell::is_about(evaluation, found, about),
        _ => address(&open.row),
    };
    let mut all: Vec<FindingRow> = evaluation
        .open
        .iter()
        .filter(|open| fits(query, &open.row) && (search.is_empty() || open.text.contains(&search)))
        .filter(|open| states.contains(&beside.state(open)) && is_about(open))
        .map(|open| beside.row(open))
        .collect();
    if states.contains(&FindingState::Closed) {
        let closed = beside.closed.iter().map(|version| &version.row);
        let says = |row: &&FindingRow| {
            search.is_empty() || row.says.to_lowercase().contains(&search) || row.subject.name.to_lowercase().contains(&search)
        };
        all.extend(
            closed
                .filter(|row| fits(query, row))
                .filter(says)
                .filter(|row| address(row))
                .cloned(),
        );
    }
    sort(&mut all, query.sort);
    all
}

/// A page of the rows that are asked for.
pub fn page(evaluation: &Evaluation, beside: &Beside, query: &FindingQuery) -> FindingPage {
    let all = rows(evaluation, beside, query);
    let total = all.len() as u32;
    FindingPage {
        rows: all
            .into_iter()
            .skip(query.offset as usize)
            .take(query.limit.min(PAGE) as usize)
            .collect(),
        total,
        evaluated_at: evaluation.asked.then_some(evaluation.at),
        generation: evaluation.generation,
    }
}

fn rule_place(row: &FindingRow) -> usize {
    all_rules::place_of(&row.rule).unwrap_or(usize::MAX)
}

fn sort(rows: &mut [FindingRow], by: FindingSort) {
    let key = |row: &FindingRow| (row.severity, rule_place(row), row.subject.name.to_lowercase(), row.id.clone());
    match by {
        FindingSort::Severity => rows.sort_by_cached_key(key),
        FindingSort::Newest => rows.sort_by_cached_key(|row| (Reverse(row.first_seen), key(row))),
        FindingSort::Rule => {
            let mut worst: BTreeMap<usize, Severity> = BTreeMap::new();
            for row in rows.iter() {
                let known = worst.entry(rule_place(row)).or_insert(row.severity);
                *known = (*known).min(row.severity);
            }
            rows.sort_by_cached_key(|row| {
                let rule = rule_place(row);
                (worst.get(&rule).copied(), rule, key(row))
            });
        }
    }
}

/// Every rule with how it stands.
pub fn states(evaluation: &Evaluation, beside: &Beside, since: Millis) -> Vec<RuleState> {
    let mut by_rule: HashMap<&str, Vec<&Open>> = HashMap::new();
    for open in &evaluation.open {
        by_rule.entry(open.row.rule.as_str()).or_default().push(open);
    }
    let all = all_rules::all().iter().zip(&evaluation.outcome.asked);
    all.map(|(rule, asked)| {
        let (evaluated, mut not_evaluated) = rules::evaluated(&evaluation.map, rule, asked);
        if !evaluation.asked {
            not_evaluated.push(Caveat {
                source: None,
                text: log::SYNCING.into(),
            });
        }
        let of = by_rule.get(rule.id).map_or(&[][..], Vec::as_slice);
        let open: Vec<&&Open> = of.iter().filter(|open| beside.state(open) == FindingState::Open).collect();
        RuleState {
            rule: rules::view(rule, &evaluation.settings),
            evaluated,
            not_evaluated,
            open: open.len() as u32,
            new: open.iter().filter(|open| open.row.first_seen >= since).count() as u32,
            closed: closed_since(beside, since).filter(|row| row.rule == rule.id).count() as u32,
            suppressed: (of.len() - open.len()) as u32,
            worst: open.iter().map(|open| open.row.severity).min(),
        }
    })
    .collect()
}

fn closed_since(beside: &Beside, since: Millis) -> impl Iterator<Item = &FindingRow> {
    beside
        .closed
        .iter()
        .filter(move |version| version.at >= since)
        .map(|version| &version.row)
}

/// Findings in numbers. `runs` are the askings of the last days.
pub fn sums(evaluation: &Evaluation, beside: &Beside, since: Millis, runs: &[FindingRun]) -> FindingSums {
    let open: Vec<&Open> = evaluation
        .open
        .iter()
        .filter(|open| beside.state(open) == FindingState::Open)
        .collect();
    let severities = SEVERITIES.map(|severity| {
        let of = open.iter().filter(|open| open.row.severity == severity);
        SeveritySum {
            severity,
            open: of.clone().count() as u32,
            new: of.filter(|open| open.row.first_seen >= since).count() as u32,
            // What came and went within the time was neither there before nor is there now: it changes no number.
            closed: closed_since(beside, since)
                .filter(|row| row.severity == severity && row.first_seen < since)
                .count() as u32,
            trend: trend(runs, severity, beside.now),
        }
    });
    let mut first: Vec<&&Open> = open.iter().collect();
    first.sort_by_key(|open| (open.row.severity, Reverse(open.row.first_seen), rule_place(&open.row), &open.row.id));
    let asked = &evaluation.outcome.asked;
    FindingSums {
        severities: severities.into(),
        open: open.len() as u32,
        suppressed: (evaluation.open.len() - open.len()) as u32,
        rules_not_evaluated: asked
            .iter()
            .filter(|asked| matches!(asked, Asked::Partly(_) | Asked::Not(_)))
            .count() as u32,
        rules_asked: asked
            .iter()
            .filter(|asked| matches!(asked, Asked::Partly(_) | Asked::Fully))
            .count() as u32,
        evaluated_at: evaluation.asked.then_some(evaluation.at),
        took_us: evaluation.took_us,
        since,
        first: first.into_iter().take(FIRST).map(|open| beside.row(open)).collect(),
    }
}

/// When the trend begins.
pub fn trend_begins(now: Millis) -> Millis {
    (now.div_euclid(DAY) - (DAYS - 1)) * DAY
}

/// How many were open at the end of each of the last days.
fn trend(runs: &[FindingRun], severity: Severity, now: Millis) -> Vec<Option<u32>> {
    let first = trend_begins(now).div_euclid(DAY);
    (first..first + DAYS)
        .map(|day| {
            let last = runs.iter().rfind(|run| run.at.div_euclid(DAY) == day);
            last.map(|run| run.open[FindingRun::place(severity)])
        })
        .collect()
}
