//! Counters of what was sent and received, the request budget, and what is being waited for.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::sources::SourceError;

/// What was sent and received so far.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    /// Requests, repeats included.
    pub requests: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Requests made again.
    pub retries: u64,
    /// Why nothing moves just now, if so.
    pub waiting: Option<String>,
}

pub(super) struct Meter {
    budget: Option<u64>,
    requests: AtomicU64,
    bytes: AtomicU64,
    retries: AtomicU64,
    waits: Mutex<Waits>,
}

#[derive(Default)]
struct Waits {
    next: u64,
    now: Vec<(u64, String)>,
}

impl Meter {
    pub(super) fn new(budget: Option<u64>) -> Self {
        Self {
            budget,
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            waits: Mutex::default(),
        }
    }

    /// Counts a request that is about to be sent, unless the budget is used up.
    pub(super) fn spend(&self) -> Result<(), SourceError> {
        let limit = self.budget.unwrap_or(u64::MAX);
        match self
            .requests
            .fetch_update(Relaxed, Relaxed, |spent| (spent < limit).then_some(spent + 1))
        {
            Ok(_) => Ok(()),
            Err(_) => Err(SourceError::BudgetSpent { budget: limit }),
        }
    }

    pub(super) fn received(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn again(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.requests.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            retries: self.retries.load(Relaxed),
            waiting: self.lock().now.last().map(|(_, why)| why.clone()),
        }
    }

    /// Says why nothing moves, until the guard is dropped.
    pub(super) fn waiting(&self, why: String) -> WaitGuard<'_> {
        let mut waits = self.lock();
        let id = waits.next;
        waits.next += 1;
        waits.now.push((id, why));
        WaitGuard { meter: self, id }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waits> {
        // What it guards is whole after each statement, so a panic elsewhere does it no harm.
        self.waits.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

pub(super) struct WaitGuard<'m> {
    meter: &'m Meter,
    id: u64,
}

impl Drop for WaitGuard<'_> {
    fn drop(&mut self) {
        self.meter.lock().now.retain(|(id, _)| *id != self.id);
    }
}
