//! Reading versions only: the ids and `meta.version` of all (RFC 7644 §3.4.2.5 `attributes`, §3.14), and in full only what differs.
//!
//! Shows who is new, changed or gone in one pass of small pages. Done where every change that full readings found came with another
//! version, for groups a change of members among them, and where the last full reading still holds.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::super::land::{Landed, Landing};
use super::super::target::Read;
use super::super::{reason, unseen, whole};
use super::collection::Collection;
use crate::Error;
use crate::record::ResourceKind;
use crate::sources::SourceError;
use crate::sources::scim::{Batch, Found, ListEnd};
use crate::store::cache::{IdHash, Known, SourceState, etag_hash};
use crate::view::{Coverage, CoverageState, SyncPhase};

/// What is asked for; `id` always comes with it.
const ATTRIBUTES: &str = "meta.version";
/// So many may be read by their ids; where more differ, the whole list costs less.
const FEW: usize = 50;

/// What a listing of versions showed.
pub(super) struct Listed {
    same: RoaringBitmap,
    differing: Vec<String>,
    end: ListEnd,
}

/// Lists the versions; none where that is not to be trusted, or would not be worth it: then everything must be read.
pub(super) async fn list(collection: &Collection<'_>, state: &SourceState, known: &Arc<Known>) -> Result<Option<Listed>, Error> {
    let habits = match collection.target.kind {
        ResourceKind::User => state.users,
        _ => state.groups,
    };
    let target = &collection.target;
    let trusted = habits.version.is_proven(target.kind) && target.previous(state).is_some_and(|coverage| target.holds(coverage));
    if !trusted || known.iter().any(|(_, resource)| resource.version.etag.is_none()) {
        return Ok(None);
    }
    let context = target.context;
    context.progress.phase(SyncPhase::Reading, target.kind);
    let (batch_in, mut batches) = tokio::sync::mpsc::channel::<Batch>(4);
    let plan = collection.plan(None, Some(ATTRIBUTES));
    let listing = collection
        .client
        .list(target.kind, collection.endpoint, &plan, batch_in, &context.cancel);
    let reading = context.client.reading();
    let taking = async {
        let (mut same, mut differing, mut readable) = (RoaringBitmap::new(), Vec::new(), true);
        while let Some(batch) = batches.recv().await {
            context.progress.count(batch.resources.len() as u64);
            for range in &batch.resources {
                let columns = reading(target.kind, &batch.body[range.clone()]);
                let Some((id, etag)) = columns.as_ref().and_then(|columns| Some((columns.id(), columns.etag()?))) else {
                    readable = false;
                    continue;
                };
                match known.get(IdHash::of(id)) {
                    Some(resource) if resource.version.etag == Some(etag_hash(etag)) => {
                        same.insert(resource.row);
                    }
                    _ => differing.push(id.to_owned()),
                }
            }
        }
        (same, differing, readable)
    };
    let (end, (same, differing, readable)) = tokio::join!(listing, taking);
    match end {
        Err(SourceError::Cancelled) => Err(SourceError::Cancelled.into()),
        Ok(end) if end.complete && readable && differing.len() <= FEW.max(known.len() / 20) => Ok(Some(Listed { same, differing, end })),
        _ => Ok(None),
    }
}

/// Reads what differs, and settles those that were not listed.
pub(super) async fn read(
    collection: &Collection<'_>,
    mut landing: Landing,
    known: &Arc<Known>,
    baseline: bool,
    before: Landed,
    listed: Listed,
    state: &SourceState,
) -> Result<Read, Error> {
    let target = &collection.target;
    let Listed { same, differing, end } = listed;
    let mut bodies = Vec::with_capacity(differing.len());
    let mut open = 0_u64;
    for (_, found) in target.fetch(differing.into_iter().map(|id| ((), id)).collect()).await? {
        match found {
            Some(Found::Here(body)) => bodies.push(body),
            // Gone between the list and now: those that were held are asked for again below.
            Some(Found::Absent) => {}
            None => open += 1,
        }
    }
    let how = format!("the versions of all, and {} in full", bodies.len());
    let mut coverage = Coverage {
        reported: end.reported,
        ..whole::by_changes(target, target.previous(state), how)
    };
    if open > 0 {
        coverage.state = CoverageState::Incomplete;
        coverage.reasons.push(reason(
            "unreadable",
            format!("{open} changed resources could not be read by their ids"),
        ));
    }
    landing = target.take_in(landing, known, bodies, baseline).await?;
    landing.landed.unchanged += same.len();
    landing.landed.seen |= same;
    landing = unseen::settle(target, landing, known, &mut coverage, None).await?;
    let (landing, mut landed) = target.conclude(landing).await?;
    coverage.have = known.len() as u64 + landed.added + before.added - landed.removed;
    landed.add(&before);
    Ok(Read {
        landing,
        landed,
        coverage,
        failed: None,
    })
}
