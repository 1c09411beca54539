//! What becomes of a run in worlds that behave, and in worlds that do not.

use super::trial::Trial;
use super::world::{APP, Nature};
use crate::deprovision::drive::Ended;
use crate::deprovision::entry::Entry;
use crate::deprovision::show;
use crate::view::{Phase, PhaseState, RunState, StepState, Verdict, Waiver};

/// A named test account: cut softly at the authority, followed by the app.
pub const NAMED: &str = "\
lanyard: plan/1
name: Named
kind: test
subject: { account: { source: Workforce, userName: canary-1 } }
systems:
  - { source: Workforce, cut: disable, also: [scim.leaveGroups] }
  - { source: Ledgerly }
poll: 10s
";

/// An identity that the run makes.
pub const MADE: &str = "\
lanyard: plan/1
name: Made
kind: test
subject: { create: { source: Workforce, userName: 'canary-{run}', displayName: Canary, groups: [g-1] } }
systems:
  - { source: Workforce, cut: disable, also: [scim.leaveGroups] }
  - { source: Ledgerly }
poll: 10s
watch: 10m
";

const LEAVER: &str = "\
lanyard: plan/1
name: Leaver
kind: offboarding
systems:
  - { source: Workforce, cut: disable, also: [scim.leaveGroups], byHand: [Collect the badge] }
  - { source: Ledgerly }
poll: 10s
";

fn check(trial: &Trial, id: &str) -> (Verdict, Option<u64>) {
    let story = trial.story();
    let check = story.check(id).unwrap();
    (check.verdict, check.took_ms)
}

#[tokio::test]
async fn everything_passes_and_the_account_is_put_back() {
    let trial = Trial::begin(NAMED, Nature::default()).await;
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    let story = trial.story();
    assert_eq!(story.closed.as_ref().unwrap().0, RunState::Passed);
    assert_eq!(check(&trial, "1/scim.account").0, Verdict::Passed);
    // True to within a poll.
    let took = check(&trial, "2/scim.account").1.unwrap();
    assert!((90_000..=100_000).contains(&took), "{took}");
    assert_eq!(
        trial.writes(),
        [
            "scim.deactivate",
            "scim.leaveGroups g-1",
            "scim.leaveGroups g-2",
            "scim.joinGroup g-2",
            "scim.joinGroup g-1",
            "scim.reactivate"
        ]
    );
    let state = trial.world.state.lock().unwrap();
    assert!(state.active && state.groups.len() == 2);
    let run = show::run(&story, state.now, false, None);
    assert!(
        run.phases
            .iter()
            .all(|phase| matches!(phase.state, PhaseState::Done | PhaseState::Skipped)),
        "{:?}",
        run.phases
    );
    assert!(run.steps.iter().all(|step| step.state == StepState::Done), "{:?}", run.steps);
    assert_eq!(run.summary.counts.passed as usize, run.checks.len());
    assert!(run.can.export && !run.can.resume && !run.can.stop);
}

#[tokio::test]
async fn a_slow_step_makes_no_system_late() {
    let nature = Nature {
        follows_after: Some(20_000),
        slow: 120_000,
        ..Nature::default()
    };
    let trial = Trial::begin(NAMED, nature).await;
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    // Two groups, each looked for twice: the cut is over after eight minutes, and the app followed long before.
    let story = trial.story();
    let left = story.step("act-3").unwrap().done_at.unwrap() - story.cut_at.unwrap();
    assert!(left >= 480_000, "{left}");
    for id in ["2/scim.account", "2/scim.accountByFilter", "2/scim.accountInListing"] {
        let took = check(&trial, id).1.unwrap();
        assert!((20_000..=30_000).contains(&took), "{id}: {took}");
    }
    assert!(check(&trial, "1/scim.account").1.unwrap() < 10_000);
    // What the cut leaves behind is asked when it is over.
    assert!(check(&trial, "1/groups.emptied").1.unwrap() >= 480_000);
}

#[tokio::test]
async fn a_system_does_not_fail_while_it_is_still_being_cut() {
    let nature = Nature {
        slow: 400_000,
        ..Nature::default()
    };
    let trial = Trial::begin(NAMED, nature).await;
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    let (verdict, took) = check(&trial, "1/scim.memberships");
    // The limit of ten minutes passed while the second group was on its way; that it was late is said.
    assert_eq!(verdict, Verdict::Passed);
    assert!(took.unwrap() > 600_000);
    assert!(trial.story().check("1/scim.memberships").unwrap().says.contains("late"));
}

#[tokio::test]
async fn an_identity_is_made_awaited_watched_and_taken_away() {
    let trial = Trial::begin(MADE, Nature::default()).await;
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    let story = trial.story();
    assert_eq!(story.closed.as_ref().unwrap().0, RunState::Passed, "{:?}", story.checks);
    let arrived = story.arrivals[&APP].unwrap();
    assert!((90_000..=100_000).contains(&arrived), "{arrived}");
    let (began, until) = story.watch.unwrap();
    assert_eq!(until - began, 600_000);
    assert_eq!(check(&trial, "2/scim.comesBack").0, Verdict::Passed);
    assert_eq!(
        trial.writes(),
        [
            "scim.create",
            "scim.joinGroup g-1",
            "scim.deactivate",
            "scim.leaveGroups g-1",
            "scim.delete"
        ]
    );
    assert!(!trial.world.state.lock().unwrap().there);
}

#[tokio::test]
async fn an_identity_that_does_not_arrive_is_not_evaluated_and_refused() {
    let nature = Nature {
        follows_after: None,
        ..Nature::default()
    };
    let trial = Trial::begin(MADE, nature).await;
    assert_eq!(trial.drive().await, Some(Ended::Refusing));
    assert_eq!(check(&trial, "2/scim.account"), (Verdict::NotEvaluated, None));
    assert_eq!(trial.story().arrivals[&APP], None);
}

#[tokio::test]
async fn an_app_that_does_not_follow_is_named_and_the_run_refuses_until_it_is_waived() {
    let nature = Nature {
        follows_after: None,
        ..Nature::default()
    };
    let trial = Trial::begin(NAMED, nature).await;
    assert_eq!(trial.drive().await, Some(Ended::Refusing));
    let story = trial.story();
    let run = show::run(&story, story.closed.as_ref().map_or(0, |closed| closed.1), false, None);
    assert_eq!(run.summary.state, RunState::Refusing);
    assert!(run.refuses.iter().all(|why| why.starts_with("Ledgerly: ")), "{:?}", run.refuses);
    assert!(!run.can.close && run.can.resume && run.can.fail && run.can.restore && !run.can.export);
    let failed: Vec<&str> = run
        .checks
        .iter()
        .filter(|check| check.verdict == Verdict::Failed)
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(failed, ["2/scim.account", "2/scim.accountByFilter", "2/scim.accountInListing"]);
    assert!(
        run.checks
            .iter()
            .filter(|check| check.verdict == Verdict::Failed)
            .all(|check| check.way_out.is_some())
    );
    // Resumed, it asks once more and refuses again; nothing is sent again.
    let writes = trial.writes();
    trial.person(Entry::Resumed { by: "tester".into() });
    assert_eq!(trial.drive().await, Some(Ended::Refusing));
    assert_eq!(trial.writes(), writes);
    for id in ["2/scim.account", "2/scim.accountByFilter"] {
        let waiver = Waiver {
            by: "tester".into(),
            at: 0,
            reason: "known".into(),
            until: 1,
        };
        trial.person(Entry::Waived { check: id.into(), waiver });
    }
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    assert_eq!(trial.story().closed.unwrap().0, RunState::PassedWithGaps);
}

#[tokio::test]
async fn a_late_app_passes_late_when_the_run_is_resumed() {
    let nature = Nature {
        follows_after: Some(3_600_000),
        ..Nature::default()
    };
    let trial = Trial::begin(NAMED, nature).await;
    assert_eq!(trial.drive().await, Some(Ended::Refusing));
    assert_eq!(check(&trial, "2/scim.account"), (Verdict::Failed, None));
    trial.world.state.lock().unwrap().now += 4_000_000;
    trial.person(Entry::Resumed { by: "tester".into() });
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    assert_eq!(check(&trial, "2/scim.account").0, Verdict::Passed);
    assert!(trial.story().check("2/scim.account").unwrap().says.contains("late"));
    assert_eq!(trial.story().closed.unwrap().0, RunState::PassedWithGaps);
}

#[tokio::test]
async fn a_server_that_answers_200_and_does_nothing_is_not_believed() {
    for (status, tries) in [(200, 3), (403, 1)] {
        let nature = Nature {
            deaf: Some(status),
            ..Nature::default()
        };
        let trial = Trial::begin(NAMED, nature).await;
        assert_eq!(trial.drive().await, Some(Ended::Refusing));
        let story = trial.story();
        assert_eq!(story.step("act-1").unwrap().state, StepState::Failed);
        assert_eq!(check(&trial, "1/scim.account").0, Verdict::Failed);
        let sent = trial.writes().iter().filter(|write| *write == "scim.deactivate").count();
        assert_eq!(sent, tries, "answered {status}");
    }
}

#[tokio::test]
async fn somebody_who_comes_back_is_seen_in_the_watch() {
    let nature = Nature {
        comes_back_after: Some(120_000),
        ..Nature::default()
    };
    let trial = Trial::begin(MADE, nature).await;
    assert_eq!(trial.drive().await, Some(Ended::Refusing));
    assert_eq!(check(&trial, "2/scim.account").0, Verdict::Passed);
    assert_eq!(check(&trial, "2/scim.comesBack").0, Verdict::Failed);
    let run = show::run(&trial.story(), trial.world.state.lock().unwrap().now, false, None);
    assert_eq!(run.summary.phase, Phase::Watch);
}

#[tokio::test]
async fn what_cannot_be_told_for_a_lasting_reason_is_not_asked_for_an_hour() {
    let nature = Nature {
        mute_listing: true,
        ..Nature::default()
    };
    let trial = Trial::begin(NAMED, nature).await;
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    let story = trial.story();
    let listing = story.check("2/scim.accountInListing").unwrap();
    assert_eq!((listing.verdict, listing.polls), (Verdict::NotEvaluated, 3));
    assert_eq!(story.closed.as_ref().unwrap().0, RunState::PassedWithGaps);
}

#[tokio::test]
async fn a_server_that_is_silent_for_a_while_is_waited_for() {
    let trial = Trial::begin(
        LEAVER,
        Nature {
            silent_until: 1_200_000,
            ..Nature::default()
        },
    )
    .await;
    // What may be sent twice is sent though it cannot be told whether it is so.
    assert_eq!(trial.drive().await, Some(Ended::Waiting));
    assert_eq!(check(&trial, "1/scim.account").0, Verdict::Passed);
}

#[tokio::test]
async fn a_step_by_hand_keeps_a_leaver_open_and_the_way_back_goes_on_demand() {
    let trial = Trial::begin(LEAVER, Nature::default()).await;
    assert_eq!(trial.drive().await, Some(Ended::Waiting));
    assert!(trial.story().checks.iter().all(|check| check.verdict == Verdict::Passed));
    trial.person(Entry::Restoring { by: Some("tester".into()) });
    assert_eq!(trial.drive().await, Some(Ended::Waiting));
    assert_eq!(
        trial.writes()[3..],
        ["scim.joinGroup g-2", "scim.joinGroup g-1", "scim.reactivate"],
        "the last cut comes back first"
    );
    trial.person(Entry::Confirmed {
        step: "act-4".into(),
        by: "tester".into(),
        note: "collected".into(),
    });
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    assert_eq!(trial.story().closed.unwrap().0, RunState::Passed);
}

#[tokio::test]
async fn nothing_is_given_back_to_an_account_that_was_deleted() {
    let trial = Trial::begin(&NAMED.replace("disable", "delete"), Nature::default()).await;
    assert_eq!(trial.story().planned.way_back, None, "it promises what it cannot do");
    assert_eq!(trial.drive().await, Some(Ended::Closed));
    assert_eq!(
        trial.writes(),
        ["scim.leaveGroups g-1", "scim.leaveGroups g-2", "scim.delete"],
        "put into a group, it would only dangle there"
    );
}

/// A run that is broken off at the first such record, or so many later, told to put back what it cut, and driven until it refuses.
async fn put_back_at(plan: &str, later: usize, first: impl Fn(&Entry) -> bool) -> Trial {
    let whole = Trial::begin(plan, Nature::default()).await;
    assert_eq!(whole.drive().await, Some(Ended::Closed));
    let at = whole
        .log
        .records
        .lock()
        .unwrap()
        .iter()
        .position(|(_, entry)| first(entry))
        .unwrap();

    let trial = Trial::begin(plan, Nature::default()).await;
    *trial.log.dies_after.lock().unwrap() = Some(at + later);
    assert_eq!(trial.drive().await, None);
    *trial.log.dies_after.lock().unwrap() = None;
    trial.person(Entry::Restoring { by: Some("tester".into()) });
    assert_eq!(trial.drive().await, Some(Ended::Refusing));
    trial
}

#[tokio::test]
async fn who_is_put_back_by_the_run_itself_did_not_come_back() {
    let plan = &LEAVER
        .replace(", byHand: [Collect the badge]", "")
        .replace("10s", "10s\nwatch: 10m");
    let trial = put_back_at(plan, 3, |entry| matches!(entry, Entry::WatchBegan { .. })).await;
    assert_eq!(trial.writes()[3..], ["scim.joinGroup g-2", "scim.joinGroup g-1", "scim.reactivate"]);
    for id in ["1/scim.comesBack", "2/scim.comesBack"] {
        assert_eq!(check(&trial, id).0, Verdict::NotEvaluated);
        let says = trial.story().check(id).unwrap().says.clone();
        assert!(says.contains("put back before the watch was over"), "{says}");
    }
}

#[tokio::test]
async fn the_way_back_waits_for_no_check() {
    let plan = &LEAVER.replace(", byHand: [Collect the badge]", "");
    let trial = put_back_at(plan, 0, |entry| matches!(entry, Entry::Verdict { .. })).await;
    assert!(trial.writes().contains(&"scim.reactivate".to_owned()), "{:?}", trial.writes());
    let story = trial.story();
    let put_back = |says: &str| says.contains("put back before this was seen");
    let unseen = story.checks.iter().filter(|check| put_back(&check.says));
    assert!(unseen.clone().count() > 0 && unseen.clone().all(|check| check.verdict == Verdict::NotEvaluated));
    assert!(story.checks.iter().all(|check| check.verdict != Verdict::Failed));
}

#[tokio::test]
async fn a_stopped_run_rests_until_it_is_resumed() {
    let trial = Trial::begin(NAMED, Nature::default()).await;
    trial.person(Entry::Stopped {
        by: Some("tester".into()),
        fault: None,
    });
    assert_eq!(trial.drive().await, Some(Ended::Stopped));
    assert_eq!(trial.writes(), Vec::<String>::new());
    trial.person(Entry::Resumed { by: "tester".into() });
    assert_eq!(trial.drive().await, Some(Ended::Closed));
}
