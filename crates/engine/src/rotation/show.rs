//! A rotation on screen.

use super::entry::{End, Entry, Hand, Proof};
use super::next::{Next, next};
use super::story::Story;
use super::{evidence, words};
use crate::view::{
    Millis, Request, RotationAsk, RotationPoint, RotationRecord, RotationRequest, RotationStage, RotationStageView, RotationState,
    RotationSummary, RotationUser, RotationView, SlotView, StageState, Verdict, WayBack,
};

/// The requests that the proof asks with, as they are shown: the read, and the write where one is tried.
pub type Asking = (Option<Request>, Option<Request>);

/// A rotation in a line.
pub fn summary(story: &Story, now: Millis) -> RotationSummary {
    let (state, says) = state(story, now);
    RotationSummary {
        id: story.id,
        source: story.source,
        source_name: story.began.source_name.clone(),
        system: story.began.system,
        reason: story.began.start.reason,
        state,
        says,
        by: story.by.clone(),
        began_at: story.at,
        ended_at: story.closed.as_ref().map(|(at, ..)| *at),
    }
}

/// How a rotation stands, and what it does at this moment.
pub fn state(story: &Story, now: Millis) -> (RotationState, String) {
    if let Some((_, end, says)) = &story.closed {
        let state = match end {
            End::Done => RotationState::Done,
            End::PutBack => RotationState::PutBack,
        };
        return (state, says.clone());
    }
    if let Some((by, fault)) = &story.stopped {
        let says = match (by, fault) {
            (_, Some(fault)) => fault.what.clone(),
            (Some(by), None) => format!("stopped by {by}"),
            (None, None) => "stopped".into(),
        };
        return (RotationState::Stopped, says);
    }
    if let Some(says) = &story.lives {
        return (RotationState::OldLives, says.clone());
    }
    let running = |says: &str| (RotationState::Running, says.to_owned());
    let waiting = |says: &str| (RotationState::Waiting, says.to_owned());
    match next(story, now) {
        Next::Look => running("looks at the present one"),
        Next::Make => running("asks the provider for a new one"),
        // Just announced, it is most likely being asked.
        Next::Recover if matches!(story.told.last().map(|told| &told.entry), Some(Entry::MakeIntent { .. })) => {
            running("asks the provider for a new one")
        }
        Next::Recover => running("finds out whether a new one was made"),
        Next::Paste => waiting("a person gets a new one from the provider and pastes it"),
        Next::Prove => running("proves the new one beside the old one"),
        Next::Decide => waiting("a person decides whether the new one does"),
        Next::Discard => running("lets go of the new one"),
        Next::Hand(_, Hand::Settle) => running("waits until the provisioning job is out of quarantine"),
        Next::Hand(..) => running("hands the new one over"),
        Next::HandByHand(_) => waiting("a person gives the new one to what uses it"),
        Next::Promote => running("makes the new one the current one"),
        Next::Revoke | Next::NothingToRevoke => running("revokes the old one"),
        Next::RevokeByHand => waiting("a person revokes the old one at the provider"),
        Next::Ask | Next::Sleep(_) | Next::Dead | Next::Lives => {
            let overlap = story.revoked.as_ref().filter(|revoked| revoked.until > now && story.in_row == 0);
            match overlap {
                Some(_) => (
                    RotationState::Counting,
                    "the old one may live on until its overlap ends; it is asked with meanwhile".into(),
                ),
                None => running("asks with the old one until it is refused for good"),
            }
        }
        Next::Forget | Next::Close => running("forgets the old value"),
        Next::Back => running("puts the old one back"),
        Next::Wait | Next::Closed => running(""),
    }
}

/// The stage that a rotation stands at.
fn stage(story: &Story, now: Millis) -> RotationStage {
    if story.closed.is_some() || story.back.is_some() {
        return RotationStage::Close;
    }
    let mut unstopped = story.clone();
    (unstopped.stopped, unstopped.lives) = (None, None);
    match next(&unstopped, now) {
        Next::Look => RotationStage::Look,
        Next::Make | Next::Recover | Next::Paste | Next::Discard => RotationStage::Make,
        Next::Prove | Next::Decide => RotationStage::Prove,
        Next::Hand(..) | Next::HandByHand(_) => RotationStage::HandOver,
        Next::Promote => RotationStage::Promote,
        Next::Revoke | Next::NothingToRevoke | Next::RevokeByHand => RotationStage::Revoke,
        Next::Ask | Next::Sleep(_) | Next::Dead | Next::Lives => RotationStage::Dead,
        Next::Forget | Next::Close | Next::Back | Next::Closed | Next::Wait => RotationStage::Close,
    }
}

/// The stages, in the order in which this rotation takes them.
pub fn order(story: &Story) -> Vec<RotationStage> {
    use RotationStage::{Close, Dead, HandOver, Look, Make, Promote, Prove, Revoke};
    if story.revokes_first() {
        vec![Look, Revoke, Make, Prove, HandOver, Promote, Dead, Close]
    } else if story.revokes_at_once() {
        vec![Look, Make, Revoke, Prove, HandOver, Promote, Dead, Close]
    } else {
        vec![Look, Make, Prove, HandOver, Promote, Revoke, Dead, Close]
    }
}

/// A stage's name.
pub fn stage_title(stage: RotationStage) -> &'static str {
    match stage {
        RotationStage::Look => "Look",
        RotationStage::Make => "Get a new one",
        RotationStage::Prove => "Prove the new one",
        RotationStage::HandOver => "Hand over",
        RotationStage::Promote => "Put it to use",
        RotationStage::Revoke => "Revoke the old one",
        RotationStage::Dead => "Prove the old one dead",
        RotationStage::Close => "Close",
    }
}

fn stage_view(story: &Story, at: RotationStage, here: RotationStage, now: Millis) -> RotationStageView {
    let ended = |kind: fn(&Entry) -> bool| story.told.iter().rev().find(|told| kind(&told.entry)).map(|told| told.at);
    let mut points = Vec::new();
    let (done, says) = match at {
        RotationStage::Look => match &story.looked {
            Some(looked) => {
                points.clone_from(&looked.points);
                (
                    ended(|entry| matches!(entry, Entry::Looked { .. })),
                    looked.points.first().map(|point| point.says.clone()).unwrap_or_default(),
                )
            }
            None => (None, "Does it work, what may it do, whom does it see?".into()),
        },
        RotationStage::Make => match &story.held {
            Some(held) => (
                ended(|entry| matches!(entry, Entry::Held { .. })),
                format!("In the keychain, {}", held.fingerprint.as_deref().unwrap_or("no fingerprint")),
            ),
            None => (None, "It goes into the keychain as the next one".into()),
        },
        RotationStage::Prove => match &story.proof {
            Some((proof, found)) => {
                points.clone_from(found);
                let done = *proof == Proof::Good || story.accepted;
                (
                    ended(|entry| matches!(entry, Entry::Proved { .. })).filter(|_| done),
                    match proof {
                        Proof::Good => "As good as the old one".into(),
                        Proof::Different if story.accepted => "Taken as it is, by decision".into(),
                        Proof::Different => "It works, and not in all like the old one".into(),
                        Proof::Failed => words::why_not(story),
                    },
                )
            }
            None => (None, "Reads, the same people, the same tenant, writes".into()),
        },
        RotationStage::HandOver => hand_view(story, &mut points),
        RotationStage::Promote => match story.promoted {
            Some(at) => (Some(at), "Lanyard uses the new one".into()),
            None => (None, "Lanyard uses it from then on".into()),
        },
        RotationStage::Revoke => match &story.revoked {
            Some(revoked) => (Some(revoked.at), revoked.says.clone()),
            None => (None, "From then on there is no way back".into()),
        },
        RotationStage::Dead => match (story.dead, &story.lives) {
            (Some(at), _) => (Some(at), format!("Refused {} times in a row", story.began.wanted)),
            (None, Some(says)) => (None, says.clone()),
            _ => (None, "Ask with old, new and made up, at the same moments".into()),
        },
        RotationStage::Close => match &story.closed {
            Some((at, _, says)) => (Some(*at), says.clone()),
            None => (None, "Forget the old value, seal the record".into()),
        },
    };
    let skipped = at == RotationStage::HandOver && story.users.is_empty();
    let put_back = story.back.is_some();
    let state = if skipped {
        StageState::Skipped
    } else if done.is_some() {
        StageState::Done
    } else if put_back && at != RotationStage::Close {
        match (at, &story.proof) {
            (RotationStage::Prove, Some((Proof::Failed, _))) => StageState::Failed,
            _ => StageState::Skipped,
        }
    } else if at != here {
        StageState::Ahead
    } else if story.lives.is_some() {
        if story.unsure.is_some() {
            StageState::NotEvaluated
        } else {
            StageState::Failed
        }
    } else if story.stopped.as_ref().is_some_and(|(_, fault)| fault.is_some()) {
        StageState::Failed
    } else if state(story, now).0 == RotationState::Waiting || story.stopped.is_some() {
        StageState::Waiting
    } else {
        StageState::Now
    };
    RotationStageView {
        stage: at,
        title: stage_title(at).into(),
        state,
        says: without_stop(&says),
        at: done,
        points,
    }
}

/// A phrase with a capital and without a stop, as stages show it.
fn without_stop(text: &str) -> String {
    crate::view::sentence(text).trim_end_matches('.').to_owned()
}

fn hand_view(story: &Story, points: &mut Vec<RotationPoint>) -> (Option<Millis>, String) {
    let mut open = 0;
    for (_, user, done) in story.uses() {
        let handed = Story::is_handed(user, done);
        open += usize::from(!handed);
        let says = match (&done.confirmed, done.done.last()) {
            (Some((by, note)), _) if note.is_empty() => format!("{by} says so"),
            (Some((by, note)), _) => format!("{by} says so: {note}"),
            (None, Some((_, says))) => says.clone(),
            (None, None) => "not yet".into(),
        };
        points.push(RotationPoint {
            title: words::name(user),
            says,
            verdict: if handed { Verdict::Passed } else { Verdict::Waiting },
            count: None,
            wanted: None,
        });
    }
    let last = story
        .told
        .iter()
        .rev()
        .find(|told| told.entry.stage() == Some(RotationStage::HandOver));
    if story.users.is_empty() {
        (None, "Nothing else uses it".into())
    } else if open == 0 {
        let says = if story.users.len() == 1 {
            "The system that uses it has the new one"
        } else {
            "Every system that uses it has the new one"
        };
        (last.map(|told| told.at), says.into())
    } else {
        (None, format!("{open} of {} still to have it", story.users.len()))
    }
}

fn slots(story: &Story) -> (SlotView, SlotView) {
    let old_state = if story.forgot {
        "forgotten"
    } else if story.dead.is_some() {
        "dead"
    } else if story.lives.is_some() {
        "still accepted"
    } else if story.revoked.is_some() {
        "revoked"
    } else if story.promoted.is_some() {
        "replaced"
    } else {
        "in use"
    };
    let swapped = story.back.as_ref().is_some_and(|back| back.swapped);
    let new_state = match (&story.held, &story.back) {
        (None, _) => "not there yet",
        (Some(_), Some(back)) if back.revoked.is_some() => "revoked",
        (Some(_), _) if story.promoted.is_some() && !swapped => "in use",
        (Some(_), _) => "next",
    };
    let view = |known: &super::entry::Known, state: &str| SlotView {
        fingerprint: known.fingerprint.clone(),
        provider_id: known.provider_id.clone(),
        created_at: known.created_at,
        expires_at: known.expires_at,
        state: state.into(),
    };
    let old = view(&story.began.old, if swapped || story.back.is_some() { "in use" } else { old_state });
    let new = view(&story.held.clone().unwrap_or_default(), new_state);
    (old, new)
}

fn asks(story: &Story, now: Millis) -> Option<RotationAsk> {
    Some(match next(story, now) {
        Next::Paste => RotationAsk::Paste {
            steps: story.began.steps.make.clone(),
            again: story.again.clone(),
        },
        Next::Decide => RotationAsk::Decide {
            points: story
                .proof
                .iter()
                .flat_map(|(_, points)| points)
                .filter(|point| point.verdict != Verdict::Passed)
                .map(|point| format!("{}: {}", point.title, point.says))
                .collect(),
        },
        Next::HandByHand(place) => {
            let (_, user, _) = story.uses().find(|(at, _, _)| *at == place)?;
            let RotationUser::ByHand { name, instructions } = user else {
                return None;
            };
            RotationAsk::HandOver {
                user: place,
                title: name.clone(),
                steps: instructions
                    .lines()
                    .map(str::trim)
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect(),
            }
        }
        Next::RevokeByHand => RotationAsk::Revoke {
            steps: story.began.steps.revoke.clone(),
        },
        _ => return None,
    })
}

fn way_back(story: &Story) -> Option<WayBack> {
    if story.no_way_back().is_some() {
        return None;
    }
    let says = if story.promoting {
        "The old one becomes the current one again, what uses it gets it back, and the new one is revoked."
    } else if story.users.iter().any(super::story::UserStory::touched) {
        "What uses it gets the old one back, and the new one is revoked. Lanyard has used the old one all along."
    } else if story.held.is_some() {
        "The new one is revoked and forgotten. Nothing else has changed."
    } else {
        "Nothing has changed yet."
    };
    Some(WayBack {
        title: "Keep the old one".into(),
        says: says.into(),
        until: story.began.old.expires_at,
    })
}

fn requests(story: &Story) -> Vec<RotationRequest> {
    let mut all: Vec<RotationRequest> = Vec::new();
    let answered = |all: &mut Vec<RotationRequest>, status: Option<u16>| {
        if let Some(last) = all.last_mut() {
            last.status = last.status.or(status);
        }
    };
    for told in &story.told {
        let (title, request) = match &told.entry {
            Entry::MakeIntent { request, .. } => ("Get a new one", request),
            Entry::RevokeIntent { request } => ("Revoke the old one", request),
            Entry::HandIntent { request, hand, .. } => (
                match hand {
                    Hand::Save => "Save it in the job",
                    Hand::Validate => "Test what was saved",
                    Hand::Restart | Hand::Settle => "Start the job anew",
                },
                request,
            ),
            Entry::Held { pasted_by: None, .. } => {
                answered(&mut all, Some(201));
                continue;
            }
            Entry::Handed { status, .. } | Entry::Revoked { status, .. } => {
                answered(&mut all, *status);
                continue;
            }
            _ => continue,
        };
        all.push(RotationRequest {
            title: title.into(),
            request: request.clone(),
            sent_at: Some(told.at),
            status: None,
        });
    }
    if story.closed.is_none()
        && story.revoked.is_none()
        && !story.revoking
        && let Some(request) = story.began.api.as_ref().and_then(|api| api.revoke.clone())
    {
        all.push(RotationRequest {
            title: "Revoke the old one".into(),
            request,
            sent_at: None,
            status: None,
        });
    }
    all
}

/// A rotation on screen. `asking` are the requests of the proof; `driven` says whether some process drives it on.
pub fn show(story: &Story, asking: &Asking, driven: bool, now: Millis) -> RotationView {
    let here = stage(story, now);
    let (old, new) = slots(story);
    let summary = summary(story, now);
    let records = story.told.iter().map(|told| RotationRecord {
        seq: told.number,
        at: told.at,
        title: crate::view::sentence(&words::title(story, &told.entry)),
        mark: words::mark(&told.entry),
        audit: told.audit,
    });
    // Moments are shown as a strip; the story keeps those that say something new.
    let kept = story
        .told
        .iter()
        .zip(records)
        .filter(|(told, _)| told.entry.weighs())
        .map(|(_, record)| record);
    RotationView {
        says: crate::view::sentence(&summary.says),
        stages: order(story).into_iter().map(|stage| stage_view(story, stage, here, now)).collect(),
        stage: here,
        asks: asks(story, now),
        way_back: way_back(story),
        no_way_back: story.no_way_back().map(Into::into),
        old,
        new,
        users: story.began.start.users.clone(),
        proof: evidence::proof(story, asking, here == RotationStage::Dead, now),
        requests: requests(story),
        story: kept.collect(),
        fault: story.stopped.as_ref().and_then(|(_, fault)| fault.clone()),
        driven,
        summary,
    }
}
