//! The proof that the old one is dead, as it is shown: every moment, and what counts, point by point.

use super::next::{Next, next};
use super::show::Asking;
use super::story::Story;
use crate::view::{DeadProof, Millis, ProofMoment, RotationPoint, Verdict};

/// What counts as proof, point by point.
/// None before it begins; `here` says that the rotation stands there.
pub(super) fn proof(story: &Story, asking: &Asking, here: bool, now: Millis) -> Option<DeadProof> {
    if story.asked == 0 && !here {
        return None;
    }
    let wanted = story.began.wanted;
    let all = u32::try_from(story.moments.len()).unwrap_or(u32::MAX);
    let times = |is: fn(&ProofMoment) -> bool| u32::try_from(story.moments.iter().filter(|moment| is(moment)).count()).unwrap_or(u32::MAX);
    let writes = story.proves_writes();
    let row = |title: String, says: &str, count: u32| RotationPoint {
        title,
        says: says.into(),
        verdict: if count >= wanted { Verdict::Passed } else { Verdict::Waiting },
        count: Some(count),
        wanted: Some(wanted),
    };
    let always = |title: &str, says: &str, count: u32| RotationPoint {
        title: title.into(),
        says: says.into(),
        verdict: match (all, count) {
            (0, _) => Verdict::Waiting,
            (all, count) if all == count => Verdict::Passed,
            _ if story.in_row > 0 => Verdict::Passed,
            _ => Verdict::Failed,
        },
        count: Some(count),
        wanted: Some(all),
    };
    let mut points = vec![row(
        format!("The old one is refused, {wanted} times in a row"),
        "Asked to read, with the controls below at the same moments",
        story.in_row,
    )];
    points.push(if writes {
        row(
            "The old one is refused a write".into(),
            "A write that changes nothing, at the same moments",
            story.in_row,
        )
    } else {
        let why = if story.began.writes {
            "Not tried: the old one could not write, or that was not to be told"
        } else {
            "Not tried: writing is switched off for this source"
        };
        RotationPoint {
            title: "The old one is refused a write".into(),
            says: why.into(),
            verdict: Verdict::NotEvaluated,
            count: None,
            wanted: None,
        }
    });
    points.push(always(
        "The new one is accepted at the same moments",
        "Or an outage would look like a death",
        times(|moment| moment.new.is_some_and(|new| new.accepted == Some(true))),
    ));
    points.push(always(
        "A made-up one is refused",
        "Or the server checks nothing at all",
        times(|moment| moment.made_up.accepted == Some(false)),
    ));
    Some(DeadProof {
        read: asking.0.clone(),
        write: asking.1.clone().filter(|_| writes),
        moments: story.moments.clone(),
        total: story.asked,
        in_row: story.in_row,
        wanted,
        revoked_at: story.revoked.as_ref().map(|revoked| revoked.at),
        overlap_until: story
            .revoked
            .as_ref()
            .filter(|revoked| revoked.until > revoked.at)
            .map(|revoked| revoked.until),
        next_at: story
            .next_moment()
            .filter(|_| matches!(next(story, now), Next::Sleep(_) | Next::Ask)),
        points,
    })
}
