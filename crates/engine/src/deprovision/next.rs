//! What a run does next, decided from its story and the time alone.

use super::entry::Stage;
use super::story::Story;
use crate::view::{Millis, Phase, RunKind, RunState, SourceId, StepState, Verdict};

/// The next thing.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// A person has to agree first.
    Agree,
    /// It was stopped; a person resumes it.
    Stopped,
    /// It is closed.
    Closed,
    /// A step is sent, or read back.
    Step(String),
    /// Steps are made of what is there now.
    Prepare(Stage),
    /// The identity is looked for in these systems.
    Arrive(Vec<SourceId>),
    /// The time for arriving is over in these systems.
    NotArrived(Vec<SourceId>),
    /// These checks are asked.
    Ask(Vec<String>),
    /// These checks cannot be asked, for want of a credential or of an account.
    GiveUp(Vec<String>),
    /// The watch begins.
    Watch,
    /// Nothing is due until then.
    Sleep(Millis),
    /// A person has a step by hand to do.
    Wait,
    /// It refuses to close.
    Refuse,
    /// The way back begins.
    Restore,
    /// It closes.
    Close(RunState),
}

/// What a run does next.
pub fn next(story: &Story, now: Millis) -> Next {
    if story.closed.is_some() {
        return Next::Closed;
    }
    if story.agreed_at.is_none() {
        return Next::Agree;
    }
    if story.stopped.is_some() {
        return Next::Stopped;
    }
    if story.restoring && story.cut_at.is_some() && open_step(story, Phase::Act).is_none() {
        // Asked for once the cut is made: the way back comes first, and waits for no check. Then the run refuses over what it did not see.
        if let Some(step) = restoring(story) {
            return step;
        }
    }
    baseline(story, now)
        .or_else(|| act(story))
        .or_else(|| verify(story, now))
        .or_else(|| watch(story, now))
        .unwrap_or_else(|| ending(story))
}

fn open_step(story: &Story, phase: Phase) -> Option<Next> {
    let step = story.steps.iter().find(|step| step.plan.phase == phase && step.is_open())?;
    Some(Next::Step(step.plan.id.clone()))
}

fn failed_in(story: &Story, phase: Phase) -> bool {
    story
        .steps
        .iter()
        .any(|step| step.plan.phase == phase && step.state == StepState::Failed)
}

fn baseline(story: &Story, now: Millis) -> Option<Next> {
    if !story.makes_identity() || story.planned.dry_run {
        return None;
    }
    if story.made_at.is_none() {
        // Nobody is put into groups who was not made.
        let failed = failed_in(story, Phase::Baseline).then_some(Next::Refuse);
        return failed.or_else(|| open_step(story, Phase::Baseline));
    }
    if !story.prepared.contains(&Stage::Join) {
        return Some(Next::Prepare(Stage::Join));
    }
    if let Some(step) = open_step(story, Phase::Baseline) {
        return Some(step);
    }
    let awaited: Vec<SourceId> = story
        .targets
        .iter()
        .filter(|target| !story.arrivals.contains_key(&target.source))
        .map(|target| target.source)
        .collect();
    if !awaited.is_empty() {
        let over = story
            .made_at
            .is_some_and(|made| now - made > i64::try_from(story.planned.arrive_ms).unwrap_or(i64::MAX));
        return Some(if over { Next::NotArrived(awaited) } else { Next::Arrive(awaited) });
    }
    (!story.prepared.contains(&Stage::Act)).then_some(Next::Prepare(Stage::Act))
}

fn act(story: &Story) -> Option<Next> {
    open_step(story, Phase::Act)
}

/// Questions about what the cut leaves behind: until all of it is done, they would be answered too early.
const AFTERWARDS: &[&str] = &["groups.emptied", "roles.unheld"];

/// The questions that are due while steps of the cut are still under way, or when the next is: one slow step makes no system's time to revoke
/// longer than it is.
pub fn beside(story: &Story, now: Millis) -> Next {
    if story.cut_at.is_none() || story.planned.dry_run {
        return Next::Sleep(Millis::MAX);
    }
    let open: Vec<_> = open_checks(story, Phase::Probe)
        .into_iter()
        .filter(|check| !AFTERWARDS.contains(&check.plan.name.as_str()) && !is_unaskable(story, check))
        .collect();
    due(story, &open, story.planned.poll_ms, now)
}

fn is_unaskable(story: &Story, check: &super::story::CheckStory) -> bool {
    let kind = super::catalogue::find_check(&check.plan.name);
    let lacks = kind.is_some_and(|kind| kind.credential.is_some()) && !check.handed;
    lacks || story.target(check.plan.source).is_none_or(|target| target.account.is_none())
}

fn open_checks(story: &Story, upto: Phase) -> Vec<&super::story::CheckStory> {
    story
        .checks
        .iter()
        .filter(|check| check.plan.phase <= upto && check.is_open())
        .collect()
}

/// Those of these that are due, or when the first is.
fn due(story: &Story, checks: &[&super::story::CheckStory], every: u64, now: Millis) -> Next {
    let every = i64::try_from(every).unwrap_or(i64::MAX);
    let mut first = Millis::MAX;
    let mut ready = Vec::new();
    for check in checks {
        let mut at = check.asked_at.map_or(Millis::MIN, |asked| asked.saturating_add(every));
        // The last question is asked when the limit passes, not a poll later.
        if let Some(from) = story.clock_from().filter(|_| check.plan.phase != Phase::Watch) {
            let limit = from.saturating_add(i64::try_from(check.plan.limit_ms).unwrap_or(i64::MAX));
            if check.asked_at.is_some_and(|asked| asked < limit) {
                at = at.min(limit);
            }
        }
        if at <= now {
            ready.push(check.plan.id.clone());
        }
        first = first.min(at);
    }
    if ready.is_empty() { Next::Sleep(first) } else { Next::Ask(ready) }
}

fn verify(story: &Story, now: Millis) -> Option<Next> {
    let open = open_checks(story, Phase::Probe);
    if open.is_empty() {
        return None;
    }
    let unasked: Vec<String> = open
        .iter()
        .filter(|check| is_unaskable(story, check))
        .map(|check| check.plan.id.clone())
        .collect();
    if !unasked.is_empty() {
        return Some(Next::GiveUp(unasked));
    }
    if story.is_put_back() {
        // Who was given back by the run's own hand cannot be seen to be gone any more.
        return Some(Next::GiveUp(open.iter().map(|check| check.plan.id.clone()).collect()));
    }
    Some(due(story, &open, story.planned.poll_ms, now))
}

fn watch(story: &Story, now: Millis) -> Option<Next> {
    if story.planned.watch_ms == 0 {
        return None;
    }
    let open = open_checks(story, Phase::Watch);
    if open.is_empty() {
        return None;
    }
    if story.is_put_back() {
        // Who is there again by the run's own hand did not come back by itself.
        return Some(Next::GiveUp(open.iter().map(|check| check.plan.id.clone()).collect()));
    }
    if story.watch.is_none() {
        return Some(Next::Watch);
    }
    let unasked: Vec<String> = open
        .iter()
        .filter(|check| story.target(check.plan.source).is_none_or(|target| target.account.is_none()))
        .map(|check| check.plan.id.clone())
        .collect();
    if !unasked.is_empty() {
        return Some(Next::GiveUp(unasked));
    }
    // Over a week it is enough to look now and then.
    let every = story.planned.poll_ms.max(story.planned.watch_ms / 500);
    let until = story.watch.map_or(now, |(_, until)| until);
    let last = open.iter().filter_map(|check| check.asked_at).min();
    if now >= until && last.is_none_or(|last| last < until) {
        return Some(Next::Ask(open.iter().map(|check| check.plan.id.clone()).collect()));
    }
    Some(match due(story, &open, every, now) {
        Next::Sleep(at) => Next::Sleep(at.min(until)),
        other => other,
    })
}

fn restoring(story: &Story) -> Option<Next> {
    if story.planned.dry_run || failed_in(story, Phase::Restore) {
        return None;
    }
    if !story.prepared.contains(&Stage::Restore) {
        return Some(if story.restoring {
            Next::Prepare(Stage::Restore)
        } else {
            Next::Restore
        });
    }
    open_step(story, Phase::Restore)
}

fn ending(story: &Story) -> Next {
    if story.checks.iter().any(super::story::CheckStory::stands_in_the_way) || failed_in(story, Phase::Restore) {
        return Next::Refuse;
    }
    let by_hand = |step: &super::story::StepStory| step.state == StepState::ByHand && !story.planned.dry_run;
    if story.steps.iter().any(by_hand) {
        return Next::Wait;
    }
    if story.planned.plan.kind == RunKind::Test
        && let Some(step) = restoring(story)
    {
        return step;
    }
    Next::Close(story.closing())
}

/// In which phase a run is.
pub fn phase(story: &Story, now: Millis) -> Phase {
    match next(story, now) {
        Next::Agree => Phase::Plan,
        Next::Prepare(Stage::Join | Stage::Act) | Next::Arrive(_) | Next::NotArrived(_) => Phase::Baseline,
        Next::Prepare(Stage::Restore) | Next::Restore => Phase::Restore,
        Next::Step(id) => story.step(&id).map_or(Phase::Act, |step| step.plan.phase),
        Next::Watch => Phase::Watch,
        Next::Close(_) | Next::Closed => Phase::Evidence,
        Next::Ask(_) | Next::GiveUp(_) | Next::Sleep(_) | Next::Wait | Next::Refuse | Next::Stopped => {
            if story.agreed_at.is_none() {
                return Phase::Plan;
            }
            let open = story
                .checks
                .iter()
                .filter(|check| check.is_open())
                .map(|check| check.plan.phase)
                .min();
            let standing = story
                .checks
                .iter()
                .filter(|check| check.stands_in_the_way() || (check.verdict == Verdict::Failed))
                .map(|check| check.plan.phase)
                .max();
            let last = story.last_in.keys().max().copied().unwrap_or(Phase::Plan);
            match open {
                Some(open) if story.verify_at.is_some() => open,
                _ => standing.unwrap_or(last).max(last),
            }
        }
    }
}
