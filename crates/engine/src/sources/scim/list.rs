//! Reading a list: asks what the reading decides, hands out what is new.

use std::future::Future;

use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::page::ReadPage;
use super::query::Target;
use super::reading::{Ask, Reading, Refusal, Stop};
use super::{Batch, ListEnd, ListPlan, ScimClient, answer};
use crate::sources::SourceError;

/// Reads the whole list; see [`ScimClient::list`].
pub(super) async fn list(
    client: &ScimClient,
    collection: &str,
    endpoint: &str,
    plan: &ListPlan,
    batches: &Sender<Batch>,
    cancel: &CancellationToken,
) -> Result<ListEnd, SourceError> {
    let target = Target {
        attributes: plan.attributes,
        ..Target::new(endpoint, plan.filter.as_deref())
    };
    let mut reading = Reading::new(plan, client.http().limits().pages);
    let failure = drive(
        &mut reading,
        |ask| {
            let (client, target, cancel) = (client.clone(), target.clone(), cancel.clone());
            async move { client.page(&target, &ask, &cancel).await }
        },
        batches,
        cancel,
    )
    .await;
    outcome(&reading, failure, collection, cancel)
}

/// Asks for the pages that a reading wants, by `fetch`, until it is over. Gives the last failure, if there was one.
pub(in crate::sources) async fn drive<P>(
    reading: &mut Reading,
    fetch: impl Fn(Ask) -> P,
    batches: &Sender<Batch>,
    cancel: &CancellationToken,
) -> Option<SourceError>
where
    P: Future<Output = Result<ReadPage, SourceError>> + Send + 'static,
{
    let mut pages: JoinSet<(Ask, Result<ReadPage, SourceError>)> = JoinSet::new();
    let mut failure = None;
    loop {
        while let Some(ask) = reading.next() {
            let page = fetch(ask.clone());
            pages.spawn(async move { (ask, page.await) });
        }
        if reading.over() {
            break;
        }
        match pages.join_next().await {
            None => break,
            Some(Ok((ask, Ok(page)))) => {
                if !hand_out(reading, &ask, page, batches, cancel).await {
                    reading.stop(Stop::Cancelled);
                }
            }
            Some(Ok((ask, Err(error)))) => {
                match &error {
                    SourceError::Cancelled => reading.lost(Stop::Cancelled),
                    SourceError::BudgetSpent { .. } => reading.lost(Stop::Budget),
                    error => reading.refuse(&ask, as_refusal(error)),
                }
                failure = Some(error);
            }
            // A task of ours does not panic; should one do so all the same, its page is missing and that is said.
            Some(Err(_)) => reading.lost(Stop::Failed("A page could not be taken in.".into())),
        }
    }
    // Pages still on their way are not waited for.
    drop(pages);
    failure
}

/// What a reading that is over amounts to.
pub(in crate::sources) fn outcome(
    reading: &Reading,
    failure: Option<SourceError>,
    collection: &str,
    cancel: &CancellationToken,
) -> Result<ListEnd, SourceError> {
    match failure {
        Some(error) if reading.unique() == 0 && reading.failed() => Err(error),
        None if reading.unique() == 0 && cancel.is_cancelled() => Err(SourceError::Cancelled),
        _ => Ok(reading.end(collection)),
    }
}

fn as_refusal(error: &SourceError) -> Refusal {
    let fault = error.fault();
    Refusal {
        stale_cursor: answer::is_stale_cursor(error),
        of_request: answer::is_of_request(error),
        text: format!("{} {}", fault.what, fault.next).trim().to_owned(),
    }
}

/// Hands the new resources of a page out; `false` when nobody takes them.
async fn hand_out(reading: &mut Reading, ask: &Ask, page: ReadPage, batches: &Sender<Batch>, cancel: &CancellationToken) -> bool {
    let ReadPage {
        body,
        mut resources,
        facts,
    } = page;
    let mut new = reading.take(ask, &facts).into_iter();
    resources.retain(|_| new.next().unwrap_or(false));
    if resources.is_empty() {
        return !batches.is_closed();
    }
    tokio::select! {
        biased;
        () = cancel.cancelled() => false,
        sent = batches.send(Batch { body, resources }) => sent.is_ok(),
    }
}
