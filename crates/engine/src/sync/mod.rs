//! Sync: sources → cache → changes in the ledger; progress, cancel, resume.
//!
//! SCIM is read in its own way ([`scim`]), everything else collection by collection ([`shelves`]). The walk of one page is the same: a client
//! hands it over as bytes with each resource's place → a few threads parse it, compare each resource's hash with what is known, compress
//! what is new and tell what changed ([`prepare`]) → one thread writes it ([`land`]).
//! What the list did not show is asked for one by one before anyone is taken for gone ([`unseen`]).
//! A sync that is killed leaves what it wrote; the next one finds it by its hash and goes on from there.

mod land;
mod outcome;
mod prepare;
mod progress;
mod scim;
mod shelves;
mod target;
#[cfg(test)]
mod tests;
mod unseen;
mod whole;

use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::record::ResourceKind;
use crate::sources::{Client, SourceError};
use crate::store::cache::{Cache, SourceState};
use crate::store::ledger::Ledger;
use crate::view::{Coverage, CoverageReason, CoverageState, Millis, SourceId, SyncOutcome, SyncPhase};

use land::{Landed, Landing, Memberships, Resolver};
pub use progress::Progress;

/// All that a sync of one source needs. Clones share everything.
#[derive(Clone)]
pub struct SyncContext {
    /// Which source.
    pub source: SourceId,
    /// Its name.
    pub name: String,
    /// The client to read it with.
    pub client: Client,
    /// The cache to write to.
    pub cache: Arc<Cache>,
    /// The ledger to tell of changes.
    pub ledger: Arc<Ledger>,
    /// Where progress goes.
    pub progress: Arc<Progress>,
    /// Ends the sync early.
    pub cancel: CancellationToken,
    /// Whether everything is to be read, even where reading changes only is proven to work.
    pub full: bool,
}

/// The present, in Unix milliseconds.
pub(crate) fn now() -> Millis {
    jiff::Timestamp::now().as_millisecond()
}

/// Runs one sync to its end. Never fails: a failure is in the outcome, and what was read is kept.
pub async fn run(context: SyncContext) -> SyncOutcome {
    let started = Instant::now();
    let started_at = now();
    let mut sync = Sync {
        state: SourceState::default(),
        totals: Totals::default(),
        started_at,
        context,
    };
    let result = sync.go().await;
    sync.end(result, started).await
}

#[derive(Default)]
struct Totals {
    added: u64,
    changed: u64,
    removed: u64,
    unchanged: u64,
    rows_written: u64,
}

impl Totals {
    fn take(&mut self, landed: &Landed) {
        self.added += landed.added;
        self.changed += landed.changed;
        self.removed += landed.removed;
        self.unchanged += landed.unchanged;
    }
}

struct Sync {
    context: SyncContext,
    state: SourceState,
    totals: Totals,
    started_at: Millis,
}

impl Sync {
    async fn go(&mut self) -> Result<(), Error> {
        let (cache, source) = (Arc::clone(&self.context.cache), self.context.source);
        self.state = blocking(move || Ok(cache.state(source)?)).await?;
        let (landing, no_groups, failed) = if let Client::Scim(client) = self.context.client.clone() {
            let done = scim::read(self, &client).await?;
            (done.landing, done.no_groups, done.failed)
        } else {
            let done = shelves::read(self).await?;
            (done.landing, false, done.failed)
        };
        self.context.progress.phase(SyncPhase::Saving, ResourceKind::Group);
        self.save(landing, no_groups).await?;
        failed.map_or(Ok(()), Err)
    }

    /// Ready to write resources of these kinds: what is known of them is in memory.
    async fn landing(&self, kinds: &[ResourceKind]) -> Result<Landing, Error> {
        let (context, kinds, at) = (self.context.clone(), kinds.to_vec(), self.started_at);
        blocking(move || {
            let known = kinds
                .into_iter()
                .map(|kind| Ok((kind, Arc::new(context.cache.known(context.source, kind)?))))
                .collect::<Result<Vec<_>, Error>>()?;
            let dangling = context.cache.dangling(context.source)?;
            let mut landing = Landing::new(&context, at, Resolver::new(known, dangling))?;
            landing.prepare_indexes()?;
            Ok(landing)
        })
        .await
    }

    /// Notes what a collection's reading came to, and that its first reading is over.
    fn take(&mut self, kind: ResourceKind, coverage: &Coverage, landed: &Landed) {
        self.totals.take(landed);
        self.state.coverage.retain(|old| old.collection != coverage.collection);
        self.state.coverage.push(coverage.clone());
        if coverage.state == CoverageState::Complete {
            self.state.set_baseline(kind, now());
        }
    }

    /// Writes what is left: indexes, memberships that only users tell of, counts.
    async fn save(&mut self, mut landing: Landing, no_groups: bool) -> Result<(), Error> {
        let (cache, source) = (Arc::clone(&self.context.cache), self.context.source);
        let counted = (self.state.account_count, self.state.group_count, self.state.membership_count);
        let counted_at = self.state.counted_at;
        let (rows_written, counts, counted_at, memberships) = blocking(move || {
            landing.commit()?;
            let quiet = landing.rows_written() == 0 && counted != (0, 0, 0) && cache.generation()? == counted_at;
            let memberships = landing.finish(&cache, quiet)?;
            let counts = if quiet { counted } else { cache.counts(source)? };
            Ok((landing.rows_written(), counts, cache.generation()?, memberships))
        })
        .await?;
        self.totals.rows_written = rows_written;
        (self.state.account_count, self.state.group_count, self.state.membership_count) = counts;
        self.state.counted_at = counted_at;
        let groups = self.state.coverage.iter().find(|coverage| coverage.collection == "Groups").cloned();
        let mut coverage = groups.unwrap_or_else(|| not_evaluated("Groups", "failed", "the groups were not read"));
        if no_groups {
            coverage = not_evaluated("Groups", "noGroups", "the server has no groups endpoint");
            self.state.coverage.retain(|old| old.collection != "Groups");
            self.state.coverage.push(coverage.clone());
        }
        coverage.collection = "Memberships".into();
        coverage.have = self.state.membership_count;
        coverage.reported = None;
        coverage.unconfirmed = 0;
        match memberships {
            Memberships::OfUsers => coverage.how = Coverage::OF_USERS.into(),
            Memberships::OfGroups { untold, groups } if untold > 0 => {
                let scim = matches!(self.context.client, Client::Scim(_));
                let text = if scim {
                    "the server lists no group's members, and no user's groups".to_owned()
                } else if untold == groups {
                    "no group's members could be read".to_owned()
                } else {
                    format!("the members of {untold} of {groups} groups could not be read")
                };
                if untold == groups {
                    coverage.state = CoverageState::NotEvaluated;
                    coverage.reasons.clear();
                } else {
                    coverage.state = CoverageState::Incomplete;
                }
                coverage.reasons.push(reason("membersNotListed", text));
            }
            Memberships::OfGroups { .. } => {}
        }
        self.state.coverage.retain(|old| old.collection != "Memberships");
        self.state.coverage.push(coverage);
        Ok(())
    }
}

fn reason(code: &str, text: impl Into<String>) -> CoverageReason {
    CoverageReason {
        code: code.into(),
        text: text.into(),
    }
}

fn not_evaluated(collection: &str, code: &str, text: &str) -> Coverage {
    Coverage {
        collection: collection.into(),
        state: CoverageState::NotEvaluated,
        reasons: vec![reason(code, text)],
        have: 0,
        reported: None,
        unconfirmed: 0,
        read_at: None,
        full_at: None,
        how: String::new(),
    }
}

/// Runs disk work where it may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(SourceError::Cancelled.into()),
        },
    }
}
