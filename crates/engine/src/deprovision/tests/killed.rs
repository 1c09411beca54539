//! A process that is killed between any two records: the run is never lost, ends the same, and nothing is sent twice that is not safe to.

use super::runs::{MADE, NAMED};
use super::world::{Nature, Trial};
use crate::deprovision::drive::Ended;
use crate::view::RunState;

/// The plan with fewer questions: each of its records is a moment to be killed at.
fn sparing(plan: &str) -> String {
    plan.replace("poll: 10s", "poll: 45s").replace("watch: 10m", "watch: 1m")
}

#[tokio::test]
async fn a_run_that_is_killed_after_any_record_ends_the_same() {
    for plan in [NAMED, MADE] {
        let plan = &sparing(plan);
        let whole = Trial::begin(plan, Nature::default()).await;
        assert_eq!(whole.drive().await, Some(Ended::Closed));
        let records = whole.log.records.lock().unwrap().len();
        assert!(records > 20);
        for dies_after in 2..records {
            let trial = Trial::begin(plan, Nature::default()).await;
            *trial.log.dies_after.lock().unwrap() = Some(dies_after);
            assert_eq!(trial.drive().await, None, "it lives on after {dies_after}");
            *trial.log.dies_after.lock().unwrap() = None;
            // Nobody has to say anything: another process goes on.
            assert_eq!(trial.drive().await, Some(Ended::Closed), "killed after {dies_after}");
            assert_eq!(trial.story().closed.unwrap().0, RunState::Passed, "killed after {dies_after}");
            // The world asserts that nobody is made twice. A write that is safe may have gone out once more.
            let mut writes = trial.writes();
            assert_eq!(
                writes.iter().filter(|write| *write == "scim.create").count(),
                usize::from(plan.contains("create"))
            );
            writes.dedup();
            assert_eq!(writes, whole.writes(), "killed after {dies_after}");
        }
    }
}

#[tokio::test]
async fn a_run_that_is_killed_again_and_again_still_ends() {
    let trial = Trial::begin(&sparing(MADE), Nature::default()).await;
    let mut most = 3;
    for _ in 0..2_000 {
        *trial.log.dies_after.lock().unwrap() = Some(most);
        if let Some(ended) = trial.drive().await {
            assert_eq!(ended, Ended::Closed);
            break;
        }
        // Each life gets two records further, since two may be written as one.
        most = trial.log.records.lock().unwrap().len() + 2;
    }
    assert_eq!(trial.story().closed.unwrap().0, RunState::Passed);
}
