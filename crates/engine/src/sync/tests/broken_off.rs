//! A sync that ends in the middle, without a chance to finish anything.

use std::time::{Duration, Instant};

use super::*;

/// Runs a sync until this many groups were read and no more come, then drops it as a kill would.
async fn break_off(bench: &Bench, groups: usize) {
    bench.source.mood(ResourceKind::Group, Mood::HangAfter(groups));
    let run = tokio::spawn(run(bench.context(false)));
    let started = Instant::now();
    while !bench.source.hangs() {
        assert!(started.elapsed() < Duration::from_secs(20), "the groups are not asked for");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The writer commits when nothing comes for a while.
    tokio::time::sleep(Duration::from_millis(500)).await;
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    bench.source.mood(ResourceKind::Group, Mood::Whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_come_later_than_their_group_are_not_lost() {
    let bench = Bench::new();
    break_off(&bench, 1).await;
    bench.sync_whole().await;
    let whole = ["g2 in g1", "nobody in g1", "s1 in g1", "u1 in g1", "u2 in g1", "u3 in g2"];
    assert_eq!(bench.memberships(), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_members_are_not_lost() {
    let bench = Bench::new();
    bench.sync_whole().await;
    bench.source.put(ResourceKind::Group, group("g1", "Payments", &["u2", "u7", "g3"]));
    bench.source.put(ResourceKind::Group, group("g3", "Treasury", &["u9"]));
    break_off(&bench, 1).await;
    bench.sync_whole().await;
    assert_eq!(bench.memberships(), ["g3 in g1", "u2 in g1", "u3 in g2", "u7 in g1", "u9 in g3"]);
    let told: Vec<_> = bench.told().into_iter().filter(|line| line.contains("Member")).collect();
    let once: std::collections::BTreeSet<_> = told.iter().collect();
    assert_eq!(told.len(), once.len(), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_while_a_group_that_still_names_them_changes_is_a_dangling_member() {
    let bench = Bench::new();
    bench.sync_whole().await;
    bench.source.remove(ResourceKind::User, "u1");
    bench.source.put(
        ResourceKind::Group,
        group("g1", "Payments and payouts", &["u1", "u2", "s1", "g2", "nobody"]),
    );
    bench.source.put(ResourceKind::Group, group("g3", "Treasury", &["u1"]));
    bench.sync_whole().await;
    assert_eq!(
        bench.memberships(),
        [
            "g2 in g1",
            "nobody in g1",
            "s1 in g1",
            "u1 in g1",
            "u1 in g3",
            "u2 in g1",
            "u3 in g2"
        ]
    );
}
