//! Records in plain words: their titles, which may name people and are committed where they do, and audit entries, which name nobody.

use serde_json::json;

use super::entry::{Entry, Stage};
use super::story::Story;
use crate::sources::doors::Seen;
use crate::spans;
use crate::store::ledger::AuditDraft;
use crate::view::{RunState, SourceId, Verdict};

/// A verdict in a word.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pending => "not asked yet",
        Verdict::Waiting => "not yet so",
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::NotEvaluated => "not evaluated",
        Verdict::Waived => "waived",
    }
}

/// How a run was closed, in words.
pub fn state(state: RunState) -> &'static str {
    match state {
        RunState::Planned => "planned",
        RunState::Running => "running",
        RunState::Waiting => "waiting for a person",
        RunState::Stopped => "stopped",
        RunState::Refusing => "refusing to close",
        RunState::Passed => "passed",
        RunState::PassedWithGaps => "passed with gaps",
        RunState::Failed => "failed",
        RunState::Abandoned => "abandoned",
    }
}

fn source_name(story: &Story, source: SourceId) -> &str {
    story.target(source).map_or("a source", |target| target.source_name.as_str())
}

fn check_title(story: &Story, id: &str) -> String {
    match story.check(id) {
        Some(check) => format!("{}: {}", source_name(story, check.plan.source), check.plan.title),
        None => id.to_owned(),
    }
}

fn step_title(story: &Story, id: &str) -> String {
    match story.step(id) {
        Some(step) => format!("{}: {}", source_name(story, step.plan.source), step.plan.title),
        None => id.to_owned(),
    }
}

/// A record's title.
pub fn title(story: &Story, entry: &Entry) -> String {
    match entry {
        Entry::Planned(_) => "Planned".into(),
        Entry::Guards { guards } if guards.len() == 1 => "1 guard was looked at".into(),
        Entry::Guards { guards } => format!("{} guards were looked at", guards.len()),
        Entry::Agreed { by, .. } => format!("Agreed to by {by}"),
        Entry::Prepared { stage, steps, .. } => {
            let what = match stage {
                Stage::Join => "putting it into its groups",
                Stage::Act => "the cut",
                Stage::Restore => "the way back",
            };
            match steps.len() {
                0 => format!("Nothing is to be done for {what}"),
                1 => format!("1 step was made for {what}"),
                count => format!("{count} steps were made for {what}"),
            }
        }
        Entry::Intent {
            step, after: Some(look), ..
        } => format!("{}: about to be sent again, since: {}", step_title(story, step), look.says),
        Entry::Intent { step, .. } => format!("{}: about to be sent", step_title(story, step)),
        Entry::Answer { step, asked, fault, .. } => {
            let answer = match (asked.as_ref().and_then(|asked| asked.status), fault) {
                (Some(status), _) => format!("answered {status}"),
                (None, Some(fault)) => format!("no answer: {}", fault.what),
                (None, None) => "no answer".to_owned(),
            };
            format!("{}: {answer}", step_title(story, step))
        }
        Entry::ReadBack { step, so, already, look } => {
            let how = match (so, already) {
                (Some(true), true) => "it was so already",
                (Some(true), false) => "read back, done",
                (Some(false), _) => "read back, and not so",
                (None, _) => "it could not be read back",
            };
            format!("{}: {how}: {}", step_title(story, step), look.says)
        }
        Entry::Arrived {
            source, account, took_ms, ..
        } => match account {
            Some(_) => format!("{}: arrived after {}", source_name(story, *source), spans::words(*took_ms)),
            None => format!("{}: had not arrived after {}", source_name(story, *source), spans::words(*took_ms)),
        },
        Entry::Asked { check, seen, says, .. } => {
            let seen = match seen {
                Seen::There => "there still",
                Seen::Off => "off",
                Seen::Gone => "gone",
                Seen::NotEvaluated => "could not be told",
            };
            format!("{}: {seen}: {says}", check_title(story, check))
        }
        Entry::Verdict {
            check,
            verdict: how,
            took_ms,
            ..
        } => {
            let after = took_ms.map(|ms| format!(" after {}", spans::words(ms))).unwrap_or_default();
            format!("{}: {}{after}", check_title(story, check), verdict(*how))
        }
        Entry::WatchBegan { .. } => format!("Watching for {}", spans::words(story.planned.watch_ms)),
        Entry::Confirmed { step, by, .. } => format!("{}: done by hand, says {by}", step_title(story, step)),
        Entry::HandedOver { check, by, .. } => format!("{}: a credential was handed over by {by}", check_title(story, check)),
        Entry::Waived { check, waiver } => format!("{}: waived by {}: {}", check_title(story, check), waiver.by, waiver.reason),
        Entry::Stopped { by: Some(by), .. } => format!("Stopped by {by}"),
        Entry::Stopped { fault, .. } => format!("Stopped: {}", fault.as_ref().map_or("an error", |fault| fault.what.as_str())),
        Entry::Resumed { by } => format!("Resumed by {by}"),
        Entry::Restoring { by: Some(by) } => format!("The way back was asked for by {by}"),
        Entry::Restoring { by: None } => "The way back begins".into(),
        Entry::Refused { reasons } => match reasons.as_slice() {
            [one] => format!("It refuses to close: {one}"),
            more => format!("It refuses to close over {} things", more.len()),
        },
        Entry::Closed { state: how, .. } => format!("Closed: {}", state(*how)),
    }
}

/// The entry for the audit log beside a record. It names systems and actions, and nobody.
pub fn audit(story: &Story, entry: &Entry) -> AuditDraft {
    let run = story.id;
    let step_of = |id: &str| {
        let step = story.step(id);
        let action = step.map_or("", |step| step.plan.action.as_str()).to_owned();
        let source = step.map(|step| step.plan.source);
        (action, source)
    };
    let check_of = |id: &str| story.check(id).map(|check| (check.plan.name.clone(), check.plan.source));
    let (action, source, says, data) = match entry {
        Entry::Agreed { .. } => ("run.agreed", None, "was agreed to".to_owned(), json!({})),
        Entry::Intent { step, attempt, write, .. } => {
            let (action, source) = step_of(step);
            let at = source.map_or("", |source| source_name(story, source));
            let says = format!("{step}, {action} at {at}: {} is about to be sent", write.request.method);
            (
                "run.intent",
                source,
                says,
                json!({ "step": step, "action": action, "attempt": attempt }),
            )
        }
        Entry::ReadBack { step, so, .. } => {
            let (action, source) = step_of(step);
            let at = source.map_or("", |source| source_name(story, source));
            let how = match so {
                Some(true) => "read back as done",
                Some(false) => "read back, and not so",
                None => "could not be read back",
            };
            (
                "run.readBack",
                source,
                format!("{step}, {action} at {at}: {how}"),
                json!({ "step": step, "action": action, "so": so }),
            )
        }
        Entry::Verdict { check, verdict: how, .. } => {
            let (name, source) = check_of(check).unzip();
            let says = format!("check {check}: {}", verdict(*how));
            ("run.verdict", source, says, json!({ "check": check, "name": name, "verdict": how }))
        }
        Entry::Waived { check, .. } => (
            "run.waived",
            check_of(check).map(|(_, source)| source),
            format!("check {check} was waived"),
            json!({ "check": check }),
        ),
        Entry::HandedOver { check, .. } => (
            "run.handedOver",
            check_of(check).map(|(_, source)| source),
            format!("a credential was handed over for check {check}"),
            json!({ "check": check }),
        ),
        Entry::Confirmed { step, .. } => (
            "run.confirmed",
            step_of(step).1,
            format!("{step} was done by hand"),
            json!({ "step": step }),
        ),
        Entry::Stopped { .. } => ("run.stopped", None, "was stopped".to_owned(), json!({})),
        Entry::Resumed { .. } => ("run.resumed", None, "goes on".to_owned(), json!({})),
        Entry::Restoring { .. } => ("run.restoring", None, "begins the way back".to_owned(), json!({})),
        Entry::Refused { reasons } => (
            "run.refused",
            None,
            format!("refuses to close over {}", reasons.len()),
            json!({ "reasons": reasons.len() }),
        ),
        Entry::Closed { state: how, .. } => ("run.closed", None, format!("was closed: {}", state(*how)), json!({ "state": how })),
        // These have no entry of their own: see [`Entry::weighs`].
        Entry::Planned(_)
        | Entry::Guards { .. }
        | Entry::Prepared { .. }
        | Entry::Answer { .. }
        | Entry::Arrived { .. }
        | Entry::Asked { .. }
        | Entry::WatchBegan { .. } => ("run.noted", None, "went on".to_owned(), json!({})),
    };
    AuditDraft {
        action,
        source,
        summary: format!("Run {run}: {says}"),
        data,
    }
}
