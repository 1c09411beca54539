//! What a reading of a whole list comes to: who it did not show, how complete it is, what of it is still to be believed.

use std::sync::Arc;

use super::land::Landing;
use super::target::{Read, Target};
use super::{now, reason, unseen};
use crate::Error;
use crate::sources::SourceError;
use crate::sources::scim::ListEnd;
use crate::store::cache::Known;
use crate::view::{Coverage, CoverageReason, CoverageState};

/// An empty list is asked for so many times more before it is believed.
pub(super) const EMPTY_ASKED_AGAIN: usize = 2;

/// The code of the reason why a collection could not be read.
pub(super) fn why_short(error: &SourceError) -> &'static str {
    match error {
        SourceError::BudgetSpent { .. } => "budget",
        SourceError::Cancelled => "cancelled",
        _ => "failed",
    }
}

/// Whether the reasons say that the collection may not be read, or is not there at all.
fn is_shut(reasons: &[CoverageReason]) -> bool {
    reasons
        .iter()
        .any(|reason| ["refused", "notOffered"].contains(&reason.code.as_str()))
}

/// Brings a list that was streamed to its end: settles those that it did not show, and says how complete it is. `before` is how many
/// were added to those known earlier in the same sync.
pub(super) async fn conclude(
    target: &Target<'_>,
    mut landing: Landing,
    known: &Arc<Known>,
    end: Result<ListEnd, SourceError>,
    previous: Option<&Coverage>,
    before: u64,
) -> Result<Read, Error> {
    let (end, failed) = match end {
        Ok(end) => (end, None),
        Err(error) => {
            let reasons = vec![reason(why_short(&error), error.to_string())];
            let end = ListEnd {
                complete: false,
                reasons,
                reported: None,
                unique: 0,
                how: String::new(),
            };
            (end, Some(Error::from(error)))
        }
    };
    let cancelled = target.context.cancel.is_cancelled();
    let state = if end.complete {
        CoverageState::Complete
    } else {
        CoverageState::Incomplete
    };
    let mut coverage = Coverage {
        reasons: end.reasons,
        reported: end.reported,
        full_at: previous.and_then(|previous| previous.full_at),
        ..target.coverage(state, end.how)
    };
    note_unreadable(&mut coverage, landing.landed.unreadable);
    let nothing_came = landing.landed.seen.is_empty();
    if nothing_came && failed.is_some() {
        // What was known of this collection stands as it stood.
        let landed = landing.next()?;
        coverage = stands(coverage, previous);
        return Ok(Read {
            landing,
            landed,
            coverage,
            failed,
        });
    }
    if nothing_came && state != CoverageState::Complete && known.is_empty() && is_shut(&coverage.reasons) {
        coverage.state = CoverageState::NotEvaluated;
    }
    let shut = nothing_came && is_shut(&coverage.reasons);
    let cut_short = failed.is_some() || cancelled || shut;
    let why = if shut {
        "the collection may not be read, or is not there any more"
    } else {
        "the reading did not come this far"
    };
    landing = unseen::settle(target, landing, known, &mut coverage, cut_short.then_some(why)).await?;
    note_unreadable(&mut coverage, landing.landed.unreadable);
    if coverage.state == CoverageState::Complete {
        coverage.full_at = coverage.read_at;
    }
    let (landing, landed) = target.conclude(landing).await?;
    coverage.have = known.len() as u64 + landed.added + before - landed.removed;
    let cancelled = cancelled || target.context.cancel.is_cancelled();
    let failed = failed.or_else(|| cancelled.then(|| SourceError::Cancelled.into()));
    Ok(Read {
        landing,
        landed,
        coverage,
        failed,
    })
}

/// Resources that could not be read make a list incomplete.
pub(super) fn note_unreadable(coverage: &mut Coverage, unreadable: u64) {
    if unreadable > 0 && !coverage.reasons.iter().any(|reason| reason.code == "unreadable") {
        coverage.state = CoverageState::Incomplete;
        coverage
            .reasons
            .push(reason("unreadable", format!("{unreadable} resources could not be read")));
    }
}

/// A collection of which nothing came: what was known of it stands, with the reasons why it is not newer.
pub(super) fn stands(coverage: Coverage, previous: Option<&Coverage>) -> Coverage {
    match previous {
        Some(previous) if previous.read_at.is_some() => Coverage {
            reasons: coverage.reasons,
            state: CoverageState::Incomplete,
            ..previous.clone()
        },
        _ => Coverage {
            state: CoverageState::NotEvaluated,
            read_at: None,
            ..coverage
        },
    }
}

/// A reading of changes that accounts for everything: complete, though not everything was read.
pub(super) fn by_changes(target: &Target<'_>, previous: Option<&Coverage>, how: String) -> Coverage {
    Coverage {
        read_at: Some(now()),
        full_at: previous.and_then(|previous| previous.full_at),
        ..target.coverage(CoverageState::Complete, how)
    }
}
