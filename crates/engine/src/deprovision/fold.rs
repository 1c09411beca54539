//! Folding: what each record changes of where a run stands.

use std::collections::BTreeMap;

use super::entry::{Before, Entry, Stage, StepPlan};
use super::story::{CheckStory, StepStory, Story, Told};
use crate::sources::doors::{Look, Seen, refused_by_form};
use crate::view::{Millis, Phase, RunId, StepState, Verdict};

impl Story {
    /// Folds records, the first of which is the plan. None where it is not.
    pub fn fold(id: RunId, by: &str, told: impl IntoIterator<Item = Told>) -> Option<Self> {
        let mut told = told.into_iter();
        let first = told.next()?;
        let Entry::Planned(planned) = first.entry else { return None };
        let planned = *planned;
        let test_made = planned.plan.subject.as_ref().is_some_and(|subject| subject.create.is_some());
        let mut story = Self {
            id,
            planned_at: first.at,
            by: by.to_owned(),
            targets: planned.targets.clone(),
            guards: planned.guards.clone(),
            agreed_at: None,
            steps: planned
                .steps
                .iter()
                .map(|plan| StepStory::new(plan.clone(), planned.dry_run))
                .collect(),
            checks: planned
                .checks
                .iter()
                .map(|plan| CheckStory {
                    before: planned.before.get(&plan.id).cloned(),
                    plan: plan.clone(),
                    verdict: Verdict::Pending,
                    says: String::new(),
                    polls: 0,
                    seen: None,
                    things: Vec::new(),
                    last: None,
                    asked_at: None,
                    took_ms: None,
                    waiver: None,
                    handed: false,
                    same: 0,
                    digests: Vec::new(),
                })
                .collect(),
            arrivals: BTreeMap::new(),
            prepared: if test_made { Vec::new() } else { vec![Stage::Join, Stage::Act] },
            made_at: None,
            cut_at: None,
            verify_at: None,
            watch: None,
            restoring: false,
            stopped: None,
            refused: false,
            closed: None,
            began: BTreeMap::from([(Phase::Plan, first.at)]),
            last_in: BTreeMap::from([(Phase::Plan, first.at)]),
            records: first.seq,
            head: first.hash,
            planned,
        };
        for next in told {
            story.take(next);
        }
        Some(story)
    }

    /// Takes the next record.
    pub fn take(&mut self, told: Told) {
        let Told { seq, at, entry, hash } = told;
        self.records = seq;
        self.head = hash;
        match entry {
            Entry::Planned(_) => {}
            Entry::Guards { guards } => {
                self.touch(Phase::Guards, at);
                self.guards = guards;
            }
            Entry::Agreed { .. } => {
                self.touch(Phase::Guards, at);
                self.agreed_at = Some(at);
            }
            Entry::Prepared { stage, steps, before } => self.prepare(stage, steps, &before, at),
            Entry::Intent { step, attempt, .. } => self.intent(&step, attempt, at),
            Entry::Answer { step, asked, fault, .. } => {
                if let Some(step) = self.step_mut(&step) {
                    step.state = StepState::Answered;
                    step.status = asked.as_ref().and_then(|asked| asked.status);
                    step.says = fault.map(|fault| fault.what).unwrap_or_default();
                    step.tries += 1;
                    step.refused_forms += usize::from(asked.as_deref().is_some_and(refused_by_form));
                    step.taken |= step.status.is_some_and(|status| (200..300).contains(&status));
                }
            }
            Entry::ReadBack { step, so, already, look } => self.read_back(&step, so, already, &look, at),
            Entry::Arrived {
                source, account, took_ms, ..
            } => {
                self.touch(Phase::Baseline, at);
                self.arrivals.insert(source, account.as_ref().map(|_| took_ms));
                if let (Some(account), Some(target)) = (account, self.targets.iter_mut().find(|target| target.source == source)) {
                    target.account = Some(account);
                }
            }
            Entry::Asked {
                check,
                seen,
                says,
                things,
                asked,
                same,
            } => {
                self.begin_verifying(at);
                if let Some(check) = self.check_mut(&check) {
                    check.verdict = Verdict::Waiting;
                    check.polls += 1;
                    check.asked_at = Some(at);
                    let lasting = seen == Seen::NotEvaluated
                        && asked
                            .iter()
                            .all(|asked| asked.status.is_some_and(|status| status < 500 && status != 429));
                    check.same = match (lasting, same) {
                        (true, true) => check.same + 1,
                        (true, false) => 1,
                        (false, _) => 0,
                    };
                    check.digests = asked.iter().map(|asked| (asked.status, asked.sha256.clone())).collect();
                    if !same && let Some(last) = asked.into_iter().next_back() {
                        check.last = Some((at, last));
                    } else if let Some((last_at, _)) = &mut check.last {
                        *last_at = at;
                    }
                    check.seen = Some(seen);
                    check.says = says;
                    check.things = things;
                    let phase = check.plan.phase;
                    self.touch(phase, at);
                }
            }
            Entry::Verdict {
                check,
                verdict,
                says,
                took_ms,
            } => {
                self.begin_verifying(at);
                if let Some(check) = self.check_mut(&check) {
                    check.verdict = verdict;
                    check.says = says;
                    check.took_ms = took_ms;
                    let phase = check.plan.phase;
                    self.touch(phase, at);
                }
            }
            Entry::WatchBegan { until } => {
                self.touch(Phase::Watch, at);
                self.watch = Some((at, until));
            }
            Entry::Confirmed { step, note, .. } => {
                if let Some(step) = self.step_mut(&step) {
                    step.state = StepState::Done;
                    step.done_at = Some(at);
                    step.says = note;
                    let phase = step.plan.phase;
                    self.touch(phase, at);
                    if phase == Phase::Act {
                        self.cut_at.get_or_insert(at);
                    }
                }
            }
            Entry::HandedOver { check, look, .. } => {
                if let Some(check) = self.check_mut(&check) {
                    check.handed = true;
                    if let Some(look) = look {
                        check.before = Some(Before {
                            seen: look.seen,
                            things: look.things,
                            says: look.says,
                        });
                    }
                    // One that was given up for want of a credential is asked after all.
                    if check.verdict == Verdict::NotEvaluated {
                        check.verdict = Verdict::Pending;
                        check.same = 0;
                    }
                }
                self.refused = false;
            }
            Entry::Waived { check, waiver } => {
                if let Some(check) = self.check_mut(&check) {
                    check.verdict = Verdict::Waived;
                    check.waiver = Some(waiver);
                }
                self.refused = false;
            }
            Entry::Stopped { fault, .. } => self.stopped = Some(fault),
            Entry::Resumed { .. } => self.resume(),
            Entry::Restoring { .. } => {
                self.touch(Phase::Restore, at);
                self.restoring = true;
                self.stopped = None;
            }
            Entry::Refused { .. } => self.refused = true,
            Entry::Closed { state, reason, .. } => {
                self.touch(Phase::Evidence, at);
                self.closed = Some((state, at, reason));
            }
        }
    }

    fn touch(&mut self, phase: Phase, at: Millis) {
        self.began.entry(phase).or_insert(at);
        self.last_in.insert(phase, at);
    }

    fn begin_verifying(&mut self, at: Millis) {
        self.touch(Phase::Verify, at);
        self.verify_at.get_or_insert(at);
    }

    fn prepare(&mut self, stage: Stage, steps: Vec<StepPlan>, before: &BTreeMap<String, Before>, at: Millis) {
        let phase = match stage {
            Stage::Join => Phase::Baseline,
            Stage::Act => Phase::Act,
            Stage::Restore => Phase::Restore,
        };
        self.touch(if stage == Stage::Restore { phase } else { Phase::Baseline }, at);
        // Those that were planned for show give way to the real ones; what was begun stays.
        self.steps
            .retain(|step| step.plan.phase != phase || step.attempts > 0 || step.done_at.is_some());
        let dry_run = self.planned.dry_run;
        for plan in steps {
            self.steps.push(StepStory::new(plan, dry_run));
        }
        self.steps.sort_by_key(|step| step.plan.phase);
        for check in &mut self.checks {
            if let Some(before) = before.get(&check.plan.id) {
                check.before = Some(before.clone());
            }
        }
        self.prepared.push(stage);
    }

    fn intent(&mut self, id: &str, attempt: u32, at: Millis) {
        let Some(step) = self.step_mut(id) else { return };
        step.state = StepState::Sending;
        step.attempts = attempt;
        step.status = None;
        step.sent_at = Some(at);
        let phase = step.plan.phase;
        self.touch(phase, at);
        if phase == Phase::Act {
            self.cut_at.get_or_insert(at);
        }
    }

    fn read_back(&mut self, id: &str, so: Option<bool>, already: bool, look: &Look, at: Millis) {
        let Some(step) = self.step_mut(id) else { return };
        step.state = match (so, already) {
            (Some(true), true) => StepState::AlreadySo,
            (Some(true), false) => StepState::Done,
            (Some(false) | None, _) => StepState::Failed,
        };
        if so == Some(true) {
            step.done_at = Some(at);
        }
        step.says.clone_from(&look.says);
        let (phase, source, created) = (step.plan.phase, step.plan.source, step.plan.action.ends_with(".create"));
        self.touch(phase, at);
        if created && so == Some(true) {
            self.made_at = Some(at);
            if let Some(thing) = look.things.first()
                && let Some(target) = self.targets.iter_mut().find(|target| target.source == source)
            {
                target.account = Some(thing.id.clone());
            }
            self.arrivals.insert(source, Some(0));
        }
    }

    /// What failed is tried again: steps are sent, and open checks asked, once more.
    fn resume(&mut self) {
        self.stopped = None;
        self.refused = false;
        for step in &mut self.steps {
            if step.state == StepState::Failed {
                // It may have arrived all the same: it is looked for before it is sent again.
                step.state = if step.attempts > 0 {
                    StepState::Sending
                } else {
                    StepState::Planned
                };
                step.status = None;
                step.tries = 0;
                step.refused_forms = 0;
            }
        }
        for check in &mut self.checks {
            if check.stands_in_the_way() {
                check.verdict = Verdict::Waiting;
                check.asked_at = None;
                check.same = 0;
            }
        }
    }
}
