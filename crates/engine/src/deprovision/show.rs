//! A run as its screen shows it.

use super::catalogue;
use super::drive::request_of;
use super::next::{Next, next, phase};
use super::story::{CheckStory, StepStory, Story};
use crate::sources::doors::Seen;
use crate::spans;
use crate::view::{
    AskedView, Check, GuardState, Millis, Need, Phase, PhaseState, PhaseView, Run, RunActions, RunState, RunSubject, RunSummary,
    SourceKind, Step, StepState, SubjectAccount, Verdict, VerdictCounts, WayOut,
};

/// The phases, in order.
const PHASES: [Phase; 9] = [
    Phase::Plan,
    Phase::Baseline,
    Phase::Guards,
    Phase::Act,
    Phase::Verify,
    Phase::Probe,
    Phase::Watch,
    Phase::Restore,
    Phase::Evidence,
];

/// Where a run stands. `driven` says whether a process drives it on.
pub fn state(story: &Story, now: Millis, driven: bool) -> RunState {
    match next(story, now) {
        Next::Closed => story.closed.as_ref().map_or(RunState::Failed, |(state, ..)| *state),
        Next::Agree => RunState::Planned,
        Next::Stopped => RunState::Stopped,
        Next::Refuse => RunState::Refusing,
        Next::Wait => RunState::Waiting,
        _ if driven => RunState::Running,
        _ => RunState::Stopped,
    }
}

fn counts(story: &Story) -> VerdictCounts {
    let mut counts = VerdictCounts::default();
    for check in &story.checks {
        let count = match check.verdict {
            Verdict::Pending => &mut counts.pending,
            Verdict::Waiting => &mut counts.waiting,
            Verdict::Passed => &mut counts.passed,
            Verdict::Failed => &mut counts.failed,
            Verdict::NotEvaluated => &mut counts.not_evaluated,
            Verdict::Waived => &mut counts.waived,
        };
        *count += 1;
    }
    counts
}

/// What it waits for or refuses over, in a sentence.
fn says(story: &Story, state: RunState) -> String {
    match state {
        RunState::Planned => "It waits for agreement.".into(),
        RunState::Refusing => match story.refusals().as_slice() {
            [] => String::new(),
            [one] => format!("It refuses to close: {one}."),
            [one, more @ ..] => format!("It refuses to close: {}; and {} more.", one.trim_end_matches('.'), more.len()),
        },
        RunState::Waiting => "A step by hand is to be done.".into(),
        RunState::Stopped => match &story.stopped {
            Some(Some(fault)) => format!("It was stopped: {}.", fault.what.trim_end_matches('.')),
            Some(None) => "It was stopped by a person.".into(),
            None => "Its process ended; it can go on.".into(),
        },
        RunState::Failed | RunState::Abandoned => story.closed.as_ref().and_then(|(_, _, reason)| reason.clone()).unwrap_or_default(),
        RunState::Running | RunState::Passed | RunState::PassedWithGaps => String::new(),
    }
}

/// The run in the list.
pub fn summary(story: &Story, now: Millis, driven: bool) -> RunSummary {
    let state = state(story, now, driven);
    let planned = &story.planned;
    RunSummary {
        id: story.id,
        plan: planned.plan.name.clone(),
        revision: planned.revision.clone(),
        kind: planned.plan.kind,
        subject: planned.subject.name.clone(),
        state,
        phase: phase(story, now),
        dry_run: planned.dry_run,
        planned_at: story.planned_at,
        cut_at: story.cut_at,
        closed_at: story.closed.as_ref().map(|(_, at, _)| *at),
        by: story.by.clone(),
        counts: counts(story),
        slowest_ms: story.checks.iter().filter_map(|check| check.took_ms).max(),
        says: says(story, state),
    }
}

/// The run, whole; evidence is put in by whoever has it.
pub fn run(story: &Story, now: Millis, driven: bool, person: Option<String>) -> Run {
    let summary = summary(story, now, driven);
    let state = summary.state;
    let needs = needs(story, state);
    let open = !matches!(
        state,
        RunState::Passed | RunState::PassedWithGaps | RunState::Failed | RunState::Abandoned
    );
    let touched = story.cut_at.is_some() || story.made_at.is_some() || story.steps.iter().any(|step| step.attempts > 0);
    let can = RunActions {
        agree: state == RunState::Planned && !story.guards.iter().any(|guard| guard.state == GuardState::Refuses),
        stop: state == RunState::Running,
        resume: matches!(state, RunState::Stopped | RunState::Refusing | RunState::Waiting),
        restore: open && touched && !driven && !story.restoring && story.planned.way_back.is_some(),
        close: false,
        fail: open && story.agreed_at.is_some() && !driven,
        abandon: open && !touched && !driven,
        export: !open && state != RunState::Abandoned,
    };
    let close = state == RunState::Refusing || state == RunState::Waiting;
    Run {
        who: RunSubject { person, ..who(story) },
        phases: phases(story, now, summary.phase, state),
        guards: story.guards.clone(),
        steps: story.steps.iter().map(|step| step_view(story, step)).collect(),
        checks: story.checks.iter().map(|check| check_view(story, check)).collect(),
        needs,
        refuses: if open { story.refusals() } else { Vec::new() },
        way_back: story.planned.way_back.clone(),
        left_out: story.planned.left_out.clone(),
        can: RunActions {
            close: close && story.refusals().is_empty(),
            ..can
        },
        records: u64::try_from(story.records).unwrap_or(0),
        head: story.head.clone(),
        evidence: None,
        fault: story.stopped.clone().flatten(),
        now,
        summary,
    }
}

/// Whom it is about, with the accounts that came to be on the way.
fn who(story: &Story) -> RunSubject {
    let accounts = story.targets.iter().filter_map(|target| {
        Some(SubjectAccount {
            source: target.source,
            source_name: target.source_name.clone(),
            kind: target.system,
            id: target.account.clone()?,
            user_name: target.user_name.clone(),
            joined_by: target.joined_by.clone(),
        })
    });
    RunSubject {
        accounts: accounts.collect(),
        ..story.planned.subject.clone()
    }
}

fn source_of(story: &Story, source: crate::view::SourceId) -> (String, SourceKind) {
    story.target(source).map_or((String::new(), SourceKind::Scim), |target| {
        (target.source_name.clone(), target.system)
    })
}

fn step_view(story: &Story, step: &StepStory) -> Step {
    let (source_name, kind) = source_of(story, step.plan.source);
    Step {
        id: step.plan.id.clone(),
        phase: step.plan.phase,
        action: step.plan.action.clone(),
        source: step.plan.source,
        source_name,
        kind,
        title: step.plan.title.clone(),
        means: step.plan.means.clone(),
        undoable: step.plan.undoable,
        request: request_of(&step.plan),
        instructions: step.plan.instructions.clone(),
        state: step.state,
        attempts: step.attempts,
        status: step.status,
        says: step.says.clone(),
        sent_at: step.sent_at,
        done_at: step.done_at,
    }
}

fn check_view(story: &Story, check: &CheckStory) -> Check {
    let (source_name, kind) = source_of(story, check.plan.source);
    let known = catalogue::find_check(&check.plan.name);
    let failed = matches!(check.verdict, Verdict::Failed | Verdict::NotEvaluated);
    let still = !matches!(check.verdict, Verdict::Passed) && check.seen == Some(Seen::There);
    Check {
        id: check.plan.id.clone(),
        name: check.plan.name.clone(),
        phase: check.plan.phase,
        source: check.plan.source,
        source_name,
        kind,
        title: check.plan.title.clone(),
        critical: check.is_critical(),
        verdict: check.verdict,
        says: check.says.clone(),
        before: check.before.as_ref().map(|before| before.says.clone()).unwrap_or_default(),
        took_ms: check.took_ms,
        arrived_ms: story.arrivals.get(&check.plan.source).copied().flatten(),
        limit_ms: check.plan.limit_ms,
        polls: check.polls,
        remains: if still || failed {
            check.things.iter().map(in_words).collect()
        } else {
            Vec::new()
        },
        last: check.last.as_ref().map(|(at, asked)| AskedView {
            at: *at,
            request: asked.request.clone(),
            status: asked.status,
            took_ms: asked.took_ms,
            excerpt: asked.excerpt.clone(),
        }),
        way_out: known.filter(|_| check.verdict == Verdict::Failed).map(|kind| way_out(kind, check)),
        waiver: check.waiver.clone(),
        controls: known.map_or_else(Vec::new, |kind| kind.controls.iter().map(ToString::to_string).collect()),
    }
}

fn in_words(thing: &crate::sources::doors::Thing) -> String {
    match &thing.note {
        Some(note) => format!("{} ({note})", thing.name),
        None => thing.name.clone(),
    }
}

/// The way out of a failed check, with a command where there is one to copy.
fn way_out(kind: &catalogue::CheckKind, check: &CheckStory) -> WayOut {
    let command = (kind.name == "azure.assignments" && !check.things.is_empty()).then(|| {
        let ids: Vec<String> = check
            .things
            .iter()
            .map(|thing| format!("\"{}\"", thing.id.replace('"', "")))
            .collect();
        format!("az role assignment delete --ids {}", ids.join(" "))
    });
    WayOut {
        words: kind.way_out.to_owned(),
        form: command.as_ref().map(|_| "az".to_owned()),
        command,
    }
}

/// Steps that cannot be undone, to be looked at a second time.
pub fn second_looks(story: &Story) -> Vec<String> {
    let last = |step: &&StepStory| step.plan.phase == Phase::Act && !step.plan.undoable && step.plan.write.is_some();
    // What was made for the run may be lost.
    if story.makes_identity() || story.planned.dry_run {
        return Vec::new();
    }
    story.steps.iter().filter(last).map(|step| step.plan.id.clone()).collect()
}

/// The name that has to be typed.
pub fn type_name(story: &Story) -> &str {
    &story.planned.subject.user_name
}

fn needs(story: &Story, state: RunState) -> Vec<Need> {
    let mut needs = Vec::new();
    if story.closed.is_some() {
        return needs;
    }
    if state == RunState::Planned {
        needs.push(Need::Agree {
            type_name: type_name(story).to_owned(),
            second_looks: second_looks(story),
        });
    }
    if !story.planned.dry_run && story.agreed_at.is_some() {
        for step in story.steps.iter().filter(|step| step.state == StepState::ByHand) {
            needs.push(Need::ByHand {
                step: step.plan.id.clone(),
                says: step.plan.instructions.clone().unwrap_or_else(|| step.plan.title.clone()),
            });
        }
    }
    for check in &story.checks {
        let credential = catalogue::find_check(&check.plan.name).and_then(|kind| kind.credential);
        if let Some(what) = credential.filter(|_| !check.handed && story.cut_at.is_none()) {
            needs.push(Need::Credential {
                check: check.plan.id.clone(),
                says: what.to_owned(),
            });
        }
        if check.stands_in_the_way() {
            needs.push(Need::Decide {
                check: check.plan.id.clone(),
                says: check.says.clone(),
            });
        }
    }
    needs
}

fn phases(story: &Story, now: Millis, current: Phase, state: RunState) -> Vec<PhaseView> {
    let closed = story.closed.is_some();
    PHASES
        .into_iter()
        .map(|phase| {
            let began_at = story.began.get(&phase).copied();
            let bad = troubled(story, phase);
            let none = is_left_out(story, phase);
            let state = if none && began_at.is_none() {
                PhaseState::Skipped
            } else if phase == current && !closed && state != RunState::Planned {
                if state == RunState::Refusing && bad {
                    PhaseState::Failed
                } else {
                    PhaseState::Running
                }
            } else if began_at.is_none() {
                if closed { PhaseState::Skipped } else { PhaseState::Pending }
            } else if phase_open(story, phase) && !closed {
                PhaseState::Running
            } else if bad {
                PhaseState::Failed
            } else {
                PhaseState::Done
            };
            let ended = if state == PhaseState::Running {
                Some(now)
            } else {
                story.last_in.get(&phase).copied()
            };
            PhaseView {
                phase,
                state,
                began_at,
                took_ms: began_at.zip(ended).and_then(|(began, ended)| u64::try_from(ended - began).ok()),
                says: phase_says(story, phase),
            }
        })
        .collect()
}

fn is_left_out(story: &Story, phase: Phase) -> bool {
    match phase {
        Phase::Act => !story.steps.iter().any(|step| step.plan.phase == Phase::Act),
        Phase::Probe => !story.checks.iter().any(|check| check.plan.phase == Phase::Probe),
        Phase::Watch => story.planned.watch_ms == 0,
        Phase::Restore => story.planned.way_back.is_none(),
        _ => false,
    }
}

fn phase_open(story: &Story, phase: Phase) -> bool {
    story.steps.iter().any(|step| step.plan.phase == phase && step.is_open())
        || story.checks.iter().any(|check| check.plan.phase == phase && check.is_open())
}

fn troubled(story: &Story, phase: Phase) -> bool {
    match phase {
        Phase::Guards => story.guards.iter().any(|guard| guard.state == GuardState::Refuses),
        Phase::Evidence => story.closed.as_ref().is_some_and(|(state, ..)| *state == RunState::Failed),
        _ => {
            story
                .steps
                .iter()
                .any(|step| step.plan.phase == phase && step.state == StepState::Failed)
                || story.checks.iter().any(|check| {
                    check.plan.phase == phase && matches!(check.verdict, Verdict::Failed | Verdict::NotEvaluated) && check.is_critical()
                })
        }
    }
}

fn plural(count: usize, one: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {one}s")
    }
}

fn phase_says(story: &Story, phase: Phase) -> String {
    let checks = || {
        let all: Vec<_> = story.checks.iter().filter(|check| check.plan.phase == phase).collect();
        let passed = all.iter().filter(|check| check.verdict == Verdict::Passed).count();
        format!("{passed} of {} passed", plural(all.len(), "check"))
    };
    let steps = || {
        let all: Vec<_> = story.steps.iter().filter(|step| step.plan.phase == phase).collect();
        let done = all
            .iter()
            .filter(|step| matches!(step.state, StepState::Done | StepState::AlreadySo))
            .count();
        format!("{done} of {} done", plural(all.len(), "step"))
    };
    match phase {
        Phase::Plan => format!(
            "{}, {}, {}",
            plural(story.planned.steps.len(), "step"),
            plural(story.checks.len(), "check"),
            plural(story.targets.len(), "system")
        ),
        Phase::Baseline if story.makes_identity() => {
            let arrived = story.arrivals.values().flatten().count();
            format!("arrived in {arrived} of {}", plural(story.targets.len(), "system"))
        }
        Phase::Baseline => plural(story.targets.iter().filter(|target| target.account.is_some()).count(), "account"),
        Phase::Guards => match story.guards.iter().filter(|guard| guard.state != GuardState::Clear).count() {
            0 => format!("{}, all clear", plural(story.guards.len(), "guard")),
            count => format!("{}, {count} to look at", plural(story.guards.len(), "guard")),
        },
        Phase::Act | Phase::Restore => steps(),
        Phase::Verify | Phase::Probe => checks(),
        Phase::Watch if story.planned.watch_ms > 0 => format!("for {}", spans::words(story.planned.watch_ms)),
        Phase::Watch => "not watched".into(),
        Phase::Evidence => story
            .closed
            .as_ref()
            .map(|(state, ..)| super::words::state(*state).to_owned())
            .unwrap_or_default(),
    }
}
