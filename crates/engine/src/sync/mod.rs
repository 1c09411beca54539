//! Sync: sources → cache → changes in the ledger; progress, cancel, resume.
//!
//! The walk of one page: [`ScimClient::list`] hands it over as bytes with each resource's place → a few threads parse it, compare each
//! resource's hash with what is known, compress what is new and tell what changed ([`prepare`]) → one thread writes it ([`land`]).
//! What the list did not show is asked for one by one before anyone is taken for gone ([`unseen`]).
//! A sync that is killed leaves what it wrote; the next one finds it by its hash and goes on from there.

mod collection;
mod land;
mod prepare;
mod progress;
mod since;
mod unseen;
mod versions;

use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::record::ResourceKind;
use crate::sources::SourceError;
use crate::sources::scim::{Capabilities, ScimClient};
use crate::store::cache::{Cache, SourceState};
use crate::store::ledger::{AuditDraft, Ledger};
use crate::view::{Coverage, CoverageReason, CoverageState, Fault, Millis, SourceId, SyncOutcome, SyncPhase, SyncState};

use collection::Collection;
use land::{Landed, Landing, Resolver};
pub use progress::Progress;

/// What the server can do is asked anew after this time, in milliseconds.
const CAPABILITIES_HOLD: Millis = 24 * 60 * 60 * 1000;

/// All that a sync of one source needs.
pub struct SyncContext {
    /// Which source.
    pub source: SourceId,
    /// Its name.
    pub name: String,
    /// The client to read it with.
    pub client: ScimClient,
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
        let context = &self.context;
        let (cache, source) = (Arc::clone(&context.cache), context.source);
        self.state = blocking(move || Ok(cache.state(source)?)).await?;
        context.progress.phase(SyncPhase::Connecting, ResourceKind::User);
        let capabilities = self.capabilities().await?;
        let mut endpoints = vec![(ResourceKind::User, capabilities.users.clone())];
        endpoints.extend(capabilities.groups.clone().map(|endpoint| (ResourceKind::Group, endpoint)));
        self.expect(&endpoints).await?;

        let mut landing = self.landing().await?;
        let mut failed = None;
        for (kind, endpoint) in endpoints {
            let collection = Collection {
                context: &self.context,
                kind,
                endpoint,
                capabilities: &capabilities,
            };
            let read = collection.read(landing, &mut self.state).await?;
            landing = read.landing;
            self.totals.take(&read.landed);
            self.cover(kind, &read.coverage, &read.landed);
            if let Some(error) = read.failed {
                failed = Some(error);
                break;
            }
        }
        self.context.progress.phase(SyncPhase::Saving, ResourceKind::Group);
        let no_groups = capabilities.groups.is_none();
        self.save(landing, no_groups).await?;
        failed.map_or(Ok(()), Err)
    }

    async fn capabilities(&mut self) -> Result<Capabilities, Error> {
        let kept = self
            .state
            .capabilities
            .clone()
            .and_then(|kept| serde_json::from_value::<Capabilities>(kept).ok());
        if let Some(kept) = kept.filter(|kept| now() - kept.at < CAPABILITIES_HOLD && !self.context.full) {
            return Ok(kept);
        }
        let found = self.context.client.capabilities(&self.context.cancel).await?;
        self.state.capabilities = serde_json::to_value(&found).ok();
        Ok(found)
    }

    /// Asks for the totals, so that progress knows how much there is. A server that does not say costs the time left, nothing else.
    async fn expect(&self, endpoints: &[(ResourceKind, String)]) -> Result<(), Error> {
        for (kind, endpoint) in endpoints {
            match self.context.client.count(endpoint, None, &self.context.cancel).await {
                Ok(total) => self.context.progress.expect(*kind, total),
                Err(SourceError::Cancelled) => return Err(SourceError::Cancelled.into()),
                Err(_) => {}
            }
        }
        Ok(())
    }

    async fn landing(&self) -> Result<Landing, Error> {
        let (cache, ledger, source, at) = (
            Arc::clone(&self.context.cache),
            Arc::clone(&self.context.ledger),
            self.context.source,
            self.started_at,
        );
        blocking(move || {
            let users = Arc::new(cache.known(source, ResourceKind::User)?);
            let groups = Arc::new(cache.known(source, ResourceKind::Group)?);
            let dangling = cache.dangling(source)?;
            let mut landing = Landing::new(&cache, ledger, source, at, Resolver::new(users, groups, dangling))?;
            landing.prepare_indexes()?;
            Ok(landing)
        })
        .await
    }

    /// Notes a collection's coverage, and that its first reading is over.
    fn cover(&mut self, kind: ResourceKind, coverage: &Coverage, landed: &Landed) {
        self.state.coverage.retain(|old| old.collection != coverage.collection);
        self.state.coverage.push(coverage.clone());
        if coverage.state == CoverageState::Complete {
            let baseline = match kind {
                ResourceKind::User => &mut self.state.users_baseline_at,
                _ => &mut self.state.groups_baseline_at,
            };
            baseline.get_or_insert(now());
        }
        let habits = match kind {
            ResourceKind::User => &mut self.state.users,
            _ => &mut self.state.groups,
        };
        habits.modified.add(landed.moves.modified);
        habits.version.add(landed.moves.version);
    }

    /// Writes what is left: indexes, memberships that only users tell of, counts.
    async fn save(&mut self, mut landing: Landing, no_groups: bool) -> Result<(), Error> {
        let (cache, source) = (Arc::clone(&self.context.cache), self.context.source);
        let counted = (self.state.account_count, self.state.group_count, self.state.membership_count);
        let (rows_written, counts, memberships) = blocking(move || {
            let memberships = landing.finish(&cache, source)?;
            let as_before = landing.rows_written() == 0 && counted != (0, 0, 0);
            let counts = if as_before { counted } else { cache.counts(source)? };
            Ok((landing.rows_written(), counts, memberships))
        })
        .await?;
        self.totals.rows_written = rows_written;
        (self.state.account_count, self.state.group_count, self.state.membership_count) = counts;
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
            land::Memberships::OfGroups => {}
            land::Memberships::OfUsers => coverage.how = "from the groups that each user names".into(),
            land::Memberships::Unlisted => {
                coverage.state = CoverageState::NotEvaluated;
                coverage.reasons = vec![reason(
                    "membersNotListed",
                    "the server lists no group's members, and no user's groups",
                )];
            }
        }
        self.state.coverage.retain(|old| old.collection != "Memberships");
        self.state.coverage.push(coverage);
        Ok(())
    }

    async fn end(mut self, result: Result<(), Error>, started: Instant) -> SyncOutcome {
        let traffic = self.context.client.traffic();
        let (state, fault) = match &result {
            Err(Error::Source(SourceError::Cancelled)) => (SyncState::Cancelled, None),
            // A budget that ends within a list leaves a part of it, which coverage tells: that is what was asked for, and no failure.
            Err(Error::Source(SourceError::BudgetSpent { .. })) if self.state.coverage.iter().any(is_cut_by_budget) => {
                (SyncState::Incomplete, None)
            }
            Err(error) => (SyncState::Failed, Some(self.told(error))),
            Ok(())
                if self
                    .state
                    .coverage
                    .iter()
                    .all(|coverage| coverage.state == CoverageState::Complete || is_beside(coverage)) =>
            {
                (SyncState::Complete, None)
            }
            Ok(()) => (SyncState::Incomplete, None),
        };
        let at = now();
        self.state.last_sync_at = Some(at);
        if state == SyncState::Complete {
            self.state.last_full_at = self.state.coverage.iter().filter_map(|coverage| coverage.full_at).min();
        }
        self.state.fault = fault.clone();
        let mut outcome = SyncOutcome {
            source: self.context.source,
            name: self.context.name.clone(),
            state,
            added: self.totals.added,
            changed: self.totals.changed,
            removed: self.totals.removed,
            unchanged: self.totals.unchanged,
            rows_written: self.totals.rows_written,
            requests: traffic.requests,
            bytes: traffic.bytes,
            started_at: self.started_at,
            took_ms: started.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
            coverage: self.state.coverage.clone(),
            fault,
        };
        if let Err(error) = self.remember(&outcome).await {
            outcome.state = SyncState::Failed;
            outcome.fault.get_or_insert(error.fault());
        }
        outcome
    }

    /// A failure's words, with what they mean for what is on screen.
    fn told(&self, error: &Error) -> Fault {
        let mut fault = error.fault();
        if let Some(at) = self.state.last_full_at.and_then(|at| jiff::Timestamp::from_millisecond(at).ok()) {
            let at = at.to_zoned(jiff::tz::TimeZone::system()).strftime("%-d %B %Y, %H:%M");
            fault.means = format!(
                "{} What you see of {} was last read in full on {at}.",
                fault.means, self.context.name
            )
            .trim_start()
            .to_owned();
        }
        fault
    }

    async fn remember(&self, outcome: &SyncOutcome) -> Result<(), Error> {
        let (cache, ledger, source, state) = (
            Arc::clone(&self.context.cache),
            Arc::clone(&self.context.ledger),
            self.context.source,
            self.state.clone(),
        );
        let draft = AuditDraft {
            action: "sync.ended",
            source: Some(source),
            summary: summary(outcome),
            data: audit_data(outcome),
        };
        blocking(move || {
            cache.set_state(source, &state)?;
            ledger.append_audit(draft)?;
            Ok(())
        })
        .await
    }
}

/// Whether a collection is not there to be read, so that its absence is no gap.
fn is_beside(coverage: &Coverage) -> bool {
    coverage.reasons.iter().any(|reason| reason.code == "noGroups")
}

fn is_cut_by_budget(coverage: &Coverage) -> bool {
    coverage.reasons.iter().any(|reason| reason.code == "budget")
}

fn summary(outcome: &SyncOutcome) -> String {
    let how = match outcome.state {
        SyncState::Complete => "read in full",
        SyncState::Incomplete => "read in part",
        SyncState::Cancelled => "cancelled",
        SyncState::Failed => "failed",
    };
    format!(
        "{}: {how}; {} new, {} changed, {} gone, {} as before",
        outcome.name, outcome.added, outcome.changed, outcome.removed, outcome.unchanged
    )
}

fn audit_data(outcome: &SyncOutcome) -> serde_json::Value {
    serde_json::json!({
        "state": outcome.state,
        "added": outcome.added,
        "changed": outcome.changed,
        "removed": outcome.removed,
        "unchanged": outcome.unchanged,
        "requests": outcome.requests,
        "bytes": outcome.bytes,
        "tookMs": outcome.took_ms,
        "coverage": outcome.coverage.iter().map(|coverage| serde_json::json!({
            "collection": coverage.collection,
            "state": coverage.state,
            "have": coverage.have,
            "reasons": coverage.reasons.iter().map(|reason| reason.code.as_str()).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "fault": outcome.fault.as_ref().map(|fault| fault.code.as_str()),
    })
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
