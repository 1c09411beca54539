//! What is next in a rotation, decided from its story and the time alone.

use super::entry::{Hand, Proof};
use super::story::Story;
use crate::view::{Millis, RotationUser};

/// What is next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Look at the present one.
    Look,
    /// Ask the provider for a new one.
    Make,
    /// Find out what became of the request for a new one, which nobody knows the answer of.
    Recover,
    /// A person hands a new one over.
    Paste,
    /// Prove the next one.
    Prove,
    /// A person decides whether it does.
    Decide,
    /// Let go of a next one that does not do.
    Discard,
    /// Do this with the system in this place.
    Hand(u32, Hand),
    /// A person gives it to the system in this place.
    HandByHand(u32),
    /// Make the next one the current one.
    Promote,
    /// Revoke the old one.
    Revoke,
    /// There is nothing to revoke: it was refused already, or the provider ended it.
    NothingToRevoke,
    /// A person revokes it.
    RevokeByHand,
    /// Ask with all of them, now.
    Ask,
    /// Wait until then.
    Sleep(Millis),
    /// The row is long enough.
    Dead,
    /// The old one's time is over, and it is not proven dead.
    Lives,
    /// Forget the old value.
    Forget,
    /// Close.
    Close,
    /// The way back.
    Back,
    /// It waits for a person, because it is stopped or said not to be done.
    Wait,
    /// It is over.
    Closed,
}

/// Decides.
pub fn next(story: &Story, now: Millis) -> Next {
    if story.closed.is_some() {
        return Next::Closed;
    }
    if story.stopped.is_some() {
        return Next::Wait;
    }
    if story.back.is_some() {
        return Next::Back;
    }
    if story.lives.is_some() {
        return Next::Wait;
    }
    if story.looked.is_none() {
        return Next::Look;
    }
    if story.revokes_first() && story.revoked.is_none() {
        return revoke(story);
    }
    if story.held.is_none() {
        return match (story.makes_by_request(), story.make_open) {
            (true, true) => Next::Recover,
            (true, false) => Next::Make,
            (false, _) => Next::Paste,
        };
    }
    if story.revokes_at_once() && story.revoked.is_none() {
        return revoke(story);
    }
    if let Some(step) = prove(story) {
        return step;
    }
    if let Some(step) = hand(story) {
        return step;
    }
    if story.promoted.is_none() {
        return Next::Promote;
    }
    if story.revoked.is_none() {
        return revoke(story);
    }
    if story.dead.is_none() {
        return ask(story, now);
    }
    if story.forgot { Next::Close } else { Next::Forget }
}

fn prove(story: &Story) -> Option<Next> {
    // Once it is the current one, it is asked with at each moment.
    if story.promoted.is_some() {
        return None;
    }
    match &story.proof {
        None => Some(Next::Prove),
        Some((Proof::Different, _)) if !story.accepted => Some(Next::Decide),
        Some((Proof::Failed, _)) => Some(Next::Discard),
        _ => None,
    }
}

fn hand(story: &Story) -> Option<Next> {
    for (place, user, done) in story.uses() {
        if Story::is_handed(user, done) {
            continue;
        }
        return Some(match user {
            RotationUser::ByHand { .. } => Next::HandByHand(place),
            RotationUser::EntraJob { .. } => {
                let steps = [Hand::Save, Hand::Validate, Hand::Restart, Hand::Settle];
                let step = steps.into_iter().find(|step| !done.has(*step)).unwrap_or(Hand::Settle);
                Next::Hand(place, step)
            }
        });
    }
    None
}

fn revoke(story: &Story) -> Next {
    let api = story.began.api.as_ref();
    if story.old_was_refused() || (story.held.is_some() && api.is_some_and(|api| api.replaces)) {
        return Next::NothingToRevoke;
    }
    match api {
        Some(api) if api.revoke.is_some() => Next::Revoke,
        _ => Next::RevokeByHand,
    }
}

fn ask(story: &Story, now: Millis) -> Next {
    if story.in_row >= story.began.wanted {
        return Next::Dead;
    }
    let Some(due) = story.next_moment() else { return Next::Ask };
    let over = story.revoked.as_ref().map_or(now, |revoked| revoked.until);
    let grace = i64::try_from(story.began.grace_ms).unwrap_or(i64::MAX / 4);
    let last = story.moments.last();
    // Only a moment after its time says that it lives; and a row that has begun is let grow.
    let over = (over + grace).max(story.again_since.unwrap_or(0));
    if story.in_row == 0 && last.is_some_and(|moment| moment.at >= over) {
        return Next::Lives;
    }
    if due <= now { Next::Ask } else { Next::Sleep(due) }
}
