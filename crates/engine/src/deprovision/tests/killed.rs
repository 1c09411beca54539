//! A process that is killed between any two records: the run is never lost, ends the same, and nothing is sent twice that is not safe to.

use super::runs::{MADE, NAMED};
use super::trial::Trial;
use super::world::Nature;
use crate::deprovision::drive::Ended;
use crate::deprovision::entry::Entry;
use crate::view::{RunState, StepState};

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

/// A run that was killed with this step's intent recorded, and no answer: the how-manieth time it was about to be sent.
async fn killed_after_intent(plan: &str, nature: Nature, of: &str, times: u32) -> Trial {
    // One that is not killed tells how many records there are then.
    let whole = Trial::begin(plan, nature.clone()).await;
    whole.drive().await.unwrap();
    let is_it = |entry: &Entry| matches!(entry, Entry::Intent { step, attempt, .. } if step == of && *attempt == times);
    let place = whole.log.records.lock().unwrap().iter().position(|(_, entry)| is_it(entry));
    let trial = Trial::begin(plan, nature).await;
    *trial.log.dies_after.lock().unwrap() = Some(place.unwrap() + 1);
    assert_eq!(trial.drive().await, None);
    *trial.log.dies_after.lock().unwrap() = None;
    trial
}

/// Each time that a step was about to be sent again, with what was seen before.
fn sent_again(trial: &Trial) -> Vec<String> {
    let records = trial.log.records.lock().unwrap();
    let intents = records.iter().filter_map(|(_, entry)| match entry {
        Entry::Intent { attempt, after, .. } if *attempt > 1 => Some(after.as_ref().expect("it says why").says.clone()),
        _ => None,
    });
    intents.collect()
}

#[tokio::test]
async fn an_account_that_comes_to_be_late_is_not_made_twice() {
    let nature = Nature {
        late: 12_000,
        ..Nature::default()
    };
    let trial = killed_after_intent(&sparing(MADE), nature, "make-1", 1).await;
    // The world asserts that nobody is made twice.
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    assert_eq!(trial.story().closed.unwrap().0, RunState::Passed);
    assert_eq!(sent_again(&trial), Vec::<String>::new());
}

#[tokio::test]
async fn an_account_that_was_promised_and_is_not_seen_is_not_made_again() {
    let nature = Nature {
        late: 300_000,
        ..Nature::default()
    };
    let trial = Trial::begin(&sparing(MADE), nature).await;
    assert_eq!(trial.drive().await, Some(Ended::Refusing));
    assert!(trial.story().step("make-1").unwrap().says.contains("not made a second time"));
    trial.person(Entry::Resumed { by: "tester".into() });
    assert_eq!(trial.drive().await, Some(Ended::Refusing));
    trial.world.state.lock().unwrap().now += 300_000;
    trial.person(Entry::Resumed { by: "tester".into() });
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    assert_eq!(trial.writes().iter().filter(|write| *write == "scim.create").count(), 1);
}

#[tokio::test]
async fn an_account_that_was_there_before_is_nobody_that_the_run_made() {
    let trial = Trial::begin(&sparing(MADE), Nature::default()).await;
    trial.world.state.lock().unwrap().there = true;
    assert_eq!(trial.drive().await, Some(Ended::Refusing));
    assert!(trial.story().step("make-1").unwrap().says.contains("did not make it"));
    assert_eq!(trial.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_step_is_sent_in_its_second_form_though_a_kill_came_between() {
    let nature = Nature {
        second_form: true,
        ..Nature::default()
    };
    let trial = killed_after_intent(&sparing(NAMED), nature, "act-1", 2).await;
    // The request was lost on its way.
    trial.world.state.lock().unwrap().active = true;
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    let writes = trial.writes();
    let forms: Vec<&String> = writes.iter().filter(|write| write.starts_with("scim.deactivate")).collect();
    assert_eq!(forms, ["scim.deactivate", "scim.deactivate again", "scim.deactivate again"]);
    assert_eq!(sent_again(&trial).len(), 2);
}

#[tokio::test]
async fn what_failed_three_times_is_sent_again_when_the_run_is_resumed() {
    for status in [200, 403] {
        let nature = Nature {
            deaf: Some(status),
            follows_after: Some(0),
            ..Nature::default()
        };
        let trial = Trial::begin(&sparing(NAMED), nature).await;
        assert_eq!(trial.drive().await, Some(Ended::Refusing));
        trial.world.state.lock().unwrap().hears = true;
        trial.person(Entry::Resumed { by: "tester".into() });
        assert_eq!(trial.drive().await, Some(Ended::Closed), "after {status}");
        assert_eq!(trial.story().step("act-1").unwrap().state, StepState::Done);
    }
}

#[tokio::test]
async fn what_was_changed_meanwhile_is_read_anew_and_cut_in_its_new_version() {
    let nature = Nature {
        becomes: Some("canary-1"),
        ..Nature::default()
    };
    let trial = Trial::begin(&sparing(NAMED), nature).await;
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    assert_eq!(trial.story().closed.unwrap().0, RunState::Passed);
    let records = trial.log.records.lock().unwrap();
    let versions: Vec<&str> = records
        .iter()
        .filter_map(|(_, entry)| match entry {
            Entry::Intent { step, write, .. } if step == "act-1" => Some(write.request.headers[0].1.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(versions, ["1", "2"]);
}

#[tokio::test]
async fn an_account_that_became_somebody_else_is_left_alone() {
    let nature = Nature {
        becomes: Some("amal"),
        ..Nature::default()
    };
    let trial = Trial::begin(&sparing(NAMED), nature).await;
    assert_eq!(trial.drive().await, Some(Ended::Stopped));
    let story = trial.story();
    let step = story.step("act-1").unwrap();
    assert_eq!((step.state, step.attempts), (StepState::Failed, 1));
    assert!(step.says.contains("it is amal now"), "{}", step.says);
    assert_eq!(trial.writes(), ["scim.deactivate"], "its groups are not touched either");
}
