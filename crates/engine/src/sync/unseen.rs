//! Those that a list did not show: asked for one by one, before anyone is taken for gone.

use std::sync::Arc;

use super::land::Landing;
use super::target::{ById, Target};
use super::{blocking, reason};
use crate::Error;
use crate::record::Row;
use crate::sources::SourceError;
use crate::sources::scim::Found;
use crate::store::cache::{Known, KnownResource};
use crate::view::{Coverage, CoverageState, SyncPhase};

/// So many are asked for one by one.
const ASK_ALL: usize = 200;
/// Of more, so many are asked for, spread evenly; all of them must be gone for the list's word to be taken.
const ASK_SOME: usize = 50;

/// What asking for one gave.
enum Answer {
    Gone(KnownResource),
    Here(bytes::Bytes),
    /// It could not be told.
    Open(KnownResource),
}

/// Settles those that were known and not seen: taken out where they are confirmed to be gone, kept and marked otherwise. `cut_short` says
/// why the reading did not come to them, where it did not.
pub(super) async fn settle(
    target: &Target<'_>,
    mut landing: Landing,
    known: &Arc<Known>,
    coverage: &mut Coverage,
    cut_short: Option<&str>,
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
    let cut_short = cut_short.or((!complete && unseen.len() > ASK_ALL).then_some("the reading did not come this far"));
    if let Some(why) = cut_short {
        return keep(target, landing, coverage, unseen, why).await;
    }
    target.context.progress.phase(SyncPhase::Confirming, target.kind);
    // A server that answers 404 to everyone proves nothing: one that was just seen must be found.
    let control = known
        .iter()
        .find(|(_, resource)| landing.landed.seen.contains(resource.row))
        .map(|(_, resource)| *resource);
    let answer = match control {
        Some(control) => match ask(target, control).await {
            Ok(answer) => Some(answer),
            Err(error) => return keep_unasked(target, landing, coverage, unseen, error).await,
        },
        None => None,
    };
    if answer.is_some_and(|answer| !matches!(answer, Answer::Here(_))) {
        if complete {
            // It cannot be asked by id at all: the complete list is the only witness.
            return target.remove(landing, unseen).await;
        }
        return keep(
            target,
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
    let answers = match ask_all(target, &asked).await {
        Ok(answers) => answers,
        Err(error) => return keep_unasked(target, landing, coverage, unseen, error).await,
    };
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
            return target.remove(landing, unseen).await;
        }
        coverage.state = CoverageState::Incomplete;
        let text = format!(
            "the list left out {} of those known, and of {} asked for {} are still there",
            unseen.len(),
            asked.len(),
            here.len()
        );
        return keep(target, landing, coverage, unseen, &text).await;
    }
    if !here.is_empty() {
        let text = format!(
            "{} moved between pages while the list was read, and were read by their ids",
            here.len()
        );
        coverage.reasons.push(reason("shifted", text));
        landing = target.take_in(landing, known, here, true).await?;
    }
    landing = target.remove(landing, gone).await?;
    if open.is_empty() {
        return Ok(landing);
    }
    coverage.state = CoverageState::Incomplete;
    keep(
        target,
        landing,
        coverage,
        open,
        "the server did not say whether they are still there",
    )
    .await
}

/// Nobody could be asked for: all of them are kept. (A SCIM sync that is cancelled here ends here.)
async fn keep_unasked(
    target: &Target<'_>,
    landing: Landing,
    coverage: &mut Coverage,
    unseen: Vec<KnownResource>,
    error: Error,
) -> Result<Landing, Error> {
    match error {
        Error::Source(SourceError::Cancelled) if matches!(target.by_id, ById::Each { .. }) => Err(error),
        Error::Source(error) => {
            let why = format!("they could not be asked for: {error}");
            keep(target, landing, coverage, unseen, why.trim_end_matches('.')).await
        }
        _ => Err(error),
    }
}

async fn ask(target: &Target<'_>, resource: KnownResource) -> Result<Answer, Error> {
    Ok(ask_all(target, &[resource]).await?.pop().unwrap_or(Answer::Open(resource)))
}

async fn ask_all(target: &Target<'_>, resources: &[KnownResource]) -> Result<Vec<Answer>, Error> {
    let (cache, rows) = (Arc::clone(&target.context.cache), resources.to_vec());
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
    for (resource, found) in target.fetch(asked).await? {
        answers.push(match found {
            Some(Found::Here(body)) => Answer::Here(body),
            Some(Found::Absent) => Answer::Gone(resource),
            None => Answer::Open(resource),
        });
    }
    Ok(answers)
}

async fn keep(
    target: &Target<'_>,
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
    let kind = target.kind;
    blocking(move || {
        let rows: Vec<Row> = unseen.iter().map(|resource| resource.row).collect();
        landing.keep_unseen(kind, &rows)?;
        landing.commit()?;
        Ok(landing)
    })
    .await
}
