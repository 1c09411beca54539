//! Reading changes only, by a filter on `meta.lastModified`: where that is proven to work, and how it is proven.
//!
//! Two things must have been seen. The filter counts right: asked for what changed since a time in the middle, the server names the number
//! that the cache has, and for a time to come it names none. And the attribute moves: every change that a full reading found came with a
//! later `lastModified`, and for groups one of them was a change of members, which some servers do not count as a change of the group.
//! One change without it, and the source is read in full ever after. A full reading is made once a day all the same.

use super::collection::Collection;
use super::land::Landed;
use super::now;
use crate::record::ResourceKind;
use crate::store::cache::{Habits, Known, SourceState};
use crate::view::{CoverageState, Millis};

/// A full reading holds this long, in milliseconds.
const FULL_HOLDS: Millis = 24 * 60 * 60 * 1000;
/// Changes are asked for from a little before the last one seen: some servers keep whole seconds only.
const OVERLAP: Millis = 2_000;

/// Since when changes are asked for.
#[derive(Clone, Copy)]
pub(super) struct Threshold {
    pub(super) at: Millis,
}

impl Threshold {
    pub(super) fn text(self) -> String {
        jiff::Timestamp::from_millisecond(self.at).map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()).unwrap_or_default()
    }

    pub(super) fn filter(self) -> String {
        format!("meta.lastModified ge \"{}\"", self.text())
    }
}

fn habits<'s>(collection: &Collection<'_>, state: &'s mut SourceState) -> &'s mut Habits {
    match collection.kind {
        ResourceKind::User => &mut state.users,
        ResourceKind::Group => &mut state.groups,
    }
}

/// Since when to ask for changes; none where everything must be read.
pub(super) fn threshold(collection: &Collection<'_>, state: &SourceState, known: &Known) -> Option<Threshold> {
    let habits = match collection.kind {
        ResourceKind::User => state.users,
        ResourceKind::Group => state.groups,
    };
    let moves = match collection.kind {
        ResourceKind::User => habits.moved,
        ResourceKind::Group => habits.moved_with_members,
    };
    let coverage = state.coverage.iter().find(|coverage| coverage.collection == collection.kind.collection())?;
    let whole = coverage.state == CoverageState::Complete && coverage.unconfirmed == 0;
    let recent = coverage.full_at.is_some_and(|at| now() - at < FULL_HOLDS);
    if collection.context.full || !habits.filter_proven || habits.stood_still > 0 || moves == 0 || !whole || !recent {
        return None;
    }
    // One resource without the attribute would never be found by it.
    let mut latest = None;
    for (_, resource) in known.iter() {
        latest = latest.max(Some(resource.modified?));
    }
    latest.map(|latest| Threshold { at: latest - OVERLAP })
}

/// Proves that the filter counts right, once, after a full and complete reading. What cannot be proven now is tried again next time.
pub(super) async fn prove(collection: &Collection<'_>, state: &mut SourceState, known: &Known, landed: &Landed) {
    let context = collection.context;
    if habits(collection, state).filter_proven || collection.capabilities.filter == Some(false) || context.cancel.is_cancelled() {
        return;
    }
    let kept = known.iter().filter(|(_, resource)| landed.seen.contains(resource.row) && !landed.written.contains(resource.row));
    let Some(mut times) = kept.map(|(_, resource)| resource.modified).chain(landed.modified.iter().copied()).collect::<Option<Vec<Millis>>>() else {
        return;
    };
    times.sort_unstable();
    let Some(&middle) = times.get(times.len() / 2) else { return };
    let expected = times.len() - times.partition_point(|time| *time < middle);
    if expected == times.len() {
        // All of one time: no filter could be told from none.
        return;
    }
    let count = async |at| context.client.count(&collection.endpoint, Some(&Threshold { at }.filter()), &context.cancel).await.ok().flatten();
    let to_come = now() + 365 * FULL_HOLDS;
    let proven = count(middle).await == Some(expected as u64) && count(to_come).await == Some(0);
    habits(collection, state).filter_proven = proven;
}
