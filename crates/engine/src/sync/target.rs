//! One collection of a source, of whatever kind: what all ways of reading it share.

use std::future::Future;
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::land::{Landed, Landing};
use super::prepare::{Preparation, Prepared, gone, kept, single};
use super::{SyncContext, blocking, now};
use crate::Error;
use crate::record::{Documents, ResourceKind};
use crate::sources::SourceError;
use crate::sources::scim::{Batch, Found, ScimClient};
use crate::store::cache::{Known, KnownResource, SourceState};
use crate::view::{Coverage, CoverageState, Millis, SyncPhase};

/// Threads that parse and compress.
const PREPARERS: usize = 2;
/// Pages that may wait between two stages: a bound on memory.
const PAGES_WAITING: usize = 4;
/// Asked for at once, where each is asked for by itself.
const AT_ONCE: usize = 4;
/// Asked for together, where that is possible.
const TOGETHER: usize = 1_000;
/// A full reading holds this long, in milliseconds.
const FULL_HOLDS: Millis = 24 * 60 * 60 * 1000;

/// A collection.
pub(super) struct Target<'s> {
    pub(super) context: &'s SyncContext,
    pub(super) kind: ResourceKind,
    pub(super) by_id: ById<'s>,
}

/// How resources are asked for by their ids.
#[derive(Clone, Copy)]
pub(super) enum ById<'s> {
    /// Each by itself, under a SCIM endpoint.
    Each { client: &'s ScimClient, endpoint: &'s str },
    /// By the source's own way, many together.
    Together,
}

/// What reading a collection gave.
pub(super) struct Read {
    pub(super) landing: Landing,
    pub(super) landed: Landed,
    pub(super) coverage: Coverage,
    /// Why it could not be read on, if so.
    pub(super) failed: Option<Error>,
}

impl Target<'_> {
    /// The coverage of its last reading.
    pub(super) fn previous<'c>(&self, state: &'c SourceState) -> Option<&'c Coverage> {
        state.coverage.iter().find(|coverage| coverage.collection == self.kind.collection())
    }

    /// A coverage of nothing, to be filled in.
    pub(super) fn coverage(&self, state: CoverageState, how: String) -> Coverage {
        Coverage {
            collection: self.kind.collection().into(),
            state,
            reasons: Vec::new(),
            have: 0,
            reported: None,
            unconfirmed: 0,
            read_at: Some(now()),
            full_at: None,
            how,
        }
    }

    /// Whether the last full reading still holds, so that less than everything may be read.
    pub(super) fn holds(&self, coverage: &Coverage) -> bool {
        let whole = coverage.state == CoverageState::Complete && coverage.unconfirmed == 0;
        let recent = coverage.full_at.is_some_and(|at| now() - at < FULL_HOLDS);
        whole && recent && !self.context.full
    }

    /// Streams a list through the preparing threads to the writing one. `listing` puts its pages into what it is given.
    pub(super) async fn stream<T, F: Future<Output = T>>(
        &self,
        landing: Landing,
        preparation: Preparation,
        listing: impl FnOnce(mpsc::Sender<Batch>) -> F,
    ) -> Result<(Landing, T), Error> {
        self.context.progress.phase(SyncPhase::Reading, self.kind);
        let (batch_in, batches) = mpsc::channel::<Batch>(PAGES_WAITING);
        let (page_in, pages) = std::sync::mpsc::sync_channel::<Result<Prepared, Error>>(PAGES_WAITING);
        let batches = Arc::new(Mutex::new(batches));
        let preparation = Arc::new(preparation);
        for _ in 0..PREPARERS {
            let (batches, page_in, preparation, progress) = (
                Arc::clone(&batches),
                page_in.clone(),
                Arc::clone(&preparation),
                Arc::clone(&self.context.progress),
            );
            tokio::task::spawn_blocking(move || {
                let mut packer = None;
                loop {
                    let next = batches.lock().unwrap_or_else(std::sync::PoisonError::into_inner).blocking_recv();
                    let Some(batch) = next else { return };
                    let packer = match &mut packer {
                        Some(packer) => Ok(packer),
                        None => preparation.packer(&batch).map(|made| packer.insert(made)),
                    };
                    let prepared = packer.and_then(|packer| preparation.prepare(&batch, packer));
                    progress.count(batch.resources.len() as u64);
                    if page_in.send(prepared).is_err() {
                        return;
                    }
                }
            });
        }
        // The threads hold the only ends: once the writer stops, they stop, and with them the list.
        drop(page_in);
        drop(batches);
        let writing = blocking(move || {
            let mut landing = landing;
            landing.take_all(&pages)?;
            Ok(landing)
        });
        let (landing, end) = tokio::join!(writing, listing(batch_in));
        Ok((landing?, end))
    }

    /// Reads resources by their ids; none where the source does not say.
    ///
    /// # Errors
    /// When it was cancelled; or when none of them could be asked about, where they are asked for together.
    pub(super) async fn fetch<T: Clone + Send + 'static>(&self, ids: Vec<(T, String)>) -> Result<Vec<(T, Option<Found>)>, Error> {
        match self.by_id {
            ById::Each { client, endpoint } => self.fetch_each(client, endpoint, ids).await,
            ById::Together => self.fetch_together(ids).await,
        }
    }

    async fn fetch_each<T: Send + 'static>(
        &self,
        client: &ScimClient,
        endpoint: &str,
        ids: Vec<(T, String)>,
    ) -> Result<Vec<(T, Option<Found>)>, Error> {
        let mut tasks: JoinSet<Result<(T, Option<Found>), Error>> = JoinSet::new();
        let mut found = Vec::with_capacity(ids.len());
        for (of, id) in ids {
            if tasks.len() >= AT_ONCE
                && let Some(done) = tasks.join_next().await
            {
                found.push(done.map_err(|_| SourceError::Cancelled)??);
            }
            let (client, endpoint, cancel) = (client.clone(), endpoint.to_owned(), self.context.cancel.clone());
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

    async fn fetch_together<T: Clone>(&self, ids: Vec<(T, String)>) -> Result<Vec<(T, Option<Found>)>, Error> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(TOGETHER) {
            let asked: Vec<String> = some.iter().map(|(_, id)| id.clone()).collect();
            let answers = self.context.client.look_up(self.kind, &asked, &self.context.cancel).await?;
            let mut answers: std::collections::HashMap<String, Found> = answers.into_iter().collect();
            found.extend(some.iter().map(|(of, id)| (of.clone(), answers.remove(id))));
        }
        Ok(found)
    }

    /// Writes those that were found by their ids.
    pub(super) async fn take_in(
        &self,
        mut landing: Landing,
        known: &Arc<Known>,
        bodies: Vec<bytes::Bytes>,
        baseline: bool,
    ) -> Result<Landing, Error> {
        let preparation = Preparation::new(self, Arc::clone(known), baseline, None);
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

    /// Takes out those that are confirmed to be gone, and tells history.
    pub(super) async fn remove(&self, mut landing: Landing, resources: Vec<KnownResource>) -> Result<Landing, Error> {
        let (kind, cache, reading) = (self.kind, Arc::clone(&self.context.cache), self.context.client.reading());
        blocking(move || {
            for resource in resources {
                let mut transition = None;
                if kind.is_told()
                    && let Some(label) = cache.label(resource.row)?
                {
                    let (mut last, mut past) = (None, None);
                    if let Some(text) = cache.document(resource.row)?
                        && let Ok(document) = serde_json::from_slice(&text)
                    {
                        past = Some(kept(kind, &text, &document)?);
                        last = reading(kind, &text).map(|columns| (columns, document));
                    }
                    transition = Some(gone(kind, (label.id, label.name), resource.version, last.as_ref(), past));
                }
                landing.remove(kind, resource.row, transition)?;
            }
            landing.commit()?;
            Ok(landing)
        })
        .await
    }

    /// Ends the writing of this collection.
    pub(super) async fn conclude(&self, mut landing: Landing) -> Result<(Landing, Landed), Error> {
        blocking(move || {
            let landed = landing.next()?;
            Ok((landing, landed))
        })
        .await
    }
}
