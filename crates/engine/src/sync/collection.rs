//! Reading one collection of a source: the whole list, or what changed since the last time where that is proven to work.

use std::sync::{Arc, Mutex};

use super::land::{Landed, Landing};
use super::prepare::{Preparation, Prepared};
use super::{SyncContext, blocking, now, reason, since, unseen, versions};
use crate::Error;
use crate::record::ResourceKind;
use crate::sources::SourceError;
use crate::sources::scim::{Batch, Capabilities, ListEnd, ListPlan, Paging, changed_since};
use crate::store::cache::{Known, SourceState};
use crate::view::{Coverage, CoverageState, Millis, SyncPhase};

/// Pages that are asked for at once where that is safe.
const PAGES_AT_ONCE: usize = 4;
/// Threads that parse and compress.
const PREPARERS: usize = 2;
/// Pages that may wait between two stages: a bound on memory.
const PAGES_WAITING: usize = 4;

/// An empty list is asked for so many times more before it is believed.
const EMPTY_ASKED_AGAIN: usize = 2;

/// The code of the reason why a collection could not be read.
fn why_short(error: &SourceError) -> &'static str {
    match error {
        SourceError::BudgetSpent { .. } => "budget",
        SourceError::Cancelled => "cancelled",
        _ => "failed",
    }
}

/// One collection to read.
pub(super) struct Collection<'s> {
    pub(super) context: &'s SyncContext,
    pub(super) kind: ResourceKind,
    pub(super) endpoint: String,
    pub(super) capabilities: &'s Capabilities,
}

/// What reading it gave.
pub(super) struct Read {
    pub(super) landing: Landing,
    pub(super) landed: Landed,
    pub(super) coverage: Coverage,
    /// Why it could not be read on, if so.
    pub(super) failed: Option<Error>,
}

impl Collection<'_> {
    pub(super) async fn read(&self, landing: Landing, state: &mut SourceState) -> Result<Read, Error> {
        let known = landing.known(self.kind);
        let baseline = match self.kind {
            ResourceKind::User => state.users_baseline_at,
            _ => state.groups_baseline_at,
        }
        .is_some();
        let mut landing = landing;
        let mut before = Landed::default();
        if let Some(threshold) = since::threshold(self, state, &known) {
            let changes = self.read_changes(landing, &known, baseline, threshold, state).await?;
            landing = changes.landing;
            match changes.coverage {
                Some(coverage) => {
                    return Ok(Read {
                        landing,
                        landed: changes.landed,
                        coverage,
                        failed: None,
                    });
                }
                // The changes alone do not account for the totals: someone is gone, or the filter cannot be trusted. Read everything.
                None => before = changes.landed,
            }
        }
        if let Some(listed) = versions::list(self, state, &known).await? {
            return versions::read(self, landing, &known, baseline, before, listed, state).await;
        }
        self.read_all(landing, &known, baseline, before, state).await
    }

    pub(super) fn plan(&self, filter: Option<String>, attributes: Option<&'static str>) -> ListPlan {
        ListPlan {
            page_size: self.capabilities.page_size,
            concurrency: if self.capabilities.concurrent && self.capabilities.paging != Paging::Cursor {
                PAGES_AT_ONCE
            } else {
                1
            },
            paging: self.capabilities.paging,
            filter,
            attributes,
        }
    }

    /// Reads the whole list, and asks for those that it did not show.
    async fn read_all(
        &self,
        landing: Landing,
        known: &Arc<Known>,
        baseline: bool,
        before: Landed,
        state: &mut SourceState,
    ) -> Result<Read, Error> {
        let (mut landing, mut end) = self.stream_all(landing, known, baseline).await?;
        for _ in 0..EMPTY_ASKED_AGAIN {
            // "Nobody" is a strong word: it is taken for true when it is said again.
            if !end.as_ref().is_ok_and(|end| end.complete && end.unique == 0) {
                break;
            }
            (landing, end) = self.stream_all(landing, known, baseline).await?;
        }
        let previous = state.coverage.iter().find(|coverage| coverage.collection == self.kind.collection());
        let (end, failed) = match end {
            Ok(end) => (end, None),
            Err(error) => {
                let reasons = vec![reason(why_short(&error), error.to_string())];
                (
                    ListEnd {
                        complete: false,
                        reasons,
                        reported: None,
                        unique: 0,
                        how: String::new(),
                    },
                    Some(Error::from(error)),
                )
            }
        };
        let cancelled = self.context.cancel.is_cancelled();
        let mut coverage = Coverage {
            collection: self.kind.collection().into(),
            state: if end.complete {
                CoverageState::Complete
            } else {
                CoverageState::Incomplete
            },
            reasons: end.reasons,
            have: 0,
            reported: end.reported,
            unconfirmed: 0,
            read_at: Some(now()),
            full_at: previous.and_then(|previous| previous.full_at),
            how: end.how,
        };
        let unreadable = landing.landed.unreadable;
        if unreadable > 0 {
            coverage.state = CoverageState::Incomplete;
            coverage
                .reasons
                .push(reason("unreadable", format!("{unreadable} resources could not be read")));
        }
        if failed.is_some() && landing.landed.seen.is_empty() {
            // Nothing came at all: what was known of this collection stands as it stood.
            let landed = landing.next()?;
            if let Some(previous) = previous {
                coverage = Coverage {
                    reasons: coverage.reasons,
                    state: CoverageState::Incomplete,
                    ..previous.clone()
                };
            } else {
                coverage.state = CoverageState::NotEvaluated;
                coverage.read_at = None;
            }
            return Ok(Read {
                landing,
                landed,
                coverage,
                failed,
            });
        }
        let cut_short = failed.is_some() || cancelled;
        let landing = unseen::settle(self, landing, known, &mut coverage, cut_short).await?;
        if coverage.state == CoverageState::Complete {
            coverage.full_at = coverage.read_at;
        }
        let (landing, mut landed) = self.conclude(landing).await?;
        coverage.have = known.len() as u64 + landed.added + before.added - landed.removed;
        if coverage.state == CoverageState::Complete {
            since::prove(self, state, known, &landed).await;
        }
        landed.add(&before);
        let failed = failed.or_else(|| cancelled.then(|| SourceError::Cancelled.into()));
        Ok(Read {
            landing,
            landed,
            coverage,
            failed,
        })
    }

    /// Streams the whole list.
    async fn stream_all(
        &self,
        landing: Landing,
        known: &Arc<Known>,
        baseline: bool,
    ) -> Result<(Landing, Result<ListEnd, SourceError>), Error> {
        let preparation = Preparation::new(
            self.context.source,
            self.kind,
            Arc::clone(&self.context.cache),
            Arc::clone(known),
            baseline,
            None,
        );
        self.stream(landing, preparation, &self.plan(None, None)).await
    }

    /// Reads what changed since `threshold`. Without coverage in the answer, everything must be read.
    async fn read_changes(
        &self,
        landing: Landing,
        known: &Arc<Known>,
        baseline: bool,
        threshold: Millis,
        state: &SourceState,
    ) -> Result<Changes, Error> {
        let preparation = Preparation::new(
            self.context.source,
            self.kind,
            Arc::clone(&self.context.cache),
            Arc::clone(known),
            baseline,
            Some(threshold),
        );
        let (landing, end) = self
            .stream(landing, preparation, &self.plan(changed_since(threshold), None))
            .await?;
        let (landing, landed) = self.conclude(landing).await?;
        let end = match end {
            Ok(end) => end,
            Err(SourceError::Cancelled) => return Err(SourceError::Cancelled.into()),
            Err(_) => {
                return Ok(Changes {
                    landing,
                    landed,
                    coverage: None,
                });
            }
        };
        let total = self.context.client.count(&self.endpoint, None, &self.context.cancel).await?;
        let held = known.len() as u64 + landed.added;
        if !end.complete || landed.unasked > 0 || landed.unreadable > 0 || total != Some(held) {
            return Ok(Changes {
                landing,
                landed,
                coverage: None,
            });
        }
        let full_at = state
            .coverage
            .iter()
            .find(|coverage| coverage.collection == self.kind.collection())
            .and_then(|coverage| coverage.full_at);
        let coverage = Coverage {
            collection: self.kind.collection().into(),
            state: CoverageState::Complete,
            reasons: Vec::new(),
            have: held,
            reported: total,
            unconfirmed: 0,
            read_at: Some(now()),
            full_at,
            how: format!(
                "what changed since {} by meta.lastModified, and the total",
                jiff::Timestamp::from_millisecond(threshold).unwrap_or_default()
            ),
        };
        Ok(Changes {
            landing,
            landed,
            coverage: Some(coverage),
        })
    }

    /// Ends the writing of this collection.
    pub(super) async fn conclude(&self, mut landing: Landing) -> Result<(Landing, Landed), Error> {
        let kind = self.kind;
        blocking(move || {
            if kind == ResourceKind::Group {
                landing.settle_members()?;
            }
            let landed = landing.next()?;
            Ok((landing, landed))
        })
        .await
    }

    /// Streams a list through the preparing threads to the writing one.
    async fn stream(
        &self,
        landing: Landing,
        preparation: Preparation,
        plan: &ListPlan,
    ) -> Result<(Landing, Result<ListEnd, SourceError>), Error> {
        self.context.progress.phase(SyncPhase::Reading, self.kind);
        let (batch_in, batches) = tokio::sync::mpsc::channel::<Batch>(PAGES_WAITING);
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
        let listing = self
            .context
            .client
            .list(self.kind, &self.endpoint, plan, batch_in, &self.context.cancel);
        let (landing, end) = tokio::join!(writing, listing);
        Ok((landing?, end))
    }
}

struct Changes {
    landing: Landing,
    landed: Landed,
    coverage: Option<Coverage>,
}
