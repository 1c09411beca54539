//! Reading changes only, by a filter on `meta.lastModified`: where that is proven to work, and how it is proven.
//!
//! Two things must have been seen. The filter counts right: asked for what changed since a time in the middle, the server names the number
//! that the cache has, and for a time to come it names none. And the attribute moves: every change that a full reading found came with a
//! later `lastModified`, and for groups one of them was a change of members, which some servers do not count as a change of the group.
//! One change without it, and the source is read in full ever after. A full reading is made once a day all the same.

use super::super::land::Landed;
use super::collection::Collection;
use crate::record::ResourceKind;
use crate::store::cache::{Habits, Known, SourceState};
use crate::view::Millis;

/// Changes are asked for from a little before the last one seen: some servers keep whole seconds only.
const OVERLAP: Millis = 2_000;

fn habits<'s>(collection: &Collection<'_>, state: &'s mut SourceState) -> &'s mut Habits {
    match collection.target.kind {
        ResourceKind::User => &mut state.users,
        _ => &mut state.groups,
    }
}

/// Since when to ask for changes; none where everything must be read.
pub(super) fn threshold(collection: &Collection<'_>, state: &SourceState, known: &Known) -> Option<Millis> {
    let habits = match collection.target.kind {
        ResourceKind::User => state.users,
        _ => state.groups,
    };
    let coverage = collection.target.previous(state)?;
    if !habits.filter_proven || !habits.modified.is_proven(collection.target.kind) || !collection.target.holds(coverage) {
        return None;
    }
    // One resource without the attribute would never be found by it.
    let mut latest = None;
    for (_, resource) in known.iter() {
        latest = latest.max(Some(resource.modified?));
    }
    latest.map(|latest| latest - OVERLAP)
}

/// Proves that the filter counts right, once, after a full and complete reading. What cannot be proven now is tried again next time.
pub(super) async fn prove(collection: &Collection<'_>, state: &mut SourceState, known: &Known, landed: &Landed) {
    let context = collection.target.context;
    if habits(collection, state).filter_proven || collection.capabilities.filter == Some(false) || context.cancel.is_cancelled() {
        return;
    }
    let kept = known
        .iter()
        .filter(|(_, resource)| landed.seen.contains(resource.row) && !landed.written.contains(resource.row));
    let Some(mut times) = kept
        .map(|(_, resource)| resource.modified)
        .chain(landed.modified.iter().copied())
        .collect::<Option<Vec<Millis>>>()
    else {
        return;
    };
    times.sort_unstable();
    let Some(&middle) = times.get(times.len() / 2) else { return };
    let expected = times.len() - times.partition_point(|time| *time < middle);
    if expected == times.len() {
        // All of one time: no filter could be told from none.
        return;
    }
    let proof = collection
        .client
        .prove_changed_since(collection.endpoint, middle, expected as u64, &context.cancel)
        .await;
    // A server that does not answer now is asked again next time.
    habits(collection, state).filter_proven = proof.unwrap_or(false);
}
