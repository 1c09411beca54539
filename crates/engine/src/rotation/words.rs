//! A rotation in words: its entries in the audit log and in its story.

use super::entry::{Confirmation, End, Entry, Hand, Proof};
use super::story::Story;
use crate::view::{Right, RotationReason, RotationUser, Verdict};

/// The audit log's action for an entry.
pub fn action(entry: &Entry) -> &'static str {
    match entry {
        Entry::Began(_) => "rotation.began",
        Entry::Looked { .. } => "rotation.looked",
        Entry::MakeIntent { .. }
        | Entry::HandIntent { .. }
        | Entry::PromoteIntent
        | Entry::RevokeIntent { .. }
        | Entry::SweepIntent { .. } => "rotation.intent",
        Entry::MakeLost { .. } | Entry::MakeRefused { .. } => "rotation.notMade",
        Entry::Held { .. } => "rotation.held",
        Entry::Proved { .. } | Entry::Decided { .. } | Entry::Discarded { .. } => "rotation.proved",
        Entry::Handed { .. } => "rotation.handedOver",
        Entry::Confirmed { .. } => "rotation.confirmed",
        Entry::Promoted => "rotation.promoted",
        Entry::Revoked { .. } | Entry::Swept { .. } => "rotation.revoked",
        Entry::Moment { .. } => "rotation.asked",
        Entry::Dead { .. } => "rotation.dead",
        Entry::Lives { .. } => "rotation.oldLives",
        Entry::Forgot => "rotation.forgot",
        Entry::Stopped { .. } => "rotation.stopped",
        Entry::Resumed { .. } => "rotation.resumed",
        Entry::BackBegan { .. } | Entry::BackHanded { .. } | Entry::BackSwapped | Entry::BackRevoked { .. } => "rotation.putBack",
        Entry::Closed { .. } => "rotation.closed",
    }
}

/// What the audit log says of an entry.
pub fn summary(story: &Story, entry: &Entry) -> String {
    format!("Rotation {} ({}): {}", story.id, story.began.source_name, title(story, entry))
}

fn user(story: &Story, place: u32) -> String {
    let found = story.uses().find(|(at, _, _)| *at == place);
    found.map_or_else(|| "a system".into(), |(_, user, _)| name(user))
}

/// What a system that uses the credential is called.
pub fn name(user: &RotationUser) -> String {
    match user {
        RotationUser::EntraJob { name, .. } => format!("Entra’s provisioning job “{name}”"),
        RotationUser::ByHand { name, .. } => name.clone(),
    }
}

fn hand_words(hand: Hand) -> &'static str {
    match hand {
        Hand::Save => "save the new one in",
        Hand::Validate => "test what was saved in",
        Hand::Restart => "restart",
        Hand::Settle => "wait for",
    }
}

/// What an entry says, in a line.
pub fn title(story: &Story, entry: &Entry) -> String {
    match entry {
        Entry::Began(began) => match began.start.reason {
            RotationReason::Routine => "begun".into(),
            RotationReason::Leaked => "begun, because the credential leaked".into(),
            RotationReason::Refused => "begun, because the source refuses the credential".into(),
        },
        Entry::Looked { works, .. } => match works {
            Right::Yes => "the present one works".into(),
            Right::No => "the present one is refused".into(),
            Right::NotEvaluated => "it is not known whether the present one works".into(),
        },
        Entry::MakeIntent { attempt: 1, name, .. } => format!("about to ask the provider for a new one, “{name}”"),
        Entry::MakeIntent { attempt, name, .. } => format!("about to ask the provider again, for the {attempt}. time, as “{name}”"),
        Entry::MakeLost { fault } => format!("it is not known whether one was made: {}", fault.what),
        Entry::MakeRefused { fault } => format!("none was made: {}", fault.what),
        Entry::SweepIntent { id } => format!("about to revoke {id}, of which nobody holds the value"),
        Entry::Swept { id, status } => format!("{id} is revoked, {status}"),
        Entry::Held { known, pasted_by } => {
            let mark = known.fingerprint.as_deref().unwrap_or("no fingerprint");
            match pasted_by {
                Some(by) => format!("the new one was handed over by {by} and is in the keychain, {mark}"),
                None => format!("the new one was made and is in the keychain, {mark}"),
            }
        }
        Entry::Proved { proof, .. } => match proof {
            Proof::Good => "the new one does everything that the old one does".into(),
            Proof::Different => "the new one works, and not in all like the old one".into(),
            Proof::Failed => "the new one does not do".into(),
        },
        Entry::Decided { accept: true, by, note } => format!("{by} takes the new one as it is: {note}"),
        Entry::Decided { by, note, .. } => format!("{by} does not take the new one: {note}"),
        Entry::Discarded { says } => format!("the new one was let go: {says}"),
        Entry::HandIntent { user: place, hand, .. } => format!("about to {} {}", hand_words(*hand), user(story, *place)),
        Entry::Handed { user: place, says, .. } => format!("{}: {says}", user(story, *place)),
        Entry::Confirmed { what, by, note } => {
            let what = match what {
                Confirmation::HandOver { user: place } => format!("{} was {}", user(story, *place), super::drive::confirmed(*what)),
                Confirmation::Revoke => format!("the old one was {}", super::drive::confirmed(*what)),
            };
            if note.is_empty() {
                format!("{by} says that {what}")
            } else {
                format!("{by} says that {what}: {note}")
            }
        }
        Entry::PromoteIntent => "about to make the new one the current one".into(),
        Entry::Promoted => "the new one is the current one, read back from the keychain".into(),
        Entry::RevokeIntent { request } => format!("about to revoke the old one: {} {}", request.method, request.url),
        Entry::Revoked { says, .. } => format!("the old one: {says}"),
        Entry::Moment { moment, says } => match says {
            Some(says) => format!("asked, and could not be told: {says}"),
            None if moment.counts => "asked: the old one is refused".into(),
            None => "asked: the old one is still accepted".into(),
        },
        Entry::Dead { in_row, .. } => {
            format!("the old one is dead: refused {in_row} times in a row, while the new one was accepted and a made-up one refused")
        }
        Entry::Lives { says } => format!("not done: {says}"),
        Entry::Forgot => "the old value is out of the keychain".into(),
        Entry::Stopped { by: Some(by), .. } => format!("stopped by {by}"),
        Entry::Stopped { fault, .. } => fault
            .as_ref()
            .map_or_else(|| "stopped".into(), |fault| format!("stopped: {}", fault.what)),
        Entry::Resumed { by } => format!("resumed by {by}"),
        Entry::BackBegan { by: Some(by), says } => format!("{by} puts the old one back: {says}"),
        Entry::BackBegan { says, .. } => format!("the old one stays: {says}"),
        Entry::BackHanded { says, .. } | Entry::BackRevoked { says, .. } => says.clone(),
        Entry::BackSwapped => "the old one is the current one again".into(),
        Entry::Closed { end: End::Done, says } => format!("done: {says}"),
        Entry::Closed { says, .. } => format!("put back: {says}"),
    }
}

/// How an entry is marked.
pub fn mark(entry: &Entry) -> Option<Verdict> {
    match entry {
        Entry::Looked { works, .. } => Some(match works {
            Right::Yes => Verdict::Passed,
            Right::No => Verdict::Failed,
            Right::NotEvaluated => Verdict::NotEvaluated,
        }),
        Entry::Held { .. } | Entry::Handed { .. } | Entry::Promoted | Entry::Dead { .. } | Entry::Swept { .. } => Some(Verdict::Passed),
        Entry::Proved { proof, .. } => Some(match proof {
            Proof::Good => Verdict::Passed,
            Proof::Different => Verdict::Waiting,
            Proof::Failed => Verdict::Failed,
        }),
        Entry::MakeRefused { .. } | Entry::Lives { .. } => Some(Verdict::Failed),
        Entry::MakeLost { .. } => Some(Verdict::NotEvaluated),
        Entry::Stopped { fault: Some(_), .. } => Some(Verdict::Failed),
        Entry::Closed { end: End::Done, .. } => Some(Verdict::Passed),
        Entry::Closed { .. } => Some(Verdict::Waived),
        _ => None,
    }
}

/// Why the old one is not proven dead.
pub fn why_it_lives(story: &Story) -> String {
    let Some(last) = story.moments.last() else {
        return "it was never asked with".into();
    };
    if let Some(says) = &story.unsure {
        return format!("it could not be told whether the old one is dead: {says}");
    }
    let status = |answer: crate::view::ProofAnswer| answer.status.map_or_else(String::new, |status| format!(" ({status})"));
    match (&last.old.accepted, last.old_write) {
        (Some(true), _) => format!("the old one is still accepted{}, after its time", status(last.old)),
        (_, Some(write)) if write.accepted == Some(true) => format!("the old one may still write{}, after its time", status(write)),
        _ => "the old one is not refused every time".into(),
    }
}

/// Why the next one does not do.
pub fn why_not(story: &Story) -> String {
    let failed = story
        .proof
        .iter()
        .flat_map(|(_, points)| points)
        .filter(|point| point.verdict == Verdict::Failed);
    let says: Vec<String> = failed.map(|point| point.says.trim_end_matches('.').to_owned()).collect();
    if says.is_empty() {
        "it failed its proof".into()
    } else {
        says.join("; ")
    }
}
