//! Reading one collection of a SCIM source: the whole list, or what changed since the last time where that is proven to work.

use std::sync::Arc;

use super::super::land::{Landed, Landing};
use super::super::prepare::Preparation;
use super::super::target::{Read, Target};
use super::super::whole::{self, EMPTY_ASKED_AGAIN};
use super::{since, versions};
use crate::Error;
use crate::sources::SourceError;
use crate::sources::scim::{Capabilities, ListEnd, ListPlan, Paging, ScimClient, changed_since};
use crate::store::cache::{Known, SourceState};
use crate::view::{Coverage, CoverageState, Millis};

/// Pages that are asked for at once where that is safe.
const PAGES_AT_ONCE: usize = 4;
/// One collection to read.
pub(super) struct Collection<'s> {
    pub(super) target: Target<'s>,
    pub(super) client: &'s ScimClient,
    pub(super) endpoint: &'s str,
    pub(super) capabilities: &'s Capabilities,
}

impl Collection<'_> {
    pub(super) async fn read(&self, landing: Landing, state: &mut SourceState) -> Result<Read, Error> {
        let known = landing.known(self.target.kind);
        let baseline = state.baseline(self.target.kind).is_some();
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
        let previous = self.target.previous(state);
        let mut read = whole::conclude(&self.target, landing, known, end, previous, before.added).await?;
        if read.coverage.state == CoverageState::Complete {
            since::prove(self, state, known, &read.landed).await;
        }
        read.landed.add(&before);
        Ok(read)
    }

    /// Streams the whole list.
    async fn stream_all(
        &self,
        landing: Landing,
        known: &Arc<Known>,
        baseline: bool,
    ) -> Result<(Landing, Result<ListEnd, SourceError>), Error> {
        let preparation = Preparation::new(&self.target, Arc::clone(known), baseline, None);
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
        let preparation = Preparation::new(&self.target, Arc::clone(known), baseline, Some(threshold));
        let (landing, end) = self
            .stream(landing, preparation, &self.plan(changed_since(threshold), None))
            .await?;
        let (landing, landed) = self.target.conclude(landing).await?;
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
        let total = self.client.count(self.endpoint, None, &self.target.context.cancel).await?;
        let held = known.len() as u64 + landed.added;
        if !end.complete || landed.unasked > 0 || landed.unreadable > 0 || total != Some(held) {
            return Ok(Changes {
                landing,
                landed,
                coverage: None,
            });
        }
        let how = format!(
            "what changed since {} by meta.lastModified, and the total",
            jiff::Timestamp::from_millisecond(threshold).unwrap_or_default()
        );
        let coverage = Coverage {
            have: held,
            reported: total,
            ..whole::by_changes(&self.target, self.target.previous(state), how)
        };
        Ok(Changes {
            landing,
            landed,
            coverage: Some(coverage),
        })
    }

    /// Streams a list through the preparing threads to the writing one.
    async fn stream(
        &self,
        landing: Landing,
        preparation: Preparation,
        plan: &ListPlan,
    ) -> Result<(Landing, Result<ListEnd, SourceError>), Error> {
        let (kind, cancel) = (self.target.kind, &self.target.context.cancel);
        self.target
            .stream(landing, preparation, |batches| {
                self.client.list(kind, self.endpoint, plan, batches, cancel)
            })
            .await
    }
}

struct Changes {
    landing: Landing,
    landed: Landed,
    coverage: Option<Coverage>,
}
