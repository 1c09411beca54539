//! Findings: the rules asked about the picture as it is, once for each; what became of each in the ledger; decisions and settings.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use lanyard_access::findings::{Asked, Outcome, rules as all_rules};
use serde_json::json;

use super::{Engine, held};
use crate::Error;
use crate::directory::Directory;
use crate::export::{self, findings::Findings};
use crate::findings::list::{self, SEVERITIES};
use crate::findings::log::{self, Asking, Told};
use crate::findings::rules::{self, AllSettings};
use crate::findings::scene::{self, Gone, Lists};
use crate::findings::{Context, Evaluation, history, tell};
use crate::map::{Map, MapBuilder};
use crate::record::{FindingRun, KeptSuppression};
use crate::store::ledger::AuditDraft;
use crate::sync::now;
use crate::view::{
    CredentialList, EngineEvent, ExportDone, FindingDetail, FindingFormat, FindingPage, FindingQuery, FindingRow, FindingState,
    FindingSums, Millis, RuleSettings, RuleState, day,
};

/// A setting of a rule.
const RULE: &str = "rule.";
/// A reason is a sentence or two.
const LONGEST_REASON: usize = 500;
const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;
/// How far away the end of a suppression may be, in days.
const LONGEST_SUPPRESSION: Millis = 366;

fn wrong(field: &'static str, problem: impl Into<String>) -> Error {
    Error::Input {
        field,
        problem: problem.into(),
    }
}

impl Engine {
    /// Asks all rules about the picture as it is, writes down what became of which finding, and keeps the answer. Where it was asked about this
    /// very picture already, nothing is done. From the first call on, the rules are asked after each sync by themselves. Blocking.
    ///
    /// # Errors
    /// When the cache cannot be read, or the ledger cannot be written.
    pub fn evaluate_findings(&self) -> Result<(), Error> {
        self.evaluation().map(drop)
    }

    /// A page of findings.
    ///
    /// # Errors
    /// As for [`Self::evaluate_findings`].
    pub fn findings(&self, query: &FindingQuery) -> Result<FindingPage, Error> {
        let (evaluation, beside) = self.evaluation_and_beside(closed_for(query))?;
        Ok(list::page(&evaluation, &beside, query))
    }

    /// All findings that are asked for, in order; offset and limit are ignored. For exports.
    ///
    /// # Errors
    /// As for [`Self::evaluate_findings`].
    pub fn all_findings(&self, query: &FindingQuery) -> Result<Vec<FindingRow>, Error> {
        let (evaluation, beside) = self.evaluation_and_beside(closed_for(query))?;
        Ok(list::rows(&evaluation, &beside, query))
    }

    /// All findings that are asked for, with the rules that were asked about and the sources by name, to be written down.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a rule that there is not; as for [`Self::evaluate_findings`].
    pub fn collect_findings(&self, query: &FindingQuery) -> Result<Findings, Error> {
        for id in &query.rules {
            rules::rule(id)?;
        }
        let since = query.new_since.unwrap_or_else(|| now() - DAY);
        let (evaluation, beside) = self.evaluation_and_beside(closed_for(query).into_iter().chain([since]).min())?;
        let asked = |state: &RuleState| {
            (query.rules.is_empty() || query.rules.contains(&state.rule.id)) && query.area.is_none_or(|area| area == state.rule.area)
        };
        let sources = self.sources()?;
        Ok(Findings {
            evaluated_at: Some(evaluation.at),
            findings: list::rows(&evaluation, &beside, query),
            rules: list::states(&evaluation, &beside, since).into_iter().filter(asked).collect(),
            sources: sources
                .into_iter()
                .map(|source| export::findings::Named {
                    id: source.id,
                    name: source.settings.name,
                    kind: source.settings.kind,
                })
                .collect(),
        })
    }

    /// Writes all findings that are asked for to a file; the audit log says so.
    ///
    /// # Errors
    /// As for [`Self::collect_findings`]; when the file cannot be written.
    pub fn export_findings(&self, query: &FindingQuery, format: FindingFormat, path: &Path) -> Result<ExportDone, Error> {
        let done = self.collect_findings(query)?.save(format, path)?;
        self.exported("findings", done)
    }

    /// One finding, whole.
    ///
    /// # Errors
    /// [`Error::NotFound`]; as for [`Self::evaluate_findings`].
    pub fn finding(&self, id: &str) -> Result<FindingDetail, Error> {
        let (evaluation, beside) = self.evaluation_and_beside(None)?;
        let ledger = &self.inner.ledger;
        let lines = ledger.finding_lines(id)?;
        let open = evaluation.by_id.get(id).map(|at| &evaluation.open[*at]);
        let row = match open {
            Some(open) => beside.row(open),
            None => lines.last().map(|line| line.row.clone()).ok_or_else(|| not_found(id))?,
        };
        let told = open.and_then(|open| evaluation.found(open));
        let rule = rules::rule(&row.rule)?;
        Ok(FindingDetail {
            rule: rules::view(rule, &evaluation.settings),
            evidence: told.map(|(context, found)| tell::evidence(context, found)).unwrap_or_default(),
            affected: told.map(|(context, found)| tell::affected(context, found)).unwrap_or_default(),
            fixes: told.map(|(context, found)| tell::ways_out(context, found)).unwrap_or_default(),
            history: history::events(&lines, &ledger.suppressions_of(id)?, beside.now),
            row,
        })
    }

    /// Every rule with how far it was evaluated and what it found. `since` says from when on findings count as new: a day ago unless given.
    ///
    /// # Errors
    /// As for [`Self::evaluate_findings`].
    pub fn finding_rules(&self, since: Option<Millis>) -> Result<Vec<RuleState>, Error> {
        let since = since.unwrap_or_else(|| now() - DAY);
        let (evaluation, beside) = self.evaluation_and_beside(Some(since))?;
        Ok(list::states(&evaluation, &beside, since))
    }

    /// Findings in numbers; `since` as for [`Self::finding_rules`].
    ///
    /// # Errors
    /// As for [`Self::evaluate_findings`].
    pub fn finding_sums(&self, since: Option<Millis>) -> Result<FindingSums, Error> {
        let since = since.unwrap_or_else(|| now() - DAY);
        let (evaluation, beside) = self.evaluation_and_beside(Some(since))?;
        let runs = self.inner.ledger.finding_runs(list::trend_begins(beside.now))?;
        Ok(list::sums(&evaluation, &beside, since, &runs))
    }

    /// Decides not to be told of a finding until a day, with a reason. It ends by itself then, or when what the finding stands on changes.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a finding that does not stand; [`Error::Input`] without a reason, or for an end that is over or more than a year
    /// away; when the ledger cannot be written.
    pub fn suppress_finding(&self, id: &str, reason: &str, until: Millis) -> Result<(), Error> {
        let reason = checked_reason(reason)?;
        let at = now();
        if until <= at {
            return Err(wrong("Until", "choose a day that is to come"));
        }
        if until > at + LONGEST_SUPPRESSION * DAY {
            return Err(wrong("Until", format!("choose a day within the next {LONGEST_SUPPRESSION} days")));
        }
        let evaluation = self.evaluation()?;
        let open = evaluation
            .by_id
            .get(id)
            .map(|at| &evaluation.open[*at])
            .ok_or_else(|| not_found(id))?;
        let draft = AuditDraft {
            action: "finding.suppressed",
            source: None,
            summary: format!("Not to be told until {}: {}. Reason: {reason}", day(until), open.row.says),
            data: json!({ "finding": id, "rule": open.row.rule, "until": until, "reason": reason, "says": open.row.says, "facts": open.facts }),
        };
        self.decide_about(id, open.facts.clone(), reason, until, false, draft)
    }

    /// Takes the decision not to be told of a finding back.
    ///
    /// # Errors
    /// [`Error::NotFound`] where none is in force; when the ledger cannot be written.
    pub fn lift_suppression(&self, id: &str) -> Result<(), Error> {
        let (evaluation, beside) = self.evaluation_and_beside(None)?;
        let open = evaluation.by_id.get(id).map(|at| &evaluation.open[*at]);
        let kept = open.filter(|open| beside.row(open).suppression.is_some());
        let open = kept.ok_or_else(|| Error::NotFound {
            what: "suppression of",
            name: id.to_owned(),
        })?;
        let draft = AuditDraft {
            action: "finding.lifted",
            source: None,
            summary: format!("To be told again: {}", open.row.says),
            data: json!({ "finding": id, "rule": open.row.rule, "says": open.row.says }),
        };
        self.decide_about(id, open.facts.clone(), "", beside.now, true, draft)
    }

    fn decide_about(&self, id: &str, facts: String, reason: &str, until: Millis, lifted: bool, draft: AuditDraft) -> Result<(), Error> {
        let decision = KeptSuppression {
            seq: 0,
            at: 0,
            by: String::new(),
            finding: id.to_owned(),
            facts,
            until,
            reason: reason.to_owned(),
            lifted,
        };
        self.inner.ledger.decide_finding(&decision, draft)?;
        self.tell(EngineEvent::FindingsChanged);
        Ok(())
    }

    /// What settings change about a rule.
    ///
    /// # Errors
    /// [`Error::NotFound`]; when the ledger cannot be read.
    pub fn rule_settings(&self, id: &str) -> Result<RuleSettings, Error> {
        let rule = rules::rule(id)?;
        Ok(self.settings_of_rules()?.of(rule.id))
    }

    /// Changes a rule: switches it off or on, gives it another severity or other numbers. It stands in the audit log, and the rules are asked
    /// again.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Input`] for a number that the rule does not have or that is out of bounds; when the ledger cannot be written.
    pub fn set_rule(&self, id: &str, settings: &RuleSettings) -> Result<(), Error> {
        let rule = rules::rule(id)?;
        let settings = rules::checked(rule, settings)?;
        let mut changes: Vec<String> = Vec::new();
        changes.extend(settings.off.then(|| "switched off".to_owned()));
        changes.extend(
            settings
                .severity
                .map(|severity| format!("severity {}", format!("{severity:?}").to_lowercase())),
        );
        changes.extend(settings.parameters.iter().map(|(name, value)| format!("{name} {value}")));
        let changes = if changes.is_empty() {
            "as it comes".to_owned()
        } else {
            changes.join(", ")
        };
        let draft = AuditDraft {
            action: "rule.set",
            source: None,
            summary: format!("Rule {}: {changes}", rule.title),
            data: json!({ "rule": id, "settings": settings }),
        };
        let kept = json!(settings).to_string();
        self.inner.ledger.set_setting_and_tell(&format!("{RULE}{id}"), &kept, draft)?;
        self.ask_again();
        Ok(())
    }

    fn settings_of_rules(&self) -> Result<AllSettings, Error> {
        let all = self.inner.ledger.settings_like(RULE)?;
        let read = |(key, value): (String, String)| {
            let id = key.strip_prefix(RULE)?.to_owned();
            Some((id, serde_json::from_str(&value).ok()?))
        };
        Ok(AllSettings::new(all.into_iter().filter_map(read)))
    }

    /// Forgets what the rules found, because something that they look at is not what it was, and asks them again in the background where
    /// somebody wants to know.
    pub(super) fn ask_again(&self) {
        // First this: an asking that is under way looked at what was before, and must not count.
        self.inner.asked_anew.fetch_add(1, Ordering::SeqCst);
        *held(&self.inner.findings) = None;
        if !self.inner.asks_rules.load(Ordering::Relaxed) {
            self.tell(EngineEvent::FindingsChanged);
            return;
        }
        let engine = self.clone();
        let started = std::thread::Builder::new().name("findings".into()).spawn(move || {
            if let Err(error) = engine.evaluation() {
                tracing::warn!(%error, "the rules could not be asked");
            }
            // Also where no finding came or went: a rule that is off, say, shows none of its own.
            engine.tell(EngineEvent::FindingsChanged);
        });
        if let Err(error) = started {
            tracing::warn!(%error, "no thread to ask the rules");
        }
    }

    /// Lets go of what was found about an earlier picture, unless a sync is under way and lists still show it.
    pub(super) fn drop_findings(&self) {
        if held(&self.inner.running).is_empty() {
            *held(&self.inner.findings) = None;
        }
    }

    /// Asks the rules after a sync, where somebody wants to know.
    pub(super) fn ask_after_sync(&self) {
        let busy = !held(&self.inner.running).is_empty();
        if self.inner.asks_rules.load(Ordering::Relaxed) && !busy {
            self.ask_again();
        }
    }

    /// The evaluation, with decisions, and with what was closed since a time where that is wanted.
    fn evaluation_and_beside(&self, closed: Option<Millis>) -> Result<(Arc<Evaluation>, list::Beside), Error> {
        let evaluation = self.evaluation()?;
        let ledger = &self.inner.ledger;
        let suppressions = ledger.suppressions()?.into_iter().map(|kept| (kept.finding.clone(), kept));
        let beside = list::Beside {
            suppressions: suppressions.collect(),
            closed: closed.map_or_else(|| Ok(Vec::new()), |since| ledger.closed_findings(since))?,
            now: now(),
        };
        Ok((evaluation, beside))
    }

    /// What the rules say about the picture as it is. While a sync runs the picture is half of one moment and half of another: then what was
    /// found last stands, and where nothing was, that is said.
    fn evaluation(&self) -> Result<Arc<Evaluation>, Error> {
        self.inner.asks_rules.store(true, Ordering::Relaxed);
        let _one_at_a_time = held(&self.inner.evaluating);
        let generation = self.current()?.generation();
        let syncing = !held(&self.inner.running).is_empty();
        let kept = held(&self.inner.findings).clone();
        if let Some(kept) = kept {
            let fresh = kept.generation == generation && now() - kept.at < HOUR;
            if syncing || fresh {
                return Ok(kept);
            }
        }
        if syncing {
            return self.not_asked().map(Arc::new);
        }
        // The old one goes first: it holds a picture and a map.
        *held(&self.inner.findings) = None;
        let mut told = false;
        loop {
            let wanted = self.inner.asked_anew.load(Ordering::SeqCst);
            let (evaluation, changed) = self.ask_rules()?;
            told |= changed;
            let evaluation = Arc::new(evaluation);
            *held(&self.inner.findings) = Some(Arc::clone(&evaluation));
            if wanted == self.inner.asked_anew.load(Ordering::SeqCst) {
                if told {
                    self.tell(EngineEvent::FindingsChanged);
                }
                return Ok(evaluation);
            }
        }
    }

    /// Asks all rules, and writes down what became of which; whether anything did.
    fn ask_rules(&self) -> Result<(Evaluation, bool), Error> {
        let started = Instant::now();
        let at = now();
        let map = self.map()?;
        let settings = self.settings_of_rules()?;
        let restore_groups = self.restore_keys()?;
        let credentials = self.own_credentials(at)?;
        let gone = self.gone_from_authority(&map)?;
        let held_once = |source, id: &str| Ok(self.inner.ledger.knows(source, id)?);
        let beside = scene::Beside {
            now: at,
            restore_groups: &restore_groups,
            keychain: credentials.fault.is_none(),
            credentials: &credentials.credentials,
            gone: &gone,
            held_once: &held_once,
        };
        let (outcome, lists) = {
            let (scene, lists) = scene::scene(&map, &*self.inner.cache, &beside)?;
            (lanyard_access::findings::evaluate(&scene, &settings.for_rules()), lists)
        };
        let told = told(&map, &lists, &outcome, &settings, at);
        let asking = Asking {
            map: &map,
            outcome: &outcome,
            settings: &settings,
            at,
            syncing: false,
        };
        let ((open, took_us), changed) = self.inner.ledger.log_findings(false, |before| {
            let (drafts, open) = log::compare(&asking, told, before);
            let took_us = started.elapsed().as_micros() as u64;
            (drafts, run(&outcome, &open, at, took_us), (open, took_us))
        })?;
        Ok((evaluation(map, lists, outcome, open, settings, at, took_us), changed))
    }

    /// What stood before a sync that runs now, as far as the ledger tells: nothing was asked.
    fn not_asked(&self) -> Result<Evaluation, Error> {
        let empty = Arc::new(Directory::empty(0));
        let map = Arc::new(MapBuilder::new(empty, self.sources()?).finish(&*self.inner.cache)?);
        let settings = self.settings_of_rules()?;
        let outcome = Outcome {
            found: Vec::new(),
            asked: all_rules::all().iter().map(|_| Asked::Not(Vec::new())).collect(),
        };
        let asking = Asking {
            map: &map,
            outcome: &outcome,
            settings: &settings,
            at: now(),
            syncing: true,
        };
        let (_, open) = log::compare(&asking, Vec::new(), self.inner.ledger.open_findings()?);
        let mut nothing = evaluation(map, Lists::default(), outcome, open, settings, now(), 0);
        nothing.asked = false;
        Ok(nothing)
    }

    fn own_credentials(&self, at: Millis) -> Result<CredentialList, Error> {
        let mut list = CredentialList {
            credentials: Vec::new(),
            not_evaluated: Vec::new(),
            keychain: self.inner.keychain.kind().into(),
            fault: None,
            need: 0,
        };
        self.held_credentials(&mut list, at)?;
        Ok(list)
    }

    fn gone_from_authority(&self, map: &Map) -> Result<Vec<Gone>, Error> {
        let lead = map.directory().sources().iter().find(|source| source.authoritative);
        let Some(lead) = lead else { return Ok(Vec::new()) };
        let gone = self.inner.ledger.gone_users(lead.id)?;
        Ok(gone.into_iter().map(|(id, name)| Gone { id, name }).collect())
    }
}

/// Since when closed findings are wanted for a query; none where none are.
fn closed_for(query: &FindingQuery) -> Option<Millis> {
    query.states.contains(&FindingState::Closed).then_some(0)
}

fn not_found(id: &str) -> Error {
    Error::NotFound {
        what: "finding",
        name: id.to_owned(),
    }
}

fn checked_reason(reason: &str) -> Result<&str, Error> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(wrong("Reason", "say in a word or two why; it is kept beside the decision"));
    }
    if reason.chars().count() > LONGEST_REASON {
        return Err(wrong("Reason", format!("it is longer than {LONGEST_REASON} characters")));
    }
    Ok(reason)
}

/// What was found, in words, each once.
fn told(map: &Map, lists: &Lists, outcome: &Outcome, settings: &AllSettings, at: Millis) -> Vec<Told> {
    let mut seen = hashbrown::HashSet::new();
    let all = outcome.found.iter().enumerate();
    all.filter_map(|(place, found)| {
        let rule = &all_rules::all()[found.rule];
        let context = Context { map, lists, rule };
        let (row, facts) = tell::told(context, found, settings.severity(rule.id), at);
        seen.insert(row.id.clone()).then_some(Told { row, facts, found: place })
    })
    .collect()
}

fn run(outcome: &Outcome, open: &[crate::findings::Open], at: Millis, took_us: u64) -> FindingRun {
    let asked = outcome.asked.iter();
    FindingRun {
        at,
        took_us,
        open: SEVERITIES.map(|severity| open.iter().filter(|open| open.row.severity == severity).count() as u32),
        not_evaluated: asked.filter(|asked| matches!(asked, Asked::Partly(_) | Asked::Not(_))).count() as u32,
    }
}

fn evaluation(
    map: Arc<Map>,
    lists: Lists,
    outcome: Outcome,
    open: Vec<crate::findings::Open>,
    settings: AllSettings,
    at: Millis,
    took_us: u64,
) -> Evaluation {
    let by_id: HashMap<String, usize> = open.iter().enumerate().map(|(at, open)| (open.row.id.clone(), at)).collect();
    Evaluation {
        generation: map.generation(),
        asked: true,
        at,
        took_us,
        map,
        lists,
        outcome,
        open,
        by_id,
        settings,
    }
}
