//! Where a run stands, as `fold` makes it of its records.

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
    /// How often it was sent, or was about to be.
    pub attempts: u32,
    /// How often it was answered since it was planned, or since a person let the run go on after it failed.
    pub tries: u32,
    /// How many forms of the request were refused for their form in that time.
    pub refused_forms: usize,
    /// Whether it was ever answered well: what it makes is there then, or comes to be.
    pub taken: bool,
    /// The status of the last answer; none while it is not known whether it arrived.
    pub status: Option<u16>,
    /// In words.
    pub says: String,
    /// When it was sent last.
    pub sent_at: Option<Millis>,
    /// When it was read back as done.
    pub done_at: Option<Millis>,
}

impl StepStory {
    pub(super) fn new(plan: StepPlan, dry_run: bool) -> Self {
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
            tries: 0,
            refused_forms: 0,
            taken: false,
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
    /// The step of this id.
    pub fn step(&self, id: &str) -> Option<&StepStory> {
        self.steps.iter().find(|step| step.plan.id == id)
    }

    pub(super) fn step_mut(&mut self, id: &str) -> Option<&mut StepStory> {
        self.steps.iter_mut().find(|step| step.plan.id == id)
    }

    /// The check of this id.
    pub fn check(&self, id: &str) -> Option<&CheckStory> {
        self.checks.iter().find(|check| check.plan.id == id)
    }

    pub(super) fn check_mut(&mut self, id: &str) -> Option<&mut CheckStory> {
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
