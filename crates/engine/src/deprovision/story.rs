//! Where a run stands, folded from its records.

use std::collections::BTreeMap;

use super::entry::{Before, CheckPlan, Entry, Planned, Stage, StepPlan, Target};
use crate::sources::doors::{Asked, Seen, Thing};
use crate::view::{Fault, Guard, Millis, Phase, RunId, RunState, SourceId, StepState, Verdict, Waiver};

/// After so many same answers that say why it cannot be told, a check is not asked further.
const STUCK: u32 = 3;

/// A step, and how it stands.
#[derive(Clone, Debug)]
pub struct StepStory {
    /// As planned.
    pub plan: StepPlan,
    /// How it stands.
    pub state: StepState,
    /// How often it was sent.
    pub attempts: u32,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// In words.
    pub says: String,
    /// When it was sent last.
    pub sent_at: Option<Millis>,
    /// When it was read back as done.
    pub done_at: Option<Millis>,
}

impl StepStory {
    fn new(plan: StepPlan, dry_run: bool) -> Self {
        let state = if plan.write.is_none() {
            StepState::ByHand
        } else if dry_run {
            StepState::Skipped
        } else {
            StepState::Planned
        };
        Self {
            plan,
            state,
            attempts: 0,
            status: None,
            says: String::new(),
            sent_at: None,
            done_at: None,
        }
    }

    /// Whether the run has still to do something about it.
    pub fn is_open(&self) -> bool {
        matches!(self.state, StepState::Planned | StepState::Sending | StepState::Answered)
    }
}

/// A check, and how it stands.
#[derive(Clone, Debug)]
pub struct CheckStory {
    /// As planned.
    pub plan: CheckPlan,
    /// How it stands.
    pub verdict: Verdict,
    /// In words.
    pub says: String,
    /// What was held before.
    pub before: Option<Before>,
    /// How often it was asked.
    pub polls: u32,
    /// What was seen last.
    pub seen: Option<Seen>,
    /// What is there still.
    pub things: Vec<Thing>,
    /// The last question that had its answer in full.
    pub last: Option<(Millis, Asked)>,
    /// When it was asked last.
    pub asked_at: Option<Millis>,
    /// From the cut to the answer that passed.
    pub took_ms: Option<u64>,
    /// Who let it pass.
    pub waiver: Option<Waiver>,
    /// Whether a credential was handed over for it.
    pub handed: bool,
    /// How often in a row it could not be told, for the same reason.
    pub same: u32,
    /// What the last answers were, to tell whether the next are the same.
    pub digests: Vec<(Option<u16>, Option<String>)>,
}

impl CheckStory {
    /// Whether it is still asked.
    pub fn is_open(&self) -> bool {
        matches!(self.verdict, Verdict::Pending | Verdict::Waiting)
    }

    /// Whether the run cannot close over it. A check that a credential is needed for is critical only once one was handed over.
    pub fn is_critical(&self) -> bool {
        self.plan.critical && (self.handed || super::catalogue::find_check(&self.plan.name).is_none_or(|kind| kind.credential.is_none()))
    }

    /// Whether it keeps the run from closing.
    pub fn stands_in_the_way(&self) -> bool {
        self.is_critical() && matches!(self.verdict, Verdict::Failed | Verdict::NotEvaluated)
    }

    /// Whether it was asked in vain for the same lasting reason often enough.
    pub fn is_stuck(&self) -> bool {
        self.same >= STUCK
    }
}

/// A run's story, as far as it is told.
#[derive(Clone, Debug)]
pub struct Story {
    /// The run.
    pub id: RunId,
    /// When it was planned.
    pub planned_at: Millis,
    /// By whom.
    pub by: String,
    /// The plan of it.
    pub planned: Planned,
    /// The subject, system by system, as it is known by now.
    pub targets: Vec<Target>,
    /// What stands in the way.
    pub guards: Vec<Guard>,
    /// When a person agreed.
    pub agreed_at: Option<Millis>,
    /// Steps.
    pub steps: Vec<StepStory>,
    /// Checks.
    pub checks: Vec<CheckStory>,
    /// Systems in which the arrival of the identity is settled, with the time it took where it arrived.
    pub arrivals: BTreeMap<SourceId, Option<u64>>,
    /// Which stages' steps were made.
    pub prepared: Vec<Stage>,
    /// When the test identity was made.
    pub made_at: Option<Millis>,
    /// When the first write of the cut was sent.
    pub cut_at: Option<Millis>,
    /// From when on the checks are asked.
    pub verify_at: Option<Millis>,
    /// When the watch began, and until when it lasts.
    pub watch: Option<(Millis, Millis)>,
    /// Whether the way back is asked for.
    pub restoring: bool,
    /// Whether it was stopped, and by what error.
    pub stopped: Option<Option<Fault>>,
    /// Over what it refuses to close, as it was last recorded.
    pub refused: bool,
    /// How it was closed, and when.
    pub closed: Option<(RunState, Millis, Option<String>)>,
    /// When each phase began.
    pub began: BTreeMap<Phase, Millis>,
    /// When something was last done in each phase.
    pub last_in: BTreeMap<Phase, Millis>,
    /// How many records there are.
    pub records: i64,
    /// The hash of the last.
    pub head: String,
}

/// One record, its texts disclosed.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Millis,
    /// What it says.
    pub entry: Entry,
    /// Its hash.
    pub hash: String,
}

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
        step.sent_at = Some(at);
        let phase = step.plan.phase;
        self.touch(phase, at);
        if phase == Phase::Act {
            self.cut_at.get_or_insert(at);
        }
    }

    fn read_back(&mut self, id: &str, so: Option<bool>, already: bool, look: &crate::sources::doors::Look, at: Millis) {
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
                    StepState::Answered
                } else {
                    StepState::Planned
                };
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

    /// The step of this id.
    pub fn step(&self, id: &str) -> Option<&StepStory> {
        self.steps.iter().find(|step| step.plan.id == id)
    }

    fn step_mut(&mut self, id: &str) -> Option<&mut StepStory> {
        self.steps.iter_mut().find(|step| step.plan.id == id)
    }

    /// The check of this id.
    pub fn check(&self, id: &str) -> Option<&CheckStory> {
        self.checks.iter().find(|check| check.plan.id == id)
    }

    fn check_mut(&mut self, id: &str) -> Option<&mut CheckStory> {
        self.checks.iter_mut().find(|check| check.plan.id == id)
    }

    /// Whether the run has steps of the cut to take in a system still.
    pub fn is_still_cut(&self, source: SourceId) -> bool {
        self.steps
            .iter()
            .any(|step| step.plan.phase == Phase::Act && step.plan.source == source && step.is_open())
    }

    /// The subject in a system.
    pub fn target(&self, source: SourceId) -> Option<&Target> {
        self.targets.iter().find(|target| target.source == source)
    }

    /// Whether the test identity is one that the run makes.
    pub fn makes_identity(&self) -> bool {
        self.planned.plan.subject.as_ref().is_some_and(|subject| subject.create.is_some())
    }

    /// Whether the run has put back what it cut, or is about to.
    pub fn is_put_back(&self) -> bool {
        self.restoring && self.cut_at.is_some() && self.prepared.contains(&Stage::Restore)
    }

    /// From when on limits count: the first write of the cut; where nothing is written, the first question.
    pub fn clock_from(&self) -> Option<Millis> {
        self.cut_at.or(self.verify_at)
    }

    /// Over what it cannot be closed.
    pub fn refusals(&self) -> Vec<String> {
        let source = |id: SourceId| self.target(id).map_or("", |target| target.source_name.as_str());
        let steps = self
            .steps
            .iter()
            .filter(|step| step.state == StepState::Failed && step.plan.phase != Phase::Act)
            .map(|step| format!("{}: {} did not work", source(step.plan.source), step.plan.title));
        let checks = self.checks.iter().filter(|check| check.stands_in_the_way()).map(|check| {
            let how = if check.verdict == Verdict::Failed {
                "failed"
            } else {
                "could not be evaluated"
            };
            format!("{}: {} {how}: {}", source(check.plan.source), check.plan.title, check.says)
        });
        steps.chain(checks).collect()
    }

    /// How it closes when nothing stands in the way.
    pub fn closing(&self) -> RunState {
        let gap = self.checks.iter().any(|check| {
            matches!(check.verdict, Verdict::Waived | Verdict::Failed | Verdict::NotEvaluated)
                && (check.is_critical() || !self.for_want_of_credential(check))
                || check.took_ms.is_some_and(|took| took > check.plan.limit_ms)
        });
        let by_hand = self.steps.iter().any(|step| step.state == StepState::Failed);
        if gap || by_hand {
            RunState::PassedWithGaps
        } else {
            RunState::Passed
        }
    }

    /// Whether a check was not asked because nobody handed a credential over, which the plan did not ask for.
    fn for_want_of_credential(&self, check: &CheckStory) -> bool {
        let optional = self
            .planned
            .plan
            .systems
            .iter()
            .all(|system| system.checks.as_ref().is_none_or(|checks| !checks.contains(&check.plan.name)));
        check.verdict == Verdict::NotEvaluated
            && !check.handed
            && optional
            && super::catalogue::find_check(&check.plan.name).is_some_and(|kind| kind.credential.is_some())
    }
}
