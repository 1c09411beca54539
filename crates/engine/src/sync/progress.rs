//! How far a sync is: counted by the threads that do the work, told several times a second by one ticker.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::record::ResourceKind;
use crate::sources::scim::Traffic;
use crate::view::{Millis, SourceId, SyncPhase, SyncProgress};

/// The rate is taken over this time.
const LATELY: Duration = Duration::from_secs(3);

/// What a sync does just now.
struct Doing {
    phase: SyncPhase,
    kind: ResourceKind,
    /// How many of each kind there are to read, as far as that is known.
    expected: BTreeMap<ResourceKind, u64>,
    /// How many had been read when the present kind began.
    before: u64,
}

/// The counters of one sync.
pub struct Progress {
    source: SourceId,
    budget: Option<u64>,
    started_at: Millis,
    doing: Mutex<Doing>,
    read: AtomicU64,
    lately: Mutex<VecDeque<(Instant, u64)>>,
}

impl Progress {
    /// Counters at zero.
    pub fn new(source: SourceId, budget: Option<u64>) -> Self {
        Self {
            source,
            budget,
            started_at: super::now(),
            doing: Mutex::new(Doing {
                phase: SyncPhase::Connecting,
                kind: ResourceKind::User,
                expected: BTreeMap::new(),
                before: 0,
            }),
            read: AtomicU64::new(0),
            lately: Mutex::new(VecDeque::from([(Instant::now(), 0)])),
        }
    }

    fn doing(&self) -> std::sync::MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn phase(&self, phase: SyncPhase, kind: ResourceKind) {
        let mut doing = self.doing();
        (doing.phase, doing.kind) = (phase, kind);
    }

    pub(super) fn expect(&self, kind: ResourceKind, total: Option<u64>) {
        let mut doing = self.doing();
        match total {
            Some(total) => doing.expected.insert(kind, total),
            None => doing.expected.remove(&kind),
        };
    }

    /// Notes that a kind was read to its end, however many there were.
    pub(super) fn read_all_of(&self, kind: ResourceKind) {
        let read = self.read.load(Ordering::Relaxed);
        let mut doing = self.doing();
        let of_kind = read.saturating_sub(doing.before);
        doing.before = read;
        doing.expected.insert(kind, of_kind);
    }

    pub(super) fn count(&self, resources: u64) {
        self.read.fetch_add(resources, Ordering::Relaxed);
    }

    /// How far it is now.
    pub fn now(&self, traffic: Traffic) -> SyncProgress {
        let read = self.read.load(Ordering::Relaxed);
        let per_second = self.rate(read);
        let doing = self.doing();
        // Without a word on the accounts, the rest says nothing about how much there is.
        let total = doing
            .expected
            .contains_key(&ResourceKind::User)
            .then(|| doing.expected.values().sum())
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
            phase: doing.phase,
            collection: doing.kind.collection().into(),
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
