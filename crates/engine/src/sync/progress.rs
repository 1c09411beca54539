//! How far a sync is: counted by the threads that do the work, told several times a second by one ticker.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::record::ResourceKind;
use crate::sources::scim::Traffic;
use crate::view::{Millis, SourceId, SyncPhase, SyncProgress};

/// The rate is taken over this time.
const LATELY: Duration = Duration::from_secs(3);

/// The counters of one sync.
pub struct Progress {
    source: SourceId,
    budget: Option<u64>,
    started_at: Millis,
    phase: AtomicU8,
    kind: AtomicU8,
    read: AtomicU64,
    /// Totals as the server names them, plus one; 0 while unknown.
    users: AtomicU64,
    groups: AtomicU64,
    lately: Mutex<VecDeque<(Instant, u64)>>,
}

impl Progress {
    /// Counters at zero.
    pub fn new(source: SourceId, budget: Option<u64>) -> Self {
        Self {
            source,
            budget,
            started_at: super::now(),
            phase: AtomicU8::new(0),
            kind: AtomicU8::new(0),
            read: AtomicU64::new(0),
            users: AtomicU64::new(0),
            groups: AtomicU64::new(0),
            lately: Mutex::new(VecDeque::from([(Instant::now(), 0)])),
        }
    }

    pub(super) fn phase(&self, phase: SyncPhase, kind: ResourceKind) {
        let phase = match phase {
            SyncPhase::Connecting => 0,
            SyncPhase::Reading => 1,
            SyncPhase::Confirming => 2,
            SyncPhase::Saving => 3,
        };
        self.phase.store(phase, Ordering::Relaxed);
        self.kind.store(u8::from(kind == ResourceKind::Group), Ordering::Relaxed);
    }

    pub(super) fn expect(&self, kind: ResourceKind, total: Option<u64>) {
        let slot = match kind {
            ResourceKind::User => &self.users,
            _ => &self.groups,
        };
        slot.store(total.map_or(0, |total| total.saturating_add(1)), Ordering::Relaxed);
    }

    pub(super) fn count(&self, resources: u64) {
        self.read.fetch_add(resources, Ordering::Relaxed);
    }

    /// How far it is now.
    pub fn now(&self, traffic: Traffic) -> SyncProgress {
        let read = self.read.load(Ordering::Relaxed);
        let per_second = self.rate(read);
        let known = |slot: &AtomicU64| slot.load(Ordering::Relaxed).checked_sub(1);
        let total = known(&self.users)
            .map(|users| users + known(&self.groups).unwrap_or(0))
            .filter(|total| *total >= read);
        let left = total.map(|total| total - read);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an estimate, checked to be positive"
        )]
        let left_ms = left
            .filter(|_| per_second > 0.5)
            .map(|left| (left as f64 / per_second * 1000.0) as u64);
        SyncProgress {
            source: self.source,
            phase: match self.phase.load(Ordering::Relaxed) {
                0 => SyncPhase::Connecting,
                1 => SyncPhase::Reading,
                2 => SyncPhase::Confirming,
                _ => SyncPhase::Saving,
            },
            collection: if self.kind.load(Ordering::Relaxed) == 0 {
                "Users".into()
            } else {
                "Groups".into()
            },
            read,
            total,
            per_second,
            left_ms,
            requests: traffic.requests,
            budget: self.budget,
            bytes: traffic.bytes,
            retries: traffic.retries,
            waiting: traffic.waiting,
            started_at: self.started_at,
        }
    }

    fn rate(&self, read: u64) -> f64 {
        let mut lately = self.lately.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        lately.push_back((now, read));
        while lately.len() > 2 && lately.front().is_some_and(|(at, _)| now.duration_since(*at) > LATELY) {
            lately.pop_front();
        }
        let Some((at, before)) = lately.front() else { return 0.0 };
        let seconds = now.duration_since(*at).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate for the screen")]
        let resources = read.saturating_sub(*before) as f64;
        if seconds > 0.0 { resources / seconds } else { 0.0 }
    }
}
