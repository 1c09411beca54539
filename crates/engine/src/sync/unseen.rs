//! Those that a list did not show: asked for one by one, before anyone is taken for gone.

use std::sync::Arc;

use serde_json::Value;
use tokio::task::JoinSet;

use super::collection::Collection;
use super::land::Landing;
use super::prepare::{Preparation, single, transition_hash};
use super::{blocking, reason};
use crate::Error;
use crate::record::{Documents, ResourceKind, Row};
use crate::sources::SourceError;
use crate::sources::scim::Found;
use crate::store::cache::{Cache, Known, KnownResource};
use crate::store::ledger::{ChangeDraft, Transition};
use crate::view::{ChangeKind, Coverage, CoverageState, SyncPhase};

/// So many are asked for one by one.
const ASK_ALL: usize = 200;
/// Of more, so many are asked for, spread evenly; all of them must be gone for the list's word to be taken.
const ASK_SOME: usize = 50;
/// Asked for at once.
const AT_ONCE: usize = 4;

/// What asking for one gave.
enum Answer {
    Gone(KnownResource),
    Here(bytes::Bytes),
    /// It could not be told.
    Open(KnownResource),
}

/// Settles those that were known and not seen: taken out where they are confirmed to be gone, kept and marked otherwise.
pub(super) async fn settle(
    collection: &Collection<'_>,
    mut landing: Landing,
    known: &Arc<Known>,
    coverage: &mut Coverage,
    cut_short: bool,
) -> Result<Landing, Error> {
    let mut unseen: Vec<KnownResource> = known
        .iter()
        .map(|(_, resource)| *resource)
        .filter(|resource| !landing.landed.seen.contains(resource.row))
        .collect();
    if unseen.is_empty() {
        return Ok(landing);
    }
    unseen.sort_unstable_by_key(|resource| resource.row);
    let complete = coverage.state == CoverageState::Complete;
    if cut_short || (!complete && unseen.len() > ASK_ALL) {
        return keep(collection, landing, coverage, unseen, "the reading did not come this far").await;
    }
    collection.context.progress.phase(SyncPhase::Confirming, collection.kind);
    // A server that answers 404 to everyone proves nothing: one that was just seen must be found.
    let control = known
        .iter()
        .find(|(_, resource)| landing.landed.seen.contains(resource.row))
        .map(|(_, resource)| *resource);
    if let Some(control) = control
        && !matches!(ask(collection, control).await?, Answer::Here(_))
    {
        if complete {
            // It cannot be asked by id at all: the complete list is the only witness.
            return remove(collection, landing, unseen).await;
        }
        return keep(
            collection,
            landing,
            coverage,
            unseen,
            "the list is not complete, and the server does not answer by id",
        )
        .await;
    }
    let asked = if unseen.len() <= ASK_ALL {
        unseen.clone()
    } else {
        unseen.iter().copied().step_by(unseen.len() / ASK_SOME).collect()
    };
    let answers = ask_all(collection, &asked).await?;
    let (mut gone, mut here, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for answer in answers {
        match answer {
            Answer::Gone(resource) => gone.push(resource),
            Answer::Here(body) => here.push(body),
            Answer::Open(resource) => open.push(resource),
        }
    }
    if asked.len() < unseen.len() {
        if gone.len() == asked.len() {
            return remove(collection, landing, unseen).await;
        }
        coverage.state = CoverageState::Incomplete;
        let text = format!(
            "the list left out {} of those known, and of {} asked for {} are still there",
            unseen.len(),
            asked.len(),
            here.len()
        );
        return keep(collection, landing, coverage, unseen, &text).await;
    }
    if !here.is_empty() {
        let text = format!(
            "{} moved between pages while the list was read, and were read by their ids",
            here.len()
        );
        coverage.reasons.push(reason("shifted", text));
        landing = take_in(collection, landing, known, here, true).await?;
    }
    landing = remove(collection, landing, gone).await?;
    if open.is_empty() {
        return Ok(landing);
    }
    coverage.state = CoverageState::Incomplete;
    keep(
        collection,
        landing,
        coverage,
        open,
        "the server did not say whether they are still there",
    )
    .await
}

async fn ask(collection: &Collection<'_>, resource: KnownResource) -> Result<Answer, Error> {
    Ok(ask_all(collection, &[resource]).await?.pop().unwrap_or(Answer::Open(resource)))
}

async fn ask_all(collection: &Collection<'_>, resources: &[KnownResource]) -> Result<Vec<Answer>, Error> {
    let (cache, rows) = (Arc::clone(&collection.context.cache), resources.to_vec());
    let named = blocking(move || {
        let named = rows.into_iter().map(|resource| Ok((resource, cache.label(resource.row)?)));
        named.collect::<Result<Vec<_>, Error>>()
    })
    .await?;
    let mut answers = Vec::with_capacity(resources.len());
    let mut asked = Vec::new();
    for (resource, label) in named {
        match label {
            Some(label) => asked.push((resource, label.id)),
            None => answers.push(Answer::Open(resource)),
        }
    }
    for (resource, found) in fetch(collection, asked).await? {
        answers.push(match found {
            Some(Found::Here(body)) => Answer::Here(body),
            Some(Found::Absent) => Answer::Gone(resource),
            None => Answer::Open(resource),
        });
    }
    Ok(answers)
}

/// Reads resources by their ids, a few at once; none where the server does not say.
pub(super) async fn fetch<T: Send + 'static>(collection: &Collection<'_>, ids: Vec<(T, String)>) -> Result<Vec<(T, Option<Found>)>, Error> {
    let context = collection.context;
    let mut tasks: JoinSet<Result<(T, Option<Found>), Error>> = JoinSet::new();
    let mut found = Vec::with_capacity(ids.len());
    for (of, id) in ids {
        if tasks.len() >= AT_ONCE
            && let Some(done) = tasks.join_next().await
        {
            found.push(done.map_err(|_| SourceError::Cancelled)??);
        }
        let (client, endpoint, cancel) = (context.client.clone(), collection.endpoint.clone(), context.cancel.clone());
        tasks.spawn(async move {
            match client.get(&endpoint, &id, &cancel).await {
                Ok(answer) => Ok((of, Some(answer))),
                Err(SourceError::Cancelled) => Err(SourceError::Cancelled.into()),
                Err(_) => Ok((of, None)),
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        found.push(done.map_err(|_| SourceError::Cancelled)??);
    }
    Ok(found)
}

/// Writes those that were found by their ids.
pub(super) async fn take_in(
    collection: &Collection<'_>,
    mut landing: Landing,
    known: &Arc<Known>,
    bodies: Vec<bytes::Bytes>,
    baseline: bool,
) -> Result<Landing, Error> {
    let preparation = Preparation::new(
        collection.context.source,
        collection.kind,
        Arc::clone(&collection.context.cache),
        Arc::clone(known),
        baseline,
        None,
    );
    blocking(move || {
        for body in bodies {
            let batch = single(body);
            let mut packer = preparation.packer(&batch)?;
            landing.take(preparation.prepare(&batch, &mut packer)?)?;
        }
        landing.commit()?;
        Ok(landing)
    })
    .await
}

async fn keep(
    collection: &Collection<'_>,
    mut landing: Landing,
    coverage: &mut Coverage,
    unseen: Vec<KnownResource>,
    why: &str,
) -> Result<Landing, Error> {
    coverage.state = CoverageState::Incomplete;
    coverage.unconfirmed = unseen.len() as u64;
    coverage.reasons.push(reason(
        "unconfirmed",
        format!("{} of those known were not seen and are kept: {why}", unseen.len()),
    ));
    let kind = collection.kind;
    blocking(move || {
        let rows: Vec<Row> = unseen.iter().map(|resource| resource.row).collect();
        landing.keep_unseen(kind, &rows)?;
        landing.commit()?;
        Ok(landing)
    })
    .await
}

async fn remove(collection: &Collection<'_>, mut landing: Landing, gone: Vec<KnownResource>) -> Result<Landing, Error> {
    let (kind, cache) = (collection.kind, Arc::clone(&collection.context.cache));
    blocking(move || {
        for resource in gone {
            let transition = farewell(&cache, kind, resource)?;
            landing.remove(kind, resource.row, transition)?;
        }
        landing.commit()?;
        Ok(landing)
    })
    .await
}

/// What history says of one that is gone; for a group, each of its members too.
fn farewell(cache: &Cache, kind: ResourceKind, resource: KnownResource) -> Result<Option<Transition>, Error> {
    let Some(label) = cache.label(resource.row)? else { return Ok(None) };
    let mut changes = vec![ChangeDraft {
        changed_at: None,
        kind: ChangeKind::Gone,
        path: None,
        before: None,
        after: None,
        member_name: None,
    }];
    if kind == ResourceKind::Group
        && let Some(document) = cache.document(resource.row)?
        && let Ok(document) = serde_json::from_slice::<Value>(&document)
    {
        super::prepare::member_changes(&document, &Value::Null, None, &mut changes);
    }
    Ok(Some(Transition {
        kind,
        name: label.name.unwrap_or_else(|| label.id.clone()),
        id: label.id,
        hash: transition_hash(Some(resource.version), None),
        changes,
    }))
}
