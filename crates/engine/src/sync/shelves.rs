//! The way of reading a source that is not SCIM: collection by collection, each whole, or what changed where the source tells it.
//!
//! One collection that may not be read, or that fails, does not keep the others from being read: coverage says which, and why.

use std::sync::Arc;

use super::land::{Landed, Landing};
use super::prepare::Preparation;
use super::target::{ById, Read, Target};
use super::whole::{self, EMPTY_ASKED_AGAIN};
use super::{Sync, not_evaluated, reason};
use crate::Error;
use crate::record::ResourceKind;
use crate::sources::scim::ListEnd;
use crate::sources::{Changes, Listing, Shelf, SourceError};
use crate::store::cache::{IdHash, Known, KnownResource};
use crate::view::{Coverage, CoverageState, SyncPhase};

/// So many collections in a row that cannot be reached end the sync: the others would only be waited for.
const OUT_OF_REACH: usize = 3;

/// What reading a source's collections came to.
pub(super) struct Done {
    pub(super) landing: Landing,
    /// What ended the sync early, or why nothing at all could be read.
    pub(super) failed: Option<Error>,
}

/// Reads one collection after the other.
pub(super) async fn read(sync: &mut Sync) -> Result<Done, Error> {
    let shelves = sync.context.client.shelves();
    let first = shelves.first().map_or(ResourceKind::User, |shelf| shelf.kind);
    sync.context.progress.phase(SyncPhase::Connecting, first);
    let kinds: Vec<ResourceKind> = shelves.iter().map(|shelf| shelf.kind).collect();
    let mut landing = sync.landing(&kinds).await?;
    for kind in &kinds {
        // How many there will be is not told beforehand; as many as the last time is a fair guess.
        let held = landing.known(*kind).len() as u64;
        sync.context.progress.expect(*kind, (held > 0).then_some(held));
    }
    let (mut first_failure, mut any_read, mut out_of_reach, mut ended) = (None, false, 0, None);
    let mut left = shelves.into_iter();
    for shelf in left.by_ref() {
        let mark = sync.state.marks.get(shelf.kind.collection()).cloned();
        let read = Collection { sync, shelf }.read(landing, mark).await?;
        landing = read.read.landing;
        let (kind, coverage) = (shelf.kind, read.read.coverage);
        sync.context.progress.read_all_of(kind);
        sync.take(kind, &coverage, &read.read.landed);
        let kept = read.mark.filter(|_| coverage.state == CoverageState::Complete);
        match kept {
            Some(mark) => sync.state.marks.insert(kind.collection().into(), mark),
            None => sync.state.marks.remove(kind.collection()),
        };
        let Some(error) = read.read.failed else {
            any_read = true;
            out_of_reach = 0;
            continue;
        };
        out_of_reach = if is_out_of_reach(&error) { out_of_reach + 1 } else { 0 };
        if ends_all(&error) || (!any_read && refuses_everything(&error)) || out_of_reach >= OUT_OF_REACH {
            ended = Some(error);
            break;
        }
        first_failure.get_or_insert(error);
    }
    for shelf in left {
        let name = shelf.kind.collection();
        if !sync.state.coverage.iter().any(|coverage| coverage.collection == name) {
            let code = ended.as_ref().map_or("failed", why_ended);
            let coverage = not_evaluated(name, code, "the sync ended before it came to them");
            sync.state.coverage.push(coverage);
        }
    }
    let failed = ended.or(first_failure.filter(|_| !any_read));
    Ok(Done { landing, failed })
}

fn why_ended(error: &Error) -> &'static str {
    match error {
        Error::Source(error) => whole::why_short(error),
        _ => "failed",
    }
}

/// Whether nothing can be read after this.
fn ends_all(error: &Error) -> bool {
    match error {
        Error::Source(error) => matches!(
            error,
            SourceError::Cancelled | SourceError::BudgetSpent { .. } | SourceError::Setting { .. }
        ),
        _ => true,
    }
}

/// Whether the credential is refused as such.
fn refuses_everything(error: &Error) -> bool {
    matches!(error, Error::Source(SourceError::Unauthorized { .. } | SourceError::NoToken { .. }))
}

fn is_out_of_reach(error: &Error) -> bool {
    matches!(
        error,
        Error::Source(
            SourceError::Dns { .. }
                | SourceError::Refused { .. }
                | SourceError::Unreachable { .. }
                | SourceError::Timeout { .. }
                | SourceError::Lost { .. }
        )
    )
}

/// One collection to read.
struct Collection<'s> {
    sync: &'s Sync,
    shelf: Shelf,
}

/// What reading it gave, and what to come with the next time.
struct Marked {
    read: Read,
    mark: Option<String>,
}

impl Collection<'_> {
    async fn read(&self, landing: Landing, mark: Option<String>) -> Result<Marked, Error> {
        let target = Target {
            context: &self.sync.context,
            kind: self.shelf.kind,
            by_id: ById::Together,
        };
        let known = landing.known(self.shelf.kind);
        let baseline = self.sync.state.baseline(self.shelf.kind).is_some();
        let previous = target.previous(&self.sync.state);
        let mark = mark.filter(|_| previous.is_some_and(|previous| target.holds(previous)));
        let (mut landing, mut listed) = self.list(&target, landing, &known, baseline, mark.as_deref()).await?;
        if let Ok(Listing {
            end,
            mark,
            changes: Some(changes),
        }) = listed
        {
            let read = take_changes(&target, landing, &known, end, changes, previous).await?;
            return Ok(Marked { read, mark });
        }
        for _ in 0..EMPTY_ASKED_AGAIN {
            // That all of them are gone is taken for true when it is said again.
            let emptied = |listed: &Listing| listed.end.complete && listed.end.unique == 0 && !known.is_empty();
            if !listed.as_ref().is_ok_and(emptied) {
                break;
            }
            (landing, listed) = self.list(&target, landing, &known, baseline, None).await?;
        }
        let (end, mark) = match listed {
            Ok(listed) => (Ok(listed.end), listed.mark),
            Err(SourceError::Forbidden { .. }) => (Ok(self.refused()), None),
            Err(error) => (Err(error), None),
        };
        let read = whole::conclude(&target, landing, &known, end, previous, 0).await?;
        Ok(Marked { read, mark })
    }

    async fn list(
        &self,
        target: &Target<'_>,
        landing: Landing,
        known: &Arc<Known>,
        baseline: bool,
        mark: Option<&str>,
    ) -> Result<(Landing, Result<Listing, SourceError>), Error> {
        let context = target.context;
        let preparation = Preparation::new(target, Arc::clone(known), baseline, None);
        target
            .stream(landing, preparation, |batches| {
                context.client.list(target.kind, mark, batches, &context.cancel)
            })
            .await
    }

    /// The end of a list that may not be read at all.
    fn refused(&self) -> ListEnd {
        let Shelf { needs, without, .. } = self.shelf;
        ListEnd {
            complete: false,
            reasons: vec![reason(
                "refused",
                format!("the credential lacks {needs}; without it, {without} is not evaluated"),
            )],
            reported: None,
            unique: 0,
            how: String::new(),
        }
    }
}

/// Brings a reading of changes to its end: takes those out that are gone. The rest is as it was.
async fn take_changes(
    target: &Target<'_>,
    landing: Landing,
    known: &Arc<Known>,
    end: ListEnd,
    changes: Changes,
    previous: Option<&Coverage>,
) -> Result<Read, Error> {
    let mut gone: Vec<KnownResource> = changes
        .gone
        .iter()
        .filter_map(|id| known.get(IdHash::of(id)).copied())
        .filter(|resource| !landing.landed.seen.contains(resource.row))
        .collect();
    gone.sort_unstable_by_key(|resource| resource.row);
    gone.dedup_by_key(|resource| resource.row);
    let unreadable = landing.landed.unreadable;
    let landing = target.remove(landing, gone).await?;
    let (landing, mut landed) = target.conclude(landing).await?;
    landed.unchanged = (known.len() as u64).saturating_sub(landed.changed + landed.removed);
    let mut coverage = Coverage {
        reasons: end.reasons,
        have: held(known, &landed),
        reported: end.reported,
        ..whole::by_changes(target, previous, end.how)
    };
    if !end.complete {
        coverage.state = CoverageState::Incomplete;
    }
    whole::note_unreadable(&mut coverage, unreadable);
    let cancelled = target.context.cancel.is_cancelled();
    Ok(Read {
        landing,
        landed,
        coverage,
        failed: cancelled.then(|| SourceError::Cancelled.into()),
    })
}

fn held(known: &Known, landed: &Landed) -> u64 {
    (known.len() as u64 + landed.added).saturating_sub(landed.removed)
}
