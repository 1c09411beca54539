//! The truth beside a run: servers are asked directly, at short intervals, whether something is revoked by now. What a run says is held against it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::office::{check, told};

/// How often each question is asked: often enough to see what lasts for the time of a few questions only.
const EVERY: Duration = Duration::from_millis(40);
/// How often runs of these tests ask, in milliseconds.
pub const POLL: i64 = 1_000;
/// What a run's question may take on a busy machine, in milliseconds: each is several requests, and waits for others.
const SLACK: i64 = 1_500;

/// A time, in milliseconds since 1970.
fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// A while in which each answer was the same.
#[derive(Clone, Debug)]
struct Stretch {
    revoked: bool,
    /// When the first question of it was answered.
    from: i64,
    /// When the last question of it was sent.
    to: i64,
}

/// Questions under way, each with what was seen so far.
pub struct Truth {
    seen: Arc<Mutex<BTreeMap<&'static str, Vec<Stretch>>>>,
    asking: Vec<JoinHandle<()>>,
}

impl Truth {
    pub fn new() -> Self {
        Self {
            seen: Arc::default(),
            asking: Vec::new(),
        }
    }

    /// Asks on and on whether something is revoked, under the name of the check that asks the same.
    pub fn ask<F>(&mut self, name: &'static str, mut revoked: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = bool> + Send + 'static,
    {
        let seen = self.seen.clone();
        self.asking.push(tokio::spawn(async move {
            loop {
                let to = now();
                let revoked = revoked().await;
                let from = now();
                {
                    let mut seen = seen.lock().unwrap();
                    let stretches = seen.entry(name).or_default();
                    match stretches.last_mut().filter(|last| last.revoked == revoked) {
                        Some(last) => last.to = to,
                        None => stretches.push(Stretch { revoked, from, to }),
                    }
                }
                tokio::time::sleep(EVERY).await;
            }
        }));
    }

    fn stretches(&self, name: &str) -> Vec<Stretch> {
        let all = self.seen.lock().unwrap().get(name).cloned();
        all.unwrap_or_else(|| panic!("{name} was not asked"))
    }

    /// Waits until each question has its first answer.
    pub async fn begun(&self) {
        self.until("each question's first answer", || {
            self.seen.lock().unwrap().len() == self.asking.len()
        })
        .await;
    }

    /// Waits until something is seen to be revoked, or not to be.
    pub async fn comes(&self, name: &str, revoked: bool) {
        self.until(name, || self.stretches(name).last().is_some_and(|last| last.revoked == revoked))
            .await;
    }

    async fn until(&self, what: &str, so: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(60);
        while !so() {
            // A question that could not be asked has its own message.
            assert!(!self.asking.iter().any(JoinHandle::is_finished), "a question ended");
            assert!(Instant::now() < end, "{what} did not come");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether a check of a run says what is so: passed no sooner than it was revoked, and within a poll of it; failed where it was not
    /// revoked when the run gave up.
    #[track_caller]
    pub fn agrees(&self, run: &Value, id: &str) {
        let (passed_at, stretches) = self.passed(run, id);
        let story = || format!("{id} at {passed_at:?}, and in truth {stretches:?}: {}", told(run));
        let Some(at) = passed_at else {
            let last = stretches.last().unwrap();
            return assert!(!last.revoked, "it did not pass: {}", story());
        };
        let mut revoked = stretches.iter().filter(|stretch| stretch.revoked);
        let fits = revoked.any(|stretch| {
            let before = stretches.iter().rfind(|before| before.to < stretch.from && !before.revoked);
            before.is_none_or(|before| at >= before.to) && at <= stretch.from + POLL + SLACK
        });
        assert!(fits, "{}", story());
    }

    /// Whether a check passed, though late: no sooner than it was revoked.
    #[track_caller]
    pub fn agrees_late(&self, run: &Value, id: &str) {
        let (passed_at, stretches) = self.passed(run, id);
        let last = stretches.iter().rfind(|stretch| !stretch.revoked).unwrap();
        let at = passed_at.unwrap_or_else(|| panic!("{id} did not pass: {}", told(run)));
        assert!(at >= last.to && stretches.last().unwrap().revoked, "{id} at {at}: {stretches:?}");
    }

    #[track_caller]
    fn passed(&self, run: &Value, id: &str) -> (Option<i64>, Vec<Stretch>) {
        let check = check(run, id);
        let name = check["name"].as_str().unwrap();
        let took = check["tookMs"].as_i64();
        assert_eq!(check["verdict"] == "passed", took.is_some(), "{check:#}");
        (took.map(|took| began(run) + took), self.stretches(name))
    }
}

impl Drop for Truth {
    fn drop(&mut self) {
        self.asking.iter().for_each(JoinHandle::abort);
    }
}

/// From when on a run counts: its first write; where it writes nothing, its first question.
fn began(run: &Value) -> i64 {
    let phases = run["phases"].as_array().unwrap();
    let verify = phases.iter().find(|phase| phase["phase"] == "verify").unwrap();
    run["cutAt"].as_i64().or_else(|| verify["beganAt"].as_i64()).unwrap()
}
