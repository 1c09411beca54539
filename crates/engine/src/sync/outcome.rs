//! How a sync ended: what is told of it, and what is remembered.

use std::sync::Arc;
use std::time::Instant;

use super::{Sync, blocking, now};
use crate::Error;
use crate::sources::SourceError;
use crate::store::ledger::AuditDraft;
use crate::view::{Coverage, CoverageState, Fault, SyncOutcome, SyncState};

impl Sync {
    pub(super) async fn end(mut self, result: Result<(), Error>, started: Instant) -> SyncOutcome {
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
                    .all(|coverage| coverage.state == CoverageState::Complete || coverage.is_beside()) =>
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
        let (cache, ledger, source, mut state) = (
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
            let generation = cache.generation()?;
            if state.counted_at == generation {
                // Remembering is itself the next generation, and changes no count.
                state.counted_at = generation + 1;
            }
            cache.set_state(source, &state)?;
            ledger.append_audit(draft)?;
            Ok(())
        })
        .await
    }
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
